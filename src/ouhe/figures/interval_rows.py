"""Regions from top to bottom, each with its value and the interval that draws gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ouhe.figures import labels, legends
from ouhe.figures.style import GREY, INK, MM, PALE

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["NAMED", "draw"]

#: Rows that can have a name each; more are drawn without names.
NAMED = 60

#: Height of a row with a name, of all rows where they have none, and of what is around them, in millimetres.
ROW_MM, ALL_MM, AROUND_MM = 4.0, 150.0, 14.0

#: Most of the width that names take.
NAMES = 0.3

#: Colour of the interval.
SPAN = "#0072b2"


def draw(
    frame: pd.DataFrame, style: Style, *, xlabel: str, bands: list[Artist], said: list[str]
) -> tuple[StyledFigure, Axes]:
    """Rows of a frame with ``label value low median high``, the first on top.

    Parameters
    ----------
    frame
        One row a region.
    style
        How it looks; its settings are applied.
    xlabel
        What the values are.
    bands, said
        Further entries of the legend.
    """
    from matplotlib.lines import Line2D

    named = len(frame) <= NAMED
    height = len(frame) * ROW_MM if named else ALL_MM
    notes = [] if named else [style.t("figures.coordination_heatmap_unnamed", count=len(frame))]
    figure, ((axes,),) = style.figure(height_mm=height + AROUND_MM, notes=notes)
    places = np.arange(len(frame))
    thick = 2.2 if named else max(0.4, 0.6 * ALL_MM * MM * 72 / len(frame))
    axes.hlines(places, frame["low"], frame["high"], color=SPAN, linewidth=thick, alpha=0.75, zorder=3)
    size = 3.6 if named else 1.2
    look: dict[str, Any] = {"linestyle": "", "zorder": 4}
    median: dict[str, Any] = {**look, "marker": "|", "color": INK, "markersize": 1.6 * size}
    point: dict[str, Any] = {**look, "marker": "o", "color": "#ffffff", "markeredgecolor": INK, "markersize": size}
    axes.plot(frame["median"], places, **median)
    axes.plot(frame["value"], places, **point)
    most = NAMES * style.width_mm * MM * 72
    axes.set_yticks(
        places if named else [], [style.wrapped(x, most=most, lines=1) for x in frame["label"]] if named else []
    )
    axes.set(ylim=(len(frame) - 0.4, -0.6))
    axes.set_xlabel(xlabel)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=PALE)
    axes.set_axisbelow(True)
    handles: list[Artist] = [
        Line2D([], [], color=SPAN, linewidth=2.2, alpha=0.75),
        Line2D([], [], **median),
        Line2D([], [], **point),
    ]
    level = f"{frame['level'].iloc[0]:.0%}" if len(frame) else ""
    told = [
        style.t("figures.interval_span", level=level),
        style.t("figures.interval_median"),
        style.t("figures.interval_point"),
    ]
    legends.below(figure, [*handles, *bands], [*told, *map(labels.plain, said)], length=1.8)
    axes.spines["left"].set_color(GREY)
    return figure, axes
