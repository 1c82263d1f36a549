"""The regions of a study as readers see them: their names, short names, and places on a tile grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ouhe.results.names import Names

__all__ = ["COLUMNS", "Places"]

#: Columns of :attr:`Places.table`.
COLUMNS = ("label", "short", "tile_row", "tile_column", "studied")


@dataclass(frozen=True, eq=False)
class Places:
    """Regions as they are shown.

    Parameters
    ----------
    table
        One row a region, index = id: ``label`` and ``short`` (in the language of the study), ``tile_row`` and
        ``tile_column`` (NaN where the set has no tile grid), ``studied`` (False for a region that a map shows without
        data).
    """

    table: pd.DataFrame

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Region → its name."""
        return dict(zip(self.table.index, self.table["label"], strict=True))

    @cached_property
    def short(self) -> Mapping[str, str]:
        """Region → its short name."""
        return dict(zip(self.table.index, self.table["short"], strict=True))

    def told_in(self, names: Names) -> Places:
        """The same with names of another language."""
        columns = {"label": names.regions, "short": names.short}
        return Places(self.table.assign(**{c: [n.get(r, r) for r in self.table.index] for c, n in columns.items()}))

    def record(self) -> dict[str, dict[str, Any]]:
        """The table as plain data; an unknown place on the grid is null."""
        plain = self.table.astype(object).where(self.table.notna(), None)
        return {
            str(r): dict(zip(COLUMNS, row, strict=True))
            for r, row in zip(plain.index, plain[list(COLUMNS)].to_numpy().tolist(), strict=True)
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Mapping[str, Any]]) -> Places:
        """What :meth:`record` gave, as it was."""
        table = pd.DataFrame([*record.values()], index=[*record], columns=list(COLUMNS))
        numbers = {c: table[c].astype(float) for c in ("tile_row", "tile_column")}
        return cls(table.assign(**numbers, studied=table["studied"].astype(bool)))
