"""Quantiles of shares of the values, from the values of their ranks."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import moments
from ouhe.panel import cell_count
from ouhe.quantiles.keys import values_of
from ouhe.quantiles.searching import searched

__all__ = ["beyond", "exact"]

Array = NDArray[Any]

#: How far a product of a share and a number of values may be from a whole number that is meant, relative to it.
ROUNDING = 1e-13


def exact(
    x: xr.DataArray,
    over: Sequence[Hashable],
    *shares: float,
    ends: tuple[xr.Variable, xr.Variable] | None = None,
) -> tuple[xr.Variable, ...]:
    r"""Quantiles over some dimensions, exact however large and however chunked the array is.

    .. math:: Q(p) = \begin{cases} \tfrac12 (x_{(np)} + x_{(np+1)}) & np \text{ whole} \\
              x_{(\lceil np \rceil)} & \text{else} \end{cases}

    with :math:`x_{(1)} \le \dots \le x_{(n)}` the values in order: the definition of Stata's ``_pctile`` and
    ``summarize, detail``, the second of Hyndman and Fan, numpy's ``averaged_inverted_cdf``. A product np that is a
    whole number but for rounding is taken as whole, so that Q(p) of x is −Q(1 − p) of −x.

    Parameters
    ----------
    x
        Values, in memory or chunked; cells outside the study of a raster (``inside``) are not counted.
    over
        Dimensions to reduce, the regions at least.
    *shares
        Shares p of the values, each in [0, 1].
    ends
        Smallest and largest value over these dimensions, where they are known.

    Returns
    -------
    tuple of xarray.Variable
        One a share, float64, with the dimensions that are left.

    Raises
    ------
    DataError
        Values are missing or infinite; they are named.

    References
    ----------
    Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996); Stata's manual,
    [D] pctile.

    Examples
    --------
    >>> x = xr.DataArray([[4.0], [1.0], [3.0], [2.0]], dims=("region", "indicator"))
    >>> [q.item() for q in exact(x, ["region"], 0.25, 0.5, 0.6)]
    [1.5, 2.5, 3.0]
    """
    kept, values, _ = _quantiles(x, over, shares, ends)
    return tuple(xr.Variable(kept, v) for v in values)


def beyond(
    x: xr.DataArray,
    over: Sequence[Hashable],
    share: float,
    *,
    ends: tuple[xr.Variable, xr.Variable] | None = None,
) -> tuple[xr.Variable, xr.Variable, xr.Variable]:
    """Quantiles of `share` and of 1 − `share`, and how many values lie below the one or above the other.

    Parameters
    ----------
    x, over, ends
        As in :func:`exact`.
    share
        Share of the values at each end, in [0, 0.5).

    Returns
    -------
    tuple of xarray.Variable
        Lower quantile, upper quantile (float64) and number of values beyond them (int64).

    Raises
    ------
    DataError
        As in :func:`exact`.

    Examples
    --------
    >>> x = xr.DataArray([9.0, 1.0, 2.0, 2.0, 2.0], dims="region")
    >>> [v.item() for v in beyond(x, ["region"], 0.2)]
    [1.5, 5.5, 2]
    """
    kept, (low, high), (lower, upper) = _quantiles(x, over, (share, 1.0 - share), ends)
    outer = lower[0] + cell_count(x, over) - upper[1]
    return xr.Variable(kept, low), xr.Variable(kept, high), xr.Variable(kept, outer)


def _quantiles(
    x: xr.DataArray, over: Sequence[Hashable], shares: Sequence[float], ends: tuple[xr.Variable, xr.Variable] | None
) -> tuple[list[Hashable], list[Array], list[tuple[Array, Array]]]:
    """Dimensions that are left; of every share the quantile, and the numbers of values below it and not above it."""
    low, high = ends or moments.finite_extremes(x, over)
    kept = [d for d in x.dims if d not in over]
    pairs = [_ranks(cell_count(x, over), p) for p in shares]
    ranks = sorted({r for pair in pairs for r in pair})
    found, kind = searched(x, kept, ranks, low.transpose(*kept), high.transpose(*kept))
    ordered = values_of(found.low, kind)
    values, counts = [], []
    for i, j in ((ranks.index(a), ranks.index(b)) for a, b in pairs):
        values.append(0.5 * ordered[..., i] + 0.5 * ordered[..., j])
        # halfway between two values lies neither of them
        apart = ordered[..., i] < ordered[..., j]
        under = np.where(apart, found.below[..., j], found.below[..., i])
        counts.append((under, np.where(apart, under, found.below[..., j] + found.count[..., j])))
    return kept, values, counts


def _ranks(count: int, share: float) -> tuple[int, int]:
    """Places, from 0, of the two values whose mean is the quantile."""
    product = count * share
    near = round(product)
    if abs(product - near) <= ROUNDING * count:
        return max(near - 1, 0), min(near, count - 1)
    return math.floor(product), math.floor(product)
