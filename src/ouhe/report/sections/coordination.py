"""Coupling and coordination: C, T and D of all regions, of groups and of each region."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ouhe import text
from ouhe.report.document import Block, Column, Table
from ouhe.report.sections.cells import count, number, words
from ouhe.report.sections.levels import means
from ouhe.report.sections.material import Material, long

__all__ = ["blocks"]


def blocks(m: Material) -> Iterator[Block]:
    """How they were made, their course, and where regions stand."""
    yield m.heading(1, "coordination")
    yield from m.step("coupling")
    yield m.heading(2, "coordination_course")
    yield m.paragraph("coordination_shown", table="tab-coordination")
    yield from means(m, ("C", "D"), "tab-coordination")
    yield from m.figures("coupling_trends")
    yield from m.findings("coupling")
    for variable in ("C", "T", "D"):
        yield from m.findings("levels", about=variable)
    for variable in ("C", "D"):
        yield from m.findings("groups", "gaps", about=variable)
    yield m.paragraph("T_not_repeated")
    yield from m.findings("regions", about="C")
    yield m.heading(2, "coordination_regions")
    yield m.paragraph("regions_shown", table="tab-regions")
    yield _regions(m)
    yield from m.figures("coordination_heatmap")
    yield from m.findings("regions", about="D")


def _regions(m: Material) -> Table:
    """D of every region in some years, its mean, rank, class and lag type in the last, from the highest D."""
    coupling, labels = m.results.coupling, m.results.region_labels
    D, last = coupling.D, m.years[-1]
    told = m.tables["coupling"]
    told = told[told["year"] == last].set_index("region")
    order = np.argsort(-D.sel(year=last).to_numpy(), kind="stable")
    names = [str(r) for r in D["region"].to_numpy()[order]]
    ranks = m.results.trends.ranks.sel(variable="D", year=last)
    rows = []
    for region in names:
        of = D.sel(region=region)
        label = labels.get(region, region)
        cells = [words(label), *(number(float(of.sel(year=y))) for y in m.some_years)]
        if len(m.years) > 1:
            cells.append(number(float(of.mean("year"))))
        lag = told.loc[label]
        cells += [count(float(ranks.sel(region=region))), words(lag["class"]), words(lag["lag"])]
        rows.append(tuple(cells))
    shown, cut = long(rows)
    columns = [Column(text.t("report.column_region")), *(Column(str(y), "number") for y in m.some_years)]
    if len(m.years) > 1:
        columns.append(Column(text.t("report.row_mean"), "number"))
    columns.append(Column(text.t("report.column_rank"), "number"))
    columns += [Column(text.t(f"report.column_{c}"), "wide") for c in ("class", "lag")]
    notes = (text.t("report.note_regions", last=last), *cut)
    caption = text.t("report.table_regions")
    return Table("tab-regions", caption, tuple(columns), shown, notes=notes, source="coupling")
