"""The false discovery rate of more cells than memory holds: the largest significant p, found by counting.

Sorting all p finds the largest with p ≤ a R(p) / m, where R counts the p up to it (Benjamini & Hochberg). From t = a,
t ← a R(t) / m falls to where it stays, and the p up to there are the same. R is counted at many points at a time, in
one walk over the chunks; the next walk looks between the two points where t lies, until no p lies between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks, permutations

__all__ = ["largest"]

Array = NDArray[Any]
Floats = NDArray[np.float64]

#: Points between which p are counted in one walk.
POINTS = 1 << 12


@dataclass
class _Search:
    """Where the largest significant p of one layer is looked for: t is no less, and lies above `low`, up to `high`."""

    t: float
    low: float
    high: float
    found: bool = False

    @property
    def points(self) -> Floats:
        """Where p are counted."""
        return np.linspace(self.low, self.high, POINTS + 1)

    def narrow(self, counts: Array, level: float, tested: int) -> None:
        """Let t fall as far as the counts at the points tell, and look closer there."""
        at = self.points
        while self.t > self.low:
            i = int(np.searchsorted(at, self.t))
            t = level * int(counts[i]) / tested
            if t >= self.t:
                between = counts[i] > counts[i - 1] and np.nextafter(at[i - 1], np.inf) < at[i]
                self.low, self.high, self.found = float(at[i - 1]), float(at[i]), not between
                return
            self.t = t
        self.found = self.t == 0.0
        self.low, self.high = 0.0, self.t


def largest(p: xr.Variable, layers: list[Any], tested: int, *, significance: float) -> Floats:
    """Largest p of every layer that is significant by the false discovery rate; 0 where none is.

    Parameters
    ----------
    p
        ``(…, y, x)``, chunked or not; missing where a cell has none.
    layers
        Dimensions that are not places.
    tested
        Number of cells of a layer that have a p.
    significance
        The rate.

    Returns
    -------
    numpy.ndarray
        ``(layer,)``; the p up to it are those whose adjusted p is no more than `significance`.

    Examples
    --------
    >>> p = xr.Variable(("year", "y", "x"), [[[0.01, 0.02, 0.03, 0.9]], [[0.04, 0.05, 0.06, 0.9]]])
    >>> largest(p, ["year"], 4, significance=0.05).round(4)
    array([0.0375, 0.    ])
    """
    level = permutations.judged(significance)
    sizes = [p.sizes[d] for d in layers]
    searches = [_Search(level, 0.0, level) for _ in range(int(np.prod(sizes)))]
    numbers = np.arange(len(searches)).reshape(sizes)
    while not all(s.found for s in searches):
        ends = [xr.Variable(layers, np.reshape([getattr(s, end) for s in searches], sizes)) for end in ("low", "high")]
        counts = np.zeros((len(searches), POINTS + 1), np.int64)
        for window, (part,) in blocks.pieces(_counted, p, *ends, step="count", placed=True):
            counts[numbers[tuple(window[d] for d in layers)].ravel()] += part
        for search, part in zip(searches, counts, strict=True):
            if not search.found:
                search.narrow(part, level, tested)
    return np.array([s.t for s in searches])


def _counted(p: xr.Variable, low: xr.Variable, high: xr.Variable) -> tuple[Array]:
    """How many p of every layer lie at each point or below ``(layer, point)``."""
    laid = p.transpose(*low.dims, ...)
    layers = laid.values.reshape(low.size, -1)
    ends = zip(low.values.ravel(), high.values.ravel(), strict=True)
    rows = [
        np.searchsorted(np.sort(layer[layer <= b]), np.linspace(a, b, POINTS + 1), side="right")
        for layer, (a, b) in zip(layers, ends, strict=True)
    ]
    return (np.stack(rows),)
