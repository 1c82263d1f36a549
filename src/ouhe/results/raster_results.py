"""Everything a study of rasters gave, as one value: numbers of the whole in memory, those of every cell on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.errors import Problem
from ouhe.results.autocorrelation import Moran
from ouhe.results.density import Density
from ouhe.results.extent import Extent
from ouhe.results.groups import NATION, Groups
from ouhe.results.names import Names
from ouhe.results.raster_lisa import RasterLisa
from ouhe.results.raster_trends import RasterTrends
from ouhe.results.scheme import Scheme
from ouhe.results.study_results import Part
from ouhe.results.weighing import Weighing

__all__ = ["RasterResults"]


@dataclass(frozen=True, eq=False)
class RasterResults:
    """Results of a run on rasters, or on tables too large for memory.

    Parameters
    ----------
    settings
        The study as resolved, every default filled in.
    language
        Language of labels in tables.
    grid
        Where the cells lie, which count, and where they were read.
    measurement
        Entropies and weights.
    coupling
        What the codes of classes and of lagging systems mean.
    groups
        Means of all cells and of zones.
    trends
        Their growth, and how many cells stand in each class.
    grids
        What is known of every cell, read from disk when asked for: the index of every system as ``U1``, ``U2`` … in
        the order of the systems, ``C``, ``T``, ``D``, ``class`` (−1 outside), ``lag`` (−1 in step, −2 outside), over
        ``(year, y, x)`` or ``(region, year)``; of a local Moran of V, ``lisa_V_I``, ``lisa_V_p``,
        ``lisa_V_quadrant`` and ``lisa_V_cluster`` (the quadrant where it is significant). Those alone that are written.
    names
        What readers of each language call groups, classes and weights.
    analyses
        What the study asked besides, by the names of :attr:`ANALYSES`.
    not_done
        Analyses that cannot be done, and why.
    warnings
        What a reader must know before believing the numbers.
    versions
        Software that made them.
    """

    settings: Mapping[str, Any]
    language: text.Lang
    grid: Extent
    measurement: Weighing
    coupling: Scheme
    groups: Groups
    trends: RasterTrends
    grids: xr.Dataset
    names: Mapping[text.Lang, Names]
    analyses: Mapping[str, Part] = field(default_factory=dict)
    not_done: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    #: Parts that every study of rasters has, by the name of their field and of their arrays.
    PARTS: ClassVar[Mapping[str, type[Part]]] = {"measurement": Weighing, "groups": Groups, "trends": RasterTrends}

    #: Analyses that a study of rasters may ask for, by their key in the study file.
    ANALYSES: ClassVar[Mapping[str, type[Part]]] = {"moran": Moran, "lisa": RasterLisa, "density": Density}

    def parts(self) -> dict[str, Part]:
        """Parts of the results that have arrays of their own, in the order of their tables."""
        asked = {name: self.analyses[name] for name in self.ANALYSES if name in self.analyses}
        return {name: getattr(self, name) for name in self.PARTS} | asked

    @property
    def analyses_not_done(self) -> tuple[str, ...]:
        """Analyses that the study asks for and that cannot be done."""
        return tuple(name for name in self.ANALYSES if name in self.not_done)

    @property
    def title(self) -> str:
        """Title of the study."""
        return str(self.settings["title"])

    @property
    def simulated(self) -> bool:
        """The data are simulated."""
        return bool(self.settings["simulated"])

    @property
    def years(self) -> tuple[int, ...]:
        """Years of the study."""
        return tuple(map(int, self.groups.means["year"].to_numpy()))

    def variable_of(self, name: str) -> str:
        """Name among `grids` of a variable of the tables: ``C``, ``T``, ``D`` or a system.

        Parameters
        ----------
        name
            Name in tables.
        """
        return f"U{self.coupling.systems.index(name) + 1}" if name in self.coupling.systems else name

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        told: dict[str, Any] = {
            "kind": "raster",
            "title": self.title,
            "simulated": self.simulated,
            "language": self.language,
            "study": dict(self.settings),
            "seed": self.settings["seed"],
            "versions": dict(self.versions),
            "warnings": [w.record() | {"message": w.message()} for w in self.warnings],
            "names": {lang: names.record() for lang, names in self.names.items()},
            "not_done": {name: [p.record() for p in problems] for name, problems in self.not_done.items()},
            "grid": self.grid.record(),
            "coupling": self.coupling.record(),
        }
        for name, part in self.parts().items():
            if name not in self.analyses:
                told |= part.record()
        return told | {"analyses": {name: part.record() for name, part in self.analyses.items()}}

    @classmethod
    def from_stored(
        cls, record: Mapping[str, Any], arrays: Mapping[str, xr.Dataset], grids: xr.Dataset
    ) -> RasterResults:
        """Results from what :meth:`record` and the parts' arrays gave, and the grids, as they were."""
        parts: dict[str, Any] = {name: part.from_stored(arrays[name], record) for name, part in cls.PARTS.items()}
        return cls(
            settings=record["study"],
            language=record["language"],
            grid=Extent.from_record(record["grid"]),
            coupling=Scheme.from_record(record["coupling"]),
            grids=grids,
            names={lang: Names.from_record(told) for lang, told in record["names"].items()},
            analyses={k: cls.ANALYSES[k].from_stored(arrays[k], told) for k, told in record["analyses"].items()},
            not_done={name: tuple(map(Problem.from_record, told)) for name, told in record["not_done"].items()},
            warnings=tuple(map(Problem.from_record, record["warnings"])),
            versions=record["versions"],
            **parts,
        )

    def told_in(self, lang: text.Lang) -> RasterResults:
        """The same results with every name in another language; names that the study gives itself stay as they are.

        Parameters
        ----------
        lang
            The language.
        """
        if lang == self.language:
            return self
        names = self.names[lang]
        renamed = dict(zip(self.names[self.language].weights, names.weights, strict=True))
        told: dict[str, Any] = {name: part.told_in(names, renamed) for name, part in self.parts().items()}
        analyses = {name: told.pop(name) for name in self.analyses}
        return replace(self, language=lang, coupling=self.coupling.told_in(names), analyses=analyses, **told)

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, labels in the study's language; of simulated data every row says so."""
        with text.use(self.language):
            tables = {name: table for part in self.parts().values() for name, table in part.tables().items()}
            tables |= self.grid.tables()
        return {name: self.marked(table) for name, table in tables.items()}

    def marked(self, table: pd.DataFrame) -> pd.DataFrame:
        """`table`, of which every row says so where the data are simulated."""
        return table.assign(simulated=text.t("labels.simulated", lang=self.language)) if self.simulated else table

    def summary(self) -> str:
        """The headline numbers in a few lines, in the current language: cells counted, means at both ends, zones."""
        lines = [self.title] + ([text.t("labels.simulated")] if self.simulated else [])
        told = "summary.cells" if self.grid.is_raster else "summary.rows"
        lines.append(text.t(told, counted=self.grid.counted, outside=self.grid.outside))
        ends = self.groups.means.sel(group=NATION).isel(year=[0, -1])
        first_year, last_year = self.years[0], self.years[-1]
        key = "summary.line" if first_year != last_year else "summary.line_one_year"
        for variable in ends["variable"].to_numpy():
            if variable in ("C", "T"):
                continue
            name = text.t("summary.D") if variable == "D" else text.t("summary.index", system=variable)
            first, last = map(float, ends.sel(variable=variable).to_numpy())
            said: dict[str, Any] = {"first": first, "first_year": first_year, "last": last, "last_year": last_year}
            said["annual_growth"] = float(self.groups.growth.sel(group=NATION, variable=variable))
            lines.append(text.t(key, name=name, scope=self.groups.label(NATION), **said))
        return "\n".join([*lines, *self._zones()])

    def _zones(self) -> list[str]:
        """The zones of the highest and the lowest D, where there are several."""
        means = self.groups.means
        if "D" not in means["variable"] or means.sizes["group"] < 3:
            return []
        last = means.sel(variable="D").isel(year=-1).drop_sel(group=NATION).dropna("group")
        order = [self.groups.label(str(g)) for g in last.sortby(last, ascending=False)["group"].to_numpy()]
        shown, comma = min(3, max(1, len(order) // 2)), text.t("labels.comma")
        high, low = comma.join(order[:shown]), comma.join(order[: -shown - 1 : -1])
        return [text.t("summary.ends", year=self.years[-1], high=high, low=low)] if order else []

    def __repr__(self) -> str:
        shape = " × ".join(map(str, self.grid.sizes.values()))
        cells = f"{shape} cells, {len(self.years)} years"
        return f"RasterResults({self.title!r}: {cells}; {len(self.coupling.systems)} systems)"
