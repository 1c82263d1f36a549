"""How systems were coupled and what was read from it: classes, lag types, groups, gaps, obstacles."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe import text
from ouhe.report.document import Block
from ouhe.report.methods.phrases import Sentence, equation, formulas, method_key, names, paragraph, say
from ouhe.results.groups import NATION
from ouhe.results.measured import Measured
from ouhe.results.study_results import StudyResults

__all__ = ["classifying", "coupling", "gaps", "grouping", "lagging", "obstacles"]


def coupling(results: Measured) -> tuple[Block, ...]:
    """Coupling degree, development and coordination."""
    chosen, systems = results.settings["coupling"], results.coupling.systems
    method, k = method_key(chosen["method"]), len(systems)
    blocks: list[Block] = []
    if chosen["rescale"]:
        low, high = chosen["rescale"]
        blocks += formulas([say("rescale", low=low, high=high)], ["rescale"], say("where_rescale", low=low, high=high))
    two = method == "standard" and k == 2
    introduction = say("coupling_standard", k=k) if method == "standard" else say(f"coupling_{method}")
    where = say("where_coupling_two", systems=names(systems)) if two else say("where_coupling", k=k)
    blocks += formulas([introduction], [f"coupling_{method}_two" if two else f"coupling_{method}"], where)
    shares = chosen["contribution"]
    if shares is None:
        weighed = say("equal_contribution", share=1 / k)
    else:
        listed = names(text.t("report_methods.share_of", system=s, share=shares[s]) for s in systems)
        weighed = say("contribution", shares=listed)
    return (*blocks, *formulas([say("development")], ["development", "coordination"], weighed))


def classifying(results: Measured) -> tuple[Block, ...]:
    """Classes of coordination."""
    found, scheme = results.coupling, results.settings["classes"]["scheme"]
    lower = (0.0, *found.upper[:-1])
    bounds = zip(found.labels, lower, found.upper, strict=True)
    classes = names(text.t("report_methods.class_bounds", label=c, low=low, high=high) for c, low, high in bounds)
    key = method_key(scheme) if scheme else "own_levels"
    return (paragraph(say(key, count=len(found.labels), classes=classes), say("bounds")),)


def lagging(results: Measured) -> tuple[Block, ...]:
    """Which system lags."""
    chosen = results.settings["coupling"]
    more = [say("lag_rescaled")] if chosen["rescale"] else []
    return (paragraph(say("lag", in_step=chosen["in_step"]), *more),)


def grouping(results: Measured) -> tuple[Block, ...]:
    """Means of all regions and of groups, and their growth."""
    return (*_means(results), *_growth(results))


def _means(results: Measured) -> Iterator[Block]:
    groups = results.groups
    ids = [g for g in groups.members if g != NATION]
    whole = groups.label(NATION) == text.t("labels.nation")
    nation = text.t("report_methods.whole_nation" if whole else "report_methods.whole_regions")
    if not ids:
        yield from formulas([say("nation_mean", nation=nation)], ["nation_mean"], say("where_nation"), *_area(results))
        return
    ungrouped = len(set(groups.members[NATION]).difference(*(groups.members[g] for g in ids)))
    where = [say("where_group"), *([say("ungrouped", count=ungrouped)] if ungrouped else ()), *_area(results)]
    listed = names(map(groups.label, ids))
    yield from formulas([say("group_mean", nation=nation, groups=listed, count=len(ids))], ["group_mean"], *where)


def _area(results: Measured) -> Iterator[Sentence]:
    """That cells count by their area, where they do."""
    if (results.settings.get("raster") or {}).get("area_weights"):
        yield say("area_weighted")


def _growth(results: Measured) -> Iterator[Block]:
    years = results.groups.means["year"].to_numpy()
    if len(years) > 1:
        steps = int(years.max() - years.min())
        yield from formulas([say("growth")], ["annual_growth"], say("where_growth", steps=steps))


def gaps(results: StudyResults) -> tuple[Block, ...]:
    """How far regions and groups are apart."""
    grouped = "groups" in results.trends.gaps["between"].to_numpy()
    named = ["gap_ratio", "gap_difference", "coefficient_of_variation"]
    return formulas([say("gaps" if grouped else "gaps_regions")], named, say("where_gaps"))


def obstacles(results: StudyResults) -> tuple[Block, ...]:
    """What holds systems back, where it could be told."""
    if results.obstacles is None:
        return ()
    more = [say("obstacle_groups")] if len(results.groups.members) > 1 else []
    return (paragraph(say("obstacle")), equation("obstacle"), paragraph(say("where_obstacle"), *more))
