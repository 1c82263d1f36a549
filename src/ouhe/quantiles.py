"""Exact quantiles of any number of values: order statistics, found by counting, chunk by chunk.

Floating-point numbers of one type have an order-preserving whole number each, their key. Where values are few, the
distinct keys are counted; where they are many, keys are counted in equal bins between the extremes, then in bins of
the bin that holds the wanted rank, until few are left. Counts add up in any order, so that chunks change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks, moments
from ouhe.panel import cell_count, inside

__all__ = ["beyond", "exact"]

Array = NDArray[Any]

#: Values that are brought together at once: 8 MiB of keys.
GATHERED = 1 << 20

#: Bins that all chunks give together: 32 MiB of counts.
BINS = 1 << 23

#: Fewest and most bins of an interval, as powers of 2.
FEWEST, MOST = 6, 16

#: Values whose keys are made at once: 2 MiB of float64, so that they stay in the cache.
BATCH = 1 << 18

#: How far a product of a share and a number of values may be from a whole number that is meant, relative to it.
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True)
class _Sought:
    """Where the values of some ranks lie, all arrays ``(…, rank)``."""

    #: Wanted places among the values in order, from 0.
    rank: Array
    #: Least and greatest key that the value may have; the same where it is found.
    low: Array
    high: Array
    #: How many values have lower keys, and how many have these.
    below: Array
    count: Array

    @property
    def open(self) -> Array:
        """Where the value is not found yet."""
        wide: Array = self.low != self.high
        return wide

    @property
    def leads(self) -> Array:
        """Where the rank before has another interval."""
        first = np.ones(self.low.shape, dtype=bool)
        first[..., 1:] = self.low[..., 1:] != self.low[..., :-1]
        return first

    @property
    def heads(self) -> Array:
        """Where an interval is to be counted: once for all ranks that share it."""
        return self.leads & self.open


def exact(
    x: xr.DataArray,
    over: Sequence[Hashable],
    *shares: float,
    ends: tuple[xr.Variable, xr.Variable] | None = None,
) -> tuple[xr.Variable, ...]:
    r"""Quantiles over some dimensions, exact however large and however chunked the array is.

    .. math:: Q(p) = \begin{cases} \tfrac12 (x_{(np)} + x_{(np+1)}) & np \text{ whole} \\
              x_{(\lceil np \rceil)} & \text{else} \end{cases}

    with :math:`x_{(1)} \le \dots \le x_{(n)}` the values in order: the definition of Stata's ``_pctile`` and
    ``summarize, detail``, the second of Hyndman and Fan, numpy's ``averaged_inverted_cdf``. A product np that is a
    whole number but for rounding is taken as whole, so that Q(p) of x is −Q(1 − p) of −x.

    Parameters
    ----------
    x
        Values, in memory or chunked; cells outside the study of a raster (``inside``) are not counted.
    over
        Dimensions to reduce, the regions at least.
    *shares
        Shares p of the values, each in [0, 1].
    ends
        Smallest and largest value over these dimensions, where they are known.

    Returns
    -------
    tuple of xarray.Variable
        One a share, float64, with the dimensions that are left.

    Raises
    ------
    DataError
        Values are missing or infinite; they are named.

    References
    ----------
    Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996); Stata's manual,
    [D] pctile.

    Examples
    --------
    >>> x = xr.DataArray([[4.0], [1.0], [3.0], [2.0]], dims=("region", "indicator"))
    >>> [q.item() for q in exact(x, ["region"], 0.25, 0.5, 0.6)]
    [1.5, 2.5, 3.0]
    """
    kept, values, _ = _quantiles(x, over, shares, ends)
    return tuple(xr.Variable(kept, v) for v in values)


def beyond(
    x: xr.DataArray,
    over: Sequence[Hashable],
    share: float,
    *,
    ends: tuple[xr.Variable, xr.Variable] | None = None,
) -> tuple[xr.Variable, xr.Variable, xr.Variable]:
    """Quantiles of `share` and of 1 − `share`, and how many values lie below the one or above the other.

    Parameters
    ----------
    x, over, ends
        As in :func:`exact`.
    share
        Share of the values at each end, in [0, 0.5).

    Returns
    -------
    tuple of xarray.Variable
        Lower quantile, upper quantile (float64) and number of values beyond them (int64).

    Raises
    ------
    DataError
        As in :func:`exact`.

    Examples
    --------
    >>> x = xr.DataArray([9.0, 1.0, 2.0, 2.0, 2.0], dims="region")
    >>> [v.item() for v in beyond(x, ["region"], 0.2)]
    [1.5, 5.5, 2]
    """
    kept, (low, high), (lower, upper) = _quantiles(x, over, (share, 1.0 - share), ends)
    outer = lower[0] + cell_count(x, over) - upper[1]
    return xr.Variable(kept, low), xr.Variable(kept, high), xr.Variable(kept, outer)


def _quantiles(
    x: xr.DataArray, over: Sequence[Hashable], shares: Sequence[float], ends: tuple[xr.Variable, xr.Variable] | None
) -> tuple[list[Hashable], list[Array], list[tuple[Array, Array]]]:
    """Dimensions that are left; of every share the quantile, and the numbers of values below it and not above it."""
    low, high = ends or moments.finite_extremes(x, over)
    kept = [d for d in x.dims if d not in over]
    pairs = [_ranks(cell_count(x, over), p) for p in shares]
    ranks = sorted({r for pair in pairs for r in pair})
    found, kind = _searched(x, kept, ranks, low.transpose(*kept), high.transpose(*kept))
    ordered = _values(found.low, kind)
    values, counts = [], []
    for i, j in ((ranks.index(a), ranks.index(b)) for a, b in pairs):
        values.append(0.5 * ordered[..., i] + 0.5 * ordered[..., j])
        # halfway between two values lies neither of them
        apart = ordered[..., i] < ordered[..., j]
        under = np.where(apart, found.below[..., j], found.below[..., i])
        counts.append((under, np.where(apart, under, found.below[..., j] + found.count[..., j])))
    return kept, values, counts


def _ranks(count: int, share: float) -> tuple[int, int]:
    """Places, from 0, of the two values whose mean is the quantile."""
    product = count * share
    near = round(product)
    if abs(product - near) <= ROUNDING * count:
        return max(near - 1, 0), min(near, count - 1)
    return math.floor(product), math.floor(product)


def _kind(x: xr.DataArray) -> np.dtype[Any]:
    """Type whose keys are counted."""
    return np.dtype(np.float32 if str(x.dtype).endswith("float32") else np.float64)


def _keys(values: Array, kind: np.dtype[Any]) -> Array:
    """Whole numbers in the order of the values."""
    bits = 8 * kind.itemsize
    # both zeros are one value
    plain = np.add(values, 0.0, dtype=kind)
    signed = plain.view(f"i{kind.itemsize}")
    # of a negative number all bits turn, of another one the sign
    turned = (signed >> (bits - 1)).view(f"u{kind.itemsize}")
    turned |= turned.dtype.type(1 << (bits - 1))
    turned ^= plain.view(turned.dtype)
    return turned


def _values(keys: Array, kind: np.dtype[Any]) -> Array:
    """Values of keys, in float64."""
    sign = keys.dtype.type(1 << (8 * kind.itemsize - 1))
    plain: Array = np.where(keys & sign, keys ^ sign, ~keys).view(kind)
    return plain.astype(np.float64)


def _searched(
    x: xr.DataArray, kept: Sequence[Hashable], ranks: Sequence[int], low: xr.Variable, high: xr.Variable
) -> tuple[_Sought, np.dtype[Any]]:
    """Keys of the values of some ranks, and the type whose keys they are."""
    kind = np.dtype(np.float32 if str(x.dtype).endswith("float32") else np.float64)
    shape = (*low.shape, len(ranks))
    first, last = (_keys(v.values.astype(kind), kind)[..., np.newaxis] for v in (low, high))
    sought = _Sought(
        rank=np.broadcast_to(np.array(ranks), shape),
        low=np.broadcast_to(first, shape),
        high=np.broadcast_to(last, shape),
        below=np.zeros(shape, np.int64),
        count=np.full(shape, cell_count(x, [d for d in x.dims if d not in kept]), np.int64),
    )
    while sought.open.any():
        few = sought.count[sought.heads].sum() <= GATHERED
        sought = _gathered(x, kept, sought, kind) if few else _narrowed(x, kept, sought, kind)
    return sought, kind


def _rows(
    chunk: xr.Variable, kept: Sequence[Hashable], mask: Sequence[xr.Variable], kind: np.dtype[Any]
) -> Iterator[tuple[tuple[int, ...], Array]]:
    """Keys of the values that count, batch by batch, of each place along `kept`."""
    others = [d for d in chunk.dims if d not in kept]
    if mask:
        others = [*(d for d in others if d not in mask[0].dims), *mask[0].dims]
        counted = blocks.in_memory(mask[0].data)
    data = chunk.transpose(*kept, *others).data
    for at in np.ndindex(data.shape[: len(kept)]):
        row = blocks.in_memory(data[(*at, ...)])
        row = row[..., counted].ravel() if mask else row.ravel()
        for i in range(0, len(row), BATCH):
            yield at, _keys(row[i : i + BATCH], kind)


def _walked(
    x: xr.DataArray, kept: Sequence[Hashable], function: Callable[..., tuple[Array, ...]], *given: Array
) -> Iterator[tuple[tuple[slice, ...], tuple[Array, ...]]]:
    """What a function of a chunk, of what is `given` for each rank there, and of the mask makes of every chunk."""
    mask = inside(x)
    arrays = [xr.Variable((*kept, "rank"), g) for g in given]
    walked = blocks.pieces(function, x.variable, *arrays, *([] if mask is None else [mask]), step="count", placed=True)
    return ((tuple(window[d] for d in kept), made) for window, made in walked)


def _gathered(x: xr.DataArray, kept: Sequence[Hashable], sought: _Sought, kind: np.dtype[Any]) -> _Sought:
    """Find what is sought among the values of the intervals themselves, which are few."""

    def distinct(chunk: xr.Variable, *given: xr.Variable) -> tuple[Array, ...]:
        low, high, heads, *mask = given
        none = low.values.ravel()[:0]
        picked = {tuple(map(int, i)): [none] for i in np.argwhere(heads.values)}
        for at, row in _rows(chunk, kept, mask, kind):
            for k in np.flatnonzero(heads.values[at]):
                i: tuple[int, ...] = (*at, int(k))
                picked[i].append(row[(row >= low.values[i]) & (row <= high.values[i])])
        lengths, keys, counts = np.zeros(heads.shape, np.int64), [none], [np.zeros(0, np.int64)]
        for place, rows in picked.items():
            unique, numbers = np.unique(np.concatenate(rows), return_counts=True)
            lengths[place] = len(unique)
            keys.append(unique)
            counts.append(numbers)
        return lengths, np.concatenate(keys), np.concatenate(counts)

    found: dict[tuple[int, ...], list[tuple[Array, Array]]] = {}
    for window, (lengths, keys, counts) in _walked(x, kept, distinct, sought.low, sought.high, sought.heads):
        starts = [*(s.start for s in window), 0]
        after = 0
        for place in np.argwhere(lengths):
            before, after = after, after + int(lengths[tuple(place)])
            part = keys[before:after], counts[before:after]
            found.setdefault(tuple(int(i) for i in place + starts), []).append(part)
    return _picked(sought, found)


def _picked(sought: _Sought, found: Mapping[tuple[int, ...], Sequence[tuple[Array, Array]]]) -> _Sought:
    """The values of the wanted ranks among the keys of each interval and their counts."""
    low, high, below, count = (a.copy() for a in (sought.low, sought.high, sought.below, sought.count))
    for place, parts in found.items():
        *at, _ = place
        keys, where = np.unique(np.concatenate([k for k, _ in parts]), return_inverse=True)
        counts = np.zeros(len(keys), np.int64)
        np.add.at(counts, where, np.concatenate([c for _, c in parts]))
        after = np.cumsum(counts)
        # ranks that share an interval follow one another
        for k in np.flatnonzero(sought.low[tuple(at)] == sought.low[place]):
            i = (*at, int(k))
            j = int(np.searchsorted(after, sought.rank[i] - sought.below[i], side="right"))
            low[i] = high[i] = keys[j]
            below[i], count[i] = sought.below[i] + after[j] - counts[j], counts[j]
    return replace(sought, low=low, high=high, below=below, count=count)


def _narrowed(x: xr.DataArray, kept: Sequence[Hashable], sought: _Sought, kind: np.dtype[Any]) -> _Sought:
    """Intervals that are a bin of those before, and no wider than the keys that were seen there."""
    span = sought.high - sought.low
    chunks = math.prod(len(c) for c in x.chunks or ())
    bits = min(MOST, max(FEWEST, (BINS // (chunks * span.size)).bit_length() - 1))
    shift = _shift(span, bits)
    greatest = np.iinfo(span.dtype).max

    def binned(chunk: xr.Variable, *given: xr.Variable) -> tuple[Array, ...]:
        low, width, by, heads, *mask = given
        counts = np.zeros((*low.shape, 1 << bits), np.int32)
        least, most = np.full(low.shape, greatest, span.dtype), np.zeros(low.shape, span.dtype)
        for at, row in _rows(chunk, kept, mask, kind):
            for k in np.flatnonzero(heads.values[at]):
                i: tuple[int, ...] = (*at, int(k))
                offset = row - low.values[i]
                offset = offset[offset <= width.values[i]]
                counts[i] += np.bincount((offset >> by.values[i]).astype(np.intp), minlength=1 << bits)
                least[i] = offset.min(initial=least[i])
                most[i] = offset.max(initial=most[i])
        return counts, least, most

    counts = np.zeros((*span.shape, 1 << bits), np.int64)
    least, most = np.full(span.shape, greatest, span.dtype), np.zeros(span.shape, span.dtype)
    for window, (numbers, first, last) in _walked(x, kept, binned, sought.low, span, shift, sought.heads):
        counts[window] += numbers
        np.minimum(least[window], first, out=least[window])
        np.maximum(most[window], last, out=most[window])
    leaders = np.maximum.accumulate(np.where(sought.leads, np.arange(span.shape[-1]), 0), axis=-1)
    counts = np.take_along_axis(counts, leaders[..., np.newaxis], axis=-2)
    least, most = (np.take_along_axis(a, leaders, axis=-1) for a in (least, most))
    after = np.cumsum(counts, axis=-1)
    chosen = (after <= (sought.rank - sought.below)[..., np.newaxis]).sum(axis=-1, keepdims=True)
    chosen = np.minimum(chosen, (1 << bits) - 1)  # of what is found already, nothing was counted
    count = np.take_along_axis(counts, chosen, axis=-1)[..., 0]
    start = chosen[..., 0].astype(span.dtype) << shift
    stop = start + np.minimum((span.dtype.type(1) << shift) - span.dtype.type(1), span - start)
    return _Sought(
        rank=sought.rank,
        low=np.where(sought.open, sought.low + np.maximum(start, least), sought.low),
        high=np.where(sought.open, sought.low + np.minimum(stop, most), sought.high),
        below=np.where(
            sought.open, sought.below + np.take_along_axis(after, chosen, axis=-1)[..., 0] - count, sought.below
        ),
        count=np.where(sought.open, count, sought.count),
    )


def _shift(span: Array, bits: int) -> Array:
    """How many of the last binary digits to drop so that so many are left."""
    shift = np.zeros_like(span)
    while (wide := (span >> shift) >> span.dtype.type(bits) > 0).any():
        shift += wide.astype(span.dtype)
    return shift
