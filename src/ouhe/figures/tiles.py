"""Tile grids: one square a region. They show what lies roughly where, and are no maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ouhe.figures import labels, legends
from ouhe.figures.style import GREY, INK, SMALL, contrast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

    from ouhe.figures.canvas import StyledFigure

__all__ = ["NO_DATA", "draw", "legend", "shape", "whole"]

#: How a region without data looks.
NO_DATA: Mapping[str, Any] = {"facecolor": "#ffffff", "edgecolor": GREY, "hatch": "//////", "linewidth": 0.5}

#: Side of a square, where 1 would leave no gap.
SIDE = 0.92


def whole(places: pd.DataFrame) -> bool:
    """Whether every region has a square to itself.

    Parameters
    ----------
    places
        One row a region, columns ``tile_row`` and ``tile_column`` (NaN where unknown).

    Examples
    --------
    >>> whole(pd.DataFrame({"tile_row": [0, 0], "tile_column": [1, 2]}))
    True
    """
    at = places[["tile_row", "tile_column"]]
    return bool(len(at) and at.notna().all(axis=None) and not at.duplicated().any())


def shape(places: pd.DataFrame) -> tuple[int, int]:
    """Rows and columns of the grid."""
    rows, columns = places["tile_row"], places["tile_column"]
    return int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1


def draw(
    axes: Axes,
    places: pd.DataFrame,
    colour_of: Mapping[Any, Any],
    *,
    marks: Mapping[Any, str] | None = None,
) -> None:
    """Draw a square for every region, with its short name inside; those without a colour are hatched.

    Parameters
    ----------
    axes
        Panel to draw in.
    places
        One row a region, index = region, columns ``short``, ``tile_row``, ``tile_column``.
    colour_of
        Region → colour; None, or nothing, where it has no data.
    marks
        Region → a few letters under its name.
    """
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    squares: dict[Any, list[Rectangle]] = {}
    tall, wide = shape(places)
    top, left = places["tile_row"].min(), places["tile_column"].min()
    for row in places[["short", "tile_row", "tile_column"]].itertuples():
        region, colour = row.Index, colour_of.get(row.Index)
        x, y = float(row.tile_column - left), float(row.tile_row - top)
        squares.setdefault(colour, []).append(Rectangle((x - SIDE / 2, y - SIDE / 2), SIDE, SIDE))
        ink = INK if colour is None else contrast(colour)
        box = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.6} if colour is None else None
        mark = (marks or {}).get(region, "")
        name = labels.plain(row.short)
        axes.text(x, y, f"{name}\n{mark}" if mark else name, size=SMALL, color=ink, bbox=box, **_CENTRED)
    for colour, patches in squares.items():
        look = NO_DATA if colour is None else {"facecolor": colour, "edgecolor": GREY, "linewidth": 0.4}
        axes.add_collection(PatchCollection(patches, **look), autolim=False)
    axes.set(xlim=(-0.6, wide - 0.4), ylim=(tall - 0.4, -0.6), aspect="equal", anchor="C")
    axes.axis("off")


_CENTRED: Mapping[str, Any] = {"ha": "center", "va": "center", "linespacing": 1.0, "zorder": 3}


def legend(figure: StyledFigure, entries: Sequence[tuple[str, Any]], *, title: str = "") -> Legend:
    """One legend under all panels.

    Parameters
    ----------
    figure
        The figure.
    entries
        Label and colour; the colour None stands for no data.
    title
        What the colours show.
    """
    from matplotlib.patches import Patch

    handles = [
        Patch(**(NO_DATA if colour is None else {"facecolor": colour, "edgecolor": GREY})) for _, colour in entries
    ]
    return legends.below(figure, handles, [label for label, _ in entries], title=title)
