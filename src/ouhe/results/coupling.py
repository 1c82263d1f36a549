"""Coupling degree, coordination degree, classes and lag types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.results.names import Names

__all__ = ["Coupling"]


@dataclass(frozen=True, eq=False)
class Coupling:
    """What coupling the systems gave; arrays over ``(region, year)``.

    Parameters
    ----------
    C, T, D
        Coupling degree, development and coordination degree.
    level
        Class of D as a number from 0, the lowest.
    lagging
        Position of the lagging system in `systems`, −1 where they are in step.
    labels
        Names of the classes, lowest first.
    upper
        Upper ends of the classes.
    systems
        Names of the systems.
    """

    C: xr.DataArray
    T: xr.DataArray
    D: xr.DataArray
    level: xr.DataArray
    lagging: xr.DataArray
    labels: tuple[str, ...]
    upper: tuple[float, ...]
    systems: tuple[str, ...]

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        return xr.Dataset({"C": self.C, "T": self.T, "D": self.D, "level": self.level, "lagging": self.lagging})

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        classes = {"labels": list(self.labels), "upper": list(self.upper)}
        return {"classes": classes, "systems": list(self.systems)}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Coupling:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        return cls(
            **{name: arrays[name] for name in ("C", "T", "D", "level", "lagging")},
            labels=tuple(record["classes"]["labels"]),
            upper=tuple(record["classes"]["upper"]),
            systems=tuple(record["systems"]),
        )

    def told_in(self, names: Names, _renamed: Mapping[str, str]) -> Coupling:
        """The same with names of another language."""
        return replace(self, labels=names.classes)

    def coupling(self) -> pd.DataFrame:
        """Table ``region year C T D class lag``, in the current language."""
        arrays = {"C": self.C, "T": self.T, "D": self.D, "class": self.level, "lag": self.lagging}
        table = xr.Dataset(arrays).transpose("year", "region").to_dataframe().reset_index()
        lags = np.array([*(text.t("labels.lagging", system=s) for s in self.systems), text.t("labels.in_step")])
        table["class"] = np.array(self.labels, dtype=object)[table["class"].to_numpy()]
        table["lag"] = lags.astype(object)[table["lag"].to_numpy()]
        return table[["region", "year", "C", "T", "D", "class", "lag"]]

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables about coupling, by name."""
        return {"coupling": self.coupling()}
