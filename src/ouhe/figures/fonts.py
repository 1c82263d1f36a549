"""Fonts of figures: the shipped ones, which know Chinese on any machine, or a file the user names."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ouhe import text
from ouhe.errors import OptionError, Place

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

__all__ = ["advance", "families", "shipped"]

#: Comes with matplotlib and knows signs that Chinese fonts leave out.
LAST = "DejaVu Sans"

#: A font without these cannot write a Chinese figure.
CHINESE = "中国年份指数"

#: First bytes of TrueType, OpenType and collections of them: what every vector format can hold.
SFNT = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")


def shipped() -> Path:
    """Font that every machine has: Noto Sans SC, under the Open Font License."""
    from pylopdf_fonts_zh_cn import sans_path

    return Path(sans_path())


def families(font: Path | None, lang: text.Lang) -> list[str]:
    """Names for ``font.family``, the user's font first; what one font cannot write the next one does.

    Parameters
    ----------
    font
        Font file of the user's (.ttf, .otf, .ttc); None for the shipped font.
    lang
        Language of the figures; a font for Chinese ones must know Chinese.

    Raises
    ------
    OptionError
        The file is absent, is no font, or cannot write Chinese.

    Examples
    --------
    >>> len(families(None, "zh"))
    2
    """
    if font is not None:
        _check(font, lang)
    return [_registered(path) for path in _files(font)] + [LAST]


def advance(character: str, font: Path | None) -> float:
    """Width of a character in ems, in the first font that has it.

    Examples
    --------
    >>> round(advance("年", None), 2), advance("i", None) < advance("W", None)
    (1.0, True)
    """
    return _advance(ord(character), font)


@cache
def _advance(code: int, font: Path | None) -> float:
    from matplotlib.ft2font import LoadFlags

    for path in (*_files(font), _last()):
        face = _face(path)
        if face.get_char_index(code):
            face.set_size(100.0, 72.0)
            wide: float = face.load_char(code, flags=LoadFlags.NO_HINTING).linearHoriAdvance
            return wide / 65536.0 / 100.0
    return 1.0


def _files(font: Path | None) -> tuple[Path, ...]:
    return (shipped(),) if font is None else (font, shipped())


@cache
def _last() -> Path:
    from matplotlib import font_manager

    return Path(font_manager.findfont(LAST))


@cache
def _face(path: Path) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    return FT2Font(str(path))


def _check(font: Path, lang: text.Lang) -> None:
    """Refuse what is no font, or none for the language."""
    place = Place(file=str(font))
    try:
        with font.open("rb") as file:
            start = file.read(4)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise OptionError.of("figures.font_absent", place, why=why) from error
    try:
        scalable = start in SFNT and _face(font).scalable
    except (OSError, RuntimeError) as error:
        raise OptionError.of("figures.font_unreadable", place) from error
    if not scalable:
        raise OptionError.of("figures.font_unreadable", place)
    absent = [c for c in CHINESE if not _face(font).get_char_index(ord(c))]
    if lang == "zh" and absent:
        raise OptionError.of("figures.font_not_chinese", place, characters="".join(absent))


@cache
def _registered(path: Path) -> str:
    """Make a font known to matplotlib under a name of its own, in memory only, and give that name.

    Under the font's own name another version of it that the machine has might be taken.
    """
    from matplotlib.font_manager import FontEntry, fontManager

    name = f"ouhe {hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    entry = FontEntry(
        fname=str(path), name=name, style="normal", variant="normal", weight=400, stretch="normal", size="scalable"
    )
    fontManager.ttflist.append(entry)
    return name
