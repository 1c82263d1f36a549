"""Tall Parquet tables as arrays: layers of a raster, or indicators of regions, and their keys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe.read.grid.layers import Decoding, Target
from ouhe.read.grid.table import Table

__all__ = ["Keys", "TableStack", "TallRaster"]


@dataclass(frozen=True)
class TallRaster:
    """Layers of a table whose keys are the rows, columns and years of a raster.

    Parameters
    ----------
    table
        The table.
    columns
        Column of each layer.
    steps
        Position of the year of each layer.
    kinds
        Type of the values of each layer.
    labels
        What messages call each layer.
    decoding
        Numbers that mean no data.
    """

    table: Table
    columns: tuple[str, ...]
    steps: tuple[int, ...]
    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    decoding: Decoding = field(default_factory=Decoding)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of layers, rows and columns."""
        return len(self.columns), self.table.axis("y").size, self.table.axis("x").size

    @property
    def ndim(self) -> int:
        """Three."""
        return 3

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values."""
        return np.result_type(*map(np.dtype, self.kinds))

    @property
    def preferred_chunks(self) -> dict[str, int]:
        """Rows of the raster that stand in a row group; whole along what changes faster."""
        first = self.table.axes[0]
        sizes = {a.role: a.size for a in self.table.axes}
        group = max(np.diff(self.table.starts), default=1)
        if first.role == "year":
            second = self.table.axes[1]
            held = {"year": max(1, int(group // first.run)), second.role: max(1, int(group // second.run))}
            return {r: min(held.get(r, n), n) for r, n in sizes.items()}
        return sizes | {first.role: max(1, min(first.size, int(group // first.run)))}

    def name(self, layer: int) -> str:
        """What messages call a layer."""
        return self.labels[layer]

    def __getitem__(self, key: tuple[slice, slice, slice]) -> NDArray[Any]:
        layers = range(*key[0].indices(self.shape[0]))
        y, x = (slice(*k.indices(n)) for k, n in zip(key[1:], self.shape[1:], strict=True))
        out = np.empty((1, len(layers), y.stop - y.start, x.stop - x.start), self.dtype)
        self.fill(out, [(layer, 0, t) for t, layer in enumerate(layers)], y, x)
        filled: NDArray[Any] = out[0]
        return filled

    def fill(self, out: NDArray[Any], targets: Sequence[Target], y: slice, x: slice) -> None:
        """Read a window of some layers into ``out[indicator, year]``."""
        steps = [self.steps[layer] for layer, _, _ in targets]
        first = min(steps)
        window = {"y": y, "x": x, "year": slice(first, max(steps) + 1)}
        stretches, shape, part = self.table.box(window)
        keys = list(dict.fromkeys(self.columns[layer] for layer, _, _ in targets))
        block = np.empty((len(keys), math.prod(shape)), out.dtype)
        self.table.read(stretches, keys, block)
        cut = block.reshape(len(keys), *shape)[(slice(None), *part)]
        roles = [a.role for a in self.table.axes]
        cut = cut.transpose(0, *(1 + roles.index(r) for r in ("year", "y", "x")))
        for (layer, i, t), step in zip(targets, steps, strict=True):
            self.decoding(cut[keys.index(self.columns[layer]), step - first], out[i, t])


@dataclass(frozen=True)
class TableStack:
    """Indicators of a table of regions ``(indicator, region, year)``.

    Parameters
    ----------
    table
        The table.
    columns
        Column of each indicator.
    steps
        Positions of the study's years in the table.
    kind
        Type of the values.
    decoding
        Numbers that mean no data.
    """

    table: Table
    columns: tuple[str, ...]
    steps: tuple[int, ...]
    kind: str
    decoding: Decoding = field(default_factory=Decoding)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of indicators, regions and years."""
        return len(self.columns), self.table.axis("region").size, len(self.steps)

    @property
    def ndim(self) -> int:
        """Three."""
        return 3

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values."""
        return np.dtype(self.kind)

    @property
    def preferred_chunks(self) -> dict[str, int]:
        """Regions that stand in a row group."""
        regions = self.table.axis("region")
        groups = np.diff(self.table.starts)
        size = max(1, min(regions.size, math.ceil(int(groups.max(initial=1)) / regions.run)))
        return {"indicator": len(self.columns), "region": size, "year": len(self.steps)}

    def extremes(self) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Least and greatest value of each indicator, where the footers of the table tell them; no value is read.

        A NaN does not show in a footer: it shows in the sums that follow.
        """
        if not self.decoding.plain or len(set(self.steps)) < self.table.axis("year").size:
            return None
        ends = [self.table.ends(c) for c in self.columns]
        if any(e is None for e in ends):
            return None
        low, high = np.array(ends, dtype=self.dtype).T.astype(float)
        return low, high

    def boundaries(self, size: int) -> tuple[int, ...]:
        """Sizes of chunks of about so many regions, whose ends are ends of row groups where these end with a region."""
        regions = self.table.axis("region")
        run = regions.run
        ends = np.unique(np.minimum((self.table.starts[1:] + run - 1) // run, regions.size))
        if run == 1 or len(ends) == 0:
            return _equal(regions.size, size)
        kept: list[int] = []
        last = 0
        for i, end in enumerate(ends.tolist()):
            following = ends[i + 1] if i + 1 < len(ends) else None
            if following is None or following - last > size:
                kept += _equal(end - last, size)
                last = end
        return tuple(kept)

    def __getitem__(self, key: tuple[slice, slice, slice]) -> NDArray[Any]:
        chosen, regions, years = (slice(*k.indices(n)) for k, n in zip(key, self.shape, strict=True))
        columns, steps = self.columns[chosen], self.steps[years]
        window = {"region": regions, "year": slice(min(steps), max(steps) + 1)}
        stretches, shape, part = self.table.box(window)
        out = np.empty((len(columns), math.prod(shape)), self.dtype)
        self.table.read(stretches, columns, out)
        if not self.decoding.plain:
            self.decoding(out, out)
        cut = out.reshape(len(columns), *shape)[(slice(None), *part)]
        if self.table.axes[0].role == "year":
            cut = cut.transpose(0, 2, 1)
        at = [s - min(steps) for s in steps]
        return cut if at == list(range(cut.shape[2])) else cut[:, :, at]


def _equal(whole: int, size: int) -> tuple[int, ...]:
    """Cut `whole` into pieces of about the same size, none larger than `size`."""
    pieces = max(1, math.ceil(whole / max(1, size)))
    return tuple(whole // pieces + (i < whole % pieces) for i in range(pieces))


@dataclass(frozen=True)
class Keys:
    """Keys of a table of regions, for whoever writes results beside them.

    Parameters
    ----------
    table
        The table.
    years
        Years of the study.
    """

    table: Table
    years: tuple[int, ...]

    def read(self, regions: slice) -> dict[str, NDArray[Any]]:
        """Keys of some regions, verified.

        Parameters
        ----------
        regions
            Positions of the regions.

        Returns
        -------
        dict
            Name of the column → its values, one a region and year, years changing first.
        """
        axis, year = self.table.axis("region"), self.table.axis("year")
        asked = slice(*regions.indices(axis.size))
        # where years come one after the other, the first holds every region
        stretches, shape, part = self.table.box(
            {"region": asked, "year": slice(0, 1) if axis.run == 1 else slice(None)}
        )
        found = np.empty((1, math.prod(shape)), np.dtype(axis.kind))
        self.table.read(stretches, [axis.key], found)
        cut = found[0].reshape(shape)[part]
        names = cut[0] if self.table.axes[0].role == "year" else cut[:, 0]
        kept = np.array(self.years, dtype=np.dtype(year.kind))
        return {axis.key: np.repeat(names, len(kept)), year.key: np.tile(kept, len(names))}
