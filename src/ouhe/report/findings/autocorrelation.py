"""Global spatial autocorrelation: its sign, when it is significant, its course, and what other statistics say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.permutations import FEW
from ouhe.report.findings.finding import Finding, Labels, printed
from ouhe.report.findings.listing import listing, spans, valued
from ouhe.results.autocorrelation import BivariateMoran, Geary, Getis, Moran
from ouhe.results.measured import Measured

__all__ = [
    "LIMITS",
    "course",
    "disagreement",
    "few",
    "find",
    "level",
    "other",
    "pairs",
    "significance",
    "weights",
    "within",
]

#: ``level``: largest p that is significant; ``change``: least change, in standard deviations of the statistic without
#: autocorrelation, that is one; ``few``: number of regions below which the normal p is rough.
LIMITS: Mapping[str, Any] = {"level": 0.05, "change": 0.5, "few": FEW}


def find(results: Measured) -> Iterator[Finding]:
    """Findings on every global statistic that the study asks for."""
    names, analyses = Labels.of(results), results.analyses
    moran, both, geary, getis = (analyses.get(k) for k in ("moran", "bivariate_moran", "geary", "getis"))
    if isinstance(moran, Moran):
        for variable in map(str, moran.main["variable"].to_numpy()):
            told = moran.main.sel(variable=variable)
            yield from significance(told, variable, names)
            yield from level(told, variable, names)
            yield from course(told, variable, names)
            yield from disagreement(told, variable, names)
            yield from weights(moran.statistics.sel(variable=variable), variable, names)
            if moran.within is not None:
                yield from within(moran.within.sel(variable=variable), variable, names)
        yield from few(moran.statistics, moran.within, names)
    if isinstance(both, BivariateMoran):
        yield from pairs(both.main, names)
    for name, found in (("geary", geary), ("getis", getis)):
        if isinstance(found, Geary | Getis):
            yield from other(found.main, name, names)


def significance(told: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Sign of Moran's I, and the years in which it is significant.

    Parameters
    ----------
    told
        ``statistic``, ``expected``, ``p_value`` and ``p_sim`` ``(year)``; p by permutation stands in where the normal
        one is missing.
    variable
        What it is of.
    names
        What readers call things.

    Examples
    --------
    >>> values = {"statistic": [0.176, 0.225], "expected": [-0.033, -0.033], "p_value": [0.072, 0.024]}
    >>> told = xr.Dataset({k: ("year", v) for k, v in values.items()}, {"year": [2010, 2011]})
    >>> [f.rule for f in significance(told.assign(p_sim=told["p_value"]), "D", Labels())]
    ['autocorrelation.positive_some']
    """
    years, sign = told["year"].to_numpy(), _signs(told)
    known = np.isfinite(_p(told))
    if not known.any():
        return
    says: dict[str, Any] = {"variable": names.variable(variable), "count": int(known.sum()), "level": LIMITS["level"]}
    says |= {"first_year": int(years[known][0]), "last_year": int(years[known][-1])}
    high, low = int((sign > 0).sum()), int((sign < 0).sum())
    says |= {"positive": high, "negative": low}
    side = "positive" if high >= low else "negative"
    others = _spans(known & (sign != (1 if side == "positive" else -1)), years)
    many = "" if known.sum() > 1 else "_year"
    latest = _of(told.isel(year=int(np.flatnonzero(known)[-1])))
    if not high and not low:
        yield Finding(f"autocorrelation.none{many}", variable, says | latest)
    elif high and low:
        yield Finding("autocorrelation.both_signs", variable, says)
    elif max(high, low) < known.sum():
        found = {"significant": max(high, low), "others": others}
        yield Finding(f"autocorrelation.{side}_some", variable, says | found)
    else:
        yield Finding(f"autocorrelation.{side}_all{many}", variable, says | latest)


