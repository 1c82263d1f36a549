"""Layers of a raster: their extent and their sums, each in one walk over the chunks.

No cell beyond a chunk is read: sums over neighbours within a chunk are taken there, and the values along its rim come
back with them, from which the pairs that lie on both sides of a rim are added.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks, moments
from ouhe.compute.lattice import contiguity
from ouhe.compute.lattice.contiguity import RECIPROCAL, Rule, Tile
from ouhe.errors import DataError, Place, Problem

__all__ = ["LAYER", "Extent", "Origin", "Raster", "Sums", "deviations", "extent", "sums"]

Array = NDArray[Any]
Floats = NDArray[np.float64]

#: Dimension that a raster of a single layer gets for the time being.
LAYER = "layer"

#: Cells that a message names at most.
NAMED = 20


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
        threads = blocks.workers(1 << 10)
        degree = contiguity.degrees(contiguity.mask(x), rule, threads=threads)
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

    def walk(self, function: Callable[..., tuple[Array, ...]]) -> list[tuple[Array, ...]]:
        """Apply a function to every chunk: ``function(values, degree, layer, row, column, threads=…)``."""
        whole = isinstance(self.x.variable.data, np.ndarray)
        places = [
            xr.Variable(("y", "x"), self.degree),
            self.by_layer(np.arange(self.layers)),
            xr.Variable(("y",), np.arange(self.x.sizes["y"])),
            xr.Variable(("x",), np.arange(self.x.sizes["x"])),
        ]
        work = partial(_on_chunk, function=function, threads=blocks.workers(1 << 10) if whole else 1)
        return _pieces(work, self.x.variable, *places)


def _pieces(function: Callable[..., tuple[Array, ...]], *variables: xr.Variable) -> list[tuple[Array, ...]]:
    """Stand in for the walk over chunks."""
    x = variables[0]
    if isinstance(x.data, np.ndarray):
        return [function(*variables)]
    import itertools

    import dask

    from ouhe import engine

    tasks = []
    starts = [np.cumsum([0, *c]) for c in x.data.chunks]
    for index in itertools.product(*(range(len(c)) for c in x.data.chunks)):
        place = {d: slice(int(s[i]), int(s[i + 1])) for d, s, i in zip(x.dims, starts, index, strict=True)}
        cut = [v.isel({d: p for d, p in place.items() if d in v.dims}) for v in variables[1:]]
        tasks.append(dask.delayed(_apply)(x.data.blocks[index], x.dims, cut, function))
    return engine.collect(tasks, step="lattice")


def _apply(values: Array, dims: Any, cut: list[xr.Variable], function: Any) -> Any:
    """Apply to one chunk."""
    return function(xr.Variable(dims, values), *cut)


def _on_chunk(
    values: xr.Variable, degree: xr.Variable, layer: xr.Variable, *at: xr.Variable, function: Any, threads: int
) -> tuple[Array, ...]:
    """Lay the layers of a chunk behind one another."""
    rows_last = values.transpose(..., "y", "x")
    plain = rows_last.values.reshape(-1, *rows_last.shape[-2:])
    numbers = layer.transpose(*(d for d in rows_last.dims if d not in ("y", "x"))).values.ravel()
    found: tuple[Array, ...] = function(
        plain, degree.transpose("y", "x").values, numbers, *(int(v.values[0]) for v in at), threads=threads
    )
    return found


class Extent(NamedTuple):
    """Lowest value, range, and mean of every layer, the mean above the lowest value and in parts of the range."""

    low: Floats
    span: Floats
    mean: Floats

    def layer(self, number: int) -> Origin:
        """Extent of one layer."""
        return Origin(*(float(part[number]) for part in self))


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


def extent(raster: Raster) -> Extent:
    """Extent of every layer, once every cell that is counted is a finite number and every layer varies.

    Raises
    ------
    DataError
        Cells are missing or infinite, or layers do not vary; all are named.
    """
    found = raster.walk(_chunk_extent)
    low, high, total, count = (np.zeros((len(found), raster.layers)) for _ in range(4))
    low[:], high[:] = np.inf, -np.inf
    for i, (numbers, *parts) in enumerate(found):
        for whole, part in zip((low, high, total, count), parts, strict=True):
            whole[i, numbers] = part
    lowest, highest = low.min(axis=0), high.max(axis=0)
    if not (np.isfinite(lowest) & np.isfinite(highest)).all():
        raise DataError(*_not_finite(raster))
    with np.errstate(over="ignore"):
        span = highest - lowest
    _refuse(raster, lowest, highest, span)
    # chunks without cells have no lowest value of their own
    held = count > 0.0
    own = np.where(held, high, 0.0) - np.where(held, low, 0.0)
    above = np.where(held, low - lowest, 0.0)
    mean = ((total * own + count * above) / span).sum(axis=0) / raster.count
    return Extent(lowest, span, mean)


def _refuse(raster: Raster, low: Floats, high: Floats, span: Floats) -> None:
    """Name the layers that do not vary, or whose range no number holds."""
    lowest, highest = raster.by_layer(low), raster.by_layer(high)
    flat = moments.never_varies(raster.x, lowest, highest)
    problems = moments.refused(raster.x, lowest, flat, "lattice.never_varies")
    problems += moments.refused(raster.x, lowest, raster.by_layer(np.isinf(span)), "compute.not_finite")
    if problems:
        raise DataError(*problems)


def _chunk_extent(
    values: Array, degree: NDArray[np.int8], numbers: Array, _row: int, _column: int, *, threads: int
) -> tuple[Array, ...]:
    """Lowest and highest value, the sum of what lies above the lowest in parts of the range, and the count."""

    def work(tile: Tile) -> Floats:
        inside = degree[tile] >= 0
        return np.stack([_tile_extent(layer[tile], inside) for layer in values])

    parts = np.stack(contiguity.mapped(work, contiguity.tiles(*degree.shape), threads=threads))
    low, high, total, count = np.moveaxis(parts, -1, 0)
    lowest, highest = low.min(axis=0), high.max(axis=0)
    with np.errstate(all="ignore"):
        own, above = (np.where(count > 0.0, a, 0.0) for a in (high - low, low - lowest))
        merged = (total * own + count * above).sum(axis=0) / (highest - lowest)
    varies = highest > lowest
    return numbers, lowest, highest, np.where(varies, merged, 0.0), count.sum(axis=0)


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


def _not_finite(raster: Raster) -> list[Problem]:
    """Name cells that are missing or infinite; after some, how many more there are."""
    found = raster.walk(_chunk_not_finite)
    total = sum(int(count[0]) for *_, count in found)
    places = np.concatenate([place for place, _ in found])
    cells = sorted(map(tuple, places.tolist()))[:NAMED]
    problems = [Problem("compute.not_finite", Place(), _said(raster, *cell)) for cell in cells]
    more = [Problem("panel.and_more", params={"count": total - len(cells)})] if total > len(cells) else []
    return problems + more


def _said(raster: Raster, number: int, row: int, column: int) -> dict[str, Any]:
    """Labels and value of a cell."""
    sizes = [raster.x.sizes[d] for d in raster.dims]
    others = zip(raster.dims, np.unravel_index(number, sizes), strict=True)
    place = {d: int(i) for d, i in others} | {"y": row, "x": column}
    cell = raster.x.isel(place)
    labels = " ".join(str(cell[d].item()) if d in cell.coords else str(i) for d, i in place.items())
    return {"at": labels, "value": cell.compute().item()}


def _chunk_not_finite(
    values: Array, degree: NDArray[np.int8], numbers: Array, row: int, column: int, **_: int
) -> tuple[Array, ...]:
    """First places of a chunk that hold no finite number, and how many there are."""
    wrong = ~np.isfinite(values) & (degree >= 0)
    first = np.flatnonzero(wrong.ravel())[:NAMED]
    layer, y, x = np.unravel_index(first, wrong.shape)
    return np.stack([numbers[layer], y + row, x + column], axis=1), np.array([np.count_nonzero(wrong)])


def sums(raster: Raster, of: Extent) -> Sums:
    """Sums that Moran's I and its moments are made of."""
    found = raster.walk(partial(_chunk_sums, of=of, rule=raster.rule))
    total = np.zeros((len(found), len(Sums._fields), raster.layers))
    for i, (numbers, part, *_) in enumerate(found):
        total[i][:, numbers] = part.T
    whole = total.sum(axis=0)
    whole[2:] += _across_chunks(raster, found)
    return Sums(*whole)


