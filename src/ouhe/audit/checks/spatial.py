"""z against I: the standard deviation and the kurtosis that they imply, and which spatial weights can have both."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ouhe.audit.checks.outcome import MOST_LINES, Outcome, joined, nothing
from ouhe.audit.interval import Interval
from ouhe.audit.published import MoranRow, MoranTable, Published
from ouhe.audit.verdict import Certainty, Listed, Verdict
from ouhe.neighbours import Neighbours

__all__ = ["Moments", "deviations", "expectations"]

#: A row stands out where its standard deviation is so many times that of both rows beside it, which are this alike.
LIMITS = {"times": 1.6, "alike": 1.15, "rows": 5, "share": 0.75}


@dataclass(frozen=True, slots=True)
class Moments:
    """Variance of Moran's I under randomisation, ``even − peaked·b₂``, and under normality, for one matrix."""

    even: float
    peaked: float
    normal: float
    most: float

    @classmethod
    def of(cls, w: Neighbours) -> Moments:
        """Moments of spatial weights (Cliff & Ord 1981); missing for fewer than four regions."""
        n, (s0, s1, s2) = len(w.regions), w.sums
        if n < 4:
            return cls(*[math.nan] * 4)
        e2, unit = 1 / (n - 1) ** 2, (n - 1) * (n - 2) * (n - 3) * s0 * s0
        even = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0 * s0) / unit - e2
        peaked = ((n * n - n) * s1 - 2 * n * s2 + 6 * s0 * s0) / unit
        normal = (n * n * s1 - n * s2 + 3 * s0 * s0) / ((n * n - 1) * s0 * s0) - e2
        return cls(even, peaked, normal, n - 2 + 1 / (n - 1))

    def kurtosis(self, sd: Interval) -> Interval | None:
        """Kurtosis of n values with which I has this standard deviation; None where no values have it."""
        if abs(self.peaked) < 1e-12 or math.isnan(self.peaked):
            return None
        return ((self.even - sd * sd) / self.peaked).meet(Interval(1.0, self.most))

    def normally(self, sd: Interval) -> bool:
        """Whether it is the standard deviation under normality."""
        return self.normal > 0 and math.sqrt(self.normal) in Interval(sd.low * (1 - 1e-12), sd.high * (1 + 1e-12))


def expectations(p: Published) -> Outcome:
    r"""Whether z has the sign of I − E, and a printed E is :math:`-1/(n-1)`."""
    rows = [r for t in p.morans for r in t.rows if r.statistic and (r.z or r.expected or r.sd)]
    if not rows:
        return nothing("expectations_none")
    held = [v for r in rows if (v := _expected(r, p))]
    held += [v for r in rows if (v := _sign(r, p) or _quotient(r, p))]
    wrong = {v.where for v in held}
    return Outcome(tuple(held), len(rows), len(rows) - len(wrong))


def _e(row: MoranRow, p: Published) -> Interval:
    return row.expected.interval if row.expected else Interval(*[-1 / (p.count - 1)] * 2)


def _expected(row: MoranRow, p: Published) -> Verdict | None:
    due = -1 / (p.count - 1)
    if row.expected is None or not row.expected.interval.apart(due):
        return None
    says = {"row": row.name, "printed": row.expected.text, "expected": f"{due:.4f}", "count": p.count}
    implied = 1 - 1 / row.expected.value if row.expected.value else math.inf
    lines = (f"E = −1/({p.count} − 1) = {due:.5f} ≠ {row.expected.text}; n = 1 − 1/E = {implied:.1f}",)
    return Verdict("expectations", "expected_wrong", "certain", (row.where,), (row.variable, row.year), says, lines)


def _sign(row: MoranRow, p: Published) -> Verdict | None:
    if row.statistic is None or row.z is None:
        return None
    away, z = row.statistic.interval - _e(row, p), row.z.interval
    if not ((away.low > 0 and z.high < 0) or (away.high < 0 and z.low > 0)):
        return None
    says = {"row": row.name, "I": row.statistic.text, "z": row.z.text}
    lines = (f"I − E = {row.statistic.text} − ({_e(row, p).middle:.4f}) ∈ {away.shown(decimals=4)}; z = {row.z.text}",)
    return Verdict("expectations", "sign_wrong", "certain", (row.where,), (row.variable, row.year), says, lines)


def _quotient(row: MoranRow, p: Published) -> Verdict | None:
    """Z that is not (I − E)/sd of the printed sd."""
    if row.statistic is None or row.z is None or row.sd is None:
        return None
    found = (row.statistic.interval - _e(row, p)) / row.sd.interval
    if not found.apart(row.z.interval):
        return None
    says = {"row": row.name, "I": row.statistic.text, "z": row.z.text, "sd": row.sd.text}
    lines = (f"({row.statistic.text} − E)/{row.sd.text} ∈ {found.shown()} ∌ {row.z.text}",)
    return Verdict("expectations", "quotient_wrong", "certain", (row.where,), (row.variable, row.year), says, lines)


@dataclass(frozen=True, slots=True)
class _Series:
    """Rows of a variable whose I and z imply a standard deviation, and these."""

    variable: str
    table: MoranTable
    rows: tuple[MoranRow, ...]
    sd: tuple[Interval, ...]


