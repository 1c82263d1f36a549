"""Place of every region among all regions of a year, and how places change."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.errors import DataError, OptionError, OuheWarning
from ouhe.panel import region_dims

__all__ = ["Ties", "change", "descending"]

Array = NDArray[Any]

#: Which place regions with the same value share.
Ties = Literal["best", "mean"]


def descending(x: xr.DataArray, *, ties: Ties = "best") -> xr.DataArray:
    r"""Rank of every region among the regions, 1 for the highest value.

    .. math:: r_i = 1 + \#\{j: x_j > x_i\}, \quad
              \text{mean: } r_i = \tfrac12\left(1 + \#\{j: x_j > x_i\} + \#\{j: x_j \ge x_i\}\right)

    Parameters
    ----------
    x
        Values ``(region, year, …)``, or ``(y, x, …)`` for a raster; each year, and each place along any other
        dimension, is ranked by itself.
    ties
        Regions with the same value share the best of their places, ``"best"`` (1, 2, 2, 4), or the mean of them,
        ``"mean"`` (1, 2.5, 2.5, 4).

    Returns
    -------
    xarray.DataArray
        Ranks (float64) with the dimensions of `x`; missing where a value is missing, which takes no place.

    Raises
    ------
    OptionError
        `ties` is neither.

    Warns
    -----
    OuheWarning
        Values are missing.

    Examples
    --------
    >>> x = xr.DataArray([0.5, 0.9, 0.1, 0.5], dims="region")
    >>> descending(x).values, descending(x, ties="mean").values
    (array([2., 1., 4., 2.]), array([2.5, 1. , 4. , 2.5]))
    """
    if ties not in ("best", "mean"):
        raise OptionError.of("density.rank_ties", value=ties)
    places = region_dims(x)
    if x.chunks is None and (count := int(x.isnull().sum())):
        warnings.warn(OuheWarning.of("density.no_rank", count=count), stacklevel=2)
    ranks: xr.DataArray = xr.apply_ufunc(
        _ranked,
        x.chunk(dict.fromkeys(places, -1)) if x.chunks is not None else x,
        kwargs={"axes": len(places), "mean": ties == "mean"},
        input_core_dims=[places],
        output_core_dims=[places],
        dask="parallelized",
        output_dtypes=[float],
    )
    return ranks.transpose(*x.dims).rename("rank")


def change(ranks: xr.DataArray) -> xr.DataArray:
    """Places won from the first to the last year.

    Parameters
    ----------
    ranks
        Ranks ``(region, year, …)`` from :func:`descending`, the years labelled.

    Returns
    -------
    xarray.DataArray
        First rank less the last, without ``year``: above 0 for a region that has risen, below 0 for one that has
        fallen; missing where either rank is.

    Raises
    ------
    DataError
        There are fewer than two years.

    Examples
    --------
    >>> x = xr.DataArray(
    ...     [[0.1, 0.9], [0.2, 0.3], [0.4, 0.5]], dims=("region", "year"), coords={"year": [2010, 2022]}
    ... )
    >>> change(descending(x)).values
    array([ 2., -1., -1.])
    """
    years = ranks["year"].values
    if len(years) < 2:
        raise DataError.of("density.two_years")
    first, last = (ranks.isel(year=int(i), drop=True) for i in (years.argmin(), years.argmax()))
    return (first - last).rename("rank_change")


def _ranked(a: Array, *, axes: int, mean: bool) -> Array:
    """Ranks along the last `axes` axes taken together, all rows at once."""
    falling = -a.reshape(*a.shape[: a.ndim - axes], -1).astype(np.float64)
    order = falling.argsort(axis=-1, kind="stable")  # missing values come last
    rising = np.take_along_axis(falling, order, axis=-1)
    starts = np.ones(rising.shape, dtype=bool)
    starts[..., 1:] = rising[..., 1:] != rising[..., :-1]
    places = np.arange(1, falling.shape[-1] + 1)
    best = np.maximum.accumulate(np.where(starts, places, 1), axis=-1).astype(np.float64)
    if mean:
        ends = np.ones_like(starts)
        ends[..., :-1] = starts[..., 1:]
        worst = np.minimum.accumulate(np.where(ends, places, places[-1])[..., ::-1], axis=-1)[..., ::-1]
        best = (best + worst) / 2
    best[np.isnan(rising)] = np.nan
    ranks = np.empty_like(best)
    np.put_along_axis(ranks, order, best, axis=-1)
    return ranks.reshape(a.shape)
