"""A raster as layers over one mask, and the walk over its chunks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks
from ouhe.compute.lattice import contiguity
from ouhe.compute.lattice.contiguity import Rule
from ouhe.errors import DataError

__all__ = ["LAYER", "Piece", "Raster"]

Array = NDArray[Any]
Floats = NDArray[np.float64]

#: Dimension that a raster of a single layer gets for the time being.
LAYER = "layer"


@dataclass(frozen=True)
class Raster:
    """Layers ``(…, y, x)`` and the number of neighbours of every cell ``(y, x)``, −1 where it is not counted."""

    x: xr.DataArray
    degree: NDArray[np.int8]
    rule: Rule

    @classmethod
    def of(cls, x: xr.DataArray, rule: Rule) -> Raster:
        """Raster of `x`, once it has cells enough, and neighbours among them.

        Raises
        ------
        DataError
            There are no dimensions ``y`` and ``x``, fewer than four cells are counted, or none has a neighbour.
        """
        degree = contiguity.degrees(contiguity.mask(x), rule)
        if not isinstance(x.data, np.ndarray) and x.chunks is None:
            x = x.copy(data=blocks.in_memory(x.data))
        # a message has a layer to name
        found = cls(x if x.ndim > 2 else x.expand_dims({LAYER: [str(x.name or "x")]}), degree, rule)
        if found.count < 4:
            raise DataError.of("lattice.few_cells", count=found.count)
        if found.isolates == found.count:
            raise DataError.of("lattice.no_links", count=found.count, rule=rule)
        return found

    @cached_property
    def count(self) -> int:
        """Number of cells that are counted."""
        return int(np.count_nonzero(self.degree >= 0))

    @cached_property
    def isolates(self) -> int:
        """Number of cells without neighbours."""
        return int(np.count_nonzero(self.degree == 0))

    @property
    def dims(self) -> list[Any]:
        """Dimensions that are not places."""
        return [d for d in self.x.dims if d not in ("y", "x")]

    @property
    def layers(self) -> int:
        """Number of layers."""
        return math.prod(self.x.sizes[d] for d in self.dims)

    def by_layer(self, values: Array) -> xr.Variable:
        """Numbers of every layer ``(layer,)`` as a variable with the dimensions that are not places."""
        return xr.Variable(self.dims, np.reshape(values, [self.x.sizes[d] for d in self.dims]))

    def walk(self, function: Callable[..., tuple[Array, ...]], *of_layers: Floats, step: str) -> list[Piece]:
        """Apply ``function(values (layer, y, x), degree (y, x), *of_layers (layer,))`` to every chunk."""
        given = [xr.Variable(("y", "x"), self.degree), *map(self.by_layer, of_layers)]
        numbers = self.by_layer(np.arange(self.layers))
        found = blocks.pieces(partial(_on_chunk, function=function), self.x.variable, *given, step=step, placed=True)
        return [
            Piece(numbers[tuple(window[d] for d in numbers.dims)].values.ravel(), window["y"], window["x"], parts)
            for window, parts in found
        ]


class Piece(NamedTuple):
    """What was found of a chunk: the numbers of its layers, where it lies, and the parts."""

    layers: Array
    rows: slice
    columns: slice
    parts: tuple[Array, ...]


def _on_chunk(
    x: xr.Variable, degree: xr.Variable, *of_layers: xr.Variable, function: Callable[..., tuple[Array, ...]]
) -> tuple[Array, ...]:
    """Lay the layers of a chunk one behind the other."""
    laid = x.transpose(..., "y", "x")
    values = blocks.in_memory(laid.data).reshape(-1, *laid.shape[-2:])
    return function(values, degree.values, *(v.transpose(*laid.dims[:-2]).values.ravel() for v in of_layers))
