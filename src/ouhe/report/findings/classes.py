"""Classes of coordination: how many regions stand where, and who moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ouhe.report.findings.finding import Finding, Labels
from ouhe.report.findings.listing import ALL, counted, listing, many
from ouhe.results.study_results import StudyResults

__all__ = ["LIMITS", "distribution", "find", "modal", "movers", "split"]

#: ``split``: degree up to which regions count as not coordinated; ``share``: least change of their share that is one;
#: ``most``: share above which they are most; ``leap``: classes a region moves at least to have leapt;
#: ``names``: regions that are named, if they are not more.
LIMITS: Mapping[str, Any] = {"split": 0.5, "share": 0.02, "most": 0.5, "leap": 2, "names": ALL}


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on the classes of the coordination degree."""
    names, coupling = Labels.of(results), results.coupling
    level = coupling.level.transpose("region", "year")
    yield from distribution(level, coupling.labels, names)
    yield from split(level, coupling.upper)
    yield from modal(level, coupling.labels)
    yield from movers(level, names)


def distribution(level: xr.DataArray, labels: Sequence[str], names: Labels) -> Iterator[Finding]:
    """How many regions stand in which class in the first and the last year, and who in the outermost.

    Parameters
    ----------
    level
        Class ``(region, year)``, from 0, the lowest.
    labels
        Labels of the classes, lowest first.
    names
        What readers call things.
    """
    for at in sorted({0, level.sizes["year"] - 1}):
        here = level.isel(year=at)
        counts = np.bincount(here.to_numpy(), minlength=len(labels))
        taken = np.flatnonzero(counts).tolist()
        says: dict[str, Any] = {"year": int(here["year"]), "count": int(counts.sum())}
        if len(taken) == 1:
            yield Finding("classes.one_class", "D", says | {"label": labels[taken[0]]})
            continue
        spread = tuple(counted(labels[k], int(counts[k])) for k in taken)
        yield Finding("classes.several_classes", "D", says | {"classes": spread, "taken": len(taken)})
    if len(taken) > 1:
        for rule, k in (("highest", taken[-1]), ("lowest", taken[0])):
            regions = here["region"].to_numpy()[here.to_numpy() == k].tolist()
            told, ending = _told(names.several(regions))
            found = {"label": labels[k], "count": len(regions), "regions": told}
            yield Finding(f"classes.{rule}{ending}", "D", {"year": says["year"], **found})


def split(level: xr.DataArray, upper: Sequence[float]) -> Iterator[Finding]:
    """How many regions stand above the end of a class that parts the coordinated from the others.

    Parameters
    ----------
    level
        Class ``(region, year)``, from 0.
    upper
        Upper ends of the classes; nothing is said where none is the limit.
    """
    below = [k for k, end in enumerate(upper) if np.isclose(end, LIMITS["split"])]
    if not below:
        return
    years, total = level["year"].to_numpy(), level.sizes["region"]
    above = (level > below[0]).sum("region").to_numpy()
    first, last = int(above[0]), int(above[-1])
    says = {"count": total, "last": last, "last_year": int(years[-1]), "split": LIMITS["split"]}
    if len(years) > 1:
        more = (last - first) / total
        rule = "split_same" if abs(more) < LIMITS["share"] else "split_more" if more > 0 else "split_fewer"
        found = {"first": first, "first_year": int(years[0]), "first_share": first / total, "share": last / total}
        yield Finding(f"classes.{rule}", "D", says | found)
    if last / total != LIMITS["most"]:
        rule = "most_above" if last / total > LIMITS["most"] else "most_below"
        yield Finding(f"classes.{rule}", "D", says | {"below": total - last})


def modal(level: xr.DataArray, labels: Sequence[str]) -> Iterator[Finding]:
    """The class with the most regions, in the first and the last year; nothing where several share the first place.

    Parameters
    ----------
    level
        Class ``(region, year)``, from 0.
    labels
        Labels of the classes, lowest first.
    """
    years = level["year"].to_numpy()
    if len(years) < 2:
        return
    tallies = [np.bincount(level.isel(year=i).to_numpy(), minlength=len(labels)) for i in (0, -1)]
    if any((tally == tally.max()).sum() > 1 for tally in tallies):
        return
    first, last = (int(tally.argmax()) for tally in tallies)
    rule = "mode_same" if first == last else "mode_higher" if last > first else "mode_lower"
    says = {"first": labels[first], "last": labels[last], "first_year": int(years[0]), "last_year": int(years[-1])}
    yield Finding(f"classes.{rule}", "D", says | {"before": int(tallies[0].max()), "after": int(tallies[1].max())})


def movers(level: xr.DataArray, names: Labels) -> Iterator[Finding]:
    """Regions in a higher or lower class in the last year than in the first.

    Parameters
    ----------
    level
        Class ``(region, year)``, from 0.
    names
        What readers call things.

    Examples
    --------
    >>> level = xr.DataArray([[0, 1], [0, 0]], {"region": ["a", "b"], "year": [2010, 2022]}, ("region", "year"))
    >>> [(f.rule, f.says["total"]) for f in movers(level, Labels())]
    [('classes.rose', 2), ('classes.nobody_fell', 2)]
    """
    years, total = level["year"].to_numpy(), level.sizes["region"]
    if len(years) < 2:
        return
    move = (level.isel(year=-1).astype(int) - level.isel(year=0).astype(int)).to_numpy()
    says: dict[str, Any] = {"total": total, "first_year": int(years[0]), "last_year": int(years[-1])}
    if not move.any():
        yield Finding("classes.nobody_moved", "D", says)
        return
    leap, stayed = LIMITS["leap"], move == 0
    chosen = {"rose": move > 0, "leapt": move >= leap, "fell": move < 0, "plunged": move <= -leap}
    if 0 < stayed.sum() <= LIMITS["names"] and stayed.mean() < 1 - LIMITS["most"]:
        chosen["stayed"] = stayed
    whole = {"leapt": chosen["rose"], "plunged": chosen["fell"]}
    for rule, here in chosen.items():
        if rule in whole and here.any() and (here == whole[rule]).all():
            yield Finding(f"classes.{rule}_all", "D", says | {"leap": leap})
        elif here.any():
            regions = names.several(level["region"].to_numpy()[here])
            told, ending = _told(regions)
            found = {"count": len(regions), "regions": told, "leap": leap}
            yield Finding(f"classes.{rule}{ending}", "D", says | found)
    if not stayed.any():
        yield Finding("classes.everybody_moved", "D", says)
    for rule, other in (("nobody_fell", "fell"), ("nobody_rose", "rose")):
        if not chosen[other].any():
            yield Finding(f"classes.{rule}", "D", says)


def _told(regions: Sequence[str]) -> tuple[str, str]:
    """Regions as a sentence names them, and the ending of its rule where they are too many for that."""
    return listing(regions, most=LIMITS["names"]), many(regions, most=LIMITS["names"])
