"""Whether regions become alike: dispersion by year, regressions of growth on the level, clubs.

:func:`dispersion` and :func:`trend` for σ-convergence, :func:`beta` and :func:`cross_section` for β-convergence,
:func:`spatial` for β among neighbours, :func:`clubs` and :func:`log_t` for clubs of regions.
"""

from ouhe.compute.converge.clustering import Merging, clubs
from ouhe.compute.converge.growth import not_positive
from ouhe.compute.converge.log_t import Discard, Smoothing, log_t, relative, smooth
from ouhe.compute.converge.regression import Step, beta, cross_section, random_walk
from ouhe.compute.converge.sigma import dispersion, trend
from ouhe.compute.converge.spatial import Dependence, spatial
from ouhe.compute.converge.speed import speed

__all__ = [
    "Dependence",
    "Discard",
    "Merging",
    "Smoothing",
    "Step",
    "beta",
    "clubs",
    "cross_section",
    "dispersion",
    "log_t",
    "not_positive",
    "random_walk",
    "relative",
    "smooth",
    "spatial",
    "speed",
    "trend",
]
