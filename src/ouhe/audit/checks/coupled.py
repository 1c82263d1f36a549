"""C, T and D against the indices that they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ouhe.audit.checks.degrees import FORMS, geometric_mean, implied_share, least_and_most, stretched, weighted
from ouhe.audit.checks.follow import Followed, cells, followed
from ouhe.audit.checks.outcome import MOST_LINES, Outcome, nothing
from ouhe.audit.interval import Interval
from ouhe.audit.published import Published
from ouhe.audit.verdict import Certainty, Verdict, Word

__all__ = ["coordination", "coupling", "development"]

#: Cells that must follow a formula the paper does not print before the others are certainly wrong.
LIMITS = {"cells": 5}

#: Formulas as lines of arithmetic show them.
_SIGNS = {
    "coupling_standard": "k(ΠU)^(1/k)/ΣU",
    "coupling_unrooted": "[k(ΠU)^(1/k)/ΣU]^k",
    "coupling_rescaled": "C(U′), U′ ∈ [0.01, 0.99]",
    "coupling_wang": "C(Wang)",
    "coupling_fan": "1 − 2sd(U)",
    "coupling_half": "(ΠU)^(1/k)/ΣU",
    "development_weighted": "ΣaU",
    "development_sum": "ΣU",
    "development_rescaled": "ΣaU′, U′ ∈ [0.01, 0.99]",
    "development_other": "ΣaU",
    "coordination_root": "√(C·T)",
    "coordination_product": "C·T",
    "coordination_mean": "(C+T)/2",
    "coordination_undivided": "√(C·ΣU)",
    "coordination_rescaled": "√(C′·T′), U′ ∈ [0.01, 0.99]",
    "coordination_other": "√(C·ΣaU)",
}


@dataclass(frozen=True, eq=False)
class _Question:
    """Which formula the printed values of a variable follow.

    `expected` is the one they should, `named` whether the paper prints it, `wrong` are those that no paper means.
    """

    check: str
    variable: str
    p: Published
    forms: Mapping[str, Interval]
    expected: str
    named: bool
    wrong: tuple[str, ...]

    def line(self, cell: tuple[int, int], form: str) -> str:
        """Arithmetic of one cell."""
        grid, own = self.p.grid, self.forms[form].take(cell)
        inputs = (*self.p.systems, "C", "T") if self.variable == "D" else self.p.systems
        printed = [s for s in inputs if s in grid and grid.texts[s][cell]]
        given = "; ".join(f"{s} = {grid.texts[s][cell]}" for s in printed)
        sign = "∌" if grid.values[self.variable].take(cell).apart(own) else "∋"
        formula = f"{self.variable} = {_SIGNS[f'{self.check}_{form}']} ∈ {own.shown(decimals=4)}"
        return f"{grid.cell(*cell)}: {given}: {formula} {sign} {grid.texts[self.variable][cell]}"

    def said(self, form: str) -> Word:
        """A formula in words."""
        return Word(f"audit_checks.form_{self.check}_{form}")

    def outcome(self) -> Outcome:
        """What the printed values say."""
        found = followed(self.p.grid.values[self.variable], self.forms, self.expected)
        verdicts = [self._other(found)] if found.form != self.expected else []
        verdicts += [self._cells(found)] if found.wrong else []
        return Outcome(tuple(verdicts), found.count, found.agreed)

    def _other(self, found: Followed) -> Verdict:
        """The values follow another formula."""
        off = np.argwhere(self.p.grid.values[self.variable].apart(self.forms[self.expected]))[: MOST_LINES // 2]
        lines = [self.line((int(i), int(t)), form) for form in (self.expected, found.form) for i, t in off]
        says = {"variable": self.variable, "count": found.count - found.agreed, "total": found.count}
        says |= {"expected": self.said(self.expected), "other": self.said(found.form)}
        sure: Certainty = "certain" if self.named or found.form in self.wrong else "question"
        where = (self.p.grid.where[self.variable],)
        return Verdict(self.check, f"{self.check}_form", sure, where, (self.variable,), says, tuple(lines))

    def _cells(self, found: Followed) -> Verdict:
        """Some values do not follow the formula that the others do."""
        says = {"variable": self.variable, "count": len(found.wrong), "total": found.count}
        says |= {"cells": cells(self.p.grid, found.wrong), "expected": self.said(found.form)}
        worst = found.wrong[:MOST_LINES]
        settled = self.named or found.count - len(found.wrong) >= LIMITS["cells"]
        sure: Certainty = "certain" if settled else "likely"
        about = (self.variable, *(self.p.grid.cell(*c) for c in worst))
        lines = tuple(self.line(c, found.form) for c in worst)
        return Verdict(self.check, f"{self.check}_cells", sure, (self.p.grid.where[self.variable],), about, says, lines)


def _indices(p: Published) -> list[Interval] | None:
    """Printed indices of all systems; None where one has none."""
    held = [p.grid.values[s].above(0.0) for s in p.systems if s in p.grid]
    return held if len(held) == len(p.systems) > 1 else None


def _shares(p: Published) -> list[float]:
    """Contributions as printed, else equal."""
    stated = p.contribution() or {}
    return [stated.get(s, 1 / len(p.systems) if not stated else 0.0) for s in p.systems]


def coupling(p: Published) -> Outcome:
    r"""Whether C is that of the printed indices, :math:`C = k (\prod U_s)^{1/k} / \sum U_s` unless another is named."""
    u, stated = _indices(p), p.formulas.coupling
    if u is None or "C" not in p.grid or stated == "other":
        return nothing("coupling_none")
    expected: str = stated or "standard"
    forms = {expected: least_and_most(expected, u)}
    if p.grid.values["C"].apart(forms[expected]).any():  # the others are tried only where there is something to find
        forms |= {name: least_and_most(name, u) for name in FORMS if name != expected}
        held = _stretched(u, p)
        forms |= {"rescaled": least_and_most(expected, held)} if held else {}
    return _Question("coupling", "C", p, forms, expected, stated is not None, ("half", "rescaled")).outcome()


def development(p: Published) -> Outcome:
    r"""Whether T is :math:`\sum a_s U_s` of the printed indices, a as printed, or equal."""
    u = _indices(p)
    if u is None or "T" not in p.grid:
        return nothing("development_none")
    forms = {"weighted": weighted(u, _shares(p)), "sum": weighted(u, [1.0] * len(u))}
    held = _stretched(u, p)
    forms |= {"rescaled": weighted(held, _shares(p))} if held else {}
    implied = implied_share(p.grid.values["T"], u)
    if implied is not None:
        forms["other"] = weighted(u, [implied.middle, 1 - implied.middle])
    named = p.contribution() is not None
    outcome = _Question("development", "T", p, forms, "weighted", named, ("sum", "rescaled")).outcome()
    return _with_share(outcome, implied, p)


def _with_share(outcome: Outcome, implied: Interval | None, p: Published) -> Outcome:
    """Verdicts of other contributions with those that the printed values imply, among their arithmetic."""
    if implied is None:
        return outcome
    line = f"a({p.systems[0]}) ∈ {implied.shown(decimals=3)}"
    kept = [replace(v, arithmetic=(line, *v.arithmetic)) if _of_other(v) else v for v in outcome.verdicts]
    return replace(outcome, verdicts=tuple(kept))


def _of_other(verdict: Verdict) -> bool:
    other = verdict.says.get("other")
    return isinstance(other, Word) and other.key.endswith("_other")


def coordination(p: Published) -> Outcome:
    r"""Whether D is :math:`\sqrt{C\,T}` of the printed C and T, or of those that the printed indices have."""
    u, form, shares = _indices(p), p.formulas.coupling or "standard", _shares(p)
    c = p.grid.values.get("C") or (least_and_most(form, u) if u and form != "other" else None)
    t = p.grid.values.get("T") or (weighted(u, shares) if u else None)
    if "D" not in p.grid or p.formulas.coordination == "other" or c is None or t is None:
        return nothing("coordination_none")
    forms = _forms(c.above(0.0), t.above(0.0), len(p.systems))
    if u and "C" not in p.grid and "T" not in p.grid and len(set(shares)) == 1 and form == "standard":
        forms["root"] = geometric_mean(u).sqrt()
    implied = None
    if u and "T" not in p.grid:
        d = p.grid.values["D"]
        implied = implied_share(d * d / c, u)
        if implied is not None:
            forms["other"] = (c.above(0.0) * weighted(u, [implied.middle, 1 - implied.middle])).sqrt()
    held = _stretched(u, p) if u and form != "other" else None
    if held:
        forms["rescaled"] = (least_and_most(form, held).above(0.0) * weighted(held, shares)).sqrt()
    named, wrong = p.formulas.coordination is not None, ("product", "undivided", "rescaled")
    return _with_share(_Question("coordination", "D", p, forms, "root", named, wrong).outcome(), implied, p)


def _forms(c: Interval, t: Interval, systems: int) -> dict[str, Interval]:
    """D of C and T by every formula that is tried."""
    return {
        "root": (c * t).sqrt(),
        "product": c * t,
        "mean": (c + t) * 0.5,
        "undivided": (c * t * systems).sqrt(),
    }


def _stretched(u: Sequence[Interval], p: Published) -> list[Interval] | None:
    """Indices stretched to [0.01, 0.99] over the whole panel, which must be printed whole."""
    whole = u[0].low.size == p.count * len(p.years) and not any(np.isnan(x.low).any() for x in u)
    return stretched(u) if whole else None
