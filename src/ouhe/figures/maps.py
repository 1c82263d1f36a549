"""Regions coloured in their places, one panel a year: on a tile grid, or on boundaries of the user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ouhe.errors import DataError, Place
from ouhe.figures import legends, multiples, tiles
from ouhe.figures.style import GREY, INK, SMALL
from ouhe.figures.tiles import NO_DATA

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path as Outline
    from numpy.typing import NDArray

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style
    from ouhe.read.boundaries import Boundaries

__all__ = ["BaseMap", "panels"]

#: Narrowest map as wide as high, in millimetres; taller ones may be narrower.
LEAST_MM = 60.0


@dataclass(frozen=True, eq=False)
class BaseMap:
    """Boundaries as the user's file has them: nothing is simplified, moved or left out.

    Parameters
    ----------
    shapes
        Region → its geometry (shapely), in the coordinates of the file.
    others
        Areas of the file that are no regions of the study: without data.
    lines
        Further geometries of the file, drawn as lines and points: coasts, borders, frames, towns.
    geographic
        The coordinates are degrees; a degree of longitude is then drawn as long as it is at the map's middle.
    approval
        Approval number of the map (审图号), "" where the user gave none.
    """

    shapes: Mapping[Any, Any]
    others: Sequence[Any] = ()
    lines: Sequence[Any] = ()
    geographic: bool = True
    approval: str = ""

    @classmethod
    def of(cls, boundaries: Boundaries) -> BaseMap:
        """What a map file holds; areas without a name, as borders at sea often are, count as lines.

        Raises
        ------
        DataError
            A region is a point or a line; all are told.
        """
        shapes = dict(zip(boundaries.regions.index, boundaries.regions.geometry, strict=True))
        flat = [r for r, shape in shapes.items() if not _polygons(shape)]
        if flat:
            raise DataError.of("figures.maps_no_area", Place(file=boundaries.file), regions=", ".join(map(str, flat)))
        others: list[Any] = []
        lines: list[Any] = []
        for label, shape in zip(boundaries.extra["label"], boundaries.extra.geometry, strict=True):
            if shape is not None and not shape.is_empty:
                (others if label and _polygons(shape) else lines).append(shape)
        crs = boundaries.regions.crs
        west, south, east, north = boundaries.regions.total_bounds
        degrees = crs.is_geographic if crs is not None else -180 <= west < east <= 180 and -90 <= south < north <= 90
        return cls(shapes, others, lines, bool(degrees), boundaries.approval)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Least x, least y, largest x and largest y of everything that is drawn."""
        each = np.array([g.bounds for g in (*self.shapes.values(), *self.others, *self.lines)])
        low, high = each[:, :2].min(axis=0), each[:, 2:].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def stretch(self) -> float:
        """Length of a unit of y over that of a unit of x in the drawing."""
        _, low, _, high = self.bounds
        return float(1.0 / np.cos(np.radians((low + high) / 2.0))) if self.geographic else 1.0

    @property
    def ratio(self) -> float:
        """Height of the drawing over its width."""
        west, south, east, north = self.bounds
        return (north - south) * self.stretch / (east - west)


def panels(
    places: pd.DataFrame,
    colour_of: Mapping[int, Mapping[Any, Any]],
    *,
    style: Style,
    entries: Sequence[tuple[str, Any]],
    title: str = "",
    marks: Mapping[int, Mapping[Any, str]] | None = None,
    base_map: BaseMap | None = None,
    notes: Sequence[str] = (),
) -> StyledFigure:
    """A figure with a map a year and one legend.

    Parameters
    ----------
    places
        One row a region, index = region, columns ``short``, ``tile_row``, ``tile_column``
        (:func:`ouhe.figures.tiles.places_of`).
    colour_of
        Year → region → colour; regions without one have no data.
    style
        How it looks.
    entries
        Label and colour of everything the legend explains; what stands for no data is added where it occurs.
    title
        What the colours show.
    marks
        Year → region → a few letters that stand in the region.
    base_map
        Boundaries; without them the regions stand on a tile grid, and a note says that it is no map.
    notes
        Sentences under the maps.
    """
    with style.applied():
        titles = [*colour_of]
        marks = marks or {}
        if base_map is None:
            figure, axes = multiples.figure(
                titles,
                ratio=tiles.ratio(places),
                least_mm=tiles.least_mm(places, style=style, marked=bool(marks)),
                style=style,
                notes=[*notes, style.t("figures.tiles_note")],
            )
            for panel, (year, colours) in zip(axes, colour_of.items(), strict=True):
                tiles.draw(panel, places, colours, style=style, marks=marks.get(year))
            shown = list(places.index)
        else:
            notes = [*notes, _approval(base_map, style)]
            ratio = base_map.ratio
            least_mm = LEAST_MM / max(1.0, ratio)
            figure, axes = multiples.figure(titles, ratio=ratio, least_mm=least_mm, style=style, notes=notes)
            outlines = {region: _outline(shape) for region, shape in base_map.shapes.items()}
            for panel, (year, colours) in zip(axes, colour_of.items(), strict=True):
                _draw(panel, base_map, outlines, colours, marks.get(year, {}))
            shown = list(base_map.shapes)
        absent = any(r not in colours for colours in colour_of.values() for r in shown)
        absent |= base_map is not None and len(base_map.others) > 0
        _explain(figure, [*entries, *([(style.t("figures.no_data"), None)] if absent else [])], title)
    return figure


