"""Many readings into one panel: which value holds for each cell, from which file, and what disagreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.errors import OptionError, Problem, did_you_mean
from ouhe.read.headers import header_key
from ouhe.read.reading import LeftOut, Match, Reading, Source, join
from ouhe.regions import RegionSet

__all__ = ["EDITION_COLUMNS", "Assembled", "Editions", "assemble", "unit_problems"]

Editions = Literal["error", "first", "latest", "own-year"]

#: Columns of :attr:`Assembled.editions`.
EDITION_COLUMNS: dict[str, str] = {
    "region": "object",
    "year": "int64",
    "series": "object",
    "chosen_value": "float64",
    "chosen_edition": "int64",
    "chosen_source": "int64",
    "other_value": "float64",
    "other_edition": "int64",
    "other_source": "int64",
}
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Assembled:
    """One panel out of everything that was read.

    Parameters
    ----------
    values
        Float array (region, year, indicator), NaN where missing; indicators are the series.
    source
        Integer array of the same shape: position in `sources` of the sheet a value was taken from, -1 for none.
    sources
        Sheets read.
    units
        Unit of a series, where a file says it.
    left_out, matches
        What the readers left out and, for each sheet, the years of which values were not used; the names they matched.
    editions
        One row for each cell and edition that disagrees with the value taken, with :data:`EDITION_COLUMNS`; sources
        are positions in `sources`.
    problems
        What is wrong, the readers' problems first.
    """

    values: xr.DataArray
    source: xr.DataArray
    sources: tuple[Source, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    matches: tuple[Match, ...] = ()
    editions: pd.DataFrame = field(default_factory=pd.DataFrame)
    problems: tuple[Problem, ...] = ()


def assemble(
    readings: Sequence[Reading],
    *,
    regions: RegionSet,
    years: Sequence[int],
    series: Sequence[str],
    editions: Editions = "error",
) -> Assembled:
    """Put readings together.

    Several values for a cell that agree exactly are one value. Values that differ are revised editions of one series
    where every one has an edition of its own, and `editions` says which holds; else they are a problem that shows
    both. A missing value never competes: an edition that lacks the cell neither disagrees nor wins.

    Parameters
    ----------
    readings
        What was read, an entry of the study each.
    regions
        Regions of the panel, in its order.
    years
        Years of the panel. Values of other years are not used, which `left_out` tells (``outside-the-years``).
    series
        Ids of the series of the panel.
    editions
        ``"error"`` makes every disagreement a problem; ``"first"`` and ``"latest"`` take the earliest and the latest
        edition; ``"own-year"`` takes the edition of the data's own year, else the earliest after it, else the latest.

    Raises
    ------
    OptionError
        `editions` is none of the four.

    Examples
    --------
    >>> from ouhe import regions
    >>> from ouhe.read.reading import Source, cells
    >>> old = Reading(cells([("北京", 2012, "rd", 5.95, 0, 9, 2, 2012)]), (Source("2013.xls", ""),))
    >>> new = Reading(cells([("北京", 2012, "rd", 5.59, 0, 9, 2, 2019)]), (Source("2020.xls", ""),))
    >>> china = regions.load("china-provinces")
    >>> panel = assemble([old, new], regions=china, years=[2012], series=["rd"], editions="latest")
    >>> panel.values.sel(region="北京", year=2012, indicator="rd").item()
    5.59
    >>> panel.editions[["chosen_edition", "other_value"]].values.tolist()
    [[2019.0, 5.95]]
    """
    if editions not in get_args(Editions):
        near = did_you_mean(editions, get_args(Editions))
        raise OptionError.of("read.no_edition_rule", value=editions, known=", ".join(get_args(Editions)), nearest=near)
    whole = join(list(readings))
    axes = _Axes(regions.ids, tuple(years), tuple(series))
    held, outside = _placed(whole.cells, axes)
    chosen, revised, clashing = _choose(held, editions)
    values = np.full(axes.shape, np.nan)
    source = np.full(axes.shape, -1, dtype=np.int64)
    values.ravel()[chosen["key"]] = chosen["value"]
    source.ravel()[chosen["key"]] = chosen["source"]
    problems = [
        *whole.problems,
        *unit_problems(readings),
        *_clashes(clashing, whole.sources),
        *(_disagreements(revised, whole.sources) if editions == "error" else []),
    ]
    return Assembled(
        axes.array(values),
        axes.array(source),
        whole.sources,
        whole.units,
        (*whole.left_out, *_outside(outside)),
        whole.matches,
        _editions_table(revised),
        tuple(problems),
    )


@dataclass(frozen=True)
class _Axes:
    """Labels of the panel."""

    regions: tuple[str, ...]
    years: tuple[int, ...]
    series: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.regions), len(self.years), len(self.series)

    def array(self, values: np.ndarray) -> xr.DataArray:
        coords = {
            "region": np.array(self.regions, dtype=object),
            "year": np.array(self.years, dtype=np.int64),
            "indicator": np.array(self.series, dtype=object),
        }
        return xr.DataArray(values, dims=("region", "year", "indicator"), coords=coords)


def _placed(table: pd.DataFrame, axes: _Axes) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells with a number that the panel has a place for, with that place, and those of other years."""
    at = [
        pd.Index(labels, dtype=table[column].dtype).get_indexer(pd.Index(table[column]))
        for column, labels in (("region", axes.regions), ("year", axes.years), ("series", axes.series))
    ]
    asked = (at[0] >= 0) & (at[2] >= 0) & table["value"].notna().to_numpy()
    keep = asked & (at[1] >= 0)
    key = np.ravel_multi_index([a[keep] for a in at], axes.shape) if keep.any() else np.zeros(0, dtype=np.int64)
    return table.loc[keep].assign(key=key), table.loc[asked & ~keep]


