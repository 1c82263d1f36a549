"""Loops over many cells, compiled; imported only where there are many."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from ouhe.compiled import compiled

__all__ = ["ratio"]

Array = NDArray[Any]


@compiled(divides=True)
def ratio(table: Array, origin: Array, scale: Array, out: Array) -> None:
    """Shift and scale every row by its own numbers, in float64, without negative zeros."""
    for row in range(table.shape[0]):
        values, found = table[row], out[row]
        first, span = origin[row], scale[row]
        for i in range(values.size):
            found[i] = (values[i] - first) / span + 0.0
