"""One legend for all panels of a figure, under them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ouhe.figures import labels
from ouhe.figures.style import MM, SMALL

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.legend import Legend

    from ouhe.figures.canvas import StyledFigure

__all__ = ["below"]

#: Gaps beside a handle and between columns, in ems.
BESIDE, BETWEEN = 0.7, 1.6

#: Air above and below, in ems.
AROUND = 0.5


def below(
    figure: StyledFigure, handles: Sequence[Artist], said: Sequence[str], *, title: str = "", length: float = 1.4
) -> Legend:
    """Legend under the panels and above the notes, in as few rows as fit, read row by row.

    Parameters
    ----------
    figure
        The figure.
    handles, said
        What is explained, and the words.
    title
        What all of it is.
    length
        Width of a handle in ems: 1.4 suits areas, 3.2 lines.
    """
    style = figure.style
    room = (style.width_mm - 6) * MM * 72
    beside = (length + BESIDE + BETWEEN) * SMALL
    texts = [style.wrapped(s, most=room - beside, lines=2) for s in said]
    # matplotlib leaves a label that begins with an underscore out
    texts = [f" {t}" if t.startswith("_") else t for t in texts]
    widest = max(labels.width(line, size=SMALL, font=style.font) for t in texts for line in t.split("\n"))
    fit = max(1, min(len(texts), int((room + BETWEEN * SMALL) // (widest + beside))))
    columns = -(-len(texts) // -(-len(texts) // fit))
    # matplotlib fills columns first
    order = [i for column in range(columns) for i in range(column, len(texts), columns)]
    legend = figure.legend(
        [handles[i] for i in order],
        [texts[i] for i in order],
        loc="lower center",
        bbox_to_anchor=(style.width_mm * MM / 2, figure.foot),
        bbox_transform=figure.dpi_scale_trans,
        ncols=columns,
        title=style.wrapped(title, most=room) if title else None,
        title_fontsize=SMALL,
        handlelength=length,
        handletextpad=BESIDE,
        columnspacing=BETWEEN,
        borderaxespad=AROUND,
        borderpad=0.0,
    )
    legend.set_in_layout(False)
    figure.grow(figure.measured(legend)[1] + 2 * AROUND * SMALL / 72)
    return legend
