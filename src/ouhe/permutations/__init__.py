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
from ouhe.permutations.pairs import cross_products, cross_variance, p_values

__all__ = [
    "FEW",
    "MOST",
    "Draws",
    "Permutations",
    "Progress",
    "Randomness",
    "Statistic",
    "Variance",
    "columns",
    "cross_products",
    "cross_variance",
    "deviations",
    "generator",
    "labelled",
    "linked",
    "named",
    "p_values",
    "stacked",
]
