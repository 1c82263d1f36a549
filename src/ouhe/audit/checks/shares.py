"""The index that the printed formula would give, were it made of shares."""

from __future__ import annotations

from ouhe.audit.checks.levels import Level, level, printed_level
from ouhe.audit.checks.outcome import Outcome, nothing
from ouhe.audit.interval import total
from ouhe.audit.published import NATION, Published, period
from ouhe.audit.verdict import Listed, Verdict

__all__ = ["index"]


def index(p: Published) -> Outcome:
    r"""Whether an index made as :math:`\sum_j P_{tij} W_j` could have the printed means.

    The shares P of an indicator sum to 1 over all nT cells, and the weights to 1, so the index does: its mean over the
    panel is 1/(nT) exactly, and no mean over m of the cells can lie above 1/m.
    """
    if p.formulas.index != "shares":
        return nothing("index_none")
    n, years = p.count, len(p.years)
    held, count = [], 0
    for system in p.systems:
        found = _largest(p, system)
        if found is None:
            continue
        count += 1
        mean, cells, name = found
        if mean.value.low * cells > 1:
            whole = _panel_mean(p, system)
            mean_of = whole or mean.value.middle
            says = {"variable": system, "cells": n * years, "due": f"{1 / (n * years):.5f}", "mean": f"{mean_of:.3f}",
                    "times": f"{mean_of * n * years:.0f}"}  # fmt: skip
            lines = (
                f"Σ P·W = 1 ⇒ mean = 1/({n}×{years}) = {1 / (n * years):.5f}",
                f"{system} {name}: {cells} × {mean.text} = {cells * mean.value.middle:.2f} > 1",
                *((f"mean = {whole:.4f} = {whole * n * years:.0f} × 1/({n}×{years})",) if whole else ()),
            )
            held.append((system, says, lines, mean.where))
    if not held:
        return Outcome(count=count, agreed=count) if count else nothing("index_none")
    says = held[0][1] | {"variable": Listed.of(h[0] for h in held), "mean": Listed.of(str(h[1]["mean"]) for h in held),
                         "times": Listed.of(str(h[1]["times"]) for h in held)}  # fmt: skip
    where = tuple(dict.fromkeys(h[3] for h in held))
    lines = tuple(dict.fromkeys(line for h in held for line in h[2]))
    verdict = Verdict("index", "index_of_shares", "certain", where, tuple(h[0] for h in held), says, lines)
    return Outcome((verdict,), count, count - len(held))


def _largest(p: Published, system: str) -> tuple[Level, int, str] | None:
    """Mean of the index that most exceeds what its cells could have, how many cells it is of, and its name."""
    found = []
    for m in (m for m in p.means if m.variable == system):
        size = p.count if m.scope == NATION else p.sizes.get(m.scope)
        mean = printed_level(p, system, m.scope, m.first, m.last)
        if size and mean:
            cells = size * sum(m.first <= y <= m.last for y in p.years)
            found.append((mean, cells, f"{p.scope(m.scope)} {period(m.first, m.last)}"))
    whole = level(p, system, NATION, p.years[0], p.years[-1])
    if whole is not None:
        found.append((whole, p.count * len(p.years), period(p.years[0], p.years[-1])))
    return max(found, key=lambda f: f[0].value.low * f[1], default=None)


def _panel_mean(p: Published, system: str) -> float | None:
    """Mean over the panel, as printed or from the means of all groups."""
    whole = level(p, system, NATION, p.years[0], p.years[-1])
    if whole is not None:
        return float(whole.value.middle)
    parts = [printed_level(p, system, g, p.years[0], p.years[-1]) for g in p.sizes] if p.whole else []
    known = [x.value * size for x, size in zip(parts, p.sizes.values(), strict=False) if x is not None]
    return float(total(known).middle) / p.count if known and len(known) == len(p.sizes) else None
