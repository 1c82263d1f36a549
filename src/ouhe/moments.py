"""Extremes, means, deviations and correlations of the indicators of a panel, once every cell is a finite number."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks
from ouhe.errors import DataError, Problem
from ouhe.panel import cell_count, inside, where

__all__ = ["correlation", "finite_extremes", "largest", "mean_and_deviation", "never_varies", "refused"]


def finite_extremes(x: xr.DataArray, over: Sequence[Hashable]) -> tuple[xr.Variable, xr.Variable]:
    """Smallest and largest value over some dimensions.

    Parameters
    ----------
    x
        Values ``(…, indicator)``.
    over
        Dimensions to reduce.

    Returns
    -------
    tuple of xarray.Variable
        Lowest and highest, with the dimensions that are left.

    Raises
    ------
    DataError
        Cells are missing or infinite; they are named.

    Examples
    --------
    >>> low, high = finite_extremes(xr.DataArray([[1.0], [3.0]], dims=("region", "indicator")), ["region"])
    >>> low.item(), high.item()
    (1.0, 3.0)
    """
    low, high = blocks.extremes(x.variable, over, inside=inside(x))
    if not (np.isfinite(low.values).all() and np.isfinite(high.values).all()):
        raise DataError(*where(x, ~(abs(x) < np.inf), "compute.not_finite"))
    return low, high


def largest(low: xr.Variable, high: xr.Variable) -> xr.Variable:
    """Larger magnitude of two extremes.

    Examples
    --------
    >>> largest(xr.Variable((), -3.0), xr.Variable((), 2.0)).item()
    3.0
    """
    return low.copy(data=np.maximum(abs(low.values), abs(high.values)))


def never_varies(x: xr.DataArray, low: xr.Variable, high: xr.Variable) -> xr.Variable:
    """Where the range of `x` is nothing but rounding: numbers derived from equal ones may differ in the last digits.

    Examples
    --------
    >>> x = xr.DataArray([0.3, 0.1 + 0.2], dims="region")
    >>> never_varies(x, *finite_extremes(x, ["region"])).item()
    True
    """
    kind = np.dtype(str(x.dtype).rpartition(".")[2])  # also of another library than numpy
    precision = float(np.finfo(kind).eps) if np.issubdtype(kind, np.floating) else 0.0
    return high - low <= 4 * precision * largest(low, high)


def mean_and_deviation(x: xr.DataArray, over: Sequence[Hashable], *, ddof: int) -> tuple[xr.Variable, xr.Variable]:
    """Mean and standard deviation over some dimensions, of numbers of any magnitude.

    Parameters
    ----------
    x
        Values ``(…, indicator)``.
    over
        Dimensions to reduce.
    ddof
        1 for the sample standard deviation, 0 for the population's.

    Returns
    -------
    tuple of xarray.Variable
        Mean and deviation, with the dimensions that are left; the deviation of what never varies is 0.

    Raises
    ------
    DataError
        Cells are missing or infinite; they are named.

    Examples
    --------
    >>> x = xr.DataArray([[1.0], [3.0]], dims=("region", "indicator"))
    >>> [m.item() for m in mean_and_deviation(x, ["region"], ddof=0)]
    [2.0, 1.0]
    """
    count = cell_count(x, over)
    low, high = finite_extremes(x, over)
    flat = never_varies(x, low, high)
    span = high - low + flat  # never 0
    # centred and divided by the range first, so that neither sums nor squares overflow or lose digits
    (total,) = blocks.sums(x.variable, over, lambda a, m, s: (a - m) / s, given=[low, span], inside=inside(x))
    mean = low + span * (total / count)
    (squares,) = blocks.sums(x.variable, over, lambda a, m, s: ((a - m) / s) ** 2, given=[mean, span], inside=inside(x))
    return mean, span * (squares / (count - ddof)) ** 0.5 * ~flat


def correlation(x: xr.DataArray, over: Sequence[Hashable]) -> tuple[xr.Variable, xr.Variable]:
    """Sample standard deviation of each indicator and Pearson's correlation of each pair.

    Parameters
    ----------
    x
        Values ``(…, indicator)``.
    over
        Dimensions to reduce.

    Returns
    -------
    tuple of xarray.Variable
        Deviation ``(indicator,)`` and correlation ``(indicator, other)``.

    Raises
    ------
    DataError
        Cells are missing or infinite, or indicators never vary; all are named.

    Examples
    --------
    >>> x = xr.DataArray([[1.0, 6.0], [3.0, 2.0]], dims=("region", "indicator"))
    >>> correlation(x, ["region"])[1].values.round(12)
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    mean, deviation = mean_and_deviation(x, over, ddof=1)
    if (deviation == 0.0).any():
        raise DataError(*refused(x, mean, deviation == 0.0, "compute.never_varies"))
    products = _products(x.transpose(..., "indicator"), mean, deviation, over)
    freedom = cell_count(x, over) - 1
    return deviation, products.copy(data=(products.values / freedom).clip(-1.0, 1.0))


def _products(x: xr.DataArray, mean: xr.Variable, deviation: xr.Variable, over: Sequence[Hashable]) -> xr.Variable:
    """Sums of products of the standardised values of each pair of indicators, ``(…, indicator, other)``."""
    mask = inside(x)

    def of_chunk(a: xr.Variable, m: xr.Variable, s: xr.Variable, *counted: xr.Variable) -> tuple[NDArray[Any]]:
        z = (a - m) / s
        if counted:  # outside; inside nothing is missing
            z = z.copy(data=np.nan_to_num(z.values))
        turned = xr.Variable(["other" if d == "indicator" else d for d in z.dims], z.data)
        return (xr.dot(z, turned, dim=list(over)).transpose(*left, "indicator", "other").values,)

    left = [d for d in x.dims if d not in over and d != "indicator"]
    whole = x.variable.chunk({"indicator": -1}) if x.chunks is not None else x.variable
    found = np.zeros([*(x.sizes[d] for d in left), x.sizes["indicator"], x.sizes["indicator"]])
    beside = [mean, deviation, *([] if mask is None else [mask])]
    for place, (part,) in blocks.pieces(of_chunk, whole, *beside, step="reduce", placed=True):
        found[tuple(place[d] for d in left)] += part
    return xr.Variable([*left, "indicator", "other"], found)


def refused(x: xr.DataArray, values: xr.Variable, wrong: xr.Variable, key: str) -> list[Problem]:
    """One problem for each indicator, by year or draw where it has several values, that is wrong.

    Parameters
    ----------
    x
        Array with the labels.
    values, wrong
        What stands there, and whether it is wrong: reductions of `x`.
    key
        Text of the message, with ``{at}`` and ``{value}``.

    Returns
    -------
    list of Problem
        The problems.

    Examples
    --------
    >>> x = xr.DataArray([[1.0]], dims=("region", "indicator"), coords={"indicator": ["gdp"]})
    >>> low, _ = finite_extremes(x, ["region"])
    >>> refused(x, low, low == 1.0, "compute.never_varies")[0].params["at"]
    'gdp'
    """
    return where(blocks.labelled(values, x), blocks.labelled(wrong, x), key, most=100)
