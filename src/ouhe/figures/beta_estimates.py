"""β of all regions and every group with its interval: one panel a variable, one mark a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ouhe.figures import labels, legends, variables
from ouhe.figures.style import GREY, MM
from ouhe.results.convergence import Convergence
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Height of a row and what a panel takes besides, and its least width, in millimetres.
ROW_MM, FRAME_MM, LEAST_MM = 7.0, 17.0, 75.0

#: Groups that are drawn; with more the first ones are, and a note says so.
MOST = 20

#: Most of the width that the widest interval may take before others are cut at the edge, in widths of the median one.
WIDEST = 6.0


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``variable group label model beta low high random_walk``, all regions first.

    Parameters
    ----------
    results
        Results of a study with β-convergence.
    """
    found = results.analyses["convergence"]
    assert isinstance(found, Convergence)
    assert found.beta is not None
    by = ["variable", "group", "model"]
    told = found.beta[["beta", "low", "high", "random_walk"]].transpose(*by)
    table = told.to_dataframe(dim_order=by).reset_index().dropna(subset="beta", ignore_index=True)
    return table.assign(label=table["group"].map(found.label))[
        ["variable", "group", "label", "model", "beta", "low", "high", "random_walk"]
    ]


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """Marks with their 95 % intervals, a row a group.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    from matplotlib.lines import Line2D

    names, models = list(frame["variable"].unique()), list(frame["model"].unique())
    groups = list(frame["group"].unique())
    notes = [style.t("figures.beta_estimates_cut", shown=MOST, count=len(groups))] if len(groups) > MOST else []
    groups = groups[:MOST]
    rows, columns = style.panels(len(names), least_mm=LEAST_MM)
    height = rows * (FRAME_MM + ROW_MM * len(groups))
    room = style.width_mm * MM * 72 / columns
    with style.applied():
        figure, panels = style.figure(rows, columns, height_mm=height, notes=notes)
        for number, axes in enumerate(panels.ravel()):
            if number >= len(names):
                axes.remove()
                continue
            part = frame[(frame["variable"] == names[number]) & frame["group"].isin(groups)]
            _panel(axes, part, groups, models, style)
            said = dict(zip(part["group"], part["label"], strict=True))
            told = [style.wrapped(labels.plain(said.get(g, g)), most=0.28 * room, lines=2) for g in groups]
            axes.set_yticks(range(len(groups)), told)
            title = variables.name(str(names[number]), style)
            style.title(axes, title, number=number if len(names) > 1 else None, most=0.7 * room)
            axes.set_xlabel("β")
        handles: list[Artist] = [Line2D([], [], **_mark(i, style)) for i in range(len(models))]
        said_models = [style.t(f"figures.model_{m}") for m in models]
        if np.isfinite(frame["random_walk"]).any() and (frame["random_walk"] < 0).any():
            handles.append(Line2D([], [], color=GREY, linestyle=":", linewidth=1.0))
            said_models.append(style.t("figures.beta_estimates_random_walk"))
        legends.below(figure, handles, said_models, length=2.4)
    return figure


def _panel(axes: Axes, part: pd.DataFrame, groups: list[Any], models: list[Any], style: Style) -> None:
    """The marks of one variable."""
    at = {g: i for i, g in enumerate(groups)}
    axes.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    walk = part.loc[part["random_walk"] < 0, "random_walk"]
    if len(walk):
        axes.axvline(float(walk.iloc[0]), color=GREY, linewidth=1.0, linestyle=":", zorder=1)
    for number, model in enumerate(models):
        rows = part[part["model"] == model]
        y = rows["group"].map(at) + 0.24 * (number - (len(models) - 1) / 2)
        look = _mark(number, style)
        axes.hlines(y, rows["low"], rows["high"], color=look["color"], linewidth=1.0, zorder=2)
        axes.plot(rows["beta"], y, **(look | {"linestyle": ""}), zorder=3)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlim(*_limits(part))
    axes.grid(axis="x")
    axes.set_axisbelow(True)


def _limits(part: pd.DataFrame) -> tuple[float, float]:
    """Ends of the axis: all estimates, and all intervals but those that would squeeze the rest."""
    width = part["high"] - part["low"]
    usual = part[~(width > WIDEST * width.median())]
    ends = [0.0, *part["beta"], *usual["low"].dropna(), *usual["high"].dropna(), *part["random_walk"].dropna()]
    low, high = min(ends), max(ends)
    room = 0.05 * ((high - low) or 1.0)
    return low - room, high + room


def _mark(number: int, style: Style) -> dict[str, Any]:
    """Colour and marker of a model."""
    look = style.line(number)
    return {"color": look["color"], "marker": look["marker"], "linestyle": "-", "linewidth": 1.0}
