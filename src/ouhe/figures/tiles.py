"""Tile grids: one square a region. They show what lies roughly where, and are no maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from ouhe.figures import labels
from ouhe.figures.style import GREY, INK, MM, SMALL, contrast

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ouhe.figures.style import Style

__all__ = ["NO_DATA", "draw", "least_mm", "places_of", "ratio", "whole"]

#: How a region without data looks.
NO_DATA: Mapping[str, Any] = {"facecolor": "#ffffff", "edgecolor": GREY, "hatch": "//////"}

#: Side of a square, where 1 would leave no gap.
SIDE = 0.92

#: Widest that a square must be for its name, which is broken into lines beyond, and least for two lines, in points.
MOST, TWO_LINES = 24.0, 19.0


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


def places_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The regions of a figure's frame with their squares, index = region."""
    columns = ["region", "short", "tile_row", "tile_column"]
    return frame[columns].drop_duplicates("region").set_index("region")


def ratio(places: pd.DataFrame) -> float:
    """Height of the grid over its width."""
    tall, wide = _shape(places)
    return (tall - 1 + SIDE) / (wide - 1 + SIDE)


def least_mm(places: pd.DataFrame, *, style: Style, marked: bool = False) -> float:
    """Least width of a grid whose squares hold the short names, in millimetres.

    Parameters
    ----------
    places
        One row a region, columns ``short``, ``tile_row``, ``tile_column``.
    style
        How it looks.
    marked
        The squares hold a second line.
    """
    widest = max(labels.width(labels.plain(s), size=SMALL, font=style.font) for s in places["short"])
    side = min(max(widest, SMALL) + 3.0, MOST) / SIDE
    return _shape(places)[1] * max(side, TWO_LINES if marked else 0.0) / 72 / MM


def _shape(places: pd.DataFrame) -> tuple[int, int]:
    """Rows and columns of the grid."""
    rows, columns = places["tile_row"], places["tile_column"]
    return int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1


def draw(
    axes: Axes,
    places: pd.DataFrame,
    colour_of: Mapping[Any, Any],
    *,
    style: Style,
    marks: Mapping[Any, str] | None = None,
) -> None:
    """Draw a square for every region, with its short name inside; those without a colour are hatched.

    Parameters
    ----------
    axes
        Panel to draw in, of the shape of the grid.
    places
        One row a region, index = region, columns ``short``, ``tile_row``, ``tile_column``.
    colour_of
        Region → colour; None, or nothing, where it has no data.
    style
        How it looks.
    marks
        Region → a few letters under its name, in brackets, so that they are not taken for one.
    """
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    squares: dict[Any, list[Rectangle]] = {}
    tall, wide = _shape(places)
    top, left = places["tile_row"].min(), places["tile_column"].min()
    room = axes.get_window_extent().width / axes.figure.dpi * 72 * SIDE / (wide - 1 + SIDE)
    for region, row in places.iterrows():
        colour, mark = colour_of.get(region), (marks or {}).get(region, "")
        x, y = float(row["tile_column"] - left), float(row["tile_row"] - top)
        squares.setdefault(colour, []).append(Rectangle((x - SIDE / 2, y - SIDE / 2), SIDE, SIDE))
        name = style.wrapped(row["short"], most=room, lines=1 if mark else 2)
        _write(axes, x, y, f"{name}\n({mark})" if mark else name, colour)
    for colour, patches in squares.items():
        look = NO_DATA if colour is None else {"facecolor": colour, "edgecolor": GREY}
        axes.add_collection(PatchCollection(patches, **look, linewidth=0.4, clip_on=False), autolim=False)
    axes.set(xlim=(-SIDE / 2, wide - 1 + SIDE / 2), ylim=(tall - 1 + SIDE / 2, -SIDE / 2), aspect="equal")
    axes.axis("off")


def _write(axes: Axes, x: float, y: float, said: str, colour: Any) -> None:
    """Write into a square; on hatching the text has a ground of its own."""
    ground = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.6} if colour is None else None
    ink = INK if colour is None else contrast(colour)
    # letters with a tail, such as Q, would stand higher than others
    upright = "center" if "\n" in said else "center_baseline"
    axes.text(x, y, said, size=SMALL, color=ink, bbox=ground, ha="center", va=upright, linespacing=1.0, zorder=3)
