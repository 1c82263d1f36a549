"""What was done at every step of a study, in words and formulas, from its settings as resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ouhe import text
from ouhe.report.document import Block
from ouhe.report.methods import (
    autocorrelation,
    convergence,
    coupling,
    distribution,
    gridding,
    inequality,
    measuring,
    preparing,
    space,
    transition,
    uncertainty,
)
from ouhe.report.methods.phrases import once
from ouhe.results.measured import Measured
from ouhe.results.study_results import StudyResults

__all__ = ["ANALYSES", "OF_RASTERS", "STEPS", "Step", "steps"]

#: Says what one step did; nothing where the study has none.
Step = Callable[[Any], tuple[Block, ...]]

#: Steps that every study has, in the order of the method.
STEPS: Mapping[str, Step] = {
    "preparing": preparing.preparing,
    "normalise": measuring.normalising,
    "weights": measuring.weighing,
    "aggregate": measuring.aggregating,
    "coupling": coupling.coupling,
    "classes": coupling.classifying,
    "lag": coupling.lagging,
    "groups": coupling.grouping,
    "gaps": coupling.gaps,
    "neighbours": space.neighbouring,
    "obstacles": coupling.obstacles,
}

#: Analyses by their key in the study file; a new one stands here.
ANALYSES: Mapping[str, Step] = {
    "moran": autocorrelation.moran,
    "bivariate_moran": autocorrelation.bivariate_moran,
    "geary": autocorrelation.geary,
    "getis": autocorrelation.getis,
    "lisa": autocorrelation.lisa,
    "density": distribution.density,
    "inequality": inequality.inequality,
    "convergence": convergence.convergence,
    "transition": transition.transition,
    "uncertainty": uncertainty.uncertainty,
}

#: Steps of a study of rasters.
OF_RASTERS: Mapping[str, Step] = {
    "preparing": gridding.preparing,
    "normalise": measuring.normalising,
    "weights": measuring.weighing,
    "aggregate": measuring.aggregating,
    "coupling": coupling.coupling,
    "classes": coupling.classifying,
    "lag": coupling.lagging,
    "groups": coupling.grouping,
    "neighbours": gridding.neighbouring,
}

#: Analyses of a study of rasters.
ANALYSES_OF_RASTERS: Mapping[str, Step] = {
    "moran": gridding.moran,
    "lisa": gridding.lisa,
    "density": distribution.density,
}


def steps(results: Measured) -> dict[str, tuple[Block, ...]]:
    """What this study did, step by step, in the current language.

    Parameters
    ----------
    results
        Results of the study, told in the current language (``told_in``).

    Returns
    -------
    dict
        Step → its paragraphs and equations; steps and analyses that the study has, in the order of the method. An
        equation stands once in a step, and has the same anchor in every step that needs it. Equations are not
        numbered, works not listed yet (:func:`ouhe.report.references.cited`).
    """
    of_regions = isinstance(results, StudyResults)
    steps_, analyses = (STEPS, ANALYSES) if of_regions else (OF_RASTERS, ANALYSES_OF_RASTERS)
    with text.of_cells(not of_regions):
        told = {name: step(results) for name, step in steps_.items()}
        told |= {name: step(results) for name, step in analyses.items() if name in results.analyses}
    return {name: once(blocks) for name, blocks in told.items() if blocks}
