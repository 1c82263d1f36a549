"""Everything a study gave, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ouhe import text
from ouhe.errors import Problem
from ouhe.results.coupling import Coupling
from ouhe.results.data import Data
from ouhe.results.groups import NATION, Groups
from ouhe.results.measurement import Measurement

__all__ = ["StudyResults"]


@dataclass(frozen=True, eq=False)
class StudyResults:
    """Results of a run.

    Parameters
    ----------
    settings
        The study as resolved, every default filled in.
    language
        Language of labels in tables.
    data, measurement, coupling, groups
        The parts.
    region_labels
        Region → its name in `language`.
    warnings
        What a reader must know before believing the numbers.
    versions
        Software that made them.
    """

    settings: Mapping[str, Any]
    language: text.Lang
    data: Data
    measurement: Measurement
    coupling: Coupling
    groups: Groups
    region_labels: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Title of the study."""
        return str(self.settings["title"])

    @property
    def simulated(self) -> bool:
        """The data are simulated."""
        return bool(self.settings["simulated"])

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, labels in the study's language; of simulated data every row says so."""
        with text.use(self.language):
            parts = (self.measurement, self.coupling, self.groups, self.data)
            tables = {name: table for part in parts for name, table in part.tables().items()}
            tables = {name: self._labelled(table) for name, table in tables.items()}
            if self.simulated:
                notice = text.t("labels.simulated")
                tables = {name: table.assign(simulated=notice) for name, table in tables.items()}
        return tables

    def _labelled(self, table: pd.DataFrame) -> pd.DataFrame:
        """`table` with the names of its regions in the study's language."""
        if "region" not in table.columns or table.empty:
            return table
        return table.assign(region=table["region"].map(lambda r: self.region_labels.get(r, r)))

    def summary(self) -> str:
        """The headline numbers in a few lines, in the current language.

        The index of every system and D: national mean in the first and the last year, and annual growth.
        """
        growth = self.groups.tables()["growth"]
        scope = self.groups.label(NATION)
        nation = growth[growth["group"] == scope]
        lines = [self.title] + ([text.t("labels.simulated")] if self.simulated else [])
        for record in nation[~nation["variable"].isin(["C", "T"])].to_dict("records"):
            row: dict[str, Any] = {str(k): v for k, v in record.items()} | {"scope": scope}
            row["name"] = (
                text.t("summary.D") if row["variable"] == "D" else text.t("summary.index", system=row["variable"])
            )
            lines.append(text.t("summary.line", **row))
        D = self.coupling.D.isel(year=-1)
        order = [self.region_labels.get(r, r) for r in D.sortby(D, ascending=False)["region"].to_numpy()]
        comma = text.t("labels.comma")
        high, low = comma.join(order[:3]), comma.join(order[:-4:-1])
        lines.append(text.t("summary.ends", year=int(D["year"]), high=high, low=low))
        return "\n".join(lines)

    def __repr__(self) -> str:
        x = self.measurement.x
        shape = ", ".join(f"{x.sizes[d]} {d}s" for d in x.dims)
        return f"StudyResults({self.title!r}: {shape}; {len(self.coupling.systems)} systems)"
