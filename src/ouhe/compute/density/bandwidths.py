"""Rules for the bandwidth: the standard deviation of the kernel that is laid over every value."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ouhe.compute.density.sums import linear_bins

__all__ = ["RULES", "Rule", "isj", "scott", "silverman", "stata"]

Array = NDArray[Any]
Rule = Literal["stata", "scott", "silverman", "isj"]

#: Bins of the mesh that ``isj`` works on; KDEpy's number, so that both can be compared.
MESH = 1024


def stata(values: Array) -> Array:
    r"""Default rule of Stata's ``kdensity``.

    .. math:: h = 0.9\,\min\left(s, \frac{Q_3 - Q_1}{1.349}\right) n^{-1/5}

    with the sample's standard deviation and quartiles that average at ties (Hyndman and Fan's definition 2). Where
    the quartiles are the same, s stands alone.

    Parameters
    ----------
    values
        Values ``(…, n)``, not all the same.

    Returns
    -------
    numpy.ndarray
        Bandwidths ``(…,)``, in the unit of the values.

    References
    ----------
    Stata's manual, [R] kdensity; Hyndman and Fan, "Sample quantiles in statistical packages", The American
    Statistician 50 (1996).

    Examples
    --------
    >>> round(float(stata(np.arange(1.0, 9.0))), 6)  # s = 2.449490, quartiles 2.5 and 6.5
    1.454454
    """
    spread = values.std(axis=-1, ddof=1)
    lower, upper = np.quantile(values, [0.25, 0.75], axis=-1, method="averaged_inverted_cdf")
    middle = (upper - lower) / 1.349
    least = np.where(middle > 0.0, np.minimum(spread, middle), spread)
    bandwidths: Array = 0.9 * least * values.shape[-1] ** -0.2
    return bandwidths


def scott(values: Array) -> Array:
    r"""Scott's rule as in ``scipy.stats.gaussian_kde``.

    .. math:: h = s\,n^{-1/5}

    Parameters
    ----------
    values
        Values ``(…, n)``, not all the same.

    Returns
    -------
    numpy.ndarray
        Bandwidths ``(…,)``, in the unit of the values.

    References
    ----------
    Scott, *Multivariate Density Estimation* (1992), without the factor 1.06 of the normal distribution.

    Examples
    --------
    >>> round(float(scott(np.arange(1.0, 9.0))), 6)
    1.616061
    """
    bandwidths: Array = values.std(axis=-1, ddof=1) * values.shape[-1] ** -0.2
    return bandwidths


def silverman(values: Array) -> Array:
    r"""Silverman's rule as in ``scipy.stats.gaussian_kde``.

    .. math:: h = s\,(3n/4)^{-1/5}

    Parameters
    ----------
    values
        Values ``(…, n)``, not all the same.

    Returns
    -------
    numpy.ndarray
        Bandwidths ``(…,)``, in the unit of the values.

    References
    ----------
    Silverman, *Density Estimation for Statistics and Data Analysis* (1986), section 4.3.2.

    Examples
    --------
    >>> round(float(silverman(np.arange(1.0, 9.0))), 6)
    1.71177
    """
    bandwidths: Array = values.std(axis=-1, ddof=1) * (0.75 * values.shape[-1]) ** -0.2
    return bandwidths


def isj(values: Array) -> Array:
    r"""Improved Sheather–Jones plug-in rule; sees several peaks, and needs more values than the other rules.

    .. math:: h = R\sqrt t, \quad t = \xi\gamma^{[5]}(t)

    R is the width of the mesh: the values' range with half of it on either side. KDEpy 1.1 multiplies by the range of
    the values instead, and widens the mesh by at least 6 units whatever their size; where that does not bite, its
    number is half of this one.

    Parameters
    ----------
    values
        Values ``(…, n)``, not all the same.

    Returns
    -------
    numpy.ndarray
        Bandwidths ``(…,)``, in the unit of the values; missing where the equation has no solution.

    References
    ----------
    Botev, Grotowski and Kroese, "Kernel density estimation via diffusion", The Annals of Statistics 38 (2010),
    section 5 and algorithm 1.

    Examples
    --------
    >>> two = np.concatenate([np.arange(50.0), np.arange(200.0, 250.0)])
    >>> bool(isj(two) < stata(two) / 2)
    True
    """
    flat = values.reshape(-1, values.shape[-1])
    return np.array([_plug_in(row) for row in flat]).reshape(values.shape[:-1])


RULES: Mapping[Rule, Callable[[Array], Array]] = {
    "stata": stata,
    "scott": scott,
    "silverman": silverman,
    "isj": isj,
}


def _plug_in(values: Array) -> float:
    """Bandwidth of one curve, NaN where there is none."""
    from scipy.fft import dct
    from scipy.optimize import brentq

    low, high = float(values.min()), float(values.max())
    width = 2.0 * (high - low)
    shares = linear_bins(values, low - width / 4, width / (MESH - 1), MESH) / values.size
    scaled = (np.pi * np.arange(1.0, MESH)) ** 2
    # squared norms of derivatives are sums over these, a row an order
    terms = 0.5 * scaled ** np.arange(8)[:, np.newaxis] * dct(shares)[1:] ** 2
    count = len(np.unique(values))
    # the smallest solution is meant: the interval grows until it holds one
    below, above = 0.0, 1e-11 + 1e-5 * (min(max(count, 50), 1050) - 50)
    while _excess(above, count, scaled, terms) <= 0.0:
        below, above = above, 2.0 * above
        if above >= 1.0:
            return math.nan
    found = brentq(_excess, below, above, args=(count, scaled, terms), xtol=1e-300, rtol=1e-12)
    return width * math.sqrt(found)


def _excess(t: float, count: int, scaled: Array, terms: Array) -> float:
    r"""How far t lies above :math:`\xi\gamma^{[5]}(t)`."""
    norm = float(terms[7] @ np.exp(-scaled * t))
    for order in range(6, 1, -1):
        # all energy smoothed away: no derivative is left to tell the bandwidth
        if norm <= 0.0:
            return -1.0
        odd = math.prod(range(1, 2 * order, 2)) / math.sqrt(2.0 * math.pi)
        factor = (1.0 + 0.5 ** (order + 0.5)) / 3.0
        time = (2.0 * factor * odd / (count * norm)) ** (2.0 / (3.0 + 2.0 * order))
        norm = float(terms[order] @ np.exp(-scaled * time))
    return t - float((2.0 * count * math.sqrt(math.pi) * norm) ** -0.4) if norm > 0.0 else -1.0
