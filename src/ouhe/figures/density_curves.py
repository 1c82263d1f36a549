"""Kernel densities of the regions in chosen years: one panel a variable, the later the year the darker the curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ouhe.figures import legends, variables
from ouhe.figures.style import LABEL, MM, RISING
from ouhe.figures.years import of_analysis
from ouhe.results.density import Density
from ouhe.results.measured import Measured

if TYPE_CHECKING:
    from matplotlib.artist import Artist

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Height of a panel and its least width in millimetres.
PANEL_MM, LEAST_MM = 58.0, 65.0

#: Lines from the last year back; more years than these begin anew, and differ by their shade alone.
STYLES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (5, 1.2, 1.2, 1.2)), (0, (1.2, 1.2)))

#: Shades of the first and of the last year, as places in the map from low to high.
FIRST, LAST = 0.42, 1.0


def frame(results: Measured, *, years: Sequence[int] | None = None) -> pd.DataFrame:
    """Table ``variable year x density``, point by point.

    Parameters
    ----------
    results
        Results of a study with densities.
    years
        Years to show; first, last and two between when left out.
    """
    density = results.analyses["density"]
    assert isinstance(density, Density)
    by = ["variable", "year", "point"]
    shown = of_analysis(density.curves["year"].to_numpy(), years, results.years)
    curves = density.curves.sel(year=shown)
    both = curves[["x", "density"]].broadcast_like(curves["density"]).transpose(*by)
    return both.to_dataframe(dim_order=by)[["x", "density"]].reset_index().drop(columns="point")


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """Curves of several years laid over each other.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    from matplotlib.lines import Line2D

    names, shown = list(frame["variable"].unique()), sorted(frame["year"].unique())
    looks = {year: _look(number, len(shown)) for number, year in enumerate(shown)}
    rows, columns = style.panels(len(names), least_mm=LEAST_MM)
    room = 0.85 * style.width_mm * MM * 72 / columns
    with style.applied():
        figure, panels = style.figure(rows, columns, height_mm=rows * PANEL_MM)
        for number, axes in enumerate(panels.ravel()):
            if number >= len(names):
                axes.remove()
                continue
            part = frame[frame["variable"] == names[number]]
            for year in shown:
                curve = part[part["year"] == year]
                axes.plot(curve["x"], curve["density"], **looks[year])
            axes.set_ylim(bottom=0)
            axes.margins(x=0)
            said = variables.name(str(names[number]), style)
            axes.set_xlabel(style.wrapped(said, most=room, size=LABEL, lines=3))
            axes.set_ylabel(style.t("figures.density_curves_density"))
            style.title(axes, "", number=number if len(names) > 1 else None)
        handles: list[Artist] = [Line2D([], [], **looks[year]) for year in shown]
        legends.below(figure, handles, [str(year) for year in shown], length=3.2)
    return figure


def _look(number: int, count: int) -> dict[str, Any]:
    """Colour and line of year `number` of `count`."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    share = (number + 1) / count if count > 1 else 1.0
    first = FIRST + (LAST - FIRST) * (share - 1 / count) / (1 - 1 / count) if count > 1 else LAST
    return {
        "color": to_hex(colormaps[RISING](first)),
        "linestyle": STYLES[(count - 1 - number) % len(STYLES)],
        "linewidth": 1.4,
    }
