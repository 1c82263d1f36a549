"""Whether regions become alike: dispersion by year, β-convergence, convergence clubs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.results.autocorrelation import stars
from ouhe.results.groups import NATION
from ouhe.results.names import Names

__all__ = ["FEW", "Convergence"]

#: Clusters below which standard errors clustered by region are known to be too small.
FEW = 10

#: Columns of the table of β, in their order.
BETA = ("beta", "se", "t", "p", "stars", "low", "high", "speed", "speed_low", "speed_high", "half_life", "r2")

#: Columns of the table of spatial β, in their order.
SPATIAL = (
    "rho", "rho_se", "rho_z", "rho_p", "rho_stars", "beta", "se", "z", "p", "stars", "low", "high",
    "speed", "speed_low", "speed_high", "half_life", "direct", "indirect", "total",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Convergence:
    """Convergence of some variables.

    Parameters
    ----------
    dispersion
        ``(variable, group, year)``: ``variation`` and ``sd_log``; the first group is all regions.
    trends
        ``(variable, group, measure)``: slope, error and test of the two measures' lines by year.
    beta
        ``(variable, group, model)``: as :func:`ouhe.compute.converge.beta` gives it; models are ``absolute``,
        ``conditional`` where there are controls, and ``cross_section``; None where no variable has logarithms.
    controls
        ``(variable, group, control)``: coefficients of the controls; None without any.
    spatial
        ``(variable, spatial_model)``: as :func:`ouhe.compute.converge.spatial` gives it; None where it was not asked
        for or cannot be done.
    clubs
        As :func:`ouhe.compute.converge.clubs` gives it for every variable, ``club`` missing for a variable that has
        none; None where clubs were not asked for or cannot be found.
    options
        Options as used.
    neighbours
        Name of the spatial weights; "" without.
    group_labels
        Group → its name.
    """

    dispersion: xr.Dataset
    trends: xr.Dataset
    beta: xr.Dataset | None = None
    controls: xr.Dataset | None = None
    spatial: xr.Dataset | None = None
    clubs: xr.Dataset | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    neighbours: str = ""
    group_labels: Mapping[str, str] = field(default_factory=dict)

    #: Parts that are stored, by their field.
    PARTS = ("dispersion", "trends", "beta", "controls", "spatial", "clubs")

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        held = {name: getattr(self, name) for name in self.PARTS if getattr(self, name) is not None}
        found: dict[str, xr.DataArray] = {}
        for name, part in held.items():
            found |= {f"{name}__{k}": values for k, values in part.data_vars.items()}
        return xr.Dataset(found)

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        return {
            "options": dict(self.options),
            "neighbours": self.neighbours,
            "group_labels": dict(self.group_labels),
            "parts": [name for name in self.PARTS if getattr(self, name) is not None],
        }

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Convergence:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        parts = {}
        for name in record["parts"]:
            held = [str(k) for k in arrays.data_vars if str(k).startswith(f"{name}__")]
            part = arrays[held].rename({k: k.removeprefix(f"{name}__") for k in held})
            parts[name] = part.drop_vars([c for c in part.coords if c not in part.dims])
        return cls(
            **parts, options=record["options"], neighbours=record["neighbours"], group_labels=record["group_labels"]
        )

    def told_in(self, names: Names, renamed: Mapping[str, str]) -> Convergence:
        """The same with names of another language."""
        return replace(self, group_labels=names.groups, neighbours=renamed.get(self.neighbours, self.neighbours))

    @property
    def variables(self) -> tuple[str, ...]:
        """What it is of."""
        return tuple(map(str, self.dispersion["variable"].to_numpy()))

    @property
    def groups(self) -> tuple[str, ...]:
        """All regions, and the groups."""
        return tuple(map(str, self.dispersion["group"].to_numpy()))

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year."""
        years = self.dispersion["year"].to_numpy()
        return int(years[0]), int(years[-1])

    def label(self, group: str) -> str:
        """Name of a group."""
        return self.group_labels.get(group, group)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables of σ, β and clubs; those that the study has."""
        found = {"sigma": self._sigma(), "sigma_trend": self._trend()}
        if self.beta is not None:
            found["beta"] = self._beta()
        if self.controls is not None:
            found["beta_controls"] = self._controls()
        if self.spatial is not None:
            found["beta_spatial"] = self._spatial()
        if self.clubs is not None:
            found |= {"clubs": self._clubs(), "club_members": self._members(), "club_paths": self._paths()}
        return found

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(group=table["group"].map(self.label))

    def _sigma(self) -> pd.DataFrame:
        by = ["variable", "group", "year"]
        table = self.dispersion.to_dataframe(dim_order=by).reset_index()
        return self._named(table)[[*by, "variation", "sd_log"]]

    def _trend(self) -> pd.DataFrame:
        """One row a variable, group and measure, with the measure in the first and the last year."""
        by = ["variable", "group", "measure"]
        ends = self.dispersion.isel(year=[0, -1]).to_dataarray("measure").transpose(*by, "year")
        told = self.trends.assign(first=ends.isel(year=0, drop=True), last=ends.isel(year=-1, drop=True))
        told = told.assign(stars=told["p_value"].copy(data=stars(told["p_value"]))).rename(p_value="p")
        table = told.to_dataframe(dim_order=by).reset_index()
        first, last = self.years
        table = table.assign(first_year=first, last_year=last, measure=_words("measure", table["measure"]))
        columns = ["first_year", "last_year", "first", "last", "slope", "se", "t", "p", "stars", "autocorrelation"]
        return self._named(table)[[*by, *columns]]

    def _beta(self) -> pd.DataFrame:
        assert self.beta is not None
        by = ["variable", "group", "model"]
        told = self.beta.transpose(*by)
        judged = told["p_value"].where(told["regions"] >= FEW)  # errors of few clusters are too small to be starred
        told = told.assign(stars=judged.copy(data=stars(judged))).rename(p_value="p")
        table = told.to_dataframe(dim_order=by).reset_index()
        counts = {c: table[c].astype("Int64") for c in ("observations", "regions")}
        table = table.assign(**counts, few=table["regions"] < FEW, model=_words("model", table["model"]))
        return self._named(table)[[*by, "observations", "regions", "few", *BETA, "random_walk"]]

    def _controls(self) -> pd.DataFrame:
        assert self.controls is not None
        by = ["variable", "group", "control"]
        told = self.controls.transpose(*by)
        told = told.assign(stars=told["control_p"].copy(data=stars(told["control_p"])))
        told = told.rename({f"control_{k}": k for k in ("se", "t", "p")})
        table = told.to_dataframe(dim_order=by).reset_index()
        return self._named(table)[[*by, "coefficient", "se", "t", "p", "stars"]]

    def _spatial(self) -> pd.DataFrame:
        assert self.spatial is not None
        by = ["variable", "spatial_model"]
        told = self.spatial.transpose(*by)
        marks = {k: told[p].copy(data=stars(told[p])) for k, p in (("stars", "p_value"), ("rho_stars", "rho_p"))}
        table = told.assign(marks).rename(p_value="p").to_dataframe(dim_order=by).reset_index()
        table = table.rename(columns={"spatial_model": "model"}).dropna(subset="beta", ignore_index=True)
        counts = {c: table[c].astype("Int64") for c in ("observations", "regions")}
        dependence = text.t(f"labels.dependence_{self.options['dependence']}")
        told_by = {"model": _words("model", table["model"]), "neighbours": self.neighbours, "dependence": dependence}
        table = table.assign(**counts, **told_by)
        return table[["variable", "model", "dependence", "neighbours", "observations", "regions", *SPATIAL]]

    def _clubs(self) -> pd.DataFrame:
        """The test of all regions, of every club, and how many regions belong to none."""
        assert self.clubs is not None
        rows: list[dict[str, Any]] = []
        for variable in map(str, self.clubs["variable"].to_numpy()):
            of = self.clubs.sel(variable=variable)
            numbers = of["club"].to_numpy()
            if np.isnan(numbers).any():
                continue
            whole = {k: float(of[f"all_{k}"]) for k in ("b", "se", "t", "p_value")}
            rows.append({"variable": variable, "club": self.label(NATION), "regions": len(numbers), **whole})
            for number in map(int, of["club_number"].to_numpy()):
                one = of.sel(club_number=number)
                if np.isfinite(one["size"]):
                    told = {k: float(one[k]) for k in ("b", "se", "t", "p_value")}
                    name = text.t("labels.club", number=number)
                    rows.append({"variable": variable, "club": name, "regions": int(one["size"]), **told})
            alone = int((numbers == 0).sum())
            if alone:
                rows.append({"variable": variable, "club": text.t("labels.no_club"), "regions": alone})
        columns = ["variable", "club", "regions", "b", "se", "t", "p_value"]
        return pd.DataFrame(rows, columns=columns).rename(columns={"p_value": "p"})

    def _members(self) -> pd.DataFrame:
        """One row a variable and region, clubs in their order."""
        assert self.clubs is not None
        first, last = self.years
        told = self.clubs[["club"]].assign(
            path_first=self.clubs["path"].sel(year=first, drop=True),
            path_last=self.clubs["path"].sel(year=last, drop=True),
        )
        table = told.to_dataframe(dim_order=["variable", "region"]).reset_index().dropna(subset="club")
        order = table["club"].replace(0, np.inf)
        kept = table["variable"].map({v: i for i, v in enumerate(self.variables)})
        table = table.assign(order=order, kept=kept).sort_values(
            ["kept", "order", "path_last"], ascending=[True, True, False], ignore_index=True, kind="stable"
        )
        table["club"] = [club_label(int(k)) for k in table["club"]]
        return table[["variable", "region", "club", "path_first", "path_last"]]

    def _paths(self) -> pd.DataFrame:
        """Mean relative path of every club by year."""
        assert self.clubs is not None
        numbers = self.clubs["club"]
        present = [int(k) for k in np.unique(numbers.to_numpy()[np.isfinite(numbers.to_numpy())]) if k > 0]
        path = self.clubs["path"].transpose("variable", "year", "region")
        path = path.copy(data=np.ascontiguousarray(path.to_numpy()))  # sums in one order, stored or not
        means = [path.where(numbers == k).mean("region") for k in present]
        columns = ["variable", "club", "year", "path"]
        if not means:
            return pd.DataFrame(columns=columns)
        paths = xr.concat(means, dim="club").assign_coords(club=present).rename("path")
        table = paths.transpose("variable", "club", "year").to_dataframe().reset_index()
        table = table.dropna(subset="path", ignore_index=True)
        return table.assign(club=[club_label(int(k)) for k in table["club"]])[columns]


def club_label(number: int) -> str:
    """Name of a club, in the current language.

    Examples
    --------
    >>> with text.use("en"):
    ...     club_label(2), club_label(0)
    ('Club 2', 'in no club')
    """
    return text.t("labels.club", number=number) if number else text.t("labels.no_club")


def _words(kind: str, keys: pd.Series[Any]) -> list[str]:
    """Names of measures or models, in the current language."""
    return [text.t(f"labels.{kind}_{key}") for key in keys]
