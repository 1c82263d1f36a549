"""How far groups and regions are apart, and whether they draw closer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.report.findings.finding import Finding, Labels
from ouhe.results.study_results import StudyResults

__all__ = ["LIMITS", "distance", "find", "spread"]

#: `change`: by how much the larger of two measures of a gap must exceed the smaller to be called a change. `turn`: by
#: how much the largest or smallest coefficient of variation must differ from both ends, as a share of the largest.
LIMITS: Mapping[str, Any] = {"change": 0.05, "turn": 0.05}


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on every variable: between groups, where the study has them, then between regions."""
    names, gaps = Labels.of(results), results.trends.gaps
    between = gaps["between"].to_numpy().tolist()
    for variable in map(str, gaps["variable"].to_numpy()):
        one = gaps.sel(variable=[variable])
        if "groups" in between:
            yield from distance(one.sel(between="groups", drop=True), names, between="groups")
        regions = one.sel(between="regions", drop=True)
        yield from spread(regions["variation"], names)
        yield from distance(regions, names, between="regions")


def distance(gaps: xr.Dataset, names: Labels, *, between: str) -> Iterator[Finding]:
    """Ratio and difference of the highest to the lowest group or region, and whether they widen or narrow.

    Parameters
    ----------
    gaps
        ``ratio`` and ``difference`` ``(variable, year)``. A year in which either is missing, as the ratio to a lowest
        value of 0 is, is left out.
    names
        What readers call things.
    between
        ``groups`` or ``regions``.

    Examples
    --------
    >>> measures = {"ratio": [[2.0, 3.0]], "difference": [[0.1, 0.3]]}
    >>> coords = {"variable": ["D"], "year": [2010, 2020]}
    >>> gaps = xr.Dataset({k: (("variable", "year"), v) for k, v in measures.items()}, coords)
    >>> [found.rule for found in distance(gaps, Labels(), between="groups")]
    ['gaps.groups_wider']
    """
    for variable in map(str, gaps["variable"].to_numpy()):
        one = gaps[["ratio", "difference"]].sel(variable=variable, drop=True).dropna("year")
        if not one.sizes["year"]:
            continue
        years = one["year"].to_numpy()
        ratio, difference = (one[k].to_numpy().astype(float)[[0, -1]] for k in ("ratio", "difference"))
        said: dict[str, Any] = {"variable": names.variable(variable), "last_year": int(years[-1])}
        said |= {"last_ratio": float(ratio[1]), "last_difference": float(difference[1])}
        if len(years) > 1:
            said |= {"first_year": int(years[0]), "first_ratio": float(ratio[0])}
            said["first_difference"] = float(difference[0])
            if max(ratio) < 1 + LIMITS["change"]:
                said |= {"first": float(ratio[0] - 1), "last": float(ratio[1] - 1)}
                yield Finding(f"gaps.{between}_close", variable, said)
            else:
                yield Finding(f"gaps.{between}_{_widened(ratio, difference)}", variable, said)
        elif ratio[1] >= 1 + LIMITS["change"]:
            yield Finding(f"gaps.{between}_year", variable, said)


def _widened(ratio: NDArray[Any], difference: NDArray[Any]) -> str:
    """In which way both measures moved from the first to the last year."""
    relative, absolute = _change(*ratio), _change(*difference)
    if relative * absolute < 0:
        return "apart_absolutely" if absolute > 0 else "apart_relatively"
    return {1: "wider", 0: "steady", -1: "narrower"}[int(np.sign(relative + absolute))]


def _change(first: float, last: float) -> int:
    small, large = sorted((first, last))
    changed = large > small and large >= small * (1 + LIMITS["change"])
    return int(np.sign(last - first)) if changed else 0


def spread(variation: xr.DataArray, names: Labels) -> Iterator[Finding]:
    """Whether regions draw apart or together, by their coefficient of variation, and when it turned.

    Parameters
    ----------
    variation
        Coefficient of variation ``(variable, year)``; years in which it is missing are left out.
    names
        What readers call things.

    Examples
    --------
    >>> coords = {"variable": ["D"], "year": [2010, 2015, 2020]}
    >>> variation = xr.DataArray([[0.3, 0.5, 0.4]], coords, ("variable", "year"))
    >>> [found.rule for found in spread(variation, Labels())]
    ['gaps.wider', 'gaps.peak']
    """
    for variable in map(str, variation["variable"].to_numpy()):
        one = variation.sel(variable=variable).dropna("year")
        found = _of_one(one["year"].to_numpy(), one.to_numpy().astype(float))
        name = {"variable": names.variable(variable)}
        yield from (Finding(f"gaps.{rule}", variable, name | says) for rule, says in found)


def _of_one(years: NDArray[Any], values: NDArray[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if not values.any():  # no year, or all regions alike in all years
        return
    if len(values) == 1:
        yield "spread_year", {"year": int(years[0]), "value": float(values[0])}
        return
    first, last = float(values[0]), float(values[-1])
    says: dict[str, Any] = {"first_year": int(years[0]), "last_year": int(years[-1]), "first": first, "last": last}
    rule = {1: "wider" if first > 0 else "from_none", 0: "steady", -1: "narrower"}[_change(first, last)]
    yield rule, says | ({"change": abs(last / first - 1)} if first > 0 else {})
    for turn, sign in (("peak", 1), ("trough", -1)):
        at = int((sign * values).argmax())
        if sign * values[at] - max(sign * first, sign * last) >= LIMITS["turn"] * values.max():
            yield turn, {"year": int(years[at]), "value": float(values[at])}
