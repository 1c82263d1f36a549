"""How inequality was measured, and split by groups."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe.report.document import Block
from ouhe.report.methods.autocorrelation import variables, years
from ouhe.report.methods.phrases import formulas, names, paragraph, say
from ouhe.results.study_results import StudyResults

__all__ = ["inequality"]


def inequality(results: StudyResults) -> tuple[Block, ...]:
    """Measures of inequality and polarisation, and the decompositions by groups."""
    chosen = results.settings["analyses"]["inequality"]
    measured = ["inequality_gini", "inequality_theil", "inequality_variation"]
    said = say("inequality", variables=variables(results, chosen))
    blocks = [*formulas([said], measured, say("where_inequality"), *years(chosen))]
    aversion = names(f"{a:g}" for a in chosen["aversion"])
    blocks += formulas([say("inequality_atkinson", aversion=aversion)], ["inequality_atkinson"])
    blocks += formulas([say("inequality_wolfson")], ["inequality_wolfson"], say("where_wolfson"))
    if results.groups.means.sizes["group"] < 3:  # all regions, and two groups
        return (*blocks, paragraph(say("inequality_undivided")))
    said = say("inequality_esteban_ray", sensitivity=chosen["sensitivity"])
    blocks += formulas([said], ["inequality_esteban_ray"], say("where_esteban_ray"))
    return (*blocks, *_divided(levels=len(chosen["levels"])))


def _divided(*, levels: int) -> Iterator[Block]:
    """Decompositions of the Gini coefficient and of Theil's indices."""
    yield from formulas([say("dagum")], ["dagum", "dagum_between", "dagum_transvariation"], say("where_dagum"))
    yield from formulas([say("dagum_pairs")], ["dagum_pair", "dagum_affluence"], say("where_dagum_pairs"))
    if levels:
        nested = ["theil_nested_T", "theil_nested_L"]
        yield from formulas([say("theil_nested")], nested, say("where_theil"), say("theil_levels", levels=levels))
    else:
        yield from formulas([say("theil_groups")], ["theil_groups"], say("where_theil"))
