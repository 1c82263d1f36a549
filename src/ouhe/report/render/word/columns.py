"""Columns of a table in Word: how wide they are, in which size they fit the page, where their numbers stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ouhe.report.document import Column, Table

__all__ = ["Layout", "layout", "parts", "width"]

#: Widths of Times New Roman in em, as its metrics have them; a digit is half an em wide, and so is what is not named.
_WIDTHS = {
    **dict.fromkeys(".,: /|;ijlt'`", 0.28),
    **dict.fromkeys("()[]-frIs{}", 0.35),
    **dict.fromkeys("−+=<>≤≥~^", 0.57),
    **dict.fromkeys("%mwMW—…@", 0.85),
    **dict.fromkeys("ABCDEGHKNOQRUVXYZ&", 0.7),
    ".": 0.25,
    ",": 0.25,
    " ": 0.25,
    "(": 0.333,
    ")": 0.333,
    "-": 0.333,
    "%": 0.833,
    "−": 0.564,
}
#: A number as shown: sign, brackets and whole digits; then decimals and marks such as stars.
_NUMBER = re.compile(r"([^\w.]{0,3}\d[\d,]*)(\.\d.*|[^\w.].*|)", re.DOTALL)

#: Sizes of type that are tried, in half points.
SIZES = (18, 17, 16, 15, 14, 13, 12, 11, 10)
#: The smallest with which a page upright is kept, and from how many columns on it may be laid sideways.
SMALLEST_UPRIGHT, SIDEWAYS_FROM = 13, 9
#: The smallest with which heads of the first width in em stay on one line; of the second, they always do.
LARGE, HEADS = 16, (6.0, 3.0)
#: Space on either side of a cell, in twentieths of a point for every half point of type.
MARGIN = 3
#: Widest text that is not broken, in em, and the least room for text that may break.
LONGEST, LEAST = 14.0, 9.0


def width(said: str) -> float:
    """Width of a text in em.

    Examples
    --------
    >>> width("0.176"), width("协调")
    (2.25, 2.0)
    """
    return sum(_character(c) for c in said)


def _character(c: str) -> float:
    if unicodedata.combining(c):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(c) in "WF" else _WIDTHS.get(c, 0.5)


def parts(shown: str) -> tuple[str, str] | None:
    """A number before its decimal point and from there on; None where the text is no number.

    Examples
    --------
    >>> parts("−0.176***"), parts("12"), parts("(3.04)"), parts("—")
    (('−0', '.176***'), ('12', ''), ('(3', '.04)'), None)
    """
    found = _NUMBER.fullmatch(shown.strip())
    return (found[1], found[2]) if found else None


@dataclass(frozen=True)
class Layout:
    """How a table is set.

    Parameters
    ----------
    sideways
        Whether on a page laid sideways.
    size
        Size of type in half points.
    widths
        Widths of the columns, in twentieths of a point, which fill the width of the text.
    """

    sideways: bool
    size: int
    widths: tuple[int, ...]


def layout(table: Table, *, upright: int, sideways: int, wider: float = 1.0) -> Layout:
    """Size and widths with which a table fits the page.

    Parameters
    ----------
    table
        The table.
    upright, sideways
        Width of the text on either page, in twentieths of a point.
    wider
        By how much the letters may be wider than those of Times New Roman.

    Examples
    --------
    >>> from ouhe.report.document import Cell
    >>> heads = (Column("region"), Column("D", "number"))
    >>> layout(Table("t", "c", heads, ((Cell("a", "a"), Cell(0.5, "0.500")),)), upright=9000, sideways=14000).size
    18
    """
    turned = len(table.columns) >= SIDEWAYS_FROM and sideways > upright
    for lying, smallest, head in _attempts(turned=turned):
        wished, least = ([em * wider for em in ems] for ems in _needs(table, head=head))
        available = sideways if lying else upright
        for size in (s for s in SIZES if s >= smallest):
            if _room(least, size) <= available:
                return Layout(lying, size, _shared(wished, least, size, available))
    available = sideways if turned else upright
    return Layout(turned, SIZES[-1], _squeezed(_needs(table, head=HEADS[1])[1], available))


def _attempts(*, turned: bool) -> Iterator[tuple[bool, int, float]]:
    """Page, smallest type and width of heads in em that are not broken, in the order in which they are tried."""
    yield False, LARGE, HEADS[0]
    yield False, SMALLEST_UPRIGHT if turned else SIZES[-1], HEADS[1]
    if turned:
        yield True, LARGE, HEADS[0]
        yield True, SIZES[-1], HEADS[1]


def _needs(table: Table, *, head: float) -> tuple[list[float], list[float]]:
    """Widths in em that the columns would like and that they must have."""
    needs = [_need(column, [row[i].shown for row in table.rows], head) for i, column in enumerate(table.columns)]
    return [n[0] for n in needs], [n[1] for n in needs]


def _need(column: Column, shown: Sequence[str], unbroken: float) -> tuple[float, float]:
    """Widths of one column; numbers are never broken, heads may be."""
    head = width(column.label)
    words = max(_longest_word(column.label), min(head, unbroken), min(head / 3, LONGEST))
    if column.kind == "number":
        split = [parts(s) for s in shown]
        whole = max((width(p[0]) for p in split if p), default=0.0)
        rest = max((width(p[1]) for p in split if p), default=0.0)
        other = max((width(s) for s, p in zip(shown, split, strict=True) if not p), default=0.0)
        least = max(whole + rest, min(other, LONGEST), min(words, LONGEST))
        return max(least, min(head, 6.0)), least
    body = max(map(width, shown), default=0.0)
    longest = LONGEST if column.kind == "text" else LEAST
    return max(body, min(head, LONGEST)), max(min(body, longest), min(words, LONGEST))


def _longest_word(said: str) -> float:
    """Widest piece that is not broken: a Western word, a Chinese character."""
    words = re.split(r"[\s\-/]+", said)
    return max((width(w) if w.isascii() else 1.0 for w in words), default=0.0)


def _room(ems: Sequence[float], size: int) -> float:
    """Room that columns take; an em of a size in half points is ten times as many twentieths."""
    return sum(em * size * 10 + 2 * MARGIN * size + 10 for em in ems)


def _shared(wished: Sequence[float], least: Sequence[float], size: int, available: int) -> tuple[int, ...]:
    """Widths that fill the page: first what is needed, then what is wished for, then the rest alike."""
    widths = [_room([em], size) for em in least]
    wants = [_room([em], size) - have for em, have in zip(wished, widths, strict=True)]
    left = available - sum(widths)
    share = min(1.0, left / sum(wants)) if sum(wants) > 0 else 0.0
    widths = [have + want * share for have, want in zip(widths, wants, strict=True)]
    left = (available - sum(widths)) / len(widths)
    return _whole([have + left for have in widths], available)


def _squeezed(least: Sequence[float], available: int) -> tuple[int, ...]:
    total = sum(em + 1 for em in least)
    return _whole([(em + 1) * available / total for em in least], available)


def _whole(widths: Sequence[float], available: int) -> tuple[int, ...]:
    """Whole numbers that sum to what is available."""
    rounded = [int(v) for v in widths]
    rounded[0] += available - sum(rounded)
    return tuple(rounded)
