"""How the choices of a study were drawn, and what was taken from the draws."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe.report.document import Block
from ouhe.report.methods.autocorrelation import variables, years
from ouhe.report.methods.phrases import Sentence, formulas, names, paragraph, say
from ouhe.results.study_results import StudyResults
from ouhe.results.uncertainty import CHOICES, choice_name

__all__ = ["uncertainty"]


def uncertainty(results: StudyResults) -> tuple[Block, ...]:
    """Choices, draws, intervals, and shares of variance."""
    chosen = results.settings["analyses"]["uncertainty"]
    asked = [c for c in CHOICES if c in chosen["choices"]]
    if not asked:
        return (paragraph(say("uncertainty_nothing")),)
    drawn = say("uncertainty", choices=names(map(choice_name, asked)), draws=chosen["draws"])
    about = [drawn, *years(chosen), say("uncertainty_levels"), *_samples(chosen, asked)]
    blocks: list[Block] = [paragraph(*about)]
    if "perturb" in asked:
        introduction = say("uncertainty_perturb", variation=chosen["weight_cv"])
        blocks = [*blocks, *formulas([introduction], ["uncertainty_dirichlet"], say("where_dirichlet"))]
    told = say("uncertainty_intervals", variables=variables(results, chosen), level=chosen["level"])
    blocks += formulas([told], ["uncertainty_shift"], say("where_shift"))
    if chosen["samples"]:
        runs = say("uncertainty_shares", samples=chosen["samples"])
        blocks += formulas([runs], ["uncertainty_first", "uncertainty_total"], say("where_variance"))
    if chosen["save_draws"]:
        blocks.append(paragraph(say("uncertainty_saved")))
    return tuple(blocks)


def _samples(chosen: dict[str, object], asked: list[str]) -> Iterator[Sentence]:
    """What the levels of sampled choices are, where they need words but no formula."""
    if "resample" in asked:
        yield say("uncertainty_resample")
    if "contribution" in asked:
        cv = chosen["contribution_cv"]
        yield say("uncertainty_uniform") if cv == "uniform" else say("uncertainty_contribution", variation=cv)
