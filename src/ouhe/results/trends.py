"""How groups, regions and classes develop: growth by year, gaps, ranks, and how many regions stand in which class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe.panel import to_frame
from ouhe.results.names import Names

__all__ = ["Trends", "class_moves", "classes_by_year", "gaps_by_year", "growth_by_year"]


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
        return {
            "growth_by_year": growth_by_year(self.growth, self.groups),
            "gaps": gaps_by_year(self.gaps),
            "ranks": self._ranks(),
            "classes": classes_by_year(self.counts, self.classes),
            "class_moves": class_moves(self.moves, self.classes),
        }

    def _ranks(self) -> pd.DataFrame:
        """Rank of every region and year, and how many places it has won since the first year."""
        table = to_frame(self.ranks.transpose("variable", "year", "region"), value="rank")
        won = self.ranks.isel(year=0, drop=True) - self.ranks
        table["places_won"] = to_frame(won.transpose("variable", "year", "region"))["value"]
        return table.astype({"rank": "Int64", "places_won": "Int64"})


def growth_by_year(growth: xr.DataArray | None, groups: Mapping[str, str]) -> pd.DataFrame:
    """Table ``variable group year growth``, which is empty where there is one year.

    Parameters
    ----------
    growth
        ``(variable, group, year)``: growth from the year before.
    groups
        Group → its name.
    """
    if growth is None:
        return pd.DataFrame({c: pd.Series(dtype=float) for c in ("variable", "group", "year", "growth")})
    table = to_frame(growth.transpose("variable", "group", "year"), value="growth")
    return table.assign(group=table["group"].map(lambda g: groups.get(g, g)))


def gaps_by_year(gaps: xr.Dataset) -> pd.DataFrame:
    """Table ``between variable year ratio difference variation``.

    Parameters
    ----------
    gaps
        The three measures over ``(between, variable, year)``.
    """
    by = ["between", "variable", "year"]
    table = gaps.transpose(*by).to_dataframe(dim_order=by).reset_index()
    return table[[*by, "ratio", "difference", "variation"]]


def classes_by_year(counts: xr.DataArray, classes: Sequence[str]) -> pd.DataFrame:
    """Table ``year class count share``.

    Parameters
    ----------
    counts
        ``(class, year)``: how many regions, or cells, stand in each class.
    classes
        Names of the classes, lowest first.
    """
    table = to_frame(counts.transpose("year", "class"), value="count")
    table["share"] = table["count"] / int(counts.isel(year=0).sum())
    return table.assign(**{"class": np.array(classes, dtype=object)[table["class"]]})


def class_moves(moves: xr.DataArray | None, classes: Sequence[str]) -> pd.DataFrame:
    """Table ``first_class last_class count`` of the pairs of classes that regions, or cells, went between or stayed in.

    Parameters
    ----------
    moves
        ``(first_class, last_class)``; None where there is one year.
    classes
        Names of the classes, lowest first.
    """
    if moves is None:
        return pd.DataFrame({c: pd.Series(dtype=float) for c in ("first_class", "last_class", "count")})
    table = to_frame(moves, value="count")
    names = np.array(classes, dtype=object)
    table = table.assign(**{c: names[table[c]] for c in ("first_class", "last_class")})
    return table[table["count"] > 0].reset_index(drop=True)
