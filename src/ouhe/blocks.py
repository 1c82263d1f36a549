"""Walk an array in blocks that stay in the processor's cache, on several cores; chunked arrays stay lazy.

The functions handed in see plain float64 arrays, whatever the array's own type, and leave them alone. Blocks are cut
in the order in which the numbers lie in memory, so that nothing is turned around on the way. The cut does not depend
on the number of cores, so neither do the results. All works on ``xarray.Variable``, values with named dimensions and
nothing else: on a small panel, carrying labels through every step would take longer than the arithmetic.
:func:`labelled` puts them back at the end.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["Function", "Kernel", "along", "cells", "extremes", "labelled", "sums", "workers"]

Array = NDArray[Any]
Tile = tuple[slice, ...]
Function = Callable[..., Array]
Kernel = Callable[..., object]
R = TypeVar("R")

#: Numbers in a block: 2 MiB of float64, so that it and what is made of it stay in the cache.
BLOCK = 1 << 18

#: Numbers in a row below which numpy spends more on the row than on its numbers.
RUN = 1 << 9

#: Most threads at a time: each holds blocks of its own, and more of them wait for memory rather than for a core.
MOST_WORKERS = 8


def workers(pieces: int) -> int:
    """How many threads share so many pieces of work: no more than the cores this process may use, and than eight."""
    # a container or a batch system may grant fewer cores than there are; not every system can tell
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(pieces, cores, MOST_WORKERS))


def _tiles(shape: tuple[int, ...], most: int) -> list[Tile]:
    """Cut `shape` along its first axes into tiles of at most `most` numbers, in order."""
    if math.prod(shape) <= most:
        return [(slice(None),) * len(shape)]
    inner = math.prod(shape[1:])
    if inner <= most or len(shape) == 1:
        step = max(1, most // inner)
        rest = (slice(None),) * (len(shape) - 1)
        return [(slice(i, i + step), *rest) for i in range(0, shape[0], step)]
    return [(slice(i, i + 1), *rest) for i in range(shape[0]) for rest in _tiles(shape[1:], most)]


def _run(work: Callable[[Tile], R], tiles: Sequence[Tile]) -> list[R]:
    """Do `work` on every tile; results in the tiles' order."""
    threads = workers(len(tiles))
    if threads == 1:
        with np.errstate(all="ignore"):
            return [work(tile) for tile in tiles]
    # one shared supply, so that a core that is busy elsewhere holds up no more than a block
    supply = SimpleQueue[int]()
    for number in range(len(tiles)):
        supply.put(number)
    done: dict[int, R] = {}

    def pull() -> None:
        with np.errstate(all="ignore"), suppress(Empty):
            while True:
                number = supply.get_nowait()
                done[number] = work(tiles[number])

    with ThreadPoolExecutor(threads) as pool:
        for finished in [pool.submit(pull) for _ in range(threads)]:
            finished.result()
    return [done[number] for number in range(len(tiles))]


def _cut(array: Array, tile: Tile) -> Array:
    """Part of `array`, as float64, at `tile`, whose axes are the array's last; an axis of length 1 has all places."""
    core = array.ndim - len(tile)
    part: list[slice] = [slice(None)] * core
    part += [s if n > 1 else slice(None) for s, n in zip(tile, array.shape[core:], strict=True)]
    return array[tuple(part)].astype(np.float64, copy=False)


