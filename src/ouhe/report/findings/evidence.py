"""Evidence for a reader who recommends: what holds groups back, possible growth poles, and who falls behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ouhe.report.findings import groups
from ouhe.report.findings.finding import Finding, Labels, printed
from ouhe.report.findings.listing import ALL, listing, many, valued
from ouhe.report.findings.obstacles import heaviest_first
from ouhe.results.groups import NATION
from ouhe.results.lisa import QUADRANTS, Lisa
from ouhe.results.study_results import StudyResults

__all__ = ["LIMITS", "behind", "find", "first_obstacles", "group_obstacles", "lags", "poles", "stuck"]

#: ``first``: share of regions above which most have the same first obstacle; ``top``: obstacles named of a group, at
#: most one in ``every`` indicators; ``lead``: how many times an even share they hold; ``groups``: groups told one by
#: one, if they are not more; ``years``: last years in which a pole lies in HH; ``pace``: least difference of annual
#: growth that is one; ``split``: degree up to which regions count as not coordinated; ``names``: regions that are
#: named, if they are not more.
LIMITS: Mapping[str, Any] = {
    "first": 0.5,
    "top": 3,
    "every": 3,
    "lead": 1.5,
    "groups": 10,
    "years": 3,
    "pace": groups.LIMITS["pace"],
    "split": 0.5,
    "names": ALL,
}


def find(results: StudyResults) -> Iterator[Finding]:
    """Evidence of every kind that the results hold."""
    names, coupling = Labels.of(results), results.coupling
    obstacles, lisa = results.obstacles, results.analyses.get("lisa")
    if obstacles is not None:
        for system in coupling.systems:
            yield from first_obstacles(obstacles.heaviest.sel(system=system), obstacles.groups["name"], system)
            mine = (obstacles.groups["system_of"] == system).to_numpy()
            yield from group_obstacles(obstacles.groups.isel(indicator=mine), system, names)
    if isinstance(lisa, Lisa):
        for variable in map(str, lisa.local["variable"].to_numpy()):
            yield from poles(lisa.local.sel(variable=variable), variable, names)
    variables = [*coupling.systems, "D"]
    yield from behind(results.groups.means.sel(variable=variables), results.groups.growth, names)
    yield from stuck(coupling.level, coupling.upper, names)
    yield from lags(coupling.lagging, coupling.systems, names)


def first_obstacles(heaviest: xr.Dataset, indicators: xr.DataArray, system: str) -> Iterator[Finding]:
    """Which indicator is the heaviest obstacle of most regions in the last year.

    Parameters
    ----------
    heaviest
        ``position`` of the heaviest obstacles along `indicators` ``(region, year, rank)``, −1 where there is none.
    indicators
        Labels of the indicators.
    system
        Name of the system.
    """
    first = heaviest["position"].isel(year=-1, rank=0)
    codes, counts = np.unique(first.to_numpy()[first.to_numpy() >= 0], return_counts=True)
    if not len(codes) or (counts == counts.max()).sum() > 1:
        return
    total, count = int(counts.sum()), int(counts.max())
    says = {"system": system, "year": int(first["year"]), "total": total, "count": count, "kinds": len(codes)}
    says |= {"indicator": str(indicators.to_numpy()[codes[counts.argmax()]])}
    rule = "shared_by_all" if count == total else "shared" if count / total > LIMITS["first"] else "varied"
    yield Finding(f"evidence.{rule}", system, says)


def group_obstacles(degrees: xr.DataArray, system: str, names: Labels) -> Iterator[Finding]:
    """What holds each group back: the heaviest obstacles of a group, where they stand out.

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
    among = [g for g in map(str, last["group"].to_numpy()) if g != NATION]
    count = min(LIMITS["top"], len(labels) // LIMITS["every"])
    if not count or len(among) > LIMITS["groups"]:
        return
    alike: dict[frozenset[int], list[str]] = {}
    for group in among:
        values = last.sel(group=group).to_numpy()
        order = heaviest_first(values)[:count]
        if values[order].sum() >= LIMITS["lead"] * count / len(labels):  # a missing value is not larger
            alike.setdefault(frozenset(order.tolist()), []).append(group)
    says: dict[str, Any] = {"system": system, "year": int(last["year"]), "of": len(labels)}
    for chosen, those in alike.items():
        values = last.sel(group=those).isel(indicator=sorted(chosen)).transpose("group", "indicator").to_numpy()
        named = labels[sorted(chosen)][heaviest_first(values.mean(axis=0))]
        told = {
            "groups": names.grouped(those),
            "count": len(those),
            "share": values.sum(axis=1).min(),
        }
        rule = "groups_share" if len(those) == len(among) > 1 else "group_obstacles"
        yield Finding(f"evidence.{rule}", system, says | told | {"obstacles": tuple(map(str, named))})


def poles(local: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Regions that are high among high ones in each of the last years.

    Parameters
    ----------
    local
        ``quadrant`` and ``significant`` ``(region, year)``.
    variable
        What it is of.
    names
        What readers call things.
    """
    local = local[["quadrant", "significant"]].transpose("region", "year")
    years = local["year"].to_numpy()[-LIMITS["years"] :]
    if len(years) < LIMITS["years"]:
        return
    recent = local.sel(year=years)
    high = (recent["quadrant"] == QUADRANTS.index("HH")).to_numpy()
    clear = (high & recent["significant"].to_numpy()).all(axis=1)
    all_high, regions = high.all(axis=1), local["region"].to_numpy()
    says = {"variable": names.variable(variable), "years": len(years)}
    says |= {"first_year": int(years[0]), "last_year": int(years[-1]), "count": int(all_high.sum())}
    if clear.any():
        told = {"significant": int(clear.sum()), "regions": listing(names.several(regions[clear].tolist()))}
        yield Finding("evidence.poles", variable, says | told)
    elif all_high.any():
        told = {"regions": listing(names.several(regions[all_high].tolist()))}
        yield Finding("evidence.poles_not_significant", variable, says | told)
    else:
        yield Finding("evidence.no_poles", variable, says)


def behind(means: xr.DataArray, growth: xr.DataArray, names: Labels) -> Iterator[Finding]:
    """Groups below the mean of all regions in every year, and whether they also grow more slowly.

    Parameters
    ----------
    means
        Means ``(variable, group, year)`` with the group :data:`NATION`.
    growth
        Annual growth ``(variable, group)``, a fraction.
    names
        What readers call things.
    """
    several, years = [g for g in map(str, means["group"].to_numpy()) if g != NATION], means["year"].to_numpy()
    if len(several) < 2 or len(years) < 2:
        return
    for variable in map(str, means["variable"].to_numpy()):
        one, rate = means.sel(variable=variable), growth.sel(variable=variable)
        nation = float(rate.sel(group=NATION))
        low = [g for g in several if (one.sel(group=g) < one.sel(group=NATION)).all()]
        says: dict[str, Any] = {"variable": names.variable(variable)}
        says |= {"first_year": int(years[0]), "last_year": int(years[-1])}
        if not low and np.isfinite(one.to_numpy()).all():
            yield Finding("evidence.none_behind", variable, says)
        ahead = {g: float(rate.sel(group=g)) - nation for g in low}
        kinds = {g: _pace(more) for g, more in ahead.items() if np.isfinite(more)}
        for rule in ("behind", "keeping_pace", "catching_up"):
            told = [
                valued(names.group(g), printed(ahead[g] + nation, ".2%")) for g, kind in kinds.items() if kind == rule
            ]
            if told:
                yield Finding(f"evidence.{rule}", variable, says | {"nation": nation, "groups": listing(told)})


def _pace(ahead: float) -> str:
    """Rule by how much more a group grows in a year than all regions."""
    # 0.031 − 0.030 is a little less than 0.001 in binary
    if abs(ahead) < LIMITS["pace"] - 1e-12:
        return "keeping_pace"
    return "catching_up" if ahead > 0 else "behind"


def stuck(level: xr.DataArray, upper: Sequence[float], names: Labels) -> Iterator[Finding]:
    """Regions in a low class in the first year that stand in no higher one in the last.

    Parameters
    ----------
    level
        Class ``(region, year)``, from 0, the lowest.
    upper
        Upper ends of the classes.
    names
        What readers call things.

    Examples
    --------
    >>> level = xr.DataArray([[0, 1], [0, 0]], {"region": ["a", "b"], "year": [2010, 2022]}, ("region", "year"))
    >>> [(f.rule, f.says["regions"]) for f in stuck(level, (0.5, 1.0), Labels())]
    [('evidence.stuck', 'b')]
    """
    years = level["year"].to_numpy()
    lowest = sum(end <= LIMITS["split"] + 1e-9 for end in upper)
    if len(years) < 2 or not lowest:
        return
    first, last = (level.isel(year=i).to_numpy() for i in (0, -1))
    low = first < lowest
    if not low.any():
        return
    stayed = low & (last <= first)
    regions = names.several(level["region"].to_numpy()[stayed].tolist())
    told, ending = _told(regions)
    says: dict[str, Any] = {"total": int(low.sum()), "count": len(regions), "regions": told}
    says |= {"first_year": int(years[0]), "last_year": int(years[-1]), "split": upper[lowest - 1]}
    yield Finding(f"evidence.stuck{ending}" if len(regions) else "evidence.none_stuck", "D", says)


def lags(lagging: xr.DataArray, systems: Sequence[str], names: Labels) -> Iterator[Finding]:
    """Regions in which one system lags in every year.

    Parameters
    ----------
    lagging
        Place of the lagging system in `systems` ``(region, year)``, −1 where they are in step.
    systems
        Labels of the systems.
    names
        What readers call things.
    """
    if lagging.sizes["year"] < 2:
        return
    codes, years = lagging.transpose("region", "year").to_numpy(), lagging["year"].to_numpy()
    for code, system in enumerate(systems):
        regions = names.several(lagging["region"].to_numpy()[(codes == code).all(axis=1)].tolist())
        if regions:
            told, ending = _told(regions)
            says = {"system": system, "count": len(regions), "total": len(codes), "regions": told}
            ends = {"first_year": int(years[0]), "last_year": int(years[-1])}
            yield Finding(f"evidence.lags{ending}", system, says | ends)


def _told(regions: Sequence[str]) -> tuple[str, str]:
    """Regions as a sentence names them, and the ending of its rule where they are too many for that."""
    return listing(regions, most=LIMITS["names"]), many(regions, most=LIMITS["names"])
