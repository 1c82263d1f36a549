"""Layers of a raster: their extent and their sums, each in one walk over the chunks.

No cell beyond a chunk is read: sums over neighbours within a chunk are taken there, and the values along its rim come
back with them, from which the pairs that lie on both sides of a rim are added.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks, moments
from ouhe.blocks.tiles import Tile, run
from ouhe.compute.lattice import contiguity
from ouhe.compute.lattice.contiguity import RECIPROCAL, Rule
from ouhe.errors import DataError
from ouhe.panel import where

__all__ = ["LAYER", "Extent", "Origin", "Piece", "Raster", "Rims", "Sums", "deviations", "extent", "sums"]

Array = NDArray[Any]
Floats = NDArray[np.float64]

#: Dimension that a raster of a single layer gets for the time being.
LAYER = "layer"


@dataclass(frozen=True)
class Raster:
    """Layers ``(…, y, x)`` and the number of neighbours of every cell ``(y, x)``, −1 where it is not counted."""

    x: xr.DataArray
    degree: NDArray[np.int8]
    rule: Rule

    @classmethod
    def of(cls, x: xr.DataArray, rule: Rule) -> Raster:
        """Raster of `x`, once it has cells enough, and neighbours among them.

        Raises
        ------
        DataError
            There are no dimensions ``y`` and ``x``, fewer than four cells are counted, or none has a neighbour.
        """
        degree = contiguity.degrees(contiguity.mask(x), rule)
        if not isinstance(x.data, np.ndarray) and x.chunks is None:
            x = x.copy(data=blocks.in_memory(x.data))
        # a message has a layer to name
        found = cls(x if x.ndim > 2 else x.expand_dims({LAYER: [str(x.name or "x")]}), degree, rule)
        if found.count < 4:
            raise DataError.of("lattice.few_cells", count=found.count)
        if found.isolates == found.count:
            raise DataError.of("lattice.no_links", count=found.count, rule=rule)
        return found

    @cached_property
    def count(self) -> int:
        """Number of cells that are counted."""
        return int(np.count_nonzero(self.degree >= 0))

    @cached_property
    def isolates(self) -> int:
        """Number of cells without neighbours."""
        return int(np.count_nonzero(self.degree == 0))

    @property
    def dims(self) -> list[Any]:
        """Dimensions that are not places."""
        return [d for d in self.x.dims if d not in ("y", "x")]

    @property
    def layers(self) -> int:
        """Number of layers."""
        return math.prod(self.x.sizes[d] for d in self.dims)

    def by_layer(self, values: Array) -> xr.Variable:
        """Numbers of every layer ``(layer,)`` as a variable with the dimensions that are not places."""
        return xr.Variable(self.dims, np.reshape(values, [self.x.sizes[d] for d in self.dims]))

    def walk(self, function: Callable[..., tuple[Array, ...]], *of_layers: Floats, step: str) -> list[Piece]:
        """Apply ``function(values (layer, y, x), degree (y, x), *of_layers (layer,))`` to every chunk."""
        given = [xr.Variable(("y", "x"), self.degree), *map(self.by_layer, of_layers)]
        numbers = self.by_layer(np.arange(self.layers))
        found = blocks.pieces(partial(_on_chunk, function=function), self.x.variable, *given, step=step, placed=True)
        return [
            Piece(numbers[tuple(window[d] for d in numbers.dims)].values.ravel(), window["y"], window["x"], parts)
            for window, parts in found
        ]


class Piece(NamedTuple):
    """What was found of a chunk: the numbers of its layers, where it lies, and the parts."""

    layers: Array
    rows: slice
    columns: slice
    parts: tuple[Array, ...]


def _on_chunk(
    x: xr.Variable, degree: xr.Variable, *of_layers: xr.Variable, function: Callable[..., tuple[Array, ...]]
) -> tuple[Array, ...]:
    """Lay the layers of a chunk one behind the other."""
    laid = x.transpose(..., "y", "x")
    values = blocks.in_memory(laid.data).reshape(-1, *laid.shape[-2:])
    return function(values, degree.values, *(v.transpose(*laid.dims[:-2]).values.ravel() for v in of_layers))


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


class Sums(NamedTuple):
    """Σ z², Σ z⁴, Σ z·lag and Σ lag of every layer, z being deviations from the mean in parts of the range."""

    squares: Floats
    fourths: Floats
    cross: Floats
    lags: Floats


class Rims(NamedTuple):
    """Where chunks begin, the last one's end behind, and the deviations along their four sides.

    ``top`` and ``bottom`` are rows of the raster ``(chunk, layer, x)``, ``left`` and ``right`` columns ``(chunk, layer,
    y)``; 0 where no cell is counted.
    """

    rows: list[int]
    columns: list[int]
    top: Floats
    bottom: Floats
    left: Floats
    right: Floats

    def around(self) -> tuple[Floats, Floats, Floats, Floats]:
        """What lies above, below, left and right of every chunk, the chunks one after the other.

        Rows are ``(layer, chunk, x)``, with the cell before and behind each chunk, columns ``(layer, y, chunk)``.
        """
        above, below = _moved(self.bottom, 1), _moved(self.top, -1)
        wide = (np.pad(a, ((0, 0), (0, 0), (1, 1))) for a in (above, below))
        rows = [np.concatenate([a[..., i : j + 2] for i, j in pairwise(self.columns)], axis=-1) for a in wide]
        columns = _moved(self.right, 1), _moved(self.left, -1)
        return (*(np.moveaxis(a, 0, 1) for a in rows), *(np.moveaxis(a, 0, -1) for a in columns))  # type: ignore[return-value]


def _moved(sides: Floats, by: int) -> Floats:
    """Sides of the chunk before (1) or behind (−1); 0 where there is none."""
    found = np.zeros_like(sides)
    if by > 0:
        found[1:] = sides[:-1]
    else:
        found[:-1] = sides[1:]
    return found


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


def sums(raster: Raster, of: Extent) -> tuple[Sums, Rims]:
    """Sums that Moran's I and its moments are made of, and the deviations along the rims of the chunks."""
    found = raster.walk(partial(_chunk_sums, rule=raster.rule), *of, step="neighbours")
    total = np.zeros((len(found), len(Sums._fields), raster.layers))
    for i, piece in enumerate(found):
        total[i][:, piece.layers] = piece.parts[0].T
    rims = _rims(raster, found)
    whole = total.sum(axis=0)
    whole[2:] += _across_chunks(raster, rims)
    return Sums(*whole), rims


