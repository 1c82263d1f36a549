"""How convergence was tested: dispersion, growth on level, neighbours, clubs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ouhe.report.document import Block
from ouhe.report.methods.autocorrelation import variables, years
from ouhe.report.methods.phrases import Sentence, formulas, method_key, names, paragraph, say
from ouhe.report.methods.preparing import series_name
from ouhe.report.methods.space import choices
from ouhe.results.convergence import Convergence
from ouhe.results.study_results import StudyResults

__all__ = ["convergence"]


def convergence(results: StudyResults) -> tuple[Block, ...]:
    """σ, β and clubs, as the study asks for them and as they could be done."""
    chosen, found = results.settings["analyses"]["convergence"], results.analyses["convergence"]
    lacking = {k for k in Convergence.PARTS if isinstance(found, Convergence) and getattr(found, k) is None}
    blocks = [paragraph(say("convergence", variables=variables(results, chosen)), *years(chosen)), *_sigma(chosen)]
    if "beta" not in lacking:
        blocks += [*_beta(results, chosen, conditional=bool(chosen["controls"]) and "controls" not in lacking)]
    kind = chosen["dependence"]
    if kind != "none" and "spatial" not in lacking:
        told = say(f"beta_{kind}", weights=_weights(results, chosen))
        blocks += [*formulas([told], [f"beta_{kind}"], say(f"where_{kind}"))]
    if chosen["clubs"] and "clubs" not in lacking:
        blocks += [*_clubs(chosen)]
    return tuple(blocks)


def _weights(results: StudyResults, chosen: Mapping[str, Any]) -> str:
    """Name of the spatial weights."""
    return results.space.weights[choices(results.settings).index(chosen["neighbours"])].name


def _sigma(chosen: Mapping[str, Any]) -> Iterator[Block]:
    yield from formulas([say("sigma")], ["sigma_variation", "sigma_logs"], say("where_sigma"))
    lags = chosen["trend_lags"]
    yield from formulas(
        [say("sigma_trend")], ["sigma_trend"], say("sigma_newey", lags=lags) if lags else say("sigma_usual")
    )


def _beta(results: StudyResults, chosen: Mapping[str, Any], *, conditional: bool) -> Iterator[Block]:
    """The regressions, their errors, and what follows from β."""
    yield from formulas([say("beta")], ["beta"], say("where_beta", step=chosen["step"]))
    if conditional:
        controls = names(series_name(results, c) for c in chosen["controls"])
        where = [say("where_conditional")]
        if chosen["log"]:
            where.append(say("where_logs", log=names(series_name(results, c) for c in chosen["log"])))
        yield from formulas([say("beta_conditional", controls=controls)], ["beta_conditional"], *where)
    yield paragraph(say("beta_errors"), *_bias(results, chosen), *_zeros(chosen))
    yield from formulas([say("beta_cross_section")], ["beta_cross_section"], say("where_cross_section"))
    yield from formulas([say("beta_speed")], ["beta_speed"], say("where_speed"))


def _bias(results: StudyResults, chosen: Mapping[str, Any]) -> Iterator[Sentence]:
    """What effects of regions do to β."""
    used = sorted(int(y) for y in chosen["years"] or results.coupling.D["year"].to_numpy())
    periods = len(used) - 1
    if chosen["step"] == 1 and used[-1] - used[0] == periods:
        walk = f"{-3 / (periods + 1):.3f}".replace("-", "−")
        yield say("beta_bias", periods=periods, random_walk=walk)
    else:  # the number stands below the table
        yield say("beta_bias_long")


def _zeros(chosen: Mapping[str, Any]) -> Iterator[Sentence]:
    if chosen["zeros"] == "leave-out":
        yield say("beta_zeros")


def _clubs(chosen: Mapping[str, Any]) -> Iterator[Block]:
    smoothed = say("clubs_smoothed", smoothing=chosen["smoothing"]) if chosen["smoothing"] else say("clubs_plain")
    yield from formulas([say("clubs")], ["clubs_path"], smoothed)
    joined = say(f"clubs_{method_key(chosen['merging'])}")
    yield from formulas([say("clubs_log_t", discard=chosen["discard"])], ["clubs_log_t"], say("where_log_t"), joined)
