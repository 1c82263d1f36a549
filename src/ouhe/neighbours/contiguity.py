"""Neighbours by common borders, as a region set states them or as boundaries draw them."""

from __future__ import annotations

from typing import Any, Literal, Protocol

import numpy as np

from ouhe.errors import DataError, OptionError, Problem, check_choice, did_you_mean, listed
from ouhe.neighbours.weights import Neighbours, Style
from ouhe.regions import RegionSet

__all__ = ["Rule", "contiguity", "from_boundaries"]

#: Whether a common corner is enough (as the queen moves in chess) or a common edge is needed (as the rook moves).
Rule = Literal["queen", "rook"]

#: Interiors that do not meet and boundaries that share a line; or interiors that overlap, as drawn borders may.
_EDGE, _OVERLAP = "F***1****", "2********"


class HasGeometry(Protocol):
    """Anything that holds polygons, index = region: Boundaries, a GeoDataFrame, a GeoSeries."""

    @property
    def geometry(self) -> Any:
        """The polygons, a GeoSeries."""
        ...


def contiguity(regions: RegionSet, *, style: Style = "row") -> Neighbours:
    r"""Regions with a common border are neighbours, as the region set states it.

    .. math:: w_{ij} = 1 \text{ if i and j have a common border}, \text{ else } 0

    Parameters
    ----------
    regions
        Set of regions; each of its borders holds in both directions.
    style
        How the weights are scaled.

    Raises
    ------
    OptionError
        There is no such style.
    DataError
        The set states no borders.

    Warns
    -----
    OuheWarning
        Regions have no neighbour.

    Examples
    --------
    >>> from ouhe import regions
    >>> contiguity(regions.load("china-provinces"))
    Neighbours('contiguity': 31 regions, 69 pairs)
    """
    if not regions.borders:
        raise DataError.of("neighbours.no_borders", set=regions.name)
    return Neighbours.from_pairs(regions.borders, regions.ids, style=style, name="contiguity").telling_isolates()


def from_boundaries(
    boundaries: HasGeometry, *, rule: Rule = "queen", joined: tuple[tuple[str, str], ...] = (), style: Style = "row"
) -> Neighbours:
    r"""Regions of which the drawn boundaries meet are neighbours.

    Coordinates are compared as they stand, so that borders must be drawn with the same vertices on both sides, as
    in any file that was made from lines; a gap between two regions parts them. Regions that overlap count as meeting.

    Parameters
    ----------
    boundaries
        Polygons, index = region, as :func:`~ouhe.read.boundaries.read_boundaries` reads them.
    rule
        ``queen``: a common point is enough; ``rook``: a common line is needed.
    joined
        Pairs that are neighbours although their boundaries do not meet, such as an island and the coast.
    style
        How the weights are scaled.

    Raises
    ------
    OptionError
        There is no such rule or style, or `joined` holds something else than pairs of names.
    DataError
        Geometry is missing, no polygon or broken, or a pair of `joined` names a region that is not there.

    Warns
    -----
    OuheWarning
        Regions have no neighbour.

    Examples
    --------
    >>> from geopandas import GeoSeries
    >>> from shapely import box
    >>> squares = GeoSeries([box(0, 0, 1, 1), box(1, 0, 2, 1), box(2, 1, 3, 2)], index=["a", "b", "c"])
    >>> from_boundaries(squares)
    Neighbours('queen': 3 regions, 2 pairs)
    >>> from_boundaries(squares, rule="rook", joined=(("a", "c"),))
    Neighbours('rook': 3 regions, 2 pairs)
    """
    check_choice("rule", rule, Rule)
    check_choice("style", style, Style)
    shapes = boundaries.geometry
    _refuse_broken(shapes)
    names = [str(r) for r in shapes.index]
    _refuse_unknown(joined, names)
    pairs = [(names[i], names[j]) for i, j in _meeting(shapes, rule)]
    return Neighbours.from_pairs([*pairs, *joined], names, style=style, name=rule).telling_isolates()


def _refuse_unknown(joined: tuple[tuple[str, str], ...], names: list[str]) -> None:
    """Raise where what is to be joined is no pair, or not among the regions."""
    wrong = [pair for pair in joined if not isinstance(pair, tuple | list) or len(pair) != 2]
    if wrong:
        raise OptionError.of("neighbours.joined_no_pair", value=wrong[0])
    held = set(names)
    absent = dict.fromkeys(r for pair in joined for r in pair if r not in held)
    if absent:
        said = ({"region": r, "nearest": did_you_mean(r, names)} for r in absent)
        raise DataError(*(Problem("neighbours.joined_unknown", params=p) for p in said))


def _meeting(shapes: Any, rule: Rule) -> Any:
    """Positions of shapes that meet, each pair once."""
    first, second = shapes.sindex.query(shapes.values, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    if rule == "rook":
        one, other = shapes.iloc[first], shapes.iloc[second]
        meets = [one.relate_pattern(other, pattern, align=False).to_numpy() for pattern in (_EDGE, _OVERLAP)]
        edge = np.logical_or(*meets)
        first, second = first[edge], second[edge]
    return np.column_stack([first, second]).tolist()


def _refuse_broken(shapes: Any) -> None:
    """Raise where geometry cannot be compared."""
    kinds = shapes.geom_type.isin(["Polygon", "MultiPolygon"]) & ~shapes.is_empty
    problems = []
    if not kinds.all():
        regions = listed(map(str, shapes.index[~kinds]))
        problems.append(Problem("neighbours.no_polygon", params={"count": int((~kinds).sum()), "regions": regions}))
    broken = kinds & ~shapes.is_valid
    if broken.any():
        reasons = zip(shapes.index[broken], shapes[broken].is_valid_reason(), strict=True)
        said = listed(f"{region} ({reason})" for region, reason in reasons)
        problems.append(Problem("neighbours.broken_geometry", params={"count": int(broken.sum()), "regions": said}))
    if problems:
        raise DataError(*problems)
