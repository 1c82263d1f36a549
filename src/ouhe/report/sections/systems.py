"""The indicator systems: what was measured from what, and how much each indicator counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ouhe import text
from ouhe.report.document import Block, Cell, Kind, Table
from ouhe.report.sections.cells import number, words
from ouhe.report.sections.material import Material, columns, long, records
from ouhe.results.measured import Measured
from ouhe.results.study_results import StudyResults

__all__ = ["blocks"]


def blocks(m: Material[Measured]) -> Iterator[Block]:
    """Regions, years and indicators; how an index is made; weights."""
    weights = m.tables["weights"]
    yield m.heading(1, "systems")
    sizes = {"regions": _places(m.results), "years": len(m.years), "indicators": len(weights)}
    ends = {"first": m.years[0], "last": m.years[-1], "systems": text.enumerated(m.systems)}
    yield m.paragraph("data_used" if len(m.years) > 1 else "data_used_one_year", **sizes, **ends)
    if isinstance(m.results, StudyResults) and m.results.conventions is not None:
        yield m.paragraph("choices_told")
    yield m.heading(2, "measuring")
    for step in ("preparing", "normalise", "weights", "aggregate"):
        yield from m.step(step)
    yield m.heading(2, "weights")
    for position, system in enumerate(m.systems, start=1):
        yield m.paragraph("weights_shown", system=system, table=f"tab-weights-{position}")
        yield _table(system, weights[weights["system"] == system], position)
        yield from m.findings("weights", about=system)
        yield from m.figures("weights", system)


def _places(results: Measured) -> int:
    """How many regions, or cells that are counted, the study has."""
    if isinstance(results, StudyResults):
        return int(results.coupling.D.sizes["region"])
    counted: int = results.grid.counted  # type: ignore[attr-defined]
    return counted


def _table(system: str, weights: pd.DataFrame, position: int) -> Table:
    """Indicators of one system, as papers print them: a dimension and an element stand where they begin."""
    deep = bool(weights["element"].astype(bool).any())
    entropy = bool(weights["entropy"].notna().any())
    numbers = ["entropy", "weight"] if entropy else ["weight"]
    kinds: dict[str, Kind] = dict.fromkeys(["dimension", "element"] if deep else ["dimension"], "wide")
    kinds |= dict.fromkeys(["indicator", "unit"], "wide")
    kinds["direction"] = "text"
    for name in numbers:
        kinds[name] = "number"
    heads = columns(**kinds)
    sums: dict[Any, float] = weights.groupby("dimension", sort=False)["weight"].sum().to_dict()
    rows: list[tuple[Cell, ...]] = []
    ruled: list[int] = []
    before = ("", "")
    for row in records(weights):
        begins = row["dimension"] != before[0]
        if begins and rows:
            ruled.append(len(rows))
        dimension = f"{row['dimension']} ({number(sums[row['dimension']]).shown})"
        cells = [Cell(row["dimension"], dimension if begins else "")]
        if deep:
            cells.append(Cell(row["element"], row["element"] if begins or row["element"] != before[1] else ""))
        sign = text.t(f"report.direction_{row['direction']}")
        cells += [words(row["name"] or row["indicator"]), words(row["unit"]), Cell(row["direction"], sign)]
        cells += [number(float(row[n]), 4) for n in numbers]
        rows.append(tuple(cells))
        before = (row["dimension"], row["element"])
    shown, cut = long(rows, most=120)
    caption = text.t("report.table_weights", system=system)
    notes = (text.t("report.note_weights"), *cut)
    return Table(
        f"tab-weights-{position}",
        caption,
        heads,
        shown,
        notes=notes,
        source="weights",
        ruled=() if cut else tuple(ruled),
    )
