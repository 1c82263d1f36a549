"""Whether like cells lie beside one another: global Moran by year, and the share of cells in each cluster."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe import text
from ouhe.figures.years import of_analysis
from ouhe.report.document import Block, Cell, Column, Table
from ouhe.report.sections.cells import share
from ouhe.report.sections.material import Material
from ouhe.report.sections.space import OTHERS, by_year
from ouhe.results.lisa import QUADRANTS
from ouhe.results.measured import Gridded

__all__ = ["blocks"]


def blocks(m: Material[Gridded]) -> Iterator[Block]:
    """Neighbours, global and local Moran, as far as they were asked for."""
    analyses, absent = m.results.analyses, [n for n in ("moran", "lisa") if n in m.results.not_done]
    if not absent and not {"moran", "lisa"} & set(analyses):
        return
    yield m.heading(1, "space")
    yield from m.step("neighbours")
    if "moran" in analyses:
        yield m.heading(2, "moran")
        yield from m.step("moran")
        tables = list(by_year(m, "moran"))
        yield m.paragraph("global_shown", table=tables[0].anchor)
        yield from tables
        yield from m.figures("moran_years")
        for variable in m.tables["moran"]["variable"].drop_duplicates():
            yield from m.findings("autocorrelation", about=variable, without=OTHERS)
        yield from m.findings("autocorrelation", only=["few"])
    if "lisa" in analyses:
        yield from _local(m)
    for name in absent:
        yield from m.absent(name, level=2)


def _local(m: Material[Gridded]) -> Iterator[Block]:
    counts = m.results.analyses["lisa"].counts
    yield m.heading(2, "lisa")
    yield from m.step("lisa")
    for position, variable in enumerate(map(str, counts["variable"].to_numpy()), start=1):
        anchor = f"tab-clusters-{position}"
        yield m.paragraph("clusters_shown", variable=m.spoken(variable), table=anchor)
        yield _shares(m, variable, anchor)
        yield from m.figures("raster_clusters", variable)


def _shares(m: Material[Gridded], variable: str, anchor: str) -> Table:
    """Share of the cells in each cluster by year, and in none."""
    counts = m.results.analyses["lisa"].counts.sel(variable=variable)
    figures = m.results.settings.get("figures") or {}
    rows = []
    for year in of_analysis(counts["year"].to_numpy(), figures.get("years"), m.years):
        here = counts.sel(year=year)
        whole = float(here["count"].sum())
        held = [float(here["significant"].sel(quadrant=code)) / whole for code in range(1, len(QUADRANTS))]
        rows.append((Cell(year, str(year)), *map(share, held), share(1.0 - sum(held))))
    heads = [text.t(f"figures.quadrant_{q}") for q in QUADRANTS[1:]] + [text.t("figures.lisa_maps_none")]
    columns = (Column(text.t("report.column_year")), *(Column(h, "number") for h in heads))
    caption = text.t("report.table_clusters", variable=m.titled(variable))
    return Table(anchor, caption, columns, tuple(rows), (text.t("report.note_clusters"),), "lisa_counts")
