"""Extremes and sums of functions of the cells, in one pass."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.blocks import tiles as tiling
from ouhe.blocks.chunked import pieces
from ouhe.blocks.namespaces import axes_of, chunked, elsewhere, in_memory, namespace
from ouhe.blocks.tiles import Tile, cut, run, tiles
from ouhe.blocks.walking import Function, in_order, laid, lined

__all__ = ["extremes", "know_extremes", "sums"]

Array = NDArray[Any]

#: Numbers in a row below which numpy spends more on the row than on its numbers.
RUN = 1 << 9

#: What is reduced: a function of the cells (None for the cells themselves), how, and from which first value.
Part = tuple[Function | None, np.ufunc, float]

#: Extremes of chunked arrays that whoever read them knows, by the name of the array, which tells its content.
_known: dict[str, tuple[xr.Variable, xr.Variable]] = {}

#: Sums of the rows of a table: gets values and which columns count.
RowSums = Callable[[Array, Array | None], Array]

#: Columns of a table that a thread sums at a time.
PIECE = 1 << 18

#: Extremes by their ufuncs.
ENDS: tuple[Part, ...] = ((None, np.minimum, np.inf), (None, np.maximum, -np.inf))


def extremes(
    x: xr.Variable, over: Sequence[Hashable], *, inside: xr.Variable | None = None
) -> tuple[xr.Variable, xr.Variable]:
    """Smallest and largest value over some dimensions, in one pass; a NaN anywhere gives NaN.

    Parameters
    ----------
    x
        The array; a chunked one is computed.
    over
        Dimensions to reduce.
    inside
        Where cells count (bool, dimensions of `x`); all where left out. What stands elsewhere is never looked at.

    Returns
    -------
    tuple of xarray.Variable
        Least and largest, with the dimensions that are left; ∞ and −∞ where no cell counts.

    Examples
    --------
    >>> low, high = extremes(xr.Variable(("region", "indicator"), [[1.0, 2.0], [3.0, 0.0]]), ["region"])
    >>> low.values, high.values
    (array([1., 0.]), array([3., 2.]))
    """
    known = _known.get(x.data.name) if chunked(x) and inside is None else None
    if known is not None and set(known[0].dims) == set(x.dims) - set(over):
        return known
    low, high = _reduced(x, over, ENDS, inside=inside)
    return low, high


def know_extremes(x: xr.Variable, low: xr.Variable, high: xr.Variable) -> None:
    """Have :func:`extremes` take the least and greatest values of a chunked array as known.

    Parameters
    ----------
    x
        The array. What is made of it is another array, of which nothing is known.
    low, high
        Its least and greatest values, as :func:`extremes` gives them.

    Examples
    --------
    >>> x = xr.Variable(("region", "indicator"), [[1.0, 2.0], [3.0, 0.0]]).chunk(region=1)
    >>> know_extremes(x, *extremes(x, ["region"]))
    """
    _known[x.data.name] = (low, high)
    weakref.finalize(x.data, _known.pop, x.data.name, None)  # known as long as the array is there


def sums(
    x: xr.Variable,
    over: Sequence[Hashable],
    *functions: Function | None,
    given: Sequence[xr.Variable] = (),
    inside: xr.Variable | None = None,
    by_rows: RowSums | None = None,
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
    inside
        As in :func:`extremes`.
    by_rows
        The same sums of the rows of a table, compiled, for arrays that lie in memory as one: gets values ``(row,
        column)`` in their own type and which columns count (bool; None for all), and gives ``(function, row)``.

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
    parts: list[Part] = [(f, np.add, 0.0) for f in functions]
    return _reduced(x, over, parts, given, inside=inside, by_rows=by_rows)


def _reduced(
    x: xr.Variable,
    over: Sequence[Hashable],
    parts: Sequence[Part],
    given: Sequence[xr.Variable] = (),
    *,
    inside: xr.Variable | None = None,
    by_rows: RowSums | None = None,
) -> tuple[xr.Variable, ...]:
    """Reduce functions of the cells over some dimensions, each by its ufunc from its first value."""
    if chunked(x):
        return _merged(x, over, parts, given=given, inside=inside, by_rows=by_rows)
    if elsewhere(x):
        return _at_once(x, over, parts, given=given, inside=inside)
    rows = None if by_rows is None else _rows(x, over, inside)
    if rows is not None and by_rows is not None:
        return _row_sums(rows, by_rows, _kept(x, over))
    dims = in_order(x)
    reduced = [i for i, d in enumerate(dims) if d in over]
    (a, *more), axes = _joined([laid(v, dims) for v in (x, *given, *([] if inside is None else [inside]))], reduced)
    casts = any(f is not None or ufunc is np.add for f, ufunc, _ in parts)

    def work(tile: Tile) -> list[Array]:
        plain = a[tile]
        block = cut(a, tile) if casts else plain  # extremes are exact in any type
        rest = [cut(v, tile) for v in more]
        counted = None if inside is None else rest.pop()
        made = ((block if f is None else f(block, *rest), ufunc, first) for f, ufunc, first in parts)
        return [_shrunk(_only(values, counted, first), ufunc, axes) for values, ufunc, first in made]

    supply = tiles(a.shape, tiling.BLOCK)
    found = [np.full([1 if i in axes else n for i, n in enumerate(a.shape)], first) for _, _, first in parts]
    for tile, made in zip(supply, run(work, supply), strict=True):
        at = tuple(slice(None) if i in axes else s for i, s in enumerate(tile))
        for whole, piece, (_, ufunc, _) in zip(found, made, parts, strict=True):
            ufunc(whole[at], piece, out=whole[at])
    kept = _kept(x, over)
    left = [d for d in dims if d in kept]
    return tuple(xr.Variable(left, w.squeeze(tuple(axes))).transpose(*kept) for w in found)


def _joined(arrays: list[Array], axes: list[int]) -> tuple[list[Array], list[int]]:
    """Join axes that are reduced together and that only the first array has, because long rows are walked faster."""
    first, *others = arrays
    if not first.flags.c_contiguous:
        return arrays, axes
    shapes: list[list[int]] = [[] for _ in arrays]
    joins = False
    new_axes: list[int] = []
    for i in range(first.ndim):
        alone = i in axes and all(a.shape[i] == 1 for a in others)
        for shape, a in zip(shapes, arrays, strict=True):
            if alone and joins:
                shape[-1] *= a.shape[i]
            else:
                shape.append(a.shape[i])
        joins = alone
        if i in axes and (not new_axes or new_axes[-1] != len(shapes[0]) - 1):
            new_axes.append(len(shapes[0]) - 1)
    return [a.reshape(shape) for a, shape in zip(arrays, shapes, strict=True)], new_axes


@dataclass(frozen=True)
class _Rows:
    """An array as a table: rows along its first dimensions in memory, columns along those that are summed over."""

    table: Array
    counted: Array | None
    first: Sequence[Hashable]
    shape: tuple[int, ...]


def _rows(x: xr.Variable, over: Sequence[Hashable], inside: xr.Variable | None) -> _Rows | None:
    """`x` as a table; None where it does not lie in memory as one."""
    order = in_order(x)
    split = len(order)
    while split and order[split - 1] in (over if inside is None else inside.dims):
        split -= 1
    values, columns = laid(x, order), order[split:]
    whole = inside is None or set(columns) == set(inside.dims) <= set(over)
    if not columns or not whole or not values.flags.c_contiguous or values.dtype.kind != "f":
        return None
    counted = None if inside is None else laid(inside, columns).ravel()
    shape = values.shape[:split]
    return _Rows(values.reshape(math.prod(shape), -1), counted, order[:split], shape)


def _row_sums(rows: _Rows, by_rows: RowSums, kept: Sequence[Hashable]) -> tuple[xr.Variable, ...]:
    """Sums of rows, and over those of the first dimensions that are summed over too."""
    height, width = rows.table.shape

    def work(tile: Tile) -> Array:
        row, columns = tile
        return by_rows(rows.table[row, columns], None if rows.counted is None else rows.counted[columns])

    supply = tiles((height, width), PIECE)
    found: list[Array] = []
    for (row, _), part in zip(supply, run(work, supply), strict=True):
        found = found or [np.zeros(height) for _ in part]
        for whole, piece in zip(found, part, strict=True):
            whole[row] += piece
    gone = [i for i, d in enumerate(rows.first) if d not in kept]
    left = [d for d in rows.first if d in kept]
    shaped = (whole.reshape(rows.shape).sum(axis=tuple(gone)) for whole in found)
    return tuple(xr.Variable(left, v).transpose(*kept) for v in shaped)


def _kept(x: xr.Variable, over: Sequence[Hashable]) -> list[Hashable]:
    """Dimensions of `x` that are left."""
    return [d for d in x.dims if d not in over]


def _only(values: Array, counted: Array | None, first: float) -> Array:
    """Values, with what changes no sum and no extreme where cells do not count."""
    return values if counted is None else np.where(counted, values, first)


def _merged(
    x: xr.Variable,
    over: Sequence[Hashable],
    parts: Sequence[Part],
    *,
    given: Sequence[xr.Variable],
    inside: xr.Variable | None,
    by_rows: RowSums | None,
) -> tuple[xr.Variable, ...]:
    """Reduce chunk by chunk, and merge what they give in their order."""
    masked, kept = inside is not None, _kept(x, over)

    def reduced(chunk: xr.Variable, *more: xr.Variable) -> tuple[Array, ...]:
        rest = list(more)
        counted = rest.pop() if masked else None
        return tuple(v.values for v in _reduced(chunk, over, parts, rest, inside=counted, by_rows=by_rows))

    found = [np.full([x.sizes[d] for d in kept], first) for _, _, first in parts]
    for place, made in pieces(
        reduced, x, *given, *([inside] if inside is not None else []), step="reduce", placed=True
    ):
        at = tuple(place[d] for d in kept)
        for whole, piece, (_, ufunc, _) in zip(found, made, parts, strict=True):
            whole[at] = ufunc(whole[at], piece)
    return tuple(xr.Variable(kept, w) for w in found)


def _at_once(
    x: xr.Variable,
    over: Sequence[Hashable],
    parts: Sequence[Part],
    *,
    given: Sequence[xr.Variable],
    inside: xr.Variable | None,
) -> tuple[xr.Variable, ...]:
    """Reduce an array of another library than numpy; what is left, a number an indicator, comes into memory."""
    xp, kept = namespace(x.data), _kept(x, over)
    reductions: dict[Any, Any] = {np.add: xp.sum, np.minimum: xp.min, np.maximum: xp.max}
    block, *rest = (lined(v, x.dims, x.data) for v in (x, *given, *([] if inside is None else [inside])))
    counted = None if inside is None else rest.pop()
    found = []
    for f, ufunc, first in parts:
        values = block if f is None else xp.astype(f(block, *rest), xp.float64)
        if counted is not None:
            values = xp.where(counted, values, xp.asarray(first, dtype=xp.float64, device=values.device))
        found.append(in_memory(reductions[ufunc](values, axis=axes_of(x, over))))
    return tuple(xr.Variable(kept, v) for v in found)


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
