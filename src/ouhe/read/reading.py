"""What every reader returns: the cells it read, where each stood, and everything it left out or could not take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from ouhe.errors import Place, Problem, cell_name

__all__ = ["COLUMNS", "LeftOut", "Match", "ReadOptions", "Reading", "Source", "cells", "join"]

#: Columns of :attr:`Reading.cells`, one row a cell.
COLUMNS: dict[str, str] = {
    "region": "object",  # id in the region set
    "year": "int64",
    "series": "object",  # id given by the study, or the header's text
    "value": "float64",  # NaN where the cell is empty or holds a missing token
    "source": "int64",  # position in Reading.sources
    "row": "int64",  # zero-based place in the sheet
    "column": "int64",
    "edition": "int64",  # year of the edition the cell was printed in; -1 when not known
}


@dataclass(frozen=True, slots=True)
class Source:
    """One sheet of one file that was read.

    Parameters
    ----------
    file
        Path as the study gives it, with ``/``.
    sha256
        Digest of the file's bytes.
    sheet
        Name of the sheet, None for files without sheets.
    layout
        What the sheet was taken for.
    title
        Title line, where one stands.
    protected
        The workbook was protected with Excel's default password.
    encoding
        Encoding of a text file.
    """

    file: str
    sha256: str
    sheet: str | None = None
    layout: str = ""
    title: str = ""
    protected: bool = False
    encoding: str | None = None

    def place(self, row: int | None = None, column: int | None = None) -> Place:
        """Place of a cell of this sheet, or of the sheet."""
        cell = None if row is None or column is None or row < 0 or column < 0 else cell_name(row, column)
        return Place(file=self.file, sheet=self.sheet, cell=cell)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was recognised and not used: a row, a column, a sheet, or the values of some years.

    `reason` is one of ``national``, ``macro-region``, ``not-a-region``, ``outside-the-set``, ``no-region-column``,
    ``empty-sheet``, ``footer``, ``not-asked`` (a series the study does not use) or ``outside-the-years`` (values of
    years that the study does not have).
    """

    source: int
    label: str
    reason: str
    row: int = -1


@dataclass(frozen=True, slots=True)
class Match:
    """A label that stood in a file and the region it was taken for; `how` names the rule."""

    label: str
    region: str
    how: str


@dataclass(frozen=True)
class ReadOptions:
    """What a study says about a file beyond its path.

    Parameters
    ----------
    names
        Id of a series → the header texts it is accepted under (its id, its name, its name with the unit in
        brackets, or what the study's ``columns`` gives). None takes every column under its own header text.
    required
        The study named the columns itself, so each must be found; otherwise a file may hold only some of them.
    aliases
        The study's ``region_aliases``: label as it stands → region.
    tokens
        Texts that mean "missing", besides those of the layout.
    sheet
        The only sheet to read.
    region, year
        Headers of the columns that say where and when; found by their usual names when None.
    fixed_year
        Year of all values, where no header, title or file name says it.
    series
        Id of the one series that the file holds, for layouts of one series.
    """

    names: Mapping[str, tuple[str, ...]] | None = None
    required: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    sheet: str | None = None
    region: str | None = None
    year: str | None = None
    fixed_year: int | None = None
    series: str | None = None


@dataclass(frozen=True)
class Reading:
    """Result of reading one or more sheets; readings add up with ``+``.

    Parameters
    ----------
    cells
        One row a cell, with the columns of :data:`COLUMNS`.
    sources
        Sheets read.
    units
        Unit of a series, where the file says it.
    left_out
        Rows and sheets not used, with the reason.
    matches
        Labels that were not a region's id and what they were taken for, without repetition.
    problems
        What is wrong. A reader goes on after a problem, so that all are told together.
    """

    cells: pd.DataFrame
    sources: tuple[Source, ...] = ()
    units: dict[str, str] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    matches: tuple[Match, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: Reading) -> Reading:
        return join([self, other])


def cells(rows: list[tuple[object, ...]] | None = None) -> pd.DataFrame:
    """Table of cells from rows in the order of :data:`COLUMNS`."""
    return pd.DataFrame(rows or [], columns=list(COLUMNS)).astype(COLUMNS)


def join(readings: list[Reading]) -> Reading:
    """All of several readings as one, sources renumbered."""
    tables: list[pd.DataFrame] = []
    sources: list[Source] = []
    left_out: list[LeftOut] = []
    units: dict[str, str] = {}
    for reading in readings:
        start = len(sources)
        if len(reading.cells):
            tables.append(reading.cells.assign(source=reading.cells["source"] + start))
        sources += reading.sources
        left_out += [LeftOut(x.source + start, x.label, x.reason, x.row) for x in reading.left_out]
        units = {**reading.units, **units}
    return Reading(
        cells=pd.concat(tables, ignore_index=True) if tables else cells(),
        sources=tuple(sources),
        units=units,
        left_out=tuple(left_out),
        matches=tuple(dict.fromkeys(m for r in readings for m in r.matches)),
        problems=tuple(p for r in readings for p in r.problems),
    )