def level(told: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Whether Moran's I rises or falls from the first to the last year.

    Parameters
    ----------
    told
        ``statistic`` and ``sd`` ``(year)``.
    variable
        What it is of.
    names
        What readers call things.
    """
    years, value = told["year"].to_numpy(), told["statistic"].to_numpy()
    sd = _sd(told)
    change = float(value[-1] - value[0])
    if len(years) < 2 or not np.isfinite(change) or not sd > 0:
        return
    steps = np.diff(value)
    rule = "steady" if abs(change) < LIMITS["change"] * sd else "rising" if change > 0 else "falling"
    says = {
        "variable": names.variable(variable),
        "first": float(value[0]),
        "last": float(value[-1]),
        "sd": abs(change) / sd,
    }
    ends = {"first_year": int(years[0]), "last_year": int(years[-1]), "steps": len(steps)}
    ways = {"up": int((steps > 0).sum()), "down": int((steps < 0).sum())}
    moved = ""
    if rule != "steady" and len(steps) > 1:
        moved = "_throughout" if len(steps) in ways.values() else "_unevenly"
    yield Finding(f"autocorrelation.{rule}{moved}", variable, says | ends | ways)


def course(told: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Turning points: a year between the ends in which Moran's I is clearly higher or lower than at both.

    Parameters
    ----------
    told
        ``statistic`` and ``sd`` ``(year)``.
    variable
        What it is of.
    names
        What readers call things.
    """
    years, value = told["year"].to_numpy(), told["statistic"].to_numpy()
    least = LIMITS["change"] * _sd(told)
    if len(years) < 3 or not np.isfinite(value).all() or not least > 0:
        return
    top, low = int(value.argmax()), int(value.argmin())
    peak, trough = value[top] - max(value[0], value[-1]) >= least, min(value[0], value[-1]) - value[low] >= least
    if not (peak or trough):
        return
    says = {"variable": names.variable(variable), "highest": float(value[top]), "lowest": float(value[low])}
    says |= {
        "top_year": int(years[top]),
        "low_year": int(years[low]),
        "first": float(value[0]),
        "last": float(value[-1]),
    }
    rule = "turns_twice" if peak and trough else "peak" if peak else "trough"
    yield Finding(f"autocorrelation.{rule}", variable, says)


def few(statistics: xr.Dataset, inside: xr.Dataset | None, names: Labels) -> Iterator[Finding]:
    """Whether few regions make the normal p rough, in all or within groups.

    Parameters
    ----------
    statistics
        ``n``, the number of regions.
    inside
        ``n`` ``(group)``; None where there are no statistics of groups.
    names
        What readers call things.
    """
    n = int(statistics["n"].max())
    if n < LIMITS["few"]:
        yield Finding("autocorrelation.few", "", {"n": n, "few": LIMITS["few"]})
    elif inside is not None:
        small = [
            names.group(g)
            for g, size in zip(inside["group"].to_numpy(), inside["n"].to_numpy(), strict=True)
            if size < LIMITS["few"]
        ]
        if small:
            yield Finding("autocorrelation.within_few", "", {"groups": listing(small), "few": LIMITS["few"]})


def disagreement(told: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Years in which the normal p and that of permutations disagree about significance.

    Parameters
    ----------
    told
        ``p_value`` and ``p_sim`` ``(year)``.
    variable
        What it is of.
    names
        What readers call things.
    """
    normal, drawn = told["p_value"].to_numpy(), told["p_sim"].to_numpy()
    both = np.isfinite(normal) & np.isfinite(drawn)
    apart = both & ((normal < LIMITS["level"]) != (drawn < LIMITS["level"]))
    if apart.any():
        years = told["year"].to_numpy()
        says = {"variable": names.variable(variable), "years": _spans(apart, years), "level": LIMITS["level"]}
        yield Finding(
            "autocorrelation.tests_disagree", variable, says | {"count": int(apart.sum()), "of": int(both.sum())}
        )


def weights(told: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Whether several sets of spatial weights say the same in the last year.

    Parameters
    ----------
    told
        As in :func:`significance`, ``(neighbours, year)``.
    variable
        What it is of.
    names
        What readers call things.
    """
    last = told.isel(year=-1)
    last = last.isel(neighbours=np.isfinite(last["statistic"].to_numpy()))
    if last.sizes["neighbours"] < 2:
        return
    signs = [int(_signs(last.isel(neighbours=i).expand_dims("year"))[0]) for i in range(last.sizes["neighbours"])]
    value = last["statistic"].to_numpy()
    labels = tuple(valued(w, printed(i, ".3f")) for w, i in zip(last["neighbours"].to_numpy(), value, strict=True))
    says = {"variable": names.variable(variable), "year": int(last["year"]), "weights": listing(labels)}
    rule = "weights_agree" if len(set(signs)) == 1 else "weights_disagree"
    yield Finding(f"autocorrelation.{rule}", variable, says | {"significant": sum(s != 0 for s in signs)})


def within(told: xr.Dataset, variable: str, names: Labels) -> Iterator[Finding]:
    """Groups within which Moran's I is significant in the last year; permutations decide where regions are few.

    Parameters
    ----------
    told
        As in :func:`significance`, ``(group, year)``, with ``few`` ``(group)``.
    variable
        What it is of.
    names
        What readers call things.
    """
    last = told.isel(year=-1)
    rows = []
    for group in map(str, last["group"].to_numpy()):
        one = last.sel(group=group)
        normal, drawn = float(one["p_value"]), float(one["p_sim"])
        p = drawn if np.isfinite(drawn) and (bool(one["few"]) or not np.isfinite(normal)) else normal
        if np.isfinite(p):
            rows.append((group, float(one["statistic"]), p))
    if len(rows) < 2:
        return
    says: dict[str, Any] = {"variable": names.variable(variable), "year": int(last["year"]), "count": len(rows)}
    found = {g: f"I = {printed(i, '.3f')}" for g, i, p in rows if p < LIMITS["level"]}
    rule = "within_some" if found else "within_none"
    groups = names.grouped([*found], [*found.values()]) if found else ""
    yield Finding(f"autocorrelation.{rule}", variable, says | {"groups": groups})


def pairs(told: xr.Dataset, names: Labels) -> Iterator[Finding]:
    """What Moran's I of a variable and another's lag shows.

    Parameters
    ----------
    told
        As in :func:`significance`, ``(variable, year)``, with the coordinate ``lagged`` along ``variable``.
    names
        What readers call things.
    """
    for i, (variable, lagged) in enumerate(zip(told["variable"].to_numpy(), told["lagged"].to_numpy(), strict=True)):
        one = told.isel(variable=i)
        sign, known = _signs(one), np.isfinite(_p(one))
        if not known.any():
            continue
        high, low = int((sign > 0).sum()), int((sign < 0).sum())
        ends = one.isel(year=np.flatnonzero(known)[[0, -1]])
        years = ends["year"].to_numpy()
        says: dict[str, Any] = {"variable": names.variable(str(variable)), "lagged": names.variable(str(lagged))}
        says |= {"count": int(known.sum()), "first_year": int(years[0]), "year": int(years[-1])}
        says |= dict(zip(("first", "I"), map(float, ends["statistic"].to_numpy()), strict=True))
        rule = "pair_none" if not high and not low else "pair_both_signs" if high and low else ""
        rule = rule or f"pair_{'positive' if high else 'negative'}{'' if len(set(years)) > 1 else '_year'}"
        yield Finding(f"autocorrelation.{rule}", str(variable), says | {"positive": high, "negative": low})


def other(told: xr.Dataset, name: str, names: Labels) -> Iterator[Finding]:
    """What Geary's c or Getis and Ord's G shows in the last year.

    Parameters
    ----------
    told
        As in :func:`significance`, ``(variable, year)``.
    name
        ``geary`` or ``getis``.
    names
        What readers call things.
    """
    for variable in map(str, told["variable"].to_numpy()):
        one = told.sel(variable=variable).isel(year=[-1])
        p = float(_p(one)[0])
        if not np.isfinite(p):
            continue
        rule = {1: "above", 0: "none", -1: "below"}[int(_signs(one)[0])]
        yield Finding(f"autocorrelation.{name}_{rule}", variable, {"variable": names.variable(variable), **_of(one)})


def _p(told: xr.Dataset) -> NDArray[np.float64]:
    """The normal p, or where it is missing that of permutations."""
    p: NDArray[np.float64] = told["p_value"].fillna(told["p_sim"]).to_numpy()
    return p


def _signs(told: xr.Dataset) -> NDArray[np.int64]:
    """1 where a statistic is significantly above what chance lets expect, −1 below, 0 where it is not significant."""
    above = np.sign((told["statistic"] - told["expected"]).to_numpy())
    return np.where(_p(told) < LIMITS["level"], above, 0.0).astype(np.int64)


def _spans(chosen: NDArray[np.bool_], years: NDArray[Any]) -> str:
    """Years that are chosen, in words."""
    return spans([int(y) for y in years[chosen]], [int(y) for y in years])


def _sd(told: xr.Dataset) -> float:
    """Mean over the first and the last year of the standard deviation without autocorrelation; NaN where missing."""
    return float(told["sd"].isel(year=[0, -1]).mean(skipna=False))


def _of(told: xr.Dataset) -> dict[str, Any]:
    """Year, value, expectation and p of one year."""
    one = told.squeeze()
    p = float(np.squeeze(_p(one)))
    return {"year": int(one["year"]), "I": float(one["statistic"]), "expected": float(one["expected"]), "p": p}
