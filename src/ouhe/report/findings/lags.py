"""Which system lags, in how many regions, and how that changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import text
from ouhe.report.findings.finding import Finding, Labels
from ouhe.report.findings.listing import ALL, counted, listing, many
from ouhe.results.groups import NATION
from ouhe.results.study_results import StudyResults

__all__ = ["LIMITS", "by_group", "find", "in_step", "switches", "types"]

#: ``majority``: share of regions above which one type prevails; ``change``: least change of a type's share that is
#: one; ``names``: regions that are named, if they are not more.
LIMITS: Mapping[str, Any] = {"majority": 0.5, "change": 0.1, "names": ALL}


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on the lag types."""
    names, coupling = Labels.of(results), results.coupling
    lagging = coupling.lagging.transpose("region", "year")
    yield from types(lagging, coupling.systems)
    yield from in_step(lagging, names)
    yield from switches(lagging, names)
    yield from by_group(lagging, coupling.systems, results.groups.members, names)


def types(lagging: xr.DataArray, systems: Sequence[str]) -> Iterator[Finding]:
    """How many regions are of which type in the last year, and which type has become more or less frequent.

    Parameters
    ----------
    lagging
        Place of the lagging system in `systems` ``(region, year)``, −1 where they are in step.
    systems
        Labels of the systems.
    """
    years, total = lagging["year"].to_numpy(), lagging.sizes["region"]
    first, last = (_tally(lagging.isel(year=i).to_numpy(), len(systems)) for i in (0, -1))
    labels = _labels(systems)
    top = int(last.argmax())
    says: dict[str, Any] = {"year": int(years[-1]), "count": total}
    if last[top] == total:
        yield Finding("lags.all_one", "", says | {"label": labels[top]})
    else:
        found = tuple(counted(labels[k], int(last[k])) for k in np.argsort(-last, kind="stable") if last[k])
        prevails = last[top] / total > LIMITS["majority"]
        top_says = {"label": labels[top], "top": int(last[top]), "types": found}
        yield Finding("lags.prevails" if prevails else "lags.mixed", "", says | top_says)
    if len(years) < 2:
        return
    change = last - first
    most = int(np.abs(change).argmax())
    if abs(change[most]) / total >= LIMITS["change"]:
        ends = {"first": int(first[most]), "last": int(last[most]), "label": labels[most]}
        rule = "more_often" if change[most] > 0 else "less_often"
        yield Finding(f"lags.{rule}", "", ends | {"first_year": int(years[0]), "last_year": int(years[-1])})


def in_step(lagging: xr.DataArray, names: Labels) -> Iterator[Finding]:
    """Regions in step in the last year.

    Parameters
    ----------
    lagging
        As in :func:`types`.
    names
        What readers call things.
    """
    last = lagging.isel(year=-1)
    regions = last["region"].to_numpy()[last.to_numpy() < 0].tolist()
    says: dict[str, Any] = {"year": int(last["year"]), "count": len(regions)}
    if 0 < len(regions) < last.size:
        told, ending = _told(names.several(regions))
        yield Finding(f"lags.in_step{ending}", "", says | {"regions": told})
    elif not len(regions) and (lagging.isel(year=0) < 0).any():
        before = {"first_year": int(lagging["year"][0]), "before": int((lagging.isel(year=0) < 0).sum())}
        yield Finding("lags.none_in_step", "", says | before)


def switches(lagging: xr.DataArray, names: Labels) -> Iterator[Finding]:
    """Regions whose type in the last year is another than in the first.

    Parameters
    ----------
    lagging
        As in :func:`types`.
    names
        What readers call things.
    """
    years = lagging["year"].to_numpy()
    if len(years) < 2:
        return
    other = (lagging.isel(year=0) != lagging.isel(year=-1)).to_numpy()
    says = {"first_year": int(years[0]), "last_year": int(years[-1]), "count": int(other.sum()), "total": other.size}
    regions = lagging["region"].to_numpy()[other].tolist()
    if other.any():
        told, ending = _told(names.several(regions))
        yield Finding(f"lags.switched{ending}", "", says | {"regions": told})
    else:
        yield Finding("lags.none_switched", "", says)


def by_group(
    lagging: xr.DataArray, systems: Sequence[str], members: Mapping[str, Sequence[str]], names: Labels
) -> Iterator[Finding]:
    """The most frequent type of every group in the last year.

    Parameters
    ----------
    lagging, systems
        As in :func:`types`.
    members
        Group → its regions; :data:`NATION` does not count.
    names
        What readers call things.
    """
    last = lagging.isel(year=-1)
    top: dict[str, tuple[int, int, int]] = {}
    for group, regions in members.items():
        tally = _tally(last.sel(region=list(regions)).to_numpy(), len(systems))
        if group != NATION and (tally == tally.max()).sum() == 1:  # types that share the first place are none
            top[group] = (int(tally.argmax()), int(tally.max()), len(regions))
    labels = _labels(systems)
    if len(top) < 2:
        return
    kinds = sorted({kind for kind, _, _ in top.values()})
    says: dict[str, Any] = {"year": int(last["year"]), "count": len(top)}
    if len(kinds) == 1:
        yield Finding("lags.groups_alike", "", says | {"label": labels[kinds[0]]})
        return
    for kind in kinds:
        found = {g: f"{n}/{of}" for g, (k, n, of) in top.items() if k == kind}
        told = names.grouped([*found], [*found.values()])
        yield Finding("lags.groups_differ", "", says | {"label": labels[kind], "groups": told})


def _tally(codes: NDArray[Any], systems: int) -> NDArray[np.int64]:
    """How many regions are of each type; those in step come last."""
    return np.bincount(np.where(codes < 0, systems, codes), minlength=systems + 1)


def _labels(systems: Sequence[str]) -> tuple[str, ...]:
    """Labels of the types, in step last."""
    return (*(text.t("labels.lagging", system=s) for s in systems), text.t("labels.in_step"))


def _told(regions: Sequence[str]) -> tuple[str, str]:
    """Regions as a sentence names them, and the ending of its rule where they are too many for that."""
    return listing(regions, most=LIMITS["names"]), many(regions, most=LIMITS["names"])
