"""The figure that draws itself in its style wherever it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.backend_bases import RendererBase

    from ouhe.figures.style import Style

__all__ = ["StyledFigure"]


class StyledFigure(Figure):
    """A figure with its style: parts that matplotlib makes only while drawing, such as ticks, follow it too.

    Parameters
    ----------
    style
        Style to draw in.
    **options
        As :class:`matplotlib.figure.Figure` has them.
    """

    def __init__(self, style: Style, **options: Any) -> None:
        super().__init__(**options)
        self.style = style

    def draw(self, renderer: RendererBase) -> None:
        """Draw the figure in its style."""
        with self.style.applied():
            super().draw(renderer)
