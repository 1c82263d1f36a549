"""What every sheet and chart of a workbook says: the study's title, and a notice such as that data are simulated."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

__all__ = ["Told", "footer", "plain", "shortened", "width"]


@dataclass(frozen=True)
class Told:
    """Title and notice of a study, as :func:`plain` gives them; either may be empty."""

    title: str
    notice: str


def plain(said: object) -> str:
    r"""Text of one line without characters that a chart or a property of a file cannot hold.

    Examples
    --------
    >>> plain("GDP\x01\n per head\u202e")
    'GDP per head'
    """
    kept = "".join(c for c in str(said) if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Cn"})
    return " ".join(kept.split())


def width(value: object) -> int:
    """Width of a text in a sheet, in letters: a Chinese character is as wide as two.

    Examples
    --------
    >>> width("北京"), width("GDP")
    (4, 3)
    """
    return sum(2 if ord(c) > 0x2E80 else 1 for c in str(value))


def shortened(said: object, most: int) -> str:
    """:func:`plain` text of at most `most` letters' width.

    Examples
    --------
    >>> shortened("中华人民共和国", 9), shortened("GDP", 9)
    ('中华人民…', 'GDP')
    """
    kept = plain(said)
    if width(kept) <= most:
        return kept
    while width(kept) > most - 1:
        kept = kept[:-1]
    return f"{kept}…"


def footer(told: Told) -> str:
    """Foot of a page: the notice, or the title where there is none; the sheet; the page of all pages."""
    said = shortened(told.notice or told.title, 120).replace("&", "&&")
    return f"&L&8 {said}&C&8&A&R&8&P / &N"  # a digit right after &8 would be part of the size
