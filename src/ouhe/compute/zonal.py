"""Means of a raster's cells by zone: an administrative area, a river basin, whatever another raster numbers."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks
from ouhe.errors import DataError, OuheWarning, Problem, listed
from ouhe.panel import inside, region_dims, where

__all__ = ["means"]

Array = NDArray[Any]

#: How far the coordinates of cells may lie apart, as a share of a cell.
ROUNDING = 1e-3


def means(
    x: xr.DataArray,
    zones: xr.DataArray,
    *,
    names: Mapping[int, str] | None = None,
    weights: xr.DataArray | None = None,
) -> xr.Dataset:
    r"""Mean and standard deviation over the cells of each zone.

    .. math:: \bar x_z = \frac{\sum_{i \in z} a_i x_i}{\sum_{i \in z} a_i}, \quad
              s_z = \sqrt{\frac{\sum_{i \in z} a_i (x_i - \bar x_z)^2}{\sum_{i \in z} a_i}}

    with :math:`a_i = 1`, or the weights given. Chunks give means and sums of squares that are merged as Chan and
    others do, so that nothing but a chunk is in memory and no digits are lost.

    Parameters
    ----------
    x
        Values ``(y, x, …)``, in memory or chunked, or with the dimension ``region``. Cells outside the study
        (``inside``) are not counted.
    zones
        Whole numbers ``(y, x)`` on the same grid: the zone of each cell, below 0 where it is in none.
    names
        Name of each zone, in the order in which they come back; the numbers that occur, rising, when left out.
    weights
        What a cell counts ``(y, x)`` or ``(y,)``, above 0: the cosine of the latitude, say, where cells are even in
        degrees. All alike when left out.

    Returns
    -------
    xarray.Dataset
        ``mean`` and ``sd`` (of the population) ``(…, zone)``, missing where a zone has no cell; ``count`` ``(zone,)``,
        the number of cells; ``zone`` are the names, with the numbers as the coordinate ``code``.

    Raises
    ------
    DataError
        Zones or weights lie on another grid, zones are no whole numbers or lack a name, weights are not above 0, no
        cell is in a zone; or a cell of a zone is missing or infinite. All are named.

    Warns
    -----
    OuheWarning
        Zones have no cell.

    References
    ----------
    Chan, Golub and LeVeque, "Algorithms for computing the sample variance", The American Statistician 37 (1983).

    Examples
    --------
    >>> x = xr.DataArray([[1.0, 3.0], [5.0, 9.0]], dims=("y", "x"))
    >>> zones = xr.DataArray([[7, 7], [2, -1]], dims=("y", "x"))
    >>> found = means(x, zones, names={7: "west", 2: "east"})
    >>> found["mean"].to_series().to_dict(), found["count"].values
    ({'west': 2.0, 'east': 5.0}, array([2, 1]))
    """
    places = region_dims(x)
    _check(x, zones, weights, places)
    codes = _codes(x, zones)
    if names is not None:
        nameless = sorted(set(codes) - set(names))
        if nameless:
            raise DataError.of("zonal.nameless", count=len(nameless), codes=listed(nameless))
        codes = list(names)
    count, mean, deviation = _merged(x, zones, weights, codes)
    labels = [str(c) if names is None else names[c] for c in codes]
    if not count.all():
        empty = [n for n, c in zip(labels, count, strict=True) if not c]
        warnings.warn(OuheWarning.of("zonal.empty", count=len(empty), zones=listed(empty)), stacklevel=2)
    dims = (*(d for d in x.dims if d not in places), "zone")
    new: dict[Hashable, Any] = {"zone": labels, "code": ("zone", np.array(codes, dtype=np.int64))}
    parts = {"mean": (dims, mean), "sd": (dims, deviation), "count": (("zone",), count)}
    return xr.Dataset({k: blocks.labelled(xr.Variable(d, v), x, new=new) for k, (d, v) in parts.items()})


def _check(x: xr.DataArray, zones: xr.DataArray, weights: xr.DataArray | None, places: Sequence[Hashable]) -> None:
    """Refuse zones and weights that are none of these cells."""
    problems = list(_elsewhere(x, zones, places, "zones"))
    if set(zones.dims) != set(places):
        problems.append(Problem("zonal.dims", params={"dims": listed(zones.dims), "expected": listed(places)}))
    if not np.issubdtype(zones.dtype, np.integer):
        problems.append(Problem("zonal.not_whole", params={"type": str(zones.dtype)}))
    if weights is not None:
        problems += _elsewhere(x, weights, places, "weights")
        if not (set(weights.dims) <= set(places) and bool(((weights > 0.0) & (weights < np.inf)).all())):
            problems.append(Problem("zonal.weights"))
    if problems:
        raise DataError(*problems)


def _elsewhere(x: xr.DataArray, other: xr.DataArray, places: Sequence[Hashable], what: str) -> Iterator[Problem]:
    """One problem for each dimension along which cells are not those of `x`."""
    for d in (d for d in places if d in other.dims):
        here, there = x.sizes[d], other.sizes[d]
        if here != there:
            yield Problem(f"zonal.{what}_size", params={"dim": d, "count": there, "expected": here})
        elif d in x.coords and d in other.coords and not _alike(x[d].values, other[d].values):
            yield Problem(f"zonal.{what}_grid", params={"dim": d})


def _alike(here: Array, there: Array) -> bool:
    """Whether the places of cells are the same, but for rounding; names must be equal."""
    if not (np.issubdtype(here.dtype, np.number) and np.issubdtype(there.dtype, np.number)):
        return bool((here == there).all())
    cell = float(np.abs(np.diff(here)).min()) if len(here) > 1 else 1.0
    return bool((np.abs(here - there) <= ROUNDING * cell).all())


def _codes(x: xr.DataArray, zones: xr.DataArray) -> list[int]:
    """Numbers of the zones that have cells of the study, rising."""
    mask = inside(x)

    def occurring(chunk: xr.Variable, *counted: xr.Variable) -> tuple[Array, ...]:
        found = chunk.values[counted[0].transpose(*chunk.dims).values] if counted else chunk.values
        return (np.unique(found[found >= 0]),)

    walked = blocks.pieces(occurring, zones.variable, *([] if mask is None else [mask]), step="zones")
    codes = sorted({int(c) for (found,) in walked for c in found})
    if not codes:
        raise DataError.of("zonal.no_cells")
    return codes


def _merged(
    x: xr.DataArray, zones: xr.DataArray, weights: xr.DataArray | None, codes: Sequence[int]
) -> tuple[Array, Array, Array]:
    """Number of cells of each zone, and means and deviations there."""
    places, mask = region_dims(x), inside(x)
    kept = [d for d in x.dims if d not in places]
    order = np.argsort(codes)
    rising = np.array(codes, dtype=np.int64)[order]
    shape = (*(x.sizes[d] for d in kept), len(codes))
    count, total, mean, squares = np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    wrong = False
    given = [zones.variable, *(v for v in (mask, None if weights is None else weights.variable) if v is not None)]
    summed = partial(_summed, kept=kept, places=places, codes=rising, masked=mask is not None)
    for window, (counts, weight, means_, spread, bad) in blocks.pieces(
        summed, x.variable, *given, step="zones", placed=True
    ):
        at = tuple(window[d] for d in kept)
        wrong |= bool(bad)
        count[at] += counts
        before = total[at].copy()
        total[at] += weight
        share = weight / np.where(total[at] > 0.0, total[at], 1.0)
        apart = means_ - mean[at]
        mean[at] += apart * share
        squares[at] += spread + apart * apart * before * share
    if wrong:
        missing = ~(abs(x.variable) < np.inf) & (zones.variable >= 0)
        raise DataError(*where(x, x.copy(data=missing.transpose(*x.dims).data), "compute.not_finite"))
    none = np.where(count > 0, 0.0, np.nan)
    deviation = (squares / np.where(count > 0, total, 1.0)) ** 0.5
    back = np.argsort(order)
    counts = count.reshape(-1, len(codes))[0]  # the same of every year and variable
    return counts[back], (mean + none)[..., back], (deviation + none)[..., back]


def _summed(
    chunk: xr.Variable,
    zones: xr.Variable,
    *given: xr.Variable,
    kept: Sequence[Hashable],
    places: Sequence[Hashable],
    codes: Array,
    masked: bool,
) -> tuple[Array, ...]:
    """Number of cells, sum of weights, mean and sum of squares in each zone, and whether a cell there has no value."""
    numbers = zones.transpose(*places).values
    counted = numbers >= 0
    rest = list(given)
    if masked:
        counted &= rest.pop(0).transpose(*places).values
    at = np.searchsorted(codes, numbers[counted])
    count = np.bincount(at, minlength=len(codes))
    if rest:
        (each,) = xr.broadcast(xr.DataArray(rest[0]), xr.DataArray(zones))[:1]
        weight = each.transpose(*places).values[counted].astype(np.float64)
        total = np.bincount(at, weight, minlength=len(codes))
    else:
        weight, total = np.ones(1), count.astype(np.float64)
    data = chunk.transpose(*kept, *places).values
    loops = data.shape[: len(kept)]
    mean, squares = np.zeros((*loops, len(codes))), np.zeros((*loops, len(codes)))
    wrong = False
    for i in np.ndindex(loops):
        v = data[i][counted].astype(np.float64)
        if not np.isfinite(v).all():
            wrong = True
            continue
        mean[i] = np.bincount(at, v * weight, minlength=len(codes)) / np.where(count > 0, total, 1.0)
        v -= mean[i][at]
        squares[i] = np.bincount(at, v * v * weight, minlength=len(codes))
    return np.broadcast_to(count, mean.shape), np.broadcast_to(total, mean.shape), mean, squares, np.array(wrong)
