"""Appendix: which indicators hold each region back."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe import text
from ouhe.report.document import Block, Cell, Column, Table
from ouhe.report.sections.material import Material, long, records
from ouhe.report.sections.obstacles import named
from ouhe.results.obstacles import NAMED

__all__ = ["blocks"]


def blocks(m: Material) -> Iterator[Block]:
    """A table a system."""
    if m.results.obstacles is None:
        return
    yield m.heading(1, "obstacles_of_regions")
    for position, system in enumerate(m.systems, start=1):
        yield _regions(m, system, f"tab-obstacles-regions-{position}")


def _regions(m: Material, system: str, anchor: str) -> Table:
    """Every region: its heaviest obstacles."""
    table = m.tables["obstacles"]
    table = table[(table["system"] == system) & (table["year"] == m.years[-1])]
    count = min(NAMED, int(table["rank"].max()) if len(table) else 0)
    rows = []
    for region, of in table.groupby("region", sort=False):
        cells = [named(row) for row in records(of)]
        rows.append((Cell(str(region), str(region)), *cells, *[Cell(None, "")] * (count - len(cells))))
    shown, cut = long(rows)
    columns = (
        Column(text.t("report.column_region")),
        *(Column(text.t("report.column_obstacle", rank=k), "wide") for k in range(1, count + 1)),
    )
    caption = text.t("report.table_obstacles_regions", system=system, last=m.years[-1])
    return Table(anchor, caption, columns, shown, (text.t("report.note_obstacles"), *cut), "obstacles")
