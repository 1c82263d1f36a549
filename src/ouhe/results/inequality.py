"""Inequality of the regions by year, and its parts by groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.results.names import Names

__all__ = ["PARTS", "Inequality"]

#: Parts of the Gini coefficient, in the order of Dagum's formula.
PARTS = ("within", "between", "transvariation")

#: Columns of what an index is of.
BY = ("variable", "year")


@dataclass(frozen=True, eq=False)
class Inequality:
    """Measures of inequality and polarisation, and decompositions by groups.

    Parameters
    ----------
    indices
        As :func:`ouhe.compute.inequality.indices` gives them, over ``(variable, year)``.
    dagum, theil
        As the functions of that name give them; None where the study has fewer than two groups.
    options
        Options of the analysis as used.
    group_labels
        Group → its name.
    """

    indices: xr.Dataset
    dagum: xr.Dataset | None = None
    theil: xr.Dataset | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    group_labels: Mapping[str, str] = field(default_factory=dict)

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        parts = {"indices": self.indices, "dagum": self.dagum, "theil": self.theil}
        named = [p.rename({k: f"{name}_{k}" for k in p.data_vars}) for name, p in parts.items() if p is not None]
        return xr.merge(named, join="exact", compat="identical")

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {"options": dict(self.options), "group_labels": dict(self.group_labels)}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Inequality:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""

        def part(name: str) -> xr.Dataset | None:
            own = [k for k in map(str, arrays.data_vars) if k.startswith(f"{name}_")]
            return arrays[own].rename({k: k.removeprefix(f"{name}_") for k in own}) if own else None

        indices = part("indices")
        assert indices is not None
        return cls(indices, part("dagum"), part("theil"), record["options"], record["group_labels"])

    def told_in(self, names: Names, _renamed: Mapping[str, str]) -> Inequality:
        """The same with names of another language."""
        return replace(self, group_labels=dict(names.groups))

    def label(self, group: object) -> str:
        """Name of a group."""
        return self.group_labels.get(str(group), str(group))

    def measures(self) -> dict[str, xr.DataArray]:
        """Every measure ``(variable, year)`` by its name in the current language, in the order of the tables."""
        found = {}
        for name in ("gini", "theil_T", "theil_L", "variation", "atkinson", "wolfson", "esteban_ray"):
            if name == "atkinson":
                for one in self.indices[name].transpose("aversion", ...):
                    found[text.t("labels.measure_atkinson", aversion=one["aversion"].item())] = one
            elif name in self.indices:
                found[text.t(f"labels.measure_{name}", sensitivity=self.options.get("sensitivity"))] = self.indices[
                    name
                ]
        return {name: one.transpose(*BY) for name, one in found.items()}

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables of the measures, and with groups of Dagum's decomposition and of Theil's."""
        rows = [one.rename("value").reset_coords(drop=True).to_dataframe() for one in self.measures().values()]
        table = pd.concat(dict(zip(self.measures(), rows, strict=True)), names=["measure"]).reset_index()
        order = {name: i for i, name in enumerate(self.indices["variable"].to_numpy())}
        table = table.sort_values("variable", key=lambda c: c.map(order), kind="stable", ignore_index=True)
        tables = {"inequality": table[[*BY, "measure", "value"]]}
        if self.dagum is not None and self.theil is not None:
            tables |= _dagum(self.dagum) | {"theil": _theil(self.theil), "theil_groups": _theil_groups(self.theil)}
        return {name: self._labelled(table) for name, table in tables.items()}

    def _labelled(self, table: pd.DataFrame) -> pd.DataFrame:
        """`table` with the names of the groups."""
        return table.assign(**{c: table[c].map(self.label) for c in ("group", "other") if c in table})


def _dagum(found: xr.Dataset) -> dict[str, pd.DataFrame]:
    """The decomposition by year, its parts within groups, and those between every two."""
    gini = found["gini"].where(found["gini"] > 0.0)
    whole = found[["gini", *PARTS]].assign({f"{p}_share": found[p] / gini for p in PARTS})
    names = {"n": "n", "mean": "mean", "group_gini": "gini", "group_within": "contribution"}
    groups = found[list(names)].rename(names).assign(share=found["group_within"] / gini)
    names = {"pair_gini": "gini", "affluence": "affluence", "pair_between": "between"}
    pairs = found[[*names, "pair_transvariation"]].rename({**names, "pair_transvariation": "transvariation"})
    return {
        "dagum": _frame(whole, BY),
        "dagum_groups": _frame(groups, (*BY, "group")).astype({"n": int}),
        "dagum_pairs": _upper(_frame(pairs, (*BY, "group", "other")), found["group"].to_numpy()),
    }


def _frame(found: xr.Dataset, by: tuple[str, ...]) -> pd.DataFrame:
    columns = [str(k) for k in found.data_vars]
    table = found.reset_coords(drop=True).transpose(*by).to_dataframe(dim_order=list(by)).reset_index()
    return table[[*by, *columns]]


def _upper(table: pd.DataFrame, groups: np.ndarray) -> pd.DataFrame:
    """Every pair of groups once."""
    place = {g: i for i, g in enumerate(groups)}
    return table[table["group"].map(place) < table["other"].map(place)].reset_index(drop=True)


def _theil(found: xr.Dataset) -> pd.DataFrame:
    """Both indices and their parts, each as a share of the whole."""
    whole = found["theil"].where(found["theil"] > 0.0)
    told = xr.Dataset({"value": found["parts"], "share": found["parts"] / whole})
    table = _frame(told, (*BY, "index", "part"))
    return table.assign(part=table["part"].map(part_label))


def part_label(part: str) -> str:
    """Name of a part of Theil's index in the current language.

    Examples
    --------
    >>> with text.use("en"):
    ...     part_label("between_1"), part_label("between_2"), part_label("within")
    ('between groups', 'between groups of level 2', 'within groups')
    """
    kind, _, level = part.partition("_")
    return text.t(f"labels.theil_{kind}_deeper" if level not in ("", "1") else f"labels.theil_{kind}", level=level)


def _theil_groups(found: xr.Dataset) -> pd.DataFrame:
    """Indices among the regions of every group, and what they add to the whole."""
    whole = found["theil"].where(found["theil"] > 0.0)
    told = {"value": found["group_theil"], "contribution": found["group_within"]}
    told["share"] = found["group_within"] / whole
    return _frame(xr.Dataset(told), (*BY, "index", "group"))
