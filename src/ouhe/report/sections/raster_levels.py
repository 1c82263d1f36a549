"""Levels of a raster: the course of all cells, how systems are coupled, and how zones differ."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ouhe import text
from ouhe.report.document import Block, Cell, Column, Table
from ouhe.report.sections.cells import growth, number, words
from ouhe.report.sections.levels import of_pairs
from ouhe.report.sections.material import Material, long
from ouhe.results.groups import NATION
from ouhe.results.measured import Gridded

__all__ = ["blocks"]


def blocks(m: Material[Gridded]) -> Iterator[Block]:
    """All cells by year, then zones."""
    there = [str(v) for v in m.results.groups.means["variable"].to_numpy()]
    if not there:
        return
    yield m.heading(1, "coordination")
    yield from m.step("coupling")
    yield from m.step("groups")
    yield m.heading(2, "levels")
    yield m.paragraph("raster_means_shown", table="tab-means")
    pairs = [(v, NATION) for v in there]
    yield of_pairs(m, pairs, "tab-means", text.t("report.table_raster_means"), above=True)
    yield from m.figures("index_trends")
    for system in m.systems:
        yield from m.findings("levels", about=system)
    yield from m.figures("coupling_trends")
    for variable in ("C", "T", "D"):
        yield from m.findings("levels", about=variable)
    if len(m.results.groups.means["group"]) > 1 and "D" in there:
        yield from _zones(m)


def _zones(m: Material[Gridded]) -> Iterator[Block]:
    yield m.heading(2, "zones")
    yield m.paragraph("zones_shown", table="tab-zones", last=m.years[-1])
    yield _table(m)
    yield from m.figures("zone_means")
    for variable in (*m.systems, "C", "D"):
        yield from m.findings("groups", about=variable)


def _table(m: Material[Gridded]) -> Table:
    """D of every zone in some years, its growth, and its indices in the last year; the highest D first."""
    groups, last = m.results.groups, m.years[-1]
    means = groups.means.drop_sel(group=NATION)
    D = means.sel(variable="D")
    order = np.argsort(-D.sel(year=last).to_numpy(), kind="stable")
    systems = [s for s in m.systems if s in means["variable"].to_numpy()]
    rows: list[tuple[Cell, ...]] = []
    for zone in map(str, D["group"].to_numpy()[order]):
        cells = [number(float(D.sel(group=zone, year=y))) for y in m.some_years]
        if len(m.years) > 1:
            cells.append(growth(float(groups.growth.sel(variable="D", group=zone))))
        cells += [number(float(means.sel(variable=s, group=zone, year=last))) for s in systems]
        rows.append((words(groups.label(zone)), *cells))
    columns = [Column(text.t("report.column_zone"), "wide")]
    columns += [Column(str(y), "number", m.name("D")) for y in m.some_years]
    if len(m.years) > 1:
        columns.append(Column(text.t("report.column_growth"), "number"))
    columns += [Column(s, "number", text.t("report.above_index", year=last)) for s in systems]
    shown, cut = long(rows)
    notes = (text.t("report.note_zones", first=m.years[0], last=last), *cut)
    return Table("tab-zones", text.t("report.table_zones"), tuple(columns), shown, notes, "groups")
