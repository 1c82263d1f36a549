"""Tables of regions by years, or of years by regions, for one indicator or for several one below the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import numpy as np

from ouhe.errors import Place, Problem
from ouhe.read.headers import (
    INDICATOR_HEADERS,
    REGION_HEADERS,
    UNIT_HEADERS,
    YEAR_HEADERS,
    header_key,
    label,
)
from ouhe.read.labels import Recognised, count_regions, recognise
from ouhe.read.reading import LeftOut, Reading, ReadOptions, join
from ouhe.read.series import Asked, ask
from ouhe.read.sheets import OpenSheet, blank, unused
from ouhe.read.strips import Strip, gather
from ouhe.read.units import split_unit
from ouhe.read.values import number
from ouhe.read.years import year_of
from ouhe.regions import RegionSet

__all__ = ["WideHeader", "find_header", "read_sheet", "read_wide", "series_of"]

_ROWS_SEARCHED = 40
_UNIT_LINE = re.compile(r"[(]?(?:计量)?(?:单位|units?):([^()]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WideHeader:
    """How a wide table lies.

    Parameters
    ----------
    row
        Row of the header.
    years
        (column, year) of each column of values; None where the years run down.
    region
        Column of the regions, or of the years where these run down.
    series
        Column that names the series of each row, where the table holds several.
    """

    row: int
    region: int
    years: tuple[tuple[int, int], ...] | None
    series: int | None = None


def read_wide(sheets: Sequence[OpenSheet], *, file: str, regions: RegionSet, options: ReadOptions) -> Reading:
    """Read a table of regions by years or of years by regions.

    The header is the first row of which at least half the cells are years (or regions). Regions stand in the column
    whose texts name most of them. A further column headed 指标/indicator, or one of texts without a header, names the
    series of each row; else the table holds one series, see :func:`series_of`. Every sheet that holds such a table is
    read; parameters as in :class:`~ouhe.read.Reader`.
    """
    headers = [find_header(s, regions=regions, options=options) for s in sheets]
    hints = (PurePosixPath(file).stem,)
    reading = join(
        [
            unused(sheet)
            if header is None
            else read_sheet(sheet, header, regions=regions, options=options, hints=hints)
            for sheet, header in zip(sheets, headers, strict=True)
        ]
    )
    if not any(headers):
        return replace(reading, problems=(Problem("read.no_wide_header", Place(file)),))
    return reading


def find_header(sheet: OpenSheet, *, regions: RegionSet, options: ReadOptions) -> WideHeader | None:
    """How the table of a sheet lies, or None where it holds no wide table."""
    for row in range(min(len(sheet.grid), _ROWS_SEARCHED)):
        texts = [label(c) for c in sheet.grid[row]]
        filled = sum(map(bool, texts))
        years = tuple((c, y) for c, cell in enumerate(sheet.grid[row]) if (y := year_of(cell)) is not None)
        if years and 2 * len(years) >= filled and len(years) >= (1 if filled > len(years) else 2):
            header = _of_years(sheet, row, years, regions, options)
        elif filled >= 2 and 2 * count_regions([t for t in texts if number(t) is None], regions, options) >= filled:
            header = _of_regions(sheet, row, texts)
        else:
            continue
        if header is not None:
            return header
    return None


def _of_years(
    sheet: OpenSheet, row: int, years: tuple[tuple[int, int], ...], regions: RegionSet, options: ReadOptions
) -> WideHeader | None:
    """Header of a table of regions by years."""
    columns = [c for c in range(sheet.grid.shape[1]) if c not in dict(years)]
    if count_regions(sheet.grid[row, columns], regions, options):
        return None  # a row of values, some of which happen to be whole numbers that could be years
    below = {c: [v for v in sheet.filled(c)[row + 1 :] if number(v) is None] for c in columns}
    if options.region is not None:
        columns = [c for c in columns if header_key(label(sheet.grid[row, c])) == header_key(options.region)]
    found = {c: count_regions(below[c], regions, options) for c in columns}
    best = max(found, key=lambda c: found[c], default=None)
    if best is None or not found[best]:
        return None
    return WideHeader(row, best, years, _series_column(sheet, row, [c for c in below if c != best and below[c]]))


def _series_column(sheet: OpenSheet, row: int, columns: list[int]) -> int | None:
    """Column that names the series: by its header, else the first without one."""
    named = [c for c in columns if header_key(label(sheet.grid[row, c])).casefold() in INDICATOR_HEADERS]
    nameless = [c for c in columns if not label(sheet.grid[row, c])]
    return next(iter([*named, *nameless]), None)


def _of_regions(sheet: OpenSheet, row: int, texts: list[str]) -> WideHeader | None:
    """Header of a table of years by regions: its years stand in the column that holds most of them."""
    count = [sum(year_of(v) is not None for v in sheet.grid[row + 1 :, c]) for c in range(len(texts))]
    best = int(np.argmax(count))
    below = ~blank(sheet.grid[row + 1 :, best])
    return WideHeader(row, best, None) if count[best] and 2 * count[best] >= below.sum() else None


def read_sheet(
    sheet: OpenSheet,
    header: WideHeader,
    *,
    regions: RegionSet,
    options: ReadOptions,
    hints: Sequence[str] = (),
    series: tuple[str, str] | None = None,
    tokens: Sequence[str] = (),
) -> Reading:
    """Read one sheet whose header is known.

    Parameters
    ----------
    sheet, header
        The sheet, and how its table lies.
    regions, options
        The study's regions, and what it says about the file.
    hints
        Texts besides the sheet's own that may name the series.
    series
        Id and unit of the series, where the caller knows them.
    tokens
        Texts that mean "missing", besides those of the study.
    """
    above = sheet.above(header.row)
    sheet = sheet.said(title=sheet.source.title or " ".join(above))
    found = _recognise(sheet, header, regions, options)
    if header.series is not None:
        asked, pieces = _several(sheet, header, options)
    else:
        corner = label(sheet.grid[header.row, header.region])
        texts = [*above, corner, sheet.source.sheet or "", *hints]
        asked = _given(*series) if series else series_of(texts, sheet, options)
        pieces = [(name, slice(None)) for _, name in asked.series]
        unit = _unit_line(above)
        asked = replace(asked, units={name: unit for _, name in asked.series if unit} | asked.units)
    strips = [s for name, rows in pieces for s in _strips(sheet, header, found, name, rows)]
    cells, wrong = gather(strips, source=sheet.source, tokens=(*tokens, *options.tokens))
    problems = (*asked.problems, *found.problems, *_not_years(sheet, header, found), *wrong)
    left_out = (*found.left_out, *asked.left_out, *_other_columns(sheet, header))
    return Reading(cells, (sheet.source,), asked.units, left_out, found.matches, problems)


def _recognise(sheet: OpenSheet, header: WideHeader, regions: RegionSet, options: ReadOptions) -> Recognised:
    """Recognise the labels of the rows below the header, or of the columns beside the years."""
    below = sheet.grid[header.row + 1 :]
    if header.years is None:
        columns = [c for c in range(sheet.grid.shape[1]) if c != header.region]
        labels = sheet.grid[header.row, columns]
        holds = ~np.array([blank(below[:, c]).all() for c in columns], dtype=bool)
        at = [(header.row, c) for c in columns]
    else:
        holds = ~np.all(blank(below[:, [c for c, _ in header.years]]), axis=1)
        labels = sheet.filled(header.region)[header.row + 1 :]
        for i in np.flatnonzero(blank(labels) & ~holds):
            labels[i] = next((t for t in map(label, below[i]) if t), "")  # a footer may begin in another column
        at = [(header.row + 1 + i, header.region) for i in range(len(below))]
    return recognise(labels, holds, at=at, source=sheet.source, regions=regions, options=options)


def series_of(texts: Sequence[str], sheet: OpenSheet, options: ReadOptions) -> Asked:
    """Series of a table that holds one: what the study says, or the first text that names one.

    The study's `series` holds; then the first of `texts` (title lines, corner, sheet name, file name) that is a name
    the study accepts, with or without its unit; then the only name of the study, if the study required it. A study
    that names nothing gets the first text that is not a region header, a year, or a sheet's automatic name.
    """
    if options.series is not None:
        unit = next((u for t in texts if (u := split_unit(t)[1]) and _names(t, options.series, options)), "")
        return _given(options.series, unit)
    if options.names is None:
        said = next((t for t in texts if _telling(t)), sheet.source.file)
        return _given(*split_unit(said))
    for text in filter(None, texts):
        asked = ask([(text,)], [(0, 0)], source=sheet.source, options=options)
        if asked.series:
            return replace(asked, left_out=(), problems=())
    if options.required and len(options.names) == 1:
        return _given(next(iter(options.names)), "")
    said = next((t for t in texts if _telling(t)), sheet.source.file)
    return Asked((), {}, (LeftOut(0, said, "not-asked"),), ())


def _names(text: str, series: str, options: ReadOptions) -> bool:
    accepted = {series, *((options.names or {}).get(series, ()))}
    return header_key(split_unit(text)[0]) in {header_key(split_unit(a)[0]) for a in accepted}


def _telling(text: str) -> bool:
    key = header_key(text).casefold()
    automatic = key.removeprefix("sheet").isdigit() or key in {"sheet", ""} | REGION_HEADERS | YEAR_HEADERS
    return not automatic and year_of(text) is None and not _UNIT_LINE.match(key)


def _unit_line(texts: Sequence[str]) -> str:
    """Unit that a line of its own gives: ``单位：亿元``."""
    return next((found[1] for t in texts if (found := _UNIT_LINE.match(header_key(t)))), "")


def _given(series: str, unit: str) -> Asked:
    return Asked(((0, series),), {series: unit} if unit else {}, (), ())


def _several(
    sheet: OpenSheet, header: WideHeader, options: ReadOptions
) -> tuple[Asked, list[tuple[str, np.ndarray | slice]]]:
    """Series that the rows name, and the rows (below the header) of each."""
    column = 0 if header.series is None else header.series
    said = np.array([label(c) for c in sheet.filled(column)[header.row + 1 :]], dtype=object)
    regional = np.array([bool(label(c)) for c in sheet.filled(header.region)[header.row + 1 :]], dtype=bool)
    names = list(dict.fromkeys(said[regional]))
    at = [(header.row + 1 + int(np.argmax(said == n)), column) for n in names]
    asked = ask([(n,) for n in names], at, source=sheet.source, options=options)
    return asked, [(name, np.flatnonzero(said == names[i])) for i, name in asked.series]


def _strips(
    sheet: OpenSheet, header: WideHeader, found: Recognised, series: str, rows: np.ndarray | slice
) -> list[Strip]:
    """One strip for each column of values."""
    below = np.arange(header.row + 1, len(sheet.grid))
    if header.years is None:
        years = np.array([-1 if (y := year_of(c)) is None else y for c in sheet.grid[below, header.region]], dtype=int)
        kept, dated = below[years >= 0], years[years >= 0]
        columns = [c for c in range(sheet.grid.shape[1]) if c != header.region]
        return [
            Strip(series, sheet.grid[kept, c], region, dated, kept, c)
            for c, region in zip(columns, found.ids, strict=True)
            if region is not None
        ]
    kept = below[rows]
    names = found.ids[rows]
    here = found.known[rows]
    return [Strip(series, sheet.grid[kept[here], c], names[here], y, kept[here], c) for c, y in header.years]


def _not_years(sheet: OpenSheet, header: WideHeader, found: Recognised) -> list[Problem]:
    """Problems of rows that hold values of regions but no year, in a table of years by regions."""
    if header.years is not None:
        return []
    columns = [c for c in range(sheet.grid.shape[1]) if c != header.region]
    regional = [c for c, region in zip(columns, found.ids, strict=True) if region is not None]
    return [
        Problem("read.not_a_year", sheet.source.place(row, header.region), {"value": label(cell)})
        for row, cell in enumerate(sheet.grid[header.row + 1 :, header.region], header.row + 1)
        if year_of(cell) is None and not blank(sheet.grid[row, regional]).all()
    ]


def _other_columns(sheet: OpenSheet, header: WideHeader) -> list[LeftOut]:
    """Columns beside the years that were not used."""
    if header.years is None:
        return []
    used = {header.region, header.series, *dict(header.years)}
    said = [(c, label(sheet.grid[header.row, c])) for c in range(sheet.grid.shape[1]) if c not in used]
    return [LeftOut(0, t, "not-asked", header.row) for _, t in said if t and t.casefold() not in UNIT_HEADERS]
