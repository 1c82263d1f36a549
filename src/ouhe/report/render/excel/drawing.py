"""The second sheet: native charts of the trends, each beside the numbers that it shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ouhe import text
from ouhe.figures.style import GREY, INK, LINES, PALE, ordered
from ouhe.report.render.excel import columns
from ouhe.report.render.excel.charts import Chart, Charts
from ouhe.report.render.excel.sheets import PAPER, Formats
from ouhe.report.render.excel.told import Told, footer, plain, shortened, width

__all__ = ["look", "write"]

#: Lines and marks of spreadsheets, in the order of :data:`ouhe.figures.style.LINES`: with them groups are told apart
#: in grey.
DASHES = ("solid", "dash", "dash_dot", "round_dot", "long_dash_dot_dot", "square_dot", "long_dash")
MARKS = ("circle", "square", "triangle", "diamond", "star", "plus", "x")

#: Size of a chart in pixels, and the first column of the numbers beside it.
WIDE, TALL, NUMBERS = 510, 380, 9

#: Narrowest and widest column of numbers, and longest head, in letters.
NARROWEST, WIDEST, MOST_HEAD = 10, 16, 60

#: Height of a row, and width of the columns below a chart, in pixels.
ROW, BESIDE = 20, 531

#: Width and height of the print on landscape A4, in pixels of 1/96 inch: 260 by 170 mm, less a quarter of the width,
#: because fonts, and so columns, differ between machines.
PAGE_WIDE, PAGE_TALL = 740.0, 640.0


def write(book: Any, name: str, shown: Charts, names: Mapping[str, str], told: Told) -> None:
    """Add the sheet.

    Parameters
    ----------
    book
        Workbook of xlsxwriter.
    name
        Name of the sheet.
    shown
        The charts, at least one.
    names
        Table → its sheet.
    told
        What stands at the head and in the charts.
    """
    sheet = book.add_worksheet(name)
    formats = Formats(book)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, told.title, formats.of(bold=True, font_size=14))
    sheet.write_string(1, 0, told.notice, formats.of(bold=True, font_color="#B00020"))
    for row, note in enumerate((text.t("excel.charts_note"), *shown.notes), start=2):
        sheet.write_string(row, 0, note, formats.of(font_color="#555555"))
    row = 4 + len(shown.notes)
    column = _column_width(shown)
    tops = []
    for chart in shown.charts:
        _titles(sheet, row, chart, formats, told, source=names[chart.table])
        _numbers(sheet, row + 2, chart, formats, column=column)
        drawn = _stack(book, name, row, chart) if chart.kind == "stack" else _trend(book, name, row, chart)
        _finish(drawn, name, row)
        sheet.insert_chart(row, 0, drawn, {"object_position": 2, "description": chart.title})
        tops.append(row)
        row += max(TALL // ROW + 2, len(chart.years) + 5)
    _print_setup(sheet, tops, row, columns=1 + max(len(c.lines) for c in shown.charts), wide=column)
    sheet.set_footer(footer(told))


def _column_width(shown: Charts) -> int:
    """Width of the columns of numbers in letters, so that no word of a head is broken that need not be."""
    words = [w for c in shown.charts for line in c.lines for w in shortened(line.name, MOST_HEAD).split()]
    longest = max((width(w) for w in words if w.isascii()), default=0)
    return max(NARROWEST, min(WIDEST, longest + 3))


def _print_setup(sheet: Any, tops: Sequence[int], end: int, *, columns: int, wide: int) -> None:
    """One page wide, pages broken between charts; spreadsheets break where they like if they fit pages themselves."""
    sheet.set_column(NUMBERS - 1, NUMBERS - 1, 2)
    sheet.set_column(NUMBERS, NUMBERS + columns - 1, wide)
    pixels = BESIDE + (wide * 7 + 5) * columns
    scale = max(25, min(100, math.floor(100 * PAGE_WIDE / pixels)))
    breaks: list[int] = []
    for top, below in zip(tops, [*tops[1:], end], strict=True):
        first = breaks[-1] if breaks else 0
        if (below - first) * ROW * scale / 100 > PAGE_TALL and top != tops[0]:
            breaks.append(top)
    sheet.set_paper(PAPER)
    sheet.set_landscape()
    sheet.set_print_scale(scale)
    sheet.set_h_pagebreaks(breaks)


def _titles(sheet: Any, row: int, chart: Chart, formats: Formats, told: Told, *, source: str) -> None:
    """Title of a chart, which it takes from here, and where its numbers are from."""
    title = text.t("excel.with_notice", title=chart.title, notice=told.notice) if told.notice else chart.title
    sheet.write_string(row, NUMBERS, title, formats.of(bold=True))
    link = formats.of(font_color="#0563C1", underline=1)
    sheet.write_url(row + 1, NUMBERS, f"internal:'{source}'!A1", link, text.t("excel.numbers_of", sheet=source))


def _numbers(sheet: Any, row: int, chart: Chart, formats: Formats, *, column: int) -> None:
    """What a chart shows, as a small table: a row a year; a missing value is an empty cell."""
    rule = {"bold": True, "top": 2, "bottom": 1, "text_wrap": True}
    sheet.write_string(row, NUMBERS, text.t("excel.year"), formats.of(**rule, valign="bottom"))
    heads = [shortened(line.name, MOST_HEAD) for line in chart.lines]
    tall = max(-(-width(head) // (column - 3)) for head in heads)
    sheet.set_row_pixels(row, ROW * tall)
    years = chart.years
    for at, year in enumerate(years, start=row + 1):
        end = {"bottom": 2} if year == years[-1] else {}
        sheet.write_number(at, NUMBERS, year, formats.of(align="left", **end))
        for k, line in enumerate(chart.lines, start=1):
            form = columns.number_format("count" if chart.kind == "stack" else "share", line.values)
            value = line.values.get(year, math.nan)
            if math.isfinite(value):
                sheet.write_number(at, NUMBERS + k, float(value), formats.of(num_format=form, **end))
            else:
                sheet.write_blank(at, NUMBERS + k, None, formats.of(**end))
    for k, head in enumerate(heads, start=1):
        sheet.write_string(row, NUMBERS + k, head, formats.of(**rule, align="right", valign="bottom"))


def _range(name: str, chart: Chart, row: int, k: int) -> list[Any]:
    """Cells of column `k` of a chart's numbers."""
    return [name, row + 3, NUMBERS + k, row + 2 + len(chart.years), NUMBERS + k]


