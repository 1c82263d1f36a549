"""Tables of weights: of indicators, and of the dimensions that these belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from ouhe.audit.facts import Facts, Table
from ouhe.audit.published import DimensionWeight, Weight
from ouhe.audit.tables import missing

__all__ = ["dimension_weights", "weights"]

_Sign = Literal["+", "-", ""]
_DIRECTIONS: Mapping[str, _Sign] = {
    "+": "+", "＋": "+", "positive": "+", "正向": "+", "正": "+", "效益型": "+",
    "-": "-", "－": "-", "−": "-", "–": "-", "negative": "-", "负向": "-", "负": "-", "逆向": "-", "成本型": "-",
}  # fmt: skip


def weights(table: Table, facts: Facts) -> None:
    """Weights of indicators; a system or dimension that is named once holds for the rows below it."""
    names, held = facts.names, {"system": table.entry.system or "", "dimension": ""}
    found = []
    for row in table.rows():
        held |= {k: row.get(k) for k in held if row.get(k)}  # merged cells stand in the first row only
        weight = names.printed(row.get("weight"), row.place, percent=table.percent("weight"))
        if weight is None or not row.get("indicator"):
            if row.get("indicator") and row.cells.get("weight", "").strip() and missing(row.cells["weight"]):
                lacking = {"indicator": row.get("indicator"), "text": row.cells["weight"].strip()}
                names.tell("audit.weight_missing", row.place, **lacking)
            continue
        system = names.system(held["system"], row.place)
        said = row.cells.get("direction", "").strip()
        if said and said.lower() not in _DIRECTIONS:
            names.tell("audit.not_a_direction", row.place, text=said)
        if system is not None:
            direction = _DIRECTIONS.get(said.lower(), "")
            where = f"{table.where}: {row.get('indicator')}"
            assigned = table.entry.directions == "assigned"
            found.append(Weight(system, held["dimension"], row.get("indicator"), weight, direction, where, assigned))
    _refuse_percent(found, table, facts)
    facts.weights += found


def _refuse_percent(found: Sequence[Weight], table: Table, facts: Facts) -> None:
    """Tell of weights that are percentages without saying so; nothing is rescaled in silence."""
    for system in dict.fromkeys(w.system for w in found):
        sum_of = sum(w.weight.value for w in found if w.system == system)
        if 50 < sum_of < 150:
            facts.names.tell("audit.weights_in_percent", table.sheet.place, system=system, sum=f"{sum_of:.6g}")


def dimension_weights(table: Table, facts: Facts) -> None:
    """Weights of dimensions."""
    names, system = facts.names, table.entry.system or ""
    for row in table.rows():
        system = row.get("system") or system
        weight = names.printed(row.get("weight"), row.place, percent=table.percent("weight"))
        found = names.system(system, row.place) if weight else None
        if weight and found:
            where = f"{table.where}: {row.get('dimension')}"
            facts.dimension_weights.append(DimensionWeight(found, row.get("dimension"), weight, where))
