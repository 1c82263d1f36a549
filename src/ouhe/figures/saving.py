"""Figures as files: SVG, PDF and PNG, with the same bytes for the same figure."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ouhe.errors import OptionError, OuheWarning, did_you_mean

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure

__all__ = ["FORMATS", "file_name", "glyphs_told", "save"]

#: Formats, and what of the day and the software is left out of each.
FORMATS: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {},
}

#: How hard PNG are pressed: beyond it takes long and gains a hundredth.
PRESSED = 3

#: Longest file name in bytes, without its ending; file systems take 255.
LONGEST = 120


def save(
    figure: StyledFigure,
    folder: Path,
    name: str,
    *,
    formats: Sequence[str] = ("svg", "pdf", "png"),
    dpi: int | None = None,
) -> list[Path]:
    """Write a figure in each format.

    Parameters
    ----------
    figure
        The figure; its layout is worked out once and kept.
    folder
        Where the files go; it is made where absent.
    name
        Name of the files without their endings (:func:`file_name` makes one of any text).
    formats
        ``svg``, ``pdf``, ``png``.
    dpi
        Dots per inch of PNG; that of the figure's style when left out.

    Returns
    -------
    list of pathlib.Path
        The files, in the order of `formats`.

    Raises
    ------
    OptionError
        A format is not known.

    Warns
    -----
    OuheWarning
        No font has some character, which is then drawn as a box.
    """
    unknown = [f for f in formats if f not in FORMATS]
    if unknown:
        near = did_you_mean(unknown[0], FORMATS)
        raise OptionError.of("figures.format", format=unknown[0], near=near, known=", ".join(FORMATS))
    folder.mkdir(parents=True, exist_ok=True)
    sharpness = dpi or figure.style.dpi
    paths = [folder / f"{file_name(name)}.{ending}" for ending in formats]
    with figure.style.applied(), glyphs_told(name):
        figure.settle()
        for path in paths:
            if path.suffix == ".png":
                _save_png(figure, path, sharpness)
            else:
                figure.savefig(path, dpi=sharpness, metadata=FORMATS[path.suffix[1:]])
    return paths


def _save_png(figure: StyledFigure, path: Path, dpi: int) -> None:
    """Write a PNG without a channel for transparency, which takes half the time and less room."""
    from PIL import Image

    raw = BytesIO()
    figure.savefig(raw, format="raw", dpi=dpi)
    width, height = (int(inches * dpi) for inches in figure.get_size_inches())
    image = Image.frombuffer("RGBA", (width, height), raw.getvalue(), "raw", "RGBA", 0, 1)
    image.convert("RGB").save(path, dpi=(dpi, dpi), compress_level=PRESSED)


def file_name(name: str) -> str:
    """A file name that every system takes: letters, digits, ``-`` and ``_`` of `name`.

    Examples
    --------
    >>> file_name("weights-a/b: $x$"), file_name("权重-新质生产力")
    ('weights-a-b-x', '权重-新质生产力')
    """
    safe = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", name)).strip("-_")
    while len(safe.encode()) > LONGEST:
        safe = safe[:-1]
    return safe.rstrip("-_") or "figure"


@contextmanager
def glyphs_told(name: str) -> Iterator[None]:
    """Tell all characters that no font has in one warning about the figure `name`; other warnings go on."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    absent: dict[str, None] = {}
    for warning in caught:
        glyph = re.match(r"Glyph (\d+) ", str(warning.message))
        if glyph:
            absent[chr(int(glyph[1]))] = None
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if absent:
        told = " ".join(f"{c} (U+{ord(c):04X})" for c in absent)
        warnings.warn(OuheWarning.of("figures.no_glyph", figure=name, characters=told), stacklevel=4)
