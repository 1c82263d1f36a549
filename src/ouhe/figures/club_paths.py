"""Relative paths of the convergence clubs: the mean of each as a line, its regions behind it; one panel a variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ouhe.figures import legends, trends, variables
from ouhe.figures.style import GREY, PALE
from ouhe.results.convergence import Convergence
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Height of a panel and its least width in millimetres.
PANEL_MM, LEAST_MM = 62.0, 65.0


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``variable region club year path``; the club of a region that belongs to none is 0.

    Parameters
    ----------
    results
        Results of a study with convergence clubs.
    """
    found = results.analyses["convergence"]
    assert isinstance(found, Convergence)
    assert found.clubs is not None
    by = ["variable", "region", "year"]
    club = found.clubs["club"].broadcast_like(found.clubs["path"])
    told = found.clubs[["path"]].assign(club=club).transpose(*by)
    table = told.to_dataframe(dim_order=by).reset_index().dropna(subset=["path", "club"], ignore_index=True)
    return table.astype({"club": int})[["variable", "region", "club", "year", "path"]]


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """Paths by year, with one legend for all panels.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    from matplotlib.lines import Line2D

    names = list(frame["variable"].unique())
    clubs = sorted(k for k in frame["club"].unique() if k > 0)
    rows, columns = style.panels(len(names), least_mm=LEAST_MM)
    with style.applied():
        figure, panels = style.figure(rows, columns, height_mm=rows * PANEL_MM)
        for number, axes in enumerate(panels.ravel()):
            if number >= len(names):
                axes.remove()
                continue
            _panel(axes, frame[frame["variable"] == names[number]], style)
            title = variables.name(str(names[number]), style)
            most = 0.8 * style.width_mm / 25.4 * 72 / columns
            style.title(axes, title, number=number if len(names) > 1 else None, most=most)
            axes.set_xlabel(style.t("figures.year"))
            axes.set_ylabel(style.t("figures.club_paths_path"))
        handles: list[Artist] = [Line2D([], [], **_look(k, style)) for k in clubs]
        said = [style.t("labels.club", number=k) for k in clubs]
        if (frame["club"] == 0).any():
            handles.append(Line2D([], [], color=GREY, linewidth=0.8, linestyle=":"))
            said.append(style.t("labels.no_club"))
        legends.below(figure, handles, said, length=3.2)
    return figure


def _panel(axes: Axes, part: pd.DataFrame, style: Style) -> None:
    """Regions of one variable, and the means of its clubs over them."""
    axes.axhline(1.0, color=GREY, linewidth=0.8, zorder=1)
    for _, rows in part.groupby("region", sort=False):
        alone = int(rows["club"].iloc[0]) == 0
        look: dict[str, Any] = {"color": GREY, "linestyle": ":"} if alone else {"color": PALE, "linestyle": "-"}
        axes.plot(rows["year"], rows["path"], linewidth=0.8, zorder=1.5, **look)
    years = np.sort(part["year"].unique())
    for club, rows in part[part["club"] > 0].groupby("club"):
        mean = rows.groupby("year")["path"].mean()
        axes.plot(mean.index, mean, zorder=3, **_look(int(str(club)), style))
    trends.years_axis(axes, list(map(int, years)))


def _look(club: int, style: Style) -> dict[str, Any]:
    return style.line(club - 1)
