"""From indicators to indices, C, T, D, classes and lag types: the stages that have a fixed order."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import xarray as xr

from ouhe import text
from ouhe.compute import aggregate, classify, couple, weight
from ouhe.errors import placed
from ouhe.results.coupling import Coupling
from ouhe.results.measurement import Measurement
from ouhe.study.document import Document
from ouhe.study.methods import COMBINATIONS, METHODS, ON_RAW, Choice
from ouhe.study.schema import Classes, Study

__all__ = ["class_scheme", "coupled", "measure", "variables"]


def measure(x: xr.DataArray, study: Study, *, document: Document | None = None) -> Measurement:
    """Normalise, weigh and aggregate the indicators of a study.

    Parameters
    ----------
    x
        Indicators ``(region, year, indicator)`` with their coordinates (:func:`ouhe.panel.describe`).
    study
        The study, for its methods.
    document
        The study file, for the places of what goes wrong.
    """
    at = document or Document({})
    with placed(at.place("normalise")):
        y = _apply("normalise", study.normalise)(x)
    with placed(at.place("weights")):
        w = _weights(study.weights, x, y)
    with placed(at.place("aggregate")):
        index = _apply("aggregate", study.aggregate)(y, w).sel(system=list(study.systems))
    how = study.weights.options() if study.weights.method == "entropy" else {}
    entropy = weight.information_entropy(y, **how, undefined="missing")
    return Measurement(x, y, entropy, w, index, aggregate.dimensions(y, w))


def _apply(stage: Any, choice: Choice) -> Callable[..., xr.DataArray]:
    """Function of a choice with its options set."""
    function, options = METHODS[stage][choice.method], choice.options()
    return lambda *arrays: function(*arrays, **options)


def _weights(choice: Choice, x: xr.DataArray, y: xr.DataArray) -> xr.DataArray:
    if choice.method in COMBINATIONS:
        combined: xr.DataArray = COMBINATIONS[choice.method]([_weights(part, x, y) for part in choice.parts()])
        return combined
    return _apply("weights", choice)(x if choice.method in ON_RAW else y)


def coupled(index: xr.DataArray, study: Study) -> Coupling:
    """C, T and D of the indices, the class of every D and the system that lags.

    Parameters
    ----------
    index
        Index ``(region, year, system)``.
    study
        The study, for its choices.
    """
    chosen = study.coupling
    u = couple.rescale(index, low=chosen.rescale[0], high=chosen.rescale[1]) if chosen.rescale else index
    C = _apply("coupling", chosen)(u)
    T = couple.development(u, contribution=chosen.contribution)
    D = couple.coordination(C, T)
    upper, labels = class_scheme(study.classes, study.language)
    return Coupling(
        C=C,
        T=T,
        D=D,
        level=classify.classify(D, upper=upper),
        lagging=couple.lagging(u, in_step=chosen.in_step),
        labels=labels,
        upper=upper,
        systems=tuple(study.systems),
    )


def class_scheme(classes: Classes, lang: text.Lang) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Upper ends and names of the classes, lowest first."""
    if classes.levels is not None:
        return tuple(level.upper for level in classes.levels), tuple(level.label for level in classes.levels)
    schemes = tomllib.loads((files("ouhe.study") / "classes.toml").read_text("utf-8"))
    scheme = schemes[str(classes.scheme)]
    return tuple(scheme["upper"]), tuple(scheme[lang])


def variables(measurement: Measurement, coupling: Coupling) -> xr.DataArray:
    """Index of every system, C, T and D as one array ``(variable, region, year)``.

    Parameters
    ----------
    measurement, coupling
        What measuring and coupling gave.
    """
    parts = [measurement.index.rename(system="variable").drop_vars("variable"), coupling.C, coupling.T, coupling.D]
    parts = [p if "variable" in p.dims else p.expand_dims("variable") for p in parts]
    x = xr.concat(parts, dim="variable", coords="minimal", compat="override")
    return x.assign_coords(variable=[*coupling.systems, "C", "T", "D"]).transpose("variable", "region", "year")
