"""How figures look: size, font, colours, and the marks that tell lines apart without colour."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ouhe import text
from ouhe.errors import OptionError
from ouhe.figures import fonts, labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ouhe.figures.canvas import StyledFigure

__all__ = ["GREY", "INK", "LABEL", "PALE", "SMALL", "Style", "contrast", "ordered"]

#: Sizes of text in points: labels, and ticks, legends and notes.
LABEL, SMALL = 8.0, 7.0

#: Text and axes; notes; lines that only guide the eye; grids.
INK, NOTE, GREY, PALE = "#222222", "#555555", "#8a8a8a", "#e4e4e4"

#: Colour, line and marker of groups. The colours are Okabe and Ito's ("Color Universal Design", 2008), which people
#: with any colour vision tell apart; in grey the line and the marker do.
LINES: tuple[tuple[str, Any, str], ...] = (
    ("#0072b2", "-", "o"),
    ("#d55e00", (0, (5, 1.5)), "s"),
    ("#009e73", (0, (5, 1.2, 1.2, 1.2)), "^"),
    ("#cc79a7", (0, (1.5, 1.2)), "D"),
    ("#e69f00", (0, (7, 1.2, 1.2, 1.2, 1.2, 1.2)), "v"),
    ("#56b4e9", (0, (3, 1.2)), "P"),
    ("#5f4b8b", (0, (8, 2)), "X"),
)

#: Line of the nation: black, without a marker, so that no group is mistaken for it.
NATION_LINE: tuple[str, Any, str] = ("#000000", "-", "")

#: Map from low to high whose lightness falls all the way, so that it also reads in grey.
RISING = "YlGnBu"

#: Narrowest and widest figure in millimetres.
NARROWEST, WIDEST = 70.0, 400.0

MM = 1 / 25.4

#: Distance of notes from the edge, in millimetres.
EDGE_MM = 1.5

#: matplotlib's settings are shared by all threads of a process.
_lock = threading.RLock()


@dataclass(frozen=True, kw_only=True)
class Style:
    """Everything figures of a study have in common.

    Parameters
    ----------
    lang
        Language of the texts.
    font
        Font file of the user's; None for the shipped font.
    width_mm
        Width of a figure in millimetres: 160 fills the text of an A4 page, 84 is a journal's column.
    dpi
        Dots per inch of PNG files.
    simulated
        The data are simulated, which every figure then says.

    Raises
    ------
    OptionError
        The width or the resolution is out of bounds, or the font cannot be used.

    Examples
    --------
    >>> style = Style(lang="en")
    >>> with style.applied():
    ...     figure, axes = style.figure(1, 2, height_mm=60)
    >>> axes.shape, figure.get_size_inches().round(2).tolist()
    ((1, 2), [6.3, 2.36])
    """

    lang: text.Lang
    font: Path | None = None
    width_mm: float = 160.0
    dpi: int = 300
    simulated: bool = False

    def __post_init__(self) -> None:
        if not NARROWEST <= self.width_mm <= WIDEST:
            raise OptionError.of("figures.width", width=self.width_mm, least=NARROWEST, most=WIDEST)
        if not 50 <= self.dpi <= 1200:
            raise OptionError.of("figures.dpi", dpi=self.dpi, least=50, most=1200)
        fonts.families(self.font, self.lang)

    def t(self, key: str, **params: object) -> str:
        """Text for `key` in the language of the figures."""
        return text.t(key, lang=self.lang, **params)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Draw inside this block: whatever matplotlib is told elsewhere, figures look the same.

        Figures of several threads wait for one another.
        """
        import matplotlib as mpl

        with _lock, mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(self._settings())
            yield

    def _settings(self) -> Any:
        return {
            "font.family": fonts.families(self.font, self.lang),
            "font.size": LABEL,
            "text.parse_math": False,  # a $ in a name is a $
            "axes.unicode_minus": True,
            "axes.titlesize": LABEL,
            "axes.titlelocation": "left",
            "axes.labelsize": LABEL,
            "axes.linewidth": 0.6,
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "text.color": INK,
            "text.hinting": "none",  # hinted letters are wider at some resolutions than the layout knows
            "xtick.labelsize": SMALL,
            "ytick.labelsize": SMALL,
            "xtick.color": INK,
            "ytick.color": INK,
            "xtick.major.width": 0.6,
            "ytick.major.width": 0.6,
            "xtick.major.size": 2.5,
            "ytick.major.size": 2.5,
            "grid.color": PALE,
            "grid.linewidth": 0.5,
            "lines.linewidth": 1.2,
            "lines.markersize": 3.5,
            "lines.markeredgewidth": 0.6,
            "patch.linewidth": 0.5,
            "hatch.linewidth": 0.5,
            "hatch.color": GREY,
            "legend.fontsize": SMALL,
            "legend.frameon": False,
            "figure.dpi": 100,
            "savefig.dpi": self.dpi,
            "svg.hashsalt": "ouhe",
            "svg.fonttype": "path",
            # the shipped font has PostScript outlines, which type 42 would embed as what it is not
            "pdf.fonttype": 3,
            "pdf.compression": 6,
        }

    def figure(
        self, nrows: int = 1, ncols: int = 1, *, height_mm: float, notes: Sequence[str] = (), **layout: Any
    ) -> tuple[StyledFigure, NDArray[Any]]:
        """Empty figure with panels, and notes at its foot; call it inside :meth:`applied`.

        Parameters
        ----------
        nrows, ncols
            Panels; 0 of either gives a figure in which panels are put in their places.
        height_mm
            Height without the notes, in millimetres.
        notes
            Sentences under the panels. That the data are simulated stands there by itself.
        **layout
            As :meth:`matplotlib.figure.Figure.subplots` has them: ``sharex``, ``width_ratios`` …

        Returns
        -------
        StyledFigure
            The figure, laid out by matplotlib's constrained layout.
        numpy.ndarray
            Its panels, an array ``(nrows, ncols)``.
        """
        import numpy as np

        from ouhe.figures.canvas import StyledFigure

        size = {"width": self.width_mm * MM, "height": height_mm * MM}
        figure = StyledFigure(self, **size, fitted=nrows * ncols > 0)
        self._note(figure, [*notes, *([self.t("labels.simulated")] if self.simulated else [])])
        none = np.empty((nrows, ncols), dtype=object)
        panels = figure.subplots(nrows, ncols, squeeze=False, **layout) if nrows * ncols else none
        return figure, panels

    def _note(self, figure: StyledFigure, notes: Sequence[str]) -> None:
        """Write notes at the foot, the first on top."""
        room = (self.width_mm - 2 * EDGE_MM) * MM * 72
        lines = [line for note in notes for line in self.wrapped(note, most=room, lines=6).split("\n")]
        for number, line in enumerate(lines, start=1):
            up = EDGE_MM * MM + (len(lines) - number) * SMALL * 1.4 / 72
            figure.text(EDGE_MM * MM, up, line, size=SMALL, va="bottom", transform=figure.dpi_scale_trans, color=NOTE)
        if lines:
            figure.grow(EDGE_MM * MM + len(lines) * SMALL * 1.4 / 72)

    def panels(self, count: int, *, least_mm: float) -> tuple[int, int]:
        """Rows and columns for `count` panels, of which none is narrower than `least_mm`.

        Examples
        --------
        >>> Style(lang="en").panels(4, least_mm=50), Style(lang="en", width_mm=84).panels(4, least_mm=50)
        ((2, 2), (4, 1))
        """
        fit = max(1, min(count, int(self.width_mm // least_mm)))
        rows = -(-count // fit)
        return rows, -(-count // rows)

    def wrapped(self, label: object, *, most: float, size: float = SMALL, lines: int = 4) -> str:
        """`label` broken into lines of at most `most` points."""
        return labels.wrapped(label, size=size, most=most, lines=lines, font=self.font)

    def title(self, axes: Axes, label: object, *, number: int | None = None, most: float | None = None) -> None:
        """Title of a panel over its left edge, in lines of at most `most` points.

        Parameters
        ----------
        axes
            The panel.
        label
            The title.
        number
            Which panel it is, from 0, for its letter; None where there is one only.
        most
            Width in points; without it the title stays in one line.
        """
        letter = f"({chr(97 + number)}) " if number is not None and number < 26 else ""
        said = letter + labels.plain(label)
        axes.set_title(said if most is None else self.wrapped(said, most=most, size=LABEL))

    def line(self, number: int) -> dict[str, Any]:
        """Colour, line and marker of the group `number`, or of the nation for −1."""
        if number < 0:
            colour, line, marker = NATION_LINE
        else:
            colour, _, marker = LINES[number % len(LINES)]
            # a colour that comes again has another line
            line = LINES[(number + number // len(LINES)) % len(LINES)][1]
        return {"color": colour, "linestyle": line, "marker": marker}


def ordered(count: int) -> list[str]:
    """Colours of `count` classes from low to high, ever darker.

    Examples
    --------
    >>> len(ordered(9)), ordered(2)[0] != ordered(2)[1]
    (9, True)
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    colours = colormaps[RISING]
    return [to_hex(colours(0.06 + 0.92 * (i / max(1, count - 1)))) for i in range(count)]


def contrast(colour: Any) -> str:
    """Colour of text that reads best on `colour`, by the contrast ratio of WCAG 2.

    Examples
    --------
    >>> contrast("#ffffff"), contrast("#081d58")
    ('#222222', '#ffffff')
    """
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    # ink has a luminance of 0.016, so both ratios are the same at 0.213
    return "#ffffff" if luminance < 0.213 else INK
