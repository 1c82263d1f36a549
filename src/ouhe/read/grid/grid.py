"""Gridded data of a study: a lazy array, where its cells lie, and where it came from."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from ouhe.errors import DataError, OuheError, Place, Problem
from ouhe.read.grid.entry import GridSource
from ouhe.read.grid.frame import Frame
from ouhe.read.grid.parquet import Keys, TableStack
from ouhe.read.grid.stack import Stack, cut, lazy

__all__ = ["Counts", "Grid", "Layout"]

#: Bytes of a chunk below which it costs more to ask for it than to read it.
_LEAST = 8 << 20

_RASTER = ("indicator", "year", "y", "x")
_TABLE = ("indicator", "region", "year")


class Layout(NamedTuple):
    """Sizes of the dimensions, type of the values, and how much of each dimension is stored together."""

    sizes: dict[str, int]
    dtype: np.dtype[Any]
    preferred_chunks: dict[str, int]


class Counts(NamedTuple):
    """How many cells are counted and how many are not."""

    counted: int
    outside: int


@dataclass(frozen=True, eq=False)
class Grid:
    """Gridded data, known from metadata; values are read when they are computed with.

    Parameters
    ----------
    stack
        All layers, or all columns of a table; None where there are problems.
    indicators, years
        Labels.
    frame
        Georeference; None for a table of regions.
    keys
        Keys of the rows of a table of regions; None for a raster.
    sources
        What was read.
    problems
        What is wrong, all of it.
    told
        What the user should know.
    chunks
        Sizes of chunks that :attr:`x` has.
    """

    stack: Stack | TableStack | None = field(repr=False)
    indicators: tuple[str, ...]
    years: tuple[int, ...]
    frame: Frame | None = None
    keys: Keys | None = None
    sources: tuple[GridSource, ...] = ()
    problems: tuple[Problem, ...] = ()
    told: tuple[Problem, ...] = ()
    chunks: Mapping[str, Any] | None = None

    @property
    def dims(self) -> tuple[str, ...]:
        """Names of the dimensions."""
        return _TABLE if isinstance(self.stack, TableStack) else _RASTER

    def layout(self) -> Layout:
        """Sizes, type and storage, for whoever chooses chunks.

        Raises
        ------
        DataError
            There are problems.
        """
        stack = self._whole()
        sizes: dict[str, int] = dict(zip(self.dims, stack.shape, strict=True))
        return Layout(sizes, stack.dtype, stack.preferred_chunks)

    @cached_property
    def inside(self) -> xr.Variable | None:
        """Which cells are counted ``(y, x)``; None where all are."""
        stack = self._whole()
        if isinstance(stack, TableStack) or stack.outside is None:
            return None
        outside = stack.outside.window(slice(None), slice(None))
        return xr.Variable(("y", "x"), ~outside)

    @property
    def inside_counts(self) -> Counts:
        """Cells that are counted and cells that are not; of a table, its regions and 0."""
        sizes = self.layout().sizes
        cells = sizes["region"] if "region" in sizes else sizes["y"] * sizes["x"]
        counted = cells if self.inside is None else int(self.inside.sum())
        return Counts(counted, cells - counted)

    def extremes(self) -> tuple[xr.Variable, xr.Variable] | None:
        """Least and greatest value of each indicator, where the files tell them without being read."""
        stack = self._whole()
        found = stack.extremes() if isinstance(stack, TableStack) else None
        return None if found is None else (xr.Variable("indicator", found[0]), xr.Variable("indicator", found[1]))

    @property
    def x(self) -> xr.DataArray:
        """The panel, in the chunks that were asked for, or in those stored together and as many as make 8 MiB."""
        return self.chunked(self.chunks or _roomy(self.layout()))

    def chunked(self, chunks: Mapping[str, Any]) -> xr.DataArray:
        """Panel in chunks.

        Parameters
        ----------
        chunks
            Name of a dimension → size of its chunks, or all their sizes; a dimension that is left out has one chunk.
            Chunks of a table end where row groups end, so that they may be smaller.

        Returns
        -------
        xarray.DataArray
            ``(indicator, year, y, x)`` or ``(indicator, region, year)``, dask-backed; where cells are not counted,
            these are NaN and the coordinate ``inside`` ``(y, x)`` is False.

        Raises
        ------
        DataError
            There are problems.
        OuheError
            The extra ``grid`` is not installed.
        """
        stack = self._whole()
        sizes = self.layout().sizes
        if isinstance(stack, TableStack) and not isinstance(chunks.get("region", ()), tuple):
            chunks = {**chunks, "region": stack.boundaries(int(chunks["region"]))}
        state: list[object] = [(s.file, s.size, s.modified) for s in self.sources]
        if isinstance(stack, Stack) and stack.outside is not None:
            state.append(hashlib.sha256(stack.outside.packed.tobytes()).hexdigest())
        try:
            data = lazy(
                stack, cut(sizes, self.dims, chunks), name=repr((state, self.indicators, self.years, stack.kind))
            )
        except ImportError as error:
            raise OuheError.of("gridded.no_extra", Place(), package=error.name or str(error)) from error
        coords: dict[str, Any] = {"indicator": np.array(self.indicators, dtype=object), "year": list(self.years)}
        if self.frame is not None:
            coords |= {"y": self.frame.y, "x": self.frame.x}
        if self.inside is not None:
            coords["inside"] = self.inside
        return xr.DataArray(data, dims=self.dims, coords=coords)

    def _whole(self) -> Stack | TableStack:
        if self.stack is None:
            raise DataError(*self.problems)
        return self.stack


def _roomy(layout: Layout) -> dict[str, int]:
    """Chunks as stored, made longer along one place after the other until they are worth a task."""
    chunks = dict(layout.preferred_chunks)
    for dim in ("region", "x", "y", "year"):
        held = layout.dtype.itemsize * math.prod(chunks.values())
        if dim in chunks and held < _LEAST:
            chunks[dim] = min(layout.sizes[dim], chunks[dim] * -(-_LEAST // held))
    return chunks