def deviations(p: Published) -> Outcome:
    r"""Which spatial weights can have given z, whatever the values.

    .. math:: \mathrm{sd} = \frac{I - E}{z}, \quad \mathrm{Var}(I) = a - c\,b_2

    with a and c from the weights alone, and the kurtosis b₂ of n values between 1 and n − 2 + 1/(n − 1).
    """
    series = list(_series(p)) if p.count >= 4 else []
    if not series:
        return nothing("deviations_none")
    count = sum(len(s.rows) for s in series)
    held = [v for s in series for v in _outlying(s)] if p.count >= 20 else []
    if not p.matrices:
        return Outcome(tuple(held), count, count - len(held), nothing("deviations_no_matrix").reasons)
    moments = {name: Moments.of(w) for name, w in p.matrices.items()}
    if p.matrix_named:
        outcome = joined(_under(s, next(iter(moments.items()))) for s in series)
        told = {v.where for v in outcome.verdicts}
        return Outcome((*outcome.verdicts, *(v for v in held if v.where not in told)), count, outcome.agreed)
    return Outcome((*held, _asked(series, moments)), count, count - len(held))


def _series(p: Published) -> Iterator[_Series]:
    for table in p.morans:
        for variable in dict.fromkeys(r.variable for r in table.rows):
            rows, sds = [], []
            for row in table.rows:
                if row.variable == variable and row.statistic and row.z and 0.0 not in row.z.interval:
                    sd = (row.statistic.interval - _e(row, p)) / row.z.interval
                    if sd.low > 0:
                        rows.append(row)
                        sds.append(sd)
            if rows:
                yield _Series(variable, table, tuple(rows), tuple(sds))


def _line(row: MoranRow, sd: Interval) -> str:
    assert row.statistic is not None
    assert row.z is not None
    return f"{row.name}: sd = ({row.statistic.text} − E)/{row.z.text} ∈ {sd.shown(decimals=4)}"


def _outlying(s: _Series) -> Iterator[Verdict]:
    """Rows whose standard deviation is unlike that of the rows before and behind, which are alike."""
    if len(s.rows) < LIMITS["rows"]:
        return
    for i in range(1, len(s.rows) - 1):
        before, own, after = s.sd[i - 1], s.sd[i], s.sd[i + 1]
        alike = max(before.high, after.high) / min(before.low, after.low) < LIMITS["alike"]
        far = own.low > LIMITS["times"] * max(before.high, after.high)
        near = own.high * LIMITS["times"] < min(before.low, after.low)
        if alike and (far or near):
            row = s.rows[i]
            assert row.z is not None
            says = {
                "row": row.name,
                "z": row.z.text,
                "sd": f"{own.middle:.3f}",
                "beside": f"{(before + after).middle / 2:.3f}",
            }
            lines = tuple(_line(s.rows[j], s.sd[j]) for j in (i - 1, i, i + 1))
            yield Verdict(
                "deviations", "deviation_outlying", "likely", (row.where,), (row.variable, row.year), says, lines
            )


def _possible(sd: Interval, m: Moments, s: _Series) -> bool:
    """Whether some values have this standard deviation with these weights."""
    if s.table.variance != "randomisation" and m.normally(sd):
        return True
    return s.table.variance != "normality" and m.kurtosis(sd) is not None


def _under(s: _Series, named: tuple[str, Moments]) -> Outcome:
    """Rows that no values give with the weights that the paper names."""
    name, m = named
    wrong = [i for i, sd in enumerate(s.sd) if not _possible(sd, m, s)]
    if not wrong or math.isnan(m.even):
        return Outcome(count=len(s.rows), agreed=len(s.rows))
    ends = sorted((max(m.even - m.peaked * b, 0.0)) ** 0.5 for b in (1.0, m.most))
    lines = [_line(s.rows[i], s.sd[i]) for i in wrong[:MOST_LINES]]
    lines.append(
        f"{name}: sd ∈ [{ends[0]:.4f}, {ends[1]:.4f}] (1 ≤ b₂ ≤ {m.most:.2f}); sd = {max(m.normal, 0) ** 0.5:.4f} (N)"
    )
    says = {"variable": s.variable, "matrix": name, "count": len(wrong), "total": len(s.rows),
            "cells": Listed.of(s.rows[i].year or s.variable for i in wrong[:MOST_LINES])}  # fmt: skip
    where = tuple(dict.fromkeys(s.rows[i].where for i in wrong)) if len(wrong) <= MOST_LINES else (s.table.where,)
    certainty: Certainty = "likely"
    verdict = Verdict("deviations", "deviation_impossible", certainty, where, (s.variable,), says, tuple(lines))
    return Outcome((verdict,), len(s.rows), len(s.rows) - len(wrong))


def _asked(series: Sequence[_Series], moments: dict[str, Moments]) -> Verdict:
    """The question which weights were used, with those that can have been."""
    lines, possible = [], []
    for s in series:
        least, most = min(x.low for x in s.sd), max(x.high for x in s.sd)
        lines.append(f"{s.variable}: sd = (I − E)/z ∈ {Interval(least, most).shown()}")
    for name, m in moments.items():
        fits = [[_possible(sd, m, s) for sd in s.sd] for s in series]
        if all(all(f) for f in fits):
            possible.append(name)
            lines.append(f"{name}: b₂ ∈ {_kurtosis(series, m)}")
        else:
            lines.append(f"{name}: {sum(map(sum, fits))}/{sum(map(len, fits))}")
    kind = "matrix_not_named" if possible else "matrix_unknown"
    says = {"possible": Listed.of(possible), "tried": Listed.of(moments)}
    where = tuple(dict.fromkeys(s.table.where for s in series))
    return Verdict("deviations", kind, "question", where, tuple(s.variable for s in series), says, tuple(lines))


def _kurtosis(series: Sequence[_Series], m: Moments) -> str:
    """Range of the kurtosis that the rows imply."""
    found = [b for s in series for sd in s.sd if (b := m.kurtosis(sd)) is not None]
    if not found:
        return "–"
    return f"{min(b.middle for b in found):.1f} … {max(b.middle for b in found):.1f}"
