"""How each analysis is answered: from what a study has measured to one result."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ouhe.compute import density as densities
from ouhe.compute import geary as geary_statistic
from ouhe.compute import getis as getis_statistic
from ouhe.compute import inequality as inequalities
from ouhe.compute import lisa as local_moran
from ouhe.compute import moran as moran_statistic
from ouhe.compute import transition as transitions
from ouhe.errors import DataError, OuheWarning
from ouhe.neighbours import Neighbours
from ouhe.results.autocorrelation import BivariateMoran, Geary, Getis, Moran
from ouhe.results.coupling import Coupling
from ouhe.results.density import Density
from ouhe.results.inequality import Inequality
from ouhe.results.lisa import Lisa
from ouhe.results.measurement import Measurement
from ouhe.results.transition import Transition
from ouhe.results.uncertainty import Uncertainty

if TYPE_CHECKING:
    from ouhe.study.check import Checked
    from ouhe.study.schema import Study

__all__ = [
    "Context",
    "bivariate_moran",
    "density",
    "geary",
    "getis",
    "inequality",
    "lisa",
    "moran",
    "transition",
    "uncertainty",
]


@dataclass(frozen=True, eq=False)
class Context:
    """What an analysis is made from.

    Parameters
    ----------
    x
        The variables and years it is asked of, ``(variable, region, year)``: indices, C, T, D.
    asked
        The analysis as the study asks for it.
    options
        Options of its method.
    weights
        Spatial weights it asks for, the main ones first.
    checked
        The study, its panel and its groups.
    measurement, coupling
        What measuring and coupling gave.
    rng
        Makes its random numbers, from the start at every call.
    progress
        Called with how many permutations are done and how many there are.
    """

    x: xr.DataArray
    asked: Any
    options: Mapping[str, Any]
    weights: Sequence[Neighbours]
    checked: Checked
    measurement: Measurement
    coupling: Coupling
    rng: Callable[[], np.random.Generator]
    progress: Callable[[int, int], None]

    @property
    def study(self) -> Study:
        """The study."""
        return self.checked.file.study

    @property
    def series(self) -> xr.DataArray:
        """Every series of the panel as used, ``(region, year, series)``: indicators and whatever else was read."""
        return self.checked.prepared.data.values["value"]

    @property
    def finer(self) -> Sequence[Mapping[str, str]]:
        """Region → its group within its group, for every finer grouping that the study names."""
        return [level.group_of for level in self.checked.grouping.finer]

    @property
    def group_of(self) -> Mapping[str, str]:
        """Region → its group; regions without one are absent."""
        return self.checked.grouping.group_of

    @property
    def group_labels(self) -> Mapping[str, str]:
        """Group → its name in the language of the study."""
        return self.checked.grouping.labels[self.study.language]

    @property
    def drawn(self) -> dict[str, Any]:
        """Options, random numbers and progress of a method that permutes."""
        return {**self.options, "rng": self.rng(), "progress": self.progress}


def moran(c: Context) -> Moran:
    """Global Moran's I, and within every group with the main weights."""
    within = None
    grouped = [r for r in map(str, c.x["region"].to_numpy()) if r in c.group_of]
    if c.asked.within_groups and grouped:  # a region without a group counts for all regions only
        within = moran_statistic.within(c.x.sel(region=grouped), c.weights[0].only(grouped), c.group_of, **c.drawn)
    return Moran(_compared(moran_statistic.univariate, c, c.x), within, c.options, c.group_labels)


def bivariate_moran(c: Context) -> BivariateMoran:
    """Moran's I of every ordered pair of variables."""
    names = list(map(str, c.x["variable"].to_numpy()))
    pairs = [(a, b) for a in names for b in names if a != b]
    ends = [np.array(end, dtype=object) for end in zip(*pairs, strict=True)]
    arrays = [c.x.sel(variable=end).assign_coords(variable=np.arange(len(pairs))) for end in ends]
    found = _compared(moran_statistic.bivariate, c, *arrays)
    return BivariateMoran(found.assign_coords(variable=ends[0], lagged=("variable", ends[1])), options=c.options)


