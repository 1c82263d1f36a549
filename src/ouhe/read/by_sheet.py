"""Workbooks with one sheet a year, or one sheet an indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ouhe.errors import Place, Problem
from ouhe.read import long, wide
from ouhe.read.headers import header_key
from ouhe.read.labels import count_regions
from ouhe.read.long import LongHeader
from ouhe.read.reading import LeftOut, Reading, ReadOptions, cells, join
from ouhe.read.series import all_found, ask
from ouhe.read.sheets import OpenSheet, unused
from ouhe.read.years import years_in
from ouhe.regions import RegionSet

__all__ = ["find_cross_section", "read_sheet_per_indicator", "read_sheet_per_year", "sheet_year"]


def sheet_year(sheet: OpenSheet) -> int | None:
    """Year that the name of a sheet says: ``2015``, ``2015年``, or the only year inside it."""
    years = years_in(sheet.source.sheet or "")
    return years[0] if len(years) == 1 else None


def read_sheet_per_year(sheets: Sequence[OpenSheet], *, file: str, regions: RegionSet, options: ReadOptions) -> Reading:
    """Read a workbook of which every sheet holds regions by indicators for the year in the sheet's name.

    A sheet without a year in its name is left out when it holds no table of regions, and a problem when it does; two
    sheets for one year are a problem. Parameters as in :class:`~ouhe.read.Reader`.
    """
    readings: list[Reading] = []
    seen: dict[int, OpenSheet] = {}
    for sheet in sheets:
        header, year = find_cross_section(sheet, regions=regions, options=options), sheet_year(sheet)
        if header is None:
            readings.append(unused(sheet))
        elif year is None:
            problem = Problem("read.sheet_without_year", sheet.source.place(), {"sheet": sheet.source.sheet})
            readings.append(Reading(cells(), (sheet.source,), problems=(problem,)))
        elif year in seen:
            told = {"year": year, "first": seen[year].source.sheet, "second": sheet.source.sheet}
            problem = Problem("read.two_sheets_one_year", sheet.source.place(), told)
            readings.append(Reading(cells(), (sheet.source,), problems=(problem,)))
        else:
            seen[year] = sheet
            readings.append(long.read_sheet(sheet, header, regions=regions, options=options, year=year))
    reading = join(readings)
    if not seen:
        nothing = Problem("read.no_year_sheets", Place(file), {"sheets": _names(reading)})
        return replace(reading, problems=(*reading.problems, nothing))
    return all_found(reading, options=options, place=Place(file))


def find_cross_section(sheet: OpenSheet, *, regions: RegionSet, options: ReadOptions) -> LongHeader | None:
    """Header of a table with one row a region: a usual header of regions, else the row above the first region."""
    known = long.find_header(sheet, regions=regions, options=replace(options, fixed_year=0))
    if known is not None:
        return replace(known, year=None)
    if options.region is not None:
        return None
    for column in range(min(sheet.grid.shape[1], 3)):
        labels = sheet.filled(column)
        rows = [r for r in range(len(labels)) if count_regions(labels[r : r + 1], regions, options)]
        if len(rows) >= 2 and rows[0]:
            return LongHeader(rows[0] - 1, column, None)
    return None


def read_sheet_per_indicator(
    sheets: Sequence[OpenSheet], *, file: str, regions: RegionSet, options: ReadOptions
) -> Reading:
    """Read a workbook of which every sheet holds regions by years for the indicator in the sheet's name.

    Parameters as in :class:`~ouhe.read.Reader`.
    """
    headers = [wide.find_header(s, regions=regions, options=options) for s in sheets]
    tables = [(s, h) for s, h in zip(sheets, headers, strict=True) if h is not None]
    readings = [unused(s) for s, h in zip(sheets, headers, strict=True) if h is None]
    if not tables:
        reading = join(readings)
        return replace(reading, problems=(Problem("read.no_wide_header", Place(file)),))
    names = [_sheet_names(s, h) for s, h in tables]
    asked = ask(names, [(0, 0)] * len(tables), source=tables[0][0].source, options=options)
    series = dict(asked.series)
    for i, (sheet, header) in enumerate(tables):
        if i in series:
            named = (series[i], asked.units.get(series[i], ""))
            readings.append(wide.read_sheet(sheet, header, regions=regions, options=options, series=named))
        else:
            left_out = LeftOut(0, sheet.source.sheet or "", "not-asked")
            readings.append(Reading(cells(), (sheet.source,), left_out=(left_out,)))
    reading = join(readings)
    reading = replace(reading, problems=(*asked.problems, *reading.problems))
    return all_found(reading, options=options, place=Place(file))


def _sheet_names(sheet: OpenSheet, header: wide.WideHeader) -> tuple[str, ...]:
    """Names that a sheet gives its series: that on the tab, then its title lines."""
    tab = sheet.source.sheet or ""
    return (tab, *(t for t in sheet.above(header.row) if header_key(t) != header_key(tab)))


def _names(reading: Reading) -> str:
    return ", ".join(s.sheet or s.file for s in reading.sources)
