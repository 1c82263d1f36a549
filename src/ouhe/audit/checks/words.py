"""Words and ranks that stand beside values: classes, lag types, ranks; and the classes themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ouhe.audit.checks.outcome import MOST_LINES, Outcome, joined, nothing
from ouhe.audit.interval import Interval
from ouhe.audit.published import Label, Level, Published
from ouhe.audit.verdict import Certainty, Listed, Verdict
from ouhe.errors import listed
from ouhe.regions.names import name_key

__all__ = ["classes", "lags", "ranks"]

#: Words for systems in step with one another, besides those that the paper file gives.
IN_STEP = frozenset(name_key(t) for t in ("", "in step", "同步", "同步型", "同步发展型", "同步发展"))


def classes(p: Published) -> Outcome:
    """Whether the classes leave gaps or overlap, and whether every class is that of its D."""
    if p.levels is None:
        return nothing("classes_none")
    return joined([_scheme(p.levels), _labels("class", p, _class_judge(p.levels))])


def _scheme(levels: Sequence[Level]) -> Outcome:
    """Whether the classes hold every D from 0 to 1 once."""
    ordered = sorted(levels, key=lambda level: level.to)
    ends = [0.0, *(level.to for level in ordered)]
    starts = [*(level.above for level in ordered), 1.0]
    names = ["0", *(level.names[0] for level in ordered)]
    after = [*names[1:], "1"]
    held = []
    for end, start, before, name in zip(ends, starts, names, after, strict=True):
        if abs(end - start) > 1e-9:
            kind = "classes_gap" if start > end else "classes_overlap"
            says = {"before": before, "after": name, "end": f"{end:g}", "start": f"{start:g}"}
            held.append(Verdict("classes", kind, "certain", (), (before, name), says, (f"({end:g}, {start:g}]",)))
    return Outcome(tuple(held), 1, 0 if held else 1)


_Judged = tuple[str, bool] | None


def _class_judge(levels: Sequence[Level]) -> Callable[[Published, Label], _Judged]:
    known = {name_key(name): level for level in levels for name in level.names}

    def judge(p: Published, label: Label) -> _Judged:
        level, d = known.get(name_key(label.text)), _value(p, "D", label)
        if level is None or d is None:
            return None
        right = d.low <= level.to + 1e-12 and (d.high > level.above - 1e-12)
        sign = "∈" if right else "∉"
        return f"D = {_text(p, 'D', label)} {sign} ({level.above:g}, {level.to:g}] {level.names[0]}", right

    return judge


def _value(p: Published, variable: str, label: Label) -> Interval | None:
    """Printed value of the region and year of a label."""
    if variable not in p.grid or label.region not in p.grid.regions or label.year not in p.grid.years:
        return None
    cell = p.grid.regions.index(label.region), p.grid.years.index(label.year)
    return p.grid.values[variable].take(cell) if p.grid.texts[variable][cell] else None


def _text(p: Published, variable: str, label: Label) -> str:
    return str(p.grid.texts[variable][p.grid.regions.index(label.region), p.grid.years.index(label.year)])


def _labels(kind: str, p: Published, judge: Callable[[Published, Label], _Judged]) -> Outcome:
    """One verdict on the labels of a kind that their values contradict."""
    own = [label for label in p.labels if label.kind == kind]
    if not own:
        return nothing(f"{kind}_labels_none")
    judged = [(label, judge(p, label)) for label in own]
    unknown = sorted({label.text for label, found in judged if found is None})
    wrong = [(label, found[0]) for label, found in judged if found is not None and not found[1]]
    count = sum(found is not None for _, found in judged)
    reasons = nothing(f"{kind}_unknown", labels=listed(unknown)).reasons if unknown else ()
    if not wrong:
        return Outcome((), count, count, reasons)
    names = [f"{label.region} {label.year}" for label, _ in wrong]
    says = {"count": len(wrong), "total": count, "cells": Listed.of(names[:MOST_LINES]), "label": wrong[0][0].text}
    lines = tuple(f"{name}: {line}" for name, (_, line) in zip(names[:MOST_LINES], wrong, strict=False))
    where = tuple(dict.fromkeys(label.where for label, _ in wrong))
    check = {"class": "classes", "lag": "lags"}[kind]
    certainty: Certainty = "certain"
    verdict = Verdict(check, f"{kind}_wrong", certainty, where, tuple(names[:MOST_LINES]), says, lines)
    return Outcome((verdict,), count, count - len(wrong), reasons)


def lags(p: Published) -> Outcome:
    """Whether the system that is said to lag has the smallest index."""
    if not all(s in p.grid for s in p.systems):
        return nothing("lag_labels_none")
    step = p.formulas.in_step

    def judge(p: Published, label: Label) -> _Judged:
        u = {s: _value(p, s, label) for s in p.systems}
        known = {s: x for s, x in u.items() if x is not None}
        if len(known) < len(u):
            return None
        text = "; ".join(f"{s} = {_text(p, s, label)}" for s in known)
        least_gap = max(x.low for x in known.values()) - min(x.high for x in known.values())
        most_gap = max(x.high for x in known.values()) - min(x.low for x in known.values())
        named = _system(label.text, p)
        if named is None:
            if name_key(label.text) not in IN_STEP or step is None:
                return None
            return f"{text}: |ΔU| > {step:g}", least_gap <= step + 1e-12
        others = [x for s, x in known.items() if s != named]
        right = known[named].low <= min(x.high for x in others) and (step is None or most_gap >= step - 1e-12)
        return f"{text} ↛ {label.text}", right

    return _labels("lag", p, judge)


def _system(label: str, p: Published) -> str | None:
    """System that a lag type names; None where it names none or more than one."""
    said = {name_key(k): v for k, v in p.lag_labels.items()}
    key = name_key(label)
    if key in said:
        return said[key] if said[key] in p.systems else None
    found = [s for s in p.systems if name_key(s) in key]
    return found[0] if len(found) == 1 else None


def ranks(p: Published) -> Outcome:
    """Whether ranks fall with the values they stand beside: those of D, else of the only variable."""
    own = [label for label in p.labels if label.kind == "rank" and label.text.strip().isdigit()]
    variable = "D" if "D" in p.grid else next(iter(p.grid.values), None)
    if not own or variable is None:
        return nothing("ranks_none")
    return joined(
        _ranked(year, [r for r in own if r.year == year], variable, p) for year in sorted({r.year for r in own})
    )


def _ranked(year: int, own: Sequence[Label], variable: str, p: Published) -> Outcome:
    """Ranks of one year; a region is wrong where a region behind it surely has more."""
    known = [(int(label.text), label, _value(p, variable, label)) for label in own]
    ordered = sorted(((rank, label, x) for rank, label, x in known if x is not None), key=lambda r: r[0])
    order = np.array([rank for rank, *_ in ordered])
    least = np.array([x.low for *_, x in ordered])
    best = np.maximum.accumulate(least[::-1])[::-1]  # the most that any region from here on surely has
    behind = np.searchsorted(order, order, side="right")
    wrong = []
    for (rank, label, x), j in zip(ordered, behind, strict=True):
        if j < len(ordered) and best[j] > x.high:
            k = j + int(np.argmax(least[j:]))
            wrong.append((label, rank, (ordered[k][0], ordered[k][1])))
    if not wrong:
        return Outcome(count=len(ordered), agreed=len(ordered))
    lines = [
        f"{label.region} ({rank}): {_text(p, variable, label)} < {other.region} ({after}): {_text(p, variable, other)}"
        for label, rank, (after, other) in wrong[:MOST_LINES]
    ]
    names = [label.region for label, *_ in wrong]
    says = {"year": year, "variable": variable, "count": len(wrong), "cells": Listed.of(names[:MOST_LINES])}
    where = tuple(dict.fromkeys(label.where for label, *_ in wrong))
    verdict = Verdict("ranks", "ranks_wrong", "certain", where, tuple(names[:MOST_LINES]), says, tuple(lines))
    return Outcome((verdict,), len(ordered), len(ordered) - len(wrong))
