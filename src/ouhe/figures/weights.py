"""Weights of the indicators of a system, dimension by dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ouhe.figures import labels
from ouhe.figures.style import GREY, LABEL, MM, SMALL
from ouhe.results.measured import Measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Most indicators of a system that are drawn: the heaviest.
MOST = 100

#: Height of a line of an indicator's name and of a dimension's heading, and air around both, in points.
LINE, HEADING, AIR = 8.0, 10.0, 4.0

#: Most of the width that names of indicators take.
NAMES = 0.4

#: Bars of the dimensions in turn: two tones, because the headings say which dimension it is.
TONES = ("#0072b2", "#56b4e9")


def frame(results: Measured) -> pd.DataFrame:
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
    room = style.width_mm * MM * 72
    names = [style.wrapped(_name(row), most=NAMES * room, lines=3) for row in frame.itertuples()]
    parts = {d: _heading(frame, d, style, most=(0.95 - NAMES) * room) for d in frame["dimension"].unique()}
    tall = sum(_height(n, LINE) for n in names) + sum(_height(h, HEADING) for h in parts.values())
    with style.applied():
        figure, ((axes,),) = style.figure(height_mm=tall / 72 / MM + 20, notes=_notes(frame, style))
        down, ticks = 0.0, []
        heaviest = frame["weight"].max()
        for number, (dimension, heading) in enumerate(parts.items()):
            down += _height(heading, HEADING)
            axes.annotate(heading, (0, down - 2), xytext=(3, 0), textcoords="offset points", size=LABEL, va="bottom")
            for place in np.flatnonzero(frame["dimension"] == dimension):
                height = _height(names[place], LINE)
                _bar(axes, float(frame["weight"].iloc[place]), down + height / 2, heaviest, TONES[number % 2])
                ticks.append(down + height / 2)
                down += height
        axes.set_yticks(ticks, names)
        axes.set(ylim=(down, 0), xlim=(0, heaviest * 1.12), xlabel=style.t("figures.weights_weight"))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_color(GREY)
        figure.suptitle(style.wrapped(frame["system"].iloc[0], most=room, size=LABEL), x=0.01, ha="left", size=LABEL)
    return figure


def _notes(frame: pd.DataFrame, style: Style) -> list[str]:
    """What the marks mean, and whether indicators were left out."""
    notes = [style.t("figures.weights_sums")]
    if frame["direction"].eq("negative").any():
        notes.append(style.t("figures.weights_negative"))
    count = int(frame["indicators"].iloc[0])
    if len(frame) < count:
        notes.append(style.t("figures.weights_cut", shown=len(frame), count=count))
    return notes


def _heading(frame: pd.DataFrame, dimension: str, style: Style, *, most: float) -> str:
    """Name of a dimension with its weight."""
    weight = frame.loc[frame["dimension"] == dimension, "dimension_weight"].iloc[0]
    said = style.t("figures.weights_dimension", dimension=labels.plain(dimension), weight=weight)
    return style.wrapped(said, most=most, lines=3, size=LABEL)


def _height(said: str, line: float) -> float:
    """Height of a row in points."""
    return (said.count("\n") + 1) * line + AIR


def _name(row: object) -> str:
    """Name of an indicator, marked where less of it is better."""
    name = labels.plain(row.name)  # type: ignore[attr-defined]
    return f"{name} (−)" if row.direction == "negative" else name  # type: ignore[attr-defined]


def _bar(axes: Axes, weight: float, at: float, heaviest: float, colour: str) -> None:
    axes.barh(at, weight, LINE * 0.85, color=colour)
    axes.text(weight + 0.008 * heaviest, at, f"{weight:.3f}", size=SMALL, va="center_baseline")
