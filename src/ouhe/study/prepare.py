"""From raw series to the indicators as used: derived, filled, checked, with the history of every value."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.compute import derive, normalise, suspect
from ouhe.errors import OuheError, Problem, placed
from ouhe.panel import Indicator, Status, describe
from ouhe.results.data import Data
from ouhe.study.gather import Gathered
from ouhe.study.grouping import Grouping
from ouhe.study.load import StudyFile
from ouhe.study.methods import DIVIDE_BY_SPREAD, METHODS
from ouhe.study.schema import Study

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Data of a study, its indicators ready to be measured, and what came up."""

    data: Data
    x: xr.DataArray
    warnings: tuple[Problem, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, eq=False)
class _Series:
    """Values ``(region, year, indicator)`` with the method that filled each (0 none)."""

    values: xr.DataArray
    filled_by: xr.DataArray


def prepare(file: StudyFile, gathered: Gathered, grouping: Grouping) -> Prepared:
    """Derive, fill and check.

    Order: fill what `missing.before_derive` names, derive, fill the indicators. Problems are collected; `x` holds
    the indicators that could be made.
    """
    study = file.study
    raw = gathered.raw.values.sel(region=list(gathered.regions.ids))
    source = gathered.raw.source.sel(region=list(gathered.regions.ids))
    series = _Series(raw, xr.zeros_like(raw, dtype=np.int8))
    suspicious = suspect.jumps_table(raw)
    early = [s for s in study.missing.before_derive if s in raw["indicator"]]
    series = _fill(series, early, file, grouping)
    series, problems = _derive(series, file, gathered.derivations)
    series = _Series(series.values.sel(year=list(study.years)), series.filled_by.sel(year=list(study.years)))
    made = set(series.values["indicator"].to_numpy())
    indicators = [i for i in study.indicators if i.id in made]
    series = _fill(series, [i.id for i in indicators], file, grouping)
    problems += _overfilled(series.filled_by, file, [*early, *(i.id for i in indicators)])
    problems += _derived_early(file, gathered.derivations)
    no_numbers = {p.params["name"] for p in gathered.problems if p.key.endswith("not_a_number")}
    problems += _still_missing(series.values, file, [i for i in indicators if i.id not in no_numbers])
    indicators, dropped, constant = _varying(series.values, file, indicators)
    problems += constant
    data = Data(
        values=_history(series, source.sel(year=list(study.years)), study, gathered.raw.units),
        sources=gathered.raw.sources,
        left_out=gathered.raw.left_out,
        matches=gathered.raw.matches,
        fill_methods=tuple(c.method for c in study.missing.method),
        editions=gathered.raw.editions,
        suspicious=suspicious,
        derived={k: study.derive[k].expression for k in gathered.derivations},
        dropped=tuple(dropped),
    )
    in_a_year = study.normalise.options().get("over") == "year"
    why = "prepare.dropped_in_a_year" if in_a_year else "prepare.dropped"
    left = (Problem(why, file.document.find(d), {"indicator": d}) for d in dropped)
    warnings = (*_about(suspicious), *_other_units(file, gathered.raw.units), *left)
    return Prepared(data, describe(series.values, indicators), warnings, tuple(problems))


def _fill(series: _Series, ids: list[str], file: StudyFile, grouping: Grouping) -> _Series:
    """Fill the series `ids` with the study's methods, in order."""
    missing, place = file.study.missing, file.document.place("missing")
    if not ids or not missing.method:
        return series
    part, by = series.values.sel(indicator=ids), series.filled_by.sel(indicator=ids)
    for position, choice in enumerate(missing.method, start=1):
        supplied = {"groups": grouping.group_of} if choice.method == "group-mean" else {}
        with placed(place):
            after = METHODS["missing"][choice.method](part, **choice.options(), **supplied)
        by = by.where(part.notnull() | after.isnull(), np.int8(position))
        part = after
    values, filled_by = series.values.copy(), series.filled_by.copy()
    values.loc[{"indicator": ids}] = part.transpose(*values.dims)
    filled_by.loc[{"indicator": ids}] = by.transpose(*values.dims)
    return _Series(values, filled_by)


def _derive(series: _Series, file: StudyFile, order: Iterable[str]) -> tuple[_Series, list[Problem]]:
    """Series with the derived ones appended; a derivation whose inputs are missing is passed over."""
    problems: list[Problem] = []
    known = {str(s): series.values.sel(indicator=s, drop=True) for s in series.values["indicator"].to_numpy()}
    new: dict[str, xr.DataArray] = {}
    for target in order:
        expression = file.study.derive[target].expression
        if not set(derive.names(expression)) <= set(known):
            continue  # an input that nobody supplies was told before
        place = file.document.place("derive", target)
        try:
            known[target] = new[target] = derive.evaluate(expression, known, place=place, target=target)
        except OuheError as error:
            problems += error.problems
    if not new:
        return series, problems
    derived = xr.concat([v.expand_dims(indicator=[k]) for k, v in new.items()], dim="indicator").transpose(
        *series.values.dims
    )
    values = xr.concat([series.values, derived], dim="indicator", coords="minimal", compat="override")
    filled_by = series.filled_by.reindex(indicator=values["indicator"], fill_value=0)
    return _Series(values, filled_by), problems


def _overfilled(filled_by: xr.DataArray, file: StudyFile, ids: Iterable[str]) -> list[Problem]:
    """Series of which more was filled than the study allows."""
    limit = file.study.missing.max_share
    share = (filled_by > 0).mean(("region", "year"))
    return [
        Problem(
            "prepare.overfilled",
            file.document.place("missing"),
            {"indicator": i, "share": float(share.sel(indicator=i)), "limit": limit},
        )
        for i in dict.fromkeys(ids)
        if float(share.sel(indicator=i)) > limit
    ]


