"""Least and most coupling, development and coordination that indices known to an interval can have."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ouhe.audit.interval import Interval

__all__ = ["FORMS", "geometric_mean", "implied_share", "least_and_most", "stretched", "weighted"]

Floats = NDArray[np.float64]

#: How far a bound that was searched may lie from the true one.
SEARCHED = 1e-7

#: Forms of C that a paper may name; ``unrooted`` is its k-th power, ``half`` lacks the factor k and is none.
FORMS = ("standard", "unrooted", "wang", "fan", "half")


def least_and_most(form: str, u: Sequence[Interval]) -> Interval:
    """Least and most coupling that indices in these intervals can have, by one of :data:`FORMS`.

    The least lies in a corner; the most where the indices are as near one another as they can be.
    """
    corners = [_degree(form, ends) for ends in itertools.product(*((x.low, x.high) for x in u))]
    ends = np.sort(np.stack([e for x in u for e in (x.low, x.high)]), axis=0)
    between = [(1 - f) * ends[:-1] + f * ends[1:] for f in (0.25, 0.5, 0.75)]
    near = [_degree(form, [np.clip(level, x.low, x.high) for x in u]) for level in np.concatenate([ends, *between])]
    return Interval(np.min(corners, axis=0) - SEARCHED, np.max([*corners, *near], axis=0) + SEARCHED)


def _degree(form: str, u: Sequence[Floats]) -> Floats:
    """Coupling of indices by one of its forms."""
    a = np.stack(u)
    k, mean = len(a), np.where(a.mean(axis=0) > 0, a.mean(axis=0), 1.0)
    standard = (a / mean).prod(axis=0) ** (1 / k)
    top = np.where(a.max(axis=0) > 0, a.max(axis=0), 1.0)
    gaps = np.sum([np.abs(x - y) for x, y in itertools.combinations(a, 2)], axis=0) / (k * (k - 1) / 2)
    found: dict[str, Floats] = {
        "standard": standard,
        "unrooted": standard**k,
        "half": standard / k,
        "fan": 1 - 2 * a.std(axis=0),
        "wang": np.sqrt(np.clip((1 - gaps) * (a / top).prod(axis=0) ** (1 / (k - 1)), 0, 1)),
    }
    return found[form]


def weighted(u: Sequence[Interval], shares: Sequence[float]) -> Interval:
    """Weighted sum of indices."""
    found = u[0] * shares[0]
    for x, a in zip(u[1:], shares[1:], strict=True):
        found = found + x * a
    return found


def geometric_mean(u: Sequence[Interval]) -> Interval:
    """Geometric mean of indices: C·T in the standard form with equal contributions, each index once."""
    found = u[0]
    for x in u[1:]:
        found = found * x
    return found ** (1 / len(u))


def implied_share(t: Interval, u: Sequence[Interval]) -> Interval | None:
    """Contribution of the first of two systems with which every T agrees; None where there is none."""
    if len(u) != 2:
        return None
    first, second = u
    least, most = 0.0, 1.0
    # a·low₁ + (1 − a)·low₂ ≤ T_high and a·high₁ + (1 − a)·high₂ ≥ T_low, each linear in a
    for slope, room in ((first.low - second.low, t.high - second.low), (second.high - first.high, second.high - t.low)):
        known = ~np.isnan(slope) & ~np.isnan(room)
        s, r = slope[known], room[known]
        if (r[s == 0] < 0).any():
            return None
        most = min([most, *(r[s > 0] / s[s > 0])])
        least = max([least, *(r[s < 0] / s[s < 0])])
    return Interval(float(least), float(most)) if least <= most else None


def stretched(u: Sequence[Interval]) -> list[Interval] | None:
    """Indices stretched to [0.01, 0.99] over the whole panel; None where their extremes are not known apart."""
    found = []
    for x in u:
        least, most = Interval(x.low.min(), x.high.min()), Interval(x.low.max(), x.high.max())
        if most.low <= least.high:
            return None
        found.append(((x - least) / (most - least) * 0.98 + 0.01).above(0.01).below(0.99))
    return found
