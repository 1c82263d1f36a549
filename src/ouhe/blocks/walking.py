"""Apply functions to cells, or along one dimension, block by block."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.blocks import tiles as tiling
from ouhe.blocks.chunked import lazily
from ouhe.blocks.namespaces import chunked, elsewhere, namespace, there
from ouhe.blocks.tiles import Tile, cut, run, tiles

__all__ = ["Function", "Kernel", "along", "cells", "in_order", "kept_type", "laid", "lined"]

Array = NDArray[Any]
Function = Callable[..., Array]
Kernel = Callable[..., object]


def cells(function: Kernel, x: xr.Variable, *given: xr.Variable, dtype: np.dtype[Any] | None = None) -> xr.Variable:
    """Apply a function of single cells to arrays that broadcast against one another, block by block.

    Parameters
    ----------
    function
        Gets a float64 block of each array (truth values as they are), broadcasting, and writes into `out`.
    x, *given
        The arrays. Any may be chunked.
    dtype
        Type of what comes back; that of `x` (float64 for whole numbers) when left out.

    Returns
    -------
    xarray.Variable
        The dimensions of `x`, then those that only others have; the numbers lie in memory as those of `x` do.

    Examples
    --------
    >>> x = xr.Variable(("region", "indicator"), [[1.0, 2.0], [3.0, 5.0]])
    >>> cells(np.subtract, x, xr.Variable("indicator", [1.0, 2.0])).values
    array([[0., 0.],
           [2., 3.]])
    """
    return _broadcast(function, [x, *given], dtype=dtype or kept_type(x))


def along(
    dim: str,
    function: Kernel,
    x: xr.Variable,
    *others: xr.Variable,
    to: str | None = None,
    size: int = 0,
    dtype: np.dtype[Any] | None = None,
) -> xr.Variable:
    """Work along one dimension of arrays that broadcast against one another, block by block.

    Parameters
    ----------
    dim
        Dimension that `function` sees whole and first.
    function
        Gets a float64 block ``(dim, …)`` of each array (truth values as they are), broadcasting, and writes into
        `out`: ``(to, …)``, or ``(…)`` without `to`.
    x, *others
        The arrays. Any may be chunked.
    to
        Dimension of what comes back in the place of `dim`; None where `function` removes it.
    size
        Length of `to`.
    dtype
        Type of what comes back; that of `x` (float64 for whole numbers) when left out.

    Returns
    -------
    xarray.Variable
        The other dimensions of `x`, those that only others have, then `to`, which is outermost in memory.

    Examples
    --------
    >>> x = xr.Variable(("region", "system"), [[1.0, 2.0], [3.0, 5.0]])
    >>> along("system", lambda u, out: np.subtract(u[1], u[0], out=out), x).values
    array([1., 2.])
    """
    return _broadcast(function, [x, *others], dim=dim, to=to, size=size, dtype=dtype or kept_type(x))


def in_order(x: xr.Variable) -> list[Hashable]:
    """Dimensions of `x` in the order its numbers lie in, farthest apart first."""
    strides = x.data.strides
    return [x.dims[i] for i in sorted(range(x.ndim), key=lambda i: -abs(strides[i]))]


def laid(x: xr.Variable, dims: Sequence[Hashable]) -> Array:
    """Values with an axis for each of `dims`, of length 1 where `x` has none."""
    held: Array = x.data.transpose([x.dims.index(d) for d in dims if d in x.dims])
    return held[tuple(slice(None) if d in x.dims else np.newaxis for d in dims)]


def kept_type(x: xr.Variable) -> np.dtype[Any]:
    """Floating type that results on `x` have: its own, or float64 for whole numbers."""
    if elsewhere(x):
        xp = namespace(x.data)
        return np.dtype(np.float32 if x.data.dtype == xp.float32 else np.float64)
    return np.dtype(x.dtype) if np.issubdtype(x.dtype, np.floating) else np.dtype(np.float64)


def _broadcast(
    function: Kernel,
    arrays: Sequence[xr.Variable],
    *,
    dtype: np.dtype[Any],
    dim: str | None = None,
    to: str | None = None,
    size: int = 0,
) -> xr.Variable:
    """Apply `function`, seeing `dim` whole where one is named, to arrays lined up by their dimensions."""
    loops = [d for d in dict.fromkeys(d for a in arrays for d in a.dims) if d != dim]
    final = [*loops, to] if to else loops
    if any(map(chunked, arrays)):
        again = partial(_broadcast, function, dtype=dtype, dim=dim, to=to, size=size)
        return lazily(again, arrays, final, dtype=dtype, whole=dim, new={to: size} if to else {})
    if any(map(elsewhere, arrays)):
        return _at_once(function, arrays, loops, dtype=dtype, dim=dim, to=to, size=size).transpose(*final)
    order = [*dict.fromkeys(d for d in (*in_order(arrays[0]), *loops) if d != dim)]
    inside = order if dim is None else [dim, *order]
    values = _walked(function, *(laid(a, inside) for a in arrays), core=dim is not None, size=size, dtype=dtype)
    return xr.Variable([to, *order] if to else order, values).transpose(*final)


def _walked(function: Kernel, *arrays: Array, core: bool, size: int, dtype: np.dtype[Any]) -> Array:
    """Apply `function` block by block to arrays with the same axes, the first of them seen whole where `core`."""
    loops = np.broadcast_shapes(*(a.shape[core:] for a in arrays))
    out: Array = np.empty((size, *loops) if size else loops, dtype)
    front: Tile = (slice(None),) if size else ()

    def work(tile: Tile) -> None:
        place: tuple[Any, ...] = (*front, *tile, ...)  # a view, also of a single value
        function(*(cut(a, tile) for a in arrays), out=out[place])

    width = max(1, size, *(len(a) for a in arrays if core))
    run(work, tiles(loops, max(1, tiling.BLOCK // width)))
    return out


def _at_once(
    function: Kernel,
    arrays: Sequence[xr.Variable],
    loops: Sequence[Hashable],
    *,
    dtype: np.dtype[Any],
    dim: str | None,
    to: str | None,
    size: int,
) -> xr.Variable:
    """Apply `function` to arrays of another library than numpy, as a single block."""
    like = next(a.data for a in arrays if elsewhere(a))
    xp = namespace(like)
    dims = list(loops) if dim is None else [dim, *loops]
    placed = [lined(a, dims, like) for a in arrays]
    shape = np.broadcast_shapes(*(a.shape[len(dims) - len(loops) :] for a in placed))
    out = xp.empty((size, *shape) if size else shape, dtype=getattr(xp, dtype.name), device=like.device)
    function(*placed, out=out)
    return xr.Variable([to, *loops] if to else list(loops), out)


def lined(x: xr.Variable, dims: Sequence[Hashable], like: Any) -> Any:
    """Values in the library of `like`, with an axis for each of `dims`; numbers as float64."""
    array = x.data if elsewhere(x) else there(np.asarray(x.data), like)
    xp = namespace(like)
    array = xp.permute_dims(array, tuple(x.dims.index(d) for d in dims if d in x.dims))
    array = array[tuple(slice(None) if d in x.dims else None for d in dims)]
    return array if array.dtype == xp.bool else xp.astype(array, xp.float64)
