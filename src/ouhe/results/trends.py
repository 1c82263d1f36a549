"""How groups, regions and classes develop: growth by year, gaps, ranks, and how many regions stand in which class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe.panel import to_frame
from ouhe.results.names import Names

__all__ = ["Trends"]


@dataclass(frozen=True, eq=False)
class Trends:
    """Developments over the years.

    Parameters
    ----------
    growth
        ``(variable, group, year)``: growth from the year before, as a fraction; None where there is one year.
    gaps
        ``ratio`` (largest to smallest), ``difference`` and ``variation`` (coefficient of variation, population) over
        ``(between, variable, year)``; ``between`` is ``groups`` or ``regions``.
    ranks
        ``(variable, region, year)``: 1 is the highest; equal values share the best rank.
    counts
        ``(class, year)``: how many regions stand in each class.
    moves
        ``(first_class, last_class)``: how many regions went from which class in the first year to which in the last;
        None where there is one year.
    classes
        Names of the classes, lowest first.
    groups
        Group → its name.
    """

    growth: xr.DataArray | None
    gaps: xr.Dataset
    ranks: xr.DataArray
    counts: xr.DataArray
    moves: xr.DataArray | None
    classes: tuple[str, ...]
    groups: Mapping[str, str]

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored; a year that growth has none for is missing in it."""
        gaps = self.gaps.rename({k: f"gap_{k}" for k in self.gaps.data_vars})
        found = gaps.assign(ranks=self.ranks, counts=self.counts)
        if self.growth is not None and self.moves is not None:
            growth = self.growth.rename(year="later_year").reset_coords(drop=True)
            found = found.assign(growth=growth, moves=self.moves)
        return found

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {"trends": {"classes": list(self.classes), "groups": dict(self.groups)}}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Trends:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        several = "growth" in arrays
        gaps = [k for k in map(str, arrays.data_vars) if k.startswith("gap_")]
        return cls(
            growth=arrays["growth"].rename(later_year="year") if several else None,
            gaps=arrays[gaps].rename({k: k.removeprefix("gap_") for k in gaps}),
            ranks=arrays["ranks"],
            counts=arrays["counts"],
            moves=arrays["moves"] if several else None,
            classes=tuple(record["trends"]["classes"]),
            groups=record["trends"]["groups"],
        )

    def told_in(self, names: Names, _renamed: Mapping[str, str]) -> Trends:
        """The same with names of another language."""
        return replace(self, classes=names.classes, groups=names.groups)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables ``growth_by_year``, ``gaps``, ``ranks``, ``classes`` and ``class_moves``."""
        by = ["between", "variable", "year"]
        gaps = self.gaps.transpose(*by).to_dataframe(dim_order=by).reset_index()
        return {
            "growth_by_year": self._growth(),
            "gaps": gaps[[*by, "ratio", "difference", "variation"]],
            "ranks": self._ranks(),
            "classes": self._classes(),
            "class_moves": self._moves(),
        }

    def _growth(self) -> pd.DataFrame:
        if self.growth is None:
            return pd.DataFrame({c: pd.Series(dtype=float) for c in ("variable", "group", "year", "growth")})
        table = to_frame(self.growth.transpose("variable", "group", "year"), value="growth")
        return table.assign(group=table["group"].map(lambda g: self.groups.get(g, g)))

    def _ranks(self) -> pd.DataFrame:
        """Rank of every region and year, and how many places it has won since the first year."""
        table = to_frame(self.ranks.transpose("variable", "year", "region"), value="rank")
        won = self.ranks.isel(year=0, drop=True) - self.ranks
        table["places_won"] = to_frame(won.transpose("variable", "year", "region"))["value"]
        return table.astype({"rank": "Int64", "places_won": "Int64"})

    def _classes(self) -> pd.DataFrame:
        table = to_frame(self.counts.transpose("year", "class"), value="count")
        table["share"] = table["count"] / int(self.counts.isel(year=0).sum())
        return table.assign(**{"class": np.array(self.classes, dtype=object)[table["class"]]})

    def _moves(self) -> pd.DataFrame:
        """Pairs of classes that regions went between, or stayed in."""
        if self.moves is None:
            return pd.DataFrame({c: pd.Series(dtype=float) for c in ("first_class", "last_class", "count")})
        table = to_frame(self.moves, value="count")
        names = np.array(self.classes, dtype=object)
        table = table.assign(**{c: names[table[c]] for c in ("first_class", "last_class")})
        return table[table["count"] > 0].reset_index(drop=True)
