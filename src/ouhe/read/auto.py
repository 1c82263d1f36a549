"""What a file is, from its content."""

from __future__ import annotations

from collections.abc import Sequence

from ouhe.errors import DataError, Place
from ouhe.read import by_sheet, long, nbs, wide
from ouhe.read.headers import label
from ouhe.read.labels import count_regions
from ouhe.read.reading import ReadOptions
from ouhe.read.sheets import OpenSheet
from ouhe.regions import RegionSet

__all__ = ["detect"]

_ROWS_JUDGED = 80
_MOST_SHOWN = 8
#: What stands above the header of a sheet that was made for print.
_PRINTED = ("单位", "unit:", "unit：", "各地区", "by region")


def detect(sheets: Sequence[OpenSheet], *, file: str, regions: RegionSet, options: ReadOptions) -> str:
    """Name of the layout of a file.

    Looked at, in this order: labels of variables, which only Stata and SPSS files have; the title lines of an NBS
    export; a header with regions and years (``long``); sheets of regions by years (``wide``, or
    ``sheet-per-indicator`` where there are several); sheets of regions for the year in their name
    (``sheet-per-year``); a table of regions for a year that the study gives (``long``); and a workbook made for print
    (``yearbook``): it names regions, and has a unit line or a title above its header.

    Parameters
    ----------
    sheets
        Sheets of the file.
    file
        Its name in messages.
    regions
        The study's regions.
    options
        What the study says about the file.

    Raises
    ------
    DataError
        Nothing fits, or several layouts do.
    """
    fitting = _fitting(sheets, regions, options)
    if len(fitting) == 1:
        return fitting[0]
    first = [t for t in (label(c) for s in sheets for c in s.grid[:_ROWS_JUDGED].ravel()) if t][:_MOST_SHOWN]
    shown = {"sheets": ", ".join(s.source.sheet for s in sheets if s.source.sheet) or "-", "first": ", ".join(first)}
    if fitting:
        raise DataError.of("read.several_layouts", Place(file), layouts=", ".join(fitting), **shown)
    raise DataError.of("read.no_layout", Place(file), **shown)


def _fitting(sheets: Sequence[OpenSheet], regions: RegionSet, options: ReadOptions) -> list[str]:
    """Layouts that fit; those looked at first keep others from being looked for."""
    if sheets[0].labels:
        return ["stata"]
    if any(nbs.find_title(s) for s in sheets):
        return ["nbs"]
    dated = ReadOptions(aliases=options.aliases, region=options.region, year=options.year)
    long_sheets = [s for s in sheets if long.find_header(s, regions=regions, options=dated)]
    others = [s for s in sheets if s not in long_sheets]
    found = ["long"] if long_sheets else []
    headers = [(s, h) for s in others if (h := wide.find_header(s, regions=regions, options=options))]
    if headers and _printed(headers[0][0], headers[0][1].row):
        return [*found, "yearbook"]
    if headers:
        found.append("sheet-per-indicator" if len(headers) > 1 else "wide")
    return found or _cross_sections(sheets, regions, options)


def _cross_sections(sheets: Sequence[OpenSheet], regions: RegionSet, options: ReadOptions) -> list[str]:
    """Layouts that fit sheets of regions for one year each."""
    tables = [s for s in sheets if by_sheet.find_cross_section(s, regions=regions, options=options)]
    if len(tables) > 1 and all(by_sheet.sheet_year(s) is not None for s in tables):
        return ["sheet-per-year"]
    if any(_printed(s, _first_region(s, regions, options)) for s in tables):
        return ["yearbook"]
    return ["long"] if tables and options.fixed_year is not None else []


def _printed(sheet: OpenSheet, row: int) -> bool:
    """Whether a sheet of a workbook was made for print: protected, or with a unit line or a title above its table."""
    if sheet.source.sheet is None:
        return False
    above = " ".join(sheet.above(row + 1)).casefold()
    return sheet.source.protected or any(sign in above for sign in _PRINTED)


def _first_region(sheet: OpenSheet, regions: RegionSet, options: ReadOptions) -> int:
    """Row of the first region's name."""
    for row, cells in enumerate(sheet.grid[:_ROWS_JUDGED]):
        if count_regions(cells[:3], regions, options):
            return row
    return 0
