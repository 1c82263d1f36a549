"""How high the mean of all regions is, how fast it grew, and the course it took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.report.findings.finding import Finding, Labels, apart
from ouhe.results.groups import NATION
from ouhe.results.measured import Measured

__all__ = ["LIMITS", "find", "level"]

#: `change`: smallest relative change, first to last year, that is called one. `turn`: how far a highest or lowest year
#: inside the period stands out from both ends, as a share of the largest absolute value. `most`: smallest share of
#: steps in the direction of the change for which it is called prevailing. `pace`: difference of annual growth between
#: both halves. `ahead`: how far the growth factor of the fastest step exceeds that of the average year.
LIMITS: Mapping[str, Any] = {"change": 0.02, "turn": 0.05, "most": 2 / 3, "pace": 0.01, "ahead": 0.01}


def find(results: Measured) -> Iterator[Finding]:
    """Findings on every variable."""
    yield from level(results.groups.means.sel(group=NATION, drop=True), Labels.of(results))


def level(means: xr.DataArray, names: Labels) -> Iterator[Finding]:
    """Level, growth and course of means by year; years without a mean are told and left out.

    Parameters
    ----------
    means
        Mean over all regions ``(variable, year)``.
    names
        What readers call things.

    Examples
    --------
    >>> from ouhe import text
    >>> from ouhe.report.findings.finding import sentence
    >>> means = xr.DataArray([[0.2, 0.3]], {"variable": ["D"], "year": [2010, 2012]}, ("variable", "year"))
    >>> with text.use("en"):
    ...     [found] = level(means, Labels())
    ...     print(sentence(found).split(";")[0])
    The mean of the coordination degree over all regions rose from 0.200 in 2010 to 0.300 in 2012, by 0.100 or 50.0%
    """
    every_year = means["year"].to_numpy().astype(int)
    for variable in map(str, means["variable"].to_numpy()):
        values = means.sel(variable=variable).to_numpy().astype(float)
        known = ~np.isnan(values)
        name = {"variable": names.variable(variable)}
        if known.any() and not known.all():
            yield Finding("levels.incomplete", variable, name | {"missing": int((~known).sum()), "years": known.size})
        found = _of_one(every_year[known], values[known])
        yield from (Finding(f"levels.{rule}", variable, name | says) for rule, says in found)


def _of_one(years: NDArray[Any], values: NDArray[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if len(values) == 1:
        yield "level", {"year": int(years[0]), "value": float(values[0])}
    if len(values) < 2:
        return
    direction = _direction(values[0], values[-1])
    yield _change(years, values, direction)
    if len(values) > 2:
        yield from _course(years, values, direction)
        if direction and min(values) > 0:
            yield from _pace(years, values, direction)


def _direction(first: float, last: float) -> int:
    """1 up, −1 down, 0 where the larger end is less than the threshold above the smaller."""
    small, large = sorted((first, last))
    changed = large >= small * (1 + LIMITS["change"]) if small > 0 else large > small
    return int(np.sign(last - first)) if changed else 0


def _change(years: NDArray[Any], values: NDArray[Any], direction: int) -> tuple[str, dict[str, Any]]:
    first, last = float(values[0]), float(values[-1])
    says = {"first": first, "last": last, "difference": apart(first, last), **_span(years)}
    if not direction:
        return "steady", says
    if min(first, last) <= 0:
        return ("gain" if direction > 0 else "loss"), says
    periods = int(years[-1] - years[0])
    growth = (last / first) ** (1 / periods) - 1
    says |= {"change": abs(last / first - 1), "growth": abs(growth), "periods": periods}
    return ("rise" if direction > 0 else "fall"), says


def _span(years: NDArray[Any]) -> dict[str, Any]:
    return {"first_year": int(years[0]), "last_year": int(years[-1])}


def _course(years: NDArray[Any], values: NDArray[Any], direction: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Turning points; without any, in how many steps the mean went the way it went in all."""
    turns = _turns(years, values)
    if turns:
        yield turns
        return
    steps = np.diff(values)
    up, down = int((steps > 0).sum()), int((steps < 0).sum())
    along = up if direction > 0 else down
    says = {"up": up, "down": down, "steps": len(steps), "along": along, **_span(years)}
    word = "rise" if direction > 0 else "fall"
    if direction and along == len(steps):
        yield f"every_{word}", says
    elif direction and along >= LIMITS["most"] * len(steps):
        yield f"mostly_{word}", says
    elif direction:
        yield "fluctuates", says


def _turns(years: NDArray[Any], values: NDArray[Any]) -> tuple[str, dict[str, Any]] | None:
    """Highest and lowest year where they lie inside the period and stand out from both its ends."""
    top, bottom = int(values.argmax()), int(values.argmin())
    first, last = float(values[0]), float(values[-1])
    least = LIMITS["turn"] * float(np.abs(values).max())
    peak = values[top] - max(first, last) >= least > 0
    trough = min(first, last) - values[bottom] >= least > 0
    high = {"high_year": int(years[top]), "high": float(values[top])}
    low = {"low_year": int(years[bottom]), "low": float(values[bottom])}
    if peak and trough:
        return "swings", high | low
    if peak:
        return "peak", high | {"distance": apart(float(values[top]), last), "last_year": int(years[-1])}
    if trough:
        return "trough", low | {"distance": apart(float(values[bottom]), last), "last_year": int(years[-1])}
    return None


def _pace(years: NDArray[Any], values: NDArray[Any], direction: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Growth in the first and the second half, and the single step that was fastest."""
    middle = (len(values) - 1) // 2
    if len(values) >= 5:
        early, late = _growth(years, values, 0, middle), _growth(years, values, middle, -1)
        if min(early, late) > 0 and abs(late - early) >= LIMITS["pace"]:
            halves = {"early": early, "late": late, "middle": int(years[middle]), **_span(years)}
            yield ("quickens" if late > early else "slows"), halves
    factors = (values[1:] / values[:-1]) ** (direction / np.diff(years))
    average = (values[-1] / values[0]) ** (direction / (years[-1] - years[0]))
    fastest = int(factors.argmax())
    if factors[fastest] >= average * (1 + LIMITS["ahead"]):
        growth = abs(_growth(years, values, fastest, fastest + 1))
        ends = {"before": int(years[fastest]), "year": int(years[fastest + 1]), "growth": growth}
        yield ("fastest" if direction > 0 else "steepest"), ends


def _growth(years: NDArray[Any], values: NDArray[Any], start: int, end: int) -> float:
    return float((values[end] / values[start]) ** (1 / (years[end] - years[start])) - 1)
