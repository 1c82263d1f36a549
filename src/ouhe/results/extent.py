"""Where the cells of a raster study lie, which of them count, and where they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from ouhe import text
from ouhe.read.grid import GridSource

__all__ = ["Extent"]


@dataclass(frozen=True)
class Extent:
    """The grid of a study.

    Parameters
    ----------
    sizes
        Length of every dimension of places: ``y`` and ``x``, or ``region`` of a table.
    counted, outside
        How many cells count, and how many lie outside the study.
    crs
        Coordinate reference system (WKT), "" where none is known.
    transform
        From column and row to coordinates, ``(a, b, c, d, e, f)``; None for a table.
    dtype
        Type of what was computed.
    mask
        What told the cells that count.
    sources
        Files that were read.
    """

    sizes: Mapping[str, int]
    counted: int
    outside: int
    crs: str = ""
    transform: tuple[float, ...] | None = None
    dtype: str = ""
    mask: str = ""
    sources: tuple[GridSource, ...] = ()

    @property
    def is_raster(self) -> bool:
        """The places are cells of a raster, not rows of a table."""
        return "y" in self.sizes

    @property
    def cell_size(self) -> tuple[float, float] | None:
        """Width and height of a cell in units of the reference system; None for a table."""
        return None if self.transform is None else (abs(self.transform[0]), abs(self.transform[4]))

    def record(self) -> dict[str, Any]:
        """The extent as plain data."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Extent:
        """What :meth:`record` gave, as it was."""
        transform = None if record["transform"] is None else tuple(record["transform"])
        tuples = ("used", "unused")
        sources = tuple(GridSource(**{**s, **{k: tuple(s[k]) for k in tuples}}) for s in record["sources"])
        return cls(**{**record, "transform": transform, "sources": sources})

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables ``grid`` (property value) and ``sources``, in the current language."""
        told: dict[str, str] = {dim: str(size) for dim, size in self.sizes.items()}
        told |= {"counted": str(self.counted), "outside": str(self.outside)}
        if self.cell_size is not None:
            told |= {"cell_size": " × ".join(f"{s:.12g}" for s in self.cell_size), "crs": self.crs}
        told |= {"mask": self.mask, "type": self.dtype}
        rows = [(text.t(f"labels.grid_{name}"), value) for name, value in told.items()]
        columns = ["file", "format", "size", "sha256"]
        files = [[getattr(s, c) for c in columns] for s in self.sources]
        return {
            "grid": pd.DataFrame(rows, columns=["property", "value"]),
            "sources": pd.DataFrame(files, columns=columns),
        }
