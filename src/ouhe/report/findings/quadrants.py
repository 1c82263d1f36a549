"""Quadrants of the Moran scatter plot: how many regions where, who sits there, who moved, and what chance brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.report.findings.finding import Finding, Labels
from ouhe.report.findings.listing import ALL, listing, many, valued
from ouhe.results.lisa import QUADRANTS, Lisa
from ouhe.results.study_results import StudyResults

__all__ = ["LIMITS", "always", "counts", "find", "isolates", "moves", "significant", "sitting"]

#: ``share``: share of like quadrants above which most regions stand in them; ``change``: least change of it that is
#: one; ``names``: regions that are named, if they are not more.
LIMITS: Mapping[str, Any] = {"share": 0.5, "change": 0.05, "names": ALL}

HH, LL = (QUADRANTS.index(q) for q in ("HH", "LL"))


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on the quadrants of every variable that the study asks for."""
    lisa, names = results.analyses.get("lisa"), Labels.of(results)
    if not isinstance(lisa, Lisa):
        return
    for variable in map(str, lisa.local["variable"].to_numpy()):
        local = lisa.local.sel(variable=variable).transpose("region", "year")
        yield from counts(local["quadrant"], variable, names)
        yield from sitting(local, variable, names)
        yield from always(local["quadrant"], variable, names)
        yield from moves(local["quadrant"], variable, names)
        yield from significant(local, variable, options=lisa.options)
    yield from isolates(lisa.local["quadrant"].isel(variable=0), names)


def counts(quadrant: xr.DataArray, variable: str, names: Labels) -> Iterator[Finding]:
    """How many regions stand in each quadrant, and whether most of them beside their like.

    Parameters
    ----------
    quadrant
        Place in :data:`ouhe.results.lisa.QUADRANTS` ``(region, year)``; 0 for a region without neighbours.
    variable
        What it is of.
    names
        What readers call things.
    """
    years = quadrant["year"].to_numpy()
    tallies = [np.bincount(quadrant.isel(year=i).to_numpy(), minlength=5)[1:] for i in (0, -1)]
    totals = [int(t.sum()) for t in tallies]
    if not all(totals):
        return
    first, last = (float(t[HH - 1] + t[LL - 1]) / n for t, n in zip(tallies, totals, strict=True))
    says = {"variable": names.variable(variable), "year": int(years[-1]), "count": totals[-1], "share": last}
    said = says | {q: int(n) for q, n in zip(QUADRANTS[1:], tallies[-1], strict=True)}
    side = "alike" if last > LIMITS["share"] else "unlike" if last < LIMITS["share"] else "halves"
    yield Finding(f"quadrants.{side}", variable, said)
    if abs(last - first) >= LIMITS["change"]:
        ends = {"first": first, "first_year": int(years[0])}
        yield Finding(f"quadrants.{'more' if last > first else 'fewer'}_alike", variable, says | ends)


