"""Entropies and weights of the indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xarray as xr

from ouhe.results.names import Names

__all__ = ["Weighing"]


@dataclass(frozen=True, eq=False)
class Weighing:
    """How the indicators of the systems are weighted.

    Parameters
    ----------
    entropy
        Information entropy E of every indicator; NaN where it has none.
    weight
        Weight of every indicator within its system, with the coordinates of :func:`ouhe.panel.describe`.
    """

    entropy: xr.DataArray
    weight: xr.DataArray

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        return xr.Dataset({"entropy": self.entropy, "weight": self.weight})

    def record(self) -> dict[str, Any]:
        """Nothing but arrays belongs to the weights."""
        return {}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, _record: Mapping[str, Any]) -> Weighing:
        """What :meth:`arrays` gave, as it was."""
        return cls(arrays["entropy"], arrays["weight"])

    def told_in(self, _names: Names, _renamed: Mapping[str, str]) -> Weighing:
        """The same: no names stand in it."""
        return self

    def weights(self) -> pd.DataFrame:
        """Table ``system dimension element indicator name direction unit entropy weight``."""
        w = self.weight
        deeper = [" > ".join(str(p).split(" > ")[1:]) for p in w["path_of"].to_numpy()]
        return pd.DataFrame(
            {
                "system": w["system_of"].to_numpy(),
                "dimension": w["dimension_of"].to_numpy(),
                "element": deeper,
                "indicator": w["indicator"].to_numpy(),
                "name": w["name"].to_numpy(),
                "direction": w["direction"].to_numpy(),
                "unit": w["unit"].to_numpy(),
                "entropy": self.entropy.to_numpy(),
                "weight": w.to_numpy(),
            }
        )

    def dimension_weights(self) -> pd.DataFrame:
        """Table ``system dimension weight``: a dimension's weight is the sum of its indicators'."""
        by_dimension = self.weights().groupby(["system", "dimension"], sort=False)["weight"]
        return by_dimension.sum().reset_index()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables ``weights`` and ``dimension_weights``."""
        return {"weights": self.weights(), "dimension_weights": self.dimension_weights()}
