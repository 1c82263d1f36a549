"""Numbers that a paper prints more than once."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe.audit.checks.outcome import Outcome, nothing
from ouhe.audit.printed import Printed
from ouhe.audit.published import Published, period
from ouhe.audit.verdict import Verdict

__all__ = ["repeated"]

_Twice = tuple[str, Printed, Printed, str, str]


def repeated(p: Published) -> Outcome:
    """Whether a number that stands in two places is the same in both, but for rounding."""
    pairs = list(_pairs(p))
    if not pairs:
        return nothing("repeated_none")
    held = []
    for name, first, second, here, there in pairs:
        if first.interval.apart(second.interval):
            says = {"name": name, "first": first.text, "second": second.text}
            lines = (f"{name}: {first.text} ≠ {second.text}",)
            held.append(Verdict("repeated", "repeated_apart", "certain", (here, there), (name,), says, lines))
    return Outcome(tuple(held), len(pairs), len(pairs) - len(held))


def _pairs(p: Published) -> Iterator[_Twice]:
    yield from p.twice
    facts = [(f"{m.variable} {p.scope(m.scope)} {period(m.first, m.last)}\0mean", m.value, m.where) for m in p.means]
    facts += [(f"{g.variable} {p.scope(g.scope)} {period(g.first, g.last)}\0%", g.value, g.where) for g in p.growths]
    rows = [r for t in p.morans for r in t.rows]
    facts += [(f"I: {r.name}", r.statistic, r.where) for r in rows if r.statistic is not None]
    facts += [(f"{d.system} {d.dimension}", d.weight, d.where) for d in p.dimension_weights]
    known: dict[str, tuple[Printed, str]] = {}
    for name, printed, where in facts:
        if name in known:
            first, here = known[name]
            yield name.partition("\0")[0], first, printed, here, where
        else:
            known[name] = (printed, where)
