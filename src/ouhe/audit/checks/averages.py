"""Means against one another: of groups and the nation, of regions and their group, of years and their period."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ouhe.audit.checks.levels import Level, level, of_values, printed_level, yearly
from ouhe.audit.checks.outcome import MOST_LINES, Outcome, joined, nothing
from ouhe.audit.interval import Interval, total
from ouhe.audit.published import NATION, Mean, Published, period
from ouhe.audit.verdict import Certainty, Listed, Verdict

__all__ = ["bound", "means"]


def means(p: Published) -> Outcome:
    r"""Whether printed means are those of the parts that are printed too.

    .. math:: \bar x = \frac{1}{n} \sum_g n_g \bar x_g

    over groups that hold every region once; over the regions of a scope; over the years of a period.
    """
    if not p.means:
        return nothing("means_none")
    kinds = {"means_groups": _of_groups, "means_regions": _of_regions, "means_years": _of_years}
    found = joined(_judged(kind, p, list(pairs(p))) for kind, pairs in kinds.items())
    return found if found.count else nothing("means_no_parts")


_Pair = tuple[Mean, Level, str]


def _of_groups(p: Published) -> Iterator[_Pair]:
    """Means of the nation, and what the means of the groups give."""
    if not p.whole:
        return
    for m in (m for m in p.means if m.scope == NATION):
        parts = {g: printed_level(p, m.variable, g, m.first, m.last) for g in p.sizes}
        known = {g: part for g, part in parts.items() if part is not None}
        if len(known) == len(p.sizes):
            sum_of = total(part.value * p.sizes[g] for g, part in known.items())
            terms = " + ".join(f"{p.sizes[g]}×{part.text}" for g, part in known.items())
            where = next(iter(known.values())).where
            yield m, Level(sum_of / p.count, f"({terms})/{p.count}", where), _plain(m, known, p)


def _plain(m: Mean, known: dict[str, Level], p: Published) -> str:
    """Arithmetic of the plain mean of the groups, where the printed mean is that."""
    plain = total(part.value for part in known.values()) / len(known)
    if len(set(p.sizes.values())) == 1 or plain.apart(m.value.interval):
        return ""
    terms = " + ".join(part.text for part in known.values())
    return f"({terms})/{len(known)} ∈ {plain.shown(decimals=4)} ∋ {m.value.text}"


def _of_regions(p: Published) -> Iterator[_Pair]:
    """Means of scopes, and what the printed values of their regions give."""
    for m in p.means:
        found = of_values(p, m.variable, m.scope, m.first, m.last)
        if found is not None:
            yield m, Level(found.value, "Σ/n", found.where), ""


def _of_years(p: Published) -> Iterator[_Pair]:
    """Means of periods, and what the printed means of their years give."""
    for m in (m for m in p.means if m.first < m.last):
        series = yearly(p, m.variable, m.scope, m.first, m.last)
        if series and of_values(p, m.variable, m.scope, m.first, m.last) is None:
            yield m, Level(total(series) / len(series), f"Σ/{len(series)}", m.where), ""


def _judged(kind: str, p: Published, pairs: list[_Pair]) -> Outcome:
    """One verdict a variable on the means that their parts do not give."""
    held = []
    wrong = [pair for pair in pairs if pair[0].value.interval.apart(pair[1].value)]
    for variable in dict.fromkeys(m.variable for m, *_ in wrong):
        own = [pair for pair in wrong if pair[0].variable == variable]
        plain = [line for *_, line in own if line]
        lines = [_line(m, found, p) for m, found, _ in own[:MOST_LINES]] + plain[:1]
        names = [f"{p.scope(m.scope)} {period(m.first, m.last)}" for m, *_ in own]
        says = {"variable": variable, "count": len(own), "cells": Listed.of(names[:MOST_LINES]), "total": len(pairs)}
        where = tuple(dict.fromkeys(w for m, found, _ in own for w in (m.where, found.where)))
        told = f"{kind}_plain" if plain and len(plain) == len(own) else kind
        held.append(Verdict("means", told, "certain", where, (variable, *names[:MOST_LINES]), says, tuple(lines)))
    return Outcome(tuple(held), len(pairs), len(pairs) - len(wrong))


def _line(m: Mean, found: Level, p: Published) -> str:
    name = f"{m.variable} {p.scope(m.scope)} {period(m.first, m.last)}"
    return f"{name}: {found.text} ∈ {found.value.shown(decimals=5)} ∌ {m.value.text}"


def bound(p: Published) -> Outcome:
    r"""Whether the mean of D can be what is printed beside the means of the indices.

    .. math:: \overline{D} = \overline{\sqrt{C T}} \le \sqrt{\overline{C}\,\overline{T}} \le \sqrt{\overline{T}}

    by the inequality of Cauchy and Schwarz, with C ≤ 1. Beyond it, D was made from other indices than those printed.
    """
    if p.formulas.coordination == "other":
        return nothing("bound_none")
    checked, beyond = 0, []
    for scope, first, last in dict.fromkeys((m.scope, m.first, m.last) for m in p.means if m.variable == "D"):
        most = _most(p, scope, first, last)
        printed = printed_level(p, "D", scope, first, last)
        if most is None or printed is None:
            continue
        checked += 1
        if printed.value.low > most[0].high:
            beyond.append((scope, first, last, printed, *most))
    if not checked:
        return nothing("bound_none")
    if not beyond:
        return Outcome(count=checked, agreed=checked)
    certainty: Certainty = "certain" if p.contribution() or all(exact for *_, exact in beyond) else "likely"
    names = [f"{p.scope(scope)} {period(first, last)}" for scope, first, last, *_ in beyond]
    lines = [
        f"{name}: {formula} ≤ {np.ceil(top.high * 1e4) / 1e4:.4f} < {printed.text}"
        for name, (*_, printed, top, formula, _where, _exact) in zip(names, beyond, strict=True)
    ]
    where = tuple(dict.fromkeys(w for *_, printed, _top, _f, at, _e in beyond for w in (printed.where, *at)))
    says = {"count": len(beyond), "total": checked, "cells": Listed.of(names)}
    verdict = Verdict("bound", "bound_exceeded", certainty, where, ("D", *names), says, tuple(lines))
    return Outcome((verdict,), checked, checked - len(beyond))


def _most(p: Published, scope: str, first: int, last: int) -> tuple[Interval, str, tuple[str, ...], bool] | None:
    """Greatest mean of D, its formula, where the means stand, and whether it holds for every contribution."""
    t = level(p, "T", scope, first, last)
    u = [level(p, s, scope, first, last) for s in p.systems]
    known = [x for x in u if x is not None]
    stated = p.contribution()
    exact = True
    where: tuple[str, ...]
    if t is not None:
        mean, formula, where = t.value, t.text, (t.where,)
    elif known and len(known) == len(u):
        shares = [(stated or {}).get(s, 1 / len(u)) for s in p.systems]
        mean = total(x.value * a for x, a in zip(known, shares, strict=True))
        formula = " + ".join(f"{a:.4g}×{x.text}" for x, a in zip(known, shares, strict=True))
        where = tuple(dict.fromkeys(x.where for x in known))
        exact = stated is not None
    else:
        return None
    c = level(p, "C", scope, first, last)
    if c is not None and c.value.high < 1.0:
        return (mean * c.value).above(0.0).sqrt(), f"√({c.text}×({formula}))", (*where, c.where), exact
    return mean.above(0.0).sqrt(), f"√({formula})", where, exact
