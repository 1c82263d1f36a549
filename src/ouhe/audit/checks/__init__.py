"""The checks, by name, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ouhe.audit.checks import (
    averages,
    coupled,
    entropy,
    ranges,
    rates,
    recomputed,
    repeated,
    shares,
    significance,
    spatial,
    weights,
    words,
)
from ouhe.audit.checks.outcome import Outcome
from ouhe.audit.published import Published

__all__ = ["CHECKS", "Outcome"]

#: Name → check; ``audit_checks.NAME`` is what readers call it.
CHECKS: Mapping[str, Callable[[Published], Outcome]] = {
    "weights": weights.sums,
    "directions": weights.directions,
    "denominator": entropy.denominator,
    "index": shares.index,
    "growth": rates.growth,
    "means": averages.means,
    "in_range": ranges.in_range,
    "coupling": coupled.coupling,
    "development": coupled.development,
    "coordination": coupled.coordination,
    "bound": averages.bound,
    "classes": words.classes,
    "lags": words.lags,
    "ranks": words.ranks,
    "p_values": significance.p_values,
    "stars": significance.stars,
    "expectations": spatial.expectations,
    "deviations": spatial.deviations,
    "recomputed": recomputed.recomputed,
    "repeated": repeated.repeated,
}
