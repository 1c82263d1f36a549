"""How moves between classes were counted, tested and followed into the long run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from ouhe.report.document import Block
from ouhe.report.methods.autocorrelation import variables, years
from ouhe.report.methods.phrases import Sentence, equation, formulas, paragraph, say
from ouhe.results.study_results import StudyResults
from ouhe.results.transition import Transition, tally

__all__ = ["transition"]


def transition(results: StudyResults) -> tuple[Block, ...]:
    """Classes, the chain, its chain by neighbours, the tests, the long run, and the moves between quadrants."""
    chosen, found = results.settings["analyses"]["transition"], results.analyses.get("transition")
    if not isinstance(found, Transition):
        return ()
    introduction = say("transition", variables=variables(results, chosen))
    count = tally(found.chain(found.variables[0])["count"])["n"]
    where = say("where_transition", step=found.step, count=count)
    chain = formulas([introduction], ["transition"], where, *years(chosen), *_classes(results, found))
    return (*chain, *_space(found), *_tests(results, found), *_long_run(), *_quadrants(found))


def _classes(results: StudyResults, found: Transition) -> Iterator[Sentence]:
    """What the classes of each variable are."""
    binned = [v for v in found.variables if v not in found.given]
    if found.given:
        yield say("transition_study", variables=_named(results, found.given))
    if binned:
        kind = f"transition_{found.options['quantiles']}"
        yield say(kind, variables=_named(results, binned), k=found.options["k"])
    yield say("transition_empty")


def _named(results: StudyResults, of: Any) -> str:
    return variables(results, {"of": of})


def _space(found: Transition) -> Iterator[Block]:
    """Matrices by the class of the neighbours."""
    if found.spatial:
        about: Mapping[str, Any] = {"weights": found.neighbours}
        if found.options["lag_classes"] == "same":
            where = say("where_transition_same", **about)
        else:
            where = say("where_transition_quantiles", **about, k=found.options["k"])
        yield from formulas([say("transition_space")], ["transition_space"], where)


def _tests(results: StudyResults, found: Transition) -> Iterator[Block]:
    """Tests over neighbours and over time."""
    about = [say("where_transition_tests"), say("transition_time", periods=found.options["periods"])]
    shown = results.measurement.x["year"].to_numpy()
    chosen = results.settings["analyses"]["transition"]["years"]
    apart = sorted(int(y) for y in (chosen or shown))
    if found.step > min(b - a for a, b in pairwise(apart)):
        about.append(say("transition_overlap"))
    yield paragraph(say("transition_tests"))
    yield equation("transition_chi2")
    yield equation("transition_lr")
    yield paragraph(*about)


def _long_run() -> Iterator[Block]:
    """Stationary distribution, first passage, mobility."""
    yield from formulas([say("transition_long_run")], ["transition_stationary", "transition_passage"])
    named = ["transition_shorrocks", "transition_half_life"]
    yield from formulas([say("transition_mobility")], named, say("where_transition_mobility"))


def _quadrants(found: Transition) -> Iterator[Block]:
    if any(found.quadrants(v) is not None for v in found.variables):
        yield paragraph(say("transition_quadrants"))
