"""Cells as points of the Moran scatter plot: value, lag, statistic, moments, p and quadrant of a window of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from ouhe import permutations
from ouhe.compute.lattice import contiguity
from ouhe.compute.lattice.contiguity import RECIPROCAL, Rule
from ouhe.compute.lattice.extents import Origin

__all__ = ["NAMES", "Name", "Plan", "Scale", "points"]

Array = NDArray[Any]
Floats = NDArray[np.float64]

#: What can be asked for.
Name = Literal["value", "lag", "statistic", "expected", "sd", "p_value", "p_adjusted", "quadrant", "significant"]

#: All of it, in the order of the result.
NAMES: tuple[Name, ...] = get_args(Name)


class Scale(NamedTuple):
    """What makes points of the values of a layer; one number each, or one a layer.

    Lowest value, range, mean and deviation (these two in parts of the range), how far rounding may take a
    standardised value, what a lag is compared with, and the largest p that is significant.
    """

    low: Any
    span: Any
    mean: Any
    deviation: Any
    rounding: Any
    centre: Any
    level: Any

    @property
    def origin(self) -> Origin:
        """Where deviations are taken from."""
        return Origin(self.low, self.span, self.mean)


@dataclass(frozen=True)
class Plan:
    """What is asked for of all layers: number of cells, who is a neighbour, names, and type of numbers."""

    n: int
    rule: Rule
    names: tuple[Name, ...]
    dtype: np.dtype[Any]

    def type_of(self, name: Name) -> np.dtype[Any]:
        """Type of what comes back."""
        return np.dtype({"quadrant": np.int8, "significant": np.bool_}.get(name, self.dtype))

    @cached_property
    def spread(self) -> Floats:
        """What the weights add to the variance of a cell with 0 to 8 neighbours, and, last, of one not counted."""
        k = np.arange(1, 9)
        held = permutations.weight_spread(np.ones(8), 1.0 / k, k, self.n)
        return np.array([np.nan, *held, np.nan])

    def needs(self, *names: Name) -> bool:
        """Whether any of these is asked for."""
        return not set(names).isdisjoint(self.names)


def points(padded: Floats, degree: NDArray[np.int8], scale: Scale, plan: Plan) -> dict[Name, Array]:
    """Points of the cells of a window.

    Parameters
    ----------
    padded
        Deviations from the mean in parts of the range, of a layer, with a rim of one cell around the window
        ``(y + 2, x + 2)``; 0 where no cell is counted.
    degree
        Number of neighbours of the cells of the window ``(y, x)``, −1 where none is counted.
    scale
        Numbers of the layer.
    plan
        What is asked for.

    Returns
    -------
    dict
        Name → array ``(y, x)``; NaN, −1 and False where no cell is counted.
    """
    z = padded[1:-1, 1:-1] / scale.deviation
    z[degree < 0] = np.nan
    lag = contiguity.neighbour_sums(padded, plan.rule)
    lag /= scale.deviation
    lag *= RECIPROCAL[degree]
    lag[degree <= 0] = np.nan
    found: dict[Name, Array] = {"value": z, "lag": lag}
    if plan.needs("statistic", "p_value", "significant"):
        found["statistic"] = (plan.n - 1) / plan.n * z * lag
    if plan.needs("expected", "sd", "p_value", "significant"):
        _tested(found, degree, scale, plan)
    if plan.needs("quadrant"):
        found["quadrant"] = _quadrants(z, lag, degree, scale)
    return {name: found[name] for name in plan.names}


def _tested(found: dict[Name, Array], degree: NDArray[np.int8], scale: Scale, plan: Plan) -> None:
    """Moments of the statistic, and p where it is asked for."""
    expected, sd = permutations.conditional_moments(
        found["value"], n=plan.n, sums=1.0, spread=plan.spread[degree], margin=4 * scale.rounding
    )
    for moment in (expected, sd):
        moment[degree <= 0] = np.nan
    found["expected"], found["sd"] = expected, sd
    if plan.needs("p_value", "significant"):
        found["p_value"] = permutations.folded_p(found["statistic"], expected, sd)
        found["significant"] = found["p_value"] <= scale.level


def _quadrants(z: Floats, lag: Floats, degree: NDArray[np.int8], scale: Scale) -> NDArray[np.int8]:
    """Quadrant of every cell; 0 without neighbours."""
    with np.errstate(invalid="ignore"):
        codes = permutations.quadrants(z > 4 * scale.rounding, lag - scale.centre > scale.rounding * (degree + 4))
    return np.where(degree > 0, codes, np.minimum(degree, np.int8(0)))
