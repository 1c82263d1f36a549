"""What a value adds to Theil's indices, exactly also where it hardly differs from the mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["divergences"]

Array = NDArray[Any]


def divergences(y: Array, mean: Array) -> tuple[Array, Array]:
    r"""Terms of Theil's T and L about a mean.

    .. math:: r \ln r - r + 1, \qquad r - 1 - \ln r, \qquad r = y / \text{mean}

    Their means over the values are T and L, because the mean of :math:`r` is 1; no term is negative, so that nothing
    cancels.

    Parameters
    ----------
    y
        Values of 0 or more.
    mean
        Mean of each; where it is 0, so are the values, and nothing is added to T.

    Examples
    --------
    >>> T, L = divergences(np.array([1.0, 3.0]), np.array(2.0))
    >>> T.mean().round(6).item(), L.mean().round(6).item()
    (0.130812, 0.143841)
    """
    off = np.where(mean > 0.0, (y - mean) / np.where(mean > 0.0, mean, 1.0), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log1p(off)
        T = np.where(off <= -1.0, 1.0, (1.0 + off) * log - off)
        L = np.where(y > 0.0, off - log, np.inf)
    missing = np.isnan(y)
    # rounding may leave less than nothing
    return np.where(missing, np.nan, np.maximum(T, 0.0)), np.where(missing, np.nan, np.maximum(L, 0.0))
