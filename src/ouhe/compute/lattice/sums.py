"""Sums over cells and their neighbours, in one walk over the chunks.

No cell beyond a chunk is read: sums over neighbours within a chunk are taken there, and the values along its rim come
back with them, from which the pairs that lie on both sides of a rim are added.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ouhe.blocks.tiles import Tile, run
from ouhe.compute.lattice import contiguity
from ouhe.compute.lattice.contiguity import RECIPROCAL, Rule
from ouhe.compute.lattice.extents import Extent, Origin, deviations
from ouhe.compute.lattice.raster import Raster
from ouhe.compute.lattice.rims import Rims, across_chunks

__all__ = ["Sums", "sums"]

Array = NDArray[Any]
Floats = NDArray[np.float64]


class Sums(NamedTuple):
    """Σ z², Σ z⁴, Σ z·lag and Σ lag of every layer, z being deviations from the mean in parts of the range."""

    squares: Floats
    fourths: Floats
    cross: Floats
    lags: Floats


def sums(raster: Raster, of: Extent) -> tuple[Sums, Rims]:
    """Sums that Moran's I and its moments are made of, and the deviations along the rims of the chunks."""
    found = raster.walk(partial(_chunk_sums, rule=raster.rule), *of, step="neighbours")
    total = np.zeros((len(found), len(Sums._fields), raster.layers))
    for i, piece in enumerate(found):
        total[i][:, piece.layers] = piece.parts[0].T
    rims = Rims.of(raster, found)
    whole = total.sum(axis=0)
    whole[2:] += across_chunks(raster, rims)
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


def _tile_sums(near: Array, inside: NDArray[np.bool_], weight: Floats, of: Origin, rule: Rule) -> Floats:
    """Sums of one tile of one layer."""
    padded = deviations(near, inside, of)
    z = padded[1:-1, 1:-1]
    lag = contiguity.neighbour_sums(padded, rule)
    lag *= weight
    squares = z * z
    return np.array([squares.sum(), (squares * squares).sum(), (z * lag).sum(), lag.sum()])
