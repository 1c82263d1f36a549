"""The data as used: every value with its source and status, and all that was left out, matched, chosen or filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe.panel import Status
from ouhe.read.reading import LeftOut, Match, Source
from ouhe.results.names import Names

__all__ = ["Data"]

_STATUS = {Status.MISSING: "missing", Status.READ: "read", Status.DERIVED: "derived", Status.FILLED: "filled"}


@dataclass(frozen=True, eq=False)
class Data:
    """Series of a study after reading, deriving and filling.

    Parameters
    ----------
    values
        Dataset over ``(region, year, series)``: ``value`` (float), ``status`` (:class:`~ouhe.panel.Status`),
        ``source`` (position in `sources`, −1 where derived or filled) and ``filled_by`` (0, or the position in
        `fill_methods` plus 1). Coordinates ``unit`` and ``name`` along ``series``.
    sources, left_out, matches
        As the readers give them.
    fill_methods
        Names of the methods that filled values, in the order they were tried.
    editions
        Cells for which editions disagreed, and which was chosen.
    suspicious
        Values more than ten times both their neighbours in time, or less than a tenth of them.
    derived
        Series → expression that made it.
    dropped
        Indicators left out because they never vary.
    """

    values: xr.Dataset
    sources: tuple[Source, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    matches: tuple[Match, ...] = ()
    fill_methods: tuple[str, ...] = ()
    editions: pd.DataFrame = field(default_factory=pd.DataFrame)
    suspicious: pd.DataFrame = field(default_factory=pd.DataFrame)
    derived: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        return self.values

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {
            "inputs": [asdict(s) for s in self.sources],
            "left_out": [asdict(x) for x in self.left_out],
            "matches": [asdict(m) for m in self.matches],
            "fill_methods": list(self.fill_methods),
            "editions": _columns(self.editions),
            "suspicious": _columns(self.suspicious),
            "derived": dict(self.derived),
            "dropped": list(self.dropped),
        }

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Data:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        return cls(
            values=arrays,
            sources=tuple(Source(**s) for s in record["inputs"]),
            left_out=tuple(LeftOut(**x) for x in record["left_out"]),
            matches=tuple(Match(**x) for x in record["matches"]),
            fill_methods=tuple(record["fill_methods"]),
            editions=_table(record["editions"]),
            suspicious=_table(record["suspicious"]),
            derived=record["derived"],
            dropped=tuple(record["dropped"]),
        )

    def told_in(self, _names: Names, _renamed: Mapping[str, str]) -> Data:
        """The same: no names stand in it."""
        return self

    def source_name(self, position: int) -> str:
        """File and sheet of a source."""
        return str(self.sources[position].place()) if position >= 0 else ""

    def panel(self) -> pd.DataFrame:
        """Table ``region year indicator value unit source status``: every value as used."""
        table = self._cells(self.values["value"].notnull())
        names = np.array([*map(self.source_name, range(len(self.sources))), ""], dtype=object)
        derived = table["status"].eq(Status.DERIVED)
        table["source"] = names[table["source"].to_numpy()]
        table.loc[derived, "source"] = table.loc[derived, "series"].map(dict(self.derived))
        table["status"] = table["status"].map(_STATUS)
        table = table.rename(columns={"series": "indicator"})
        return table[["region", "year", "indicator", "value", "unit", "source", "status"]]

    def missing(self) -> pd.DataFrame:
        """Table ``indicator region year method value``: every value that was filled."""
        table = self._cells(self.values["filled_by"] > 0)
        methods = np.array(["", *self.fill_methods], dtype=object)
        table["method"] = methods[table["filled_by"].to_numpy()]
        table = table.rename(columns={"series": "indicator"})
        return table[["indicator", "region", "year", "method", "value"]]

    def _cells(self, chosen: xr.DataArray) -> pd.DataFrame:
        """One row a chosen cell, series by series, regions in order within a year."""
        ordered = self.values.transpose("series", "year", "region")
        series, year, region = np.nonzero(chosen.transpose("series", "year", "region").to_numpy())
        columns = {
            "region": ordered["region"].to_numpy().astype(str)[region],
            "year": ordered["year"].to_numpy()[year],
            "series": ordered["series"].to_numpy().astype(str)[series],
            "unit": ordered["unit"].to_numpy().astype(str)[series],
        }
        columns |= {k: ordered[k].to_numpy()[series, year, region] for k in ("value", "status", "source", "filled_by")}
        return pd.DataFrame(columns)

    def _named_sources(self, table: pd.DataFrame) -> pd.DataFrame:
        """`table` with file and sheet in the place of positions in `sources`."""
        columns = [c for c in table.columns if str(c).endswith("_source")]
        return table.assign(**{c: table[c].map(self.source_name).astype(str) for c in columns})

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables about the data, by name."""
        left_out = [(self.source_name(x.source), x.row + 1 or None, x.label, x.reason) for x in self.left_out]
        return {
            "panel": self.panel(),
            "missing": self.missing(),
            "sources": pd.DataFrame(
                [(s.file, s.sheet, s.layout, s.title, s.protected, s.encoding, s.sha256) for s in self.sources],
                columns=["file", "sheet", "layout", "title", "protected", "encoding", "sha256"],
            ),
            "left_out": pd.DataFrame(left_out, columns=["source", "row", "label", "reason"]).astype({"row": "Int64"}),
            "matches": pd.DataFrame(
                [(m.label, m.region, m.how) for m in self.matches], columns=["label", "region", "how"]
            ),
            "editions": self._named_sources(self.editions),
            "suspicious": self.suspicious,
        }


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    """A table as columns, with their types, so that it comes back as it was."""
    plain = table.astype(object).where(table.notna(), None)
    return {
        "columns": {str(c): plain[c].tolist() for c in table.columns},
        "types": {str(c): str(t) for c, t in table.dtypes.items()},
    }


def _table(stored: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(stored["columns"]).astype(stored["types"])
