"""The spatial weights that a study used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import sparse

from ouhe.neighbours import Neighbours
from ouhe.results.names import Names

__all__ = ["Space"]

#: Links of one set of weights that a table lists at most; ``data.nc`` holds them all.
MOST_LINKS = 100_000


@dataclass(frozen=True, eq=False)
class Space:
    """Spatial weights by name, in the order the study names them.

    Parameters
    ----------
    weights
        The weights; no two have one name.
    """

    weights: tuple[Neighbours, ...] = ()

    def __getitem__(self, name: str) -> Neighbours:
        return next(w for w in self.weights if w.name == name)

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored: the links of weights k as ``row_k``, ``column_k`` and ``weight_k``."""
        found = xr.Dataset()
        for k, w in enumerate(self.weights):
            links = w.matrix.tocoo()
            for name, values in (("row", links.row), ("column", links.col), ("weight", links.data)):
                found[f"{name}_{k}"] = (f"link_{k}", values)
        return found

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {"neighbours": [{**w.record(), "ids": list(w.regions)} for w in self.weights]}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Space:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        found = []
        for k, told in enumerate(record["neighbours"]):
            row, column, weight = (arrays[f"{name}_{k}"].to_numpy() for name in ("row", "column", "weight"))
            n = len(told["ids"])
            matrix = sparse.coo_array((weight, (row, column)), shape=(n, n)).tocsr()
            found.append(Neighbours(tuple(told["ids"]), matrix, told["style"], told["name"]))
        return cls(tuple(found))

    def told_in(self, _names: Names, renamed: Mapping[str, str]) -> Space:
        """The same with names of another language."""
        return Space(tuple(w.named(renamed[w.name]) for w in self.weights))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables ``spatial_weights``, a row a set of weights, and ``neighbours``, a row a link."""
        if not self.weights:
            return {}
        about = [
            (w.name, w.style, len(w), int(w.matrix.nnz), int(k.min()), float(k.mean()), int(k.max()), len(w.isolates))
            for w, k in ((w, w.degrees) for w in self.weights)
        ]
        columns = ["neighbours", "style", "regions", "links", "fewest", "mean", "most", "isolates"]
        listed = [w.to_frame().assign(neighbours=w.name) for w in self.weights if w.matrix.nnz <= MOST_LINKS]
        empty = pd.DataFrame({"neighbours": [], "region": [], "neighbour": [], "weight": np.array([], dtype=float)})
        links = pd.concat(listed, ignore_index=True) if listed else empty
        return {
            "spatial_weights": pd.DataFrame(about, columns=columns),
            "neighbours": links[["neighbours", "region", "neighbour", "weight"]],
        }
