"""How many regions are in each class of D, by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ouhe.figures import classes, labels, legends
from ouhe.figures.style import GREY, MM, SMALL, contrast
from ouhe.panel import to_frame
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Height of the figure in millimetres.
HEIGHT_MM = 88.0

#: Width of a bar, where 1 would leave no gap.
BAR = 0.84


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``year level label interval levels count``: classes that occur, lowest first, in every year.

    ``level`` is the place of the class, from 0, among ``levels`` classes; ``interval`` the values of D it holds.

    Parameters
    ----------
    results
        Results of a study.
    """
    counts = to_frame(results.trends.counts.rename({"class": "level"}).transpose("year", "level"), value="count")
    table = counts.merge(classes.scheme(results), on="level", how="left", validate="many_to_one")
    occurring = table.groupby("level")["count"].transform("sum") > 0
    return table.loc[occurring, ["year", "level", "label", "interval", "levels", "count"]].reset_index(drop=True)


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A bar a year, the lowest class at its foot, with the counts inside.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    from matplotlib.patches import Patch

    years = sorted(int(y) for y in frame["year"].unique())
    colours = classes.colours(frame)
    by_year = frame.set_index("year").sort_index()
    counts = {k: by_year.loc[by_year["level"] == k, "count"].to_numpy() for k in colours}
    total = int(frame.groupby("year")["count"].sum().max())
    with style.applied():
        figure, ((axes,),) = style.figure(height_mm=HEIGHT_MM)
        tall = (HEIGHT_MM - 15) * MM * 72 / total
        wide = 0.85 * style.width_mm * MM * 72 / len(years) * BAR
        under, places = np.zeros(len(years)), np.arange(len(years))
        for level, height in counts.items():
            axes.bar(places, height, BAR, under, color=colours[level], edgecolor="white", linewidth=0.5)
            for place, count, foot in zip(places, height, under, strict=True):
                if count * tall > 0.85 * SMALL and labels.width(f"{count}", size=SMALL, font=style.font) < wide:
                    _write(axes, float(place), foot + count / 2, count, colours[level])
            under += height
        step = -(-len(years) * 10 // int(style.width_mm))
        axes.set_xticks(places[::step], [str(y) for y in years[::step]])
        axes.set(xlabel=style.t("figures.year"), ylabel=style.t("figures.class_stack_count"), ylim=(0, total))
        axes.margins(x=0.01)
        axes.tick_params(axis="x", length=0)
        handles = [Patch(facecolor=c, edgecolor=GREY) for c in colours.values()]
        legends.below(figure, handles, classes.entries(frame), title=style.t("figures.class_title"))
    return figure


def _write(axes: Axes, x: float, y: float, count: int, colour: str) -> None:
    ink = contrast(colour)
    axes.text(x, y, f"{count}", size=SMALL, color=ink, ha="center", va="center_baseline", in_layout=False)
