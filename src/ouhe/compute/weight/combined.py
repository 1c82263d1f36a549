"""Several weights of the same indicators brought together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import xarray as xr

from ouhe.compute.weight.within import within
from ouhe.errors import OptionError

__all__ = ["mean", "product"]


def mean(weights: Sequence[xr.DataArray]) -> xr.DataArray:
    """Plain mean of several weights of the same indicators.

    Parameters
    ----------
    weights
        At least one, each ``(indicator,)``.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``.

    Raises
    ------
    OptionError
        There is none.

    Examples
    --------
    >>> a = xr.DataArray([0.2, 0.8], dims="indicator")
    >>> mean([a, a[::-1].copy(data=[0.4, 0.6])]).values.round(2)
    array([0.3, 0.7])
    """
    first, *rest = _aligned(weights)
    return sum(rest, first) / len(weights)


def product(weights: Sequence[xr.DataArray]) -> xr.DataArray:
    r"""Product of several weights of the same indicators, made to sum to 1 again within each system.

    .. math:: w_j \propto \prod_m w_{mj}

    Parameters
    ----------
    weights
        At least one, each ``(indicator,)``.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``.

    Raises
    ------
    OptionError
        There is none.
    DataError
        In some system every product is 0.

    Examples
    --------
    >>> a = xr.DataArray([0.2, 0.8], dims="indicator")
    >>> product([a, a]).values.round(4)
    array([0.0588, 0.9412])
    """
    first, *rest = _aligned(weights)
    return within(math.prod(rest, start=first))


def _aligned(weights: Sequence[xr.DataArray]) -> tuple[xr.DataArray, ...]:
    """Return the weights, once there is at least one and all are of the same indicators."""
    if not weights:
        raise OptionError.of("compute.no_weights")
    return xr.align(*weights, join="exact")
