"""Small multiples of a fixed shape: the same map for several years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ouhe.figures.style import LABEL, MM

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["figure"]

#: Gaps between panels and at the edge, and the height of a title, in inches.
GAP, EDGE, TITLE = 0.14, 0.04, LABEL * 2.0 / 72

#: Width that a panel has at least where two fit side by side.
COMFORTABLE_MM = 62.0

#: Height that panels do not go beyond where they can be smaller, so that legend and caption find room on the page.
PAGE_MM = 205.0


def figure(
    titles: Sequence[object], *, ratio: float, least_mm: float, style: Style, notes: Sequence[str] = ()
) -> tuple[StyledFigure, list[Axes]]:
    """A figure with a panel for every title, all of the same shape; call it inside ``style.applied()``.

    Constrained layout cannot do this: it does not know how panels of a fixed shape will shrink.

    Parameters
    ----------
    titles
        What stands over each panel.
    ratio
        Height of a panel over its width.
    least_mm
        Least width of a panel in millimetres.
    style
        How it looks.
    notes
        Sentences under the panels.
    """
    comfortable = min(COMFORTABLE_MM, style.width_mm / 2.0)
    rows, columns = style.panels(len(titles), least_mm=max(least_mm, comfortable))
    width = (style.width_mm * MM - 2 * EDGE - (columns - 1) * GAP) / columns
    fitting = (PAGE_MM * MM - rows * (TITLE + GAP)) / rows / ratio
    width = min(width, max(fitting, least_mm * MM))
    height, indent = width * ratio, (style.width_mm * MM - columns * width - (columns - 1) * GAP) / 2
    drawn, _ = style.figure(0, 0, height_mm=(rows * (TITLE + height) + (rows - 1) * GAP + EDGE) / MM, notes=notes)
    panels = []
    for number, title in enumerate(titles):
        row, column = divmod(number, columns)
        left, top = indent + column * (width + GAP), row * (TITLE + height + GAP) + TITLE
        axes = drawn.place(left, top, width, height)
        style.title(axes, title, number=number if len(titles) > 1 else None, most=width * 72)
        panels.append(axes)
    return drawn, panels
