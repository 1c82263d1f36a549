"""Tables as CSV files and as one workbook; the same tables give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

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

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
        "constant_memory": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": title, "comments": notice, "created": _CREATED})
        head = book.add_format({"bold": True, "bottom": 1, "top": 2})
        formats = {"head": head, "number": book.add_format({"num_format": "0.0000"}), "plain": book.add_format()}
        _write_index(book, tables, title, notice)
        for name, table in tables.items():
            _write_sheet(book.add_worksheet(name), table, formats, live=name in _LIVE, name=name)


def _write_index(book: object, tables: Mapping[str, pd.DataFrame], title: str, notice: str) -> None:
    sheet = book.add_worksheet(text.t("tables.index_sheet"))  # type: ignore[attr-defined]
    large = book.add_format({"bold": True, "font_size": 14})  # type: ignore[attr-defined]
    red = book.add_format({"bold": True, "font_color": "#B00020"})  # type: ignore[attr-defined]
    link = book.add_format({"font_color": "#0563C1", "underline": 1})  # type: ignore[attr-defined]
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 80)
    sheet.set_column(2, 2, 10)
    sheet.write_string(0, 0, title, large)
    sheet.write_string(1, 0, notice, red)
    for row, (name, table) in enumerate(tables.items(), start=3):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", link, name)
        sheet.write_string(row, 1, text.t(f"tables.{name}"))
        sheet.write_number(row, 2, len(table))


def _write_sheet(sheet: object, table: pd.DataFrame, formats: Mapping[str, object], *, live: bool, name: str) -> None:
    """One table, its head frozen; a table longer than a sheet is cut, and says so in its last row."""
    shown = table.iloc[: MOST_ROWS - 1]
    for column, label in enumerate(shown.columns):
        values = shown[label]
        numbers = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        whole = pd.api.types.is_integer_dtype(values)
        sheet.write_string(0, column, str(label), formats["head"])  # type: ignore[attr-defined]
        rounded = numbers and not whole and name not in _AS_IS
        form = formats["number" if rounded else "plain"]
        widest = max([len(str(label)), *(_width(v) for v in values.head(400))]) if not numbers else 12
        sheet.set_column(column, column, min(max(widest + 2, 8), 48))  # type: ignore[attr-defined]
        for row, value in enumerate(values.to_numpy(dtype=object), start=1):
            if value is None or value is pd.NA or value != value:  # noqa: PLR0124 (NaN)
                continue
            if isinstance(value, bool):
                sheet.write_boolean(row, column, value)  # type: ignore[attr-defined]
            elif numbers:
                sheet.write_number(row, column, value, form)  # type: ignore[attr-defined]
            else:
                sheet.write_string(row, column, str(value))  # type: ignore[attr-defined]
    if len(table) > len(shown):
        sheet.write_string(MOST_ROWS, 0, text.t("tables.cut", rows=len(table)))  # type: ignore[attr-defined]
    sheet.freeze_panes(1, 0)  # type: ignore[attr-defined]
    if live and len(shown):
        columns = [{"header": str(c)} for c in shown.columns]
        sheet.add_table(0, 0, len(shown), len(shown.columns) - 1, {"name": f"table_{name}", "columns": columns})  # type: ignore[attr-defined]


def _width(value: object) -> int:
    """Width of a text in a sheet: a Chinese character is as wide as two letters."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in str(value))
