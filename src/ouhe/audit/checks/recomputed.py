"""Moran's I and z computed again from the printed values, within what their rounding allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ouhe.audit.checks.outcome import MOST_LINES, Outcome, nothing
from ouhe.audit.checks.spatial import Moments
from ouhe.audit.interval import Interval
from ouhe.audit.published import MoranRow, MoranTable, Published
from ouhe.audit.verdict import Listed, Verdict
from ouhe.neighbours import Neighbours

__all__ = ["recomputed"]

Floats = NDArray[np.float64]

#: Share of the rows that must follow a matrix the paper does not name; the largest share of the spread that a half unit
#: may be, so that terms of second order are small, and by how much what is left of them widens the bound.
LIMITS = {"share": 0.75, "rounding": 0.05, "second_order": 1.2, "regions": 400}


@dataclass(frozen=True, slots=True)
class _Again:
    """A row computed again with one matrix: its I, z under randomisation and under normality, and the t of a slope."""

    statistic: Interval
    z: tuple[Interval, ...]
    t: Interval


def recomputed(p: Published) -> Outcome:
    """Whether I and z are those of the values that are printed for the same variable and year."""
    pairs = [(t, r, x) for t in p.morans for r in t.rows if (x := _values(r, p)) is not None]
    if not pairs or not p.matrices:
        return nothing("recomputed_none")
    again = {name: [_again(x, w) for *_, x in pairs] for name, w in p.matrices.items()}
    wrong = {
        name: [i for i, (t, r, _) in enumerate(pairs) if not _agree(t, r, found[i])] for name, found in again.items()
    }
    name = min(wrong, key=lambda n: len(wrong[n]))
    agreed = len(pairs) - len(wrong[name])
    if not p.matrix_named and agreed < LIMITS["share"] * len(pairs):
        return nothing("recomputed_no_matrix")
    held = []
    for variable in dict.fromkeys(pairs[i][1].variable for i in wrong[name]):
        own = [i for i in wrong[name] if pairs[i][1].variable == variable]
        rows = [pairs[i][1] for i in own]
        lines = tuple(_line(pairs[i][1], again[name][i]) for i in own[:MOST_LINES])
        total = sum(r.variable == variable for _, r, _ in pairs)
        years = Listed.of(r.year or variable for r in rows[:MOST_LINES])
        says = {"variable": variable, "matrix": name, "count": len(own), "total": total, "cells": years}
        where = tuple(dict.fromkeys(r.where for r in rows[:MOST_LINES]))
        slopes = all(_is_slope(pairs[i][1], again[name][i]) for i in own)
        kind = "recomputed_slope" if slopes else "recomputed_wrong"
        held.append(Verdict("recomputed", kind, "likely", where, (variable,), says, lines))
    return Outcome(tuple(held), len(pairs), agreed)


def _values(row: MoranRow, p: Published) -> Interval | None:
    """Printed values of all regions, in the order of the matrices."""
    if row.variable not in p.grid or not row.year.isdigit() or int(row.year) not in p.grid.years:
        return None
    if len(p.grid.regions) != p.count or p.count > LIMITS["regions"] or p.count < 4 or not p.matrices:
        return None
    t = p.grid.years.index(int(row.year))
    x = p.grid.values[row.variable].take((slice(None), t))
    order = [p.grid.regions.index(r) for r in next(iter(p.matrices.values())).regions]
    x = x.take(order)
    if np.isnan(x.low).any():
        return None
    spread = float(np.std(x.middle))
    return x if spread > 0 and float((x.high - x.low).max()) / 2 < LIMITS["rounding"] * spread else None


def _statistics(values: Floats, w: Neighbours, m: Moments) -> Floats:
    """I, z under randomisation and under normality, and t of the lag's regression on the value, of every column."""
    n, z = len(values), values - values.mean(axis=0)
    squares = (z * z).sum(axis=0)
    lag = w.matrix @ z
    slope = (z * lag).sum(axis=0) / squares
    i = n / w.sums.s0 * slope
    b2 = n * (z**4).sum(axis=0) / squares**2
    away = i + 1 / (n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.square(lag - lag.mean(axis=0)).sum(axis=0) - slope**2 * squares
        t = slope / np.sqrt(left / (n - 2) / squares)
        return np.stack([i, away / np.sqrt(m.even - m.peaked * b2), away / np.sqrt(np.full_like(b2, m.normal)), t])


def _again(x: Interval, w: Neighbours) -> _Again:
    """Statistics of the middle values, give or take the sum of what each value can move them by."""
    middle, half = x.middle, (x.high - x.low) / 2
    moved = np.concatenate([middle[:, None], middle[:, None] + np.diag(half)], axis=1)
    found = _statistics(moved, w, Moments.of(w))
    slack = LIMITS["second_order"] * np.abs(found[:, 1:] - found[:, :1]).sum(axis=1)
    ends = [Interval(float(v - s), float(v + s)) for v, s in zip(found[:, 0], slack, strict=True)]
    return _Again(ends[0], tuple(ends[1:3]), ends[3])


def _agree(table: MoranTable, row: MoranRow, found: _Again) -> bool:
    if row.statistic is not None and row.statistic.interval.apart(found.statistic):
        return False
    allowed = {"randomisation": found.z[:1], "normality": found.z[1:], None: found.z}[table.variance]
    return row.z is None or any(row.z.interval.meets(z) for z in allowed)


def _is_slope(row: MoranRow, found: _Again) -> bool:
    """Whether I agrees and z is the t of the slope in Moran's scatter plot."""
    agrees = row.statistic is not None and not row.statistic.interval.apart(found.statistic)
    return agrees and row.z is not None and bool(row.z.interval.meets(found.t))


def _line(row: MoranRow, found: _Again) -> str:
    parts = []
    if row.statistic is not None:
        sign = "∌" if row.statistic.interval.apart(found.statistic) else "∋"
        parts.append(f"I ∈ {found.statistic.shown(decimals=4)} {sign} {row.statistic.text}")
    if row.z is not None:
        sign = "∋" if any(row.z.interval.meets(z) for z in found.z) else "∌"
        slope = f"; t ∈ {found.t.shown()} ∋ {row.z.text}" if sign == "∌" and row.z.interval.meets(found.t) else ""
        parts.append(f"z ∈ {found.z[0].shown()} (R), {found.z[1].shown()} (N) {sign} {row.z.text}{slope}")
    return f"{row.name}: " + "; ".join(parts)
