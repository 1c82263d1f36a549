"""Heaviest obstacles of the nation and of every group in the last year, as a table of shades."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ouhe.figures import labels
from ouhe.figures.style import INK, LABEL, MM, NOTE, PALE, RISING, SMALL, contrast
from ouhe.results.groups import NATION
from ouhe.results.obstacles import NAMED
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Most groups that are drawn, beside the nation.
MOST = 24

#: Height of a line of a name or heading, air around both, height of the title, least width of a column, in points.
LINE, AIR, TITLE, COLUMN = 8.5, 5.0, 26.0, 30.0

#: Least number of columns that the width is cut into, so that few are not too wide.
LEAST = 3

#: Air beside a heading, in points.
GAP = 2.0

#: Words that are not Chinese, which breaks anywhere.
_WORD = re.compile(r"[^\W⺀-鿿]+")

#: Most of the width that names of indicators take.
NAMES = 0.34

#: Part of the colour map that shades take: paper is lighter, also in grey, and ink is darker.
SHADES = (0.25, 0.8)


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``system year group label indicator name direction degree rank groups`` of the last year.

    Holds, for every group, the degrees of all indicators that are among the five heaviest of the nation or of some
    group, the nation's heaviest first. ``rank`` is 1 to 5 where an indicator is among the five of the group, else 0;
    ``groups`` is the number of groups the study has; of more than 24 the first are kept.

    Parameters
    ----------
    results
        Results of a study with obstacle degrees.
    """
    obstacles = results.obstacles
    assert obstacles is not None
    o = obstacles.groups.transpose("group", "indicator", "year").isel(year=-1)
    degree = pd.DataFrame(o.to_numpy(), index=o["group"].to_numpy())
    system = o["system_of"].to_numpy().astype(str)
    rank = degree.where(degree > 0.0).T.groupby(system).rank(ascending=False, method="first").T
    rank = rank.where(rank <= NAMED, 0.0).fillna(0.0).astype(int)
    about = {"indicator": o["indicator"].to_numpy(), "name": o["name"].to_numpy()}
    about["direction"] = o["direction"].to_numpy() if "direction" in o.coords else np.full(len(system), "positive")
    groups = list(degree.index[: MOST + 1])
    nation = degree.iloc[0].fillna(-1.0).to_numpy()
    parts = []
    for name in dict.fromkeys(system.tolist()):
        shown = np.flatnonzero((system == name) & (rank.loc[groups] > 0).any().to_numpy())
        shown = shown[np.argsort(-nation[shown], kind="stable")]
        for group in groups:
            part = pd.DataFrame({c: v[shown] for c, v in about.items()})
            part = part.assign(degree=degree.loc[group].to_numpy()[shown], rank=rank.loc[group].to_numpy()[shown])
            parts.append(part.assign(system=name, group=group, label=obstacles.label(group)))
    table = pd.concat(parts, ignore_index=True).assign(year=int(o["year"]), groups=int((degree.index != NATION).sum()))
    return table[["system", "year", "group", "label", "indicator", "name", "direction", "degree", "rank", "groups"]]


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A row an indicator and a column a group, with the degree in per cent; a group's heaviest are shaded. One system.

    Groups that find no room beside one another stand in a table of their own below.

    Parameters
    ----------
    frame
        What :func:`frame` gives, of one system.
    style
        How it looks.
    """
    room = style.width_mm * MM * 72
    parts = list(_split(frame, most=max(1, int((1 - NAMES) * 0.97 * room // _column(frame, style)))))
    columns = max(LEAST, *(part["group"].nunique() for part in parts))
    tables = [_Table(part, style, room=room, columns=columns) for part in parts]
    heights = [table.height for table in tables]
    tall = sum(heights) + sum(table.head for table in tables) + TITLE
    with style.applied():
        layout: dict[str, Any] = {"height_ratios": heights}
        figure, panels = style.figure(len(tables), 1, height_mm=tall / 72 / MM, notes=_notes(frame, style), **layout)
        shade = _shade(frame.loc[frame["rank"] > 0, "degree"])
        for axes, table in zip(panels[:, 0], tables, strict=True):
            table.draw(axes, shade)
        title = style.t("obstacle.title", system=labels.plain(frame["system"].iloc[0]), year=frame["year"].iloc[0])
        figure.suptitle(style.wrapped(title, most=0.98 * room, size=LABEL, lines=2), x=0.01, ha="left", size=LABEL)
    return figure


class _Table:
    """Some groups as columns, the indicators that are among the heaviest of one of them as rows.

    Parameters
    ----------
    part
        Rows of the frame of these groups.
    style
        How it looks.
    room, columns
        Width of the figure in points, and how many columns it is cut into.
    """

    def __init__(self, part: pd.DataFrame, style: Style, *, room: float, columns: int) -> None:
        self.columns = columns
        rows, heads = part.drop_duplicates("indicator"), part.drop_duplicates("group")
        wide = (1 - NAMES) * 0.97 * room / columns - GAP
        self.heads = [style.wrapped(head, most=wide, lines=4) for head in heads["label"]]
        self.names = [style.wrapped(_name(row), most=NAMES * room, lines=3) for row in rows.itertuples()]
        # every group has the same indicators in the same order
        self.degree = part["degree"].to_numpy().reshape(len(heads), len(rows)).T
        self.heavy = part["rank"].to_numpy().reshape(len(heads), len(rows)).T > 0
        self.edges = np.cumsum([0.0, *(_lines(n) * LINE + AIR for n in self.names)])
        self.first_is_nation = heads["group"].iloc[0] == NATION

    @property
    def height(self) -> float:
        """Height of the rows in points."""
        return float(self.edges[-1])

    @property
    def head(self) -> float:
        """Height of the headings in points."""
        return max(map(_lines, self.heads)) * LINE + AIR

    def draw(self, axes: Axes, shade: ScalarMappable) -> None:
        """Draw it into a panel."""
        count = len(self.heads)
        shown = np.ma.masked_where(~self.heavy, self.degree)
        look: dict[str, Any] = {"cmap": shade.cmap, "norm": shade.norm, "edgecolor": "white", "linewidth": 0.6}
        axes.pcolormesh(np.arange(count + 1), self.edges, shown, **look)
        middles = (self.edges[:-1] + self.edges[1:]) / 2
        place: dict[str, Any] = {"size": SMALL, "ha": "center", "va": "center_baseline", "in_layout": False}
        for (i, j), value in np.ndenumerate(self.degree):
            ink = contrast(shade.to_rgba(value)) if self.heavy[i, j] else NOTE
            axes.text(j + 0.5, middles[i], "–" if np.isnan(value) else f"{100 * value:.1f}", color=ink, **place)
        axes.hlines(self.edges, 0, count, color=PALE, linewidth=0.5, zorder=0.5)
        if self.first_is_nation and count > 1:
            axes.axvline(1, color=INK, linewidth=0.8)
        axes.set(xlim=(0, self.columns), ylim=(self.edges[-1], 0))
        axes.set_xticks(np.arange(count) + 0.5, self.heads)
        axes.set_yticks(middles, self.names)
        axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
        axes.spines[:].set_visible(False)


def _split(frame: pd.DataFrame, *, most: int) -> Iterator[pd.DataFrame]:
    """Rows of the groups of each table, `most` groups at most, without indicators that are heavy in none of them."""
    groups = frame["group"].drop_duplicates().to_numpy()
    for chosen in np.array_split(groups, -(-len(groups) // most)):
        part = frame[frame["group"].isin(chosen)]
        heavy = part.groupby("indicator")["rank"].transform("max") > 0
        if heavy.any():
            yield part[heavy]


def _column(frame: pd.DataFrame, style: Style) -> float:
    """Least width of a column in points, in which no word of a heading is broken unless it is very long."""
    words = [word for head in frame["label"].unique() for word in _WORD.findall(labels.plain(head))]
    widest = max((labels.width(word, size=SMALL, font=style.font) for word in words), default=0.0)
    return min(max(COLUMN, widest + GAP), 2 * COLUMN)


def _shade(degrees: pd.Series[float]) -> ScalarMappable:
    """Shades from the least of these degrees to the largest."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    shades = LinearSegmentedColormap.from_list("obstacles", colormaps[RISING](np.linspace(*SHADES, 64)))
    return ScalarMappable(Normalize(degrees.min(), degrees.max()), shades)


def _lines(said: str) -> int:
    return said.count("\n") + 1


def _name(row: object) -> str:
    """Name of an indicator, marked where less of it is better."""
    name = labels.plain(row.name)  # type: ignore[attr-defined]
    return f"{name} (−)" if row.direction == "negative" else name  # type: ignore[attr-defined]


def _notes(frame: pd.DataFrame, style: Style) -> list[str]:
    """What the shades mean, and whether groups were left out."""
    notes = [style.t("obstacle.shaded", count=NAMED)]
    if frame["direction"].eq("negative").any():
        notes.append(style.t("obstacle.negative"))
    shown, count = int((frame["group"].drop_duplicates() != NATION).sum()), int(frame["groups"].iloc[0])
    if shown < count:
        notes.append(style.t("obstacle.cut", shown=shown, count=count))
    return notes
