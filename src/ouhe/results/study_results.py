"""Everything a study gave, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.errors import Problem
from ouhe.results.autocorrelation import BivariateMoran, Geary, Getis, Moran
from ouhe.results.conventions import Conventions
from ouhe.results.convergence import Convergence
from ouhe.results.coupling import Coupling
from ouhe.results.data import Data
from ouhe.results.density import Density
from ouhe.results.groups import NATION, Groups
from ouhe.results.inequality import Inequality
from ouhe.results.lisa import Lisa
from ouhe.results.measurement import Measurement
from ouhe.results.names import Names
from ouhe.results.obstacles import Obstacles
from ouhe.results.places import Places
from ouhe.results.space import Space
from ouhe.results.transition import Transition
from ouhe.results.trends import Trends
from ouhe.results.uncertainty import Uncertainty

__all__ = ["StudyResults"]


class Part(Protocol):
    """What every part of the results can do."""

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables by name."""
        ...

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        ...

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        ...

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any], /) -> Part:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        ...

    def told_in(self, names: Names, renamed: Mapping[str, str], /) -> Part:
        """The same with names of another language; `renamed` says what each set of weights is called in it."""
        ...


@dataclass(frozen=True, eq=False)
class StudyResults:
    """Results of a run.

    Parameters
    ----------
    settings
        The study as resolved, every default filled in.
    language
        Language of labels in tables.
    data, measurement, coupling, groups, trends, space
        The parts that every study has.
    places
        Names of the regions in `language`, and where they stand on a tile grid.
    names
        What readers of each language call regions, groups, classes and weights.
    analyses
        What the study asked besides, by the names of :attr:`ANALYSES`.
    obstacles, conventions
        Obstacle degrees, and the study under other choices; None where a study cannot have them.
    not_done
        Parts that are None and analyses that cannot be done, and why.
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
    trends: Trends
    places: Places
    names: Mapping[text.Lang, Names]
    space: Space = field(default_factory=Space)
    analyses: Mapping[str, Part] = field(default_factory=dict)
    obstacles: Obstacles | None = None
    conventions: Conventions | None = None
    not_done: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    #: Parts that every study has, by the name of their field and of their arrays.
    PARTS: ClassVar[Mapping[str, type[Part]]] = {
        "measurement": Measurement,
        "coupling": Coupling,
        "groups": Groups,
        "trends": Trends,
        "space": Space,
        "data": Data,
    }

    #: Parts that a study has where its choices allow them, by the name of their field and of their arrays.
    POSSIBLE: ClassVar[Mapping[str, type[Part]]] = {"obstacles": Obstacles, "conventions": Conventions}

    #: Analyses that a study may ask for, by their key in the study file; a new one stands here.
    ANALYSES: ClassVar[Mapping[str, type[Part]]] = {
        "moran": Moran,
        "bivariate_moran": BivariateMoran,
        "geary": Geary,
        "getis": Getis,
        "lisa": Lisa,
        "density": Density,
        "inequality": Inequality,
        "transition": Transition,
        "convergence": Convergence,
        "uncertainty": Uncertainty,
    }

    def parts(self) -> dict[str, Part]:
        """Parts of the results, in the order of their tables; the data come last."""
        *first, last = self.PARTS
        asked = {name: self.analyses[name] for name in self.ANALYSES if name in self.analyses}
        found = {name: getattr(self, name) for name in first} | asked
        found |= {name: getattr(self, name) for name in self.POSSIBLE if getattr(self, name) is not None}
        return found | {last: getattr(self, last)}

    @property
    def analyses_not_done(self) -> tuple[str, ...]:
        """Analyses that the study asks for and that cannot be done."""
        return tuple(name for name in self.ANALYSES if name in self.not_done)

    @property
    def years(self) -> tuple[int, ...]:
        """Years of the study, rising."""
        return tuple(map(int, self.coupling.D["year"].to_numpy()))

    @property
    def region_labels(self) -> Mapping[str, str]:
        """Region → its name in `language`."""
        return self.places.labels

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        told: dict[str, Any] = {
            "title": self.title,
            "simulated": self.simulated,
            "language": self.language,
            "study": dict(self.settings),
            "seed": self.settings["seed"],
            "versions": dict(self.versions),
            "warnings": [w.record() | {"message": w.message()} for w in self.warnings],
            "places": self.places.record(),
            "names": {lang: names.record() for lang, names in self.names.items()},
            "not_done": {name: [p.record() for p in problems] for name, problems in self.not_done.items()},
        }
        for name, part in self.parts().items():
            if name not in self.analyses:
                told |= part.record()
        return told | {"analyses": {name: part.record() for name, part in self.analyses.items()}}

    @classmethod
    def from_stored(cls, record: Mapping[str, Any], arrays: Mapping[str, xr.Dataset]) -> StudyResults:
        """Results from what :meth:`record` and the parts' arrays gave, as they were."""
        parts: dict[str, Any] = {name: part.from_stored(arrays[name], record) for name, part in cls.PARTS.items()}
        not_done = {name: tuple(map(Problem.from_record, told)) for name, told in record["not_done"].items()}
        for name, kind in cls.POSSIBLE.items():
            parts[name] = None if name in not_done else kind.from_stored(arrays[name], record)
        asked = {k: cls.ANALYSES[k].from_stored(arrays[k], told) for k, told in record["analyses"].items()}
        return cls(
            settings=record["study"],
            language=record["language"],
            places=Places.from_record(record["places"]),
            names={lang: Names.from_record(told) for lang, told in record["names"].items()},
            analyses=asked,
            not_done=not_done,
            warnings=tuple(map(Problem.from_record, record["warnings"])),
            versions=record["versions"],
            **parts,
        )

    def told_in(self, lang: text.Lang) -> StudyResults:
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
        return replace(self, language=lang, places=self.places.told_in(names), analyses=analyses, **told)

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
            tables = {name: table for part in self.parts().values() for name, table in part.tables().items()}
            tables = {name: self._labelled(table) for name, table in tables.items()}
        return {name: self.marked(table) for name, table in tables.items()}

    def marked(self, table: pd.DataFrame) -> pd.DataFrame:
        """`table`, of which every row says so where the data are simulated."""
        return table.assign(simulated=text.t("labels.simulated", lang=self.language)) if self.simulated else table

    def _labelled(self, table: pd.DataFrame) -> pd.DataFrame:
        """`table` with the names of its regions in the study's language."""
        named = [c for c in ("region", "neighbour") if c in table.columns and not table.empty]
        labels = self.region_labels
        return table.assign(**{c: table[c].map(lambda r: labels.get(r, r)) for c in named})

    def summary(self) -> str:
        """The headline numbers in a few lines, in the current language.

        The index of every system and D: national mean in the first and the last year, and annual growth.
        """
        lines = [self.title] + ([text.t("labels.simulated")] if self.simulated else [])
        ends = self.groups.means.sel(group=NATION).isel(year=[0, -1])
        first_year, last_year = map(int, ends["year"].to_numpy())
        key = "summary.line" if first_year != last_year else "summary.line_one_year"
        for variable in (*self.coupling.systems, "D"):
            name = text.t("summary.D") if variable == "D" else text.t("summary.index", system=variable)
            first, last = map(float, ends.sel(variable=variable).to_numpy())
            said: dict[str, Any] = {"first": first, "first_year": first_year, "last": last, "last_year": last_year}
            said["annual_growth"] = float(self.groups.growth.sel(group=NATION, variable=variable))
            lines.append(text.t(key, name=name, scope=self.groups.label(NATION), **said))
        D = self.coupling.D.isel(year=-1)
        order = [self.region_labels.get(r, r) for r in D.sortby(D, ascending=False)["region"].to_numpy()]
        comma = text.t("labels.comma")
        shown = min(3, max(1, len(order) // 2))
        high, low = comma.join(order[:shown]), comma.join(order[: -shown - 1 : -1])
        lines.append(text.t("summary.ends", year=int(D["year"]), high=high, low=low))
        return "\n".join(lines)

    def __repr__(self) -> str:
        x = self.measurement.x
        shape = ", ".join(f"{x.sizes[d]} {d}s" for d in x.dims)
        return f"StudyResults({self.title!r}: {shape}; {len(self.coupling.systems)} systems)"
