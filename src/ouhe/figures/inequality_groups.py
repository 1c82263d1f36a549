"""Gini coefficients by year: of every group in one panel, between every two groups in the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ouhe import text
from ouhe.figures import labels, legends
from ouhe.figures.style import LINES, MM
from ouhe.figures.trends import years_axis
from ouhe.results.inequality import Inequality
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Height of a panel and its least width in millimetres.
PANEL_MM, LEAST_MM = 62.0, 65.0

#: What the panels show.
KINDS = ("within", "between")


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``variable kind line year gini``: within groups and between every two; empty without groups.

    Parameters
    ----------
    results
        Results of a study with inequality.
    """
    found = results.analyses["inequality"]
    assert isinstance(found, Inequality)
    columns = ["variable", "kind", "line", "year", "gini"]
    if found.dagum is None:
        return pd.DataFrame(columns=columns)
    tables = found.tables()
    within, between = tables["dagum_groups"], tables["dagum_pairs"]
    ends = zip(between["group"], between["other"], strict=True)
    pair = [text.t("labels.group_pair", group=a, other=b, lang=results.language) for a, b in ends]
    rows = [within.assign(kind=KINDS[0], line=within["group"]), between.assign(kind=KINDS[1], line=pair)]
    return pd.concat([r[columns] for r in rows], ignore_index=True)


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """Lines by year, each panel with its legend; of many groups those that differ most in the last year.

    Parameters
    ----------
    frame
        What :func:`frame` gives, of one variable.
    style
        How it looks.
    """
    kept = {kind: _kept(frame[frame["kind"] == kind]) for kind in KINDS}
    counts = {kind: frame.loc[frame["kind"] == kind, "line"].nunique() for kind in KINDS}
    notes = [
        style.t(f"figures.inequality_{kind}_shown", shown=len(kept[kind]), count=counts[kind], last=frame["year"].max())
        for kind in KINDS
        if counts[kind] > len(kept[kind])
    ]
    rows, columns = style.panels(len(KINDS), least_mm=LEAST_MM)
    room = 0.85 * style.width_mm * MM * 72 / columns
    with style.applied():
        figure, panels = style.figure(rows, columns, height_mm=rows * PANEL_MM, notes=notes)
        handles: dict[str, list[Artist]] = {}
        for number, (kind, axes) in enumerate(zip(KINDS, panels.ravel(), strict=True)):
            handles[kind] = _lines(axes, frame[frame["kind"] == kind], kept[kind], style)
            axes.set_xlabel(style.t("figures.year"))
            axes.set_ylabel(style.t("figures.inequality_gini"))
            style.title(axes, style.t(f"figures.inequality_{kind}_groups"), number=number, most=room)
        for number, kind in reversed([*enumerate(KINDS)]):  # what comes later stands higher
            said = [labels.plain(name) for name in kept[kind]]
            title = f"({chr(97 + number)}) {style.t(f'figures.inequality_{kind}_groups')}"
            legends.below(figure, handles[kind], said, length=3.2, title=title)
    return figure


def _kept(part: pd.DataFrame) -> list[str]:
    """Lines that are shown, in their order: all, or as many as look different, the highest of the last year."""
    names = list(part["line"].unique())
    if len(names) <= len(LINES):
        return names
    last = part[part["year"] == part["year"].max()].set_index("line")["gini"].fillna(-1.0)
    high = set(last.sort_values(ascending=False, kind="stable").index[: len(LINES)])
    return [name for name in names if name in high]


def _lines(axes: Axes, part: pd.DataFrame, names: list[str], style: Style) -> list[Artist]:
    """Draw the lines of a panel, and give them."""
    handles: list[Artist] = []
    for number, name in enumerate(names):
        rows = part[part["line"] == name].sort_values("year")
        (line,) = axes.plot(rows["year"], rows["gini"], **style.line(number))
        handles.append(line)
    years_axis(axes, sorted(part["year"].unique()))
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    return handles
