"""How many regions are in each class of D, by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ouhe.figures import classes, labels, legends
from ouhe.figures.style import GREY, MM, SMALL, contrast
from ouhe.panel import to_frame
from ouhe.results.measured import Measured
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


def frame(results: Measured) -> pd.DataFrame:
    """Table ``year level label interval levels count cells``: classes that occur, lowest first, in every year.

    ``level`` is the place of the class, from 0, among ``levels`` classes; ``interval`` the values of D it
    holds; ``cells`` says that cells of a raster are counted.

    Parameters
    ----------
    results
        Results of a study that counted classes.
    """
    counted = results.trends.counts
    assert counted is not None
    counts = to_frame(counted.rename({"class": "level"}).transpose("year", "level"), value="count")
    table = counts.merge(classes.scheme(results), on="level", how="left", validate="many_to_one")
    occurring = table.groupby("level")["count"].transform("sum") > 0
    table["cells"] = not isinstance(results, StudyResults)
    columns = ["year", "level", "label", "interval", "levels", "count", "cells"]
    return table.loc[occurring, columns].reset_index(drop=True)


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A bar a year, the lowest class at its foot, with the counts inside; of cells, their shares in per cent.

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
    cells = bool(frame["cells"].iloc[0])
    total = frame.groupby("year")["count"].sum().max()
    if cells:
        counts, total = {k: 100 * held / total for k, held in counts.items()}, 100
    with style.applied():
        figure, ((axes,),) = style.figure(height_mm=HEIGHT_MM)
        tall = (HEIGHT_MM - 15) * MM * 72 / total
        wide = 0.85 * style.width_mm * MM * 72 / len(years) * BAR
        under, places = np.zeros(len(years)), np.arange(len(years))
        for level, height in counts.items():
            axes.bar(places, height, BAR, under, color=colours[level], edgecolor="white", linewidth=0.5)
            for place, count, foot in zip(places, height, under, strict=True):
                said = f"{count:.1f}" if cells else f"{count}"
                if count * tall > 0.85 * SMALL and labels.width(said, size=SMALL, font=style.font) < wide:
                    _write(axes, float(place), foot + count / 2, said, colours[level])
            under += height
        step = -(-len(years) * 10 // int(style.width_mm))
        axes.set_xticks(places[::step], [str(y) for y in years[::step]])
        axes.set(xlabel=style.t("figures.year"), ylabel=style.t(f"figures.class_stack_{'share' if cells else 'count'}"))
        axes.set_ylim(0, total)
        axes.margins(x=0.01)
        axes.tick_params(axis="x", length=0)
        handles = [Patch(facecolor=c, edgecolor=GREY) for c in colours.values()]
        legends.below(figure, handles, classes.entries(frame), title=style.t("figures.class_title"))
    return figure


def _write(axes: Axes, x: float, y: float, said: str, colour: str) -> None:
    ink = contrast(colour)
    axes.text(x, y, said, size=SMALL, color=ink, ha="center", va="center_baseline", in_layout=False)
