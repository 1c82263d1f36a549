"""Sheets of printed statistical yearbooks, as the publisher or a digitiser left them.

A sheet holds title lines, a unit line, a header of one to several rows, and one row a region under totals of the
nation and of groups of regions. Nothing is guessed: a name that is not known, a figure that is no number and a header
that fits twice are problems, and every row and sheet that is not used is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from ouhe.errors import Place, Problem, cell_name
from ouhe.read.labels import Recognised
from ouhe.read.reading import LeftOut, Reading, ReadOptions, cells, join
from ouhe.read.series import all_found
from ouhe.read.sheets import OpenSheet, unused
from ouhe.read.strips import Strip, gather
from ouhe.read.values import YEARBOOK_TOKENS
from ouhe.read.yearbook_layout import Layout, find
from ouhe.read.yearbook_rows import recognise_rows
from ouhe.read.yearbook_series import Series, choose, series_of
from ouhe.read.yearbook_years import edition_of, year_of_sheet
from ouhe.regions import RegionSet

__all__ = ["read_yearbook"]


def read_yearbook(sheets: Sequence[OpenSheet], *, file: str, regions: RegionSet, options: ReadOptions) -> Reading:
    """Read every table of a yearbook workbook that has one row a region.

    A name of a column is the text of its header (Chinese or English, however it is broken over lines and rows) or a
    path of headers joined by ``>``; for a table whose columns are years it is the title, with or without its number
    and year, and ``options.series`` names the series without looking at the title. Years are found as
    :func:`~ouhe.read.yearbook_years.year_of_sheet` says; a year in the name of the file is that of the edition.
    Parameters as in :class:`~ouhe.read.Reader`.
    """
    tables = [_read_table(sheet, regions, options) for sheet in sheets]
    reading = join([table.reading for table in tables])
    if not any(table.usable for table in tables):
        nothing = Problem("yearbook.no_table", Place(file), {"sheets": ", ".join(s.name for s in sheets)})
        return replace(reading, problems=(*reading.problems, nothing))
    settled = {series for table in tables for series in table.settled}
    return all_found(reading, options=options, place=Place(file), settled=settled)


@dataclass(frozen=True)
class _Table:
    """What came of a sheet.

    Parameters
    ----------
    reading
        What was read.
    usable
        It holds a table of regions.
    settled
        Ids of series that were found in it.
    """

    reading: Reading
    usable: bool = False
    settled: tuple[str, ...] = ()


def _read_table(sheet: OpenSheet, regions: RegionSet, options: ReadOptions) -> _Table:
    recognise = partial(regions.recognise, aliases=options.aliases)
    layout = find(sheet, recognise, region_header=options.region)
    if layout is None:
        return _Table(unused(sheet))
    sheet = sheet.said(title=layout.title)
    offered = series_of(layout)
    chosen, problems = choose(offered, source=sheet.source, row=layout.first_row - 1, options=options)
    if options.names is None and options.series is None:
        problems += [Problem("yearbook.no_header", sheet.source.place(layout.first_row, c)) for c in layout.bare]
    rows = recognise_rows(sheet, layout, regions=regions, options=options)
    table, wrong = _figures(sheet, layout, rows, chosen, options)
    reading = Reading(
        table,
        (sheet.source,),
        {name: series.unit for name, series in chosen if series.unit},
        (*rows.left_out, *_not_asked(offered, chosen, layout)),
        rows.matches,
        (*problems, *rows.problems, *wrong),
    )
    return _Table(reading, usable=True, settled=tuple(name for name, _ in chosen))


def _not_asked(offered: Sequence[Series], chosen: Sequence[tuple[str, Series]], layout: Layout) -> Iterator[LeftOut]:
    taken = [series for _, series in chosen]
    row = layout.first_row - 1
    yield from (LeftOut(0, s.name, "not-asked", row) for s in offered if s not in taken)
    yield from (LeftOut(0, cell_name(layout.first_row, c), "not-asked", layout.first_row) for c in layout.bare)


def _figures(
    sheet: OpenSheet,
    layout: Layout,
    rows: Recognised,
    chosen: Sequence[tuple[str, Series]],
    options: ReadOptions,
) -> tuple[pd.DataFrame, list[Problem]]:
    """Figures of the chosen series, and what is wrong with them."""
    columns = [(name, year, column) for name, series in chosen for year, column in series.columns.items()]
    year: int | Problem = 0
    if any(own is None for _, own, _ in columns):
        year = year_of_sheet(layout, sheet.source, fixed=options.fixed_year)
    undated = [year] if isinstance(year, Problem) else []
    here = rows.known.nonzero()[0]
    at, ids = here + layout.first_row, rows.ids[here]
    strips = [
        Strip(name, sheet.grid[at, column], ids, when, at, column)
        for name, own, column in columns
        if isinstance(when := year if own is None else own, int)
    ]
    table, wrong = gather(strips, source=sheet.source, tokens=(*YEARBOOK_TOKENS, *options.tokens))
    table = table.assign(edition=edition_of(sheet.source.file, layout) or -1) if len(table) else cells()
    return table, [*undated, *wrong]
