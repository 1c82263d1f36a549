"""The Excel workbook of a new study: how to fill it in, what every indicator is, and tables to fill in."""

from __future__ import annotations

import datetime as dt
import io
from itertools import product
from typing import Any

from ouhe import text
from ouhe.templates.form import Column, Form, Sheet
from ouhe.text import t

__all__ = ["render"]

#: Created on this day whenever it is made, so that the same study gives the same bytes.
_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
#: Units of what is counted, in the templates' languages: shown without decimals.
_COUNTED = frozenset(["个", "家", "件", "篇", "人", "人年", "所", "次", "套", "份", "平方米"]) | frozenset(
    [
        "units",
        "firms",
        "items",
        "papers",
        "persons",
        "person-years",
        "institutions",
        "events",
        "sets",
        "contracts",
        "m²",
    ]
)
_FACTS = ("system", "dimension", "element", "id", "name", "unit", "direction", "definition", "source", "derivation")
_FACT_WIDTHS = (22, 14, 16, 30, 28, 14, 8, 44, 26, 60)


def render(form: Form) -> bytes:
    """Bytes of the workbook of a form; the same form gives the same bytes.

    Parameters
    ----------
    form
        What to fill in (:func:`ouhe.templates.form.form`).

    Returns
    -------
    bytes
        An Excel workbook: how to fill it in, what every indicator is, and the sheets of the form.

    Examples
    --------
    >>> render(Form("title", "en"))[:2]
    b'PK'
    """
    import xlsxwriter

    out = io.BytesIO()
    with text.use(form.lang), xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": form.title, "created": _CREATED})
        _write_how_to(book, form)
        _write_facts(book, form)
        for sheet in form.sheets:
            _write_table(book, sheet, form)
    return out.getvalue()


def _write_how_to(book: Any, form: Form) -> None:
    page = book.add_worksheet(t("templates.sheet_how_to"))
    page.hide_gridlines(2)
    page.set_column(0, 0, 100)
    page.write_string(0, 0, form.title, book.add_format({"bold": True, "font_size": 14}))
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheets = t("labels.comma").join(s.name for s in form.sheets)
    for row, line in enumerate(t("templates.how_to", sheets=sheets).splitlines(), start=2):
        page.write_string(row, 0, line, wrapped)


def _write_facts(book: Any, form: Form) -> None:
    """Sheet with one row an indicator: where it stands in the tree and what it is."""
    page = book.add_worksheet(t("templates.sheet_facts"))
    head, wrapped = _head(book), book.add_format({"text_wrap": True, "valign": "top"})
    for place, (fact, width) in enumerate(zip(_FACTS, _FACT_WIDTHS, strict=True)):
        page.set_column(place, place, width)
        page.write_string(0, place, t(f"templates.{fact}"), head)
    indicators = [c for s in form.sheets for c in s.columns if c.path]
    for row, column in enumerate(indicators, start=1):
        for place, value in enumerate(_facts(column)):
            if value:
                page.write_string(row, place, value, wrapped)
    page.freeze_panes(1, 5)
    page.autofilter(0, 0, max(len(indicators), 1), len(_FACTS) - 1)


def _facts(column: Column) -> tuple[str, ...]:
    """Cells of one indicator in the order of ``_FACTS``; what lies below the second level is joined."""
    system, dimension, *below = (*column.path, "", "")[: max(2, len(column.path))]
    return (
        system,
        dimension,
        " > ".join(below),
        column.id,
        column.name,
        column.unit,
        t(f"templates.{column.direction}") if column.direction else "",
        column.definition,
        column.source,
        column.derivation,
    )


def _write_table(book: Any, sheet: Sheet, form: Form) -> None:
    """Sheet with a row for every region and year and an empty column for every series."""
    page = book.add_worksheet(sheet.name)
    head, fixed = _head(book), book.add_format({"bg_color": "#F2F2F2"})
    for place, header in enumerate((sheet.region, sheet.year)):
        page.write_string(0, place, header, head)
    page.set_column(0, 0, 14)
    for row, (region, year) in enumerate(product(form.regions, form.years), start=1):
        page.write_string(row, 0, region, fixed)
        page.write_number(row, 1, year, fixed)
    for place, column in enumerate(sheet.columns, start=2):
        counted = column.unit in _COUNTED and not column.derivation
        page.set_column(place, place, 18, book.add_format({"num_format": "#,##0" if counted else "#,##0.00"}))
        page.write_string(0, place, column.header, head)
        page.write_comment(0, place, _note(column), {"author": "", "x_scale": 2, "y_scale": 1.4})
    page.set_row(0, 48)
    page.freeze_panes(1, 2)
    _accept_numbers(page, sheet, rows=len(form.regions) * len(form.years))


def _accept_numbers(page: Any, sheet: Sheet, *, rows: int) -> None:
    """Let Excel warn when something other than a number is typed in."""
    if rows and sheet.columns:
        rule = {
            "validate": "decimal",
            "criteria": "between",
            "minimum": -1e300,
            "maximum": 1e300,
            "error_type": "warning",
            "error_message": t("templates.not_a_number"),
        }
        page.data_validation(1, 2, rows, len(sheet.columns) + 1, rule)


def _note(column: Column) -> str:
    """Tooltip of a header: what the column is and where it comes from, one fact a line."""
    facts = {
        "id": column.id,
        "definition": column.definition,
        "unit": column.unit,
        "source": column.source,
        "derivation": column.derivation,
        "used_for": t("labels.comma").join(column.used_for),
    }
    return "\n".join(t("templates.fact", fact=t(f"templates.{k}"), value=v) for k, v in facts.items() if v)


def _head(book: Any) -> Any:
    return book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1, "bg_color": "#DDEBF7"})
