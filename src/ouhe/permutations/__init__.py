"""Tests of a statistic of all regions: the columns it is taken of, and every variable under the same permutations."""

from ouhe.permutations.arrays import (
    Statistic,
    Variance,
    check_choice,
    columns,
    deviations,
    labelled,
    linked,
    named,
    stacked,
)
from ouhe.permutations.draws import Draws, Randomness
from ouhe.permutations.pairs import Progress, cross_products, cross_variance, p_values

__all__ = [
    "Draws",
    "Progress",
    "Randomness",
    "Statistic",
    "Variance",
    "check_choice",
    "columns",
    "cross_products",
    "cross_variance",
    "deviations",
    "labelled",
    "linked",
    "named",
    "p_values",
    "stacked",
]
