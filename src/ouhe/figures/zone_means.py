"""Mean D of every zone in the first and the last year, from the highest to the lowest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ouhe.figures import labels, legends
from ouhe.figures.style import GREY, INK, MM, PALE
from ouhe.results.groups import NATION
from ouhe.results.measured import Measured

if TYPE_CHECKING:
    from matplotlib.artist import Artist

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["NAMED", "draw", "frame"]

#: Zones that can have a name each; more are drawn without names.
NAMED = 60

#: Height of a row with a name, of all rows where they have none, and of what is around them, in millimetres.
ROW_MM, ALL_MM, AROUND_MM = 4.0, 150.0, 14.0

#: Most of the width that names take.
NAMES = 0.3

#: Colours of the first and of the last year, and of what lies between.
FIRST, LAST, BETWEEN = "#ffffff", "#0072b2", "#9ecae1"


def frame(results: Measured) -> pd.DataFrame:
    """Table ``group label first_year first last_year last nation``, the highest mean of the last year first.

    Parameters
    ----------
    results
        Results of a study with zones, or with groups; zones without a mean are left out.
    """
    means = results.groups.means.sel(variable="D").isel(year=[0, -1]).transpose("group", "year")
    first, last = map(int, means["year"].to_numpy())
    held = {"group": means["group"].to_numpy().astype(str), "first": means.values[:, 0], "last": means.values[:, 1]}
    table = pd.DataFrame(held).dropna(subset="last")
    table = table.assign(label=table["group"].map(results.groups.label), first_year=first, last_year=last)
    nation = table["group"] == NATION
    table = table.assign(nation=float(table.loc[nation, "last"].iloc[0]), nation_label=results.groups.label(NATION))
    return table[~nation].sort_values("last", ascending=False, kind="stable", ignore_index=True)


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A row a zone, from its first to its last mean, and a line at the mean of all cells.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    from matplotlib.lines import Line2D

    named, first_year, last_year = (
        len(frame) <= NAMED,
        int(frame["first_year"].iloc[0]),
        int(frame["last_year"].iloc[0]),
    )
    notes = [] if named else [style.t("figures.zone_means_unnamed", count=len(frame))]
    with style.applied():
        height = len(frame) * ROW_MM if named else ALL_MM
        figure, ((axes,),) = style.figure(height_mm=height + AROUND_MM, notes=notes)
        places, several = np.arange(len(frame)), last_year > first_year
        size = 4.0 if named else 1.5
        look: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": size, "markeredgecolor": INK, "zorder": 4}
        looks = {first_year: {**look, "markerfacecolor": FIRST}, last_year: {**look, "markerfacecolor": LAST}}
        if several:
            axes.hlines(places, frame["first"], frame["last"], color=BETWEEN, linewidth=size / 2, zorder=2)
            axes.plot(frame["first"], places, **looks[first_year])
        axes.plot(frame["last"], places, **looks[last_year])
        axes.axvline(frame["nation"].iloc[0], color=GREY, linewidth=0.8, linestyle="--", zorder=1)
        most = NAMES * style.width_mm * MM * 72
        said = [style.wrapped(x, most=most, lines=1) for x in frame["label"]] if named else []
        axes.set_yticks(places if named else [], said)
        axes.set(ylim=(len(frame) - 0.4, -0.6), xlabel=style.t("figures.variable_D"))
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", color=PALE)
        axes.set_axisbelow(True)
        handles: list[Artist] = [Line2D([], [], **looks[year]) for year in looks]
        handles.append(Line2D([], [], color=GREY, linewidth=0.8, linestyle="--"))
        mean = style.t("figures.zone_means_nation", nation=labels.plain(frame["nation_label"].iloc[0]), year=last_year)
        legends.below(figure, handles, [*map(str, looks), mean], length=1.8)
    return figure
