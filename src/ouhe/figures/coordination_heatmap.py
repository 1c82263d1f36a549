"""Coordination degree D of every region in every year, as a table of colours with the groups marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from ouhe.figures import labels, variables
from ouhe.figures.style import INK, MM, RISING, SMALL, contrast
from ouhe.results.groups import NATION
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Rows that can have a name each; more are drawn without names.
NAMED = 60

#: Height of a row with a name, and of all rows where they have none, in millimetres.
ROW_MM, ALL_MM = 4.1, 150.0

#: White line between groups, in points.
GAP = 2.0

#: Most of the width that names of regions and of groups take.
NAMES = 0.22


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``group group_label region label year value``: by group, then by D of the last year, highest first.

    Regions that are in no group come last, with the group "".

    Parameters
    ----------
    results
        Results of a study.
    """
    D = results.coupling.D.transpose("region", "year")
    group_of = {r: g for g, members in results.groups.members.items() if g != NATION for r in members}
    groups = [*(g for g in results.groups.members if g != NATION), ""]
    names = results.region_labels
    table = D.to_series().rename("value").reset_index()
    last = dict(zip(D["region"].to_numpy(), D.isel(year=-1).to_numpy(), strict=True))
    table = table.assign(
        group=table["region"].map(lambda r: group_of.get(r, "")),
        label=table["region"].map(lambda r: names.get(r, r)),
        last=table["region"].map(last),
    )
    table["order"] = table["group"].map(groups.index)
    table = table.sort_values(["order", "last", "region", "year"], ascending=[True, False, True, True])
    table["group_label"] = table["group"].map(lambda g: results.groups.label(g) if g else "")
    return table[["group", "group_label", "region", "label", "year", "value"]].reset_index(drop=True)


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A cell for every region and year, with its value where that can be read.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    rows = frame.drop_duplicates("region")
    years = sorted(int(y) for y in frame["year"].unique())
    values = frame["value"].to_numpy().reshape(len(rows), len(years))
    named = len(rows) <= NAMED
    height = len(rows) * ROW_MM if named else ALL_MM
    groups = _groups(rows, row_mm=height / len(rows))
    notes = [] if named else [style.t("figures.coordination_heatmap_unnamed", count=len(rows))]
    if not all(group.lines for group in groups):
        told = style.t("labels.comma").join(labels.plain(group.label) for group in groups)
        notes.append(style.t("figures.coordination_heatmap_groups", groups=told))
    with style.applied():
        figure, ((axes,),) = style.figure(height_mm=height + 20, notes=notes)
        cells = axes.pcolormesh(values, cmap=RISING, edgecolor="white", linewidth=0.3 if named else 0)
        cells.set_rasterized(not named)
        axes.invert_yaxis()
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        _name_years(axes, years, style)
        axes.set_xlabel(style.t("figures.year"))
        most = NAMES * style.width_mm * MM * 72
        said = [style.wrapped(label, most=most, lines=1) for label in rows["label"]] if named else []
        axes.set_yticks([i + 0.5 for i in range(len(said))], said)
        _mark_groups(axes, groups, style)
        if named:
            _write(axes, values, cells, style)
        bar = figure.colorbar(cells, ax=axes, location="top", aspect=style.width_mm * 0.3, pad=0.01)
        bar.set_label(variables.name("D", style))
        bar.outline.set_linewidth(0.3)
    return figure


def _cell_width(style: Style, years: int) -> float:
    """About the width of a cell in points, with names on both sides at their longest."""
    return style.width_mm * MM * 72 * (1 - 2 * NAMES) / years


def _name_years(axes: Axes, years: list[int], style: Style) -> None:
    """Name as many years as fit."""
    wide = labels.width("2000 ", size=SMALL, font=style.font)
    step = max(1, int(np.ceil(wide / _cell_width(style, len(years)))))
    shown = range(0, len(years), step)
    axes.set_xticks([i + 0.5 for i in shown], [str(years[i]) for i in shown])


class _Group(NamedTuple):
    """Rows of a group, from `start` to before `end`, and how many lines of text fit beside them."""

    label: str
    start: int
    end: int
    lines: int


def _groups(rows: pd.DataFrame, *, row_mm: float) -> list[_Group]:
    """Groups from top to bottom; none where the regions have no groups."""
    group = rows["group"].to_numpy()
    if not group.astype(bool).any():
        return []
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    found = []
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(group)], strict=True):
        lines = int((end - start) * row_mm * MM * 72 // (SMALL * 1.2))
        found.append(_Group(str(rows["group_label"].iloc[start]), start, end, min(lines, 3)))
    return found


def _mark_groups(axes: Axes, groups: list[_Group], style: Style) -> None:
    """Lines between groups, and their names at the right where they fit."""
    from matplotlib.transforms import offset_copy

    figure = axes.get_figure(root=True)
    beside = offset_copy(axes.get_yaxis_transform(), figure, x=3, units="points")
    further = offset_copy(axes.get_yaxis_transform(), figure, x=7, units="points")
    for group in groups:
        if group.start:
            axes.axhline(group.start, color="white", linewidth=GAP)
        look: dict[str, Any] = {"solid_capstyle": "butt", "clip_on": False, "transform": beside}
        axes.plot([1, 1], [group.start, group.end], color=INK, linewidth=0.8, **look)
        if group.start:
            axes.plot([1], [group.start], color="white", marker="s", markersize=GAP, **look)
        if group.lines:
            said = style.wrapped(group.label, most=NAMES * style.width_mm * MM * 72, lines=group.lines)
            axes.text(1, (group.start + group.end) / 2, said, transform=further, va="center", size=SMALL)


def _write(axes: Axes, values: NDArray[Any], cells: Any, style: Style) -> None:
    """Write the value into every cell, if cells are wide enough."""
    if labels.width("0.00", size=SMALL, font=style.font) + 1 > _cell_width(style, values.shape[1]):
        return
    for (i, j), value in np.ndenumerate(values):
        ink = contrast(cells.cmap(cells.norm(value)))
        axes.text(j + 0.5, i + 0.5, f"{value:.2f}", size=SMALL, color=ink, ha="center", va="center", in_layout=False)
