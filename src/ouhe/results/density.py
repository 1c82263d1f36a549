"""Kernel densities of some variables by year, and the shape of every curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import xarray as xr

__all__ = ["Density"]

#: Descriptors of a curve whose change between years is told.
DESCRIPTORS = ("peaks", "mode", "height", "width", "skewness", "kurtosis")


@dataclass(frozen=True, eq=False)
class Density:
    """Densities by year.

    Parameters
    ----------
    curves
        ``x`` and ``density`` over ``(variable, year, point)``, ``bandwidth`` over ``(variable, year)``.
    shape
        Over ``(variable, year)``: ``peaks`` (their number), ``mode`` and ``height`` (place and height of the highest),
        ``width`` (of the highest, at half its height), ``skewness``, ``kurtosis``; over ``(variable, year, peak)``:
        ``peak_x``, ``peak_height``, ``peak_prominence``.
    options
        Options of the method as used.
    """

    curves: xr.Dataset
    shape: xr.Dataset
    options: Mapping[str, Any] = field(default_factory=dict)

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        return self.curves.merge(self.shape)

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {"options": dict(self.options), "shape": [str(k) for k in self.shape.data_vars]}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Density:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        shape = arrays[record["shape"]]
        return cls(arrays.drop_vars([*record["shape"], "peak"], errors="ignore"), shape, record["options"])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables ``density``, ``density_shape``, ``density_peaks`` and ``density_change``."""
        by = ["variable", "year"]
        curves = self.curves[["x", "density"]].broadcast_like(self.curves["density"]).transpose(*by, "point")
        table = curves.to_dataframe(dim_order=[*by, "point"]).reset_index()
        return {
            "density": table[[*by, "x", "density"]],
            "density_shape": self._shape(),
            "density_peaks": self._peaks(),
            "density_change": self._change(),
        }

    def _shape(self) -> pd.DataFrame:
        by = ["variable", "year"]
        told = self.shape[list(DESCRIPTORS)].assign(bandwidth=self.curves["bandwidth"])
        return told.to_dataframe(dim_order=by).reset_index()[[*by, "bandwidth", *DESCRIPTORS]]

    def _peaks(self) -> pd.DataFrame:
        by = ["variable", "year", "peak"]
        told = self.shape[["peak_x", "peak_height", "peak_prominence"]]
        table = told.to_dataframe(dim_order=by).reset_index().dropna(subset="peak_x", ignore_index=True)
        table["peak"] = table["peak"] + 1
        names = {"peak_x": "x", "peak_height": "height", "peak_prominence": "prominence"}
        return table[[*by, *names]].rename(columns=names)

    def _change(self) -> pd.DataFrame:
        """One row a variable and pair of years: neighbouring years, and the first and last."""
        years = self.shape["year"].to_numpy()
        pairs = list(zip(range(len(years) - 1), range(1, len(years)), strict=True))
        pairs += [(0, len(years) - 1)] if len(years) > 2 else []
        told = self.shape[list(DESCRIPTORS)]
        rows = []
        for first, last in pairs:
            change = (told.isel(year=last, drop=True) - told.isel(year=first, drop=True)).to_dataframe().reset_index()
            rows.append(change.assign(first_year=int(years[first]), last_year=int(years[last])))
        columns = ["variable", "first_year", "last_year", *DESCRIPTORS]
        return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns, dtype=float)