def _explain(figure: StyledFigure, entries: Sequence[tuple[str, Any]], title: str) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(**(NO_DATA if colour is None else {"facecolor": colour, "edgecolor": GREY})) for _, colour in entries
    ]
    legends.below(figure, handles, [label for label, _ in entries], title=title)


def _approval(base_map: BaseMap, style: Style) -> str:
    if base_map.approval:
        return style.t("figures.maps_approval", number=base_map.approval)
    return style.t("figures.maps_no_approval")


def _draw(
    axes: Axes,
    base_map: BaseMap,
    outlines: Mapping[Any, Outline],
    colour_of: Mapping[Any, Any],
    marks: Mapping[Any, str],
) -> None:
    """Colour every region and draw the further lines of the file over them."""
    from matplotlib.collections import LineCollection, PathCollection

    regions = [r for r in outlines if r in colour_of]
    without = [*map(_outline, base_map.others), *(outline for r, outline in outlines.items() if r not in colour_of)]
    look: dict[str, Any] = {"linewidth": 0.4, "clip_on": False}
    axes.add_collection(PathCollection(without, **look, **NO_DATA), autolim=False)
    colours = [colour_of[r] for r in regions]
    held = PathCollection([outlines[r] for r in regions], **look, facecolor=colours, edgecolor=GREY)
    axes.add_collection(held, autolim=False)
    lines = [line for geometry in base_map.lines for line in _lines(geometry)]
    axes.add_collection(LineCollection(lines, colors=INK, linewidths=0.6, clip_on=False), autolim=False)
    points = [point for geometry in base_map.lines for point in _points(geometry)]
    axes.plot([x for x, _ in points], [y for _, y in points], ".", markersize=2, color=INK, clip_on=False)
    for region, mark in marks.items():
        point = base_map.shapes[region].representative_point()
        axes.text(point.x, point.y, mark, size=SMALL, ha="center", va="center", bbox=_GROUND)
    west, south, east, north = base_map.bounds
    axes.set(xlim=(west, east), ylim=(south, north), aspect=base_map.stretch)
    axes.axis("off")


#: Ground of letters on a map, so that borders do not run through them.
_GROUND: Mapping[str, Any] = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.4, "alpha": 0.8}


def _outline(geometry: Any) -> Outline:
    """One path of all rings of a geometry; holes run the other way around, so that they stay empty."""
    from matplotlib.path import Path as Outline

    rings = [_turned(p.exterior, left=True) for p in _polygons(geometry)]
    rings += [_turned(hole, left=False) for p in _polygons(geometry) for hole in p.interiors]
    return Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings))


def _polygons(geometry: Any) -> list[Any]:
    """Polygons that a geometry is made of."""
    if hasattr(geometry, "geoms"):
        return [polygon for part in geometry.geoms for polygon in _polygons(part)]
    return [geometry] if geometry.geom_type == "Polygon" and not geometry.is_empty else []


def _turned(ring: Any, *, left: bool) -> NDArray[Any]:
    """Points of a ring, run through to the left or to the right."""
    points = np.asarray(ring.coords)[:, :2]
    x, y = (points - points[0]).T
    leftwards = bool((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() > 0.0)
    return points if leftwards == left else points[::-1]


def _lines(geometry: Any) -> list[Any]:
    """Lines of a geometry, those around a polygon too."""
    if hasattr(geometry, "geoms"):
        return [line for part in geometry.geoms for line in _lines(part)]
    if geometry.geom_type == "Polygon":
        return [np.asarray(ring.coords)[:, :2] for ring in (geometry.exterior, *geometry.interiors)]
    return [np.asarray(geometry.coords)[:, :2]] if "Line" in geometry.geom_type else []


def _points(geometry: Any) -> list[tuple[float, float]]:
    """Single points of a geometry."""
    if hasattr(geometry, "geoms"):
        return [point for part in geometry.geoms for point in _points(part)]
    return [(geometry.x, geometry.y)] if geometry.geom_type == "Point" else []
