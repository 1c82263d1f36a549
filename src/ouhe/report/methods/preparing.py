"""What was done to the data before anything was measured: choosing editions, deriving, filling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ouhe import text
from ouhe.report.document import Block
from ouhe.report.methods.phrases import Sentence, bullets, equation, formulas, method_key, names, paragraph, say
from ouhe.results.study_results import StudyResults

__all__ = ["preparing", "series_name", "span"]


def preparing(results: StudyResults) -> tuple[Block, ...]:
    """Sample, choice between editions, derived series and missing values, in the order in which they were treated."""
    return (*_sample(results), *_derived(results), *_missing(results))


def span(years: Iterable[int]) -> str:
    """Years in running text: from the first to the last where none is left out.

    Examples
    --------
    >>> with text.use("en"):
    ...     span([2010, 2011, 2012]), span([2010, 2014]), span([2010])
    ('2010–2012', '2010 and 2014', '2010')
    """
    found = sorted(map(int, years))
    if len(found) > 2 and found[-1] - found[0] == len(found) - 1:
        return text.t("report_methods.span", first=found[0], last=found[-1])
    return text.enumerated(found)


def _sample(results: StudyResults) -> Iterator[Block]:
    x, settings = results.measurement.x, results.settings
    counts = {"regions": x.sizes["region"], "indicators": x.sizes["indicator"]}
    sentences = [say("sample", years=span(x["year"].to_numpy()), systems=len(results.coupling.systems), **counts)]
    if settings["editions"] != "error":
        sentences.append(say(f"editions_{method_key(settings['editions'])}"))
    if results.data.dropped:
        sentences.append(say("left_out", indicators=_series(results, results.data.dropped)))
    yield paragraph(*sentences)


def _derived(results: StudyResults) -> Iterator[Block]:
    derived = results.data.derived
    if not derived:
        return
    yield paragraph(say("derive", count=len(derived)))
    shown = [(series_name(results, series), expression) for series, expression in derived.items()]
    yield bullets(say("derive_item", name=name, expression=expression) for name, expression in shown)
    if any("theil(" in expression for expression in derived.values()):
        yield from formulas([say("theil")], ["theil"], say("theil_where"))


def _missing(results: StudyResults) -> Iterator[Block]:
    chosen = results.settings["missing"]
    methods = [method_key(m["method"]) for m in chosen["method"]]
    tokens = [say("tokens", tokens=names(f"“{t}”" for t in chosen["tokens"]))] if chosen["tokens"] else []
    if not methods:
        yield paragraph(*tokens, say("complete"))
        return
    count = int(np.count_nonzero(results.data.values["filled_by"].to_numpy()))
    listed = names(text.t(f"report_methods.missing_{m}") for m in methods)
    key = "nothing_filled" if not count else "filled" if len(methods) > 1 else "filled_once"
    sentences = [*tokens, say(key, methods=listed, **({"count": count} if count else {}))]
    if chosen["before_derive"] and results.data.derived:
        sentences.append(say("before_derive", series=_series(results, chosen["before_derive"])))
    if chosen["max_share"] < 1:
        sentences.append(say("max_share", share=chosen["max_share"]))
    yield paragraph(*sentences)
    for method in chosen["method"] if count else ():
        yield from _filling(method)


def _filling(chosen: Mapping[str, Any]) -> Iterator[Block]:
    """One way of filling, with its options."""
    method = method_key(chosen["method"])
    where: list[Sentence] = [say(f"where_{method}")]
    if "ends" in chosen:
        where.append(say(f"ends_{chosen['ends']}"))
    where += [say(key, **{key: chosen[key]}) for key in ("max_gap", "limit") if chosen.get(key) is not None]
    yield paragraph(say(f"told_{method}"))
    yield equation(f"missing_{method}")
    yield paragraph(*where)


def series_name(results: StudyResults, series: str) -> str:
    """What readers call a series.

    Parameters
    ----------
    results
        Results of the study.
    series
        Id of the series.
    """
    given = results.settings["derive"].get(series, {}).get("name")
    values = results.data.values
    if not given and "name" in values.coords and series in values["series"].to_numpy():
        given = str(values["name"].sel(series=series).item())
    return given or series


def _series(results: StudyResults, series: Iterable[str]) -> str:
    return names(series_name(results, s) for s in series)
