"""How distributions over the regions were estimated and put into words."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ouhe.compute import density as kernel_density
from ouhe.report.document import Block
from ouhe.report.methods.autocorrelation import variables, years
from ouhe.report.methods.phrases import Sentence, equation, formulas, paragraph, say
from ouhe.results.measured import Measured
from ouhe.results.study_results import StudyResults

__all__ = ["density"]

#: What explains the symbols of a rule for the bandwidth.
_WHERE = {
    "stata": "where_quartiles",
    "scott": "where_spread",
    "silverman": "where_spread",
    "isj": "where_isj",
}


def density(results: Measured) -> tuple[Block, ...]:
    """Kernel densities, and the words for the shape of their curves."""
    chosen = results.settings["analyses"]["density"]
    introduction = say("density", variables=variables(results, chosen))
    curve = formulas(
        [introduction], ["density"], say("where_density"), *years(chosen), say(f"kernel_{chosen['kernel']}")
    )
    about = _curves(chosen, int(results.measurement.x.sizes["region"]) if isinstance(results, StudyResults) else None)
    return (*curve, equation(f"kernel_{chosen['kernel']}"), *_bandwidth(chosen), paragraph(*about), *_shape(chosen))


def _bandwidth(chosen: Mapping[str, Any]) -> Iterator[Block]:
    rule = chosen["bandwidth"]
    if isinstance(rule, str):
        yield from formulas([say(f"bandwidth_{rule}")], [f"bandwidth_{rule}"], say(_WHERE[rule]))
    else:
        yield paragraph(say("bandwidth_number", bandwidth=rule))


def _curves(chosen: Mapping[str, Any], regions: int | None) -> Iterator[Sentence]:
    """What else makes a curve; the cells of a raster are always put into bins."""
    if chosen["reflect"]:
        yield say("reflected", low=chosen["bounds"][0], high=chosen["bounds"][1])
    else:
        yield say("not_reflected")
    yield say("points", points=chosen["points"])
    if regions is None:
        yield say("binned_always")
    elif regions > chosen["exact_up_to"]:
        yield say("binned", limit=chosen["exact_up_to"])


def _shape(chosen: Mapping[str, Any]) -> Iterator[Block]:
    """Peaks, skewness and kurtosis, with the limits of the words."""
    kinds: dict[str, Callable[..., Any]] = {
        "skewness": kernel_density.tail,
        "kurtosis": kernel_density.peakedness,
        "course": kernel_density.course,
    }
    limits = {name: _limit(function) for name, function in kinds.items()}
    yield paragraph(say("peaks", prominence=chosen["prominence"]), say("shape"))
    yield equation("skewness")
    yield equation("kurtosis")
    yield paragraph(say("shape_words", **limits))


def _limit(kind: Callable[..., Any]) -> float:
    """Limit at which a kind of shape begins, as results use it."""
    return float(inspect.signature(kind).parameters["beyond"].default)
