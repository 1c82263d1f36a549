"""What a store of chunks holds: its variables, how they are cut, and the record of that beside them."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, product
from typing import Any, Self

import numpy as np
import xarray as xr

__all__ = ["FORMAT", "RECORD", "Layout", "Window"]

#: Where a chunk lies: the part of each dimension, in their order.
Window = tuple[slice, ...]

#: Version of the stored form; another one is written anew.
FORMAT = 1

RECORD = "stored.json"

#: What stands in a cell without a value, for whole numbers; another for the lag, where -1 is an answer.
NO_VALUE = {"lag": -2}


@dataclass(frozen=True)
class Layout:
    """What a store of chunks holds.

    Parameters
    ----------
    dims
        Dimensions of all variables, in order: ``year`` (or none), ``y`` and ``x``; or ``region`` and ``year``.
    chunks
        Lengths of the chunks along each dimension.
    types
        Type of each variable, as numpy writes it.
    attributes
        Attributes of each variable.
    coords
        Labels along the dimensions that have any.
    """

    dims: tuple[str, ...]
    chunks: tuple[tuple[int, ...], ...]
    types: Mapping[str, str]
    attributes: Mapping[str, Mapping[str, Any]]
    coords: Mapping[str, tuple[float, ...]]

    @classmethod
    def of(cls, dataset: xr.Dataset) -> Self:
        """Layout of a chunked dataset whose variables share dimensions and chunks."""
        first = next(iter(dataset.data_vars.values()))
        variables = {str(n): v for n, v in dataset.data_vars.items()}
        return cls(
            tuple(map(str, first.dims)),
            first.data.chunks,
            {n: v.dtype.str for n, v in variables.items()},
            {n: _plain(v.attrs) for n, v in variables.items()},
            {str(d): tuple(dataset[d].values.tolist()) for d in first.dims if d in dataset.indexes},
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables."""
        return tuple(self.types)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of every dimension."""
        return tuple(map(sum, self.chunks))

    @property
    def is_raster(self) -> bool:
        """Whether the places are the cells of a raster."""
        return self.dims[-2:] == ("y", "x")

    @property
    def years(self) -> tuple[int, ...]:
        """Years, in order; empty where the variables have none."""
        return tuple(int(y) for y in self.coords.get("year", ()))

    def bytes(self, names: Sequence[str] | None = None) -> int:
        """Size of variables, all of them when none is named, before compression."""
        chosen = self.names if names is None else names
        return math.prod(self.shape) * sum(np.dtype(self.types[n]).itemsize for n in chosen)

    def windows(self) -> Iterator[tuple[tuple[int, ...], Window]]:
        """Number along each dimension and place of every chunk; the last dimension runs fastest."""
        spans = [[slice(a, b) for a, b in pairwise([0, *accumulate(sizes)])] for sizes in self.chunks]
        for numbers in product(*(range(len(s)) for s in spans)):
            yield numbers, tuple(s[n] for s, n in zip(spans, numbers, strict=True))

    def no_value(self, name: str) -> float:
        """What stands in a cell of a variable that has no value."""
        if np.dtype(self.types[name]).kind == "f":
            return math.nan
        return int(self.attributes[name].get("_FillValue", NO_VALUE.get(name, -1)))

    def labels(self, dim: str) -> np.ndarray[Any, Any]:
        """Labels along a dimension; its places where it has none."""
        length = self.shape[self.dims.index(dim)]
        kind = np.int32 if dim == "year" else np.float64
        return np.array(self.coords[dim], kind) if dim in self.coords else np.arange(length, dtype=kind)

    def record(self) -> str:
        """The layout as a file beside the chunks."""
        told = {"format": FORMAT, **{f: getattr(self, f) for f in self.__dataclass_fields__}}
        return json.dumps(told, ensure_ascii=False, indent=1)


def _plain(attributes: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Attributes as JSON has them."""
    return {str(k): _simple(v) for k, v in attributes.items()}


def _simple(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value
