"""Means of the nation and of groups as lines by year, one panel a variable: what two figures have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ouhe.figures import labels, legends
from ouhe.figures.style import GREY
from ouhe.results.groups import NATION
from ouhe.results.measured import Measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "of", "years_axis"]

#: Height of a panel in millimetres.
PANEL_MM = 58.0

#: Most groups that have a line of their own look; more are alike.
APART = 10


def of(results: Measured, variables: Sequence[str]) -> pd.DataFrame:
    """Table ``variable group label nation year value``: means by group and year, the nation first.

    Parameters
    ----------
    results
        Results of a study.
    variables
        Systems, or C, T, D; those that a study of rasters did not have written are left out.
    """
    groups = results.groups
    known = [v for v in variables if v in groups.means["variable"].to_numpy()]
    means = groups.means.sel(variable=known).transpose("variable", "group", "year")
    table = means.to_series().rename("value").reset_index()
    label = table["group"].map(groups.label)
    return table.assign(label=label, nation=table["group"].eq(NATION))[
        ["variable", "group", "label", "nation", "year", "value"]
    ]


def draw(
    frame: pd.DataFrame, style: Style, *, values: Mapping[str, str], titles: Mapping[str, str] | None = None
) -> StyledFigure:
    """Lines by year, a panel a variable, with one legend for all panels.

    Parameters
    ----------
    frame
        What :func:`of` gives.
    style
        How it looks.
    values
        Variable → what its vertical axis shows.
    titles
        Variable → title of its panel, where that is not the variable's own name.
    """
    variables = list(frame["variable"].unique())
    rows, columns = style.panels(len(variables), least_mm=65.0)
    with style.applied():
        figure, panels = style.figure(rows, columns, height_mm=rows * PANEL_MM)
        for number, axes in enumerate(panels.ravel()):
            if number >= len(variables):
                axes.remove()
                continue
            name = variables[number]
            lines = _lines(axes, frame[frame["variable"] == name], style)
            title = (titles or {}).get(name, name)
            letter = number if len(variables) > 1 else None
            style.title(axes, title, number=letter, most=0.8 * style.width_mm / 25.4 * 72 / columns)
            axes.set_xlabel(style.t("figures.year"))
            axes.set_ylabel(values[name])
        handles, said = zip(*lines, strict=True)
        legends.below(figure, handles, said, length=3.2)
    return figure


def _lines(axes: Axes, rows: pd.DataFrame, style: Style) -> list[tuple[Any, str]]:
    """Draw the lines of a panel, and give them with their names."""
    if rows["group"].nunique() > APART + 1:
        return _alike(axes, rows, style)
    drawn = []
    number = 0
    for group in rows["group"].unique():
        part = rows[rows["group"] == group]
        nation = bool(part["nation"].iloc[0])
        look = style.line(-1 if nation else number) | ({"linewidth": 1.8, "zorder": 3} if nation else {})
        number += not nation
        (line,) = axes.plot(part["year"], part["value"], **look)
        drawn.append((line, labels.plain(part["label"].iloc[0])))
    _finish(axes, rows)
    return drawn


def _alike(axes: Axes, rows: pd.DataFrame, style: Style) -> list[tuple[Any, str]]:
    """Draw many groups as thin lines that look alike, and the nation over them."""
    groups, nation = rows[~rows["nation"]], rows[rows["nation"]]
    by_year = groups.pivot_table(index="year", columns="group", values="value", dropna=False)
    thin = axes.plot(by_year.index, by_year.to_numpy(), color=GREY, linewidth=0.5)
    (line,) = axes.plot(nation["year"], nation["value"], **style.line(-1), zorder=3)
    line.set_linewidth(1.8)
    _finish(axes, rows)
    said = style.t("figures.trends_groups", count=groups["group"].nunique())
    return [(line, labels.plain(nation["label"].iloc[0])), (thin[0], said)]


def _finish(axes: Axes, rows: pd.DataFrame) -> None:
    years_axis(axes, sorted(rows["year"].unique()))
    axes.grid(axis="y")
    axes.set_axisbelow(True)


def years_axis(axes: Axes, years: Sequence[int], *, most: int = 8) -> None:
    """Ticks at years of the series, from the first, as many as stand apart.

    Parameters
    ----------
    axes
        The panel, its horizontal axis in years.
    years
        The years, rising.
    most
        Most ticks.
    """
    apart = (years[-1] - years[0]) / most
    ticks: list[int] = []
    for year in years:
        if not ticks or year - ticks[-1] > apart:
            ticks.append(int(year))
    axes.set_xticks(ticks, [str(t) for t in ticks])