def geary(c: Context) -> Geary:
    """Geary's c."""
    return Geary(_compared(geary_statistic.c, c, c.x), options=c.options)


def getis(c: Context) -> Getis:
    """Getis and Ord's general G."""
    return Getis(_compared(getis_statistic.general, c, c.x), options=c.options)


def lisa(c: Context) -> Lisa:
    """Local Moran and the moves between its quadrants."""
    local = local_moran.local(c.x, c.weights[0], **c.drawn)
    moves = local_moran.moves(local["quadrant"]) if local.sizes["year"] > 1 else None
    return Lisa(local, moves, c.weights[0].name, c.options)


def density(c: Context) -> Density:
    """Kernel densities and the shape of their curves."""
    curves = densities.estimate(c.x, **c.options)
    shape = densities.shape(curves, c.x, prominence=c.asked.prominence)
    return Density(curves, shape, {**c.options, "prominence": c.asked.prominence})


def transition(c: Context) -> Transition:
    """Moves between classes, by the class of the neighbours too, and between the quadrants of the Moran scatter plot.

    Classes of the study are those of D; of another variable, or where quantiles are asked for, they are quantiles.
    """
    given = tuple(v for v in map(str, c.x["variable"].to_numpy()) if v == "D" and c.asked.classes == "study")
    w = c.weights[0] if c.weights else None
    chains, quadrants = {}, {}
    for variable in map(str, c.x["variable"].to_numpy()):
        x = c.x.sel(variable=variable)
        chains[variable] = transitions.estimate(x, c.coupling.upper if variable in given else None, w, **c.options)
        if w is not None:
            try:
                local = local_moran.local(x, w, inference="analytic")
            except DataError as error:  # the chain stands without its quadrants
                for problem in error.problems:
                    warnings.warn(OuheWarning(problem), stacklevel=2)
                continue
            quadrants[variable] = transitions.quadrants(local["quadrant"], step=c.options["step"])
    about = {"given": given, "classes": c.coupling.labels, "neighbours": w.name if w is not None else ""}
    return Transition.of(chains, quadrants, options=c.options, **about)


def uncertainty(c: Context) -> Uncertainty:
    """Intervals, probabilities of classes and shares of variance over draws of the study's choices."""
    from ouhe.study import uncertainty as uncertainties  # the study's own structure depends on the answers there are

    return uncertainties.uncertainty(c)


def inequality(c: Context) -> Inequality:
    """Measures of inequality; with two groups or more their decompositions, by the regions that have a group."""
    grouped = c.x.sel(region=[r for r in map(str, c.x["region"].to_numpy()) if r in c.group_of])
    if len({c.group_of[str(r)] for r in grouped["region"].to_numpy()}) < 2:
        return Inequality(inequalities.indices(c.x, **c.options), options=_levelled(c))
    found = inequalities.indices(grouped, groups=c.group_of, **c.options)
    if grouped.sizes["region"] < c.x.sizes["region"]:
        found = inequalities.indices(c.x, **c.options).assign(esteban_ray=found["esteban_ray"])
    split = inequalities.dagum(grouped, c.group_of), inequalities.theil(grouped, c.group_of, *c.finer)
    return Inequality(found, *split, _levelled(c), c.group_labels)


def _levelled(c: Context) -> dict[str, Any]:
    """Options of inequality, and how many groupings there are."""
    return {**c.options, "levels": len(c.finer)}


def _compared(function: Callable[..., xr.Dataset], c: Context, *arrays: xr.DataArray) -> xr.Dataset:
    """One statistic for every set of weights; all are permuted alike."""
    per_weights = [function(*arrays, w, **c.drawn) for w in c.weights]
    names = xr.Variable("neighbours", np.array([w.name for w in c.weights], dtype=object))
    return xr.concat(per_weights, dim="neighbours").assign_coords(neighbours=names)
