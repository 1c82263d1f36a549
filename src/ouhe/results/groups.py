"""Means of the nation and of groups of regions, and their growth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import xarray as xr

from ouhe.panel import to_frame
from ouhe.results.names import Names

__all__ = ["NATION", "Groups"]

#: Id of the group of all regions.
NATION = "nation"


@dataclass(frozen=True, eq=False)
class Groups:
    """Means by group.

    Parameters
    ----------
    means
        ``(variable, group, year)``: plain means over the regions of a group; variables are the systems, C, T and D,
        the first group is :data:`NATION`.
    growth
        ``(variable, group)``: annual growth from the first to the last year, as a fraction.
    members
        Group → its regions.
    labels
        Group → its name in the language of the study; :data:`NATION` is the nation only where no region is left out.
    """

    means: xr.DataArray
    growth: xr.DataArray
    members: dict[str, tuple[str, ...]]
    labels: dict[str, str]

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        return xr.Dataset({"means": self.means, "growth": self.growth})

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {"groups": {"members": {k: list(v) for k, v in self.members.items()}, "labels": self.labels}}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Groups:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        members = {k: tuple(v) for k, v in record["groups"]["members"].items()}
        return cls(arrays["means"], arrays["growth"], members, record["groups"]["labels"])

    def told_in(self, names: Names, _renamed: Mapping[str, str]) -> Groups:
        """The same with names of another language."""
        return replace(self, labels=dict(names.groups))

    def label(self, group: str) -> str:
        """Name of a group."""
        return self.labels.get(group, group)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables ``groups`` (group year variable value) and ``growth``."""
        means = to_frame(self.means)
        means["group"] = means["group"].map(self.label)
        years = self.means["year"].to_numpy()
        if len(years) == 1:  # one year has no growth
            columns = ["variable", "group", "first_year", "last_year", "first", "last", "annual_growth"]
            none = pd.DataFrame({c: pd.Series(dtype=float) for c in columns})
            return {"groups": means[["group", "year", "variable", "value"]], "growth": none}
        ends = self.means.isel(year=[0, -1]).to_numpy()
        growth = to_frame(self.growth, value="annual_growth")
        growth["group"] = growth["group"].map(self.label)
        growth.insert(2, "first_year", int(years[0]))
        growth.insert(3, "last_year", int(years[-1]))
        growth.insert(4, "first", ends[..., 0].ravel())
        growth.insert(5, "last", ends[..., 1].ravel())
        return {"groups": means[["group", "year", "variable", "value"]], "growth": growth}
