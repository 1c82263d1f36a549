"""The entropy's denominator: as printed, and as the printed weights and raw data say."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ouhe.audit.checks.outcome import MOST_LINES, Outcome, joined, nothing
from ouhe.audit.published import Published, Weight
from ouhe.audit.verdict import Certainty, Listed, Verdict

__all__ = ["denominator"]

Floats = NDArray[np.float64]

#: How far a weight computed from raw data may lie outside the printed interval, for sums of entropies as given.
LIMITS = {"slack": 1e-9, "share": 0.8}


def denominator(p: Published) -> Outcome:
    r"""Whether the entropies can lie in [0, 1], and whether the printed weights are those of the raw data.

    .. math:: E_j = -\frac{1}{K} \sum_{t,i} p_{tij} \ln p_{tij}

    Over nT cells the sum reaches ln(nT); with K = ln n an even indicator has E = ln(nT)/ln n > 1.
    """
    parts = [o for o in (_formula(p), _raw(p)) if o.count or o.reasons]
    return joined(parts) if parts else nothing("denominator_none")


def _divisors(p: Published) -> dict[str, float]:
    n, years = p.count, len(p.years)
    return {"ln nT": math.log(n * years), "ln n": math.log(n), "ln T": math.log(years)}


def _formula(p: Published) -> Outcome:
    """The printed denominator against the greatest entropy over all cells."""
    printed = p.formulas.entropy_divisor
    if printed is None or len(p.years) < 2:
        return Outcome()
    if printed == "ln nT":
        return Outcome(count=1, agreed=1)
    n, years, divisor = p.count, len(p.years), _divisors(p)[printed]
    most = math.log(n * years) / divisor
    says = {"divisor": printed, "cells": n * years, "regions": n, "years": years, "most": f"{most:.2f}"}
    inside = str(n) if printed == "ln n" else str(years)
    lines = (f"max E = ln({n}×{years})/ln({inside}) = {math.log(n * years):.3f}/{divisor:.3f} = {most:.3f} > 1",)
    return Outcome((Verdict("denominator", "divisor_formula", "certain", (), ("E",), says, lines),), 1, 0)


def _raw(p: Published) -> Outcome:
    """Weights computed again from raw data with every denominator, against the printed ones."""
    if p.raw is None or p.formulas.weights == "other":
        return Outcome()
    return joined(_system(s, [w for w in p.weights if w.system == s], p) for s in p.systems)


def _system(system: str, own: Sequence[Weight], p: Published) -> Outcome:
    if len(own) < 2 or p.raw is None:
        return Outcome()
    sums = np.array([_entropy(p.raw[w.indicator].to_numpy(float), w.direction) for w in own])
    if np.isnan(sums).any():
        return nothing("raw_never_varies", system=system)
    printed = (p.formulas.entropy_divisor if len(p.years) > 1 else None) or "ln nT"
    low, high = (np.array([getattr(w.weight.interval, end) for w in own]) for end in ("low", "high"))
    fits = {name: _fit(_weights(sums, k), low, high) for name, k in _divisors(p).items() if k > 0}
    if fits[printed].all():
        return Outcome(count=len(own), agreed=len(own))
    other = max(fits, key=lambda name: int(fits[name].sum()))
    agreed = int(fits[printed].sum())
    if fits[other].all():
        return Outcome((_other(own, sums, other, p),), len(own), agreed)
    turned = _turned(own, low, high, p, printed)
    if turned is not None:
        return Outcome((_turned_verdict(system, turned, own, p),), len(own), agreed)
    return Outcome((_unlike(own, sums, fits[other], other, p),), len(own), agreed)


def _entropy(x: Floats, direction: str) -> float:
    r"""−Σ p ln p of an indicator after min-max over all cells."""
    span = np.ptp(x)
    if not span > 0:
        return math.nan
    y = (x.max() - x) / span if direction == "-" else (x - x.min()) / span
    share = y[y > 0] / y.sum()
    return float(-(share * np.log(share)).sum())


def _weights(sums: Floats, divisor: float) -> Floats:
    rest = 1 - sums / divisor
    found: Floats = rest / rest.sum()
    return found


def _fit(found: Floats, low: Floats, high: Floats) -> NDArray[np.bool_]:
    return (found >= low - LIMITS["slack"]) & (found <= high + LIMITS["slack"])


def _compared(own: Sequence[Weight], found: Floats, name: str, which: Sequence[int]) -> tuple[str, ...]:
    return tuple(f"{own[j].indicator}: w({name}) = {found[j]:.5f}; {own[j].weight.text}" for j in which[:MOST_LINES])


def _other(own: Sequence[Weight], sums: Floats, other: str, p: Published) -> Verdict:
    """The printed weights are those of another denominator."""
    divisors, printed, system = _divisors(p), p.formulas.entropy_divisor or "ln nT", own[0].system
    due, found = _weights(sums, divisors[printed]), _weights(sums, divisors[other])
    worst = [int(j) for j in np.argsort(-np.abs(due - found))]
    lines = _compared(own, due, printed, worst[:3]) + _compared(own, found, other, worst[:3])
    says = {"system": system, "printed": printed, "other": other}
    where = (own[0].where.rpartition(": ")[0], p.raw_where)
    kind = "divisor_other" if p.formulas.entropy_divisor else "divisor_found"
    return Verdict("denominator", kind, "certain", where, (system,), says, lines)


def _turned(own: Sequence[Weight], low: Floats, high: Floats, p: Published, printed: str) -> list[int] | None:
    """Indicators, one or all reversed ones, with which the weights agree once their direction is turned."""
    assert p.raw is not None
    swap = {"+": "-", "-": "+", "": "-"}
    negative = [j for j, w in enumerate(own) if w.direction == "-"]
    for some in [[j] for j in range(len(own))] + ([negative] if len(negative) > 1 else []):
        ways = [swap[w.direction] if j in some else w.direction for j, w in enumerate(own)]
        sums = np.array([_entropy(p.raw[w.indicator].to_numpy(float), way) for w, way in zip(own, ways, strict=True)])
        if _fit(_weights(sums, _divisors(p)[printed]), low, high).all():
            return some
    return None


def _turned_verdict(system: str, turned: Sequence[int], own: Sequence[Weight], p: Published) -> Verdict:
    says = {"system": system, "indicators": Listed.of(own[j].indicator for j in turned)}
    where = (own[0].where.rpartition(": ")[0], p.raw_where)
    lines = tuple(
        f"{own[j].indicator}: {own[j].direction or '+'} → {'+' if own[j].direction == '-' else '−'}" for j in turned
    )
    return Verdict("denominator", "direction_turned", "likely", where, (system,), says, lines)


def _unlike(own: Sequence[Weight], sums: Floats, fit: NDArray[np.bool_], name: str, p: Published) -> Verdict:
    """The printed weights are not those of the raw data: some of them, or most."""
    system = own[0].system
    found = _weights(sums, _divisors(p)[name])
    wrong = [int(j) for j in np.flatnonzero(~fit)]
    few = len(wrong) <= (1 - LIMITS["share"]) * len(own) or len(wrong) == 1
    says = {"system": system, "divisor": name, "count": len(wrong), "total": len(own),
            "indicators": Listed.of(own[j].indicator for j in wrong[:MOST_LINES])}  # fmt: skip
    certainty: Certainty = "likely" if few else "question"
    where = (own[0].where.rpartition(": ")[0], p.raw_where)
    kind = "weights_few_unlike" if few else "weights_unlike_raw"
    return Verdict("denominator", kind, certainty, where, (system,), says, _compared(own, found, name, wrong))
