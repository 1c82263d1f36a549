"""Tables as CSV files and as one workbook; the same tables give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from ouhe import text

__all__ = ["inert", "write_csv", "write_workbook"]

#: First characters that make Excel take a text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

#: Tables that are Excel tables, to be filtered, sorted and charted in place.
_LIVE = frozenset({"weights", "dimension_weights", "index"})

#: Tables whose values keep their own magnitude; the others hold shares and indices.
_AS_IS = frozenset({"panel", "missing", "suspicious", "editions"})

#: Workbooks carry no time of their own, so that the same study gives the same bytes.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 (xlsxwriter takes naive times)

MOST_ROWS = 1_048_575


def inert(value: object) -> object:
    """`value` with a leading apostrophe where a spreadsheet would run it as a formula.

    Examples
    --------
    >>> inert("=cmd()"), inert("北京"), inert(-1.0)
    ("'=cmd()", '北京', -1.0)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def write_csv(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write every table as ``NAME.csv``: UTF-8 with BOM, so that Excel opens it right, and full precision."""
    folder.mkdir()
    for name, table in tables.items():
        texts = table.select_dtypes(exclude=["number", "bool"]).columns
        safe = table.assign(**{c: table[c].map(inert, na_action="ignore") for c in texts})
        safe.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\r\n")


def write_workbook(tables: Mapping[str, pd.DataFrame], path: Path, *, title: str, notice: str = "") -> None:
    """Write all tables into one workbook, a sheet a table, an index of the sheets first.

    Parameters
    ----------
    tables
        The tables by name.
    path
        The workbook.
    title
        Title of the study, at the head of the index.
    notice
        A warning under the title, such as that the data are simulated.
    """
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    whole = BytesIO()  # written at once, so that a full disk is told as one
    with xlsxwriter.Workbook(whole, options) as book:
        book.set_properties({"title": title, "comments": notice, "created": _CREATED})
        head = book.add_format({"bold": True, "bottom": 1, "top": 2})
        formats = {"head": head, "number": book.add_format({"num_format": "0.0000"}), "plain": book.add_format()}
        _write_index(book, tables, title, notice, head)
        for name, table in tables.items():
            _write_sheet(book.add_worksheet(name), table, formats, live=name in _LIVE, name=name)
    path.write_bytes(whole.getvalue())


def _write_index(book: Any, tables: Mapping[str, pd.DataFrame], title: str, notice: str, head: Any) -> None:
    sheet = book.add_worksheet(text.t("tables.index_sheet"))
    large = book.add_format({"bold": True, "font_size": 14})
    red = book.add_format({"bold": True, "font_color": "#B00020"})
    link = book.add_format({"font_color": "#0563C1", "underline": 1})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 80)
    sheet.set_column(2, 2, 10)
    sheet.write_string(0, 0, title, large)
    sheet.write_string(1, 0, notice, red)
    for column, key in enumerate(("sheet", "holds", "rows")):
        sheet.write_string(3, column, text.t(f"tables.{key}"), head)
    sheet.fit_to_pages(1, 0)
    for row, (name, table) in enumerate(tables.items(), start=4):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", link, name)
        sheet.write_string(row, 1, text.t(f"tables.{name}"))
        sheet.write_number(row, 2, len(table))


def _write_sheet(sheet: Any, table: pd.DataFrame, formats: Mapping[str, Any], *, live: bool, name: str) -> None:
    """One table, its head frozen; a table longer than a sheet is cut, and says so in its last row."""
    shown = table.iloc[: MOST_ROWS - 1]
    for column, label in enumerate(shown.columns):
        sheet.write_string(0, column, str(label), formats["head"])
        _write_column(sheet, column, shown[label], formats, rounded=name not in _AS_IS)
    if len(table) > len(shown):
        sheet.write_string(MOST_ROWS, 0, text.t("tables.cut", rows=len(table)))
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)
    if live and len(shown):
        columns = [{"header": str(c), "header_format": formats["head"]} for c in shown.columns]
        size = (0, 0, len(shown), len(shown.columns) - 1)
        sheet.add_table(*size, {"name": f"table_{name}", "columns": columns, "style": "Table Style Light 1"})


def _write_column(
    sheet: Any, column: int, values: pd.Series[Any], formats: Mapping[str, Any], *, rounded: bool
) -> None:
    """Cells of one column below its head, and its width; a missing value is an empty cell."""
    numbers = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    form = formats["number" if numbers and rounded and not pd.api.types.is_integer_dtype(values) else "plain"]
    texts = [] if numbers else [_width(v) for v in values.head(400)]
    widest = max([_width(values.name), 12 if numbers else 6, *texts])
    sheet.set_column(column, column, min(widest + 2, 48))
    known = values.notna().to_numpy()
    for row, value in enumerate(values.to_numpy(dtype=object), start=1):
        if not known[row - 1]:
            continue
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif numbers:
            sheet.write_number(row, column, value, form)
        else:
            sheet.write_string(row, column, str(value))


def _width(value: object) -> int:
    """Width of a text in a sheet: a Chinese character is as wide as two letters."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in str(value))
