"""Moran's I of D under other choices: with the study's main spatial weights, with other weights, and by other tests."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

import pandas as pd
import xarray as xr
from pydantic import TypeAdapter

from ouhe.compute import lag_regression, moran
from ouhe.errors import OptionError, OuheError, Problem, heard
from ouhe.neighbours import Neighbours
from ouhe.permutations import Variance
from ouhe.results.conventions import Label, Row
from ouhe.study.alternatives import label
from ouhe.study.analyses import NeighboursChoice
from ouhe.study.check import Checked
from ouhe.study.methods import METHODS, union

__all__ = ["Spatial"]

#: Regions up to which inverse distances, half a million pairs of them, are worked out unasked.
MOST_REGIONS = 1000

#: Other spatial weights, with their defaults.
WEIGHTS = ("contiguity", "inverse-distance", "k-nearest")


@dataclass(frozen=True, eq=False)
class Spatial:
    """How spatial dependence is measured in a study.

    Parameters
    ----------
    checked
        The study.
    choice, main
        Its main spatial weights, as it names them and as they are.
    warnings
        What speaks against weights that the study does not name itself.
    """

    checked: Checked
    choice: NeighboursChoice
    main: Neighbours
    warnings: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, checked: Checked) -> Spatial | None:
        """The first weights that the study names, else the borders of its regions; None where there are neither.

        Fewer than four regions have no Moran's I.
        """
        weights, regions = checked.located.space.weights, checked.gathered.regions
        if len(regions) < 4:
            return None
        if weights:
            return cls(checked, checked.file.study.analyses.weights()[0], weights[0])
        if not regions.borders:
            return None
        choice = _choice("contiguity")
        with heard() as told:
            main = _made(choice, checked)
        return cls(checked, choice, main, tuple(told))

    @property
    def variance(self) -> Variance:
        """Variance of Moran's I that the study takes, or that would be taken by default."""
        asked = dict(self.checked.file.study.analyses.asked()).get("moran")
        found: Variance = asked.options()["variance"] if asked else "randomisation"
        return found

    def tested(self, D: xr.DataArray) -> list[dict[str, Any]]:
        """Moran's I of D ``(variant, region)`` with the main weights, its z and p, and warnings of every variant."""
        return _tested(D, self.main, self.variance)

    def rows(self, D: xr.DataArray, base: Row) -> Iterator[Row]:
        """Rows of all spatial weights, then of all tests.

        Parameters
        ----------
        D
            The study's D of the last year ``(region,)``.
        base
            The numbers of the study.
        """
        yield from self._weights(D, base)
        yield from self._tests(D, base)

    def _weights(self, D: xr.DataArray, base: Row) -> Iterator[Row]:
        own = replace(base, step="neighbours", choice=self.choice.method, label=_label(self.choice), chosen=True)
        yield replace(own, warnings=self.warnings)
        checked = self.checked
        # besides the main ones: weights that the study names, then the usual ones that it does not
        named = list(zip(checked.file.study.analyses.weights(), checked.located.space.weights, strict=True))
        told_of = [choice.model_copy(update={"name": ""}) for choice in (self.choice, *(c for c, _ in named))]
        usual = [(choice, None) for choice in map(_choice, WEIGHTS) if choice not in told_of]
        for choice, known in (*named[1:], *usual):
            about = ("neighbours", choice.method, _label(choice))
            try:
                with heard() as told:
                    w = _made(choice, checked) if known is None else known
            except OuheError as error:
                yield Row(*about, refusals=error.problems)
                continue
            (found,) = _tested(D.expand_dims("variant"), w, self.variance)
            found["warnings"] = (*told, *found["warnings"])
            yield replace(own, choice=choice.method, label=_label(choice), chosen=False, **found)

    def _tests(self, D: xr.DataArray, base: Row) -> Iterator[Row]:
        own = replace(base, step="statistic", choice=self.variance, label=_test_label(self.variance), chosen=True)
        yield own
        for variance in (v for v in get_args(Variance) if v != self.variance):
            (found,) = _tested(D.expand_dims("variant"), self.main, variance)
            found["moran"] = base.moran  # the same but for rounding
            yield replace(own, choice=variance, label=_test_label(variance), chosen=False, **found)
        said = Label("conventions.statistic_regression", {"freedom": D.sizes["region"] - 2})
        yield replace(own, choice="regression", label=said, chosen=False, **_of_line(D, self.main))


def _test_label(variance: Variance) -> Label:
    return Label(f"conventions.statistic_{variance}")


def _choice(method: str) -> NeighboursChoice:
    """Spatial weights with their defaults."""
    found: NeighboursChoice = TypeAdapter(union("neighbours", NeighboursChoice)).validate_python(method)
    return found


def _label(choice: NeighboursChoice) -> Label:
    if choice.name:
        return Label("conventions.neighbours_named", {"name": choice.name})
    said = label(choice, f"labels.neighbours_{choice.method}".replace("-", "_"))
    if "path" not in said.params:
        return said
    return replace(said, params={**said.params, "path": str(said.params["path"]).replace("\\", "/").rsplit("/", 1)[-1]})


def _made(choice: NeighboursChoice, checked: Checked) -> Neighbours:
    """Spatial weights of the regions, where what is known of them is enough."""
    regions, make = checked.gathered.regions, METHODS["neighbours"][choice.method]
    if choice.method == "contiguity":
        found: Neighbours = make(regions, **choice.options())
        return found
    n = len(regions)
    if choice.method == "inverse-distance" and n > MOST_REGIONS:
        raise OptionError.of("conventions.too_many_regions", regions=n, pairs=n * (n - 1) // 2, most=MOST_REGIONS)
    weights: Neighbours = make(_points(checked), **choice.options())
    return weights


def _points(checked: Checked) -> pd.DataFrame:
    """Coordinates of the region set, or the centres of the base map's shapes where the set has none."""
    points, boundaries = checked.gathered.regions.table[["longitude", "latitude"]], checked.located.boundaries
    return boundaries.centroids() if boundaries is not None and points.isna().all(axis=None) else points


def _tested(D: xr.DataArray, w: Neighbours, variance: Variance) -> list[dict[str, Any]]:
    """Moran's I of all variants in one call; where that is refused, of each, so that one leaves the others alone."""
    named = D.assign_coords(variant=["D"] * D.sizes["variant"])
    try:
        with heard() as told:
            found = moran.univariate(named, w, variance=variance, permutations=0)
    except OuheError as error:
        if D.sizes["variant"] == 1:
            return [{"moran": math.nan, "z": math.nan, "p": math.nan, "warnings": error.problems}]
        return [part for k in range(D.sizes["variant"]) for part in _tested(D.isel(variant=[k]), w, variance)]
    columns = zip(*(found[k].to_numpy().tolist() for k in ("statistic", "z", "p_value")), strict=True)
    return [{"moran": i, "z": z, "p": p, "warnings": tuple(told) if math.isnan(z) else ()} for i, z, p in columns]


def _of_line(D: xr.DataArray, w: Neighbours) -> dict[str, Any]:
    """The t and p of the regression of the lag on the value, in the place of z and its p; I stays what it is."""
    try:
        found = lag_regression.slope(D, w)
    except OuheError as error:
        return {"z": math.nan, "p": math.nan, "warnings": error.problems}
    return {"z": float(found["t"]), "p": float(found["p_value"]), "warnings": ()}
