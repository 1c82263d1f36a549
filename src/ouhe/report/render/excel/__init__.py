"""All tables as one workbook: contents and meaning of the columns first, then charts, then a sheet a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pandas as pd

from ouhe import text
from ouhe.report.render.excel import charts, contents, drawing, rows, sheets
from ouhe.report.render.excel.told import Told, plain

__all__ = ["write_workbook"]

#: Workbooks carry no time of their own, so that the same tables give the same bytes.
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 (xlsxwriter takes naive times)


def write_workbook(tables: Mapping[str, pd.DataFrame], path: Path, *, title: str, notice: str = "") -> None:
    """Write all tables into one workbook, a sheet a table, in the current language.

    Parameters
    ----------
    tables
        The tables by name.
    path
        The workbook.
    title
        Title of the study, at the head of the contents.
    notice
        A warning under the title, such as that the data are simulated; charts and pages say it too.

    Examples
    --------
    >>> import tempfile
    >>> table = pd.DataFrame({"region": ["A", "B"], "year": [2020, 2020], "C": [0.5, 0.75]})
    >>> with tempfile.TemporaryDirectory() as folder, text.use("en"):
    ...     write_workbook({"coupling": table}, Path(folder) / "tables.xlsx", title="A study")
    ...     list(pd.read_excel(Path(folder) / "tables.xlsx", sheet_name=None, engine="calamine"))
    ['Contents', 'coupling']
    """
    import xlsxwriter

    told = Told(plain(title), plain(notice))
    shown = charts.of(tables)
    reserved = [text.t("excel.contents"), *([text.t("excel.charts")] if shown.charts else [])]
    names = sheets.names(tables, reserved=reserved)
    frame = BytesIO()  # written at once, so that a full disk is told as one
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(frame, options) as book:
        book.set_properties({"title": told.title[:255], "comments": told.notice[:255], "created": CREATED})
        contents.write(book, tables, names, told, charts=reserved[1] if shown.charts else "")
        if shown.charts:
            drawing.write(book, reserved[1], shown, names, told)
        formats = sheets.Formats(book)
        for name, table in tables.items():
            sheets.write(book.add_worksheet(names[name]), name, table, formats, told)
    parts = {f"xl/worksheets/sheet{n}.xml": t for n, t in enumerate(tables.values(), start=len(reserved) + 1)}
    path.write_bytes(rows.filled(frame.getvalue(), parts))
