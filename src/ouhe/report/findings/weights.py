"""Which indicators and dimensions carry a system's index, and how evenly weight is spread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.report.findings.finding import Finding, printed
from ouhe.report.findings.listing import MOST, highest, listing, noted
from ouhe.results.measured import Measured

__all__ = ["LIMITS", "find", "within"]

#: `even`: a weight this far from 1/m, as a share of it, is out of the ordinary. `heaviest`: how many indicators are
#: named; `few`: of how many the sum is told, if there are twice as many. `half`: share of the indicators that hold half
#: of the weight, up to which weight is called concentrated. `dimension`: smallest difference of dimensions' weights.
#: `entropy`: smallest difference of entropies. `named`: most dimensions that are listed in full.
LIMITS: Mapping[str, Any] = {
    "even": 0.1,
    "heaviest": 3,
    "few": 5,
    "half": 0.35,
    "dimension": 0.01,
    "entropy": 0.01,
    "named": MOST,
}

#: A rule and the values of its sentence.
Rule = tuple[str, dict[str, Any]]


def find(results: Measured) -> Iterator[Finding]:
    """Findings on every system."""
    method = results.settings["weights"]["method"]
    yield from within(results.measurement.weight, results.measurement.entropy, method=method)


def within(weight: xr.DataArray, entropy: xr.DataArray, *, method: str = "entropy") -> Iterator[Finding]:
    """How weight is spread over the indicators and dimensions of every system.

    Parameters
    ----------
    weight
        Weights ``(indicator,)``, which sum to 1 within each system, with the coordinates that
        :func:`ouhe.panel.describe` puts on. A system with a missing weight has no findings.
    entropy
        Information entropy of the indicators; spoken of only where weights are entropy weights.
    method
        How weights were made, as the study names it; of equal and of given weights it is said that they are.

    Examples
    --------
    >>> from ouhe.panel import Indicator, describe
    >>> indicators = [Indicator("gdp", "economy"), Indicator("jobs", "economy")]
    >>> weight = describe(xr.DataArray([0.7, 0.3], {"indicator": ["gdp", "jobs"]}, ("indicator",)), indicators)
    >>> [found] = within(weight, weight, method="critic")
    >>> found.rule, found.says["names"]
    ('weights.heaviest', 'gdp (70.00%)')
    """
    for system in dict.fromkeys(map(str, weight["system_of"].to_numpy())):
        inside = weight["system_of"].to_numpy().astype(str) == system
        w, e = weight[inside], entropy[inside].to_numpy().astype(float)
        if bool(w.isnull().any()):
            continue
        says = {"system": system, "count": w.size, "equal": 1 / w.size}
        found = [*_of_system(w, method)]
        if method == "entropy" and w.size > 1:
            found += _entropy(e, w["name"].to_numpy().astype(str))
        yield from (Finding(f"weights.{rule}", system, says | more) for rule, more in found)


def _of_system(w: xr.DataArray, method: str) -> Iterator[Rule]:
    values, names = w.to_numpy().astype(float), w["name"].to_numpy().astype(str)
    if values.size == 1:
        yield "single", {"name": names[0]}
        return
    if method == "equal":
        yield "equal", {}
    elif method == "given" and np.ptp(values) == 0:
        yield "given_equal", {}
    elif np.abs(values * values.size - 1).max() >= LIMITS["even"]:
        yield _heaviest("given" if method == "given" else "heaviest", values, names)
        yield from _concentration(values)
    elif method == "given":
        yield _heaviest("given", values, names)
    else:
        yield "even", {"low": float(values.min()), "high": float(values.max())}
    yield from _dimensions(values, w["dimension_of"].to_numpy().astype(str))
    yield from _negative(values, w["direction"].to_numpy().astype(str))


def _heaviest(rule: str, values: NDArray[Any], names: NDArray[Any]) -> Rule:
    """Heaviest indicators; where more tie for it than can be named, the first of them."""
    wanted = min(LIMITS["heaviest"], max(1, len(values) // 2))
    at = highest(values, wanted)
    if not at.size:
        at = np.flatnonzero(values == values.max())
    told = listing(noted(names[at], (printed(v, ".2%") for v in values[at])))
    return rule, {"names": told, "values": tuple(map(float, values[at])), "lightest": float(values.min())}


def _concentration(values: NDArray[Any]) -> Iterator[Rule]:
    """How much of the weight few indicators hold, and how few hold half of it."""
    count = len(values)
    falling = np.sort(values)[::-1]
    few = LIMITS["few"]
    if count >= 2 * few:
        yield "few", {"few": few, "share": float(falling[:few].sum()), "even_share": few / count}
    if count >= few:
        holders = int(np.searchsorted(falling.cumsum(), 0.5 - 1e-12) + 1)
        yield ("concentrated" if holders <= LIMITS["half"] * count else "spread"), {"holders": holders}


def _dimensions(values: NDArray[Any], dimension_of: NDArray[Any]) -> Iterator[Rule]:
    """Weights of the dimensions, which are the sums of their indicators'."""
    dimensions = list(dict.fromkeys(dimension_of))
    sums = np.array([values[dimension_of == d].sum() for d in dimensions])
    sizes = np.array([(dimension_of == d).sum() for d in dimensions])
    if len(dimensions) < 2:
        return
    order = np.argsort(-sums, kind="stable")
    if sums.max() - sums.min() < LIMITS["dimension"]:
        yield "even_dimensions", {"dimensions": len(dimensions), "low": float(sums.min()), "high": float(sums.max())}
    elif len(dimensions) <= LIMITS["named"]:
        told = noted(np.array(dimensions)[order], (printed(v, ".2%") for v in sums[order]))
        yield "dimensions", {"names": told, "values": tuple(map(float, sums[order]))}
    else:
        first, last = int(order[0]), int(order[-1])
        ends = {"heaviest": dimensions[first], "high": float(sums[first]), "high_count": int(sizes[first])}
        ends |= {"lightest": dimensions[last], "low": float(sums[last]), "low_count": int(sizes[last])}
        yield "ends_of_dimensions", {"dimensions": len(dimensions)} | ends


def _negative(values: NDArray[Any], direction: NDArray[Any]) -> Iterator[Rule]:
    negative = direction == "negative"
    if negative.any():
        yield "negative", {"negative": int(negative.sum()), "share": float(values[negative].sum())}


def _entropy(e: NDArray[Any], names: NDArray[Any]) -> Iterator[Rule]:
    """Range of the entropies, and the indicators at its ends."""
    if np.isnan(e).all():
        return
    low, high = float(np.nanmin(e)), float(np.nanmax(e))
    rule = "entropy" if high - low >= LIMITS["entropy"] else "even_entropy"
    ends = {"lowest": listing(names[e == low]), "highest": listing(names[e == high])}
    yield rule, {"low": low, "high": high, **ends}
