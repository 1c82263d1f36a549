"""Conditional permutations: a region keeps its value, its neighbours are drawn from all others.

All regions read one table of draws. Its rows hold k + 1 distinct regions, k being the largest number of neighbours; a
region with fewer takes the beginning of the row, and where it meets itself there, the next one of the row instead.
What it gets is a uniform draw without replacement from the n − 1 others. Where it is not among the first places of the
row, these are such a draw. Where it is, the others and the next one are, in whatever order. So it is in both cases.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ouhe import blocks
from ouhe.permutations import Progress

__all__ = ["Counts", "Points", "Weights", "counts"]

Floats = NDArray[np.float64]

#: Draws in a block: what they sum stays in the innermost cache. The blocks, not the cores, decide what is drawn.
BLOCK = 128

#: Products summed below which starting threads takes longer than they save.
SMALL = 1 << 22


class Weights(NamedTuple):
    """Weights of every region one after the other, and where each region's begin and the last one's end."""

    starts: NDArray[np.int64]
    values: Floats


class Points(NamedTuple):
    """Values, lags, and how far two lags may differ and yet be equal, each ``(variable, region)``."""

    z: Floats
    lag: Floats
    margin: Floats


class Counts(NamedTuple):
    """How many permuted lags are at least, and at most, the observed one, ``(variable, region)``."""

    at_least: NDArray[np.int32]
    at_most: NDArray[np.int32]


def counts(
    points: Points,
    w: sparse.csr_array,
    *,
    permutations: int,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> Counts:
    """Compare observed lags with those of permuted neighbours; all variables see the same permutations.

    Parameters
    ----------
    points
        Values and their lags, and how far two lags may differ and yet count as equal, ``(variable, region)``.
    w
        Weights ``(region, region)``.
    permutations
        How many, above 0.
    rng
        Draws a seed for every block of permutations.
    progress
        Called after each block, in the caller's thread.

    Returns
    -------
    Counts
        Both counts, each up to `permutations`; 0 for an isolate.
    """
    from ouhe.compute.lisa import kernel

    n = points.z.shape[1]
    weights = Weights(w.indptr.astype(np.int64), w.data)
    width = int(np.diff(weights.starts).max(initial=0)) + 1
    sizes = [min(BLOCK, permutations - done) for done in range(0, permutations, BLOCK)]
    seeds = rng.integers(np.iinfo(np.int64).max, size=len(sizes))

    def block(seed: int, size: int) -> Counts:
        picks = np.random.default_rng(seed).integers(np.arange(width), n, size=(size, width))
        found = Counts(np.zeros(points.z.shape, np.int32), np.zeros(points.z.shape, np.int32))
        kernel.tally(kernel.draw(n, picks), weights, points, found)
        return found

    at_least, at_most = (np.zeros(points.z.shape, np.int32) for _ in range(2))
    done = 0
    threads = blocks.workers(len(sizes)) if permutations * len(points.z) * w.nnz > SMALL else 1
    with ThreadPoolExecutor(threads) as pool:
        work = pool.map(block, seeds, sizes) if threads > 1 else map(block, seeds, sizes)
        for size, found in zip(sizes, work, strict=True):
            at_least += found.at_least
            at_most += found.at_most
            done += size
            if progress is not None:
                progress(done, permutations)
    return Counts(at_least, at_most)
