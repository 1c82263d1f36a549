"""Coupling beside coordination: which is high, how far they are apart, and what carries the change of coordination."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

from ouhe import text
from ouhe.report.findings.finding import Finding, Labels, printed
from ouhe.results.groups import NATION
from ouhe.results.study_results import StudyResults

__all__ = ["LIMITS", "change", "combination", "find", "gap", "shortfall"]

#: ``C``, ``D``: means from which coupling and coordination are high; ``gap``: smallest change of the gap that is one;
#: ``ln_D``: smallest change of mean ln D that is taken apart; ``share``: share from which one part carries it.
LIMITS: Mapping[str, Any] = {"C": 0.8, "D": 0.5, "gap": 0.02, "ln_D": 0.01, "share": 0.75}


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on C, T and D of all regions."""
    names = Labels.of(results)
    means = results.groups.means.sel(variable=["C", "D"])
    yield from combination(means, names)
    yield from gap(means.sel(group=NATION, drop=True))
    yield from change(results.coupling.C, results.coupling.T)
    yield from shortfall(results.coupling.C, results.coupling.T)


def combination(means: xr.DataArray, names: Labels) -> Iterator[Finding]:
    """Whether coupling and coordination are high or low, since when, and whether groups are alike in it.

    Parameters
    ----------
    means
        Means ``(variable, group, year)`` with the variables ``C`` and ``D`` and the group :data:`NATION`.
    names
        What readers call things.
    """
    years = means["year"].to_numpy()
    C, D = (means.sel(variable=v, group=NATION).to_numpy() for v in ("C", "D"))
    kinds = [_kind(c, d) for c, d in zip(C, D, strict=True)]
    if not kinds[-1]:
        return
    yield Finding(f"coupling.{kinds[-1]}", "D", {"year": int(years[-1]), "C": float(C[-1]), "D": float(D[-1])})
    if len(years) > 1:
        yield from _since(kinds, years, C, D)
    last = means.isel(year=-1)
    groups = [g for g in map(str, last["group"].to_numpy()) if g != NATION]
    found = {g: _kind(*(float(last.sel(variable=v, group=g)) for v in ("C", "D"))) for g in groups}
    found = {g: kind for g, kind in found.items() if kind}
    if len(found) > 1:
        others = [g for g, kind in found.items() if kind != kinds[-1]]
        told = names.grouped(others, [_means(last, g) for g in others]) if others else ""
        says: dict[str, Any] = {"year": int(years[-1]), "groups": told, "count": len(found)}
        yield Finding("coupling.groups_other" if others else "coupling.groups_same", "D", says)


def _kind(c: float, d: float) -> str:
    """``high_low`` where coupling is high and coordination low; "" where a value is missing."""
    if not (np.isfinite(c) and np.isfinite(d)):
        return ""
    return f"{'high' if c >= LIMITS['C'] else 'low'}_{'high' if d >= LIMITS['D'] else 'low'}"


def _since(kinds: list[str], years: Any, C: Any, D: Any) -> Iterator[Finding]:
    """Whether the combination of the last year is that of all years, or since when it has held."""
    start = len(kinds)
    while start > 0 and kinds[start - 1] == kinds[-1]:
        start -= 1
    if start == 0:
        yield Finding("coupling.always", "D", {"first_year": int(years[0]), "last_year": int(years[-1])})
    elif kinds[start - 1]:
        before = {"before": int(years[start - 1]), "C": float(C[start - 1]), "D": float(D[start - 1])}
        yield Finding("coupling.since", "D", {"since": int(years[start]), **before})


def _means(last: xr.DataArray, group: str) -> str:
    """C and D of a group."""
    C, D = (float(last.sel(variable=v, group=group)) for v in ("C", "D"))
    return text.t("labels.comma").join((f"C = {printed(C, '.3f')}", f"D = {printed(D, '.3f')}"))


