"""Texts made fit for a figure: nothing in them is an instruction, and long ones are broken into lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ouhe.figures.fonts import advance

__all__ = ["plain", "width", "wrapped"]

#: Signs that must not begin a line.
CLOSING = "，。、；：？！）》」』】〕％‰,.;:?!)]}%…"

#: Signs that must not end one.
OPENING = "（《「『【〔([{"

#: A Chinese font draws these as wide as a Chinese character.
QUOTES = str.maketrans("‘’“”", "''\"\"")

_WORD = re.compile(r"[^\s⺀-鿿豈-﫿＀-￯　-〿]+|\s+|.", re.DOTALL)


def plain(label: object) -> str:
    r"""Text of one line that says what it shows: no line breaks, no control or direction marks.

    Examples
    --------
    >>> plain("R&D\n staff\u202e"), plain("Moran’s I")
    ('R&D staff', "Moran's I")
    """
    # control characters, marks that turn text around, and halves of characters
    kept = "".join(c for c in str(label) if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    kept = " ".join(kept.split())
    if not re.search(r"[⺀-鿿]", kept):
        kept = kept.translate(QUOTES)
    return re.sub(r"(?<=[A-Za-z])’", "'", kept)


def width(label: str, *, size: float, font: Path | None = None) -> float:
    """Width of a line in points.

    Parameters
    ----------
    label
        The text.
    size
        Size of the font in points.
    font
        Font file of the user's, None for the shipped one.

    Examples
    --------
    >>> round(width("年份", size=8.0))
    16
    """
    return size * sum(advance(c, font) for c in label)


def wrapped(label: object, *, size: float, most: float, lines: int = 4, font: Path | None = None) -> str:
    """`label` in lines no wider than `most`; what does not fit into `lines` ends in an ellipsis.

    Parameters
    ----------
    label
        The text.
    size
        Size of the font in points.
    most
        Width of a line in points.
    lines
        Most lines.
    font
        Font file of the user's, None for the shipped one.

    Examples
    --------
    >>> print(wrapped("Full-time equivalent of R&D staff", size=8.0, most=80.0))
    Full-time equivalent
    of R&D staff
    """
    found = [""]
    for piece in _pieces(plain(label), size=size, most=most, font=font):
        if width((found[-1] + piece).rstrip(), size=size, font=font) <= most or not found[-1]:
            found[-1] += piece
        else:
            found.append(piece.lstrip())
    found = [line.rstrip() for line in found if line.strip()]
    if len(found) > lines:
        found = [*found[: lines - 1], _shortened(found[lines - 1], size=size, most=most, font=font)]
    return "\n".join(found)


def _shortened(line: str, *, size: float, most: float, font: Path | None) -> str:
    while line and width(line + "…", size=size, font=font) > most:
        line = line[:-1]
    return line.rstrip() + "…"


def _pieces(label: str, *, size: float, most: float, font: Path | None) -> Iterator[str]:
    """Parts that stay together: words, Chinese characters with the signs that belong to them."""
    held = ""
    for part in _WORD.findall(label):
        if held and (part[0] in CLOSING or held[-1] in OPENING):
            held += part
            continue
        yield from _fitting(held, size=size, most=most, font=font)
        held = part
    yield from _fitting(held, size=size, most=most, font=font)


def _fitting(piece: str, *, size: float, most: float, font: Path | None) -> Iterator[str]:
    """`piece`, or, where it is wider than a line by itself, parts of it."""
    if width(piece, size=size, font=font) <= most:
        yield piece
        return
    part = ""
    for character in piece:
        if part and width(part + character, size=size, font=font) > most:
            yield part
            part = ""
        part += character
    yield part
