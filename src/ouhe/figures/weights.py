"""Weights of the indicators of a system, dimension by dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ouhe.figures import labels
from ouhe.figures.style import GREY, LABEL, MM, SMALL
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Most indicators of a system that are drawn: the heaviest.
MOST = 100

#: Height of a line of text in a row, air around it, and the height of a dimension's heading, in points.
LINE, AIR, HEADING = 8.6, 3.4, 15.0

#: Most of the width that names of indicators take.
NAMES = 0.4

#: Bars of the dimensions in turn: two tones, because the headings say which dimension it is.
TONES = ("#0072b2", "#56b4e9")


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``system dimension dimension_weight indicator name direction weight indicators``, as the tree has them.

    ``indicators`` is the number of indicators the system has; of more than 100 the heaviest are kept.

    Parameters
    ----------
    results
        Results of a study.
    """
    table = results.measurement.weights()
    table["dimension_weight"] = table.groupby(["system", "dimension"])["weight"].transform("sum")
    table["indicators"] = table.groupby("system")["indicator"].transform("size")
    heaviest = table.groupby("system")["weight"].rank(ascending=False, method="first") <= MOST
    columns = ["system", "dimension", "dimension_weight", "indicator", "name", "direction", "weight", "indicators"]
    return table.loc[heaviest, columns].reset_index(drop=True)


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A bar an indicator under the heading of its dimension, with its weight; of one system.

    Parameters
    ----------
    frame
        What :func:`frame` gives, of one system.
    style
        How it looks.
    """
    most = NAMES * style.width_mm * MM * 72
    names = [style.wrapped(_name(row), most=most, lines=3) for row in frame.itertuples()]
    parts = frame.groupby("dimension", sort=False).indices
    tall = sum((n.count("\n") + 1) * LINE + AIR for n in names) + len(parts) * HEADING
    notes = [style.t("figures.weights_sums")]
    if frame["direction"].eq("negative").any():
        notes.append(style.t("figures.weights_negative"))
    if len(frame) < frame["indicators"].iloc[0]:
        notes.append(style.t("figures.weights_cut", shown=len(frame), count=frame["indicators"].iloc[0]))
    with style.applied():
        figure, ((axes,),) = style.figure(height_mm=tall / 72 / MM + 20, notes=notes)
        down, ticks = 0.0, []
        heaviest = frame["weight"].max()
        for number, (dimension, places) in enumerate(parts.items()):
            share = frame["dimension_weight"].iloc[places[0]]
            heading = style.t("figures.weights_dimension", dimension=labels.plain(dimension), weight=share)
            _head(axes, style.wrapped(heading, most=1.2 * most, lines=1, size=LABEL), down + HEADING * 0.6)
            down += HEADING
            for place in places:
                room = (names[place].count("\n") + 1) * LINE + AIR
                _bar(axes, float(frame["weight"].iloc[place]), down + room / 2, heaviest, TONES[number % 2])
                ticks.append(down + room / 2)
                down += room
        axes.set_yticks(ticks, names)
        axes.set(ylim=(down, 0), xlim=(0, heaviest * 1.12), xlabel=style.t("figures.weights_weight"))
        axes.set_title(style.wrapped(frame["system"].iloc[0], most=1.2 * most, size=LABEL))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_color(GREY)
    return figure


def _name(row: object) -> str:
    """Name of an indicator, marked where less of it is better."""
    name = labels.plain(row.name)  # type: ignore[attr-defined]
    return f"{name} (−)" if row.direction == "negative" else name  # type: ignore[attr-defined]


def _head(axes: Axes, heading: str, at: float) -> None:
    axes.annotate(heading, (0, at), xytext=(3, 0), textcoords="offset points", size=LABEL, va="center")


def _bar(axes: Axes, weight: float, at: float, heaviest: float, colour: str) -> None:
    axes.barh(at, weight, LINE * 0.85, color=colour)
    axes.text(weight + 0.008 * heaviest, at, f"{weight:.3f}", size=SMALL, va="center_baseline")
