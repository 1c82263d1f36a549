"""How groups and classes of cells develop: growth by year, gaps between zones, cells by class and by lagging system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.panel import to_frame
from ouhe.results.names import Names
from ouhe.results.trends import class_moves, classes_by_year, gaps_by_year, growth_by_year

__all__ = ["RasterTrends"]


@dataclass(frozen=True, eq=False)
class RasterTrends:
    """Developments over the years; what needs a grid that was not asked for is None.

    Parameters
    ----------
    growth
        ``(variable, group, year)``: growth from the year before, as a fraction; None where there is one year.
    gaps
        ``ratio``, ``difference`` and ``variation`` over ``(between, variable, year)``; ``between`` is ``groups``. None
        where there are fewer than two zones.
    counts
        ``(class, year)``: how many cells stand in each class.
    moves
        ``(first_class, last_class)``: cells by class in the first and the last year; None also where there is one.
    lags
        ``(lag, year)``: cells by the system that lags, −1 in step.
    classes
        Names of the classes, lowest first.
    systems
        Names of the systems.
    groups
        Group → its name.
    """

    growth: xr.DataArray | None
    gaps: xr.Dataset | None
    counts: xr.DataArray | None
    moves: xr.DataArray | None
    lags: xr.DataArray | None
    classes: tuple[str, ...]
    systems: tuple[str, ...]
    groups: Mapping[str, str]

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        found = {"counts": self.counts, "moves": self.moves, "lags": self.lags}
        if self.growth is not None:
            found["growth"] = self.growth.rename(year="later_year").reset_coords(drop=True)
        if self.gaps is not None:
            found |= {f"gap_{name}": gap for name, gap in self.gaps.data_vars.items()}
        return xr.Dataset({name: array for name, array in found.items() if array is not None})

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        told = {"classes": list(self.classes), "systems": list(self.systems), "groups": dict(self.groups)}
        return {"trends": told}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> RasterTrends:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        gaps = [k for k in map(str, arrays.data_vars) if k.startswith("gap_")]
        return cls(
            growth=arrays["growth"].rename(later_year="year") if "growth" in arrays else None,
            gaps=arrays[gaps].rename({k: k.removeprefix("gap_") for k in gaps}) if gaps else None,
            **{name: arrays.get(name) for name in ("counts", "moves", "lags")},
            classes=tuple(record["trends"]["classes"]),
            systems=tuple(record["trends"]["systems"]),
            groups=record["trends"]["groups"],
        )

    def told_in(self, names: Names, _renamed: Mapping[str, str]) -> RasterTrends:
        """The same with names of another language."""
        return replace(self, classes=names.classes, groups=names.groups)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables ``growth_by_year``, ``gaps``, ``classes``, ``class_moves`` and ``lags``, those that there are."""
        found = {"growth_by_year": growth_by_year(self.growth, self.groups)}
        if self.gaps is not None:
            found["gaps"] = gaps_by_year(self.gaps)
        if self.counts is not None:
            found["classes"] = classes_by_year(self.counts, self.classes)
            found["class_moves"] = class_moves(self.moves, self.classes)
        if self.lags is not None:
            found["lags"] = self._lags(self.lags)
        return found

    def _lags(self, lags: xr.DataArray) -> pd.DataFrame:
        """Table ``year lag count share``."""
        table = to_frame(lags.transpose("year", "lag"), value="count")
        table["share"] = table["count"] / int(lags.isel(year=0).sum())
        told = [*(text.t("labels.lagging", system=s) for s in self.systems), text.t("labels.in_step")]
        return table.assign(lag=[told[code] for code in table["lag"]])
