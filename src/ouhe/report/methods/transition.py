"""How moves between classes were counted, tested and followed into the long run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from ouhe.report.document import Block
from ouhe.report.methods.autocorrelation import variables, years
from ouhe.report.methods.phrases import Sentence, equation, formulas, paragraph, say
from ouhe.report.methods.space import choices
from ouhe.results.study_results import StudyResults

__all__ = ["transition"]


def transition(results: StudyResults) -> tuple[Block, ...]:
    """Classes, the chain, its chain by neighbours, the tests, the long run, and the moves between quadrants."""
    chosen = results.settings["analyses"]["transition"]
    least = _least_distance(results, chosen)
    step = chosen["step"] or least
    introduction = say("transition", variables=variables(results, chosen))
    about = [say("where_transition", step=step), *years(chosen), *_classes(results, chosen), say("transition_empty")]
    blocks = [*formulas([introduction], ["transition"], *about), *_space(results, chosen), *_tests(chosen)]
    if step > least:
        blocks.append(paragraph(say("transition_overlap")))
    blocks += _long_run()
    return (*blocks, paragraph(say("transition_quadrants"))) if chosen["spatial"] else tuple(blocks)


def _least_distance(results: StudyResults, chosen: Mapping[str, Any]) -> int:
    """Least number of years between two of the analysis."""
    used = sorted(int(y) for y in chosen["years"] or results.coupling.D["year"].to_numpy())
    return min((b - a for a, b in pairwise(used)), default=1)


def _classes(results: StudyResults, chosen: Mapping[str, Any]) -> Iterator[Sentence]:
    """What the classes of each variable are."""
    given = [v for v in chosen["of"] if v == "D" and chosen["classes"] == "study"]
    binned = [v for v in chosen["of"] if v not in given]
    if given:
        yield say("transition_study", variables=variables(results, {"of": given}))
    if binned:
        named = variables(results, {"of": binned})
        yield say(f"transition_{chosen['quantiles']}", variables=named, k=chosen["k"])


def _space(results: StudyResults, chosen: Mapping[str, Any]) -> Iterator[Block]:
    """Matrices by the class of the neighbours."""
    if chosen["spatial"]:
        known = choices(results.settings)
        weights = results.space.weights[known.index(chosen["neighbours"])].name
        if chosen["lag_classes"] == "same":
            where = say("where_transition_same", weights=weights)
        else:
            where = say("where_transition_quantiles", weights=weights, k=chosen["k"])
        yield from formulas([say("transition_space")], ["transition_space"], where)


def _tests(chosen: Mapping[str, Any]) -> Iterator[Block]:
    """Tests over neighbours and over time."""
    yield paragraph(say("transition_tests" if chosen["spatial"] else "transition_tests_time"))
    yield equation("transition_chi2")
    yield equation("transition_lr")
    degrees = say("where_transition_tests")
    if chosen["spatial"]:
        rest = [say("transition_rest"), say("transition_time", periods=chosen["periods"])]
    else:
        rest = [say("transition_periods", periods=chosen["periods"])]
    yield paragraph(degrees, *rest)


def _long_run() -> Iterator[Block]:
    """Stationary distribution, first passage, mobility."""
    yield from formulas([say("transition_long_run")], ["transition_stationary", "transition_passage"])
    named = ["transition_shorrocks", "transition_half_life"]
    yield from formulas([say("transition_mobility")], named, say("where_transition_mobility"))
