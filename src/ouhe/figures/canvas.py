"""The figure that draws itself in its style wherever it is drawn, with a foot for a legend and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
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
    fitted
        Panels are fitted by matplotlib's constrained layout; else each is put in its place by :meth:`place`.

    Attributes
    ----------
    foot
        Height of what stands under the panels, in inches.
    """

    def __init__(self, style: Style, *, width: float, height: float, fitted: bool = True) -> None:
        self.style = style
        self.foot = 0.0
        self._settled = False
        self._engine = ConstrainedLayoutEngine(w_pad=PAD, h_pad=PAD, wspace=0.04, hspace=0.03)
        self._placed: dict[Axes, tuple[float, float, float, float]] = {}
        super().__init__(figsize=(width, height), layout=self._engine if fitted else None)

    def grow(self, inches: float) -> None:
        """Add room at the foot, above what stands there; the panels keep their size."""
        width, height = self.get_size_inches()
        self.foot += inches
        self.set_size_inches(width, height + inches)
        part = self.foot / (height + inches)
        self._engine.set(rect=(0.0, part, 1.0, 1.0 - part))
        for axes, inches_of in self._placed.items():
            axes.set_position(self._fractions(*inches_of))

    def place(self, left: float, top: float, width: float, height: float) -> Axes:
        """New panel of this size in inches, `left` and `top` from that corner of the figure."""
        axes = self.add_axes(self._fractions(left, top, width, height))
        self._placed[axes] = (left, top, width, height)
        return axes

    def _fractions(self, left: float, top: float, width: float, height: float) -> tuple[float, float, float, float]:
        wide, tall = self.get_size_inches()
        return left / wide, 1.0 - (top + height) / tall, width / wide, height / tall

    def measured(self, artist: Artist) -> tuple[float, float]:
        """Width and height of `artist` in inches, as it would be drawn."""
        box = artist.get_tightbbox(self._renderer())
        return (0.0, 0.0) if box is None else (box.width / self.dpi, box.height / self.dpi)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the figure in its style."""
        with self.style.applied():
            super().draw(renderer)

    def settle(self) -> None:
        """Work the layout out once and keep it; otherwise every format would have it worked out again, twice."""
        with self.style.applied():
            engine = self.get_layout_engine()
            if engine is not None:
                engine.execute(self)
                # the solver's last digits differ from run to run, and files are to have the same bytes
                for axes in self.axes:
                    left, bottom, width, height = (round(x, 9) for x in axes.get_position().bounds)
                    axes.set_position((left, bottom, width, height))
            self.set_layout_engine(None)
            for axes in self.axes if not self._settled else ():
                self._fasten(axes)
            self._settled = True

    def _fasten(self, axes: Axes) -> None:
        """Keep titles and labels of axes where they stand; otherwise every drawing measures all ticks to place them."""
        said = axes.get_title(loc="left")
        title = axes.set_title(said, loc="left")
        axes.get_tightbbox(self._renderer())
        axes.set_title(said, loc="left", y=title.get_position()[1])
        for axis in (axes.xaxis, axes.yaxis):
            x, y = axis.label.get_transform().transform(axis.label.get_position()) / self.dpi
            axis.set_label_coords(x, y, transform=self.dpi_scale_trans)

    def _renderer(self) -> RendererBase:
        canvas: Any = FigureCanvasAgg(self)
        renderer: RendererBase = canvas.get_renderer()
        return renderer
