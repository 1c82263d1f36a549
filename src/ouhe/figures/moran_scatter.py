"""Moran scatter plots: every region's value against its neighbours', small multiples by year, a drawing a variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ouhe.figures import boxes, legends, quadrants, variables
from ouhe.figures.label_placement import Placement, place
from ouhe.figures.style import GREY, INK, LABEL, MM, NOTE, SMALL
from ouhe.results.autocorrelation import Moran, stars
from ouhe.results.lisa import Lisa
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: With more regions than this only some are named, and how many.
ALL_NAMED, NAMED = 60, 30

#: Height of a panel and its least width in millimetres.
PANEL_MM, LEAST_MM = 66.0, 65.0

#: Diameter of a marker with its edge, widest name, and gap around a name, in points.
MARKER, EDGE, WIDEST, GAP = 3.6, 0.6, 60.0, 0.7

#: With more points than this in a panel they are one picture in SVG and PDF, which would not open otherwise.
MANY = 2000

#: Slopes and I that differ by no more than this are the same number as printed.
ROUNDING = 0.0005

#: Ground of a name that stands over a line, so that it is not struck out.
GROUND: Mapping[str, Any] = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.2}

#: Room around the points, as a share of their range; names of the quadrants stand there.
ROOM = 0.13


def frame(results: StudyResults, *, years: Sequence[int] | None = None) -> pd.DataFrame:
    """Table of the points, names and lines.

    Columns ``variable year region label value lag quadrant significant cluster level corrected`` as
    :func:`ouhe.figures.quadrants.rows` has them, ``label`` being the short name; ``named``: it stands beside the
    point (of more than 60 regions only 30 a panel are named: significant ones first, then those farthest from the
    origin); ``slope`` and ``intercept`` of the least-squares line of the lag on the value, whose slope is Moran's I
    where every row of the weights sums to 1 (Anselin 1996, "The Moran scatterplot as an ESDA tool to assess local
    instability in spatial association", in Fischer, Scholten & Unwin, Spatial Analytical Perspectives on GIS);
    ``divide``: the lag that parts high from low; ``I``, ``p`` (by
    permutation where there is no other) and ``stars`` of the table ``moran``, missing where the study has no global
    Moran with the weights of local Moran.

    Parameters
    ----------
    results
        Results of a study with local Moran.
    years
        Years to show; first, last and two between when left out.
    """
    lisa = results.analyses["lisa"]
    assert isinstance(lisa, Lisa)
    panel = ["variable", "year"]
    rows = quadrants.rows(results, years)
    rows.insert(3, "label", rows["region"].map(results.places.short))
    rows["named"] = _named(rows)
    rows["divide"] = 0.0
    if lisa.options.get("quadrant_origin") == "mean_lag":
        rows["divide"] = rows.groupby(panel)["lag"].transform("mean")
    return rows.merge(_lines(rows), on=panel, how="left").merge(_globals(results, lisa), on=panel, how="left")


def _named(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Which regions of every panel have their name beside them."""
    if rows["region"].nunique() <= ALL_NAMED:
        return np.asarray(rows["lag"].notna(), dtype=bool)
    far = np.hypot(rows["value"], rows["lag"]) + 1e6 * rows["significant"]
    rank = far.groupby([rows["variable"], rows["year"]]).rank(ascending=False, method="first")
    return np.asarray(rank <= NAMED, dtype=bool)


def _lines(rows: pd.DataFrame) -> pd.DataFrame:
    """Slope and intercept of the line of every panel."""
    both = rows.dropna(subset=["value", "lag"])
    terms = both.assign(xy=both["value"] * both["lag"], xx=both["value"] ** 2)
    mean = terms.groupby(["variable", "year"])[["value", "lag", "xy", "xx"]].mean()
    slope = (mean["xy"] - mean["value"] * mean["lag"]) / (mean["xx"] - mean["value"] ** 2)
    return pd.DataFrame({"slope": slope, "intercept": mean["lag"] - slope * mean["value"]}).reset_index()


def _globals(results: StudyResults, lisa: Lisa) -> pd.DataFrame:
    """Moran's I by variable and year, of the weights of local Moran."""
    moran = results.analyses.get("moran")
    if not isinstance(moran, Moran) or lisa.neighbours not in moran.neighbours:
        return pd.DataFrame({"variable": [], "year": [], "I": [], "p": [], "stars": []})
    found = moran.statistics.sel(neighbours=lisa.neighbours, drop=True).transpose("variable", "year")
    p = found["p_value"].fillna(found["p_sim"])
    table = found[["statistic"]].assign(p=p).to_dataframe(dim_order=["variable", "year"])[["statistic", "p"]]
    return table.rename(columns={"statistic": "I"}).assign(stars=stars(p).ravel()).reset_index()


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A panel a year, on common scales.

    Points are filled where local Moran is significant, in the colour of their quadrant. Names stand beside their
    points, none over another; where there is no room a thin line leads to the name. What cannot be named anywhere is
    told under the panels.

    Parameters
    ----------
    frame
        Rows of one variable of what :func:`frame` gives.
    style
        How it looks.
    """
    notes = _notes(frame, style)
    figure, unnamed = _drawn(frame, style, notes)
    if unnamed:
        figure, _ = _drawn(frame, style, [*notes, _listed("unnamed", unnamed, style)])
    return figure


def _notes(frame: pd.DataFrame, style: Style) -> list[str]:
    notes = [style.t("figures.stars")] if frame["I"].notna().any() else []
    notes += quadrants.chance(frame, int(frame.groupby("year")["lag"].count().max()), style) + _slopes(frame, style)
    isolates = frame.loc[frame["lag"].isna(), "label"].unique()
    if len(isolates):
        notes.append(_listed("isolates", list(isolates), style))
    count = frame["region"].nunique()
    if count > ALL_NAMED:
        notes.append(style.t("figures.moran_scatter_named", named=NAMED, count=count))
    return notes


def _slopes(frame: pd.DataFrame, style: Style) -> list[str]:
    """Note of the slopes of the lines where they are not Moran's I, which stands over the panels."""
    panels = frame.drop_duplicates("year")
    if not (panels["slope"] - panels["I"]).abs().gt(ROUNDING).any():
        return []
    told = [
        style.t("figures.moran_scatter_slope", year=year, slope=variables.number(slope))
        for year, slope in zip(panels["year"], panels["slope"], strict=True)
    ]
    return [style.t("figures.moran_scatter_slopes", slopes=style.t("labels.comma").join(told))]


def _listed(what: str, names: Sequence[str], style: Style) -> str:
    """Note that tells how many regions something holds for, and which."""
    regions = style.t("labels.comma").join(style.wrapped(n, most=WIDEST, lines=1) for n in names)
    return style.t(f"figures.moran_scatter_{what}", count=len(names), regions=regions)


def _drawn(frame: pd.DataFrame, style: Style, notes: Sequence[str]) -> tuple[StyledFigure, list[str]]:
    """The figure, and names that found no place in it."""
    shown = list(frame["year"].unique())
    rows, columns = style.panels(len(shown), least_mm=LEAST_MM)
    room = 0.85 * style.width_mm * MM * 72 / columns
    with style.applied():
        figure, panels = style.figure(rows, columns, height_mm=rows * PANEL_MM, notes=notes)
        drawn: list[tuple[Axes, pd.DataFrame, list[Text]]] = []
        for number, axes in enumerate(panels.ravel()):
            if number >= len(shown):
                axes.remove()
                continue
            part = frame[frame["year"] == shown[number]]
            axes.set(xlim=_limits(frame["value"]), ylim=_limits(frame["lag"]))
            drawn.append((axes, part, _panel(axes, part, style)))
            style.title(axes, _title(part, style), number=number if len(shown) > 1 else None, most=room)
            if number + columns >= len(shown):
                axes.set_xlabel(_value_name(frame, style, room))
            if number % columns == 0:
                axes.set_ylabel(style.t("figures.moran_scatter_lag"))
        _legend(figure, frame)
        figure.settle()  # names are placed in panels that no longer move
        unnamed = [name for axes, part, corners in drawn for name in _name(figure, axes, part, corners)]
    return figure, list(dict.fromkeys(unnamed))


def _limits(values: pd.Series) -> tuple[float, float]:
    """Ends of an axis that shows all values and 0, with room for names around them."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    room = ROOM * ((high - low) or 1.0)
    return low - room, high + room


def _value_name(frame: pd.DataFrame, style: Style, room: float) -> str:
    variable = variables.name(str(frame["variable"].iloc[0]), style)
    said = style.t("figures.moran_scatter_value", variable=variable)
    return style.wrapped(said, most=room, size=LABEL, lines=3)


def _title(part: pd.DataFrame, style: Style) -> str:
    """Year, I with its stars, and p."""
    first = part.iloc[0]
    year = int(first["year"])
    if pd.isna(first["I"]):
        return str(year)
    statistic = variables.number(first["I"]) + first["stars"]
    if pd.isna(first["p"]):
        return style.t("figures.moran_scatter_I", year=year, statistic=statistic)
    return style.t("figures.moran_scatter_I_p", year=year, statistic=statistic, p=variables.p_value(first["p"]))


def _panel(axes: Axes, part: pd.DataFrame, style: Style) -> list[Text]:
    """Draw a panel but for the names of its points; give the names of its quadrants."""
    axes.axhline(float(part["divide"].iloc[0]), color=GREY, linewidth=0.5, zorder=1)
    axes.axvline(0, color=GREY, linewidth=0.5, zorder=1)
    axes.plot(*_ends(axes, part).reshape(2, 2).T, color=INK, linewidth=1.0, zorder=2)
    hollow = part[~part["significant"]]
    look: dict[str, Any] = {"s": MARKER**2, "linewidths": EDGE, "edgecolors": INK, "zorder": 3}
    look["rasterized"] = len(part) > MANY
    axes.scatter(hollow["value"], hollow["lag"], facecolors="#ffffff", **look)
    for quadrant, colour in quadrants.COLOURS.items():
        rows = part[part["significant"] & part["quadrant"].eq(quadrant)]
        axes.scatter(rows["value"], rows["lag"], facecolors=colour, **look)
    return [_corner(axes, quadrant, style) for quadrant in quadrants.CORNERS]


def _corner(axes: Axes, quadrant: str, style: Style) -> Text:
    """Write the name of a quadrant into its corner."""
    right, above = quadrants.CORNERS[quadrant]
    x, y = 0.99 if right else 0.01, 0.99 if above else 0.01
    look: dict[str, Any] = {"size": SMALL, "color": NOTE, "transform": axes.transAxes, "bbox": GROUND, "zorder": 2.5}
    look |= {"ha": "right" if right else "left", "va": "top" if above else "bottom"}
    return axes.text(x, y, quadrants.name(quadrant, style), **look)


def _ends(axes: Axes, part: pd.DataFrame) -> NDArray[np.float64]:
    """Where the line enters and leaves the panel: x, y, x, y."""
    slope, intercept = float(part["slope"].iloc[0]), float(part["intercept"].iloc[0])
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x = np.array([left, right])
    if slope:
        at = np.sort((np.array([bottom, top]) - intercept) / slope)
        x = np.array([max(left, at[0]), min(right, at[1])])
    return np.column_stack([x, intercept + slope * x]).ravel()


def _name(figure: StyledFigure, axes: Axes, part: pd.DataFrame, corners: Sequence[Text]) -> list[str]:
    """Write names beside the points of a panel; give those that found no place."""
    named, others = part[part["named"]], part[~part["named"] & part["lag"].notna()]
    texts = [_text(axes, label, figure.style) for label in named["label"]]
    extents = [t.get_window_extent() for t in texts]
    left, bottom, right, top = map(float, axes.get_window_extent().extents)
    point, guides, crowded = figure.dpi / 72, _guides(axes, part), len(part) > MANY
    marks = axes.transData.transform(others[["value", "lag"]].to_numpy())
    found = place(
        axes.transData.transform(named[["value", "lag"]].to_numpy()),
        [(e.width, e.height) for e in extents],
        (left, bottom, right, top),
        radius=(MARKER + EDGE) / 2 * point,
        gap=GAP * point,
        marks=_thinned(marks, SMALL * point) if crowded else marks,
        obstacles=[t.get_window_extent().extents for t in corners],
        lines=guides,
    )
    _write(axes, texts, found)
    for number in np.flatnonzero(boxes.crossed(guides, found.boxes).any(axis=0) | crowded):
        texts[number].set_bbox(dict(GROUND))
    return list(named["label"][~found.shown])


def _thinned(points: NDArray[np.float64], cell: float) -> NDArray[np.float64]:
    """One of the points in every square of side `cell`: as many as names can keep off."""
    _, first = np.unique(np.floor(points / cell), axis=0, return_index=True)
    return points[first]


def _text(axes: Axes, label: str, style: Style) -> Text:
    said = style.wrapped(label, most=WIDEST, lines=1)
    return axes.text(0, 0, said, transform=axes.transAxes, size=SMALL, ha="center", va="center", zorder=4)


def _guides(axes: Axes, part: pd.DataFrame) -> NDArray[np.float64]:
    """The lines of a panel on the canvas, ``(3, 4)``: those that part high from low, and the fitted one."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    divide = float(part["divide"].iloc[0])
    lines = np.array([[left, divide, right, divide], [0, bottom, 0, top], _ends(axes, part)])
    return np.asarray(axes.transData.transform(lines.reshape(-1, 2)).reshape(-1, 4))


def _write(axes: Axes, texts: Sequence[Text], found: Placement) -> None:
    """Put names where they were placed, with lines to those that were moved."""
    from matplotlib.collections import LineCollection

    panel = axes.transAxes.inverted()
    for text, centre, shown in zip(texts, panel.transform(np.nan_to_num(found.centres)), found.shown, strict=True):
        if shown:
            text.set_position(tuple(centre))
        else:
            text.remove()
    led = found.leaders[np.isfinite(found.leaders[:, 0])]
    ends = [*panel.transform(led.reshape(-1, 2)).reshape(-1, 2, 2)]
    look: dict[str, Any] = {"colors": NOTE, "linewidths": 0.4, "zorder": 2}
    axes.add_collection(LineCollection(ends, transform=axes.transAxes, **look), autolim=False)


def _legend(figure: StyledFigure, frame: pd.DataFrame) -> None:
    from matplotlib.lines import Line2D

    style = figure.style
    look: dict[str, Any] = {"marker": "o", "linestyle": "", "markeredgecolor": INK, "markersize": MARKER}
    handles = [
        Line2D([], [], markerfacecolor=GREY, **look),
        Line2D([], [], markerfacecolor="#ffffff", **look),
        Line2D([], [], color=INK, linewidth=1.0),
    ]
    said = [
        quadrants.significant(frame, style),
        style.t("figures.lisa_not_significant"),
        style.t("figures.moran_scatter_line"),
    ]
    legends.below(figure, handles, said, length=1.8)
