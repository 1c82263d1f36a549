"""A sheet a table: its head, and the formats and widths of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from ouhe.report.render.excel import columns, rows
from ouhe.report.render.excel.injection import would_run
from ouhe.report.render.excel.told import Told, footer, width

__all__ = ["PAPER", "Formats", "names", "write"]

#: Tables that are Excel tables, to be filtered, sorted and charted in place.
LIVE = frozenset({"weights", "dimension_weights", "index"})

#: Narrowest and widest column, in letters.
NARROWEST, WIDEST = 8, 48

#: A4.
PAPER = 9


class Formats:
    """Formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def of(self, **properties: Any) -> Any:
        """The format with these properties of xlsxwriter."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]


def names(tables: Iterable[str], *, reserved: Iterable[str]) -> dict[str, str]:
    """Names of sheets: at most 31 characters, none that Excel forbids, and different whatever the case of letters.

    Examples
    --------
    >>> names(["index", "Index", "a/b", "contents"], reserved=["Contents"])
    {'index': 'index', 'Index': 'Index (2)', 'a/b': 'a b', 'contents': 'contents (2)'}
    """
    taken = {"history", *(r.casefold() for r in reserved)}  # Excel keeps the name History to itself
    found = {}
    for name in tables:
        plain = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", " ", name).strip()[:31].strip() or "table"
        chosen, number = plain, 1
        while chosen.casefold() in taken:
            number += 1
            ending = f" ({number})"
            chosen = plain[: 31 - len(ending)] + ending
        taken.add(chosen.casefold())
        found[name] = chosen
    return found


def write(sheet: Any, name: str, table: pd.DataFrame, formats: Formats, told: Told) -> None:
    """Everything of a sheet but the rows, for which a row of blank cells stands that have the columns' formats."""
    labels, heads = list(map(str, table.columns)), []
    for k, label in enumerate(labels):
        values = table.iloc[:, k]
        kind = columns.kind(name, label, values)
        form = columns.number_format(kind, values)
        right = {} if kind in {"text", "flag"} else {"align": "right"}
        heads.append(formats.of(bold=True, top=2, bottom=1, **right))
        sheet.set_column(k, k, _column_width(label, values, kind, form))
        sheet.write_string(0, k, label, heads[k])
        if len(table):
            looks: dict[str, Any] = {"num_format": form} if form != "General" else {}
            sheet.write_blank(1, k, None, formats.of(**looks, **({"quote_prefix": True} if _risky(values) else {})))
    _print_setup(sheet, told)
    sheet.freeze_panes(1, 0)
    if not len(table) or not labels:
        return
    last = min(len(table), rows.MOST_ROWS - 1)
    if name in LIVE and len({label.casefold() for label in labels}) == len(labels):
        shown = [{"header": label, "header_format": head} for label, head in zip(labels, heads, strict=True)]
        options = {"name": f"table_{name}", "columns": shown, "style": "Table Style Light 1"}
        sheet.add_table(0, 0, last, len(labels) - 1, options)
    else:
        sheet.autofilter(0, 0, last, len(labels) - 1)


def _print_setup(sheet: Any, told: Told) -> None:
    """One page wide, the head on each page; what must not be overlooked stands at the foot."""
    sheet.set_paper(PAPER)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer(footer(told))


def _column_width(label: str, values: pd.Series[Any], kind: str, form: str) -> int:
    """Width of a column in letters, by its head (which has a button) and what it shows."""
    if kind == "text":
        shown = [width(v) for v in pd.unique(values.dropna()).tolist()]
    elif kind in columns.DIGITS:
        size = values.abs().replace([float("inf")], float("nan")).max()
        shown = [len(form) + len(f"{size:.0f}") if pd.notna(size) else 0]
    else:
        shown = [len(f"{v:.10g}") for v in (values.min(), values.max()) if pd.notna(v)]
    return int(min(max([width(label) + 3, NARROWEST, *(w + 2 for w in shown)]), WIDEST))


def _risky(values: pd.Series[Any]) -> bool:
    """Whether editing a text of the column could make it a formula, from which a mark of Excel's keeps it."""
    if pd.api.types.is_numeric_dtype(values):
        return False
    return any(isinstance(v, str) and would_run(v) for v in pd.unique(values.dropna()).tolist())
