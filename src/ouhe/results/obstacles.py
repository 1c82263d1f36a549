"""Obstacle degrees: what keeps regions and groups from the best values of a system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe.panel import to_frame
from ouhe.results.names import Names

__all__ = ["NAMED", "Obstacles"]

#: Obstacles of a region or a group that are kept, shown and named.
NAMED = 5

#: Coordinates along ``indicator`` that the tables and the figure show.
ABOUT = ("system_of", "dimension_of", "name", "direction")


@dataclass(frozen=True, eq=False)
class Obstacles:
    """Obstacle degrees of regions and of groups; shares that sum to 1 within a system.

    Parameters
    ----------
    heaviest
        ``position`` (along ``indicator`` of `groups`; −1 where there is none) and ``degree`` of the heaviest
        obstacles ``(region, year, system, rank)``, as :func:`ouhe.compute.obstacle.heaviest` gives them.
    groups
        Means ``(group, year, indicator)`` of the regions' degrees, the first group the nation; with the coordinates
        ``system_of``, ``dimension_of``, ``name`` and ``direction``.
    dimensions
        Their sums ``(group, year, dimension)`` by dimension, with ``system_of`` and ``dimension_name``.
    group_labels
        Group → its name.
    """

    heaviest: xr.Dataset
    groups: xr.DataArray
    dimensions: xr.DataArray
    group_labels: Mapping[str, str] = field(default_factory=dict)

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        groups = self.groups.drop_vars([c for c in self.groups.coords if c not in {*self.groups.dims, *ABOUT}])
        per_dimension = self.dimensions.rename(system_of="dimension_system")  # indicators have a system_of of their own
        return self.heaviest.assign(groups=groups, dimensions=per_dimension)

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {"obstacles": {"group_labels": dict(self.group_labels)}}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Obstacles:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        kept = {"region", "year", "system", "rank"}
        heaviest = arrays[["position", "degree"]]
        return cls(
            heaviest=heaviest.drop_vars([c for c in heaviest.coords if c not in kept]),
            groups=arrays["groups"],
            dimensions=arrays["dimensions"].rename(dimension_system="system_of"),
            group_labels=record["obstacles"]["group_labels"],
        )

    def told_in(self, names: Names, _renamed: Mapping[str, str]) -> Obstacles:
        """The same with names of another language."""
        return replace(self, group_labels=names.groups)

    def label(self, group: str) -> str:
        """Name of a group."""
        return self.group_labels.get(group, group)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables ``obstacles``, ``obstacles_groups`` and ``obstacles_dimensions``."""
        return {
            "obstacles": self._regions(),
            "obstacles_groups": self._groups(),
            "obstacles_dimensions": self._dimensions(),
        }

    def _regions(self) -> pd.DataFrame:
        """Table ``region year system rank indicator name degree``, a row an obstacle."""
        by = ["system", "year", "region", "rank"]
        ordered = self.heaviest.transpose(*by)
        position = ordered["position"].to_numpy()
        there = np.nonzero(position >= 0)
        at = {d: ordered[d].to_numpy()[i] for d, i in zip(by, there, strict=True)}
        about = {c: self.groups[c].to_numpy().astype(object)[position[there]] for c in ("indicator", "name")}
        table = pd.DataFrame({**at, **about, "degree": ordered["degree"].to_numpy()[there]})
        return table[["region", "year", "system", "rank", "indicator", "name", "degree"]]

    def _groups(self) -> pd.DataFrame:
        """Table ``group year system indicator name degree``, all indicators of all groups."""
        ordered = self.groups.transpose("group", "year", "indicator")
        table = to_frame(ordered, value="degree")
        times = len(table) // ordered.sizes["indicator"]
        about = {k: np.tile(ordered[c].to_numpy(), times) for k, c in {"system": "system_of", "name": "name"}.items()}
        table = table.assign(group=table["group"].map(self.label), **about)
        return table[["group", "year", "system", "indicator", "name", "degree"]]

    def _dimensions(self) -> pd.DataFrame:
        """Table ``group system dimension year degree``."""
        d = self.dimensions.transpose("group", "dimension", "year")
        about = pd.DataFrame({k: d[k].to_numpy().astype(str) for k in ("dimension", "system_of", "dimension_name")})
        table = to_frame(d, value="degree").merge(about, on="dimension", how="left", validate="many_to_one")
        table = table.drop(columns="dimension").rename(columns={"system_of": "system", "dimension_name": "dimension"})
        table = table.assign(group=table["group"].map(self.label))
        return table[["group", "system", "dimension", "year", "degree"]]