def gap(means: xr.DataArray) -> Iterator[Finding]:
    """Whether coordination comes nearer to coupling.

    Parameters
    ----------
    means
        Means ``(variable, year)`` of all regions, with the variables ``C`` and ``D``.
    """
    years = means["year"].to_numpy()
    apart = abs(means.sel(variable="C") - means.sel(variable="D")).to_numpy()
    first, last = float(apart[0]), float(apart[-1])
    if len(years) < 2 or not np.isfinite(last - first):
        return
    # 0.52 − 0.50 is a little more than 0.02 in binary
    moved = abs(last - first) >= LIMITS["gap"] - 1e-12
    rule = "gap_steady" if not moved else "gap_wider" if last > first else "gap_narrower"
    says = {"first": first, "last": last, "first_year": int(years[0]), "last_year": int(years[-1])}
    yield Finding(f"coupling.{rule}", "D", says)


def change(C: xr.DataArray, T: xr.DataArray) -> Iterator[Finding]:
    r"""Whether coupling or development carries the change of coordination.

    .. math:: \Delta \overline{\ln D} = \tfrac12 \Delta \overline{\ln C} + \tfrac12 \Delta \overline{\ln T}

    Parameters
    ----------
    C, T
        Coupling and development ``(region, year)``; regions where one is 0 or missing in the first or the last year
        do not count.

    Examples
    --------
    >>> C = xr.DataArray([[0.9, 0.9]], {"region": ["a"], "year": [2010, 2022]}, ("region", "year"))
    >>> [(f.rule, round(f.says["growth"], 3)) for f in change(C, C.copy(data=[[0.2, 0.4]]))]
    [('coupling.rise_by_T', 0.414)]
    """
    years = C["year"].to_numpy()
    if len(years) < 2:
        return
    halves, count = _log_halves(C, T, [0, -1])
    if not count:
        return
    by_C, by_T = (float(h[1] - h[0]) for h in halves)
    total = by_C + by_T
    if abs(total) < LIMITS["ln_D"]:
        return
    rule = _carrier(by_T / total)
    says = {"first_year": int(years[0]), "last_year": int(years[-1]), "total": total, "C": by_C, "T": by_T}
    way = "rise" if total > 0 else "fall"
    yield Finding(f"coupling.{way}_by_{rule}", "D", says | {"count": count, "growth": float(abs(np.expm1(total)))})


def shortfall(C: xr.DataArray, T: xr.DataArray) -> Iterator[Finding]:
    r"""Whether low coordination comes from low development or from low coupling.

    .. math:: -\overline{\ln D} = \tfrac12 (-\overline{\ln C}) + \tfrac12 (-\overline{\ln T})

    Parameters
    ----------
    C, T
        Coupling and development ``(region, year)``.
    """
    mean = float(((C * T) ** 0.5).isel(year=-1).mean())
    halves, count = _log_halves(C, T, [-1])
    if not count or not mean < LIMITS["D"]:
        return
    by_C, by_T = (float(h[0]) for h in halves)
    if by_C + by_T == 0:  # the regions that count have the largest D there is
        return
    share = by_T / (by_C + by_T)
    says = {"year": int(C["year"].to_numpy()[-1]), "D": mean, "share": share, "rest": 1 - share}
    yield Finding(f"coupling.low_by_{_carrier(share)}", "D", says)


def _carrier(share_of_T: float) -> str:
    """Which part of D carries a difference."""
    if share_of_T >= LIMITS["share"]:
        return "T"
    return "C" if share_of_T <= 1 - LIMITS["share"] else "both"


def _log_halves(C: xr.DataArray, T: xr.DataArray, at: list[int]) -> tuple[tuple[Any, Any], int]:
    """Half the mean of ln C and of ln T in some years, and over how many regions."""
    c, t = (a.transpose("region", "year").isel(year=at).to_numpy().astype(float) for a in (C, T))
    kept = ((c > 0) & (t > 0)).all(axis=1)  # a missing value is not larger than 0
    if not kept.any():
        return (np.zeros(len(at)), np.zeros(len(at))), 0
    return (np.log(c[kept]).mean(axis=0) / 2, np.log(t[kept]).mean(axis=0) / 2), int(kept.sum())
