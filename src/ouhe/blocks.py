"""Walk an array in blocks that stay in the processor's cache, on every core; chunked arrays stay lazy.

The functions handed in see plain float64 arrays with the named dimension first, whatever the array's own type and
order; they return new arrays and leave their arguments alone. What comes back lies in memory with the named dimension
outermost, so that the next stage reads long runs of one indicator. The cut into blocks does not depend on the number
of cores, so neither do the results. All works on ``xarray.Variable``, values with named dimensions and nothing else:
on a small panel, carrying labels through every step would take longer than the arithmetic. :func:`labelled` puts them
back at the end.
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

__all__ = ["along", "extremes", "labelled", "sums"]

Array = NDArray[Any]
Tile = tuple[slice, ...]
Kernel = Callable[..., Array]
R = TypeVar("R")

#: Numbers in a block: 1 MiB of float64, about a core's own cache.
BLOCK = 1 << 17


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


def _run(work: Callable[[Tile], R], shape: tuple[int, ...], width: int) -> list[R]:
    """Do `work` on every tile of `shape`, `width` numbers standing at each place; results in the tiles' order."""
    tiles = _tiles(shape, max(1, BLOCK // max(1, width)))
    workers = min(len(tiles), os.cpu_count() or 1)
    if workers == 1:
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

    with ThreadPoolExecutor(workers) as pool:
        for finished in [pool.submit(pull) for _ in range(workers)]:
            finished.result()
    return [done[number] for number in range(len(tiles))]


def _doubles(block: Array) -> Array:
    """Block as float64 with long runs in memory, copied only where it is not so already."""
    if block.dtype == np.float64 and (block.ndim == 0 or block.strides[-1] == block.itemsize):
        return block
    return np.array(block, dtype=np.float64, order="C")


def _cut(array: Array, tile: Tile) -> Array:
    """Part of `array` at `tile`, whose axes are the array's last; an axis of length 1 stands for all places."""
    core = array.ndim - len(tile)
    part: list[slice] = [slice(None)] * core
    part += [s if n > 1 else slice(None) for s, n in zip(tile, array.shape[core:], strict=True)]
    return _doubles(array[tuple(part)])


def _spread(array: Array, *, core: bool, loops: int) -> Array:
    """Dimension worked along first, then exactly `loops` axes, of length 1 where the array has none."""
    if not core:
        return np.expand_dims(array, tuple(range(loops - array.ndim)))
    return np.expand_dims(np.moveaxis(array, -1, 0), tuple(range(1, loops - array.ndim + 2)))


def _walk(*arrays: Array, function: Kernel, cores: Sequence[bool], size: int, dtype: np.dtype[Any]) -> Array:
    """Kernel of :func:`along` on plain arrays that carry the dimension worked along, where `cores`, last."""
    shapes = [a.shape[:-1] if c else a.shape for a, c in zip(arrays, cores, strict=True)]
    loops = np.broadcast_shapes(*shapes)
    spread = [_spread(a, core=c, loops=len(loops)) for a, c in zip(arrays, cores, strict=True)]
    out: Array = np.empty((size, *loops) if size else loops, dtype)
    front: Tile = (slice(None),) if size else ()

    def work(tile: Tile) -> None:
        out[front + tile] = function(*(_cut(a, tile) for a in spread))

    _run(work, loops, max(size, *(a.shape[0] if c else 1 for a, c in zip(spread, cores, strict=True))))
    return np.moveaxis(out, 0, -1) if size else out


def _kept_type(x: xr.Variable) -> np.dtype[Any]:
    """Floating type that results on `x` have: its own, or float64 for whole numbers."""
    return np.dtype(x.dtype) if np.issubdtype(x.dtype, np.floating) else np.dtype(np.float64)


def _whole(x: xr.Variable, dim: str | None) -> xr.Variable:
    """`x` with `dim` in a single chunk, where it is chunked."""
    return x.chunk({dim: -1}) if dim in x.dims and x.chunks is not None else x


def along(
    dim: str | None,
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
        Dimension that `function` sees whole and first; None for a function of single cells.
    function
        Gets a float64 block of each array, ``(dim, …)`` or, for an array without `dim`, ``(…)``; the other axes
        broadcast. Gives ``(to, …)``, or ``(…)`` without `to`.
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
        The broadcast dimensions, then `to`.

    Examples
    --------
    >>> x = xr.Variable(("region", "system"), [[1.0, 2.0], [3.0, 5.0]])
    >>> along("system", lambda u: u[1] - u[0], x).values
    array([1., 2.])
    """
    arrays = [_whole(a, dim) for a in (x, *others)]
    cores = [dim in a.dims for a in arrays]
    kind = dtype or _kept_type(x)
    out: xr.Variable = xr.apply_ufunc(
        partial(_walk, function=function, cores=cores, size=size, dtype=kind),
        *arrays,
        input_core_dims=[[dim] if c else [] for c in cores],
        output_core_dims=[[to] if to else []],
        dask="parallelized",
        output_dtypes=[kind],
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
    for coords in (*(x.coords for x in reversed(like)), xr.Coordinates(new or {})):
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
    if x.chunks is not None:
        low, high = _computed(x.min(over, skipna=False), x.max(over, skipna=False))
        return low.astype(float), high.astype(float)

    def kernel(a: Array) -> tuple[Array, Array]:
        axes = tuple(range(a.ndim - len(over), a.ndim))

        def work(tile: Tile) -> tuple[Array, Array]:
            block = _cut(a, tile)
            return block.min(axis=axes), block.max(axis=axes)

        lows, highs = zip(*_run(work, a.shape[axes[0] :], math.prod(a.shape[: axes[0]])), strict=True)
        return np.minimum.reduce(lows), np.maximum.reduce(highs)

    low, high = xr.apply_ufunc(kernel, x, input_core_dims=[list(over)], output_core_dims=[[], []])
    return low, high


def sums(
    x: xr.Variable, over: Sequence[Hashable], *functions: Kernel, given: Sequence[xr.Variable] = ()
) -> tuple[xr.Variable, ...]:
    """Sum each function of the cells over some dimensions, in float64 and in one pass.

    Parameters
    ----------
    x
        The array; a chunked one is computed.
    over
        Dimensions to sum over.
    *functions
        Functions of single cells: get a block of `x` and of each of `given`, broadcasting.
    given
        Arrays without any of the dimensions `over`, for instance the means.

    Returns
    -------
    tuple of xarray.Variable
        One a function, with the dimensions that are left.

    Examples
    --------
    >>> x = xr.Variable(("region", "indicator"), [[1.0, 2.0], [3.0, 0.0]])
    >>> [s.values.tolist() for s in sums(x, ["region"], lambda a: a, lambda a: a * a)]
    [[4.0, 2.0], [10.0, 4.0]]
    """
    if x.chunks is not None:
        return _chunked_sums(x, over, functions, given)

    def kernel(a: Array, *more: Array) -> Array | tuple[Array, ...]:
        axes = tuple(range(a.ndim - len(over), a.ndim))
        rest = [m.reshape(m.shape + (1,) * len(axes)) for m in more]

        def work(tile: Tile) -> list[Array]:
            block = _cut(a, tile)
            return [f(block, *rest).sum(axis=axes) for f in functions]

        parts = _run(work, a.shape[axes[0] :], math.prod(a.shape[: axes[0]]))
        totals = tuple(np.add.reduce(p) for p in zip(*parts, strict=True))
        return totals if len(totals) > 1 else totals[0]

    out = xr.apply_ufunc(
        kernel,
        x,
        *given,
        input_core_dims=[list(over), *([] for _ in given)],
        output_core_dims=[[] for _ in functions],
    )
    return out if len(functions) > 1 else (out,)


def _chunked_sums(
    x: xr.Variable, over: Sequence[Hashable], functions: Sequence[Kernel], given: Sequence[xr.Variable]
) -> tuple[xr.Variable, ...]:
    """Sum a chunked array, all functions in one walk over its chunks."""

    def kernel(f: Kernel, *arrays: Array) -> Array:
        with np.errstate(all="ignore"):
            return f(*(np.asarray(a, dtype=np.float64) for a in arrays))

    parts = (
        xr.apply_ufunc(partial(kernel, f), x, *given, dask="parallelized", output_dtypes=[float]) for f in functions
    )
    return _computed(*(p.sum(over, skipna=False) for p in parts))


def _computed(*lazy: xr.Variable) -> tuple[xr.Variable, ...]:
    """Compute several arrays in one walk over the chunks they share."""
    done = xr.Dataset({str(i): v for i, v in enumerate(lazy)}).compute()
    return tuple(done[str(i)].variable for i in range(len(lazy)))
