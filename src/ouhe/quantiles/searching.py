"""The values of ranks among any number of values: keys are counted in ever narrower intervals, chunk by chunk."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks
from ouhe.panel import cell_count, inside
from ouhe.quantiles.keys import keys_of

__all__ = ["Sought", "searched"]

Array = NDArray[Any]

#: Values that are brought together at once: 8 MiB of keys.
GATHERED = 1 << 20

#: Bins that all chunks give together: 32 MiB of counts.
BINS = 1 << 23

#: Fewest and most bins of an interval, as powers of 2.
FEWEST, MOST = 6, 16

#: Values whose keys are made at once: 2 MiB of float64, so that they stay in the cache.
BATCH = 1 << 18


@dataclass(frozen=True, slots=True)
class Sought:
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


def searched(
    x: xr.DataArray, kept: Sequence[Hashable], ranks: Sequence[int], low: xr.Variable, high: xr.Variable
) -> tuple[Sought, np.dtype[Any]]:
    """Keys of the values of some ranks.

    Parameters
    ----------
    x
        Values, finite where they count.
    kept
        Dimensions that are not pooled.
    ranks
        Places among the values in order, from 0, rising.
    low, high
        Least and largest value ``(*kept)``.

    Returns
    -------
    tuple of Sought and numpy.dtype
        What was found, each interval a single key; and the type whose keys they are.
    """
    kind = np.dtype(np.float32 if str(x.dtype).endswith("float32") else np.float64)
    shape = (*low.shape, len(ranks))
    first, last = (keys_of(v.values.astype(kind), kind)[..., np.newaxis] for v in (low, high))
    sought = Sought(
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
            yield at, keys_of(row[i : i + BATCH], kind)


def _walked(
    x: xr.DataArray, kept: Sequence[Hashable], function: Callable[..., tuple[Array, ...]], *given: Array
) -> Iterator[tuple[tuple[slice, ...], tuple[Array, ...]]]:
    """What a function of a chunk, of what is `given` for each rank there, and of the mask makes of every chunk."""
    mask = inside(x)
    arrays = [xr.Variable((*kept, "rank"), g) for g in given]
    walked = blocks.pieces(function, x.variable, *arrays, *([] if mask is None else [mask]), step="count", placed=True)
    return ((tuple(window[d] for d in kept), made) for window, made in walked)


def _gathered(x: xr.DataArray, kept: Sequence[Hashable], sought: Sought, kind: np.dtype[Any]) -> Sought:
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


def _picked(sought: Sought, found: Mapping[tuple[int, ...], Sequence[tuple[Array, Array]]]) -> Sought:
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


def _narrowed(x: xr.DataArray, kept: Sequence[Hashable], sought: Sought, kind: np.dtype[Any]) -> Sought:
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
    return Sought(
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
