"""p against z, and stars against p."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from ouhe.audit.checks.outcome import MOST_LINES, Outcome, joined, nothing
from ouhe.audit.interval import Interval
from ouhe.audit.published import MoranRow, MoranTable, Published
from ouhe.audit.verdict import Certainty, Verdict, Word

__all__ = ["p_values", "stars"]

#: Rows that must follow one side before a single other row is told as an error of its own.
LIMITS = {"rows": 5, "share": 0.75}

Side = Literal["two", "one"]

#: Usual meanings of stars: p up to which there is one, two, three.
SCHEMES = ((0.1, 0.05, 0.01), (0.05, 0.01, 0.001))


def p_values(p: Published) -> Outcome:
    r"""Whether every p is that of its z, one- or two-sided.

    .. math:: p = 2\,\Phi(-|z|), \quad p = \Phi(-|z|)

    The side is the one the paper names, else the one that more rows of the table follow.
    """
    held = [_table(t) for t in p.morans if any(r.z and r.p and _probability(r) for r in t.rows)]
    held += [_outside(r) for t in p.morans for r in t.rows if r.p and not _probability(r)]
    return joined(held) if held else nothing("p_values_none")


def _probability(row: MoranRow) -> bool:
    """Whether p can be a probability."""
    return row.p is None or row.p.interval.meets(Interval(0.0, 1.0))


def _outside(row: MoranRow) -> Outcome:
    """A p that no test gives."""
    assert row.p is not None
    lines = (f"{row.name}: p = {row.p.text} ∉ [0, 1]",)
    says = {"row": row.name, "p": row.p.text}
    return Outcome(
        (Verdict("p_values", "p_outside", "certain", (row.where,), (row.variable, row.year), says, lines),), 1, 0
    )


def _two(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))


def of_z(z: Interval, side: Side) -> Interval:
    """P of what z can have been."""
    far, near = max(abs(z.low), abs(z.high)), 0.0 if 0.0 in z else min(abs(z.low), abs(z.high))
    found = Interval(_two(far), _two(near))
    return found if side == "two" else found * 0.5


def _fits(row: MoranRow, side: Side) -> bool:
    assert row.z is not None
    assert row.p is not None
    return bool(of_z(row.z.interval, side).meets(row.p.interval))


def _table(table: MoranTable) -> Outcome:
    rows = [r for r in table.rows if r.z and r.p and _probability(r)]
    counts = {side: sum(_fits(r, side) for r in rows) for side in _SIDES}
    side: Side = table.sided or ("one" if counts["one"] > counts["two"] else "two")
    other: Side = "one" if side == "two" else "two"
    wrong = [r for r in rows if not _fits(r, side)]
    if not wrong:
        return Outcome(count=len(rows), agreed=len(rows))
    if counts[side] == 0 or (len(wrong) > 1 and counts[side] < LIMITS["share"] * len(rows)):
        return Outcome((_none(table, rows, side, counts),), len(rows), counts[side])
    sure = bool(table.sided) or counts[side] >= LIMITS["rows"]
    verdicts = tuple(_verdict(r, side, other, table, counts[side], sure=sure) for r in wrong)
    return Outcome(verdicts, len(rows), counts[side])


_SIDES: tuple[Side, Side] = ("two", "one")


def _verdict(row: MoranRow, side: Side, other: Side, table: MoranTable, count: int, *, sure: bool) -> Verdict:
    """One row whose p is not that of its z."""
    assert row.z is not None
    assert row.p is not None
    swapped = _fits(row, other)
    certainty: Certainty = "certain" if sure and (table.sided or not swapped) else "likely"
    should = of_z(row.z.interval, side)
    says = {
        "row": row.name, "z": row.z.text, "p": row.p.text, "implied": _p(should.middle), "count": count,
        "side": Word(f"audit_checks.side_{side}"), "other": Word(f"audit_checks.side_{other}"),
    }  # fmt: skip
    lines = [_line(row, side)]
    thresholds = table.stars or SCHEMES[0]
    if row.stars is not None and _possible(should, thresholds)[0] != row.stars:
        lines.append(f"p = {_p(should.middle)} → {'*' * _possible(should, thresholds)[0]} ≠ {'*' * row.stars}")
    kind = "p_other_side" if swapped else "p_not_of_z"
    return Verdict("p_values", kind, certainty, (row.where,), (row.variable, row.year), says, tuple(lines))


def _p(value: float) -> str:
    return f"{value:.4f}" if value >= 0.0001 else "<0.0001"


def _line(row: MoranRow, side: Side) -> str:
    assert row.z is not None
    assert row.p is not None
    formula = f"2Φ(−|{row.z.text}|)" if side == "two" else f"Φ(−|{row.z.text}|)"
    found = of_z(row.z.interval, side)
    sign = "∋" if found.meets(row.p.interval) else "∌"
    return f"{row.name}: {formula} ∈ {found.shown(decimals=5)} {sign} {row.p.text}"


def _none(table: MoranTable, rows: Sequence[MoranRow], side: Side, counts: Mapping[Side, int]) -> Verdict:
    """Most p do not follow from z: they are of another test."""
    wrong = [r for r in rows if not _fits(r, side)]
    says = {"count": len(wrong), "total": len(rows), "two": counts["two"], "one": counts["one"]}
    certainty: Certainty = "likely" if table.sided and counts["two"] + counts["one"] else "question"
    about = tuple(dict.fromkeys(r.variable for r in rows))
    lines = tuple(_line(r, side) for r in wrong[:MOST_LINES])
    return Verdict("p_values", "p_none", certainty, (table.where,), about, says, lines)


def stars(p: Published) -> Outcome:
    """Whether the stars are those of p: as the paper explains them, else as most rows of the table follow."""
    tables = [t for t in p.morans if any(r.stars is not None and (r.p or r.z) for r in t.rows)]
    if not tables:
        return nothing("stars_none")
    return joined(_starred(t) for t in tables)


def _possible(p: Interval, thresholds: Sequence[float]) -> tuple[int, int]:
    """Fewest and most stars that a p can have; at a threshold both."""
    return sum(t > p.high for t in thresholds), sum(t >= p.low for t in thresholds)


def _starred(table: MoranTable) -> Outcome:
    rows = [r for r in table.rows if r.stars is not None and (r.p or r.z)]
    known: dict[int, Interval] = {}
    for i, row in enumerate(rows):
        if row.p:
            known[i] = row.p.interval
        elif row.z:
            known[i] = of_z(row.z.interval, table.sided or "two")

    def wrong(thresholds: Sequence[float]) -> list[int]:
        ends = {i: _possible(p, thresholds) for i, p in known.items()}
        return [i for i, (least, most) in ends.items() if not least <= (rows[i].stars or 0) <= most]

    meaning = table.stars or min(SCHEMES, key=lambda s: len(wrong(s)))
    found = wrong(meaning)
    if len(found) > LIMITS["share"] * len(rows) and len(rows) > 2 and not table.stars:
        says = {"count": len(found), "total": len(rows)}
        about = tuple(dict.fromkeys(r.variable for r in rows))
        verdict = Verdict("stars", "stars_none_fit", "question", (table.where,), about, says)
        return Outcome((verdict,), len(rows), len(rows) - len(found))
    explain = _explained(meaning)
    return Outcome(
        tuple(_star_verdict(rows[i], known[i], meaning, explain, table) for i in found),
        len(rows),
        len(rows) - len(found),
    )


def _explained(meaning: Sequence[float]) -> str:
    used = (k for k, t in enumerate(meaning, start=1) if t not in meaning[k:])  # an unused number repeats the next
    return ", ".join(f"{'*' * k} p<{meaning[k - 1]:g}" for k in used)


def _star_verdict(row: MoranRow, p: Interval, meaning: Sequence[float], explain: str, table: MoranTable) -> Verdict:
    _, most = _possible(p, meaning)
    due = "*" * most or "–"
    printed = row.p.text if row.p else _p(p.middle)
    says = {"row": row.name, "p": printed, "stars": "*" * (row.stars or 0) or "–", "due": due, "meaning": explain}
    lines = (f"{row.name}: p = {printed} ∈ {p.shown(decimals=5)}; {explain} → {due} ≠ {says['stars']}",)
    certainty: Certainty = "certain" if table.stars else "likely"
    return Verdict("stars", "stars_wrong", certainty, (row.where,), (row.variable, row.year), says, lines)
