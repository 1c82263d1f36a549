"""Global spatial autocorrelation: Moran's I, its bivariate form, Geary's c and Getis and Ord's G."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ouhe.results.names import Names

__all__ = ["BivariateMoran", "Geary", "Getis", "Moran", "stars"]

#: Largest p of three, two and one star.
LEVELS = (0.01, 0.05, 0.1)


def stars(p_value: xr.DataArray) -> NDArray[np.object_]:
    """Stars of p: *** ** * at 1, 5 and 10 %, from the unrounded p; none where it is missing.

    Examples
    --------
    >>> stars(xr.DataArray([0.0024, 0.01, 0.099, 0.1, np.nan])).tolist()
    ['***', '**', '*', '', '']
    """
    p = p_value.to_numpy()
    count = sum((p < level).astype(np.int8) for level in LEVELS)
    return np.array(["", "*", "**", "***"], dtype=object)[count]


@dataclass(frozen=True, eq=False)
class _Autocorrelation:
    """One statistic of spatial autocorrelation of some variables, by year.

    Parameters
    ----------
    statistics
        ``(neighbours, variable, year)``: ``statistic``, ``expected``, ``sd``, ``z``, ``p_value`` (two-sided, normal)
        and ``p_sim`` (two-sided, by permutation; missing without permutations); ``n`` regions, ``few`` where that is
        too few for the normal approximation. The first weights are the main ones.
    within
        The same within every group of regions, ``(variable, group, year)``; None where it was not asked for.
    options
        Options of the method as used.
    group_labels
        Group → its name.
    """

    statistics: xr.Dataset
    within: xr.Dataset | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    group_labels: Mapping[str, str] = field(default_factory=dict)

    #: Name of the tables, and of the statistic in them.
    NAME: ClassVar[str]
    SYMBOL: ClassVar[str]

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        if self.within is None:
            return self.statistics
        return self.statistics.merge(self.within.rename({k: f"within_{k}" for k in self.within.data_vars}))

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {"options": dict(self.options), "group_labels": dict(self.group_labels)}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> _Autocorrelation:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        inner = [str(k) for k in arrays.data_vars if str(k).startswith("within_")]
        within = arrays[inner].rename({k: k.removeprefix("within_") for k in inner}) if inner else None
        if within is not None:
            within = within.drop_vars("neighbours", errors="ignore")
        statistics = arrays.drop_vars([*inner, *(["group"] if inner else [])])
        return cls(statistics, within, record["options"], record["group_labels"])

    def told_in(self, names: Names, renamed: Mapping[str, str]) -> Self:
        """The same with names of another language."""
        called = np.array([renamed[w] for w in self.neighbours], dtype=object)
        statistics = self.statistics.assign_coords(neighbours=xr.Variable("neighbours", called))
        return replace(self, statistics=statistics, group_labels=names.groups)

    @property
    def neighbours(self) -> tuple[str, ...]:
        """Names of the spatial weights, the main ones first."""
        return tuple(map(str, self.statistics["neighbours"].to_numpy()))

    @property
    def main(self) -> xr.Dataset:
        """Statistics ``(variable, year)`` with the main weights."""
        return self.statistics.isel(neighbours=0)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Table of the main weights; where there are several, one that compares them; and one of the groups."""
        found = {self.NAME: self._rows(self.main, ("variable", "year"))}
        if len(self.neighbours) > 1:
            found[f"{self.NAME}_neighbours"] = self._rows(self.statistics, ("variable", "year", "neighbours"))
        if self.within is not None:
            table = self._rows(self.within, ("variable", "group", "year"))
            found[f"{self.NAME}_groups"] = table.assign(group=table["group"].map(lambda g: self.group_labels.get(g, g)))
        return found

    def _rows(self, statistics: xr.Dataset, by: tuple[str, ...]) -> pd.DataFrame:
        ordered = statistics.transpose(*by)
        table = ordered.to_dataframe(dim_order=list(by)).reset_index()
        table["stars"] = stars(ordered["p_value"]).ravel()
        table = table.rename(columns={"statistic": self.SYMBOL, "p_value": "p"})
        lagged, size = ([c for c in names if c in table.columns] for names in (("lagged",), ("n", "few")))
        return table[[by[0], *lagged, *by[1:], *size, self.SYMBOL, "expected", "sd", "z", "p", "stars", "p_sim"]]


class Moran(_Autocorrelation):
    """Moran's I."""

    NAME, SYMBOL = "moran", "I"


class BivariateMoran(_Autocorrelation):
    """Bivariate Moran's I of a variable and the lag of another; the other is a coordinate ``lagged`` of the first."""

    NAME, SYMBOL = "bivariate_moran", "I"


class Geary(_Autocorrelation):
    """Geary's c."""

    NAME, SYMBOL = "geary", "c"


class Getis(_Autocorrelation):
    """Getis and Ord's general G."""

    NAME, SYMBOL = "getis", "G"
