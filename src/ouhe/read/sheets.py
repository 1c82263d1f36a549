"""One way to open any table: whatever the file is, what comes back are sheets of cells."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from ouhe.errors import DataError, Place, Problem, did_you_mean
from ouhe.read import delimited, records, workbook
from ouhe.read.headers import header_key, label
from ouhe.read.reading import LeftOut, Reading, ReadOptions, Source, cells

__all__ = ["OpenSheet", "blank", "open_sheets", "unused"]

_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".tab"})


@dataclass(frozen=True, eq=False)
class OpenSheet:
    """One sheet as it stands in its file.

    Parameters
    ----------
    source
        Where it stands.
    grid
        Object array (row, column) of its cells, from the first row and column of the sheet.
    merged
        First and last cell (row, column) of each merged range.
    labels
        A second name of every column (variable labels of Stata and SPSS); empty where there is none.
    """

    source: Source
    grid: np.ndarray
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    labels: tuple[str, ...] = ()

    def said(self, title: str = "", layout: str = "") -> OpenSheet:
        """Sheet of which the title and the layout have become known."""
        source = replace(self.source, title=title or self.source.title, layout=layout or self.source.layout)
        return replace(self, source=source)

    @cached_property
    def rows(self) -> list[list[object]]:
        """Cells row by row."""
        rows: list[list[object]] = self.grid.tolist()
        return rows

    @property
    def name(self) -> str:
        """Name of the sheet, or of its file where that has no sheets."""
        return self.source.sheet or self.source.file

    def texts(self, row: int) -> list[tuple[str, ...]]:
        """Texts of every column in a header row: the cell, and the column's label where it has one."""
        cells = [label(c) for c in self.grid[row]]
        return list(zip(cells, self.labels, strict=True)) if self.labels else [(c,) for c in cells]

    def above(self, row: int) -> list[str]:
        """Texts above a row, in order."""
        return [t for t in map(label, self.grid[:row].ravel()) if t]

    def filled(self, column: int) -> np.ndarray:
        """Cells of a column in which every cell of a merged range holds the range's text."""
        cells = self.grid[:, column].copy()
        for (top, left), (bottom, right) in self.merged:
            if left <= column <= right:
                cells[top : bottom + 1] = self.grid[top, left]
        return cells


def blank(cells: np.ndarray) -> np.ndarray:
    """Which cells of an object array are empty: nothing, NaN, or white space."""
    empty: np.ndarray = pd.isna(cells) | (cells == "")
    texts = [(i, c) for i, c in enumerate(cells.ravel()) if isinstance(c, str) and c[:1].isspace()]
    for i, c in texts:
        empty.ravel()[i] |= not c.strip()
    return empty


def open_sheets(path: Path, *, file: str, options: ReadOptions) -> list[OpenSheet]:
    """Open a delimited text, a workbook, or a Parquet, Stata or SPSS file.

    Parameters
    ----------
    path
        The file.
    file
        Its name in messages.
    options
        Their `sheet` names the only sheet to open.

    Raises
    ------
    DataError
        The file cannot be opened, has no sheet at all, or none of that name.
    """
    sheets = _open(path, file)
    if not sheets:
        raise DataError.of("read.no_sheets", Place(file))
    if options.sheet is not None:
        names = [s.source.sheet or "" for s in sheets]
        sheets = [s for s in sheets if header_key(s.source.sheet or "") == header_key(options.sheet)]
        if not sheets:
            offers = {"sheets": ", ".join(names), "nearest": did_you_mean(options.sheet, names)}
            raise DataError(Problem("read.no_sheet", Place(file), {"sheet": options.sheet, **offers}))
    return sheets


def _open(path: Path, file: str) -> list[OpenSheet]:
    try:
        with path.open("rb") as stream:
            magic = stream.read(11)
    except OSError as error:
        raise DataError.of("read.unreadable", Place(file), detail=error.strerror or str(error)) from error
    if path.suffix.lower() in _TEXT_SUFFIXES:
        return [_open_text(path, file)]
    if records.is_stata(path, magic):
        return [_open_records(*records.open_stata(path, file=file), path, file)]
    if magic.startswith(b"PAR1"):
        return [_open_records(records.open_parquet(path, file=file), (), path, file)]
    web_page = path.suffix.lower().startswith(".xls") and magic.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<")
    if web_page or magic.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _open_workbook(path, file)
    return [_open_text(path, file)]


def _open_text(path: Path, file: str) -> OpenSheet:
    opened = delimited.open_delimited(path, file=file)
    title = " ".join(opened.notes)
    return OpenSheet(Source(file, opened.sha256, title=title, encoding=opened.encoding), _grid(opened.rows))


def _open_workbook(path: Path, file: str) -> list[OpenSheet]:
    book = workbook.open_workbook(path, file=file)
    return [
        OpenSheet(Source(file, book.sha256, s.name, protected=book.protected), _grid(s.rows), s.merged)
        for s in book.sheets
    ]


def _open_records(frame: pd.DataFrame, labels: tuple[str, ...], path: Path, file: str) -> OpenSheet:
    """Sheet of a file of typed columns; its names are the first row, as in a spreadsheet."""
    grid = np.empty((len(frame) + 1, frame.shape[1]), dtype=object)
    grid[0] = [str(c) for c in frame.columns]
    for position in range(frame.shape[1]):
        grid[1:, position] = frame.iloc[:, position].to_numpy(dtype=object)
    return OpenSheet(Source(file, hashlib.sha256(path.read_bytes()).hexdigest()), grid, labels=labels)


def _grid(rows: Sequence[Sequence[object]]) -> np.ndarray:
    """Cells as one array, short rows filled up with nothing."""
    width = max(map(len, rows), default=0)
    grid = np.full((len(rows), width), "", dtype=object)
    if all(len(r) == width for r in rows):
        if rows and width:
            grid[:] = rows
        return grid
    for position, row in enumerate(rows):
        grid[position, : len(row)] = row
    return grid


def unused(sheet: OpenSheet) -> Reading:
    """Reading of a sheet that holds no table: it is listed, never passed over in silence."""
    empty = not sheet.grid.size or bool(blank(sheet.grid).all())
    left_out = LeftOut(0, sheet.name, "empty-sheet" if empty else "no-region-column")
    return Reading(cells(), (sheet.source,), left_out=(left_out,))
