"""Weights against 1, and against the printed weights of their dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ouhe.audit.checks.outcome import Outcome, joined, nothing
from ouhe.audit.interval import Interval, total
from ouhe.audit.printed import Printed
from ouhe.audit.published import Published, Weight
from ouhe.audit.verdict import Certainty, Listed, Verdict
from ouhe.regions.names import name_key

__all__ = ["directions", "sums"]

#: Standard deviations of the rounding of a sum beyond which it hardly comes of rounding (once in ten million).
LIMITS = {"deviations": 5.0}


def sums(p: Published) -> Outcome:
    r"""Whether the weights of a system sum to 1, those of a dimension to its printed weight.

    .. math:: \sum_j w_j = 1, \quad \sum_{j \in d} w_j = W_d

    Rounding moves each weight by up to half a unit u, so a sum of m beyond m·u/2 is certain; beyond five standard
    deviations of a sum of even errors, 5·u·√(m/12), it is likely.
    """
    if not p.weights and not p.dimension_weights:
        return nothing("weights_none")
    return joined([*_systems(p), *_dimensions(p), *_of_dimensions(p)])


class _About(NamedTuple):
    """What a sum is of, and where it stands."""

    system: str
    dimension: str
    where: tuple[str, ...]


_ONE = Printed("1", 1.0, 0.0)


def _systems(p: Published) -> Iterator[Outcome]:
    """Sums over the systems; where all systems together sum to 1, weights were made over all of them."""
    held = {s: [w.weight for w in p.weights if w.system == s] for s in p.systems}
    held = {s: weights for s, weights in held.items() if weights}
    every = [w for weights in held.values() for w in weights]
    if len(held) > 1 and _certainty(every, 1.0) is None:
        yield Outcome(count=1, agreed=1)
        return
    for system, weights in held.items():
        where = next(w.where.rpartition(": ")[0] for w in p.weights if w.system == system)
        yield _compared("weights_sum", weights, _ONE, _About(system, "", (where,)))


def _dimensions(p: Published) -> Iterator[Outcome]:
    """Sums over the indicators of a dimension."""
    for whole in p.dimension_weights:
        parts = [w for w in p.weights if w.system == whole.system and _same(w, whole.dimension)]
        if parts:
            where = (whole.where, parts[0].where.rpartition(": ")[0])
            yield _compared(
                "weights_dimension",
                [w.weight for w in parts],
                whole.weight,
                _About(whole.system, whole.dimension, where),
            )


def _of_dimensions(p: Published) -> Iterator[Outcome]:
    """Sums over the printed weights of dimensions, where all dimensions of the system have one."""
    for system in p.systems:
        parts = [d for d in p.dimension_weights if d.system == system]
        named = {name_key(w.dimension) for w in p.weights if w.system == system and w.dimension}
        if len(parts) > 1 and named <= {name_key(d.dimension) for d in parts}:
            where = tuple(dict.fromkeys(d.where for d in parts))
            about = _About(system, "", where)
            yield _compared("weights_dimensions_sum", [d.weight for d in parts], _ONE, about)


def _same(weight: Weight, dimension: str) -> bool:
    return name_key(weight.dimension) == name_key(dimension)


def _certainty(parts: Sequence[Printed], whole: Printed | float) -> Certainty | None:
    """How sure it is that the parts do not sum to the whole; None where they may."""
    found = total(w.interval for w in parts)
    target = whole.interval if isinstance(whole, Printed) else Interval(whole, whole)
    if found.apart(target):
        return "certain"
    value = whole.value if isinstance(whole, Printed) else whole
    errors = [w.unit for w in parts] + ([whole.unit] if isinstance(whole, Printed) else [])
    spread = LIMITS["deviations"] * math.sqrt(sum(u * u for u in errors) / 12)
    return "likely" if abs(math.fsum(w.value for w in parts) - value) > spread + 1e-12 else None


def _compared(kind: str, parts: Sequence[Printed], whole: Printed, about: _About) -> Outcome:
    certainty = _certainty(parts, whole)
    if certainty is None:
        return Outcome(count=1, agreed=1)
    found = total(w.interval for w in parts)
    places = max(w.decimals + (2 if w.percent else 0) for w in parts)
    value = math.fsum(w.value for w in parts)
    lines = (
        " + ".join(w.text for w in parts) + f" = {value:.{places}f}",
        f"Σ ∈ {found.shown(decimals=places + 1)} {'∌' if certainty == 'certain' else '∋'} {whole.text}",
    )
    says = {
        "system": about.system,
        "dimension": about.dimension,
        "sum": f"{value:.{places}f}",
        "whole": whole.text,
        "count": len(parts),
    }
    return Outcome((Verdict("weights", kind, certainty, about.where, (about.system,), says, lines),), 1, 0)


def directions(p: Published) -> Outcome:
    r"""Whether indicators reversed before entropy weighting have weights as reversed indicators do.

    Most quantities are skewed, a few regions far above the rest. Reversed, most values lie near 1 and the entropy is
    near its greatest, so the weight is small; above the even share 1/m it asks whether the direction was applied.
    """
    if p.formulas.weights != "entropy":
        return nothing("directions_none")
    negative = [w for w in p.weights if w.direction == "-"]
    if not negative:
        return nothing("directions_no_negative")
    held = []
    for system in p.systems:
        own = [w for w in p.weights if w.system == system]
        large = [w for w in negative if w.system == system and w.weight.interval.low > 1.0 / len(own)]
        if large:
            kind = "directions_assigned" if any(w.assigned for w in large) else "directions_large"
            lines = tuple(f"{w.indicator} (−): {w.weight.text} > 1/{len(own)} = {1 / len(own):.4f}" for w in large)
            names = Listed.of(f"{w.indicator} {w.weight.text}" for w in large)
            says = {"system": system, "indicators": names, "count": len(own), "share": f"{1 / len(own):.3f}"}
            where = tuple(dict.fromkeys(w.where.rpartition(": ")[0] for w in large))
            held.append(Verdict("directions", kind, "question", where, (system,), says, lines))
    asked = sum(len(v.arithmetic) for v in held)
    return Outcome(tuple(held), len(negative), len(negative) - asked)
