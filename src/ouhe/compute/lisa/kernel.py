"""The loops of conditional permutations, compiled; imported only where permutations are drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ouhe.compiled import compiled
from ouhe.compute.lisa.conditional import Counts, Points, Weights

__all__ = ["draw", "tally"]

Floats = NDArray[np.float64]
Table = NDArray[np.int32]


@compiled
def draw(n: int, picks: NDArray[np.int64]) -> Table:
    """Rows of distinct numbers below `n`: the first steps of a Fisher–Yates shuffle.

    ``picks[r, c]`` is uniform from c to n − 1. A row starts from what the row before left behind: a shuffle is uniform
    from any start, so the rows are independent, and nothing is laid out anew.
    """
    rows, width = picks.shape
    pool = np.arange(n).astype(np.int32)
    table = np.empty((rows, width), np.int32)
    for r in range(rows):
        for c in range(width):
            pick = picks[r, c]
            table[r, c] = pool[pick]
            pool[pick] = pool[c]
            pool[c] = table[r, c]
    return table


@compiled
def _places(n: int, table: Table) -> tuple[Table, Table]:
    """Where each region stands in the table, as a chain: its last place, and for every place the one before it."""
    last = np.full(n, -1, np.int32)
    before = np.empty(table.size, np.int32)
    for place, region in enumerate(table.flat):
        before[place] = last[region]
        last[region] = place
    return last, before


@compiled
def _accumulate(weights: Floats, drawn: Floats, sums: Floats) -> None:
    """Weighted sum of each draw, as if every region could be drawn."""
    sums[:] = 0.0
    for c in range(len(weights)):
        for r in range(len(sums)):
            sums[r] += weights[c] * drawn[c, r]


@compiled
def tally(table: Table, weights: Weights, points: Points, found: Counts) -> None:
    """Count, for every variable and region, the draws whose lag is at least and at most the observed one.

    Parameters
    ----------
    table
        Draws ``(draws, most + 1)``, rows of distinct regions; `most` is the largest number of neighbours.
    weights
        Weights of the regions.
    points
        What was observed.
    found
        Counts, written where a region has neighbours.
    """
    width, n = table.shape[1], points.z.shape[1]
    last, before = _places(n, table)
    sums = np.empty(len(table))
    for v, z in enumerate(points.z):
        drawn = z[table.T.ravel()].reshape(table.T.shape)
        for i in range(n):
            own = weights.values[weights.starts[i] : weights.starts[i + 1]]
            k = len(own)
            if k == 0:
                continue
            _accumulate(own, drawn, sums)
            place = last[i]
            while place >= 0:
                r, c = divmod(place, width)
                if c < k:
                    # a region is not drawn as its own neighbour: the next one of the row takes its place
                    sums[r] += own[c] * (drawn[k, r] - z[i])
                place = before[place]
            found.at_least[v, i] = np.sum(sums >= points.lag[v, i] - points.margin[v, i])
            found.at_most[v, i] = np.sum(sums <= points.lag[v, i] + points.margin[v, i])
