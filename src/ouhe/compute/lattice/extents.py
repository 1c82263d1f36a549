"""Lowest value, range and mean of every layer, in one walk over the chunks, and deviations from that mean."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ouhe import moments
from ouhe.blocks.tiles import Tile, run
from ouhe.compute.lattice import contiguity
from ouhe.compute.lattice.raster import Raster
from ouhe.errors import DataError
from ouhe.panel import where

__all__ = ["Extent", "Origin", "deviations", "extent"]

Array = NDArray[Any]
Floats = NDArray[np.float64]


class Extent(NamedTuple):
    """Lowest value, range, and mean of every layer, the mean above the lowest value and in parts of the range."""

    low: Floats
    span: Floats
    mean: Floats


class Origin(NamedTuple):
    """Lowest value, range and mean of one layer, as in :class:`Extent`."""

    low: float
    span: float
    mean: float


def deviations(values: Array, inside: NDArray[np.bool_], of: Origin) -> Floats:
    """Deviations from the mean in parts of the range; 0 where no cell is counted."""
    z = values.astype(np.float64)
    with np.errstate(all="ignore"):
        z -= of.low
        z /= of.span
        z -= of.mean
    z[~inside] = 0.0
    return z


def extent(raster: Raster) -> Extent:
    """Extent of every layer, once every cell that is counted is a finite number and every layer varies.

    Raises
    ------
    DataError
        Cells are missing or infinite, or layers do not vary; all are named.
    """
    found = raster.walk(_chunk_extent, step="reduce")
    parts = np.zeros((4, len(found), raster.layers))
    parts[0], parts[1] = np.inf, -np.inf
    for i, piece in enumerate(found):
        parts[:, i, piece.layers] = piece.parts
    low, high, total, count = parts
    lowest, highest = low.min(axis=0), high.max(axis=0)
    if not (np.isfinite(lowest) & np.isfinite(highest)).all():
        raise DataError(*where(raster.x, ~(abs(raster.x) < np.inf), "compute.not_finite"))
    with np.errstate(over="ignore"):
        span = highest - lowest
    _refuse(raster, lowest, highest, span)
    return Extent(lowest, span, _merged(low, high, total, count) / raster.count)


def _merged(low: Floats, high: Floats, total: Floats, count: Floats) -> Floats:
    """Sum of what lies above the lowest value, in parts of the range, from such sums of parts ``(part, layer)``."""
    lowest, highest = low.min(axis=0), high.max(axis=0)
    with np.errstate(all="ignore"):
        # a part without cells has no lowest value
        own, above = (np.where(count > 0.0, a, 0.0) for a in (high - low, low - lowest))
        found: Floats = ((total * own + count * above) / (highest - lowest)).sum(axis=0)
    return np.where(highest > lowest, found, 0.0)


def _refuse(raster: Raster, low: Floats, high: Floats, span: Floats) -> None:
    """Name the layers that do not vary, or whose range no number holds."""
    lowest, highest = raster.by_layer(low), raster.by_layer(high)
    flat = moments.never_varies(raster.x, lowest, highest)
    problems = moments.refused(raster.x, lowest, flat, "lattice.never_varies")
    problems += moments.refused(raster.x, lowest, raster.by_layer(np.isinf(span)), "compute.not_finite")
    if problems:
        raise DataError(*problems)


def _chunk_extent(values: Array, degree: NDArray[np.int8]) -> tuple[Array, ...]:
    """Lowest and highest value, the sum of what lies above the lowest in parts of the range, and the count."""

    def work(tile: Tile) -> Floats:
        counted = degree[tile] >= 0
        return np.stack([_tile_extent(layer[tile], counted) for layer in values])

    low, high, total, count = np.moveaxis(np.stack(run(work, contiguity.tiles(*degree.shape))), -1, 0)
    return low.min(axis=0), high.max(axis=0), _merged(low, high, total, count), count.sum(axis=0)


def _tile_extent(values: Array, inside: NDArray[np.bool_]) -> Floats:
    """Extent of one tile; not a number where some cell is none."""
    held = values[inside].astype(np.float64, copy=False)
    if not held.size:
        return np.array([np.inf, -np.inf, 0.0, 0.0])
    low, high = held.min(), held.max()
    with np.errstate(all="ignore"):
        span = high - low
        total = ((held - low) / span).sum() if 0.0 < span < np.inf else 0.0
    return np.array([low, high, total, held.size])
