"""Moran's I by year: one panel for each set of spatial weights, one line a variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ouhe.figures import labels, legends, variables
from ouhe.figures.style import GREY, INK, LINES, MM
from ouhe.figures.trends import years_axis
from ouhe.results.autocorrelation import Moran
from ouhe.results.measured import Measured

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Height of a panel and its least width in millimetres.
PANEL_MM, LEAST_MM = 58.0, 65.0

#: Largest p that fills a marker.
LEVEL = 0.05


def frame(results: Measured) -> pd.DataFrame:
    """Table ``neighbours variable year I expected p significant``.

    ``p`` is that of the normal approximation, or by permutation where there is none; ``significant`` is p below 0.05.

    Parameters
    ----------
    results
        Results of a study with global Moran.
    """
    moran = results.analyses["moran"]
    assert isinstance(moran, Moran)
    by = ["neighbours", "variable", "year"]
    found = moran.statistics[["statistic", "expected"]].assign(
        p=moran.statistics["p_value"].fillna(moran.statistics["p_sim"])
    )
    table = found.transpose(*by).to_dataframe(dim_order=by)[["statistic", "expected", "p"]].reset_index()
    return table.rename(columns={"statistic": "I"}).assign(significant=table["p"] < LEVEL)


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """Lines by year, markers filled where I is significant, and the value expected without autocorrelation.

    A panel shows one set of weights; of more variables than there are kinds of lines a panel shows one variable
    instead, and the lines are the weights.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    panel_of, line_of = "neighbours", "variable"
    if frame["variable"].nunique() > len(LINES):
        panel_of, line_of = line_of, panel_of
    names, lines = list(frame[panel_of].unique()), list(frame[line_of].unique())
    rows, columns = style.panels(len(names), least_mm=LEAST_MM)
    room = 0.85 * style.width_mm * MM * 72 / columns
    with style.applied():
        figure, panels = style.figure(rows, columns, height_mm=rows * PANEL_MM)
        for number, axes in enumerate(panels.ravel()):
            if number >= len(names):
                axes.remove()
                continue
            part = frame[frame[panel_of] == names[number]]
            _panel(axes, part, line_of, lines, style)
            axes.set_ylim(*_limits(frame))
            axes.set_xlabel(style.t("figures.year"))
            axes.set_ylabel(style.t("figures.moran_years_I"))
            title = variables.name(str(names[number]), style) if panel_of == "variable" else names[number]
            if panel_of == "neighbours" and len(names) == 1:
                title = style.t("figures.moran_years_weights", weights=labels.plain(title))
            style.title(axes, title, number=number if len(names) > 1 else None, most=room)
        _legend(figure, line_of, lines)
    return figure


def _panel(axes: Axes, part: pd.DataFrame, line_of: str, lines: list[Any], style: Style) -> None:
    shown = sorted(part["year"].unique())
    expected = part.drop_duplicates("year").sort_values("year")
    axes.plot(expected["year"], expected["expected"], color=GREY, linewidth=0.8, linestyle=":", zorder=1)
    for number, name in enumerate(lines):
        rows = part[part[line_of] == name].sort_values("year")
        look = style.line(number)
        axes.plot(rows["year"], rows["I"], color=look["color"], linestyle=look["linestyle"], zorder=2)
        for filled, some in rows.groupby("significant"):
            axes.plot(some["year"], some["I"], linestyle="", zorder=3, **_marker(look, filled=bool(filled)))
    years_axis(axes, shown)
    axes.grid(axis="y")
    axes.set_axisbelow(True)


def _marker(look: dict[str, Any], *, filled: bool) -> dict[str, Any]:
    face = look["color"] if filled else "#ffffff"
    return {"marker": look["marker"], "markeredgecolor": look["color"], "markerfacecolor": face}


def _limits(frame: pd.DataFrame) -> tuple[float, float]:
    """Ends of the vertical axes, the same for all panels so that they can be compared."""
    low, high = frame[["I", "expected"]].min().min(), frame[["I", "expected"]].max().max()
    room = 0.08 * ((high - low) or 1.0)
    return float(low - room), float(high + room)


def _legend(figure: StyledFigure, line_of: str, lines: list[Any]) -> None:
    from matplotlib.lines import Line2D

    style = figure.style
    handles: list[Artist] = []
    said = []
    for number, name in enumerate(lines):
        look = style.line(number)
        line = {"color": look["color"], "linestyle": look["linestyle"]}
        handles.append(Line2D([], [], **line, **_marker(look, filled=True)))
        said.append(variables.name(str(name), style) if line_of == "variable" else labels.plain(name))
    point: dict[str, Any] = {"linestyle": "", "marker": "o", "markeredgecolor": INK}
    handles += [
        Line2D([], [], color=GREY, linewidth=0.8, linestyle=":"),
        Line2D([], [], markerfacecolor=INK, **point),
        Line2D([], [], markerfacecolor="#ffffff", **point),
    ]
    said += [style.t(f"figures.moran_years_{key}") for key in ("expected", "significant", "not_significant")]
    legends.below(figure, handles, said, length=3.2)
