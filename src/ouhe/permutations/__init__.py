"""Tests of a statistic of all regions: the columns it is taken of, and every variable under the same permutations."""

from ouhe.permutations.arrays import (
    FEW,
    Statistic,
    Variance,
    columns,
    deviations,
    labelled,
    linked,
    named,
    stacked,
)
from ouhe.permutations.draws import MOST, Draws, Permutations, Progress, Randomness, generator
from ouhe.permutations.local import (
    Correction,
    QuadrantOrigin,
    adjusted,
    conditional_moments,
    folded_p,
    judged,
    quadrants,
    weight_spread,
)
from ouhe.permutations.pairs import cross_products, cross_variance, normal_variance, p_values

__all__ = [
    "FEW",
    "MOST",
    "Correction",
    "Draws",
    "Permutations",
    "Progress",
    "QuadrantOrigin",
    "Randomness",
    "Statistic",
    "Variance",
    "adjusted",
    "columns",
    "conditional_moments",
    "cross_products",
    "cross_variance",
    "deviations",
    "folded_p",
    "generator",
    "judged",
    "labelled",
    "linked",
    "named",
    "normal_variance",
    "p_values",
    "quadrants",
    "stacked",
    "weight_spread",
]
