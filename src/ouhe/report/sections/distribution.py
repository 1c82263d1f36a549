"""The distribution of values over regions: densities and the shape of their curves."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe import text
from ouhe.figures.years import of_analysis
from ouhe.report.document import Block, Cell, Column, Table
from ouhe.report.sections.cells import count, number, words
from ouhe.report.sections.material import Material
from ouhe.results.measured import Measured

__all__ = ["blocks"]

NUMBERS = ("peaks", "mode", "height", "width", "skewness", "kurtosis")
WORDS = ("modality", "tail", "peakedness")


def blocks(m: Material[Measured]) -> Iterator[Block]:
    """Curves, the table of their shapes, and what changed."""
    yield from m.absent("density", key="distribution")
    if "density" not in m.results.analyses:
        return
    yield m.heading(1, "distribution")
    yield from m.step("density")
    yield m.paragraph("density_shown", table="tab-density")
    yield _shapes(m)
    yield from m.figures("density_curves")
    variables = m.tables["density_shape"]["variable"].drop_duplicates()
    for variable in variables:
        yield from m.findings("densities", about=variable)


def _shapes(m: Material[Measured]) -> Table:
    """Descriptors of every curve in some years, and the words for them."""
    table = m.tables["density_shape"]
    figures = m.results.settings.get("figures") or {}
    years = of_analysis(table["year"].drop_duplicates(), figures.get("years"), m.years)
    rows: list[tuple[Cell, ...]] = []
    ruled = []
    for variable in table["variable"].drop_duplicates():
        if rows:
            ruled.append(len(rows))
        for first, year in enumerate(years):
            row = table[(table["variable"] == variable) & (table["year"] == year)].iloc[0]
            told = [count(row["peaks"]), *(number(row[c]) for c in NUMBERS[1:]), *(words(row[c]) for c in WORDS)]
            rows.append((Cell(m.name(variable), "" if first else m.name(variable)), Cell(year, str(year)), *told))
    columns = [Column(text.t("report.column_variable"), "wide"), Column(text.t("report.column_year"))]
    columns += [Column(text.t(f"report.column_{c}"), "number") for c in NUMBERS]
    columns += [Column(text.t(f"report.column_{c}")) for c in WORDS]
    notes = (text.t("report.note_density"),)
    return Table(
        "tab-density",
        text.t("report.table_density"),
        tuple(columns),
        tuple(rows),
        notes=notes,
        source="density_shape",
        ruled=tuple(ruled),
    )