def _chunk_sums(
    values: Array,
    degree: NDArray[np.int8],
    numbers: Array,
    row: int,
    column: int,
    *,
    threads: int,
    of: Extent,
    rule: Rule,
) -> tuple[Array, ...]:
    """Sums of a chunk ``(layer, 4)``, where it lies, and the deviations along its four sides."""
    own = [of.layer(number) for number in numbers]

    def work(tile: Tile) -> Floats:
        near = contiguity.window(degree, tile, fill=-1)
        weight = RECIPROCAL[near[1:-1, 1:-1]]
        return np.stack([_tile_sums(contiguity.window(v, tile, fill=0), near >= 0, weight, e, rule) for v, e in pairs])

    pairs = list(zip(values, own, strict=True))
    parts = contiguity.mapped(work, contiguity.tiles(*degree.shape), threads=threads)
    sides = [
        np.stack([deviations(v[side], degree[side] >= 0, e) for v, e in pairs])
        for side in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1])
    ]
    return numbers, np.stack(parts).sum(axis=0), np.array([row, column, *degree.shape]), *sides


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


def _across_chunks(raster: Raster, found: list[tuple[Array, ...]]) -> Floats:
    """Σ z·lag and Σ lag of the pairs of neighbours that lie in two chunks ``(2, layer)``."""
    height, width = raster.degree.shape
    ends = sorted({int(at[0]) for _, _, at, *_ in found}), sorted({int(at[1]) for _, _, at, *_ in found})
    first_row, first_column = ({start: i for i, start in enumerate(starts)} for starts in ends)
    top, bottom = (np.zeros((len(ends[0]), raster.layers, width)) for _ in range(2))
    left, right = (np.zeros((len(ends[1]), raster.layers, height)) for _ in range(2))
    for numbers, _, (row, column, h, w), *sides in found:
        for whole, side in zip((top, bottom), sides[:2], strict=True):
            whole[first_row[row], numbers, column : column + w] = side
        for whole, side in zip((left, right), sides[2:], strict=True):
            whole[first_column[column], numbers, row : row + h] = side
    weight = RECIPROCAL[raster.degree[[i - 1 for i in ends[0][1:]]]], RECIPROCAL[raster.degree[ends[0][1:]]]
    total = np.zeros((2, raster.layers))
    for i in range(1, len(ends[0])):
        total += _across(bottom[i - 1], top[i], weight[0][i - 1], weight[1][i - 1], raster.rule)
    for j, column in enumerate(ends[1][1:], start=1):
        beside = RECIPROCAL[raster.degree[:, column - 1]], RECIPROCAL[raster.degree[:, column]]
        for start, stop in zip(ends[0], [*ends[0][1:], height], strict=True):
            # a corner that two chunks share belongs to the sides above and below
            part = slice(start, stop)
            total += _across(right[j - 1][:, part], left[j][:, part], beside[0][part], beside[1][part], raster.rule)
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