def _outside(table: pd.DataFrame) -> list[LeftOut]:
    """Years outside the panel of which each sheet has values."""
    pairs = table[["source", "year"]].drop_duplicates().to_numpy()
    by_source = {int(source): sorted(pairs[pairs[:, 0] == source, 1].tolist()) for source in np.unique(pairs[:, 0])}
    return [LeftOut(source, _spans(years), "outside-the-years") for source, years in by_source.items()]


def _spans(years: Sequence[int]) -> str:
    """Years as text, runs of them drawn together: ``2010–2012, 2015``."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def _choose(held: pd.DataFrame, rule: Editions) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Cell taken for each place, pairs of revised editions, and pairs of values that contradict each other."""
    again = held["key"].duplicated(keep=False).to_numpy()
    if not again.any():
        return held, _pairs(held, again, again), _pairs(held, again, again)
    key, value, edition = (held[c].to_numpy() for c in ("key", "value", "edition"))
    several = np.flatnonzero(again)
    order = several[np.lexsort((_rank(held.iloc[several], rule), key[several]))]
    new_key = _changes(key[order])
    new_edition = new_key | _changes(edition[order])
    best, first = order[_latest(new_key)], order[_latest(new_edition)]
    differs = value[order] != value[best]
    revision = (edition[order] >= 0) & (edition[best] >= 0) & (edition[order] != edition[best])
    # an edition that contradicts itself is told even where another edition was taken
    within = revision & (value[order] != value[first])
    clashing = [_pairs(held, best[differs & ~revision], order[differs & ~revision])]
    clashing += [_pairs(held, first[within], order[within])] if within.any() else []
    revised = differs & revision & new_edition
    taken = held.iloc[np.concatenate([np.flatnonzero(~again), order[new_key]])]
    return taken, _pairs(held, best[revised], order[revised]), pd.concat(clashing, ignore_index=True)


def _changes(values: np.ndarray) -> np.ndarray:
    """Where a run of equal values begins."""
    return np.concatenate([[True], values[1:] != values[:-1]])


def _latest(begins: np.ndarray) -> np.ndarray:
    """For each position, where the run that it is in begins."""
    starts: np.ndarray = np.maximum.accumulate(np.where(begins, np.arange(len(begins)), 0))
    return starts


def _rank(several: pd.DataFrame, rule: Editions) -> np.ndarray:
    """Order in which editions of a cell are preferred, the smallest first; an unknown edition comes last."""
    edition = several["edition"].to_numpy()
    late = np.int64(10_000)
    if rule == "latest":
        rank = late - edition
    elif rule == "own-year":
        after = edition - several["year"].to_numpy()
        rank = np.where(after >= 0, after, late - after)
    else:
        rank = edition
    out: np.ndarray = np.where(edition < 0, 10 * late, rank)
    return out


def _pairs(held: pd.DataFrame, one: np.ndarray, other: np.ndarray) -> pd.DataFrame:
    """Cells beside other cells for the same place, by position or by mask."""
    beside = held.loc[:, ["value", "edition", "source", "row", "column"]].iloc[other].add_prefix("other_")
    return pd.concat([held.iloc[one].reset_index(drop=True), beside.reset_index(drop=True)], axis=1)


def _editions_table(revised: pd.DataFrame) -> pd.DataFrame:
    renamed = revised.rename(columns={k: f"chosen_{k}" for k in ("value", "edition", "source")})
    return renamed.reindex(columns=list(EDITION_COLUMNS)).astype(EDITION_COLUMNS).reset_index(drop=True)


def _clashes(clashing: pd.DataFrame, sources: Sequence[Source]) -> list[Problem]:
    """Problems of values that contradict each other, both with their places."""
    return _shown("read.two_values", clashing, sources)


def _disagreements(revised: pd.DataFrame, sources: Sequence[Source]) -> list[Problem]:
    """Problems of editions that differ, when the study has not said which holds."""
    return _shown("read.two_editions", revised, sources)


def _shown(key: str, pairs: pd.DataFrame, sources: Sequence[Source]) -> list[Problem]:
    problems = []
    for pair in pairs.head(_MOST_SHOWN).to_dict("records"):
        one = sources[pair["source"]].place(pair["row"], pair["column"])
        other = sources[pair["other_source"]].place(pair["other_row"], pair["other_column"])
        params = {
            "region": pair["region"],
            "year": pair["year"],
            "series": pair["series"],
            "value": f"{pair['value']:.15g}",
            "edition": pair["edition"],
            "other_value": f"{pair['other_value']:.15g}",
            "other_edition": pair["other_edition"],
            "other": str(other),
        }
        problems.append(Problem(key, one, params))
    if len(pairs) > _MOST_SHOWN:
        problems.append(Problem(f"{key}_more", params={"count": len(pairs) - _MOST_SHOWN}))
    return problems


def unit_problems(readings: Sequence[Reading]) -> list[Problem]:
    """Problems of series for which files give different units; width and white space do not matter."""
    first: dict[str, tuple[str, str]] = {}
    problems: list[Problem] = []
    for reading in readings:
        for series, unit in reading.units.items():
            file = _file_of(reading, series)
            known, elsewhere = first.setdefault(series, (unit, file))
            if header_key(known) != header_key(unit):
                params = {"series": series, "unit": known, "file": elsewhere, "other_unit": unit, "other": file}
                problems.append(Problem("read.two_units", params=params))
    return problems


def _file_of(reading: Reading, series: str) -> str:
    """First sheet of a reading that holds a series."""
    at = reading.cells.loc[reading.cells["series"] == series, "source"]
    return str(reading.sources[int(at.iloc[0])].place()) if len(at) else text.t("read.unknown_file")
