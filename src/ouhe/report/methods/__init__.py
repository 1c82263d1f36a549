"""What was done at every step of a study, in words and formulas, from its settings as resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ouhe.report.document import Block
from ouhe.report.methods import (
    autocorrelation,
    convergence,
    coupling,
    distribution,
    inequality,
    measuring,
    preparing,
    space,
    transition,
    uncertainty,
)
from ouhe.report.methods.phrases import once
from ouhe.results.study_results import StudyResults

__all__ = ["ANALYSES", "STEPS", "Step", "steps"]

#: Says what one step did; nothing where the study has none.
Step = Callable[[StudyResults], tuple[Block, ...]]

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


def steps(results: StudyResults) -> dict[str, tuple[Block, ...]]:
    """What this study did, step by step, in the current language.

    Parameters
    ----------
    results
        Results of the study, told in the current language (:meth:`StudyResults.told_in`).

    Returns
    -------
    dict
        Step → its paragraphs and equations; steps and analyses that the study has, in the order of the method. An
        equation stands once in a step, and has the same anchor in every step that needs it. Equations are not
        numbered, works not listed yet (:func:`ouhe.report.references.cited`).
    """
    told = {name: step(results) for name, step in STEPS.items()}
    told |= {name: step(results) for name, step in ANALYSES.items() if name in results.analyses}
    return {name: once(blocks) for name, blocks in told.items() if blocks}
