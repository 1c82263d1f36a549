"""Sheets of printed statistical yearbooks, as the publisher or a digitiser left them.

A sheet holds title lines, a unit line, a header of one to several rows, and one row a region under totals of the
nation and of groups of regions. Nothing is guessed: a name that is not known, a figure that is no number and a header
that fits twice are problems, and every row and sheet that is not used is listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ouhe.errors import Place, Problem, cell_name, did_you_mean
from ouhe.read.reading import LeftOut, Reading, ReadOptions, Source, cells, join
from ouhe.read.values import YEARBOOK_TOKENS, number, plain
from ouhe.read.workbook import Sheet, Workbook, open_workbook
from ouhe.read.yearbook_layout import Layout, find
from ouhe.read.yearbook_rows import Rows, read_rows
from ouhe.read.yearbook_series import Series, choose, series_of
from ouhe.read.yearbook_years import edition_of, year_of_sheet
from ouhe.regions import RegionSet

__all__ = ["read"]

_MOST_SHOWN = 20


def read(path: Path, *, file: str, regions: RegionSet, options: ReadOptions) -> Reading:
    """Read every table of a yearbook workbook that has one row a region.

    Parameters
    ----------
    path
        The workbook.
    file
        Path as the study gives it; a year in its name is the year of the edition.
    regions
        The study's regions.
    options
        What the study says. A name of a column is the text of its header (Chinese or English, however it is broken over
        lines and rows) or a path of headers joined by ``>``; for a table whose columns are years it is the title, with
        or without its number and year, and ``options.series`` names the series without looking at the title.

    Returns
    -------
    Reading
        Cells, and everything that was left out or could not be taken. Years are found as
        :func:`~ouhe.read.yearbook_years.year_of_sheet` says.

    Raises
    ------
    DataError
        The file cannot be opened as a workbook.
    """
    book = open_workbook(path, file=file)
    wanted = [s for s in book.sheets if options.sheet is None or s.name.strip() == options.sheet.strip()]
    problems = regions.check_aliases(options.aliases)
    if not wanted:
        problems.append(_no_sheet(book, options))
    if problems:
        return Reading(cells(), problems=tuple(problems))
    tables = [_Table.of(sheet, book, regions, options) for sheet in wanted]
    reading = join([table.reading for table in tables])
    return replace(reading, problems=(*reading.problems, *_of_the_file(tables, file, options)))


def _no_sheet(book: Workbook, options: ReadOptions) -> Problem:
    names = [s.name for s in book.sheets]
    params = {"sheet": options.sheet, "sheets": ", ".join(names), "nearest": did_you_mean(str(options.sheet), names)}
    return Problem("yearbook.no_sheet", Place(book.file), params)


def _of_the_file(tables: Sequence[_Table], file: str, options: ReadOptions) -> Iterator[Problem]:
    """Go through what is wrong with a file as a whole: no table, or names that no table of it has."""
    if not any(table.usable for table in tables):
        yield Problem("yearbook.no_table", Place(file), {"sheets": ", ".join(t.sheet for t in tables)})
    elif options.required and options.names is not None:
        settled = {name for table in tables for name in table.settled}
        offered = list(dict.fromkeys(name for table in tables for name in table.offered))
        for series, texts in options.names.items():
            if series not in settled:
                name = texts[0] if texts else series
                shown = ", ".join(f'"{n}"' for n in offered[:_MOST_SHOWN])
                params = {"series": series, "name": name, "nearest": did_you_mean(name, offered), "candidates": shown}
                yield Problem("yearbook.no_column", Place(file), params)


@dataclass(frozen=True)
class _Table:
    """What came of a sheet.

    Parameters
    ----------
    reading
        What was read.
    sheet
        Its name.
    usable
        It holds a table of regions.
    offered
        Names of the series in it.
    settled
        Ids of series that were found in it, or that have a problem of their own.
    """

    reading: Reading
    sheet: str
    usable: bool = False
    offered: tuple[str, ...] = ()
    settled: frozenset[str] = frozenset()

    @classmethod
    def of(cls, sheet: Sheet, book: Workbook, regions: RegionSet, options: ReadOptions) -> _Table:
        """Read a sheet."""
        source = Source(book.file, book.sha256, sheet.name, "yearbook", protected=book.protected)
        if not any(plain(cell) for row in sheet.rows for cell in row):
            return cls(_unused(source, sheet, "empty-sheet"), sheet.name)
        recognise = partial(regions.recognise, aliases=options.aliases)
        layout = find(sheet, recognise, region_header=options.region)
        if layout is None:
            return cls(_unused(source, sheet, "no-region-column"), sheet.name)
        source = replace(source, title=layout.title)
        offered = series_of(layout)
        chosen, problems = choose(offered, source=source, row=layout.first_row - 1, options=options)
        rows = read_rows(sheet, layout, regions=regions, aliases=options.aliases, source=source)
        reading = _Cells(sheet, layout, rows, source, options).read(chosen)
        left_out = (*rows.left_out, *_not_asked(offered, chosen, layout))
        if options.names is None and options.series is None:
            problems += [Problem("yearbook.no_header", source.place(layout.first_row, c)) for c in layout.bare]
        reading = replace(
            reading,
            left_out=left_out,
            matches=rows.matches,
            problems=(*problems, *rows.problems, *reading.problems),
        )
        told = (str(p.params["series"]) for p in problems if "series" in p.params)
        names = tuple(s.name for s in offered)
        return cls(reading, sheet.name, usable=True, offered=names, settled=frozenset([*(n for n, _ in chosen), *told]))


def _unused(source: Source, sheet: Sheet, reason: str) -> Reading:
    return Reading(cells(), (source,), left_out=(LeftOut(0, sheet.name, reason),))


def _not_asked(offered: Sequence[Series], chosen: Sequence[tuple[str, Series]], layout: Layout) -> Iterator[LeftOut]:
    taken = [series for _, series in chosen]
    row = layout.first_row - 1
    yield from (LeftOut(0, s.name, "not-asked", row) for s in offered if s not in taken)
    yield from (LeftOut(0, cell_name(layout.first_row, c), "not-asked", layout.first_row) for c in layout.bare)


@dataclass(frozen=True)
class _Cells:
    """The figures of a table."""

    sheet: Sheet
    layout: Layout
    rows: Rows
    source: Source
    options: ReadOptions

    def read(self, chosen: Sequence[tuple[str, Series]]) -> Reading:
        """Read the figures of the chosen series."""
        year: int | Problem | None = None
        if any(None in series.columns for _, series in chosen):
            year = year_of_sheet(self.layout, self.source, fixed=self.options.fixed_year)
        problems = [year] if isinstance(year, Problem) else []
        edition = edition_of(self.source.file, self.layout) or -1
        found: list[tuple[object, ...]] = []
        for name, series in chosen:
            for own_year, column in series.columns.items():
                when = own_year if own_year is not None else year
                if not isinstance(when, int):
                    continue
                for region, rows in self.rows.regions.items():
                    about = {"region": region, "year": when, "name": name}
                    values = [self._value(row, column, about, problems) for row in rows]
                    problems += self._differing(values, rows, column, about)
                    found.append((region, when, name, values[0], 0, rows[0], column, edition))
        units = {name: series.unit for name, series in chosen if series.unit}
        return Reading(cells(found), (self.source,), units=units, problems=tuple(problems))

    def _value(self, row: int, column: int, about: Mapping[str, object], problems: list[Problem]) -> float:
        cell = self.sheet.rows[row][column]
        value = number(cell, (*YEARBOOK_TOKENS, *self.options.tokens))
        if value is None:
            params = {**about, "value": " ".join(plain(cell).split())}
            problems.append(Problem("yearbook.not_a_number", self.source.place(row, column), params))
            return math.nan
        return value

    def _differing(
        self, values: Sequence[float], rows: Sequence[int], column: int, about: Mapping[str, object]
    ) -> Iterator[Problem]:
        """Go through the rows that give a region again, with another figure."""
        first = values[0]
        for row, value in zip(rows[1:], values[1:], strict=True):
            if value != first and not (math.isnan(value) and math.isnan(first)):
                params = {**about, "first": first, "second": value, "first_cell": cell_name(rows[0], column)}
                yield Problem("yearbook.twice", self.source.place(row, column), params)