def _walk(*arrays: Array, function: Kernel, core: bool, size: int, dtype: np.dtype[Any]) -> Array:
    """Apply `function` block by block to arrays with the same axes, the first of them seen whole where `core`."""
    loops = np.broadcast_shapes(*(a.shape[core:] for a in arrays))
    out: Array = np.empty((size, *loops) if size else loops, dtype)
    front: Tile = (slice(None),) if size else ()

    def work(tile: Tile) -> None:
        place: tuple[Any, ...] = (*front, *tile, ...)  # a view, also of a single value
        function(*(_cut(a, tile) for a in arrays), out=out[place])

    width = max(1, size, *(len(a) for a in arrays if core))
    _run(work, _tiles(loops, max(1, BLOCK // width)))
    return out


def _walk_chunk(*arrays: Array, walk: Callable[..., Array], cores: Sequence[bool], outer: bool) -> Array:
    """Do `walk` on a chunk; the dimension worked along stands last in arrays that have it, and in the result."""
    spread = [
        np.moveaxis(a, -1, 0) if c else a[np.newaxis] if any(cores) else a for a, c in zip(arrays, cores, strict=True)
    ]
    most = max(a.ndim for a in spread)
    core = int(any(cores))
    out = walk(*(np.expand_dims(a, tuple(range(core, core + most - a.ndim))) for a in spread))
    return np.moveaxis(out, 0, -1) if outer else out


def _lazy(x: xr.Variable) -> bool:
    """Whether `x` is chunked; asking for its chunks would take longer."""
    return not isinstance(x.data, np.ndarray)


def _kept_type(x: xr.Variable) -> np.dtype[Any]:
    """Floating type that results on `x` have: its own, or float64 for whole numbers."""
    return np.dtype(x.dtype) if np.issubdtype(x.dtype, np.floating) else np.dtype(np.float64)


def _in_memory(x: xr.Variable) -> list[Hashable]:
    """Dimensions of `x` in the order its numbers lie in, farthest apart first."""
    strides = x.data.strides
    return [x.dims[i] for i in sorted(range(x.ndim), key=lambda i: -abs(strides[i]))]


def _laid(x: xr.Variable, dims: Sequence[Hashable]) -> Array:
    """Values with an axis for each of `dims`, of length 1 where `x` has none."""
    held: Array = x.data.transpose([x.dims.index(d) for d in dims if d in x.dims])
    return held[tuple(slice(None) if d in x.dims else np.newaxis for d in dims)]


def cells(function: Kernel, x: xr.Variable, *given: xr.Variable, dtype: np.dtype[Any] | None = None) -> xr.Variable:
    """Apply a function of single cells to arrays that broadcast against one another, block by block.

    Parameters
    ----------
    function
        Gets a float64 block of each array, broadcasting, and writes into `out`.
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
    return _broadcast(function, [x, *given], dtype=dtype)


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
        Gets a float64 block ``(dim, …)`` of each array, broadcasting, and writes into `out`: ``(to, …)``, or ``(…)``
        without `to`.
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
    return _broadcast(function, [x, *others], dim=dim, to=to, size=size, dtype=dtype)


def _broadcast(
    function: Kernel,
    arrays: Sequence[xr.Variable],
    *,
    dim: str | None = None,
    to: str | None = None,
    size: int = 0,
    dtype: np.dtype[Any] | None,
) -> xr.Variable:
    """Apply `function`, seeing `dim` whole where one is named, to arrays lined up by their dimensions."""
    kind = dtype or _kept_type(arrays[0])
    walk = partial(_walk, function=function, core=dim is not None, size=size, dtype=kind)
    loops = [d for d in dict.fromkeys(d for a in arrays for d in a.dims) if d != dim]
    final = [*loops, to] if to else loops
    if any(map(_lazy, arrays)):
        return _chunked(walk, arrays, dim=dim, to=to, size=size, dtype=kind).transpose(*final)
    order = [*dict.fromkeys(d for d in (*_in_memory(arrays[0]), *loops) if d != dim)]
    values = walk(*(_laid(a, order if dim is None else [dim, *order]) for a in arrays))
    return xr.Variable([to, *order] if to else order, values).transpose(*final)


def _chunked(
    walk: Callable[..., Array],
    arrays: Sequence[xr.Variable],
    *,
    dim: str | None,
    to: str | None,
    size: int,
    dtype: np.dtype[Any],
) -> xr.Variable:
    """Walk chunk by chunk, once the values are asked for; `dim` is brought into a single chunk."""
    cores = [dim in a.dims for a in arrays]
    out: xr.Variable = xr.apply_ufunc(
        partial(_walk_chunk, walk=walk, cores=cores, outer=size > 0),
        *(a.chunk({dim: -1}) if c and _lazy(a) else a for a, c in zip(arrays, cores, strict=True)),
        input_core_dims=[[dim] if c else [] for c in cores],
        output_core_dims=[[to] if to else []],
        dask="parallelized",
        output_dtypes=[dtype],
        dask_gufunc_kwargs={"output_sizes": {to: size}} if to and to != dim else {},
    )
    return out


def labelled(
    values: xr.Variable, *like: xr.DataArray, name: str | None = None, new: Mapping[Hashable, Any] | None = None
) -> xr.DataArray:
    """Put labels on values: every coordinate of `like` whose dimensions the values have; the first named counts.

    Parameters
    ----------
    values
        Values with named dimensions.
    *like
        Arrays with the labels.
    name
        Name of the result.
    new
        Coordinates that no array has yet.

    Returns
    -------
    xarray.DataArray
        The values, labelled.

    Examples
    --------
    >>> x = xr.DataArray([[1.0, 2.0]], dims=("region", "year"), coords={"region": ["a"], "year": [2020, 2021]})
    >>> labelled(xr.Variable(("year",), [5.0, 6.0]), x).sel(year=2021).item()
    6.0
    """
    dims = set(values.dims)
    variables: dict[Hashable, xr.Variable] = {}
    indexes: dict[Hashable, xr.Index] = {}
    for coords in (*(x.coords for x in reversed(like)), *([xr.Coordinates(new)] if new else [])):
        variables |= {k: v for k, v in coords.variables.items() if dims.issuperset(v.dims)}
        indexes |= {k: i for k, i in coords.xindexes.items() if k in variables}
    # indexes are handed over, because building them anew would cost more than most arithmetic
    return xr.DataArray(values, coords=xr.Coordinates(variables, indexes=indexes), name=name)


def extremes(x: xr.Variable, over: Sequence[Hashable]) -> tuple[xr.Variable, xr.Variable]:
    """Smallest and largest value over some dimensions, in one pass; a NaN anywhere gives NaN.

    Examples
    --------
    >>> low, high = extremes(xr.Variable(("region", "indicator"), [[1.0, 2.0], [3.0, 0.0]]), ["region"])
    >>> low.values, high.values
    (array([1., 0.]), array([3., 2.]))
    """
    if _lazy(x):
        low, high = _computed(x.min(over, skipna=False), x.max(over, skipna=False))
        return low.astype(float), high.astype(float)
    low, high = _reduced(x, over, [(None, np.minimum, np.inf), (None, np.maximum, -np.inf)])
    return low, high


def sums(
    x: xr.Variable, over: Sequence[Hashable], *functions: Function | None, given: Sequence[xr.Variable] = ()
) -> tuple[xr.Variable, ...]:
    """Sum each function of the cells over some dimensions, in float64 and in one pass.

    Parameters
    ----------
    x
        The array; a chunked one is computed.
    over
        Dimensions to sum over.
    *functions
        Functions of single cells: get a block of `x` and of each of `given`, broadcasting. None sums the cells.
    given
        Arrays without any of the dimensions `over`, for instance the means.

    Returns
    -------
    tuple of xarray.Variable
        One a function, with the dimensions that are left.

    Examples
    --------
    >>> x = xr.Variable(("region", "indicator"), [[1.0, 2.0], [3.0, 0.0]])
    >>> [s.values.tolist() for s in sums(x, ["region"], None, lambda a: a * a)]
    [[4.0, 2.0], [10.0, 4.0]]
    """
    if _lazy(x):
        return _chunked_sums(x, over, functions, given)
    return _reduced(x, over, [(f, np.add, 0.0) for f in functions], given)


def _reduced(
    x: xr.Variable,
    over: Sequence[Hashable],
    parts: Sequence[tuple[Function | None, np.ufunc, float]],
    given: Sequence[xr.Variable] = (),
) -> tuple[xr.Variable, ...]:
    """Reduce functions of the cells over some dimensions, each by its ufunc from its first value."""
    dims = _in_memory(x)
    kept = [d for d in x.dims if d not in over]
    axes = [i for i, d in enumerate(dims) if d in over]
    a, *more = (_laid(v, dims) for v in (x, *given))
    tiles = _tiles(a.shape, BLOCK)

    def work(tile: Tile) -> list[Array]:
        block, *rest = (_cut(v, tile) for v in (a, *more))
        return [_shrunk(block if f is None else f(block, *rest), ufunc, axes) for f, ufunc, _ in parts]

    found = [np.full([1 if i in axes else n for i, n in enumerate(a.shape)], first) for _, _, first in parts]
    for tile, pieces in zip(tiles, _run(work, tiles), strict=True):
        at = tuple(slice(None) if i in axes else s for i, s in enumerate(tile))
        for whole, piece, (_, ufunc, _) in zip(found, pieces, parts, strict=True):
            ufunc(whole[at], piece, out=whole[at])
    left = [d for d in dims if d in kept]
    return tuple(xr.Variable(left, w.squeeze(tuple(axes))).transpose(*kept) for w in found)


def _shrunk(block: Array, ufunc: np.ufunc, axes: Sequence[int]) -> Array:
    """Reduce `axes` to length 1, one by one from the outermost, because inner loops are longest that way."""
    for axis in axes:
        length, inner = block.shape[axis], math.prod(block.shape[axis + 1 :])
        beside = RUN // max(1, inner)
        if axis == 0 and 1 < beside <= length // 2:
            # short rows are laid side by side
            fit = length - length % beside
            rows = block[:fit].reshape(fit // beside, beside, *block.shape[1:])
            block = np.concatenate([ufunc.reduce(rows, axis=0), block[fit:]])
        block = ufunc.reduce(block, axis=axis, keepdims=True)
    return block


def _chunked_sums(
    x: xr.Variable, over: Sequence[Hashable], functions: Sequence[Function | None], given: Sequence[xr.Variable]
) -> tuple[xr.Variable, ...]:
    """Sum a chunked array, all functions in one walk over its chunks."""

    def kernel(f: Function, *arrays: Array) -> Array:
        with np.errstate(all="ignore"):
            return f(*(np.asarray(a, dtype=np.float64) for a in arrays))

    parts = (
        x.astype(float)
        if f is None
        else xr.apply_ufunc(partial(kernel, f), x, *given, dask="parallelized", output_dtypes=[float])
        for f in functions
    )
    return _computed(*(p.sum(over, skipna=False) for p in parts))


def _computed(*lazy: xr.Variable) -> tuple[xr.Variable, ...]:
    """Compute several arrays in one walk over the chunks they share."""
    done = xr.Dataset({str(i): v for i, v in enumerate(lazy)}).compute()
    return tuple(done[str(i)].variable for i in range(len(lazy)))
