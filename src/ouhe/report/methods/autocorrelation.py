"""How spatial autocorrelation was tested: Moran's I, its bivariate and local forms, Geary's c, the general G."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ouhe import text
from ouhe.permutations import FEW
from ouhe.report.document import Block
from ouhe.report.methods.phrases import Sentence, equation, formulas, names, paragraph, quoted, say
from ouhe.report.methods.preparing import span
from ouhe.report.methods.space import choices
from ouhe.results.autocorrelation import Moran
from ouhe.results.measured import Measured
from ouhe.results.study_results import StudyResults

__all__ = ["bivariate_moran", "geary", "getis", "lisa", "moran", "variables", "years"]


def moran(results: StudyResults) -> tuple[Block, ...]:
    """Global Moran's I, its variance, its tests and, where it was asked for, I within groups."""
    chosen, found = results.settings["analyses"]["moran"], results.analyses.get("moran")
    if not isinstance(found, Moran):
        return ()
    n = _regions(results)
    variance = chosen["variance"]
    about = [*_weights(results, chosen), *years(chosen)]
    blocks = [
        *formulas([say("moran", variables=variables(results, chosen))], ["moran"], say("where_moran", n=n), *about),
        *formulas([say("expected")], ["moran_expected", "moran_z"]),
        *formulas([say(f"variance_{variance}")], [f"moran_variance_{variance}", "moran_sums"], say("where_sums")),
        *formulas([say("p_value")], ["moran_p"]),
    ]
    sentences = list(_few(results))
    if chosen["permutations"]:
        told = say("permuted", permutations=chosen["permutations"], seed=results.settings["seed"])
        blocks += [paragraph(told), equation("moran_p_sim")]
        sentences = [say("where_permuted"), *_exact(results, chosen), *sentences]
    else:
        sentences = [say("not_permuted"), *sentences]
    if found.within is not None:
        sentences.append(say("within"))
    return (*blocks, paragraph(*sentences))


def bivariate_moran(results: StudyResults) -> tuple[Block, ...]:
    """Moran's I between two variables."""
    chosen = results.settings["analyses"]["bivariate_moran"]
    introduction = say("bivariate_moran", variables=variables(results, chosen))
    where = [say("where_bivariate"), *_weights(results, chosen), *years(chosen), *_tested(results, chosen)]
    return formulas([introduction], ["bivariate_moran"], *where)


def geary(results: StudyResults) -> tuple[Block, ...]:
    """Geary's c."""
    chosen = results.settings["analyses"]["geary"]
    introduction = say("geary", variables=variables(results, chosen))
    variance = say(f"geary_{chosen['variance']}")
    about = [*_weights(results, chosen), *years(chosen)]
    return formulas([introduction], ["geary"], say("where_geary"), variance, *about, *_tested(results, chosen))


def getis(results: StudyResults) -> tuple[Block, ...]:
    """Getis and Ord's general G."""
    chosen = results.settings["analyses"]["getis"]
    introduction = say("getis", variables=variables(results, chosen))
    about = [say(f"getis_{chosen['style']}"), *_weights(results, chosen), *years(chosen)]
    return formulas([introduction], ["getis"], say("where_getis"), *about, *_tested(results, chosen))


def lisa(results: StudyResults) -> tuple[Block, ...]:
    """Local Moran's I, quadrants and significance."""
    chosen = results.settings["analyses"]["lisa"]
    where = say("where_lisa", weights=_named(results, chosen)[0])
    quadrants = say(f"quadrant_{chosen['quadrant_origin']}")
    introduction = say("lisa", variables=variables(results, chosen))
    blocks = formulas([introduction], ["lisa"], where, *years(chosen), quadrants)
    level = chosen["significance"]
    if chosen["correction"]:
        judged = [say("corrected", significance=level)]
    else:
        # p is folded, so that chance brings twice the level
        judged = [say("significant", significance=level), say("uncorrected", share=min(2 * level, 1.0))]
    if chosen["inference"] == "analytic":
        tested = formulas(
            [say("lisa_analytic")], ["lisa_expected", "lisa_variance"], say("where_lisa_analytic"), *judged
        )
    else:
        told = say("lisa_permutation", permutations=chosen["permutations"], seed=results.settings["seed"])
        tested = formulas([told], ["lisa_p_sim"], say("where_lisa_permutation"), *judged)
    return (*blocks, *tested)


def variables(results: Measured, chosen: Mapping[str, Any]) -> str:
    """What an analysis looks at, in running text.

    Parameters
    ----------
    results
        Results of the study.
    chosen
        Settings of the analysis.
    """
    of = [text.t("report_methods.index_of") if v == "index" else _variable(v, results) for v in chosen["of"]]
    return names(of)


def years(chosen: Mapping[str, Any]) -> Iterator[Sentence]:
    """Years of an analysis, where it does not take all."""
    if chosen["years"]:
        yield say("years_chosen", years=span(chosen["years"]))


def _variable(variable: str, results: Measured) -> str:
    """A single variable."""
    if variable in results.coupling.systems:
        return text.t("findings.index", system=variable)
    return text.t(f"findings.{variable}")


def _regions(results: StudyResults) -> int:
    return int(results.measurement.x.sizes["region"])


def _named(results: StudyResults, chosen: Mapping[str, Any]) -> list[str]:
    """Names of the spatial weights of an analysis, the main ones first."""
    asked = chosen["neighbours"]
    known, made = choices(results.settings), results.space.weights
    return [made[known.index(c)].name for c in ([asked] if isinstance(asked, Mapping) else asked)]


def _weights(results: StudyResults, chosen: Mapping[str, Any]) -> Iterator[Sentence]:
    """Which spatial weights an analysis uses, and for what."""
    main, *others = _named(results, chosen)
    yield say("main_weights", main=main, others=quoted(others)) if others else say("one_weights", main=main)


def _tested(results: StudyResults, chosen: Mapping[str, Any]) -> Iterator[Sentence]:
    """Tests of a statistic, without formulas."""
    yield say("p_short")
    if chosen["permutations"]:
        yield say("permuted_short", permutations=chosen["permutations"], seed=results.settings["seed"])
        yield from _exact(results, chosen)
    else:
        yield say("not_permuted")
    yield from _few(results)


def _exact(results: StudyResults, chosen: Mapping[str, Any]) -> Iterator[Sentence]:
    """That all orders were taken, where they are no more than the permutations."""
    n = _regions(results)
    # 20! exceeds any number of permutations
    if n <= FEW and math.factorial(n) <= chosen["permutations"]:
        yield say("exact", orders=math.factorial(n))


def _few(results: StudyResults) -> Iterator[Sentence]:
    if _regions(results) < FEW:
        yield say("few")
