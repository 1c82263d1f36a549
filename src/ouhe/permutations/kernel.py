"""The loops over permutations and neighbours, compiled; imported only where permutations are counted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ouhe.compiled import compiled

__all__ = ["WIDE", "count_extreme", "shuffled"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Links as compressed sparse rows: where each row starts, the columns, the weights.
Links = tuple[Ints, Ints, Floats]

#: Columns, a variable under a permutation each, that are summed at a time, and numbers they may hold together.
WIDE, LARGE = 160, 1 << 21


@compiled
def shuffled(uniform: Floats) -> Ints:
    """A permutation a row, by the shuffle of Fisher and Yates, from numbers in [0, 1) that choose each exchange."""
    rows, n = uniform.shape
    out = np.empty((rows, n), np.int64)
    for r in range(rows):
        order = out[r]
        for i in range(n):
            order[i] = i
        for i in range(n - 1, 0, -1):
            other = np.int64(uniform[r, i] * (i + 1))
            order[i], order[other] = order[other], order[i]
    return out


@compiled
def _lay(values: Floats, order: Ints, draws: Ints, columns: Floats) -> None:
    """Lay the values of every permutation side by side, rows in `order`; those beyond the permuted ones stay."""
    rows, n = draws.shape
    width = values.shape[1]
    for r in range(rows):
        for i in range(len(order)):
            source = draws[r, order[i]] if order[i] < n else order[i]
            for v in range(width):
                columns[i, r * width + v] = values[source, v]


@compiled
def _sum(links: Links, columns: Floats, sums: Floats) -> None:
    """Sum over the links i–k of weight times values at i and k, for all columns at once."""
    starts, others, weights = links
    sums[:] = 0.0
    for i in range(len(starts) - 1):
        here, link, last = columns[i], starts[i], starts[i + 1]
        # up to four links at a time, because reading and writing the sums takes longer than a link
        while link < last:
            left = last - link
            p, a = weights[link], columns[others[link]]
            q, b = (weights[link + 1], columns[others[link + 1]]) if left > 1 else (0.0, a)
            u, c = (weights[link + 2], columns[others[link + 2]]) if left > 2 else (0.0, a)
            v, d = (weights[link + 3], columns[others[link + 3]]) if left > 3 else (0.0, a)
            if left > 3:
                for s in range(len(sums)):
                    sums[s] += here[s] * (p * a[s] + q * b[s] + u * c[s] + v * d[s])
            elif left == 3:
                for s in range(len(sums)):
                    sums[s] += here[s] * (p * a[s] + q * b[s] + u * c[s])
            elif left == 2:
                for s in range(len(sums)):
                    sums[s] += here[s] * (p * a[s] + q * b[s])
            else:
                for s in range(len(sums)):
                    sums[s] += here[s] * (p * a[s])
            link += 4


@compiled
def count_extreme(links: Links, order: Ints, values: Floats, draws: Ints, bounds: Floats) -> Ints:
    """How many permutations give a sum as far from a centre as a reach, the two rows of `bounds`, by column.

    `links` number the rows of `values` in `order`.
    """
    total, width = values.shape
    batch = min(len(draws), max(1, min(WIDE, LARGE // total) // width))
    columns = np.zeros((total, batch * width))
    sums = np.empty(batch * width)
    counts = np.zeros(width, np.int64)
    for first in range(0, len(draws), batch):
        some = draws[first : first + batch]
        _lay(values, order, some, columns)
        _sum(links, columns, sums)
        for r in range(len(some)):
            for v in range(width):
                counts[v] += abs(sums[r * width + v] - bounds[0, v]) >= bounds[1, v]
    return counts
