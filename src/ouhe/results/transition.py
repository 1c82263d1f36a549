"""Moves between classes: chains of some variables, by their neighbours too, and of the quadrants they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.results.lisa import QUADRANTS
from ouhe.results.names import Names

__all__ = ["TESTS", "Transition"]

#: What a test gives, and the columns of its table.
TESTS = ("n", "chi2", "df", "p_chi2", "lr", "p_lr", "sparse")

#: Indices of a whole chain, and their columns in tables.
INDICES = ("shorrocks", "determinant", "second", "half_life")

#: What the arrays of quadrants begin with, and their dimensions.
QUADRANT = "quadrant_"


@dataclass(frozen=True, eq=False)
class Transition:
    """Markov chains of the classes of some variables.

    Parameters
    ----------
    arrays_of
        What :func:`ouhe.compute.transition.estimate` gives, ``(variable, …)``, and with the prefix ``quadrant_`` what
        :func:`ouhe.compute.transition.quadrants` gives. Variables have different numbers of classes: beyond those of
        a variable all is missing; :meth:`chain` gives those it has.
    classes
        Names of the study's classes, lowest first.
    given
        Variables whose classes are the study's; those of others are quantiles.
    sizes
        Variable → how many classes it has, and how many its neighbours.
    step
        Years from the start to the end of a move.
    neighbours
        Name of the spatial weights; "" where neighbours are left aside.
    options
        Options of the method as used.
    """

    arrays_of: xr.Dataset
    classes: tuple[str, ...]
    given: tuple[str, ...]
    sizes: Mapping[str, tuple[int, int]]
    step: int
    neighbours: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, chains: Mapping[str, xr.Dataset], quadrants: Mapping[str, xr.Dataset], **about: Any) -> Transition:
        """Result from one chain a variable.

        Parameters
        ----------
        chains, quadrants
            Variable → what ``estimate`` and what ``quadrants`` gave; a variable may lack the latter.
        **about
            ``classes``, ``given``, ``neighbours``, ``options``.
        """
        sizes = {v: (c.sizes["from"], c.sizes.get("given", 0)) for v, c in chains.items()}
        most = {d: max(c.sizes.get(d, 0) for c in chains.values()) for d in ("from", "to", "given")}
        parts = []
        for variable, chain in chains.items():
            whole = chain.drop_attrs().reindex({d: range(n) for d, n in most.items() if d in chain.dims})
            if variable in quadrants:
                found = quadrants[variable].drop_attrs()
                names = {n: f"{QUADRANT}{n}" for n in (*found.data_vars, "from", "to", "move")}
                whole = whole.assign(found.rename(names).data_vars)
            parts.append(whole)
        variables = xr.Variable("variable", np.array(list(chains), dtype=object))
        arrays = xr.concat(parts, dim="variable", join="outer", data_vars="all", coords="minimal", compat="override")
        step = int(next(iter(chains.values())).attrs["step"])
        return cls(arrays.assign_coords(variable=variables), sizes=sizes, step=step, **about)

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        return self.arrays_of

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        told = {"classes": list(self.classes), "given": list(self.given), "step": self.step}
        sizes = {v: list(s) for v, s in self.sizes.items()}
        return told | {"sizes": sizes, "neighbours": self.neighbours, "options": dict(self.options)}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Transition:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        return cls(
            arrays,
            classes=tuple(record["classes"]),
            given=tuple(record["given"]),
            sizes={v: (int(k), int(m)) for v, (k, m) in record["sizes"].items()},
            step=record["step"],
            neighbours=record["neighbours"],
            options=record["options"],
        )

    def told_in(self, names: Names, renamed: Mapping[str, str]) -> Transition:
        """The same with names of another language."""
        return replace(self, classes=names.classes, neighbours=renamed.get(self.neighbours, ""))

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables, in the order of the study."""
        return tuple(self.sizes)

    @property
    def spatial(self) -> bool:
        """Moves are also told apart by the neighbours."""
        return bool(self.neighbours)

    def chain(self, variable: str) -> xr.Dataset:
        """Chain of a variable, with as many classes as it has.

        Parameters
        ----------
        variable
            One of :attr:`variables`.
        """
        k, m = self.sizes[variable]
        one = self.arrays_of.sel(variable=variable, drop=True)
        own = one[[n for n in one.data_vars if not str(n).startswith(QUADRANT)]]
        cut = {"from": slice(k), "to": slice(k), "given": slice(m)}
        found = own.isel({d: s for d, s in cut.items() if d in own.dims})
        return found.drop_vars([n for n in found.coords if str(n).startswith(QUADRANT)])

    def quadrants(self, variable: str) -> xr.Dataset | None:
        """Chain of the quadrants of a variable, or None where there is none.

        Parameters
        ----------
        variable
            One of :attr:`variables`.
        """
        names = [n for n in self.arrays_of.data_vars if str(n).startswith(QUADRANT)]
        if not names:
            return None
        found = self.arrays_of[names].sel(variable=variable, drop=True)
        plain = found.rename({n: str(n).removeprefix(QUADRANT) for n in (*names, *found.dims)})
        return None if bool(plain["count"].isnull().all()) else plain

    def labels(self, variable: str) -> tuple[str, ...]:
        """Names of the classes of a variable, lowest first; quantile classes are Q1, Q2 …."""
        return self.classes if variable in self.given else _quantiles(self.sizes[variable][0])

    def around_labels(self, variable: str) -> tuple[str, ...]:
        """Names of the classes of neighbours; those of the variable where these are classed by the same bounds."""
        same = self.options.get("lag_classes", "same") == "same"
        return self.labels(variable) if same else _quantiles(self.sizes[variable][1])

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables ``transition``, ``transition_classes``, ``_mobility``, ``_tests``, ``_neighbours``, ``_quadrants``."""
        found = {
            "transition": self._moves(),
            "transition_classes": self._classes(),
            "transition_mobility": self._mobility(),
            "transition_tests": self._tests(),
        }
        if self.spatial:
            found["transition_neighbours"] = self._around()
            found["transition_quadrants"] = self._quadrants()
            found["transition_kinds"] = self._kinds()
        return found

    def _moves(self) -> pd.DataFrame:
        parts = []
        for variable in self.variables:
            names = self.labels(variable)
            table = self.chain(variable)[["count", "probability", "passage"]].to_dataframe(dim_order=["from", "to"])
            parts.append(_named(table.reset_index(), variable, {"from": names, "to": names}))
        return _whole(parts, ["variable", "from", "to", "count", "probability", "passage"])

    def _classes(self) -> pd.DataFrame:
        parts = []
        for variable in self.variables:
            chain, names = self.chain(variable), self.labels(variable)
            up, down = directions(chain)
            told = {
                "count": chain["count"].sum("to"),
                "stay": xr.DataArray(np.diagonal(chain["probability"]), dims="from"),
                "up": up,
                "down": down,
                "sojourn": chain["sojourn"],
                "first": chain["initial"],
                "last": chain["final"],
                "long_run": chain["long_run"],
                "stationary": chain["stationary"],
            }
            table = xr.Dataset(told).reset_coords(drop=True).to_dataframe().reset_index()
            parts.append(_named(table, variable, {"from": names}).rename(columns={"from": "class"}))
        columns = ["variable", "class", "count", "stay", "up", "down", "sojourn", "first", "last", "long_run"]
        return _whole(parts, [*columns, "stationary"])

    def _mobility(self) -> pd.DataFrame:
        rows = []
        for variable in self.variables:
            chain = self.chain(variable)
            moves = tally(chain["count"])
            sets = {int(c) for c in chain["closed"].to_numpy() if c >= 0}
            about = {"variable": variable, "step": self.step, **moves, "closed_sets": len(sets)}
            rows.append(about | {name: float(chain[name]) for name in INDICES})
        return pd.DataFrame(rows)

    def _tests(self) -> pd.DataFrame:
        rows = []
        for variable in self.variables:
            chain = self.chain(variable)
            for test in ("space", "time") if self.spatial else ("time",):
                said = {"variable": variable, "test": text.t(f"labels.transition_{test}"), "neighbours_class": ""}
                rows.append(said | {k: chain[f"{test}_{k}"].item() for k in TESTS})
            for place, name in enumerate(self.around_labels(variable) if self.spatial else ()):
                one = chain.isel(given=place)
                said = {"variable": variable, "test": text.t("labels.transition_given"), "neighbours_class": name}
                rows.append(said | {k: one[f"given_{k}"].item() for k in TESTS})
        return pd.DataFrame(rows).astype({"n": np.int64, "df": np.int64})

    def _around(self) -> pd.DataFrame:
        parts = []
        for variable in self.variables:
            names, around = self.labels(variable), self.around_labels(variable)
            found = self.chain(variable)[["given_count", "given_probability"]]
            table = found.to_dataframe(dim_order=["given", "from", "to"]).reset_index()
            named = _named(table, variable, {"given": around, "from": names, "to": names})
            parts.append(named.rename(columns={"given": "neighbours_class"}))
        shown = {"given_count": "count", "given_probability": "probability"}
        by = ["variable", "neighbours_class", "from", "to"]
        return _whole([p.rename(columns=shown) for p in parts], [*by, "count", "probability"])

    def _quadrants(self) -> pd.DataFrame:
        parts = []
        for variable in self.variables:
            found = self.quadrants(variable)
            if found is not None:
                table = found[["count", "probability", "passage"]].to_dataframe(dim_order=["from", "to"])
                parts.append(_named(table.reset_index(), variable, {"from": QUADRANTS[1:], "to": QUADRANTS[1:]}))
        return _whole(parts, ["variable", "from", "to", "count", "probability", "passage"])

    def _kinds(self) -> pd.DataFrame:
        rows = []
        for variable in self.variables:
            found = self.quadrants(variable)
            if found is not None:
                counts = found["kind"].to_series()
                said = {k: text.t(f"labels.transition_{k}") for k in counts.index}
                total = counts.sum()
                rows += [(variable, said[k], int(c), c / total if total else np.nan) for k, c in counts.items()]
        return _whole([pd.DataFrame(rows, columns=KIND_COLUMNS)], KIND_COLUMNS)


KIND_COLUMNS = ["variable", "kind", "count", "share"]


def directions(chain: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Probability of a move to any higher class, and to any lower one, by class; missing where none starts.

    Parameters
    ----------
    chain
        ``probability`` ``(from, to)``.
    """
    p = chain["probability"]
    above = p["to"] > p["from"]
    known = p.notnull().any("to")
    up, down = (p.where(side, 0.0).sum("to").where(known) for side in (above, p["to"] < p["from"]))
    return up, down


def tally(counts: xr.DataArray) -> dict[str, int]:
    """How many moves there are in all, how many stay, rise and fall, and how many go farther than one class.

    Parameters
    ----------
    counts
        Counts ``(from, to)``, classes rising.
    """
    n = counts.to_numpy()
    way = np.subtract.outer(np.arange(len(n)), np.arange(len(n))) * -1
    sides = {"n": way == way, "stay": way == 0, "up": way > 0, "down": way < 0, "jumps": np.abs(way) > 1}  # noqa: PLR0124
    return {name: int(n[side].sum()) for name, side in sides.items()}


def _quantiles(count: int) -> tuple[str, ...]:
    """Names of quantile classes."""
    return tuple(f"Q{number}" for number in range(1, count + 1))


def _named(table: pd.DataFrame, variable: str, names: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """Rows of a variable with the names of its classes for their numbers."""
    told = {column: np.array(labels, dtype=object)[table[column]] for column, labels in names.items()}
    return table.assign(variable=variable, **told)


def _whole(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """All rows, counts as whole numbers."""
    if not parts:
        return pd.DataFrame({c: pd.Series(dtype=float) for c in columns})
    table = pd.concat(parts, ignore_index=True)[columns]
    return table.astype({"count": np.int64})
