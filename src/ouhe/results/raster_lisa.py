"""Local Moran of the cells of a raster: how many stand in each quadrant; the maps lie in the grids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import xarray as xr

from ouhe.results.lisa import QUADRANTS
from ouhe.results.names import Names

__all__ = ["RasterLisa"]


@dataclass(frozen=True, eq=False)
class RasterLisa:
    """Local Moran of some variables.

    Parameters
    ----------
    counts
        ``count`` and ``significant`` over ``(variable, year, quadrant)``; ``quadrant`` is a position in
        :data:`~ouhe.results.lisa.QUADRANTS`, 0 holds cells without neighbours.
    neighbours
        Name of the spatial weights.
    options
        Options of the method as used.
    """

    counts: xr.Dataset
    neighbours: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        return self.counts

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {"neighbours": self.neighbours, "options": dict(self.options)}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> RasterLisa:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        return cls(arrays, record["neighbours"], record["options"])

    def told_in(self, _names: Names, renamed: Mapping[str, str]) -> RasterLisa:
        """The same with names of another language."""
        return replace(self, neighbours=renamed[self.neighbours])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Table ``lisa_counts``: cells in each quadrant."""
        by = ["variable", "year", "quadrant"]
        table = self.counts.sel(quadrant=slice(1, None)).transpose(*by).to_dataframe(dim_order=by).reset_index()
        table["quadrant"] = [QUADRANTS[code] for code in table["quadrant"]]
        return {"lisa_counts": table[[*by, "count", "significant"]]}
