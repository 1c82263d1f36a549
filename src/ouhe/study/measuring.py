"""From indicators to indices, C, T, D, classes and lag types: the stages that have a fixed order."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import xarray as xr

from ouhe import text
from ouhe.compute import aggregate, classify, couple, weight
from ouhe.errors import placed
from ouhe.results.coupling import Coupling
from ouhe.results.measurement import Measurement
from ouhe.study.document import Document
from ouhe.study.methods import COMBINATIONS, METHODS, ON_RAW, Choice, Stage
from ouhe.study.schema import Classes, Study

__all__ = ["aggregated", "class_scheme", "coupled", "measure", "variables", "weights"]


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

    Returns
    -------
    Measurement
        Normalised values, entropies, weights, indices, and what each dimension adds to its index.

    Raises
    ------
    DataError
        The data do not allow a choice of the study; the problem names the place in its file.
    """
    at = document or Document({})
    with placed(at.place("normalise")):
        y = _done("normalise", study.normalise, x)
    with placed(at.place("weights")):
        if study.weights.method == "entropy":
            # the values may not fit in memory, so they are walked once for both
            entropy = weight.information_entropy(y, **study.weights.options())
            w = weight.from_entropy(entropy)
        else:
            entropy = weight.information_entropy(y, undefined="missing")
            w = weights(study.weights, x, y)
    with placed(at.place("aggregate")):
        index = aggregated(y, w, study)
    return Measurement(x, y, entropy, w, index, aggregate.dimensions(y, w))


def weights(
    choice: Choice, x: xr.DataArray, y: xr.DataArray, *, known: dict[str, xr.DataArray] | None = None
) -> xr.DataArray:
    """Weights of the indicators by one choice, alone or combined of others.

    Parameters
    ----------
    choice
        The choice.
    x, y
        Indicators and their normalised values ``(region, year, indicator)``.
    known
        Weights that were computed before, by choice; those that are computed now are put in.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``.

    Raises
    ------
    DataError
        The data do not allow the choice.
    """
    known = {} if known is None else known
    name = choice.model_dump_json()
    if name not in known and choice.method in COMBINATIONS:
        parts = [weights(part, x, y, known=known) for part in choice.parts()]
        known[name] = COMBINATIONS[choice.method](parts)
    elif name not in known:
        known[name] = _done("weights", choice, x if choice.method in ON_RAW else y)
    return known[name]


def aggregated(y: xr.DataArray, w: xr.DataArray, study: Study) -> xr.DataArray:
    """Indices of all systems.

    Parameters
    ----------
    y
        Normalised values ``(region, year, indicator)``.
    w
        Weights ``(indicator,)``, which may have a further dimension.
    study
        The study, for its choice and the order of its systems.

    Returns
    -------
    xarray.DataArray
        Index ``(region, year, system)``, and the further dimension.

    Raises
    ------
    DataError
        The data do not allow the choice.
    """
    return _done("aggregate", study.aggregate, y, w).sel(system=list(study.systems))


def _done(stage: Stage, choice: Choice, *arrays: xr.DataArray) -> xr.DataArray:
    """What the function of a choice gives with its options."""
    found: xr.DataArray = METHODS[stage][choice.method](*arrays, **choice.options())
    return found


def coupled(index: xr.DataArray, study: Study) -> Coupling:
    """C, T and D of the indices, the class of every D and the system that lags.

    Parameters
    ----------
    index
        Index ``(region, year, system)``.
    study
        The study, for its choices.

    Returns
    -------
    Coupling
        Each ``(region, year)``, with the names of classes and systems.

    Raises
    ------
    DataError
        An index lies outside what the form of coupling allows.
    """
    chosen = study.coupling
    u = couple.rescale(index, low=chosen.rescale[0], high=chosen.rescale[1]) if chosen.rescale else index
    C = _done("coupling", chosen, u)
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
    """Upper ends and names of the classes, lowest first.

    Parameters
    ----------
    classes
        The scheme, or levels of the study's own.
    lang
        Language of the names.

    Returns
    -------
    tuple of float, tuple of str
        Upper ends and names.
    """
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
