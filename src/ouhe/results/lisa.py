"""Local Moran: quadrant and cluster of every region and year, and how regions move between quadrants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe.compute.lisa import CODES
from ouhe.panel import to_frame
from ouhe.results.names import Names

__all__ = ["QUADRANTS", "Lisa"]

#: Names of the quadrants by their number; 0 is a region without neighbours.
QUADRANTS = ("", *sorted(CODES.keys() - {"none"}, key=CODES.__getitem__))


@dataclass(frozen=True, eq=False)
class Lisa:
    """Local Moran of some variables.

    Parameters
    ----------
    local
        As :func:`ouhe.compute.lisa.local` gives it, ``(variable, region, year)``: ``value`` (standardised), ``lag``
        (of the standardised values), ``statistic`` I_i, ``p_value``, ``p_adjusted`` where p was corrected,
        ``quadrant`` (position in :data:`QUADRANTS`), ``significant``.
    moves
        ``(variable, from, to)``: how many regions went from one quadrant to another from one year to the next; None
        where there is one year.
    neighbours
        Name of the spatial weights.
    options
        Options of the method as used.
    """

    local: xr.Dataset
    moves: xr.DataArray | None
    neighbours: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        return self.local if self.moves is None else self.local.assign(moves=self.moves)

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {"neighbours": self.neighbours, "options": dict(self.options)}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Lisa:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        moves = arrays.get("moves")
        local = arrays if moves is None else arrays.drop_vars(["moves", "from", "to"])
        return cls(local, moves, record["neighbours"], record["options"])

    def told_in(self, _names: Names, renamed: Mapping[str, str]) -> Lisa:
        """The same with names of another language."""
        return replace(self, neighbours=renamed[self.neighbours])

    def clusters(self) -> xr.DataArray:
        """Quadrant ``(variable, region, year)`` where it is significant, else 0."""
        return self.local["quadrant"].where(self.local["significant"], np.int8(0))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables ``lisa``, ``lisa_counts`` (regions in each quadrant), ``lisa_moves`` and ``lisa_changes``."""
        by = ["variable", "year", "region"]
        table = self.local.transpose(*by).to_dataframe(dim_order=by).reset_index()
        names = np.array(QUADRANTS, dtype=object)
        table["quadrant"] = names[table["quadrant"].to_numpy()]
        table = table.rename(columns={"statistic": "I", "p_value": "p"})
        adjusted = ["p_adjusted"] if "p_adjusted" in table.columns else []
        return {
            "lisa": table[[*by, "value", "lag", "I", "p", *adjusted, "quadrant", "significant"]],
            "lisa_counts": self._counts(),
            "lisa_moves": self._moves(),
            "lisa_changes": self._changes(),
        }

    def _counts(self) -> pd.DataFrame:
        rows = []
        for code, name in enumerate(QUADRANTS[1:], start=1):
            here = self.local["quadrant"] == code
            both = xr.Dataset(
                {"count": here.sum("region"), "significant": (here & self.local["significant"]).sum("region")}
            )
            frame = both.transpose("variable", "year").to_dataframe(dim_order=["variable", "year"]).reset_index()
            rows.append(frame.assign(quadrant=name, order=code))
        counts = pd.concat(rows, ignore_index=True)
        order = {str(v): i for i, v in enumerate(self.local["variable"].to_numpy())}
        counts = counts.sort_values(
            ["variable", "year", "order"], key=lambda c: c.map(order) if c.name == "variable" else c
        )
        return counts[["variable", "year", "quadrant", "count", "significant"]].reset_index(drop=True)

    def _moves(self) -> pd.DataFrame:
        if self.moves is None:
            return pd.DataFrame({c: pd.Series(dtype=float) for c in ("variable", "from", "to", "count")})
        return to_frame(self.moves.transpose("variable", "from", "to"), value="count")

    def _changes(self) -> pd.DataFrame:
        """One row each time a region stands in another quadrant than the year before."""
        q = self.local["quadrant"].transpose("variable", "year", "region")
        codes, years, names = q.to_numpy(), q["year"].to_numpy(), np.array(QUADRANTS, dtype=object)
        v, t, r = np.nonzero(codes[:, 1:] != codes[:, :-1])
        return pd.DataFrame(
            {
                "variable": q["variable"].to_numpy().astype(object)[v],
                "region": q["region"].to_numpy().astype(object)[r],
                "year": years[1:][t],
                "from": names[codes[v, t, r]],
                "to": names[codes[v, t + 1, r]],
            }
        )