def _trend(book: Any, name: str, row: int, chart: Chart) -> Any:
    """Lines over years, on an axis on which a year left out leaves its gap."""
    drawn = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    for k, line in enumerate(chart.lines, start=1):
        drawn.add_series(
            {
                "name": [name, row + 2, NUMBERS + k],
                "categories": _range(name, chart, row, 0),
                "values": _range(name, chart, row, k),
                **look(line.number),
            }
        )
    years = chart.years
    step = max(1, math.ceil((years[-1] - years[0]) / 12))
    drawn.set_x_axis(_axis(text.t("excel.year")) | {"min": years[0], "max": years[-1], "major_unit": step})
    known = pd.concat([line.values for line in chart.lines])
    decimals = 2 if known.max() - known.min() >= 0.05 else 3
    drawn.set_y_axis(_axis(chart.axis) | {"num_format": f"0.{'0' * decimals}", "major_gridlines": _grid()})
    return drawn


def look(number: int) -> dict[str, Any]:
    """Line and mark of a series, as figures have them: −1 the nation, −2 a guide.

    Examples
    --------
    >>> look(-1)["line"]["color"], look(0)["line"]["dash_type"], look(1)["line"]["dash_type"]
    ('#000000', 'solid', 'dash')
    """
    if number == -2:
        return {"line": {"color": GREY, "width": 1.0, "dash_type": "round_dot"}, "marker": {"type": "none"}}
    if number == -1:
        return {"line": {"color": "#000000", "width": 2.25}, "marker": {"type": "none"}}
    colour, kinds = LINES[number % len(LINES)][0], len(DASHES)
    # a colour that comes again has another line
    dash = DASHES[(number + number // kinds) % kinds]
    mark = {"type": MARKS[number % kinds], "size": 6, "border": {"color": colour}, "fill": {"color": colour}}
    return {"line": {"color": colour, "width": 1.5, "dash_type": dash}, "marker": mark}


def _stack(book: Any, name: str, row: int, chart: Chart) -> Any:
    """Columns by year, the lowest class at their foot and lightest."""
    drawn = book.add_chart({"type": "column", "subtype": "stacked"})
    colours = ordered(chart.classes)
    for k, line in enumerate(chart.lines, start=1):
        drawn.add_series(
            {
                "name": [name, row + 2, NUMBERS + k],
                "categories": _range(name, chart, row, 0),
                "values": _range(name, chart, row, k),
                "fill": {"color": colours[line.number]},
                "border": {"color": GREY, "width": 0.5},
                "gap": 30,
            }
        )
    drawn.set_x_axis(_axis(text.t("excel.year")))
    drawn.set_y_axis(_axis(chart.axis) | {"num_format": "0", "major_gridlines": _grid(), "min": 0})
    return drawn


def _finish(drawn: Any, name: str, row: int) -> None:
    """Title from its cell, so that no name is read as a formula; size, legend."""
    title = {"name": [name, row, NUMBERS], "name_font": {"size": 11, "bold": True, "color": INK}, "overlay": False}
    drawn.set_title(title)
    drawn.set_size({"width": WIDE, "height": TALL})
    drawn.set_legend({"position": "bottom", "font": {"size": 9, "color": INK}})
    drawn.set_chartarea({"border": {"color": PALE}})
    drawn.show_blanks_as("gap")


def _axis(name: str) -> dict[str, Any]:
    font = {"size": 9, "color": INK}
    return {
        "name": plain(name),
        "name_font": font | {"bold": False},
        "num_font": font,
        "line": {"color": GREY},
        "label_position": "low",
        "major_tick_mark": "outside",
    }


def _grid() -> dict[str, Any]:
    return {"visible": True, "line": {"color": PALE, "width": 0.5}}
