"""Tables with one row a region and year and one column an indicator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ouhe.errors import Place, Problem
from ouhe.read.headers import (
    INDICATOR_HEADERS,
    REGION_HEADERS,
    UNIT_HEADERS,
    VALUE_HEADERS,
    YEAR_HEADERS,
    header_key,
    label,
)
from ouhe.read.labels import are_regions, count_regions, recognise
from ouhe.read.reading import Reading, ReadOptions, cells, join
from ouhe.read.series import Asked, all_found, ask
from ouhe.read.sheets import OpenSheet, blank, unused
from ouhe.read.strips import Strip, gather
from ouhe.read.values import number
from ouhe.read.years import year_of
from ouhe.regions import RegionSet

__all__ = ["LongHeader", "find_header", "read_long", "read_sheet"]

_ROWS_SEARCHED = 50
_ROWS_JUDGED = 200


@dataclass(frozen=True, slots=True)
class LongHeader:
    """Where the header of a long table stands: its row, and its columns of regions and years."""

    row: int
    region: int
    year: int | None


def read_long(sheets: Sequence[OpenSheet], *, file: str, regions: RegionSet, options: ReadOptions) -> Reading:
    """Read a table with one row a region and year and one column an indicator.

    The header is the first row that holds a header of regions and one of years; what stands above is taken for title
    and notes. A row right below it that names neither region nor year and holds no number gives units. A table with
    the columns ``indicator`` and ``value`` holds one row a cell. With `fixed_year` the table may lack a column of
    years. Variables of Stata and SPSS files are found by their names or by their labels. Every sheet that has such a
    header is read; parameters as in :class:`~ouhe.read.Reader`.
    """
    headers = [find_header(s, regions=regions, options=options) for s in sheets]
    reading = join(
        [
            unused(sheet) if header is None else read_sheet(sheet, header, regions=regions, options=options)
            for sheet, header in zip(sheets, headers, strict=True)
        ]
    )
    if not any(headers):
        return replace(reading, problems=(_no_header(sheets, options, Place(file)),))
    return all_found(reading, options=options, place=Place(file))


def _no_header(sheets: Sequence[OpenSheet], options: ReadOptions, place: Place) -> Problem:
    """Problem of a file in which no header was found; it shows the row that most likely is one."""
    rows = [
        (sheet, row, texts)
        for sheet in sheets
        for row, cells in enumerate(sheet.grid[:_ROWS_SEARCHED])
        if (texts := [t for t in map(label, cells) if t])
    ]
    if not rows:
        return Problem("read.no_cells", place, {"sheets": ", ".join(s.name for s in sheets)})
    sheet, row, widest = max(rows, key=lambda found: len(found[2]))
    wanted = {"region": options.region or "省份/地区/region", "year": options.year or "年份/year"}
    return Problem(
        "read.no_long_header", sheet.source.place(), {**wanted, "row": row + 1, "found": ", ".join(widest[:12])}
    )


def find_header(sheet: OpenSheet, *, regions: RegionSet, options: ReadOptions) -> LongHeader | None:
    """Header of a long table, or None where the first rows hold none."""
    for row in range(min(len(sheet.grid), _ROWS_SEARCHED)):
        texts = sheet.texts(row)
        region = _columns(texts, options.region, REGION_HEADERS)
        year = _columns(texts, options.year, YEAR_HEADERS)
        if not region or not (year or options.fixed_year is not None):
            continue
        below = sheet.grid[row + 1 : row + 1 + _ROWS_JUDGED]
        best = max(region, key=lambda c: count_regions(below[:, c], regions, options))
        years = max(year, key=lambda c: sum(year_of(v) is not None for v in below[:, c]), default=None)
        return LongHeader(row, best, years)
    return None


def _columns(texts: Sequence[Iterable[str]], asked: str | None, usual: frozenset[str]) -> list[int]:
    """Columns under the header that the study names, or under one of the usual ones."""
    wanted = {header_key(asked)} if asked is not None else usual
    fold = str if asked is not None else str.casefold
    return [c for c, said in enumerate(texts) if any(fold(header_key(t)) in wanted for t in said)]


@dataclass(frozen=True, eq=False)
class _Body:
    """Rows of a long table that are for a region and a year."""

    grid: np.ndarray
    region: np.ndarray
    year: np.ndarray
    row: np.ndarray

    def strip(self, series: str, column: int, rows: np.ndarray | slice = slice(None)) -> Strip:
        return Strip(series, self.grid[rows, column], self.region[rows], self.year[rows], self.row[rows], column)


def read_sheet(
    sheet: OpenSheet, header: LongHeader, *, regions: RegionSet, options: ReadOptions, year: int | None = None
) -> Reading:
    """Read one sheet whose header is known; `year` holds for all rows of a table without a column of years."""
    sheet = sheet.said(title=sheet.source.title or " ".join(sheet.above(header.row)))
    columns = [c for c in range(sheet.grid.shape[1]) if c not in {header.region, header.year}]
    units = _units_below(sheet, header, columns)
    first = header.row + 1 + (units is not None)
    rows = np.arange(first, len(sheet.grid))
    labels = sheet.filled(header.region)[first:]
    undated = blank(sheet.filled(header.year)[first:]) if header.year is not None else np.zeros(len(rows), dtype=bool)
    unsure = undated | ~are_regions(labels, regions, options)
    holds = ~unsure  # whether values stand in a row is asked only where the answer changes anything
    holds[unsure] = ~np.all(blank(sheet.grid[rows[unsure]][:, columns]), axis=1)
    found = recognise(
        labels,
        holds,
        at=[(int(r), header.region) for r in rows],
        source=sheet.source,
        regions=regions,
        options=options,
    )
    if not found.known.any() and not found.problems:
        nothing = Problem("read.no_rows", sheet.source.place(), {"row": header.row + 1})
        return Reading(cells(), (sheet.source,), left_out=found.left_out, problems=(nothing,))
    here = found.known & (holds | ~undated)
    years, problems = _years(sheet, header, rows[here], options.fixed_year if year is None else year)
    rows, ids, dated = rows[here], found.ids[here], years >= 0
    body = _Body(sheet.grid[rows[dated]], ids[dated], years[dated], rows[dated])
    strips, asked = _strips(body, sheet, header, columns, options)
    table, wrong = gather(strips, source=sheet.source, tokens=options.tokens)
    return Reading(
        table,
        (sheet.source,),
        asked.units | _named_units(asked, columns, units),
        (*found.left_out, *asked.left_out),
        found.matches,
        (*asked.problems, *found.problems, *problems, *wrong),
    )


def _units_below(sheet: OpenSheet, header: LongHeader, columns: list[int]) -> dict[int, str] | None:
    """Units in the row below the header, which names neither region nor year and holds no number; else None."""
    if header.row + 1 >= len(sheet.grid):
        return None
    row = sheet.grid[header.row + 1]
    where = [header.region] if header.year is None else [header.region, header.year]
    texts = {c: label(row[c]) for c in columns if label(row[c])}
    named = [t for t in (label(row[c]) for c in where) if t and t.casefold() not in UNIT_HEADERS]
    if named or not texts or any(number(row[c]) is not None for c in texts):
        return None
    return texts


def _named_units(asked: Asked, columns: list[int], units: dict[int, str] | None) -> dict[str, str]:
    return {name: units[columns[i]] for i, name in asked.series if columns[i] in units} if units else {}


def _years(
    sheet: OpenSheet, header: LongHeader, rows: np.ndarray, fixed: int | None
) -> tuple[np.ndarray, list[Problem]]:
    """Year of each row, -1 where there is none, and a problem for each text that is no year."""
    if header.year is None:
        return np.full(len(rows), -1 if fixed is None else fixed, dtype=np.int64), []
    codes, kinds = pd.factorize(pd.Series(sheet.filled(header.year)[rows], dtype=object), use_na_sentinel=False)
    known = np.array([-1 if (y := year_of(k)) is None else y for k in kinds], dtype=np.int64)
    years = known[codes] if len(kinds) else np.zeros(0, dtype=np.int64)
    problems = [
        Problem("read.not_a_year", sheet.source.place(int(rows[codes == i][0]), header.year), {"value": label(kind)})
        for i, kind in enumerate(kinds)
        if known[i] < 0
    ]
    return years, problems


def _strips(
    body: _Body, sheet: OpenSheet, header: LongHeader, columns: list[int], options: ReadOptions
) -> tuple[list[Strip], Asked]:
    """Cells of every series asked for, from columns of their own or from rows that name them."""
    texts = sheet.texts(header.row)
    name_column, value_column = _only(texts, columns, INDICATOR_HEADERS), _only(texts, columns, VALUE_HEADERS)
    if name_column is None or value_column is None:
        asked = ask(
            [texts[c] for c in columns], [(header.row, c) for c in columns], source=sheet.source, options=options
        )
        return [body.strip(name, columns[i]) for i, name in asked.series], asked
    said = np.array([label(c) for c in body.grid[:, name_column]], dtype=object)
    names = list(dict.fromkeys(said))
    at = [(int(body.row[np.argmax(said == n)]), name_column) for n in names]
    asked = ask([(n,) for n in names], at, source=sheet.source, options=options)
    return [body.strip(name, value_column, said == names[i]) for i, name in asked.series], asked


def _only(texts: list[tuple[str, ...]], columns: list[int], usual: frozenset[str]) -> int | None:
    """The only column under one of the usual headers."""
    found = [c for c in columns if c in _columns(texts, None, usual)]
    return found[0] if len(found) == 1 else None
