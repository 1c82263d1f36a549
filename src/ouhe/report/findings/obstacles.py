"""Obstacles of all regions and of groups: which indicators and dimensions weigh most, and how that changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.report.findings.finding import Finding, Labels, printed
from ouhe.report.findings.listing import listing, valued
from ouhe.results.groups import NATION
from ouhe.results.obstacles import NAMED
from ouhe.results.study_results import StudyResults

__all__ = ["LIMITS", "by_group", "dimension", "find", "heaviest", "heaviest_first", "top"]

#: ``top``: how many obstacles are named, at most one in ``every`` indicators, lest any five of ten be most of it;
#: two at least, for one alone has sentences of its own; ``share``: share of all obstacles from which these are most.
LIMITS: Mapping[str, Any] = {"top": NAMED, "every": 3, "share": 0.5}


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on the obstacles of every system."""
    obstacles, names = results.obstacles, Labels.of(results)
    if obstacles is None:
        return
    for system in results.coupling.systems:
        degrees = obstacles.groups.isel(indicator=(obstacles.groups["system_of"] == system).to_numpy())
        nation = degrees.sel(group=NATION, drop=True)
        yield from heaviest(nation, system)
        yield from top(nation, system)
        per_dimension = obstacles.dimensions
        chosen = per_dimension.isel(dimension=(per_dimension["system_of"] == system).to_numpy())
        yield from dimension(chosen.sel(group=NATION, drop=True), system)
        yield from by_group(degrees, system, names)


def heaviest(degrees: xr.DataArray, system: str) -> Iterator[Finding]:
    """The heaviest obstacles in the last year, how much they hold together, and which are new.

    Parameters
    ----------
    degrees
        Obstacle degrees ``(year, indicator)`` of one system, shares that sum to 1, with the coordinate ``name``.
    system
        Name of the system.
    """
    first, last = (_values(degrees, i) for i in (0, -1))
    count = min(LIMITS["top"], len(last) // LIMITS["every"])
    if count < 2 or not (np.isfinite(last).all() and last.sum() > 0):
        return
    years, labels = degrees["year"].to_numpy(), degrees["name"].to_numpy()
    now = heaviest_first(last)[:count]
    share = float(last[now].sum())
    says: dict[str, Any] = {"system": system, "year": int(years[-1]), "count": count, "of": len(last), "share": share}
    found = tuple(valued(labels[i], printed(last[i], ".1%")) for i in now)
    yield Finding(f"obstacles.{'most' if share >= LIMITS['share'] else 'spread'}", system, says | {"obstacles": found})
    if len(years) < 2 or not np.isfinite(first).all():
        return
    before = heaviest_first(first)[:count]
    new, gone = ([labels[i] for i in a if i not in b] for a, b in ((now, before), (before, now)))
    says |= {"first_year": int(years[0]), "new": listing(new), "gone": listing(gone)}
    yield Finding(f"obstacles.{'replaced' if new else 'same'}", system, says)


def top(degrees: xr.DataArray, system: str) -> Iterator[Finding]:
    """Whether the heaviest obstacle has been the same one, and whether its degree has risen.

    Parameters
    ----------
    degrees, system
        As in :func:`heaviest`.
    """
    values = degrees.transpose("year", "indicator").to_numpy()
    if len(values) < 2 or not np.isfinite(values).all() or not values[[0, -1]].any(axis=1).all():
        return
    years, labels, first = degrees["year"].to_numpy(), degrees["name"].to_numpy(), values.argmax(axis=1)
    says: dict[str, Any] = {"system": system, "first_year": int(years[0]), "last_year": int(years[-1])}
    says |= {"last": str(labels[first[-1]]), "last_degree": float(values[-1].max())}
    if (first == first[-1]).all():
        yield Finding("obstacles.top_always", system, says | {"first_degree": float(values[0].max())})
    elif first[0] != first[-1]:
        before = {"first": str(labels[first[0]]), "first_degree": float(values[0].max())}
        yield Finding("obstacles.top_changed", system, says | before)


def dimension(degrees: xr.DataArray, system: str) -> Iterator[Finding]:
    """The dimension that holds most of the obstacles in the last year, and in the first.

    Parameters
    ----------
    degrees
        Obstacle degrees ``(year, dimension)`` of one system, with the coordinate ``dimension_name``.
    system
        Name of the system.
    """
    years, labels = degrees["year"].to_numpy(), degrees["dimension_name"].to_numpy()
    first, last = (_values(degrees, i) for i in (0, -1))
    leads = [_leader(v) for v in (first, last)]
    if len(labels) < 2 or leads[1] is None:
        return
    says = {"system": system, "year": int(years[-1]), "dimension": str(labels[leads[1]]), "share": last[leads[1]]}
    says |= {"count": len(labels)}
    if len(years) < 2 or leads[0] is None:
        yield Finding("obstacles.dimension", system, says)
        return
    says |= {"first_year": int(years[0]), "before": str(labels[leads[0]]), "first": float(first[leads[0]])}
    yield Finding(f"obstacles.dimension_{'same' if leads[0] == leads[1] else 'changed'}", system, says)


def by_group(degrees: xr.DataArray, system: str, names: Labels) -> Iterator[Finding]:
    """Whether the heaviest obstacle of every group in the last year is that of all regions.

    Parameters
    ----------
    degrees
        Obstacle degrees ``(group, year, indicator)`` of one system, with the coordinate ``name``.
    system
        Name of the system.
    names
        What readers call things.
    """
    last, labels = degrees.isel(year=-1), degrees["name"].to_numpy()
    leads = {str(g): _leader(last.sel(group=g).to_numpy()) for g in last["group"].to_numpy()}
    nation = leads.pop(NATION, None)
    known = {g: lead for g, lead in leads.items() if lead is not None}
    if nation is None or len(known) < 2:
        return
    says = {"system": system, "year": int(last["year"]), "count": len(known), "indicator": str(labels[nation])}
    others = [valued(names.group(g), labels[lead]) for g, lead in known.items() if lead != nation]
    rule = "groups_differ" if others else "groups_alike"
    yield Finding(f"obstacles.{rule}", system, says | {"groups": listing(others)})


def heaviest_first(values: NDArray[Any]) -> NDArray[np.int64]:
    """Places of values, the largest first; equal values keep their order."""
    return np.argsort(-values, kind="stable")


def _values(degrees: xr.DataArray, year: int) -> NDArray[np.float64]:
    """Degrees of one year."""
    found: NDArray[np.float64] = degrees.isel(year=year).to_numpy().astype(float)
    return found


def _leader(values: NDArray[Any]) -> int | None:
    """Place of the largest value; None where values are missing or several share the first place."""
    if not np.isfinite(values).all() or not values.any() or (values == values.max()).sum() > 1:
        return None
    return int(values.argmax())
