"""Where the table stands on a yearbook sheet: its title, unit, header and body, and the years it is for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ouhe.read.sheets import OpenSheet
from ouhe.read.units import is_unit
from ouhe.read.values import number, plain
from ouhe.read.yearbook_headers import HeaderColumn, columns
from ouhe.read.years import any_year_in, year_of, years_in
from ouhe.regions import Recognition

__all__ = ["Layout", "find"]

#: Fewest regions that make a column the column of regions.
FEWEST = 2

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_UNIT_LINE = re.compile(r"(?:计量)?单位\s*[::]\s*(.+)")
_NUMBERED = re.compile(r"(?:表\s*)?\d+\s*[-‐‑–—.]\s*\d+")
_EDITION_LINE = re.compile(r"年鉴|yearbook", re.IGNORECASE)

Recognise = Callable[[object], Recognition]


@dataclass(frozen=True)
class Layout:
    """The parts of a sheet.

    Parameters
    ----------
    region_column
        Column with the names of the regions.
    first_row
        First row of the body; it ends with the sheet.
    columns
        Columns of figures with their headers.
    bare
        Columns that hold figures for regions under no header.
    title, english_title
        Title lines without the unit, "" where none stands.
    lines
        All lines above the header.
    units
        Units that the unit line names.
    """

    region_column: int
    first_row: int
    columns: tuple[HeaderColumn, ...]
    bare: tuple[int, ...]
    title: str
    english_title: str
    lines: tuple[str, ...]
    units: tuple[str, ...]

    @property
    def years(self) -> tuple[int, ...]:
        """Years that the titles give for the whole table, in order of trust."""
        return tuple(y for line in (self.title, self.english_title) for y in years_in(line))

    @property
    def edition(self) -> int | None:
        """Year of the edition, where a line names the yearbook."""
        found = [y for line in self.lines if _EDITION_LINE.search(line) for y in any_year_in(line)]
        return found[0] if found else None


def find(sheet: OpenSheet, recognise: Recognise, *, region_header: str | None = None) -> Layout | None:
    """Find the table of a sheet; None where no column names regions.

    Parameters
    ----------
    sheet
        The sheet.
    recognise
        What a label stands for.
    region_header
        Header of the column with the regions; found by the names in it when None.
    """
    column = _region_column(sheet, recognise) if region_header is None else _headed(sheet, region_header)
    if column is None:
        return None
    data = [c for c in range(len(sheet.rows[0])) if c != column and not _repeats(sheet, c, column, recognise)]
    first = _first_row(sheet, column, data, recognise)
    if first is None:
        return None
    rows = _header_rows(sheet, first, data)
    headed = columns(sheet, rows, data) if rows else []
    known = {c.index for c in headed}
    above = _lines(sheet, rows[0] if rows else first)
    titles = [line for line in above if not _is_unit_line(line)]
    return Layout(
        region_column=column,
        first_row=first,
        columns=tuple(headed),
        bare=tuple(c for c in data if c not in known and any(_figure(r[c]) for r in sheet.rows[first:])),
        title=_title(titles),
        english_title=" ".join(t for t in titles if not _CHINESE.search(t)),
        lines=tuple(above),
        units=_units(above),
    )


def _names(sheet: OpenSheet, column: int, recognise: Recognise) -> dict[int, str]:
    """Row → region for the cells of a column that name regions in words."""
    found = {}
    for position, row in enumerate(sheet.rows):
        cell = row[column]
        if isinstance(cell, str) and number(cell) is None:
            region = recognise(cell).region
            if region is not None:
                found[position] = region
    return found


def _region_column(sheet: OpenSheet, recognise: Recognise) -> int | None:
    width = len(sheet.rows[0]) if sheet.rows else 0
    named = {c: _names(sheet, c, recognise) for c in range(width)}
    count = {c: len(set(rows.values())) for c, rows in named.items()}
    most = max(count.values(), default=0)
    if most < FEWEST:
        return None
    fitting = [c for c, n in count.items() if n >= max(FEWEST, most / 2)]
    # The Chinese names are the table's own; the English ones beside them are a translation, with its own misprints.
    return next((c for c in fitting if any(_CHINESE.search(str(sheet.rows[r][c])) for r in named[c])), fitting[0])


def _headed(sheet: OpenSheet, header: str) -> int | None:
    wanted = "".join(plain(header).split()).casefold()
    for row in sheet.rows:
        for column, cell in enumerate(row):
            if "".join(plain(cell).split()).casefold() == wanted:
                return column
    return None


def _repeats(sheet: OpenSheet, column: int, region_column: int, recognise: Recognise) -> bool:
    """Whether a column names the same regions again, in English or as codes, and is no column of figures."""
    pairs = [
        (recognise(row[region_column]).region, recognise(row[column]).region)
        for row in sheet.rows
        if recognise(row[region_column]).region is not None
    ]
    return sum(a == b for a, b in pairs) * 2 > len(pairs)


def _figure(cell: object) -> bool:
    value = number(cell)
    return value is not None and value == value  # noqa: PLR0124 - NaN, an empty cell, differs from itself


def _first_row(sheet: OpenSheet, column: int, data: Sequence[int], recognise: Recognise) -> int | None:
    """First row of the body; rows with a known name, or with figures, just above a known name belong to it."""
    known = [r for r, row in enumerate(sheet.rows) if plain(row[column]) and recognise(row[column]).kind != "unknown"]
    # A name with nothing beside it may be a title.
    filled = (r for r in known if any(plain(sheet.rows[r][c]) for c in data))
    first = next(filled, known[0] if known else None)
    while first and (first - 1 in known or _unknown_above(sheet.rows[first - 1], column, data)):
        first -= 1
    return first


def _unknown_above(row: Sequence[object], column: int, data: Sequence[int]) -> bool:
    """Whether a row holds figures beside a name, and is no header of years."""
    figures = [row[c] for c in data if _figure(row[c])]
    return bool(plain(row[column]) and figures) and not all(year_of(f) for f in figures)


def _header_rows(sheet: OpenSheet, first: int, data: Sequence[int]) -> list[int]:
    """Rows over the body with text above the figures, up to a unit line, a title or a gap."""
    rows: list[int] = []
    for position in range(first - 1, -1, -1):
        row = sheet.rows[position]
        if (
            any(_UNIT_LINE.match(plain(cell)) for cell in row)
            or _is_title(row, data)
            or _spans_all(sheet, position, data)
        ):
            break
        if any(plain(row[c]) for c in data):
            rows.insert(0, position)
        elif rows:
            break
    return rows


def _is_title(row: Sequence[object], data: Sequence[int]) -> bool:
    """Whether a row holds a numbered title; over the figures only where nothing else stands (15-64岁 is a header)."""
    filled = {c: plain(cell) for c, cell in enumerate(row) if plain(cell)}
    return any(
        _NUMBERED.match(said) and _CHINESE.search(said)
        for c, said in filled.items()
        if c not in data or len(filled) == 1
    )


def _spans_all(sheet: OpenSheet, row: int, data: Sequence[int]) -> bool:
    """Whether a row is one cell over the whole table: a title."""
    return len(data) > 1 and any(
        first[0] <= row <= last[0] and first[1] < data[0] and last[1] >= data[-1] for first, last in sheet.merged
    )


def _lines(sheet: OpenSheet, end: int) -> list[str]:
    cells = [plain(cell) for row in sheet.rows[:end] for cell in row]
    return [line for cell in cells for line in cell.splitlines() if line.strip()]


def _is_unit_line(line: str) -> bool:
    bracket = re.fullmatch(r"\((.*)\)", line.strip())
    return bool(_UNIT_LINE.match(line)) or bool(bracket and all(is_unit(u) for u in re.split("[,，]", bracket[1])))


def _title(lines: Sequence[str]) -> str:
    chinese = [line.strip() for line in lines if _CHINESE.search(line) and not _EDITION_LINE.search(line)]
    numbered = [line for line in chinese if _NUMBERED.match(line)]
    return (numbered or chinese[-1:] or [""])[0]


def _units(lines: Sequence[str]) -> tuple[str, ...]:
    found = [m[1] for line in lines if (m := _UNIT_LINE.match(line.strip()))]
    return tuple(u.strip() for u in re.split("[,，、;；]", found[0]) if u.strip()) if found else ()
