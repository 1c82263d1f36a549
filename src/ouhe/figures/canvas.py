"""The figure that draws itself in its style wherever it is drawn, with a foot for a legend and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.backend_bases import RendererBase

    from ouhe.figures.style import Style

__all__ = ["StyledFigure"]

#: Air around panels, in inches.
PAD = 2 / 72


class StyledFigure(Figure):
    """A figure with its style: parts that matplotlib makes only while drawing, such as ticks, follow it too.

    Parameters
    ----------
    style
        Style to draw in.
    width, height
        Size in inches; the height grows with what is put at the foot.
    **options
        As :class:`matplotlib.figure.Figure` has them.

    Attributes
    ----------
    foot
        Height of what stands under the panels, in inches.
    """

    def __init__(self, style: Style, *, width: float, height: float, **options: Any) -> None:
        self.style = style
        self.foot = 0.0
        self._engine = ConstrainedLayoutEngine(w_pad=PAD, h_pad=PAD)
        super().__init__(figsize=(width, height), layout=self._engine, **options)

    def grow(self, inches: float) -> None:
        """Add room at the foot, above what stands there; the panels keep their size."""
        width, height = self.get_size_inches()
        self.foot += inches
        self.set_size_inches(width, height + inches)
        part = self.foot / (height + inches)
        self._engine.set(rect=(0.0, part, 1.0, 1.0 - part))

    def measured(self, artist: Artist) -> tuple[float, float]:
        """Width and height of `artist` in inches, as it would be drawn."""
        canvas: Any = FigureCanvasAgg(self)
        box = artist.get_tightbbox(canvas.get_renderer())
        return (0.0, 0.0) if box is None else (box.width / self.dpi, box.height / self.dpi)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the figure in its style."""
        with self.style.applied():
            super().draw(renderer)
