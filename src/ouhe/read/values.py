"""Numbers as statistical tables print them."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Collection

__all__ = ["YEARBOOK_TOKENS", "number", "plain"]

#: What yearbooks print where a figure is missing, negligible or not applicable.
YEARBOOK_TOKENS: tuple[str, ...] = (
    "-",
    "--",
    "---",
    "–",
    "—",
    "——",
    "－",
    "－－",
    "─",
    "──",
    "―",
    "…",
    "……",
    "..",
    "...",
    "....",
    "…..",
    "空",
    "/",
    "*",
    "NA",
    "N/A",
    "n.a.",
    "#N/A",
)

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def plain(cell: object) -> str:
    """Text of a cell with full-width characters made ordinary and the space around it removed.

    Examples
    --------
    >>> plain(" １２，３４５ "), plain(3.0)
    ('12,345', '3.0')
    """
    return unicodedata.normalize("NFKC", str(cell)).strip()


def number(cell: object, tokens: Collection[str] = ()) -> float | None:
    """Value of a cell: a number, NaN for a missing value, or None for anything else.

    Parameters
    ----------
    cell
        What stands in the cell.
    tokens
        Texts that mean "missing"; an empty cell always does. A token that reads as a number (``-999``) also holds for
        cells that are numbers.

    Returns
    -------
    float or None
        Thousands separators (``,`` in groups of three) and full-width characters hold. A per cent sign, a date, a
        truth value, ``inf`` and ``nan`` are not numbers: nothing is scaled or guessed.

    Examples
    --------
    >>> number("１２，３４５．６"), number(" 7 "), number("—", YEARBOOK_TOKENS), number("5%"), number("1,23")
    (12345.6, 7.0, nan, None, None)
    """
    if isinstance(cell, bool | dt.date | dt.time | dt.timedelta):
        return None
    if cell is None:
        return math.nan
    if isinstance(cell, int | float):
        return _of_number(cell, tokens)
    written = plain(cell)
    if not written or written in tokens or str(cell).strip() in tokens:
        return math.nan
    value = _of_text(written)
    if value is None and written in {plain(token) for token in tokens}:
        return math.nan
    return value


def _of_number(cell: float, tokens: Collection[str]) -> float | None:
    if tokens and (str(int(cell)) if float(cell).is_integer() else str(cell)) in tokens:
        return math.nan
    return None if math.isinf(cell) else float(cell)


def _of_text(written: str) -> float | None:
    written = written.replace("\N{MINUS SIGN}", "-")
    if _GROUPED.fullmatch(written):
        written = written.replace(",", "")
    elif not _PLAIN.fullmatch(written):
        return None
    value = float(written)
    return value if math.isfinite(value) else None
