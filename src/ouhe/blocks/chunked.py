"""Chunked arrays: the functions that work on arrays in memory, done chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate, pairwise, product
from typing import Any, Literal, overload

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import engine
from ouhe.blocks.namespaces import chunked
from ouhe.blocks.tiles import alone

__all__ = ["lazily", "pieces"]

Array = NDArray[Any]

#: Where a chunk lies: the part of each dimension.
Window = Mapping[Hashable, slice]


@overload
def pieces(
    function: Callable[..., tuple[Array, ...]], x: xr.Variable, *given: xr.Variable, step: str = ...
) -> list[tuple[Array, ...]]: ...
@overload
def pieces(
    function: Callable[..., tuple[Array, ...]],
    x: xr.Variable,
    *given: xr.Variable,
    step: str = ...,
    placed: Literal[True],
) -> list[tuple[Window, tuple[Array, ...]]]: ...
def pieces(
    function: Callable[..., tuple[Array, ...]],
    x: xr.Variable,
    *given: xr.Variable,
    step: str = "compute",
    placed: bool = False,
) -> list[Any]:
    """What a function gives for every chunk of an array.

    Parameters
    ----------
    function
        Gets a chunk of `x` and what lies there of each of `given`, as variables in memory, and gives a tuple of small
        arrays.
    x
        The array. One that is not chunked is a single chunk.
    *given
        Arrays with some of the dimensions of `x`, in memory or chunked.
    step
        Name of the step, for progress.
    placed
        Say of each piece where its chunk lies.

    Returns
    -------
    list
        A tuple a chunk, in the order of the chunks (the last dimension runs fastest); with `placed` pairs of the
        part of each dimension and the tuple.

    Examples
    --------
    >>> x = xr.Variable(("region", "year"), np.arange(6.0).reshape(3, 2))
    >>> pieces(lambda a: (a.values.sum(),), x)
    [(np.float64(15.0),)]
    """
    if not chunked(x):
        whole: Window = {d: slice(0, n) for d, n in x.sizes.items()}
        made = function(x, *given)
        return [(whole, made)] if placed else [made]
    import dask

    windows = list(_windows(x))
    lined = [_cut_alike(v, x) for v in given]
    blocks = x.data.to_delayed().ravel()
    others = [v.data.to_delayed() if chunked(v) else None for v in lined]
    call = dask.delayed(partial(_on_chunk, function, [v.dims for v in (x, *lined)]), pure=False)
    tasks = []
    for (number, window), block in zip(windows, blocks, strict=True):
        rest = [_part(v, o, number, window, x) for v, o in zip(lined, others, strict=True)]
        tasks.append(call(block, *rest))
    found = engine.collect(tasks, step=step)
    return [(w, f) for (_, w), f in zip(windows, found, strict=True)] if placed else found


def lazily(
    function: Callable[[Sequence[xr.Variable]], xr.Variable],
    arrays: Sequence[xr.Variable],
    dims: Sequence[Hashable],
    *,
    dtype: np.dtype[Any],
    whole: Hashable | None,
    new: Mapping[str, int],
) -> xr.Variable:
    """What a function makes of arrays, chunk by chunk, once the values are asked for.

    Parameters
    ----------
    function
        Gets the chunks as variables in memory and gives one with the dimensions `dims`, in any order.
    arrays
        The arrays, of which some are chunked.
    dims
        Dimensions of the result.
    dtype
        Its type.
    whole
        Dimension that a chunk has whole, and that the result lacks or has anew.
    new
        Length of a dimension that the result has anew.

    Returns
    -------
    xarray.Variable
        A chunked array.
    """
    from dask import array as da

    # a dimension that comes back with another length is another dimension to dask
    fresh: dict[Hashable, str] = {d: f"{d}, anew" for d in new}
    arranged = [v.chunk({whole: -1}) if chunked(v) and whole in v.dims else v for v in arrays]
    operands: list[Any] = []
    for v in arranged:
        operands += [v.data, tuple(v.dims)]
    values = da.blockwise(
        partial(_made, function, [v.dims for v in arranged], tuple(dims)),
        tuple(fresh.get(d, d) for d in dims),
        *operands,
        new_axes={fresh[d]: n for d, n in new.items()},
        dtype=dtype,
        meta=np.empty((0,) * len(dims), dtype),
        concatenate=False,  # which would lay a chunk anew, also a single one
    )
    return xr.Variable(dims, values)


def _made(
    function: Callable[..., xr.Variable], named: Sequence[Sequence[Hashable]], dims: Sequence[Hashable], *chunks: Any
) -> Array:
    """Do `function` on chunks; the axes come as `dims` say."""
    with alone():
        parts = [xr.Variable(d, _single(c)) for d, c in zip(named, chunks, strict=True)]
        found: Array = function(parts).transpose(*dims).data
    return found


def _single(chunk: Any) -> Array:
    """The one chunk along a dimension that is had whole, which comes in a list for every such dimension."""
    while isinstance(chunk, list):
        (chunk,) = chunk
    held: Array = chunk
    return held


def _on_chunk(
    function: Callable[..., tuple[Array, ...]], named: Sequence[Sequence[Hashable]], *chunks: Array
) -> tuple[Array, ...]:
    """Do `function` on chunks, on this core."""
    with alone():
        return function(*(xr.Variable(d, c) for d, c in zip(named, chunks, strict=True)))


def _windows(x: xr.Variable) -> Iterator[tuple[dict[Hashable, int], Window]]:
    """Number along each dimension and place of every chunk, in order."""
    ends = [[0, *accumulate(sizes)] for sizes in x.data.chunks]
    spans = [[slice(a, b) for a, b in pairwise(e)] for e in ends]
    for numbers in product(*(range(len(s)) for s in spans)):
        window = {d: s[n] for d, s, n in zip(x.dims, spans, numbers, strict=True)}
        yield dict(zip(x.dims, numbers, strict=True)), window


def _cut_alike(v: xr.Variable, x: xr.Variable) -> xr.Variable:
    """`v`, chunked as `x` where it is chunked."""
    if not chunked(v):
        return v
    sizes = dict(zip(x.dims, x.data.chunks, strict=True))
    return v.chunk({d: sizes[d] for d in v.dims})


def _part(v: xr.Variable, blocks: Any, number: Mapping[Hashable, int], window: Window, x: xr.Variable) -> Any:
    """What lies of `v` where a chunk of `x` lies."""
    if blocks is not None:
        return blocks[tuple(number[d] for d in v.dims)]
    return v.data[tuple(window[d] if d in x.dims else slice(None) for d in v.dims)]
