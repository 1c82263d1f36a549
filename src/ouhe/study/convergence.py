"""Convergence, answered: σ and β for all regions and every group, spatial β, clubs; what cannot be done is told."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from ouhe import text
from ouhe.compute import converge
from ouhe.errors import DataError, OuheError, OuheWarning, Problem, heard
from ouhe.results.convergence import Convergence
from ouhe.results.groups import NATION
from ouhe.study.answers import Context

__all__ = ["convergence"]

#: Fewest regions of a dispersion and of a regression without controls.
DISPERSION, REGRESSION = 2, 3

#: Options that are kept as they are.
PLAIN = ("zeros", "trend_lags", "dependence", "clubs", "smoothing", "discard", "merging")


def convergence(c: Context) -> Convergence:
    """σ-, β- and club convergence."""
    members = {NATION: tuple(map(str, c.x["region"].to_numpy())), **_groups(c)}
    _tell_small(c, members)
    dispersion = _by_group(converge.dispersion, c.x, members, DISPERSION)
    measures = dispersion.to_dataarray("measure")
    logs = _loggable(c)
    controls = _controls(c)
    beta, coefficients = _beta(c, logs, controls, members) if logs.size else (None, None)
    asked = c.asked
    return Convergence(
        dispersion=dispersion.transpose("variable", "group", "year"),
        trends=converge.trend(measures, lags=asked.trend_lags).transpose("variable", "group", "measure"),
        beta=beta,
        controls=coefficients,
        spatial=_spatial(c, logs, controls) if asked.dependence != "none" and logs.size else None,
        clubs=_clubs(c) if asked.clubs else None,
        options={
            **c.options,
            **{k: getattr(asked, k) for k in PLAIN},
            "controls": list(asked.controls),
            "log": list(asked.log),
        },
        neighbours=c.weights[0].name if c.weights else "",
        group_labels={NATION: _nation(c), **c.group_labels},
    )


def _groups(c: Context) -> dict[str, tuple[str, ...]]:
    """Group → those of its regions that are studied."""
    found: dict[str, list[str]] = {}
    for region in map(str, c.x["region"].to_numpy()):
        if region in c.group_of:
            found.setdefault(c.group_of[region], []).append(region)
    return {g: tuple(found[g]) for g in c.checked.grouping.members if g in found}


def _tell_small(c: Context, members: Mapping[str, Sequence[str]]) -> None:
    """Tell of groups that are too small."""
    for group, regions in members.items():
        if group != NATION and len(regions) < REGRESSION:
            said = {"group": c.group_labels.get(group, group), "count": len(regions), "least": REGRESSION}
            warnings.warn(OuheWarning.of("converge.small_group", **said), stacklevel=2)


def _by_group(
    make: Callable[[xr.DataArray], xr.Dataset], x: xr.DataArray, members: Mapping[str, Sequence[str]], least: int
) -> xr.Dataset:
    """The same for all regions and every group, missing for groups that are too small."""
    found = {NATION: make(x)}
    with heard():  # what is told of all regions holds for those of the groups
        for group, regions in members.items():
            if group != NATION and len(regions) >= least:
                found[group] = make(x.sel(region=list(regions)))
    joined = xr.concat(found.values(), dim="group").assign_coords(group=list(found))
    return joined.reindex(group=list(members))


def _loggable(c: Context) -> xr.DataArray:
    """The variables that have logarithms; it is told which have none, or which of their values are left out."""
    kept = []
    for variable in map(str, c.x["variable"].to_numpy()):
        of = c.x.sel(variable=variable, drop=True)
        wrong = converge.not_positive(of)
        if wrong:
            said = {"variable": variable, "count": int((of <= 0).sum()), **wrong[0].params}
            key = "converge.zeros" if c.asked.zeros == "refuse" else "converge.zeros_left_out"
            warnings.warn(OuheWarning.of(key, **said), stacklevel=2)
        if not wrong or c.asked.zeros == "leave-out":
            kept.append(variable)
    chosen = c.x.sel(variable=kept)
    return chosen.where(chosen > 0)


def _controls(c: Context) -> xr.DataArray | None:
    """Controls as they enter the regressions, ``(control, region, year)``."""
    if not c.asked.controls:
        return None
    chosen = c.series.sel(series=list(c.asked.controls)).rename(series="control").transpose("control", "region", "year")
    chosen = chosen.reindex(region=c.x["region"], year=c.x["year"]).reset_coords(drop=True)
    logged = chosen["control"].isin(list(c.asked.log))
    problems = converge.not_positive(chosen.where(logged, 1.0))
    if problems:
        raise DataError(*problems)
    return chosen.where(~logged, np.log(chosen.where(logged, 1.0)))


def _beta(
    c: Context, x: xr.DataArray, controls: xr.DataArray | None, members: Mapping[str, Sequence[str]]
) -> tuple[xr.Dataset, xr.Dataset | None]:
    """β of all models, and the coefficients of the controls."""
    models = {"absolute": _by_group(lambda some: converge.beta(some, **c.options), x, members, REGRESSION)}
    conditional = None if controls is None else _conditional(c, x, controls, members)
    if conditional is not None:
        models["conditional"] = conditional.drop_dims("control")
    models["cross_section"] = _by_group(converge.cross_section, x, members, REGRESSION)
    joined = xr.concat([m.drop_vars("few") for m in models.values()], dim="model", data_vars="all", join="outer")
    beta = joined.assign_coords(model=list(models)).transpose("variable", "group", "model")
    beta = beta.reindex(variable=c.x["variable"])
    if conditional is None:
        return beta, None
    names = [k for k in conditional.data_vars if "control" in conditional[k].dims]
    coefficients = conditional[names].transpose("variable", "group", "control")
    return beta, coefficients.reindex(variable=c.x["variable"])


def _conditional(
    c: Context, x: xr.DataArray, controls: xr.DataArray, members: Mapping[str, Sequence[str]]
) -> xr.Dataset | None:
    """Conditional β; missing for groups that are too small or within which a control is determined by the effects."""
    least = controls.sizes["control"] + REGRESSION
    found: dict[str, xr.Dataset] = {}
    for group, regions in members.items():
        label = c.group_labels.get(group, group)
        if group != NATION and len(regions) < least:
            said = {"group": label, "count": len(regions), "least": least}
            warnings.warn(OuheWarning.of("converge.small_group_controls", **said), stacklevel=2)
            continue
        some = list(regions)
        try:
            with heard() as told:
                found[group] = converge.beta(x.sel(region=some), controls.sel(region=some), **c.options)
        except DataError as error:
            if group == NATION:
                _warn(error.problems)
                return None
            _warn([Problem("converge.group_controls", params={"group": label})])
        _warn(told if group == NATION else [])
    joined = xr.concat(found.values(), dim="group", join="outer").assign_coords(group=list(found))
    return joined.reindex(group=list(members))


def _warn(problems: Sequence[Problem]) -> None:
    for problem in problems:
        warnings.warn(OuheWarning(problem), stacklevel=3)


def _spatial(c: Context, x: xr.DataArray, controls: xr.DataArray | None) -> xr.Dataset | None:
    """Spatial β of the variables that it can be estimated for."""
    sets = {"absolute": None} | ({} if controls is None else {"conditional": controls})

    def make(of: xr.DataArray) -> xr.Dataset:
        made = [
            converge.spatial(of, c.weights[0], given, dependence=c.asked.dependence, **c.options)
            for given in sets.values()
        ]
        return xr.concat(made, dim="spatial_model").assign_coords(spatial_model=list(sets))

    return _by_variable(make, x, c.x)


def _clubs(c: Context) -> xr.Dataset | None:
    """Clubs of the variables that they can be found for."""
    options = {k: getattr(c.asked, k) for k in ("smoothing", "discard", "merging")}
    return _by_variable(lambda of: converge.clubs(of, **options), c.x, c.x)


def _by_variable(make: Callable[[xr.DataArray], xr.Dataset], x: xr.DataArray, whole: xr.DataArray) -> xr.Dataset | None:
    """The same for every variable of `x`, missing for the others of `whole`; what stands in the way is told."""
    found: dict[str, xr.Dataset] = {}
    problems: list[Problem] = []
    for variable in map(str, x["variable"].to_numpy()):
        try:
            found[variable] = make(x.sel(variable=variable, drop=True))
        except OuheError as error:
            problems += [p for p in error.problems if p.record() not in [q.record() for q in problems]]
    _warn(problems)
    if not found:
        return None
    joined = xr.concat(found.values(), dim="variable", join="outer").assign_coords(variable=list(found))
    return joined.reindex(variable=whole["variable"])


def _nation(c: Context) -> str:
    """What all regions together are called."""
    key = "labels.nation" if c.checked.gathered.regions.nation else "labels.all_regions"
    return text.t(key, lang=c.study.language)
