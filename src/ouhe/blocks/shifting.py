"""Shift and scale the cells of an array; with a compiled loop where there are many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.blocks.chunked import lazily
from ouhe.blocks.namespaces import chunked, elsewhere, namespace
from ouhe.blocks.tiles import run, tiles
from ouhe.blocks.walking import cells, in_order, kept_type, laid

__all__ = ["affine"]

Array = NDArray[Any]

#: Cells from which on a compiled loop saves more time than it takes to load, in all and in a chunk of as many.
MANY, MANY_IN_CHUNK = 1 << 27, 1 << 18

#: Cells a thread works on at a time.
PIECE = 1 << 18


def affine(x: xr.Variable, origin: xr.Variable, scale: xr.Variable) -> xr.Variable:
    r"""Shift and scale.

    .. math:: y = \frac{x - \text{origin}}{\text{scale}}

    Parameters
    ----------
    x
        Cells; may be chunked.
    origin, scale
        In memory, with some of the dimensions of `x`.

    Returns
    -------
    xarray.Variable
        As `x`, in its type (float64 for whole numbers), worked out in float64; without negative zeros.

    Examples
    --------
    >>> x = xr.Variable(("region", "indicator"), [[1.0, 6.0], [3.0, 2.0]])
    >>> affine(x, xr.Variable("indicator", [1.0, 6.0]), xr.Variable("indicator", [2.0, -4.0])).values
    array([[0., 0.],
           [1., 1.]])
    """
    if chunked(x):
        return lazily(_on_chunk, [x, origin, scale], x.dims, dtype=kept_type(x), whole=None, new={})
    return cells(_ratio, x, origin, scale) if elsewhere(x) else _in_memory(x, origin, scale, many=MANY)


def _on_chunk(parts: Sequence[xr.Variable]) -> xr.Variable:
    """Shift and scale a chunk."""
    return _in_memory(*parts, many=MANY_IN_CHUNK)


def _in_memory(x: xr.Variable, origin: xr.Variable, scale: xr.Variable, *, many: int) -> xr.Variable:
    """Shift and scale what is in memory."""
    order = in_order(x)
    leading = 1 + max((order.index(d) for v in (origin, scale) for d in v.dims), default=-1)
    values = laid(x, order)
    if x.size < many or leading == len(order) or not values.flags.c_contiguous or values.dtype.kind != "f":
        return cells(_ratio, x, origin, scale)
    from ouhe.blocks import loops

    shape = values.shape[:leading]
    table = values.reshape(math.prod(shape), -1)
    ends = [np.broadcast_to(laid(v, order[:leading]), shape).reshape(-1).astype(float) for v in (origin, scale)]
    out = np.empty_like(table)

    def work(tile: tuple[slice, ...]) -> None:
        rows, columns = tile
        loops.ratio(table[rows, columns], ends[0][rows], ends[1][rows], out[rows, columns])

    run(work, tiles(table.shape, PIECE))
    return xr.Variable(order, out.reshape(values.shape)).transpose(*x.dims)


def _ratio(a: Array, origin: Array, scale: Array, *, out: Array) -> None:
    """Give (a − origin) / scale, without negative zeros."""
    xp = namespace(a)
    t = a - origin
    t /= scale
    if not (xp.all(origin != 0.0) and xp.all(scale > 0.0)):
        t += 0.0
    out[...] = t
