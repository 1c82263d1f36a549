"""Neighbours by distance: the k nearest regions, those within a band, or all of them, the nearer the more."""

from __future__ import annotations

import math
import warnings
from typing import Annotated, TypeGuard

import numpy as np
import pandas as pd
from annotated_types import Ge, Gt
from numpy.typing import NDArray
from scipy import sparse

from ouhe.errors import DataError, OptionError, OuheWarning, check_choice, listed
from ouhe.neighbours.points import Metric, Points
from ouhe.neighbours.weights import Neighbours, Style

__all__ = [
    "Positive",
    "all_pairs",
    "both_ways",
    "distance_band",
    "inverse_distance",
    "is_number",
    "k_nearest",
    "powers",
    "refuse_not_positive",
]

#: An option that is a number above 0, which a study file is checked for.
Positive = Annotated[float, Gt(0)]

#: Most pairs of neighbours that are laid out; they take some 150 bytes a pair on the way.
MOST_LINKS = 10_000_000
#: Points that are no further apart are one: a power of their distance says nothing.
SAME_POINT_KM = 1e-6

#: Distances that differ by less are equal: a relative part, and a micrometre.
_TIE, _TIE_KM = 1e-9, 1e-9
#: Candidates that are measured at once.
_BLOCK = 1 << 21

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def k_nearest(
    points: pd.DataFrame, *, k: Annotated[int, Ge(1)] = 4, metric: Metric = "ellipsoidal", style: Style = "row"
) -> Neighbours:
    r"""The k nearest regions are the neighbours of a region; it need not be theirs.

    .. math:: w_{ij} = 1 \text{ if } d_{ij} \text{ is among the k smallest of region i}, \text{ else } 0

    A search tree proposes candidates and geodesic distances decide, so that the result is that of comparing all pairs.
    Where the distances of several regions are equal to a billionth and not all of them fit, those that come first in
    `points` are taken, and a warning says so.

    Parameters
    ----------
    points
        Index = region, columns ``longitude`` and ``latitude`` in degrees (WGS84).
    k
        Number of neighbours of every region.
    metric
        ``ellipsoidal`` (on WGS84) or ``great-circle`` (on a sphere).
    style
        How the weights are scaled.

    Raises
    ------
    OptionError
        k is no whole number from 1 to the number of the other regions, there is no such metric or style, or there
        would be more than 20 million weights.
    DataError
        Coordinates are missing or off the globe, or a region stands twice.

    Warns
    -----
    OuheWarning
        Regions were chosen among equally distant ones by their order.

    References
    ----------
    Anselin L., "Spatial Econometrics: Methods and Models", Kluwer (1988).

    Examples
    --------
    >>> points = pd.DataFrame({"longitude": [0.0, 1.0, 3.0, 7.0], "latitude": 0.0}, index=list("abcd"))
    >>> k_nearest(points, k=1, style="binary").to_frame()[["region", "neighbour"]].agg("".join, axis=1).tolist()
    ['ab', 'ba', 'cb', 'dc']
    """
    check_choice("style", style, Style)
    where = Points.of(points, metric)
    n = len(where)
    if not isinstance(k, int | np.integer) or isinstance(k, bool):
        raise OptionError.of("neighbours.k_not_whole", k=k)
    if not 1 <= k < n:
        raise OptionError.of("neighbours.k_outside", k=k, most=n - 1)
    if n * k > 2 * MOST_LINKS:
        raise OptionError.of("neighbours.k_too_many", k=k, regions=n, limit=2 * MOST_LINKS)
    chosen, tied = _nearest(where, np.arange(n), k)
    if tied.any():
        told = {"count": int(tied.sum()), "k": k, "regions": listed(where.regions[i] for i in np.flatnonzero(tied))}
        warnings.warn(OuheWarning.of("neighbours.ties", **told), stacklevel=2)
    matrix = sparse.csr_array((np.ones(n * k), chosen.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    return Neighbours(where.regions, matrix, "binary", "k-nearest").styled(style)


def distance_band(
    points: pd.DataFrame, *, threshold_km: Positive, metric: Metric = "ellipsoidal", style: Style = "row"
) -> Neighbours:
    r"""Regions at most so far apart are neighbours.

    .. math:: w_{ij} = 1 \text{ if } d_{ij} \le \text{threshold}, \text{ else } 0

    Parameters
    ----------
    points
        Index = region, columns ``longitude`` and ``latitude`` in degrees (WGS84).
    threshold_km
        Longest distance between neighbours, in km.
    metric
        ``ellipsoidal`` (on WGS84) or ``great-circle`` (on a sphere).
    style
        How the weights are scaled.

    Raises
    ------
    OptionError
        The threshold is not above 0, there is no such metric or style, or more than 10 million pairs are nearer.
    DataError
        Coordinates are missing or off the globe, or a region stands twice.

    Warns
    -----
    OuheWarning
        Regions have no neighbour; they are named, with the threshold that leaves none alone.

    References
    ----------
    Getis A., Ord J. K., "The analysis of spatial association by use of distance statistics", Geographical Analysis 24
    (1992).

    Examples
    --------
    >>> points = pd.DataFrame({"longitude": [0.0, 1.0, 2.0], "latitude": 0.0}, index=list("abc"))
    >>> distance_band(points, threshold_km=120, style="binary")
    Neighbours('distance-band': 3 regions, 2 pairs)
    """
    check_choice("style", style, Style)
    where = Points.of(points, metric)
    first, second, _ = _within(where, threshold_km)
    found = both_ways(where.regions, (first, second), np.ones(len(first)), name="distance-band")
    _tell_alone(found, where, threshold_km)
    return found.styled(style)


def inverse_distance(
    points: pd.DataFrame,
    *,
    power: Positive = 1.0,
    threshold_km: Positive | None = None,
    metric: Metric = "ellipsoidal",
    style: Style = "row",
) -> Neighbours:
    r"""Every region is a neighbour of every other, the nearer the more.

    .. math:: w_{ij} = d_{ij}^{-p}

    Parameters
    ----------
    points
        Index = region, columns ``longitude`` and ``latitude`` in degrees (WGS84).
    power
        p; 1 and 2 are usual.
    threshold_km
        Longest distance between neighbours, in km; without it all pairs count.
    metric
        ``ellipsoidal`` (on WGS84) or ``great-circle`` (on a sphere).
    style
        How the weights are scaled; ``raw`` leaves them in km to the power of −p.

    Raises
    ------
    OptionError
        `power` or the threshold is not above 0, there is no such metric or style, there are more than 10 million
        pairs, or the power is so high that weights vanish.
    DataError
        Coordinates are missing or off the globe, a region stands twice, or two regions are at the same point (within
        a millimetre); all are named.

    Warns
    -----
    OuheWarning
        Regions have no neighbour within the threshold.

    References
    ----------
    Cliff A. D., Ord J. K., "Spatial Processes: Models and Applications", Pion (1981).

    Examples
    --------
    >>> points = pd.DataFrame({"longitude": [0.0, 1.0, 3.0], "latitude": 0.0}, index=list("abc"))
    >>> inverse_distance(points).matrix.toarray()[0].round(4).tolist()
    [0.0, 0.75, 0.25]
    """
    check_choice("style", style, Style)
    where = Points.of(points, metric)
    refuse_not_positive("power", power)
    if threshold_km is None:
        first, second = all_pairs(len(where))
        km = where.distances(first, second)
    else:
        first, second, km = _within(where, threshold_km)
    same = np.flatnonzero(km <= SAME_POINT_KM)
    if len(same):
        pairs = (f"{where.regions[first[i]]}–{where.regions[second[i]]}" for i in same)
        raise DataError.of("neighbours.same_point", count=len(same), pairs=listed(pairs))
    found = both_ways(where.regions, (first, second), powers(km, power), name="inverse-distance")
    _tell_alone(found, where, threshold_km)
    return found.styled(style)


def both_ways(regions: tuple[str, ...], pairs: tuple[Ints, Ints], weights: Floats, *, name: str) -> Neighbours:
    """Weights of pairs of regions, each the same in both directions."""
    first, second = pairs
    ends = (np.concatenate([first, second]), np.concatenate([second, first]))
    matrix = sparse.coo_array((np.concatenate([weights, weights]), ends), shape=(len(regions), len(regions)))
    return Neighbours(regions, matrix.tocsr(), "raw", name)


def powers(distance: Floats, power: float) -> Floats:
    """Inverse powers of distances above 0.

    Raises
    ------
    OptionError
        The power is so high that weights vanish or exceed all bounds.
    """
    with np.errstate(over="ignore", under="ignore"):
        weights: Floats = distance**-power
    if not ((weights > 0.0) & np.isfinite(weights)).all():
        raise OptionError.of("neighbours.power_too_high", power=power)
    return weights


def all_pairs(n: int) -> tuple[Ints, Ints]:
    """Positions of all pairs of n regions, each once.

    Raises
    ------
    OptionError
        There are more than :data:`MOST_LINKS`.
    """
    if n * (n - 1) // 2 > MOST_LINKS:
        raise OptionError.of("neighbours.too_many_pairs", regions=n, pairs=n * (n - 1) // 2, limit=MOST_LINKS)
    first, second = np.triu_indices(n, 1)
    return first, second


def is_number(value: object) -> TypeGuard[float]:
    """Whether `value` is a number, which a truth value is not."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def refuse_not_positive(option: str, value: object) -> None:
    """Refuse what is no finite number above 0.

    Raises
    ------
    OptionError
        It is none.
    """
    if not (is_number(value) and value > 0.0 and math.isfinite(value)):
        raise OptionError.of("neighbours.not_positive", option=option, value=value)


def _within(where: Points, threshold_km: float) -> tuple[Ints, Ints, Floats]:
    """Pairs of points that are at most so far apart, each once, and their distances."""
    refuse_not_positive("threshold_km", threshold_km)
    radius = where.chord(threshold_km)
    count = (int(where.tree.count_neighbors(where.tree, radius)) - len(where)) // 2
    if count > MOST_LINKS:
        raise OptionError.of("neighbours.band_too_wide", threshold=threshold_km, pairs=count, limit=MOST_LINKS)
    first, second = where.tree.query_pairs(radius, output_type="ndarray").T
    km = where.distances(first, second)
    near = km <= threshold_km
    return first[near], second[near], km[near]


def _tell_alone(found: Neighbours, where: Points, threshold_km: float | None) -> None:
    """Name the regions without a neighbour, and how far the loneliest of them is from the next region."""
    if threshold_km is None or not found.isolates or len(where) < 2:
        return
    alone = np.flatnonzero(found.degrees == 0)
    nearest, _ = _nearest(where, alone, 1)
    needed = float(where.distances(alone, nearest[:, 0]).max())
    told = {"count": len(alone), "regions": listed(found.isolates), "threshold": threshold_km}
    # rounded up, so that the distance told is enough
    warnings.warn(OuheWarning.of("neighbours.alone", **told, needed=math.ceil(needed * 10.0) / 10.0), stacklevel=3)


def _nearest(where: Points, rows: Ints, k: int) -> tuple[Ints, NDArray[np.bool_]]:
    """The k nearest points of some of the points, and at which of these a tie was broken by order."""
    chosen = np.empty((len(rows), k), dtype=np.int64)
    tied = np.zeros(len(rows), dtype=bool)
    left = np.arange(len(rows))
    count = min(len(where), k + 5 + k // 4)
    while len(left):
        unsound = []
        step = max(1, _BLOCK // count)
        for part in (left[i : i + step] for i in range(0, len(left), step)):
            sound, found, tie = _measured(where, rows[part], k, count)
            chosen[part[sound]], tied[part[sound]] = found[sound], tie[sound]
            unsound.append(part[~sound])
        left = np.concatenate(unsound)
        count = min(len(where), 2 * count)
    return chosen, tied


def _measured(where: Points, rows: Ints, k: int, count: int) -> tuple[NDArray[np.bool_], Ints, NDArray[np.bool_]]:
    """Take the k nearest of `count` candidates: whether no other point can be as near, the points, and ties."""
    chords, near = where.tree.query(where.directions[rows], k=count)
    angles = 2.0 * np.arcsin(np.minimum(chords / 2.0, 1.0))
    # a point is its own nearest, or lies with so many others that it is not among the candidates
    sound = (angles[:, -1] > where.slack * angles[:, k] + 1e-11) | (count == len(where))
    km = where.distances(np.broadcast_to(rows[:, None], near.shape), near)
    km[near == rows[:, None]] = np.inf
    last = np.partition(km, k - 1, axis=1)[:, k - 1 : k]
    margin = _TIE * last + _TIE_KM
    rank = np.where(km < last - margin, 0, np.where(km <= last + margin, 1, 2))
    found = np.take_along_axis(near, np.lexsort((near, rank), axis=1)[:, :k], axis=1)
    return sound, found, (rank < 2).sum(axis=1) > k