def sitting(local: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Who sits among high and who among low regions in the last year, and who of them significantly.

    Parameters
    ----------
    local
        ``quadrant``, ``significant`` and ``statistic`` ``(region, year)``.
    variable
        What it is of.
    names
        What readers call things.
    """
    last = local.isel(year=-1)
    last = last.sortby("statistic", ascending=False)
    regions, quadrant = last["region"].to_numpy(), last["quadrant"].to_numpy()
    says = {"variable": names.variable(variable), "year": int(last["year"])}
    for rule, code in (("high", HH), ("low", LL)):
        here = quadrant == code
        clear = here & last["significant"].to_numpy()
        count = {"count": int(here.sum()), "significant": int(clear.sum())}
        if not here.any():
            yield Finding(f"quadrants.no_{rule}", variable, says)
        elif clear.any():
            found = {"regions": listing(names.several(regions[clear]))}
            yield Finding(f"quadrants.{rule}_significant", variable, says | count | found)
        else:
            found = {"regions": listing(names.several(regions[here]))}
            yield Finding(f"quadrants.{rule}_only", variable, says | count | found)


def always(quadrant: xr.DataArray, variable: str, names: Labels) -> Iterator[Finding]:
    """Regions that stand in the same like quadrant in every year.

    Parameters
    ----------
    quadrant, variable, names
        As in :func:`counts`.
    """
    years, codes = quadrant["year"].to_numpy(), quadrant.to_numpy()
    if len(years) < 2:
        return
    for rule, code in (("always_high", HH), ("always_low", LL)):
        regions = quadrant["region"].to_numpy()[(codes == code).all(axis=1)]
        if len(regions):
            says = {"variable": names.variable(variable), "count": len(regions), "years": len(years)}
            told, ending = _told(names.several(regions))
            yield Finding(f"quadrants.{rule}{ending}", variable, says | {"regions": told})


def moves(quadrant: xr.DataArray, variable: str, names: Labels) -> Iterator[Finding]:
    """Regions that stand in another quadrant in the last year than in the first.

    Parameters
    ----------
    quadrant, variable, names
        As in :func:`counts`.
    """
    years = quadrant["year"].to_numpy()
    if len(years) < 2:
        return
    first, last = (quadrant.isel(year=i).to_numpy() for i in (0, -1))
    there = (first > 0) & (last > 0)
    if not there.any():
        return
    says = {"variable": names.variable(variable), "first_year": int(years[0]), "last_year": int(years[-1])}
    moved = there & (first != last)
    rows = zip(quadrant["region"].to_numpy()[moved], first[moved], last[moved], strict=True)
    movers = [valued(names.region(r), f"{QUADRANTS[a]}→{QUADRANTS[b]}") for r, a, b in rows]
    told, ending = _told(movers)
    says |= {"count": len(movers), "total": int(there.sum())}
    yield Finding(f"quadrants.moved{ending}" if movers else "quadrants.unmoved", variable, says | {"regions": told})
    for rule, code in (("high", HH), ("low", LL)):
        entered, left = (int((moved & (a == code)).sum()) for a in (last, first))
        if entered != left:
            ends = {"first": int((first == code).sum()), "last": int((last == code).sum())}
            way = "grew" if entered > left else "shrank"
            yield Finding(f"quadrants.{rule}_{way}", variable, says | ends | {"entered": entered, "left": left})


def significant(local: xr.Dataset, variable: str, *, options: Mapping[str, Any]) -> Iterator[Finding]:
    """How many regions are significant in the last year, beside how many chance alone makes so.

    Parameters
    ----------
    local
        ``p_value`` and ``significant`` ``(region, year)``.
    variable
        What it is of.
    options
        Options of the method: ``significance``, ``correction``.
    """
    last = local.isel(year=-1)
    tested = int(np.isfinite(last["p_value"].to_numpy()).sum())
    if not tested:
        return
    level, count = float(options.get("significance", 0.05)), int(last["significant"].sum())
    says: dict[str, Any] = {"year": int(last["year"]), "count": count, "level": level, "total": tested}
    if options.get("correction") is not None:
        yield Finding(f"quadrants.{'corrected' if count else 'none_corrected'}", variable, says)
        return
    says["chance"] = 2 * level * tested  # p is the smaller of both tails
    yield Finding(f"quadrants.{'beyond' if count > says['chance'] else 'within'}_chance", variable, says)


def isolates(quadrant: xr.DataArray, names: Labels) -> Iterator[Finding]:
    """Regions without neighbours, which have no quadrant.

    Parameters
    ----------
    quadrant, names
        As in :func:`counts`.
    """
    alone: NDArray[Any] = (quadrant == 0).all("year").to_numpy()
    if alone.any():
        regions = names.several(quadrant["region"].to_numpy()[alone])
        yield Finding("quadrants.isolates", "", {"count": len(regions), "regions": listing(regions)})


def _told(regions: Sequence[str]) -> tuple[str, str]:
    """Regions as a sentence names them, and the ending of its rule where they are too many for that."""
    return listing(regions, most=LIMITS["names"]), many(regions, most=LIMITS["names"])