def _chunk_sums(values: Array, degree: NDArray[np.int8], *of_layers: Floats, rule: Rule) -> tuple[Array, ...]:
    """Sums of a chunk ``(layer, 4)``, and the deviations along its four sides."""
    pairs = [(v, Origin(*map(float, of))) for v, *of in zip(values, *of_layers, strict=True)]

    def work(tile: Tile) -> Floats:
        near = contiguity.window(degree, tile, fill=-1)
        weight = RECIPROCAL[near[1:-1, 1:-1]]
        return np.stack([_tile_sums(contiguity.window(v, tile, fill=0), near >= 0, weight, o, rule) for v, o in pairs])

    total = np.stack(run(work, contiguity.tiles(*degree.shape))).sum(axis=0)
    sides = (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1])
    return total, *(np.stack([deviations(v[side], degree[side] >= 0, o) for v, o in pairs]) for side in sides)


def deviations(values: Array, inside: NDArray[np.bool_], of: Origin) -> Floats:
    """Deviations from the mean in parts of the range; 0 where no cell is counted."""
    z = values.astype(np.float64)
    with np.errstate(all="ignore"):
        z -= of.low
        z /= of.span
        z -= of.mean
    z[~inside] = 0.0
    return z


def _tile_sums(near: Array, inside: NDArray[np.bool_], weight: Floats, of: Origin, rule: Rule) -> Floats:
    """Sums of one tile of one layer."""
    padded = deviations(near, inside, of)
    z = padded[1:-1, 1:-1]
    lag = contiguity.neighbour_sums(padded, rule)
    lag *= weight
    squares = z * z
    return np.array([squares.sum(), (squares * squares).sum(), (z * lag).sum(), lag.sum()])


def _rims(raster: Raster, found: list[Piece]) -> Rims:
    """Put the sides of all chunks together."""
    height, width = raster.degree.shape
    rows, columns = (sorted({getattr(p, of).start for p in found}) for of in ("rows", "columns"))
    top, bottom = (np.zeros((len(rows), raster.layers, width)) for _ in range(2))
    left, right = (np.zeros((len(columns), raster.layers, height)) for _ in range(2))
    for numbers, y, x, (_, *sides) in found:
        i, j = rows.index(y.start), columns.index(x.start)
        top[i, numbers, x], bottom[i, numbers, x], left[j, numbers, y], right[j, numbers, y] = sides
    return Rims([*rows, height], [*columns, width], top, bottom, left, right)


def _across_chunks(raster: Raster, rims: Rims) -> Floats:
    """Σ z·lag and Σ lag of the pairs of neighbours that lie in two chunks ``(2, layer)``."""

    def weight(*place: int | slice) -> Floats:
        return RECIPROCAL[raster.degree[place]]

    total = np.zeros((2, raster.layers))
    for i, y in enumerate(rims.rows[1:-1], start=1):
        total += _across(rims.bottom[i - 1], rims.top[i], weight(y - 1), weight(y), raster.rule)
    for j, x in enumerate(rims.columns[1:-1], start=1):
        for start, stop in pairwise(rims.rows):
            # a corner that four chunks share belongs to the sides above and below
            part = slice(start, stop)
            weights = weight(part, x - 1), weight(part, x)
            total += _across(rims.right[j - 1][:, part], rims.left[j][:, part], *weights, raster.rule)
    return total


def _across(a: Floats, b: Floats, weight_a: Floats, weight_b: Floats, rule: Rule) -> Floats:
    """Σ z·lag and Σ lag of the pairs between two lines of cells ``(layer, cell)`` that lie side by side."""
    length = a.shape[1]
    total = np.zeros((2, len(a)))
    for shift in (0,) if rule == "rook" else (-1, 0, 1):
        one, other = slice(max(0, -shift), length - max(0, shift)), slice(max(0, shift), length + min(0, shift))
        za, zb, wa, wb = a[:, one], b[:, other], weight_a[one], weight_b[other]
        total[0] += (za * zb * (wa + wb)).sum(axis=1)
        total[1] += (zb * wa + za * wb).sum(axis=1)
    return total
