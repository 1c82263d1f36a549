"""Neighbours on a raster: the cells around a cell, found by shifting the raster against itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.blocks.tiles import Tile, run
from ouhe.errors import DataError
from ouhe.neighbours import Rule
from ouhe.panel import inside

__all__ = [
    "RECIPROCAL",
    "Rule",
    "degrees",
    "mask",
    "neighbour_sums",
    "tiles",
    "weight_sums",
    "window",
]

Array = NDArray[Any]
Floats = NDArray[np.float64]

#: Cells in a tile, and its width: what is made of it stays in the processor's cache.
CELLS, WIDTH = 1 << 16, 1 << 10

#: Weight of each neighbour of a cell that has so many; none for a cell that is not counted, whose number is −1.
RECIPROCAL = np.array([0.0, *(1.0 / k for k in range(1, 9)), 0.0])


def mask(x: xr.DataArray) -> NDArray[np.bool_]:
    """Which cells of a raster are counted ``(y, x)``: its coordinate ``inside``, or all.

    Raises
    ------
    DataError
        `x` has no dimensions ``y`` and ``x``.

    Examples
    --------
    >>> mask(xr.DataArray(np.zeros((2, 1, 3)), dims=("year", "y", "x")))
    array([[ True,  True,  True]])
    """
    if not {"y", "x"} <= set(x.dims):
        raise DataError.of("lattice.no_raster", dims=", ".join(map(str, x.dims)) or "-")
    counted = inside(x)
    if counted is None:
        return np.broadcast_to(np.True_, (x.sizes["y"], x.sizes["x"]))
    found: NDArray[np.bool_] = counted.transpose("y", "x").values
    return found


def tiles(height: int, width: int) -> list[Tile]:
    """Cut a raster into tiles, in order; the cut depends on nothing but its size.

    Examples
    --------
    >>> [(t[0].stop, t[1].stop) for t in tiles(100, 1500)]
    [(64, 1024), (100, 1024), (100, 1500)]
    """
    columns = [slice(j, min(j + WIDTH, width)) for j in range(0, width, WIDTH)]
    return [
        (slice(i, min(i + step, height)), column)
        for column in columns
        for step in [max(1, CELLS // (column.stop - column.start))]
        for i in range(0, height, step)
    ]


def window(values: Array, tile: Tile, *, fill: Any) -> Array:
    """Tile of a raster and the cells around it; beyond the edge stands `fill`.

    Examples
    --------
    >>> window(np.array([[1, 2], [3, 4]]), (slice(0, 1), slice(0, 2)), fill=0)
    array([[0, 0, 0, 0],
           [0, 1, 2, 0],
           [0, 3, 4, 0]])
    """
    out = np.full([s.stop - s.start + 2 for s in tile], fill, values.dtype)
    held = [slice(max(s.start - 1, 0), min(s.stop + 1, n)) for s, n in zip(tile, values.shape, strict=True)]
    place = [slice(h.start - s.start + 1, h.stop - s.start + 1) for h, s in zip(held, tile, strict=True)]
    out[place[0], place[1]] = values[held[0], held[1]]
    return out


def neighbour_sums(padded: Array, rule: Rule) -> Array:
    """Sum over the neighbours of every cell but those at the rim.

    Parameters
    ----------
    padded
        Values ``(y + 2, x + 2)``; 0 where no cell is counted.
    rule
        ``queen``: the eight cells that share an edge or a corner; ``rook``: the four that share an edge.

    Returns
    -------
    numpy.ndarray
        Sums ``(y, x)``.

    Examples
    --------
    >>> neighbour_sums(np.arange(9).reshape(3, 3), "queen"), neighbour_sums(np.arange(9).reshape(3, 3), "rook")
    (array([[32]]), array([[16]]))
    """
    if rule == "rook":
        middle = padded[1:-1]
        out: Array = padded[:-2, 1:-1] + padded[2:, 1:-1]
        out += middle[:, :-2]
        out += middle[:, 2:]
        return out
    beside = padded[:-2] + padded[2:]
    column = beside + padded[1:-1]
    found: Array = column[:, :-2] + column[:, 2:]
    found += beside[:, 1:-1]
    return found


def degrees(counted: NDArray[np.bool_], rule: Rule) -> NDArray[np.int8]:
    """How many neighbours every cell has; −1 for a cell that is not counted.

    Examples
    --------
    >>> degrees(np.array([[True, True], [False, True]]), "rook")
    array([[ 1,  2],
           [-1,  1]], dtype=int8)
    """
    out = np.empty(counted.shape, np.int8)

    def work(tile: Tile) -> None:
        near = window(counted, tile, fill=False).view(np.int8)
        out[tile] = np.where(near[1:-1, 1:-1], neighbour_sums(near, rule), np.int8(-1))

    run(work, tiles(*counted.shape))
    return out


def weight_sums(degree: NDArray[np.int8], rule: Rule) -> tuple[float, float, float]:
    r"""S0, S1 and S2 of the weights whose rows sum to 1.

    With :math:`r_i = 1/k_i` the weight of each of the :math:`k_i` neighbours of cell i, and
    :math:`c_i = \sum_{j \sim i} r_j` the sum of its column,

    .. math:: S_0 = \#\{k_i > 0\}, \qquad S_1 = \sum_i r_i (1 + c_i), \qquad S_2 = \sum_{k_i > 0} (1 + c_i)^2

    Examples
    --------
    >>> weight_sums(degrees(np.ones((1, 3), bool), "rook"), "rook")
    (3.0, 4.5, 13.5)
    """

    def work(tile: Tile) -> tuple[float, float, float]:
        weight = RECIPROCAL[window(degree, tile, fill=-1)]
        own = weight[1:-1, 1:-1]
        rows_and_columns = (own > 0.0) + neighbour_sums(weight, rule)
        rows_and_columns[own == 0.0] = 0.0
        return (
            float(np.count_nonzero(own)),
            float((own * rows_and_columns).sum()),
            float((rows_and_columns * rows_and_columns).sum()),
        )

    found = run(work, tiles(*degree.shape))
    s0, s1, s2 = (math.fsum(part) for part in zip(*found, strict=True))
    return s0, s1, s2
