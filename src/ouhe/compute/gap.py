"""How far groups or regions lie apart in each year: highest over lowest, their distance, coefficient of variation.

Every function reduces ``group`` where the values have it, and otherwise the regions; all other dimensions stay. The
mean of a nation that stands among the groups is to be left out first.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable
from typing import Any

import numpy as np
import xarray as xr

from ouhe.errors import OptionError, OuheWarning, listed
from ouhe.panel import region_dims

__all__ = ["between", "difference", "ratio", "variation"]


def between(x: xr.DataArray, *, over: Hashable | None = None, ddof: int = 0) -> xr.Dataset:
    """All three measures of a gap.

    Parameters
    ----------
    x
        Values ``(group, year, …)`` or ``(region, year, …)``.
    over
        Dimension to reduce; ``group`` where `x` has it, else its regions, when left out.
    ddof
        See :func:`variation`.

    Returns
    -------
    xarray.Dataset
        ``ratio`` and ``variation``, dimensionless, and ``difference`` in the unit of `x`, each ``(year, …)``.

    Raises
    ------
    OptionError
        See :func:`variation`.

    Warns
    -----
    OuheWarning
        A ratio or a coefficient of variation does not exist somewhere.

    Examples
    --------
    >>> x = xr.DataArray([[1.0, 2.0], [3.0, 4.0]], dims=("group", "year"))
    >>> {k: v.values.round(4).tolist() for k, v in between(x).items()}
    {'ratio': [3.0, 2.0], 'difference': [2.0, 2.0], 'variation': [0.5, 0.3333]}
    """
    return xr.Dataset(
        {
            "ratio": ratio(x, over=over),
            "difference": difference(x, over=over),
            "variation": variation(x, over=over, ddof=ddof),
        }
    )


def ratio(x: xr.DataArray, *, over: Hashable | None = None) -> xr.DataArray:
    r"""Highest value over the lowest.

    .. math:: \frac{\max_i x_i}{\min_i x_i}

    Parameters
    ----------
    x
        Values ``(group, year, …)`` or ``(region, year, …)``.
    over
        Dimension to reduce; ``group`` where `x` has it, else its regions, when left out.

    Returns
    -------
    xarray.DataArray
        Ratio ``(year, …)``, dimensionless, 1 or more; missing where a value is missing or the lowest is not above 0.

    Raises
    ------
    OptionError
        `x` has neither groups nor regions, and `over` is left out.

    Warns
    -----
    OuheWarning
        The ratio does not exist somewhere.

    Examples
    --------
    >>> ratio(xr.DataArray([2.0, 3.0, 6.0], dims="group")).item()
    3.0
    """
    dims = _reduced(x, over)
    low, high = x.min(dims, skipna=False), x.max(dims, skipna=False)
    return _told((high / low.where(low > 0.0)).rename("ratio"), "density.no_ratio")


def difference(x: xr.DataArray, *, over: Hashable | None = None) -> xr.DataArray:
    r"""Highest value less the lowest.

    .. math:: \max_i x_i - \min_i x_i

    Parameters
    ----------
    x
        Values ``(group, year, …)`` or ``(region, year, …)``.
    over
        Dimension to reduce; ``group`` where `x` has it, else its regions, when left out.

    Returns
    -------
    xarray.DataArray
        Difference ``(year, …)``, in the unit of `x`, 0 or more; missing where a value is missing.

    Raises
    ------
    OptionError
        `x` has neither groups nor regions, and `over` is left out.

    Examples
    --------
    >>> difference(xr.DataArray([2.0, 3.0, 6.0], dims="region")).item()
    4.0
    """
    dims = _reduced(x, over)
    return (x.max(dims, skipna=False) - x.min(dims, skipna=False)).rename("difference")


def variation(x: xr.DataArray, *, over: Hashable | None = None, ddof: int = 0) -> xr.DataArray:
    r"""Coefficient of variation: standard deviation over the mean.

    .. math:: \frac{1}{\bar x}\sqrt{\frac{1}{n - \text{ddof}}\sum_i (x_i - \bar x)^2}

    Groups count alike, however many regions they hold.

    Parameters
    ----------
    x
        Values ``(group, year, …)`` or ``(region, year, …)``.
    over
        Dimension to reduce; ``group`` where `x` has it, else its regions, when left out.
    ddof
        0 for the standard deviation of a population, because the groups or regions are all there are; 1 for a
        sample's.

    Returns
    -------
    xarray.DataArray
        Coefficient ``(year, …)``, dimensionless, 0 or more; missing where a value is missing or the mean is not
        above 0.

    Raises
    ------
    OptionError
        `x` has neither groups nor regions, and `over` is left out; or `ddof` is negative or leaves nothing to
        divide by.

    Warns
    -----
    OuheWarning
        The coefficient does not exist somewhere.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 3.0], dims="group")
    >>> variation(x).item(), round(variation(x, ddof=1).item(), 4)
    (0.5, 0.7071)
    """
    dims = _reduced(x, over)
    count = int(np.prod([x.sizes[d] for d in dims]))
    if not 0 <= ddof < count:
        raise OptionError.of("density.gap_ddof", ddof=ddof, count=count, most=max(count - 1, 0))
    mean = x.mean(dims, dtype=np.float64, skipna=False)
    # deviations are squared after they are taken, so that no digits cancel
    spread = ((x - mean) ** 2).sum(dims, dtype=np.float64, skipna=False) / (count - ddof)
    return _told((spread**0.5 / mean.where(mean > 0.0)).rename("variation"), "density.no_variation")


def _reduced(x: xr.DataArray, over: Hashable | None) -> tuple[Hashable, ...]:
    """Dimensions that a gap is taken over."""
    dims = (over,) if over is not None else ("group",) if "group" in x.dims else region_dims(x)
    if not dims or not set(dims) <= set(x.dims):
        raise OptionError.of("density.no_places", dims=listed(x.dims) or "-")
    return dims


def _told(found: xr.DataArray, key: str, **params: Any) -> xr.DataArray:
    """Say in how many places a measure does not exist; a chunked one is not computed for that."""
    if found.chunks is None and (count := int(found.isnull().sum())):
        warnings.warn(OuheWarning.of(key, count=count, **params), stacklevel=3)
    return found
