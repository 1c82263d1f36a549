"""Inequality of regions: measures by year, and where differences come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.figures.years import of_analysis
from ouhe.report.document import Block, Cell, Column, Table
from ouhe.report.sections.cells import count, number, share, words
from ouhe.report.sections.material import MOST_ROWS, Material
from ouhe.results.inequality import PARTS, Inequality

__all__ = ["blocks"]

Rows = list[tuple[Cell, ...]]


def blocks(m: Material) -> Iterator[Block]:
    """How it was measured, the measures, their parts by groups, and what changed."""
    yield from m.absent("inequality")
    found = m.results.analyses.get("inequality")
    if not isinstance(found, Inequality):
        return
    yield m.heading(1, "inequality")
    yield from m.step("inequality")
    shown = _years(m, found)
    yield m.paragraph("inequality_shown", table="tab-inequality")
    yield _measures(m, found, shown)
    if found.dagum is not None and found.theil is not None:
        yield m.paragraph("dagum_shown", table="tab-dagum", groups="tab-dagum-groups", theil="tab-theil")
        yield _dagum(m, found.dagum, shown)
        yield from m.figures("inequality_sources")
        yield _groups(m, found, shown)
        yield _theil(m, found.theil, shown)
    for variable in map(str, found.indices["variable"].to_numpy()):
        yield from m.figures("inequality_groups", variable)
        yield from m.findings("inequality", about=variable)


def _years(m: Material, found: Inequality) -> list[int]:
    figures = m.results.settings.get("figures") or {}
    return of_analysis(found.indices["year"].to_numpy(), figures.get("years"), m.years)


def _by_year(
    m: Material, found: xr.Dataset, years: Sequence[int], cells: Callable[[xr.Dataset], Sequence[Cell]]
) -> tuple[Rows, tuple[int, ...]]:
    """Rows of every variable in some years, and where another variable begins."""
    rows: Rows = []
    ruled = []
    for variable in map(str, found["variable"].to_numpy()):
        if rows:
            ruled.append(len(rows))
        for first, year in enumerate(years):
            name = Cell(m.name(variable), "" if first else m.name(variable))
            rows.append((name, Cell(year, str(year)), *cells(found.sel(variable=variable, year=year))))
    return rows, tuple(ruled)


def _heads() -> list[Column]:
    return [Column(text.t("report.column_variable"), "wide"), Column(text.t("report.column_year"))]


def _measures(m: Material, found: Inequality, years: Sequence[int]) -> Table:
    """All measures in some years."""
    measures = found.measures()
    whole = xr.Dataset(dict(enumerate(one.reset_coords(drop=True) for one in measures.values())))
    rows, ruled = _by_year(m, whole, years, lambda one: [number(float(v)) for v in one.data_vars.values()])
    poles = ["W", "R"] if "esteban_ray" in found.indices else ["W"]
    heads = ["G", "T", "L", "V", *(f"A({a:g})" for a in found.indices["aversion"].to_numpy())]
    columns = [*_heads(), *(Column(h, "number", text.t("report.above_inequality")) for h in heads)]
    columns += [Column(h, "number", text.t("report.above_polarisation")) for h in poles]
    caption, notes = text.t("report.table_inequality"), (text.t("report.note_inequality"),)
    return Table("tab-inequality", caption, tuple(columns), tuple(rows), notes, source="inequality", ruled=ruled)


def _dagum(m: Material, found: xr.Dataset, years: Sequence[int]) -> Table:
    """The Gini coefficient, its parts, and the share of each."""

    def cells(one: xr.Dataset) -> list[Cell]:
        gini = float(one["gini"])
        shares = [float(one[p]) / gini if gini > 0 else float("nan") for p in PARTS]
        return [number(gini), *(number(float(one[p])) for p in PARTS), *map(share, shares)]

    rows, ruled = _by_year(m, found, years, cells)
    columns = [*_heads(), Column("G", "number")]
    columns += [Column(text.t(f"report.column_{p}"), "number", text.t("report.above_parts")) for p in PARTS]
    columns += [Column(text.t(f"report.column_{p}"), "number", text.t("report.above_shares")) for p in PARTS]
    caption = text.t("report.table_dagum")
    return Table("tab-dagum", caption, tuple(columns), tuple(rows), source="dagum", ruled=ruled)


def _groups(m: Material, found: Inequality, years: Sequence[int]) -> Table:
    """Gini coefficients within groups and between every two, and how far apart these are; the widest pairs of many."""
    assert found.dagum is not None
    variables = list(map(str, found.dagum["variable"].to_numpy()))
    rows: Rows = []
    ruled, cut = [], 0
    for variable in variables:
        if rows:
            ruled.append(len(rows))
        one = found.dagum.sel(variable=variable)
        told = [_group_row(found.label(g), one, g, years) for g in one["group"].to_numpy()]
        pairs = list(combinations(one["group"].to_numpy(), 2))
        room = max(1, MOST_ROWS // len(variables) - len(told))
        told += [_pair_row(found, one, pair, years) for pair in _widest(one, pairs, room)]
        cut = max(cut, len(pairs) - room)
        label = m.name(variable)
        rows += [(Cell(label, "" if i else label), *cells) for i, cells in enumerate(told)]
    columns = [Column(text.t("report.column_variable"), "wide"), Column(text.t("report.column_groups"), "wide")]
    columns += [Column("n", "number"), *(Column(str(y), "number", text.t("report.above_gini")) for y in years)]
    columns.append(Column(text.t("report.column_affluence", year=years[-1]), "number"))
    notes = [text.t("report.note_dagum_groups")]
    notes += [text.t("report.note_dagum_cut", count=cut, last=years[-1])] if cut > 0 else []
    caption, shown = text.t("report.table_dagum_groups"), tuple(rows)
    return Table(
        "tab-dagum-groups", caption, tuple(columns), shown, tuple(notes), source="dagum_pairs", ruled=tuple(ruled)
    )


def _widest(one: xr.Dataset, pairs: Sequence[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """The pairs, of too many those with the widest gap in the last year, in their order."""
    if len(pairs) <= most:
        return list(pairs)
    last = one["pair_gini"].isel(year=-1)
    gap = pd.Series([float(last.sel(group=a, other=b)) for a, b in pairs]).fillna(-1.0)
    kept = set(gap.sort_values(ascending=False, kind="stable").index[:most])
    return [pair for i, pair in enumerate(pairs) if i in kept]


def _group_row(label: str, one: xr.Dataset, group: str, years: Sequence[int]) -> tuple[Cell, ...]:
    own = one["group_gini"].sel(group=group)
    values = (number(float(own.sel(year=y))) for y in years)
    return words(label), count(float(one["n"].sel(group=group, year=years[-1]))), *values, Cell(None, "")


def _pair_row(found: Inequality, one: xr.Dataset, pair: tuple[str, str], years: Sequence[int]) -> tuple[Cell, ...]:
    of = one[["pair_gini", "affluence"]].sel(group=pair[0], other=pair[1])
    label = text.t("labels.group_pair", group=found.label(pair[0]), other=found.label(pair[1]))
    values = (number(float(of["pair_gini"].sel(year=y))) for y in years)
    return words(label), Cell(None, ""), *values, number(float(of["affluence"].sel(year=years[-1])))


def _theil(m: Material, found: xr.Dataset, years: Sequence[int]) -> Table:
    """Theil's indices and the share of every part."""
    parts = list(map(str, found["part"].to_numpy()))

    def cells(one: xr.Dataset) -> list[Cell]:
        told = []
        for index in ("T", "L"):
            whole = float(one["theil"].sel(index=index))
            values = one["parts"].sel(index=index)
            told.append(number(whole))
            told += [share(float(values.sel(part=p)) / whole if whole > 0 else float("nan")) for p in parts]
        return told

    rows, ruled = _by_year(m, found, years, cells)
    columns = _heads()
    for index in ("T", "L"):
        above = text.t(f"labels.measure_theil_{index}")
        columns.append(Column(index, "number", above))
        columns += [Column(_short(p), "number", above) for p in parts]
    notes = (text.t("report.note_theil_levels"),) if len(parts) > 2 else ()
    caption = text.t("report.table_theil")
    return Table("tab-theil", caption, tuple(columns), tuple(rows), notes, source="theil", ruled=ruled)


def _short(part: str) -> str:
    """Head of a part: between groups, a finer level, within."""
    kind, _, level = part.partition("_")
    return text.t("report.column_theil_level" if level not in ("", "1") else f"report.column_theil_{kind}", level=level)
