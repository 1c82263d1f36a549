"""How wide the columns of a table are, and what keeps its numbers under one another at the decimal point."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ouhe.report.document import Table

__all__ = ["above", "hanging", "paddings", "table_width", "width"]

#: A number as it is shown: what stands before the decimal point, the decimals, and marks behind them.
_NUMBER = re.compile(r"[^\d]*\d[\d,]*(\.\d+)?(.*)", re.DOTALL)
#: Marks for which the other cells of a column leave room: stars, daggers, per cent, brackets.
_MARKS = re.compile(r"[*†‡%‰)\]）]{1,4}")
#: Widest cell, in half widths, that is not broken over several lines.
LONGEST = 28


def width(shown: str) -> int:
    """Width of a text in half widths: a Chinese character has two.

    Examples
    --------
    >>> width("D"), width("协调度")
    (1, 6)
    """
    if shown.isascii():
        return len(shown)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in shown)


def table_width(table: Table, *, longest: int = LONGEST) -> int:
    """Width of a table in half widths, with a space on both sides of every column.

    Parameters
    ----------
    table
        The table.
    longest
        Cells beyond this are broken.
    """
    columns = zip(*([cell.shown for cell in row] for row in table.rows), strict=True)
    bodies = [max(map(width, cells)) for cells in columns] or [0] * len(table.columns)
    heads = (min(width(column.label), longest // 2) for column in table.columns)
    return sum(min(max(body, head), longest) + 2 for body, head in zip(bodies, heads, strict=True))


def paddings(shown: Sequence[str]) -> tuple[str, ...]:
    """What each cell of a column of numbers lacks on its right for the decimal points to stand in line.

    Marks such as stars hang: the others leave room for the longest of them. A cell without a digit ends where whole
    numbers end.

    Parameters
    ----------
    shown
        Cells as they are shown.

    Returns
    -------
    tuple of str
        As many texts, to be set invisibly behind the cells.

    Examples
    --------
    >>> paddings(["0.176**", "12", "0.4", "—"])
    ('', '.000**', '00**', '.000**')
    """
    decimals = [(m[1] or "") if (m := _NUMBER.fullmatch(s)) else "" for s in shown]
    marks = [_marks(s) for s in shown]
    most = max(map(len, decimals), default=0)
    longest = hanging(shown)
    return tuple(
        ("." + "0" * (most - 1) if most and not d else "0" * (most - len(d))) + longest[len(m) :]
        for d, m in zip(decimals, marks, strict=True)
    )


def above(table: Table) -> list[tuple[str, int, int]]:
    """Heads over the heads of a table: text, first column and how many it spans.

    Examples
    --------
    >>> from ouhe.report.document import Column
    >>> heads = (Column("a"), Column("b", above="x"), Column("c", above="x"))
    >>> above(Table("t", "c", heads, ()))
    [('', 0, 1), ('x', 1, 2)]
    """
    spans: list[tuple[str, int, int]] = []
    for i, column in enumerate(table.columns):
        if spans and column.above and spans[-1][0] == column.above:
            head, first, count = spans[-1]
            spans[-1] = (head, first, count + 1)
        else:
            spans.append((column.above, i, 1))
    return spans


def hanging(shown: Sequence[str]) -> str:
    """Longest marks, such as stars, behind the numbers of a column.

    Examples
    --------
    >>> hanging(["0.176**", "12", "0.4*"])
    '**'
    """
    return max(map(_marks, shown), key=len, default="")


def _marks(shown: str) -> str:
    found = _NUMBER.fullmatch(shown)
    return found[2] if found and _MARKS.fullmatch(found[2]) else ""
