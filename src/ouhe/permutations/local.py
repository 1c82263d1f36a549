"""Local Moran when a place keeps its value and all others may be its neighbours: moments, quadrants, folded p."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Correction",
    "QuadrantOrigin",
    "adjusted",
    "conditional_moments",
    "folded_p",
    "judged",
    "quadrants",
    "weight_spread",
]

Floats = NDArray[np.float64]

#: How p is judged where many places are tested at once.
Correction = Literal["benjamini-hochberg"]

#: What a lag is compared with to call it high.
QuadrantOrigin = Literal["zero", "mean_lag"]

#: Quadrant by whether the value and whether the lag is high.
QUADRANT = np.array([[3, 2], [4, 1]], dtype=np.int8)


def quadrants(value_high: NDArray[np.bool_], lag_high: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Code of the quadrant: 1 HH, 2 LH, 3 LL, 4 HL, the value first.

    Examples
    --------
    >>> quadrants(np.array([True, False, False, True]), np.array([True, True, False, False]))
    array([1, 2, 3, 4], dtype=int8)
    """
    found: NDArray[np.int8] = QUADRANT[value_high.astype(np.intp), lag_high.astype(np.intp)]
    return found


def weight_spread(sums: Floats, squares: Floats, counts: NDArray[Any], n: int) -> Floats:
    r"""What the weights of a place add to the variance of its statistic.

    .. math:: \sum_j w_{ij}^2 - \frac{(\sum_j w_{ij})^2}{n - 1}

    Parameters
    ----------
    sums, squares
        Sum and sum of squares of the weights of every place.
    counts
        Number of its neighbours.
    n
        Number of places.

    Returns
    -------
    numpy.ndarray
        0 where it is nothing but rounding: all others are neighbours alike.

    Examples
    --------
    >>> weight_spread(np.array([1.0, 1.0]), np.array([0.5, 0.25]), np.array([2, 4]), 5)
    array([0.25, 0.  ])
    """
    slack = (counts + 4) * np.finfo(float).eps
    return _above_rounding(squares - sums**2 / (n - 1), slack * squares)


def conditional_moments(
    z: Floats, *, n: int, sums: Floats | float, spread: Floats, margin: Floats | float
) -> tuple[Floats, Floats]:
    r"""Mean and standard deviation of :math:`I_i` over all draws of neighbours from the other places.

    .. math:: E_i = -\frac{w_i z_i^2}{n}, \qquad
              V_i = \frac{(n-1)^2 z_i^2}{n (n-2)}
                    \left(\sum_j w_{ij}^2 - \frac{w_i^2}{n-1}\right)\left(1 - \frac{z_i^2}{n-1}\right)

    Parameters
    ----------
    z
        Values of mean 0 and variance 1.
    n
        Number of places.
    sums
        Sum of the weights of every place.
    spread
        As :func:`weight_spread` gives it.
    margin
        How far rounding may take a value from the mean; one within it has no variance.

    Returns
    -------
    tuple of numpy.ndarray
        Mean and standard deviation of every place.

    Examples
    --------
    >>> mean, sd = conditional_moments(np.array([2.0, 0.0]), n=5, sums=1.0, spread=np.array([0.25, 0.25]), margin=1e-12)
    >>> mean.round(3), sd.round(3)
    (array([-0.8, -0. ]), array([0., 0.]))
    """
    squares = z**2
    of_values = _above_rounding(1.0 - squares / (n - 1), margin)
    variance = (n - 1) ** 2 / (n * (n - 2)) * squares * spread * of_values
    variance[np.abs(z) <= margin] = 0.0
    return -sums * squares / n, np.sqrt(variance)


def _above_rounding(difference: Floats, slack: Floats | float) -> Floats:
    """Difference of equal numbers is 0, whatever rounding left of it."""
    return np.where(difference > slack, difference, 0.0)


def folded_p(statistic: Floats, expected: Floats, sd: Floats) -> Floats:
    r"""The smaller tail of the normal distribution, :math:`\Phi(-\lvert I_i - E_i\rvert / sd)`; 1 where nothing varies.

    Examples
    --------
    >>> folded_p(np.array([2.96, 1.0]), np.array([1.0, 1.0]), np.array([1.0, 0.0])).round(3)
    array([0.025, 1.   ])
    """
    from scipy import special

    distance = np.abs(statistic - expected)
    tail: Floats = special.ndtr(-np.divide(distance, sd, out=np.zeros_like(sd), where=sd != 0.0))
    return np.where(sd == 0.0, 1.0, tail)


def adjusted(p: Floats) -> Floats:
    """Adjust p to the false discovery rate over the places that have one, after Benjamini and Hochberg.

    Parameters
    ----------
    p
        ``(variable, place)``; missing where a place has none.

    Examples
    --------
    >>> adjusted(np.array([[0.01, np.nan, 0.5, 0.02]]))
    array([[0.03, nan, 0.5 , 0.03]])
    """
    order = np.argsort(p, axis=1)
    rising = np.take_along_axis(p, order, axis=1)
    tested = np.isfinite(p).sum(axis=1, keepdims=True)
    scaled = np.minimum(rising * tested / np.arange(1, p.shape[1] + 1), 1.0)
    # the least of all that are no smaller; those without a p stand last
    least = np.fmin.accumulate(scaled[:, ::-1], axis=1)[:, ::-1]
    found = np.empty_like(p)
    np.put_along_axis(found, order, least, axis=1)
    return found


def judged(significance: float) -> float:
    """Largest p that counts as significant: an adjusted p is a product, and may stand a hair above the level it equals.

    Examples
    --------
    >>> 0.05 < judged(0.05) < 0.05 + 1e-12
    True
    """
    return significance * (1.0 + 1e-12)
