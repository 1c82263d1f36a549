"""Gini coefficient by year as a stack of its sources: within groups, between them, and where they overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ouhe.figures import labels, legends, variables
from ouhe.figures.style import GREY, INK, MM, SMALL, contrast
from ouhe.results.inequality import PARTS, Inequality
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Height of a panel and its least width in millimetres.
PANEL_MM, LEAST_MM = 58.0, 65.0

#: Width of a bar, where 1 would leave no gap.
BAR = 0.82

#: Colour of every part, ever lighter from the foot, so that they are told apart in grey too.
COLOURS = {"within": "#0b4f8a", "between": "#56a0d3", "transvariation": "#f0c987"}


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``variable year part value share``: every part of the Gini coefficient; empty without groups.

    Parameters
    ----------
    results
        Results of a study with inequality.
    """
    found = results.analyses["inequality"]
    assert isinstance(found, Inequality)
    columns = ["variable", "year", "part", "value", "share"]
    if found.dagum is None:
        return pd.DataFrame(columns=columns)
    table = found.tables()["dagum"]
    rows = [table.assign(part=p, value=table[p], share=table[f"{p}_share"])[columns] for p in PARTS]
    stacked = pd.concat(rows)
    order = pd.Index(table["variable"].unique()).get_indexer(stacked["variable"])
    return stacked.assign(order=order).sort_values(["order", "year"], kind="stable", ignore_index=True)[columns]


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A bar a year, as high as the Gini coefficient, with the share of every part in it where there is room.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    from matplotlib.patches import Patch

    names = list(frame["variable"].unique())
    rows, columns = style.panels(len(names), least_mm=LEAST_MM)
    notes = [style.t("figures.inequality_shares")]
    room = 0.85 * style.width_mm * MM * 72 / columns
    with style.applied():
        figure, panels = style.figure(rows, columns, height_mm=rows * PANEL_MM, notes=notes)
        for number, axes in enumerate(panels.ravel()):
            if number >= len(names):
                axes.remove()
                continue
            _stack(axes, frame[frame["variable"] == names[number]], style, width=room)
            axes.set_xlabel(style.t("figures.year"))
            axes.set_ylabel(style.t("figures.inequality_gini"))
            letter = number if len(names) > 1 else None
            style.title(axes, variables.name(str(names[number]), style), number=letter, most=room)
        handles = [Patch(facecolor=COLOURS[p], edgecolor=GREY) for p in PARTS]
        said = [style.t(f"figures.inequality_{p}") for p in PARTS]
        legends.below(figure, handles, said)
    return figure


def _stack(axes: Axes, part: pd.DataFrame, style: Style, *, width: float) -> None:
    """Bars of one variable; what is missing leaves a gap."""
    years = sorted(int(y) for y in part["year"].unique())
    places, under = np.arange(len(years)), np.zeros(len(years))
    by_part = part.set_index(["part", "year"])
    total = part.groupby("year")["value"].sum().max()
    tall = 0.72 * PANEL_MM * MM * 72 / (total or 1.0)
    wide = 0.85 * width / len(years) * BAR
    for name in PARTS:
        rows = by_part.loc[name].reindex(years)
        height, shares = rows["value"].fillna(0.0).to_numpy(), rows["share"].to_numpy()
        axes.bar(places, height, BAR, under, color=COLOURS[name], edgecolor="white", linewidth=0.5)
        for place, foot, high, share in zip(places, under, height, shares, strict=True):
            said = f"{100 * share:.0f}" if np.isfinite(share) else ""
            if said and high * tall > SMALL and labels.width(said, size=SMALL, font=style.font) < wide:
                ink = contrast(COLOURS[name])
                at = float(place), float(foot + high / 2)
                axes.text(*at, said, size=SMALL, color=ink, ha="center", va="center_baseline", in_layout=False)
        under += height
    step = -(-len(years) * 36 // int(width))
    axes.set_xticks(places[::step], [str(y) for y in years[::step]])
    axes.set_ylim(0, 1.04 * (float(total) or 1.0))
    axes.margins(x=0.01)
    axes.tick_params(axis="x", length=0, colors=INK)
