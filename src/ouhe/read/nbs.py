"""Exports of the National Bureau of Statistics' 分省年度数据 (data.stats.gov.cn)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ouhe.errors import Place, Problem
from ouhe.read import wide
from ouhe.read.headers import header_key, label
from ouhe.read.reading import LeftOut, Reading, ReadOptions, cells, join
from ouhe.read.series import ask
from ouhe.read.sheets import OpenSheet, unused
from ouhe.read.units import split_unit
from ouhe.read.values import YEARBOOK_TOKENS
from ouhe.regions import RegionSet

__all__ = ["NbsTitle", "find_title", "read_nbs"]

_TITLE_ROWS = 6


@dataclass(frozen=True, slots=True)
class NbsTitle:
    """Title lines of an export.

    Parameters
    ----------
    name, unit
        After ``指标：``; the unit is what the last brackets hold, where it is one.
    """

    name: str
    unit: str


def find_title(sheet: OpenSheet) -> NbsTitle | None:
    """Title of an export, or None for a sheet that is none."""
    said: dict[str, str] = {}
    for row in sheet.grid[:_TITLE_ROWS]:
        # a comma in an indicator's name splits the line of an export, which never quotes it
        line = ",".join(t for t in map(label, row) if t)
        key, colon, value = line.replace(":", "：", 1).partition("：")
        if colon:
            said.setdefault(header_key(key), value.strip())
    if "数据库" not in said or "指标" not in said:
        return None
    return NbsTitle(*split_unit(said["指标"]))


def read_nbs(sheets: Sequence[OpenSheet], *, file: str, regions: RegionSet, options: ReadOptions) -> Reading:
    """Read an export of one indicator, as CSV (GB18030) or workbook.

    Three title lines (``数据库：``, ``指标：`` with the unit in its last brackets, ``时间：``), a header of years
    (``2022年``), one row a province, then notes. A year without any value is kept as missing. The indicator's name is
    matched to the study's names with or without its unit, unless `options.series` gives the id; without names the
    indicator's name is the id. Parameters as in :class:`~ouhe.read.Reader`.
    """
    titles = [find_title(s) for s in sheets]
    if not any(titles):
        reading = join([unused(s) for s in sheets])
        return replace(reading, problems=(Problem("read.no_nbs_title", Place(file)),))
    return join(
        [
            unused(s) if title is None else _read_sheet(s, title, regions, options)
            for s, title in zip(sheets, titles, strict=True)
        ]
    )


def _read_sheet(sheet: OpenSheet, title: NbsTitle, regions: RegionSet, options: ReadOptions) -> Reading:
    whole = f"{title.name}({title.unit})" if title.unit else title.name
    sheet = sheet.said(title=whole)
    series = _series(title, whole, sheet, options)
    header = wide.find_header(sheet, regions=regions, options=options)
    if series is None:
        return Reading(cells(), (sheet.source,), left_out=(LeftOut(0, whole, "not-asked"),))
    if header is None:
        return Reading(cells(), (sheet.source,), problems=(Problem("read.no_wide_header", sheet.source.place()),))
    return wide.read_sheet(
        sheet, header, regions=regions, options=options, series=(series, title.unit), tokens=YEARBOOK_TOKENS
    )


def _series(title: NbsTitle, whole: str, sheet: OpenSheet, options: ReadOptions) -> str | None:
    """Id of the series, or None when the study does not ask for it."""
    if options.series is not None:
        return options.series
    if options.names is None:
        return title.name
    asked = ask([(whole, title.name)], [(0, 0)], source=sheet.source, options=options)
    return asked.series[0][1] if asked.series else None
