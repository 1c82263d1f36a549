"""Rules for the bandwidth: the standard deviation of the kernel that is laid over every value.

They see no values, only what chunks of values add up to: numbers, moments, quartiles, counts in bins.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["MESH", "Rule", "isj", "scott", "silverman", "stata"]

Array = NDArray[Any]
Rule = Literal["stata", "scott", "silverman", "isj"]

#: Bins of the mesh that ``isj`` works on; KDEpy's number, so that both can be compared.
MESH = 1024


def stata(deviation: Array, quartiles: tuple[Array, Array], count: int) -> Array:
    r"""Default rule of Stata's ``kdensity``.

    .. math:: h = 0.9\,\min\left(s, \frac{Q_3 - Q_1}{1.349}\right) n^{-1/5}

    Where the quartiles are the same, s stands alone.

    Parameters
    ----------
    deviation
        Sample standard deviations ``(…,)``, above 0.
    quartiles
        First and third quartiles ``(…,)`` that average at ties (Hyndman and Fan's definition 2).
    count
        Number of values.

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
    >>> round(float(stata(np.array(6.0**0.5), (np.array(2.5), np.array(6.5)), 8)), 6)  # of 1, 2 … 8
    1.454454
    """
    middle = (quartiles[1] - quartiles[0]) / 1.349
    least = np.where(middle > 0.0, np.minimum(deviation, middle), deviation)
    bandwidths: Array = 0.9 * least * count**-0.2
    return bandwidths


def scott(deviation: Array, count: int) -> Array:
    r"""Scott's rule as in ``scipy.stats.gaussian_kde``.

    .. math:: h = s\,n^{-1/5}

    Parameters
    ----------
    deviation
        Sample standard deviations ``(…,)``, above 0.
    count
        Number of values.

    Returns
    -------
    numpy.ndarray
        Bandwidths ``(…,)``, in the unit of the values.

    References
    ----------
    Scott, *Multivariate Density Estimation* (1992), without the factor 1.06 of the normal distribution.

    Examples
    --------
    >>> round(float(scott(np.array(6.0**0.5), 8)), 6)  # of 1, 2 … 8
    1.616061
    """
    bandwidths: Array = deviation * count**-0.2
    return bandwidths


def silverman(deviation: Array, count: int) -> Array:
    r"""Silverman's rule as in ``scipy.stats.gaussian_kde``.

    .. math:: h = s\,(3n/4)^{-1/5}

    Parameters
    ----------
    deviation
        Sample standard deviations ``(…,)``, above 0.
    count
        Number of values.

    Returns
    -------
    numpy.ndarray
        Bandwidths ``(…,)``, in the unit of the values.

    References
    ----------
    Silverman, *Density Estimation for Statistics and Data Analysis* (1986), section 4.3.2.

    Examples
    --------
    >>> round(float(silverman(np.array(6.0**0.5), 8)), 6)  # of 1, 2 … 8
    1.71177
    """
    bandwidths: Array = deviation * (0.75 * count) ** -0.2
    return bandwidths


def isj(bins: Array, count: Array) -> Array:
    r"""Improved Sheather–Jones plug-in rule; sees several peaks, and needs more values than the other rules.

    .. math:: h = R\sqrt t, \quad t = \xi\gamma^{[5]}(t)

    R is the width of the mesh: the values' range with half of it on either side. KDEpy 1.1 multiplies by the range of
    the values instead, and widens the mesh by at least 6 units whatever their size; where that does not bite, its
    number is half of this one.

    Parameters
    ----------
    bins
        Numbers of values at the nodes of the mesh ``(…, mesh)``, each value shared between its two nearest.
    count
        Number of values that differ ``(…,)``, or of all where they are many.

    Returns
    -------
    numpy.ndarray
        Bandwidths ``(…,)`` as a share of the values' range; missing where the equation has no solution.

    References
    ----------
    Botev, Grotowski and Kroese, "Kernel density estimation via diffusion", The Annals of Statistics 38 (2010),
    section 5 and algorithm 1.

    Examples
    --------
    >>> from ouhe.compute.density.sums import linear_bins
    >>> two = np.concatenate([np.arange(50.0), np.arange(200.0, 250.0)]) / 249
    >>> h = isj(linear_bins(two, -0.5, 2 / (MESH - 1), MESH), np.array(100))
    >>> bool(h < scott(two.std(ddof=1), 100) / 2)
    True
    """
    flat = zip(bins.reshape(-1, bins.shape[-1]), count.ravel(), strict=True)
    return np.array([_plug_in(row / row.sum(), int(n)) for row, n in flat]).reshape(count.shape)


def _plug_in(shares: Array, count: int) -> float:
    """Bandwidth of one curve, NaN where there is none."""
    from scipy.fft import dct
    from scipy.optimize import brentq

    scaled = (np.pi * np.arange(1.0, len(shares))) ** 2
    # squared norms of derivatives are sums over these, a row an order
    terms = 0.5 * scaled ** np.arange(8)[:, np.newaxis] * dct(shares)[1:] ** 2
    # the smallest solution is meant: the interval grows until it holds one
    below, above = 0.0, 1e-11 + 1e-5 * (min(max(count, 50), 1050) - 50)
    while _excess(above, count, scaled, terms) <= 0.0:
        below, above = above, 2.0 * above
        if above >= 1.0:
            return math.nan
    found = brentq(_excess, below, above, args=(count, scaled, terms), xtol=1e-300, rtol=1e-12)
    # the mesh is twice as wide as the range
    return 2.0 * math.sqrt(found)


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