def _derived_early(file: StudyFile, derivations: Iterable[str]) -> list[Problem]:
    """Series that are to be filled before they can be there."""
    wrong = [s for s in file.study.missing.before_derive if s in set(derivations)]
    place = file.document.place("missing", "before_derive")
    return [Problem("prepare.derived_early", place, {"series": s}) for s in wrong]


def _still_missing(values: xr.DataArray, file: StudyFile, indicators: list[Indicator]) -> list[Problem]:
    """One problem an indicator with missing values: whole years first, then single cells."""
    problems = []
    for indicator in indicators:
        gaps = values.sel(indicator=indicator.id).isnull().transpose("region", "year")
        count = int(gaps.sum())
        if not count:
            continue
        years = [int(y) for y in gaps["year"].to_numpy()[gaps.all("region").to_numpy()]]
        rows, columns = np.nonzero((gaps & ~gaps.all("region")).to_numpy())
        cells = [
            f"{gaps['region'].to_numpy()[r]} {gaps['year'].to_numpy()[c]}" for r, c in zip(rows, columns, strict=True)
        ]
        said = [Problem("prepare.whole_years", params={"years": ", ".join(map(str, years))}).message()] if years else []
        said += [", ".join(cells[:5]) + (" …" if len(cells) > 5 else "")] if cells else []
        params = {
            "indicator": indicator.id,
            "name": indicator.name or indicator.id,
            "count": count,
            "total": gaps.size,
            "where": "; ".join(said),
        }
        key = "prepare.remains_missing" if file.study.missing.method else "prepare.missing"
        problems.append(Problem(key, file.document.find(indicator.id), params))
    return problems


def _varying(
    values: xr.DataArray, file: StudyFile, indicators: list[Indicator]
) -> tuple[list[Indicator], list[str], list[Problem]]:
    """Indicators that vary; those that never do are dropped or told, as the study says."""
    complete = [i.id for i in indicators if not bool(values.sel(indicator=i.id).isnull().any())]
    over = file.study.normalise.options().get("over", "panel")
    divides = file.study.normalise.method in DIVIDE_BY_SPREAD
    constant = normalise.constant(values.sel(indicator=complete), over=over) if complete and divides else []
    if file.study.constant == "leave-out":
        kept = [i for i in indicators if i.id not in constant]
        empty = [s for s in file.study.systems if s not in {i.system for i in kept}]
        place = file.document.place("systems")
        return kept, list(constant), [Problem("prepare.emptied", place, {"system": s}) for s in empty]
    key = "prepare.constant_in_a_year" if over == "year" else "prepare.constant"
    problems = [Problem(key, file.document.find(i), {"indicator": i}) for i in constant]
    return indicators, [], problems


def _history(series: _Series, source: xr.DataArray, study: Study, units: Mapping[str, str]) -> xr.Dataset:
    """Dataset of values with status, source and filling method, units and names beside them."""
    ids = [str(s) for s in series.values["indicator"].to_numpy()]
    source = source.reindex(indicator=ids, fill_value=-1)
    known = series.values.notnull()
    status = known.astype(np.int8) * np.int8(Status.READ)
    status = status.where(~known | (source >= 0), np.int8(Status.DERIVED))
    status = status.where(series.filled_by == 0, np.int8(Status.FILLED))
    described = {i.id: i for i in study.indicators}
    unit = [described[s].unit if s in described and described[s].unit else units.get(s) or _unit(study, s) for s in ids]
    name = [described[s].name if s in described and described[s].name else _name(study, s) for s in ids]
    return (
        xr.Dataset(
            {
                "value": series.values,
                "status": status.astype(np.int8),
                "source": source.where(series.filled_by == 0, -1).astype(np.int32),
                "filled_by": series.filled_by,
            },
        )
        .assign_coords(
            unit=("indicator", np.array(unit, dtype=object)), name=("indicator", np.array(name, dtype=object))
        )
        .rename(indicator="series")
    )


def _unit(study: Study, series: str) -> str:
    return study.derive[series].unit if series in study.derive else ""


def _name(study: Study, series: str) -> str:
    return (study.derive[series].name if series in study.derive else "") or series


def _other_units(file: StudyFile, units: Mapping[str, str]) -> Iterable[Problem]:
    """One warning an indicator whose unit in the files is not the study's; values are never converted."""
    for indicator in file.study.indicators:
        found = units.get(indicator.id, "")
        if found and indicator.unit and _bare(found) != _bare(indicator.unit):
            params = {"indicator": indicator.id, "found": found, "unit": indicator.unit}
            yield Problem("prepare.other_unit", file.document.find(indicator.id), params)


def _bare(unit: str) -> str:
    """A unit without what differs between spellings: width, white space and case."""
    return "".join(unicodedata.normalize("NFKC", unit).split()).lower()


def _about(suspicious: pd.DataFrame) -> Iterable[Problem]:
    """One warning a series and year with values that jump."""
    if suspicious.empty:
        return
    for (series, year), cells in suspicious.groupby(["indicator", "year"], sort=False):
        regions = list(cells["region"])
        shown = text.t("labels.comma").join(regions[:3]) + ("…" if len(regions) > 3 else "")
        yield Problem(
            "prepare.suspicious", params={"series": series, "year": year, "count": len(regions), "regions": shown}
        )
