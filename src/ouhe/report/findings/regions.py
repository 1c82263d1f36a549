"""Which regions are highest and lowest, who climbed and who fell, and how values lie about their mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.compute import rank
from ouhe.errors import heard
from ouhe.report.findings.finding import Finding, Labels, printed
from ouhe.report.findings.listing import MOST, highest, listing, noted
from ouhe.results.study_results import StudyResults
from ouhe.study.measuring import variables

__all__ = ["LIMITS", "among", "find"]

#: `ends`: how many regions are named at either end, if there are twice as many. `apart`: smallest distance of the
#: highest from the lowest, as a share of the largest absolute value. `crowd`: the same within which regions crowd at an
#: end, if more than `named` and more than the share `crowded` of all do, so that ranks say little. `multiple` and
#: `fraction` of the mean: from where an extreme is measured by it. `few` and `many`: share of regions above the mean.
#: `places` and `part` of all regions: smallest change of rank, the larger of the two. `gain`: smallest change of value,
#: as a share of the first mean.
LIMITS: Mapping[str, Any] = {
    "ends": 3,
    "apart": 0.02,
    "crowd": 0.01,
    "named": MOST,
    "crowded": 0.1,
    "multiple": 1.5,
    "fraction": 0.5,
    "few": 0.45,
    "many": 0.55,
    "places": 3,
    "part": 0.1,
    "gain": 0.05,
}

#: A rule and the values of its sentence.
Rule = tuple[str, dict[str, Any]]


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on every variable."""
    yield from among(variables(results.measurement, results.coupling), Labels.of(results))


def among(values: xr.DataArray, names: Labels) -> Iterator[Finding]:
    """Extremes, ranks, distribution about the mean and changes of the regions.

    Parameters
    ----------
    values
        ``(variable, region, year)``. Regions whose value is missing in the year or years a sentence is about stand
        aside from it.
    names
        What readers call things.

    Examples
    --------
    >>> from ouhe import text
    >>> from ouhe.report.findings.finding import sentence
    >>> coords = {"variable": ["D"], "region": list("abcd"), "year": [2020]}
    >>> values = xr.DataArray([[[0.3], [0.2], [0.4], [0.5]]], coords, ("variable", "region", "year"))
    >>> with text.use("en"):
    ...     print(sentence(next(among(values, Labels()))))
    In 2020, the coordination degree is highest in d (0.500) and c (0.400).
    """
    labels = np.array(names.several(values["region"].to_numpy().tolist()), dtype=object)
    years = values["year"].to_numpy().astype(int)
    for variable in map(str, values["variable"].to_numpy()):
        one = values.sel(variable=variable).transpose("region", "year")
        with heard():  # a missing value has no rank, and here needs none
            ranks = rank.descending(one).to_numpy()
        x = one.to_numpy().astype(float)
        found = [*_ends(x[:, -1], labels), *_about_mean(x[:, -1], labels)]
        if len(years) > 1:
            found += [*_always(x, ranks, labels), *_moves(x, ranks, labels), *_gains(x, labels)]
        says = {"variable": names.variable(variable), "year": int(years[-1])}
        says |= {"first_year": int(years[0]), "last_year": int(years[-1])}
        yield from (Finding(f"regions.{rule}", variable, says | more) for rule, more in found)


