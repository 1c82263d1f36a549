"""Markov chains of classes: how regions move between them, whether neighbours or time matter, where it leads.

:func:`estimate` gives all of it; the others are its parts: :func:`cuts` and :func:`classed` make classes of values,
:func:`count` and :func:`probabilities` the matrices, :func:`homogeneity` and :func:`against_the_rest` the tests,
:func:`limit`, :func:`stationary`, :func:`passage`, :func:`mobility` what a matrix means in the long run.
"""

from __future__ import annotations

from ouhe.compute.transition.chain import LagClasses, estimate, quadrants
from ouhe.compute.transition.classes import Quantiles, classed, cuts
from ouhe.compute.transition.counts import count, probabilities
from ouhe.compute.transition.homogeneity import against_the_rest, homogeneity
from ouhe.compute.transition.long_run import closed, limit, mobility, passage, stationary

__all__ = [
    "LagClasses",
    "Quantiles",
    "against_the_rest",
    "classed",
    "closed",
    "count",
    "cuts",
    "estimate",
    "homogeneity",
    "limit",
    "mobility",
    "passage",
    "probabilities",
    "quadrants",
    "stationary",
]
