"""Kernel densities of some variables by year, and the shape of every curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.compute import density
from ouhe.results.names import Names

__all__ = ["Density"]

#: Descriptors of a curve, by their column in tables, whose change between years is told.
DESCRIPTORS = {
    "peaks": "peaks",
    "mode": "mode",
    "height": "mode_height",
    "width": "width",
    "skewness": "skewness",
    "kurtosis": "kurtosis",
}

#: Words for the kinds that the rules of :mod:`ouhe.compute.density` tell apart, by code.
KINDS: Mapping[str, Mapping[int, str]] = {
    "modality": {1: "one_peak", 2: "two_peaks", 3: "several_peaks"},
    "tail": {-1: "left_skewed", 0: "symmetric", 1: "right_skewed"},
    "peakedness": {-1: "flat", 0: "as_normal", 1: "sharp"},
}

#: Words for the course of the highest peak between two years: of its height, and of its width.
COURSES: Mapping[str, tuple[str, Mapping[int, str]]] = {
    "peak": ("mode_height", {-1: "lower", 0: "as_high", 1: "higher"}),
    "spread": ("width", {-1: "narrower", 0: "as_wide", 1: "wider"}),
}


@dataclass(frozen=True, eq=False)
class Density:
    """Densities by year.

    Parameters
    ----------
    curves
        As :func:`ouhe.compute.density.estimate` gives them: ``density`` over ``(variable, year, point)``, ``x`` over
        ``(variable, point)``, ``bandwidth`` over ``(variable, year)``.
    shape
        As :func:`ouhe.compute.density.shape` gives it: over ``(variable, year)`` the number of peaks, place, height
        and width of the highest, skewness and kurtosis; over ``(variable, year, peak)`` every peak.
    options
        Options of the method as used.
    """

    curves: xr.Dataset
    shape: xr.Dataset
    options: Mapping[str, Any] = field(default_factory=dict)

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        return self.curves.merge(self.shape, compat="no_conflicts")

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {"options": dict(self.options), "shape": [str(k) for k in self.shape.data_vars]}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Density:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        shape = arrays[record["shape"]]
        return cls(arrays.drop_vars([*record["shape"], "peak"]), shape, record["options"])

    def told_in(self, _names: Names, _renamed: Mapping[str, str]) -> Density:
        """The same: no names stand in it."""
        return self

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables ``density``, ``density_shape``, ``density_peaks`` and ``density_change``."""
        by = ["variable", "year"]
        curves = self.curves[["x", "density"]].broadcast_like(self.curves["density"])
        table = curves.to_dataframe(dim_order=[*by, "point"]).reset_index()
        return {
            "density": table[[*by, "x", "density"]],
            "density_shape": self._shape(),
            "density_peaks": self._peaks(),
            "density_change": self._change(),
        }

    def _described(self) -> xr.Dataset:
        return xr.Dataset({column: self.shape[name] for column, name in DESCRIPTORS.items()})

    def _shape(self) -> pd.DataFrame:
        """Descriptors of every curve, and the words for them."""
        by = ["variable", "year"]
        kinds = {
            "modality": density.modality(self.shape["peaks"]),
            "tail": density.tail(self.shape["skewness"]),
            "peakedness": density.peakedness(self.shape["kurtosis"]),
        }
        told = self._described().assign({"bandwidth": self.curves["bandwidth"], **kinds})
        table = told.to_dataframe(dim_order=by).reset_index()
        for kind, words in KINDS.items():
            table[kind] = table[kind].map({code: text.t(f"labels.{word}") for code, word in words.items()})
        return table[[*by, "bandwidth", *DESCRIPTORS, *KINDS]]

    def _peaks(self) -> pd.DataFrame:
        by = ["variable", "year", "peak"]
        told = self.shape[["place", "height", "prominence"]]
        table = told.to_dataframe(dim_order=by).reset_index().dropna(subset="place", ignore_index=True)
        return table[[*by, "place", "height", "prominence"]].rename(columns={"place": "x"})

    def _change(self) -> pd.DataFrame:
        """One row a variable and pair of years: neighbouring years, and the first and last."""
        years, told = self.shape["year"].to_numpy(), self._described()
        pairs = [(i, i + 1) for i in range(len(years) - 1)] + ([(0, len(years) - 1)] if len(years) > 2 else [])
        rows = []
        for first, last in pairs:
            before, after = (self.shape.isel(year=i, drop=True) for i in (first, last))
            change = (told.isel(year=last, drop=True) - told.isel(year=first, drop=True)).to_dataframe().reset_index()
            for column, (measure, words) in COURSES.items():
                codes = density.course(before[measure], after[measure]).to_series().map(dict(words))
                change[column] = [text.t(f"labels.{word}") for word in codes]
            rows.append(change.assign(first_year=int(years[first]), last_year=int(years[last])))
        columns = ["variable", "first_year", "last_year", *DESCRIPTORS, *COURSES]
        return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns, dtype=float)
