"""How the groups of regions rank, who overtook whom and when, who grew fastest, and who lies above the mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.report.findings.finding import Finding, Labels, printed
from ouhe.report.findings.listing import MOST, noted
from ouhe.results.groups import NATION
from ouhe.results.measured import Measured

__all__ = ["LIMITS", "between", "find"]

#: `apart`: smallest distance of the highest from the lowest mean, as a share of the largest absolute mean, for which
#: groups are ranked. `ahead`: the same for one group to count as ahead of another. `pace`: smallest difference of
#: annual growth. `named`: most groups that are listed in full; of more, `ends` at either end. `pairs`: most pairs.
LIMITS: Mapping[str, Any] = {"apart": 0.02, "ahead": 0.001, "pace": 0.005, "named": MOST, "ends": 3, "pairs": 3}

#: A rule and the values of its sentence.
Rule = tuple[str, dict[str, Any]]


def find(results: Measured) -> Iterator[Finding]:
    """Findings on every variable, where the study has groups."""
    yield from between(results.groups.means, Labels.of(results))


def between(means: xr.DataArray, names: Labels) -> Iterator[Finding]:
    """Order of the groups, how it changes, their growth, and their place about the mean of all regions.

    Parameters
    ----------
    means
        Means ``(variable, group, year)``; the group :data:`~ouhe.results.groups.NATION` holds all regions. A year in
        which the mean of any group is missing is left out.
    names
        What readers call things.

    Examples
    --------
    >>> from ouhe import text
    >>> from ouhe.report.findings.finding import sentence
    >>> coords = {"variable": ["D"], "group": ["nation", "a", "b"], "year": [2020]}
    >>> with text.use("en"):
    ...     [found] = between(xr.DataArray([[[0.3], [0.2], [0.4]]], coords, ("variable", "group", "year")), Labels())
    ...     print(sentence(found))
    In 2020, the groups rank by the coordination degree as follows: b (0.400) and a (0.200).
    """
    groups = [str(g) for g in means["group"].to_numpy() if g != NATION]
    if len(groups) < 2:
        return
    labels = np.array([names.group(g) for g in groups], dtype=object)
    spoken = np.array([names.grouped([g]) for g in groups], dtype=object)
    for variable in map(str, means["variable"].to_numpy()):
        one = means.sel(variable=variable).transpose("group", "year").dropna("year")
        if not one.sizes["year"]:
            continue
        years, values = one["year"].to_numpy().astype(int), one.sel(group=groups).to_numpy().astype(float)
        found = [*_order(years, values, labels)]
        if len(years) > 1:
            found += [*_places(years, values, spoken), *_growth(years, values, spoken)]
            found += _sides(one.sel(group=groups), one.sel(group=NATION), names)
        ends = {"first_year": int(years[0]), "last_year": int(years[-1]), "count": len(groups)}
        name = {"variable": names.variable(variable)}
        yield from (Finding(f"groups.{rule}", variable, name | ends | says) for rule, says in found)


def _order(years: NDArray[Any], values: NDArray[Any], labels: NDArray[Any]) -> Iterator[Rule]:
    """Order over all years and in the last."""
    last, mean = values[:, -1], values.mean(axis=1)
    ranked, year = _ranked(last, labels), int(years[-1])
    if not _apart(last):
        yield "alike", {"year": year, "low": float(last.min()), "high": float(last.max())}
    elif len(labels) > LIMITS["named"]:
        order, ends = np.argsort(-last, kind="stable"), LIMITS["ends"]
        top, bottom = (noted(labels[i], _printed(last[i])) for i in (order[:ends], order[: -ends - 1 : -1]))
        yield "many", {"year": year, "top": top, "bottom": bottom}
    elif len(years) == 1:
        yield "order_year", {"year": year, **ranked}
    elif _apart(mean):
        yield "order", _ranked(mean, labels)
        same = np.array_equal(np.argsort(-last, kind="stable"), np.argsort(-mean, kind="stable"))
        yield ("last_same" if same else "last_other"), {"year": year, **ranked}


def _apart(values: NDArray[Any]) -> bool:
    return bool(values.max() - values.min() >= LIMITS["apart"] * np.abs(values).max() > 0)


def _ranked(values: NDArray[Any], labels: NDArray[Any]) -> dict[str, Any]:
    order = np.argsort(-values, kind="stable")
    return {"order": noted(labels[order], _printed(values[order])), "values": tuple(map(float, values[order]))}


def _printed(values: NDArray[Any]) -> list[str]:
    return [printed(v, ".3f") for v in values]


def _places(years: NDArray[Any], values: NDArray[Any], labels: NDArray[Any]) -> Iterator[Rule]:
    """Which groups changed places; a year in which neither is ahead by the threshold counts for nobody."""
    if not _apart(values[:, -1]):
        return
    leads = _leads(values)
    swaps = np.diff(leads, axis=2) != 0
    swaps &= leads[:, :, :-1] != 0
    changed = np.argwhere(np.triu(swaps.any(axis=2)))
    if not len(changed):
        orders = np.argsort(-values, axis=0, kind="stable")
        if (orders == orders[:, :1]).all():
            yield "keep", {}
        return
    if len(changed) > LIMITS["pairs"]:
        yield "swaps", {"pairs": len(changed), "all_pairs": len(labels) * (len(labels) - 1) // 2}
        return
    for a, b in changed:
        when = years[1:][swaps[a, b]]
        if not _ahead(values[[a, b], -1:])[0, 1, 0]:
            continue
        winner, loser = (a, b) if leads[a, b, -1] > 0 else (b, a)
        says = {"winner": labels[winner], "loser": labels[loser], "year": int(when[-1]), "times": len(when)}
        says |= {"higher": float(values[winner, -1]), "lower": float(values[loser, -1])}
        rule = "trades" if len(when) > 1 else "overtakes_last" if when[-1] == years[-1] else "overtakes"
        yield rule, says


def _leads(values: NDArray[Any]) -> NDArray[np.int8]:
    """1 where the first group is ahead of the second, −1 behind; ``(group, group, year)``; what was so stays so."""
    leads = _ahead(values)
    for year in range(1, leads.shape[2]):
        undecided = leads[:, :, year] == 0
        leads[:, :, year][undecided] = leads[:, :, year - 1][undecided]
    return leads


def _ahead(values: NDArray[Any]) -> NDArray[np.int8]:
    """1 where the first group is ahead of the second by the threshold, −1 behind, else 0; ``(group, group, year)``."""
    distance = values[:, None] - values[None]
    least = LIMITS["ahead"] * np.maximum(np.abs(values[:, None]), np.abs(values[None]))
    return np.where(np.abs(distance) >= least, np.sign(distance), 0).astype(np.int8)


def _growth(years: NDArray[Any], values: NDArray[Any], labels: NDArray[Any]) -> Iterator[Rule]:
    first, last = values[:, 0], values[:, -1]
    if min(first.min(), last.min()) <= 0:
        return
    growth = (last / first) ** (1 / (years[-1] - years[0])) - 1
    fast, slow = int(growth.argmax()), int(growth.argmin())
    says = {"fastest": labels[fast], "slowest": labels[slow]}
    says |= {"high": float(growth[fast]), "low": float(growth[slow])}
    if growth[fast] - growth[slow] < LIMITS["pace"]:
        yield "even_pace", says | {"difference": float(growth[fast] - growth[slow])}
    elif growth[slow] >= 0:
        yield "growth", says
    elif growth[fast] <= 0:
        yield "decline", says | {"high": float(abs(growth[fast])), "low": float(abs(growth[slow]))}
    else:
        yield "growth_mixed", says | {"low": float(-growth[slow])}


def _sides(values: xr.DataArray, nation: xr.DataArray, names: Labels) -> Iterator[Rule]:
    """Groups on the same side of the mean of all regions in every year."""
    groups = values["group"].to_numpy()
    for rule, side in (("above", (values > nation).all("year")), ("below", (values < nation).all("year"))):
        if side.any():
            yield rule, {"names": names.grouped(groups[side.to_numpy()]), "on_side": int(side.sum())}
