"""How the systems were measured: normalisation, weights, index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ouhe import text
from ouhe.report.document import Block
from ouhe.report.methods.phrases import (
    Sentence,
    anchor,
    bullets,
    equation,
    formulas,
    method_key,
    names,
    paragraph,
    say,
)
from ouhe.results.measured import Measured

__all__ = ["aggregating", "normalising", "weighing"]

#: What of the panel or the year a method of normalisation compares a value with.
_COMPARED = {"minmax": "extremes", "zscore": "moments", "vector": "length"}


def normalising(results: Measured) -> tuple[Block, ...]:
    """How indicators were brought to one scale."""
    chosen = results.settings["normalise"]
    method = str(chosen["method"])
    base = f"normalise_{method}" + ("_year" if chosen.get("over") == "year" else "")
    directions = set(map(str, results.measurement.weight["direction"].to_numpy()))
    named = [name for d, name in (("positive", base), ("negative", f"{base}_negative")) if d in directions]
    if len(named) > 1:
        which = say("by_direction", positive=anchor(named[0]), negative=anchor(named[1]))
    else:
        which = say(f"all_{next(iter(directions))}")
    where = [say("where_normalise"), *_winsorised(results), *_scale(chosen)]
    blocks = formulas([say(f"normalise_{method}"), which], named, *where)
    return (*blocks, *_goalposts(results)) if method == "goalposts" else blocks


def _winsorised(results: Measured) -> Iterator[Sentence]:
    """Which values were taken in before a normalisation, and how many."""
    chosen = results.settings["normalise"]
    if chosen.get("winsorise"):
        low, high = 100.0 * chosen["winsorise"], 100.0 * (1.0 - chosen["winsorise"])
        yield say(f"winsorise_{chosen['over']}", low=low, high=high)
        if "winsorised" in results.measurement.entropy.coords:
            moved = results.measurement.entropy["winsorised"].to_numpy()
            yield say("winsorised", count=moved.sum(), least=moved.min(), most=moved.max())


def _scale(chosen: Mapping[str, Any]) -> Iterator[Sentence]:
    """Options of a normalisation."""
    method = chosen["method"]
    if method in _COMPARED:
        yield say(f"{_COMPARED[method]}_{chosen['over']}")
    if chosen.get("range_offset"):
        yield say("range_offset", range_offset=chosen["range_offset"])
    if method == "zscore":
        yield say("sample_deviation" if chosen["ddof"] else "population")
        yield say("shift", shift=chosen["shift"]) if chosen["shift"] else say("no_shift")


def _goalposts(results: Measured) -> Iterator[Block]:
    """The bounds of every indicator."""
    chosen, x = results.settings["normalise"], results.measurement.weight
    yield paragraph(say("goalposts"), *([say("clip")] if chosen["clip"] else ()))
    called = zip(map(str, x["indicator"].to_numpy()), map(str, x["name"].to_numpy()), strict=True)
    posts = [(name or i, chosen["low"][i], chosen["high"][i]) for i, name in called]
    yield bullets(say("goalpost", indicator=name, low=low, high=high) for name, low, high in posts)


def weighing(results: Measured) -> tuple[Block, ...]:
    """How indicators were weighted."""
    chosen = results.settings["weights"]
    blocks = tuple(_combined(chosen) if "of" in chosen else _weights(chosen))
    if _has_dimensions(results):
        blocks = (*blocks, *formulas([say("dimension_weight")], ["weights_dimension"]))
    return blocks


def _combined(chosen: Mapping[str, Any]) -> Iterator[Block]:
    """Weights made of other weights, and these."""
    called = names(text.t(f"report_methods.called_{part['method']}") for part in chosen["of"])
    yield paragraph(say(f"weights_{chosen['method']}", count=len(chosen["of"]), methods=called))
    for part in chosen["of"]:
        yield from _weights(part)
    yield from formulas([say("combined")], [f"weights_{chosen['method']}"], say("where_combined"))


def _weights(chosen: Mapping[str, Any]) -> tuple[Block, ...]:
    """One kind of weights."""
    method = chosen["method"]
    if method == "entropy":
        return tuple(_entropy(chosen))
    where = [say(f"where_{method}"), *([say("rescaled")] if chosen.get("rescale") else ())]
    return formulas([say(f"weights_{method}")], [f"weights_{method}"], *where)


def _entropy(chosen: Mapping[str, Any]) -> Iterator[Block]:
    """Entropy weights: shares, entropy, weights."""
    cells, offset = chosen["denominator"] == "cells", chosen["offset"]
    yield paragraph(say("weights_entropy"))
    yield equation("share_offset" if offset else "share")
    yield equation("entropy" if cells else "entropy_regions")
    yield paragraph(say("entropy_then"))
    yield equation("weights_entropy")
    more = [say("offset", offset=offset)] if offset else []
    yield paragraph(say("where_entropy"), say("cells" if cells else "per_region"), *more)


def aggregating(results: Measured) -> tuple[Block, ...]:
    """How the weighted indicators of a system came together in its index."""
    chosen = results.settings["aggregate"]
    method = method_key(chosen["method"])
    where = [say("where_aggregate")]
    if method == "geometric":
        where.append(
            say("geometric_offset", offset=chosen["offset"]) if chosen["offset"] else say("geometric_no_offset")
        )
    if method in ("topsis", "shares"):
        where.append(say(f"where_{method}"))
    blocks = formulas([say(f"aggregate_{method}")], [f"aggregate_{method}"], *where)
    if method == "shares":
        return (*blocks, equation("share"))
    if method == "linear" and _has_dimensions(results):
        return (*blocks, *formulas([say("contribution_of_dimension")], ["aggregate_dimension"]))
    return blocks


def _has_dimensions(results: Measured) -> bool:
    """Whether indicators stand in dimensions below their systems."""
    w = results.measurement.weight
    return "dimension_of" in w.coords and bool((w["dimension_of"] != w["system_of"]).any())
