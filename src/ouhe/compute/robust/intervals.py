"""What draws say about a value: its interval, the probability of every class, and of standing above the next one."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.errors import OptionError
from ouhe.panel import region_dims

__all__ = ["above_next", "interval", "probabilities"]

Array = NDArray[Any]

#: What a quantile between two draws is.
Between = Literal["linear", "attained"]


def interval(values: xr.DataArray, between: Between = "linear", *, level: float = 0.9) -> xr.Dataset:
    r"""Interval of values over their draws, with equal probability left on both sides, and the median.

    .. math:: [Q_{(1-\ell)/2},\ Q_{(1+\ell)/2}]

    Parameters
    ----------
    values
        Values ``(draw, …)``; draws of which all are missing were not possible, and do not count.
    between
        ``"linear"`` interpolates between draws; ``"attained"`` takes the smallest drawn value that the share of draws
        does not exceed, as ranks want.
    level
        Probability ℓ of the interval, above 0 and below 1.

    Returns
    -------
    xarray.Dataset
        ``low``, ``median`` and ``high`` over the other dimensions; missing where a draw that counts is.

    Raises
    ------
    OptionError
        `level` is not above 0 and below 1.

    Examples
    --------
    >>> found = interval(xr.DataArray(np.arange(101.0), dims="draw"), level=0.8)
    >>> float(found["low"]), float(found["median"]), float(found["high"])
    (10.0, 50.0, 90.0)
    """
    if not 0.0 < level < 1.0:
        raise OptionError.of("uncertainty.level", given=level)
    places = np.round([(1.0 - level) / 2.0, 0.5, (1.0 + level) / 2.0], 12)  # 0.05, not a hair less
    counted = _counted(values)
    method: Any = "linear" if between == "linear" else "inverted_cdf"
    found = (
        np.quantile(counted, places, axis=0, method=method)
        if len(counted)
        else np.full((3, *counted.shape[1:]), np.nan)
    )
    rest = [d for d in values.dims if d != "draw"]
    kept = {k: c for k, c in values.coords.items() if "draw" not in c.dims}
    return xr.Dataset({k: (rest, v) for k, v in zip(("low", "median", "high"), found, strict=True)}, coords=kept)


def probabilities(level: xr.DataArray, *, classes: int) -> xr.DataArray:
    r"""Probability of every class: the share of draws in it.

    .. math:: P_k = \#\{d: \text{class}_d = k\} / \#\{d\}

    Parameters
    ----------
    level
        Classes ``(draw, …)`` from 0; draws that were not possible are −1 throughout, and do not count.
    classes
        Number of classes.

    Returns
    -------
    xarray.DataArray
        Shares of draws ``(class, …)``, which sum to 1 over the classes; missing where no draw counts.

    Examples
    --------
    >>> probabilities(xr.DataArray([0, 1, 1, -1], dims="draw"), classes=2).values.round(3)
    array([0.333, 0.667])
    """
    counts = xr.concat([(level == k).sum("draw") for k in range(classes)], "class")
    total = (level >= 0).sum("draw")
    return (counts / total.where(total > 0)).assign_coords({"class": range(classes)}).rename("probability")


def above_next(values: xr.DataArray, point: xr.DataArray) -> xr.DataArray:
    r"""Probability that a region stands above the one that follows it, in the order of point values.

    .. math:: P(x_i > x_{j}), \quad j \text{ the region whose point value comes next below that of } i

    Parameters
    ----------
    values
        Values ``(draw, region, …)``; draws of which all are missing do not count.
    point
        Point values ``(region, …)``.

    Returns
    -------
    xarray.DataArray
        Shares of draws ``(region, …)``: near 1 where two neighbours in rank are told apart whatever is chosen, near 0.5
        where choices decide; a tie counts half. Missing for the last region.

    Examples
    --------
    >>> values = xr.DataArray([[3.0, 2.0, 1.0], [3.0, 1.0, 2.0]], dims=("draw", "region"))
    >>> above_next(values, values[0].drop_vars("draw", errors="ignore")).values
    array([1. , 0.5, nan])
    """
    (region,) = region_dims(point)
    at = point.dims.index(region)
    order = (-point.values).argsort(axis=at, kind="stable")
    counted = _counted(values.transpose("draw", *point.dims))
    falling = np.take_along_axis(counted, order[None], axis=at + 1)
    first, second = (np.moveaxis(falling, at + 1, 0)[s] for s in (slice(None, -1), slice(1, None)))
    draws = len(counted)
    share = ((first > second).sum(axis=1) + 0.5 * (first == second).sum(axis=1)) / (draws or np.nan)
    padded = np.moveaxis(np.concatenate([share, np.full((1, *share.shape[1:]), np.nan)]), 0, at)
    found = np.empty(point.shape)
    np.put_along_axis(found, order, padded, axis=at)
    return point.copy(data=found).rename("above_next")


def _counted(values: xr.DataArray) -> Array:
    """Values with the draws first, without those that are missing throughout."""
    drawn: Array = values.transpose("draw", ...).values
    if not np.isnan(drawn).any():
        return drawn
    return drawn[~np.isnan(drawn).all(axis=tuple(range(1, drawn.ndim)))]
