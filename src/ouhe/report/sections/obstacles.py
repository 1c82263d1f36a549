"""Obstacles: which indicators hold all regions and the groups back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ouhe import text
from ouhe.report.document import Block, Cell, Column, Table
from ouhe.report.sections.cells import share
from ouhe.report.sections.material import Material, abreast, records
from ouhe.results.obstacles import NAMED

__all__ = ["blocks", "named"]

#: Groups that stand side by side.
ABREAST = 6


def blocks(m: Material) -> Iterator[Block]:
    """The heaviest obstacles of all regions and of groups in the last year."""
    if m.results.obstacles is None:
        return
    yield m.heading(1, "obstacles")
    yield from m.step("obstacles")
    for position, system in enumerate(m.systems, start=1):
        here, of_regions = f"tab-obstacles-{position}", f"tab-obstacles-regions-{position}"
        yield m.paragraph("obstacles_shown", system=system, last=m.years[-1], groups=here, regions=of_regions)
        yield from _groups(m, system, here)
        yield from m.figures("obstacles", system)
        yield from m.findings("obstacles", about=system)


def _groups(m: Material, system: str, anchor: str) -> Iterator[Table]:
    """All regions and every group: the heaviest obstacles by rank, some groups side by side."""
    table = m.tables["obstacles_groups"]
    table = table[(table["system"] == system) & (table["year"] == m.years[-1])]
    groups = list(table["group"].drop_duplicates())
    caption = text.t("report.table_obstacles", system=system, last=m.years[-1])
    for here, own, said in abreast(groups, ABREAST, anchor, caption):
        heaviest = [records(table[table["group"] == g].nlargest(NAMED, "degree")) for g in here]
        rows = []
        for rank in range(max(map(len, heaviest))):
            cells = (named(of[rank]) if rank < len(of) else Cell(None, "") for of in heaviest)
            rows.append((Cell(rank + 1, str(rank + 1)), *cells))
        columns = (Column(text.t("report.column_rank")), *(Column(str(g), "wide") for g in here))
        yield Table(own, said, columns, tuple(rows), (text.t("report.note_obstacles"),), "obstacles_groups")


def named(row: Mapping[str, Any]) -> Cell:
    """An obstacle and its degree."""
    name, degree = row["name"] or row["indicator"], float(row["degree"])
    return Cell(degree, text.t("report.obstacle_cell", name=name, degree=share(degree).shown))
