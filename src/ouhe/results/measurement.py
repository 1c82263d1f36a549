"""Weights and indices of the systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xarray as xr

from ouhe.panel import to_frame
from ouhe.results.names import Names
from ouhe.results.weighing import Weighing

__all__ = ["Measurement"]


@dataclass(frozen=True, eq=False)
class Measurement:
    """What measuring the systems gave.

    Parameters
    ----------
    x
        Indicators as used ``(region, year, indicator)``, in their units.
    y
        The same, normalised.
    entropy
        Information entropy E of every indicator, with the study's options where its weights are entropy weights; NaN
        where it has none, such as for negative y.
    weight
        Weight of every indicator within its system.
    index
        Index ``(region, year, system)``.
    dimensions
        Weighted sum Σ w y of the indicators of every dimension ``(region, year, dimension)``; under linear
        aggregation, what the dimension adds to the index.
    """

    x: xr.DataArray
    y: xr.DataArray
    entropy: xr.DataArray
    weight: xr.DataArray
    index: xr.DataArray
    dimensions: xr.DataArray

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        parts = {"x": self.x, "y": self.y, "entropy": self.entropy, "weight": self.weight, "index": self.index}
        per_dimension = self.dimensions.rename(system_of="dimension_system")  # indicators have a system_of of their own
        return xr.Dataset(parts | {"dimensions": per_dimension})

    def record(self) -> dict[str, Any]:
        """Nothing but arrays belongs to a measurement."""
        return {}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, _record: Mapping[str, Any]) -> Measurement:
        """What :meth:`arrays` gave, as it was."""
        parts = {name: arrays[name] for name in ("x", "y", "entropy", "weight", "index")}
        return cls(**parts, dimensions=arrays["dimensions"].rename(dimension_system="system_of"))

    def told_in(self, _names: Names, _renamed: Mapping[str, str]) -> Measurement:
        """The same: no names stand in it."""
        return self

    @property
    def weighing(self) -> Weighing:
        """Entropies and weights."""
        return Weighing(self.entropy, self.weight)

    def weights(self) -> pd.DataFrame:
        """Table ``system dimension element indicator name direction unit entropy weight``."""
        return self.weighing.weights()

    def dimension_weights(self) -> pd.DataFrame:
        """Table ``system dimension weight``: a dimension's weight is the sum of its indicators'."""
        return self.weighing.dimension_weights()

    def _dimensions(self) -> pd.DataFrame:
        """Table ``region system dimension year value``."""
        d = self.dimensions.transpose("dimension", "year", "region")
        about = pd.DataFrame({k: d[k].to_numpy().astype(str) for k in ("dimension", "system_of", "dimension_name")})
        table = to_frame(d).merge(about, on="dimension", how="left", validate="many_to_one")
        table = table.drop(columns="dimension").rename(columns={"system_of": "system", "dimension_name": "dimension"})
        return table[["region", "system", "dimension", "year", "value"]]

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables about the measurement, by name."""
        index = to_frame(self.index.transpose("system", "year", "region"))
        return {
            "weights": self.weights(),
            "dimension_weights": self.dimension_weights(),
            "index": index[["region", "system", "year", "value"]],
            "dimensions": self._dimensions(),
        }
