"""What lies along the sides of chunks, so that no chunk must be read for the sake of another."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ouhe.compute.lattice.contiguity import RECIPROCAL
from ouhe.compute.lattice.raster import Piece, Raster

__all__ = ["Rims", "across_chunks"]

Floats = NDArray[np.float64]


class Rims(NamedTuple):
    """Where chunks begin, the last one's end behind, and the deviations along their four sides.

    ``top`` and ``bottom`` are rows of the raster ``(chunk, layer, x)``, ``left`` and ``right`` columns ``(chunk, layer,
    y)``; 0 where no cell is counted.
    """

    rows: list[int]
    columns: list[int]
    top: Floats
    bottom: Floats
    left: Floats
    right: Floats

    @classmethod
    def of(cls, raster: Raster, found: list[Piece]) -> Self:
        """Put the four sides of all chunks together, which stand behind the first part of every piece."""
        height, width = raster.degree.shape
        rows, columns = (sorted({getattr(p, of).start for p in found}) for of in ("rows", "columns"))
        top, bottom = (np.zeros((len(rows), raster.layers, width)) for _ in range(2))
        left, right = (np.zeros((len(columns), raster.layers, height)) for _ in range(2))
        for numbers, y, x, (_, *sides) in found:
            i, j = rows.index(y.start), columns.index(x.start)
            top[i, numbers, x], bottom[i, numbers, x], left[j, numbers, y], right[j, numbers, y] = sides
        return cls([*rows, height], [*columns, width], top, bottom, left, right)

    def around(self) -> tuple[Floats, Floats, Floats, Floats]:
        """What lies above, below, left and right of every chunk, the chunks one after the other.

        Rows are ``(layer, chunk, x)``, with the cell before and behind each chunk, columns ``(layer, y, chunk)``.
        """
        above, below = self._rows(_moved(self.bottom, 1)), self._rows(_moved(self.top, -1))
        before, behind = (np.moveaxis(a, 0, -1) for a in (_moved(self.right, 1), _moved(self.left, -1)))
        return above, below, before, behind

    def _rows(self, sides: Floats) -> Floats:
        """Rows cut into chunks, each with the cell before it and the one behind."""
        wide = np.moveaxis(np.pad(sides, ((0, 0), (0, 0), (1, 1))), 0, 1)
        return np.concatenate([wide[..., i : j + 2] for i, j in pairwise(self.columns)], axis=-1)


def _moved(sides: Floats, by: int) -> Floats:
    """Sides of the chunk before (1) or behind (−1); 0 where there is none."""
    found = np.zeros_like(sides)
    if by > 0:
        found[1:] = sides[:-1]
    else:
        found[:-1] = sides[1:]
    return found


def across_chunks(raster: Raster, rims: Rims) -> Floats:
    """Σ z·lag and Σ lag of the pairs of neighbours that lie in two chunks ``(2, layer)``."""

    def weight(*place: int | slice) -> Floats:
        return RECIPROCAL[raster.degree[place]]

    total = np.zeros((2, raster.layers))
    for i, y in enumerate(rims.rows[1:-1], start=1):
        total += _across(rims.bottom[i - 1], rims.top[i], weight(y - 1), weight(y), raster.rule)
    for j, x in enumerate(rims.columns[1:-1], start=1):
        for start, stop in pairwise(rims.rows):
            # a corner that four chunks share belongs to the sides above and below
            part = slice(start, stop)
            weights = weight(part, x - 1), weight(part, x)
            total += _across(rims.right[j - 1][:, part], rims.left[j][:, part], *weights, raster.rule)
    return total


def _across(a: Floats, b: Floats, weight_a: Floats, weight_b: Floats, rule: str) -> Floats:
    """Σ z·lag and Σ lag of the pairs between two lines of cells ``(layer, cell)`` that lie side by side."""
    length = a.shape[1]
    total = np.zeros((2, len(a)))
    for shift in (0,) if rule == "rook" else (-1, 0, 1):
        one, other = slice(max(0, -shift), length - max(0, shift)), slice(max(0, shift), length + min(0, shift))
        za, zb, wa, wb = a[:, one], b[:, other], weight_a[one], weight_b[other]
        total[0] += (za * zb * (wa + wb)).sum(axis=1)
        total[1] += (zb * wa + za * wb).sum(axis=1)
    return total
