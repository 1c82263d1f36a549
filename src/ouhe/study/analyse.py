"""The analyses of a study: independent questions to the indices, to C, T and D."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ouhe.compute import density, lisa, moran
from ouhe.errors import Problem, did_you_mean, placed
from ouhe.neighbours import Neighbours
from ouhe.results.autocorrelation import BivariateMoran, Geary, Getis, Moran
from ouhe.results.density import Density
from ouhe.results.lisa import Lisa
from ouhe.results.space import Space
from ouhe.results.study_results import Part
from ouhe.study.analyses import ANALYSES, Analysis
from ouhe.study.gather import Progress, silent
from ouhe.study.grouping import Grouping
from ouhe.study.load import StudyFile
from ouhe.study.space import name_of

__all__ = ["analyse", "unanswerable", "variables_of"]

#: Word in ``of`` for the indices of all systems.
INDEX = "index"


def variables_of(analysis: Analysis, systems: Sequence[str]) -> list[str]:
    """Variables of an analysis, each once: ``index`` stands for every system."""
    named = (v for name in analysis.of for v in (systems if name == INDEX else [name]))
    return list(dict.fromkeys(named))


def unanswerable(file: StudyFile, regions: int) -> Iterable[Problem]:
    """What is wrong with the analyses of a study before anything is computed."""
    study = file.study
    known = [INDEX, "C", "T", "D", *study.systems]
    for name, analysis in study.analyses.asked():
        for wanted in analysis.of:
            if wanted not in known:
                said = {"variable": wanted, "near": did_you_mean(wanted, known), "known": ", ".join(known)}
                yield Problem("analyses.unknown_variable", file.document.place("analyses", name, "of"), said)
        absent = [y for y in analysis.years or () if y not in study.years]
        if absent:
            about: dict[str, Any] = {
                "years": ", ".join(map(str, absent)),
                "first": study.years[0],
                "last": study.years[-1],
            }
            yield Problem("analyses.unknown_year", file.document.place("analyses", name, "years"), about)
        if analysis.weights() and regions < 4:
            yield Problem("analyses.few_regions", file.document.place("analyses", name), {"count": regions})
        if name == "bivariate_moran" and len(variables_of(analysis, list(study.systems))) < 2:
            yield Problem("analyses.one_variable", file.document.place("analyses", name, "of"))


def analyse(
    x: xr.DataArray, file: StudyFile, space: Space, grouping: Grouping, *, progress: Progress = silent
) -> dict[str, Part]:
    """Answers to the questions of a study.

    Parameters
    ----------
    x
        Values ``(variable, region, year)``: the index of every system, C, T and D.
    file
        The study.
    space
        Its spatial weights.
    grouping
        Its groups.
    progress
        Called with a step, how much of it is done and how much there is.

    Returns
    -------
    dict
        Analysis → its result.
    """
    asked = list(file.study.analyses.asked())
    found: dict[str, Part] = {}
    for done, (name, analysis) in enumerate(asked):
        progress("analyse", done, len(asked))
        wanted = x.sel(variable=variables_of(analysis, list(file.study.systems)))
        if analysis.years:
            wanted = wanted.sel(year=list(analysis.years))
        weights = [space[name_of(w, file.study.language)] for w in analysis.weights()]
        with placed(file.document.place("analyses", name)):
            found[name] = _ANSWERS[name](wanted, analysis, weights, grouping, _rng(file.study.seed, name))
    progress("analyse", len(asked), len(asked))
    return found


def _rng(seed: int, name: str) -> Callable[[], np.random.Generator]:
    """Maker of the random numbers of an analysis, the same whatever else the study asks."""
    return lambda: np.random.default_rng([seed, zlib.crc32(name.encode())])


def _statistics(
    function: Callable[..., xr.Dataset], arrays: Sequence[xr.DataArray], weights: Sequence[Neighbours], **how: Any
) -> xr.Dataset:
    """One statistic for every set of weights; all are permuted alike."""
    rng = how.pop("rng")
    per_weights = [function(*arrays, w, **how, rng=rng()) for w in weights]
    names = xr.Variable("neighbours", np.array([w.name for w in weights], dtype=object))
    return xr.concat(per_weights, dim="neighbours").assign_coords(neighbours=names)


def _moran(x: xr.DataArray, asked: Any, weights: list[Neighbours], grouping: Grouping, rng: Any) -> Moran:
    how = asked.options()
    within = None
    if asked.within_groups and grouping.group_of:
        within = moran.within(x, weights[0], grouping.group_of, **how, rng=rng())
    return Moran(_statistics(moran.univariate, [x], weights, **how, rng=rng), within, how, grouping.labels)


def _bivariate(x: xr.DataArray, asked: Any, weights: list[Neighbours], _grouping: Grouping, rng: Any) -> BivariateMoran:
    how = asked.options()
    names = list(map(str, x["variable"].to_numpy()))
    pairs = [(a, b) for a in names for b in names if a != b]
    first = x.sel(variable=[a for a, _ in pairs])
    second = x.sel(variable=[b for _, b in pairs]).assign_coords(variable=first["variable"])
    ends = np.arange(len(pairs))
    arrays = [part.assign_coords(variable=ends) for part in (first, second)]
    found = _statistics(moran.bivariate, arrays, weights, **how, rng=rng)
    lagged = ("variable", np.array([b for _, b in pairs], dtype=object))
    named = found.assign_coords(variable=np.array([a for a, _ in pairs], dtype=object), lagged=lagged)
    return BivariateMoran(named, options=how)


def _geary(x: xr.DataArray, asked: Any, weights: list[Neighbours], _grouping: Grouping, rng: Any) -> Geary:
    how = asked.options()
    return Geary(_statistics(ANALYSES["geary"][0], [x], weights, **how, rng=rng), options=how)


def _getis(x: xr.DataArray, asked: Any, weights: list[Neighbours], _grouping: Grouping, rng: Any) -> Getis:
    how = asked.options()
    return Getis(_statistics(ANALYSES["getis"][0], [x], weights, **how, rng=rng), options=how)


def _lisa(x: xr.DataArray, asked: Any, weights: list[Neighbours], _grouping: Grouping, rng: Any) -> Lisa:
    how = asked.options()
    local = lisa.local(x, weights[0], **how, rng=rng())
    moves = lisa.moves(local["quadrant"]) if local.sizes["year"] > 1 else None
    return Lisa(local, moves, weights[0].name, how)


def _density(x: xr.DataArray, asked: Any, _weights: list[Neighbours], _grouping: Grouping, _rng: Any) -> Density:
    how = asked.options()
    curves = density.estimate(x, **how)
    shape = density.shape(curves, x, prominence=asked.prominence)
    return Density(curves, shape, {**how, "prominence": asked.prominence})


_ANSWERS: dict[str, Callable[..., Part]] = {
    "moran": _moran,
    "bivariate_moran": _bivariate,
    "geary": _geary,
    "getis": _getis,
    "lisa": _lisa,
    "density": _density,
}
