"""What results are most sensitive to: shares of variance by choice, first-order and total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ouhe.figures import legends
from ouhe.figures.style import GREY, INK, MM, SMALL
from ouhe.results.study_results import StudyResults
from ouhe.results.uncertainty import TARGETS, Uncertainty

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Height of a choice and of what is around, and least width of a panel, in millimetres.
ROW_MM, AROUND_MM, LEAST_MM = 9.0, 20.0, 75.0

#: Colours of the first-order and of the total share.
FIRST, TOTAL = "#0072b2", "#9ecae1"

#: Most of the width of a panel that names take.
NAMES = 0.32


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``target choice first first_error total total_error``, the choice of the largest total share first.

    Parameters
    ----------
    results
        Results of a study with uncertainty.
    """
    found = results.analyses["uncertainty"]
    assert isinstance(found, Uncertainty)
    names = ["first", "first_error", "total", "total_error"]
    table = found.shares[names].to_dataframe(dim_order=["target", "choice"]).reset_index()
    table["order"] = table["target"].map(TARGETS.index)
    table = table.sort_values(["order", "total"], ascending=[True, False], kind="stable")
    return table[["target", "choice", *names]].reset_index(drop=True)


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A panel a result, two bars a choice, with the 95 % intervals.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    from matplotlib.patches import Patch

    targets = list(frame["target"].unique())
    most = max((int((frame["target"] == t).sum()) for t in targets), default=1)
    rows, columns = style.panels(max(1, len(targets)), least_mm=LEAST_MM)
    with style.applied():
        figure, panels = style.figure(rows, columns, height_mm=rows * (most * ROW_MM + AROUND_MM))
        for number, axes in enumerate(panels.ravel()):
            if number >= len(targets):
                axes.set_axis_off()
                axes.text(0.5, 0.5, style.t("figures.sensitivity_none"), ha="center", va="center", size=SMALL)
                continue
            _panel(axes, frame[frame["target"] == targets[number]], columns, style)
            title = style.t(f"uncertainty.target_{targets[number]}")
            style.title(axes, title, number=number if len(targets) > 1 else None)
        if targets:
            handles = [Patch(facecolor=FIRST), Patch(facecolor=TOTAL)]
            legends.below(figure, handles, [style.t("figures.sensitivity_first"), style.t("figures.sensitivity_total")])
    return figure


def _panel(axes: Axes, part: pd.DataFrame, columns: int, style: Style) -> None:
    """Bars of one result."""
    places = np.arange(len(part))
    errors: dict[str, Any] = {"ecolor": INK, "capsize": 1.5, "error_kw": {"elinewidth": 0.6}}
    for shift, key, colour in ((-0.19, "first", FIRST), (0.19, "total", TOTAL)):
        axes.barh(places + shift, part[key], 0.36, xerr=part[f"{key}_error"], color=colour, **errors)
    room = NAMES * style.width_mm * MM * 72 / columns
    said = [style.t(f"uncertainty.choice_{c.replace('-', '_')}") for c in part["choice"]]
    axes.set_yticks(places, [style.wrapped(s, most=room, lines=2) for s in said])
    axes.invert_yaxis()
    axes.axvline(0, color=GREY, linewidth=0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(style.t("figures.sensitivity_share"))
    axes.grid(axis="x")
    axes.set_axisbelow(True)
