"""The first sheet: what each sheet holds, then what each column means and in which unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ouhe import text
from ouhe.report.render.excel import columns
from ouhe.report.render.excel.sheets import PAPER, Formats
from ouhe.report.render.excel.told import Told, footer

__all__ = ["write"]

#: Widths of the columns: sheet; rows or column; what it holds or means; unit.
WIDTHS = (30, 22, 92, 30)

#: Cells of one row stand at its top, however tall a text makes it.
TOP = {"valign": "top"}

#: Row of the first list's head.
HEAD = 3


def write(
    book: Any, tables: Mapping[str, pd.DataFrame], names: Mapping[str, str], told: Told, *, charts: str = ""
) -> None:
    """Add the sheet.

    Parameters
    ----------
    book
        Workbook of xlsxwriter.
    tables
        The tables by name.
    names
        Table → its sheet.
    told
        What stands at the head.
    charts
        Name of the sheet of charts; "" where there is none.
    """
    sheet = book.add_worksheet(text.t("excel.contents"))
    formats = Formats(book)
    for column, wide in enumerate(WIDTHS):
        sheet.set_column(column, column, wide)
    sheet.write_string(0, 0, told.title, formats.of(bold=True, font_size=14))
    sheet.write_string(1, 0, told.notice, formats.of(bold=True, font_color="#B00020"))
    row = _sheets(sheet, tables, names, formats, charts=charts)
    sheet.write_string(row + 1, 0, text.t("excel.columns"), formats.of(bold=True, font_size=12))
    last = _columns(sheet, tables, names, formats, first=row + 2)
    if last > row + 2:
        sheet.autofilter(row + 2, 0, last, len(WIDTHS) - 1)
    sheet.set_paper(PAPER)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(footer(told))


def _head(sheet: Any, row: int, keys: tuple[str, ...], formats: Formats) -> None:
    for column, key in enumerate(keys):
        sheet.write_string(row, column, text.t(f"excel.{key}"), formats.of(bold=True, top=2, bottom=1))


def _link(sheet: Any, row: int, name: str, formats: Formats, **line: Any) -> None:
    form = formats.of(font_color="#0563C1", underline=1, **TOP, **line)
    sheet.write_url(row, 0, f"internal:'{name}'!A1", form, name)


def _sheets(
    sheet: Any, tables: Mapping[str, pd.DataFrame], names: Mapping[str, str], formats: Formats, *, charts: str
) -> int:
    """List of the sheets; gives the row below it."""
    _head(sheet, HEAD, ("sheet", "rows", "holds", "file"), formats)
    row = HEAD + 1
    if charts:
        _link(sheet, row, charts, formats)
        sheet.write_string(row, 2, text.t("excel.charts_hold"), formats.of(**TOP))
        row += 1
    said = text.texts("tables", text.current())
    for name, table in tables.items():
        _link(sheet, row, names[name], formats)
        sheet.write_number(row, 1, len(table), formats.of(align="left", **TOP))
        sheet.write_string(row, 2, said.get(name, ""), formats.of(text_wrap=True, **TOP))
        sheet.write_string(row, 3, f"tables/{name}.csv", formats.of(**TOP))
        row += 1
    return row


def _columns(
    sheet: Any, tables: Mapping[str, pd.DataFrame], names: Mapping[str, str], formats: Formats, *, first: int
) -> int:
    """List of the columns; gives its last row."""
    _head(sheet, first, ("sheet", "column", "meaning", "unit"), formats)
    row, before = first, ""
    for name, label, kind in _all(tables):
        row += 1
        line = {"top": 1, "top_color": "#BFBFBF"} if name != before and before else {}
        if name:
            _link(sheet, row, names[name], formats, **line)
        else:
            sheet.write_string(row, 0, text.t("excel.every_sheet"), formats.of(**TOP, **line))
        cells = (label, columns.meaning(name, label), columns.unit(name, label, kind))
        for column, said in enumerate(cells, start=1):
            sheet.write_string(row, column, said, formats.of(text_wrap=True, **TOP, **line))
        before = name
    return row


def _all(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, str]]:
    """Table, column and kind of every column; a column that tells of simulated data stands in each and comes once."""
    simulated = False
    for name, table in tables.items():
        for k, label in enumerate(map(str, table.columns)):
            if label == "simulated":
                simulated = True
            else:
                yield name, label, columns.kind(name, label, table.iloc[:, k])
    if simulated:
        yield "", "simulated", "text"
