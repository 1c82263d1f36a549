"""The tables of a paper file as rows of text, each cell with its place, whatever file or block they stand in."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from ouhe.audit.load import Loaded
from ouhe.audit.paper import TableEntry
from ouhe.errors import OuheError, Place, Problem, cell_name, did_you_mean, listed
from ouhe.read.reading import ReadOptions
from ouhe.read.sheets import open_sheets
from ouhe.regions.names import name_key

__all__ = ["Row", "Sheet", "header_names", "heading", "missing", "open_file", "open_table"]

_UNIT = re.compile(r"[(（\[][^()（）\[\]]*[)）\]]\s*$")


@cache
def header_names(section: str) -> Mapping[str, str]:
    """Spelling as compared → what it stands for, of one section of ``headers.toml``."""
    known = tomllib.loads((files(__package__) / "headers.toml").read_text("utf-8"))[section]
    return {name_key(spelling): meaning for meaning, spellings in known.items() for spelling in spellings}


def heading(text: str) -> str:
    """Head of a column as it is compared: without its unit in brackets.

    Examples
    --------
    >>> heading(" 权重（%） "), heading("E(I)")
    ('权重', 'e(i)')
    """
    bare = _UNIT.sub("", text.strip())
    return name_key(text) if name_key(text) in header_names("columns") or not bare else name_key(bare)


def missing(cell: str) -> bool:
    """Whether a cell says that it holds nothing."""
    return not cell[:1].isdigit() and name_key(cell) in header_names("missing")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: column → text, and where the row stands.

    Parameters
    ----------
    cells
        Meaning of the column → text of the cell.
    place
        Place of the first cell.
    """

    cells: Mapping[str, str]
    place: Place

    def get(self, column: str) -> str:
        """Text of a cell; empty where there is none or it says so."""
        found = self.cells.get(column, "")
        return "" if missing(found) else found


@dataclass(frozen=True)
class Sheet:
    """A table as text.

    Parameters
    ----------
    header
        Heads of the columns as they stand.
    rows
        Texts of the cells, as long as `header`.
    places
        Place of every row.
    place
        Place of the table.
    source
        File and its digest; empty for a table in the paper file.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    places: tuple[Place, ...]
    place: Place
    source: tuple[str, str] | None = None


def open_table(entry: TableEntry, number: int, loaded: Loaded) -> Sheet:
    """Table `number` of the paper file.

    Raises
    ------
    OuheError
        The file cannot be read, or the table holds no row.
    """
    at = loaded.document.place("tables", number, "rows")
    if entry.path is not None:
        return open_file(entry.path, entry.sheet, loaded, loaded.document.place("tables", number, "path"))
    if isinstance(entry.rows, str):
        lines = [(i, line) for i, line in enumerate(entry.rows.splitlines()) if line.strip(" \t|-:")]
        grid = [_split(line) for _, line in lines]
        first = (at.line or 0) + 1
        return _sheet(grid, [replace(at, line=first + i, column=None) for i, _ in lines], at)
    given = entry.rows or ()
    grid = [[cell or "" for cell in row] for row in given]
    return _sheet(grid, [loaded.document.place("tables", number, "rows", i) for i in range(len(grid))], at)


def open_file(path: str, sheet: str | None, loaded: Loaded, at: Place) -> Sheet:
    """Table in a file beside the paper file; numbers of a workbook take the decimals of their column.

    Raises
    ------
    OuheError
        There is no such file, it cannot be read, or it holds no row.
    """
    full = loaded.folder / path
    if not full.is_file():
        parent = full.parent
        near = did_you_mean(full.name, [p.name for p in parent.iterdir()] if parent.is_dir() else [])
        raise OuheError.of("audit.no_table_file", at, path=path, near=near)
    opened = open_sheets(full, file=path, options=ReadOptions(sheet=sheet))[0]
    grid = _texts(opened.rows)
    places = [Place(path, opened.source.sheet, cell_name(i, 0)) for i in range(len(grid))]
    kept = [i for i, row in enumerate(grid) if any(c.strip() for c in row)]
    found = _sheet([grid[i] for i in kept], [places[i] for i in kept], at)
    return replace(found, source=(path, hashlib.sha256(full.read_bytes()).hexdigest()))


def _split(line: str) -> list[str]:
    """Cells of a line of text, between bars, tabs or commas."""
    if "|" in line:
        return [c.strip() for c in line.strip().strip("|").split("|")]
    delimiter = "\t" if "\t" in line else ","
    plain = line.replace("，", ",") if delimiter == "," else line
    return [c.strip() for c in next(csv.reader(io.StringIO(plain), delimiter=delimiter, skipinitialspace=True))]


def _sheet(grid: Sequence[Sequence[str]], places: Sequence[Place], at: Place) -> Sheet:
    if len(grid) < 2:
        raise OuheError.of("audit.empty_table", at)
    width = len(grid[0])
    problems = [
        Problem("audit.row_length", place, {"found": len(row), "expected": width})
        for row, place in zip(grid[1:], places[1:], strict=True)
        if len(row) > width and any(c.strip() for c in row[width:])
    ]
    if problems:
        raise OuheError(*problems)
    rows = tuple((*row[:width], *[""] * (width - len(row))) for row in grid[1:])
    return Sheet(tuple(grid[0]), rows, tuple(places[1:]), at)


def _texts(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    """Cells as texts; a number of a workbook is written with as many decimals as any of its column."""
    columns = list(zip(*rows, strict=True)) if rows else []
    decimals = [max((_decimals(c) for c in column if isinstance(c, float)), default=0) for column in columns]
    return [[_text(c, d) for c, d in zip(row, decimals, strict=True)] for row in rows]


def _decimals(value: float) -> int:
    return len(repr(value).partition(".")[2].rstrip("0")) if "e" not in repr(value) else 0


def _text(cell: object, decimals: int) -> str:
    if cell is None:
        return ""
    return f"{cell:.{decimals}f}" if isinstance(cell, float) else str(cell)


def check_columns(found: Sequence[str], needed: Sequence[str], sheet: Sheet) -> Iterator[Problem]:
    """Columns that a table of its kind must have and this one has not."""
    for column in needed:
        if column not in found:
            spelled = [s for s, meaning in header_names("columns").items() if meaning == column]
            said = {"column": column, "names": listed(spelled, most=4), "header": listed(sheet.header, most=12)}
            yield Problem("audit.no_column", sheet.place, said)
