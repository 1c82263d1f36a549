"""The questions a study asks of its indices, C, T and D: what stands in their way, and their answers."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ouhe.errors import OuheError, Problem, did_you_mean, placed
from ouhe.results.coupling import Coupling
from ouhe.results.measurement import Measurement
from ouhe.results.study_results import Part
from ouhe.study.analyses import ANALYSES, Analysis
from ouhe.study.answers import Context
from ouhe.study.gather import Progress, silent
from ouhe.study.load import StudyFile
from ouhe.study.space import name_of

if TYPE_CHECKING:
    from ouhe.study.check import Checked

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
            key = "analyses.few_regions_else" if analysis.without_neighbours else "analyses.few_regions"
            few = {"count": regions, "without": analysis.without_neighbours}
            yield Problem(key, file.document.place("analyses", name), few)
        for control in set(getattr(analysis, "log", ())) - set(getattr(analysis, "controls", ())):
            yield Problem("converge.log_of_nothing", file.document.place("analyses", name, "log"), {"control": control})
        if name == "bivariate_moran" and len(variables_of(analysis, list(study.systems))) < 2:
            yield Problem("analyses.one_variable", file.document.place("analyses", name, "of"))


def analyse(
    x: xr.DataArray,
    checked: Checked,
    measurement: Measurement,
    coupling: Coupling,
    *,
    progress: Progress = silent,
) -> tuple[dict[str, Part], dict[str, tuple[Problem, ...]]]:
    """Answers to the questions of a study; one that cannot be answered is left out, and the rest stands.

    Parameters
    ----------
    x
        Values ``(variable, region, year)``: the index of every system, C, T and D.
    checked
        The study, its groups and spatial weights.
    measurement, coupling
        What measuring and coupling gave.
    progress
        Called with a step, how much of it is done and how much there is.

    Returns
    -------
    dict
        Analysis → its result.
    dict
        Analysis that cannot be done → why not.
    """
    file = checked.file
    study, space = file.study, checked.located.space
    asked = list(study.analyses.asked())

    def context(name: str, analysis: Analysis) -> Context:
        wanted = x.sel(variable=variables_of(analysis, list(study.systems)))
        return Context(
            x=wanted.sel(year=list(analysis.years)) if analysis.years else wanted,
            asked=analysis,
            options=analysis.options(),
            weights=[space[name_of(w, study.language)] for w in analysis.weights()],
            checked=checked,
            measurement=measurement,
            coupling=coupling,
            rng=lambda: np.random.default_rng([study.seed, zlib.crc32(name.encode())]),  # whatever else is asked
            progress=lambda done, total: progress("permute", done, total),
        )

    found: dict[str, Part] = {}
    not_done: dict[str, tuple[Problem, ...]] = {}
    for done, (name, analysis) in enumerate(asked):
        progress("analyse", done, len(asked))
        try:
            with placed(file.document.place("analyses", name)):
                found[name] = ANALYSES[name].answer(context(name, analysis))
        except OuheError as error:
            not_done[name] = error.problems
    progress("analyse", len(asked), len(asked))
    return found, not_done