def _wanted(count: int) -> int:
    """How many regions are named at either end of `count`."""
    return min(int(LIMITS["ends"]), count // 2)


def _ends(last: NDArray[Any], labels: NDArray[Any]) -> Iterator[Rule]:
    """Highest and lowest regions; where too many crowd there to be named, how many."""
    known = last[~np.isnan(last)]
    if known.size < 2 or not _apart(known):
        return
    for rule, side, extreme in (("strongest", last, known.max()), ("weakest", -last, known.min())):
        at = highest(side, _wanted(known.size))
        near = _near(side)
        if near > _crowd(known.size) or not at.size:
            crowd = "crowded_top" if rule == "strongest" else "crowded_bottom"
            bound = LIMITS["crowd"] * float(np.abs(known).max())
            yield crowd, {"near": near, "value": float(extreme), "regions": known.size, "bound": bound}
            continue
        told = noted(labels[at], (printed(v, ".3f") for v in last[at]))
        yield rule, {"names": told, "values": tuple(map(float, last[at]))}


def _near(side: NDArray[Any]) -> int:
    """How many regions lie within the crowd of the highest."""
    bound = LIMITS["crowd"] * np.nanmax(np.abs(side))
    return int((np.nanmax(side) - side <= bound).sum())


def _crowd(regions: int) -> float:
    """Most regions that may stand near an end without being called a crowd."""
    return max(float(LIMITS["named"]), float(LIMITS["crowded"]) * regions)


def _apart(known: NDArray[Any]) -> bool:
    return bool(known.max() - known.min() >= LIMITS["apart"] * np.abs(known).max() > 0)


def _about_mean(last: NDArray[Any], labels: NDArray[Any]) -> Iterator[Rule]:
    """Extremes measured by the mean, and how many regions lie above it."""
    known = last[~np.isnan(last)]
    if known.size < 2 or not _apart(known):
        return
    mean = float(known.mean())
    if known.min() >= 0:
        for rule, extreme in (("multiple", float(known.max())), ("fraction", float(known.min()))):
            ratio = extreme / mean
            if ratio >= LIMITS["multiple"] if rule == "multiple" else ratio <= LIMITS["fraction"]:
                at = listing(labels[last == extreme])
                yield rule, {"names": at, "value": extreme, "ratio": ratio, "mean": mean}
    above = int((known > mean).sum())
    share = above / known.size
    rule = "few_above" if share < LIMITS["few"] else "many_above" if share > LIMITS["many"] else "half_above"
    yield rule, {"above": above, "count": known.size, "share": share, "mean": mean}


def _always(x: NDArray[Any], ranks: NDArray[Any], labels: NDArray[Any]) -> Iterator[Rule]:
    """Regions among the highest, or the lowest, in every year."""
    count = _wanted(len(labels))
    if count < 2 or np.isnan(x).any() or not all(map(_apart, x.T)):
        return
    for side, places, near in (("top", ranks, _near(x[:, -1])), ("bottom", _from_below(x), _near(-x[:, -1]))):
        stay = (places <= count).all(axis=1)
        if near > _crowd(len(labels)):
            continue
        if not stay.any():
            yield f"changing_{side}", {"count": count}
        elif stay.sum() < len(labels):
            yield f"always_{side}", {"names": listing(labels[stay]), "count": count}


def _from_below(x: NDArray[Any]) -> NDArray[Any]:
    """Ranks ``(region, year)`` with 1 for the lowest value; equal values share the best."""
    return np.stack([np.searchsorted(np.sort(column), column) + 1 for column in x.T], axis=1)


def _moves(x: NDArray[Any], ranks: NDArray[Any], labels: NDArray[Any]) -> Iterator[Rule]:
    """Regions whose rank changed most between the first and the last year; not of regions that crowd at an end."""
    first, last = ranks[:, 0], ranks[:, -1]
    won = first - last
    known = won[~np.isnan(won)]
    least = max(LIMITS["places"], ceil(LIMITS["part"] * len(labels)))
    crowd = _crowd(len(labels))
    ends = [end[~np.isnan(end)] for end in (x[:, 0], x[:, -1])]
    if not known.size or not all(map(_apart, ends)) or any(max(_near(e), _near(-e)) > crowd for e in ends):
        return
    if np.abs(known).max() < least:
        yield "steady_ranks", {"places": least}
    for rule, side in (("climbers", won), ("fallers", -won)):
        at = highest(np.where(side >= least, side, np.nan), _wanted(known.size))
        if at.size:
            notes = (f"{int(a)}→{int(b)}" for a, b in zip(first[at], last[at], strict=True))
            moved = tuple(int(abs(w)) for w in won[at])
            yield rule, {"names": noted(labels[at], notes), "places": moved}


def _gains(x: NDArray[Any], labels: NDArray[Any]) -> Iterator[Rule]:
    """How many regions are higher in the last year than in the first, and who gained or lost most."""
    known = ~np.isnan(x[:, [0, -1]]).any(axis=1)
    if not known.any():
        return
    gain, first = x[known, -1] - x[known, 0], x[known, 0]
    risen, fallen, count = int((gain > 0).sum()), int((gain < 0).sum()), int(known.sum())
    rule = "all_rose" if risen == count else "all_fell" if fallen == count else "some_rose"
    if risen or fallen:
        yield rule, {"risen": risen, "fallen": fallen, "count": count}
    least = LIMITS["gain"] * abs(float(first.mean()))
    for rule, side in (("gained", gain), ("lost", -gain)):
        most = float(side.max())
        at = np.flatnonzero(known)[side == most]
        if most >= least and most > 0 and at.size == 1:
            ends = {"first": float(x[at[0], 0]), "last": float(x[at[0], -1])}
            yield rule, {"names": (labels[at[0]],), "change": most, **ends}
