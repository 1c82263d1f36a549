"""Classes of values: bounds that are given, or quantiles of the values themselves."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np
import xarray as xr

from ouhe.errors import OptionError, OuheWarning, Problem, choice_problems, listed
from ouhe.panel import region_dims

__all__ = ["MISSING", "MOST", "Quantiles", "classed", "cuts"]

#: Code of a value that is missing.
MISSING = -1

#: Most quantile classes; more leave hardly a move in a cell.
MOST = 20

#: Whether quantiles are those of all years together or of every year by itself.
Quantiles = Literal["pooled", "yearly"]

#: How far a mean of neighbours may lie from a bound by rounding alone, as a share of the bound.
ROUNDING = 1e-12


def cuts(x: xr.DataArray, *, k: int = 4, quantiles: Quantiles = "pooled") -> xr.DataArray:
    """Bounds between `k` classes that hold about as many values each.

    Parameters
    ----------
    x
        Values ``(region, year, …)``, or ``(y, x, year, …)``; missing ones are passed over.
    k
        Number of classes.
    quantiles
        ``pooled``: bounds from all regions and years, the same in every year, so that all regions may rise;
        ``yearly``: bounds of every year by itself, so that a class is a place among the others.

    Returns
    -------
    xarray.DataArray
        Bounds ``(…, cut)``, ``(…, year, cut)`` where they are yearly, in the unit of `x`: the quantiles 1/k … (k−1)/k,
        interpolated linearly.

    Raises
    ------
    OptionError
        `k` is no whole number from 2 to 20, or `quantiles` is none of its choices.

    Warns
    -----
    OuheWarning
        Bounds coincide, because many values are the same; the classes between them stay empty.

    References
    ----------
    Quah D., "Empirical cross-section dynamics in economic growth", European Economic Review 37 (1993).

    Examples
    --------
    >>> cuts(xr.DataArray([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dims=("region", "year")), k=2).values
    array([3.5])
    """
    problems = [*choice_problems("quantiles", quantiles, Quantiles)]
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 2 <= k <= MOST:
        problems.append(Problem("transition.k", params={"value": k, "most": MOST}))
    if problems:
        raise OptionError(*problems)
    pooled = [*region_dims(x), *(["year"] if quantiles == "pooled" else [])]
    found = x.quantile(np.arange(1, k) / k, dim=pooled, skipna=True).rename(quantile="cut").drop_vars("cut")
    found = found.transpose(..., "cut").rename("cuts")
    tied = int((found.diff("cut") == 0).sum())
    if tied:
        warnings.warn(OuheWarning.of("transition.ties", at=named(x), count=tied, k=k), stacklevel=2)
    return found


def classed(x: xr.DataArray, bounds: xr.DataArray) -> xr.DataArray:
    r"""Class of each value: intervals open below and closed above, so that equal values share a class.

    .. math:: \text{class} = \#\{b: x > b\}

    Parameters
    ----------
    x
        Values of any dimensions.
    bounds
        Bounds between classes ``(…, cut)``, rising, as :func:`cuts` gives them; k − 1 of them part k classes.

    Returns
    -------
    xarray.DataArray
        Class from 0 (int16) with the dimensions of `x`, −1 where a value is missing. A value that exceeds a bound by
        rounding alone (1e-12 of it) counts as on it, as a mean of equal neighbours may.

    Raises
    ------
    OptionError
        The bounds fall somewhere.

    Examples
    --------
    >>> bounds = xr.DataArray([0.2, 0.5], dims="cut")
    >>> classed(xr.DataArray([0.2, 0.21, 0.9, np.nan], dims="region"), bounds).values
    array([ 0,  1,  2, -1], dtype=int16)
    """
    falling = bounds.diff("cut") < 0
    if falling.any():
        raise OptionError.of("transition.bounds", bounds=listed(f"{b:g}" for b in np.ravel(bounds.values)))
    ends = bounds.variable + ROUNDING * abs(bounds.variable)
    found = xr.Variable(x.dims, np.zeros(x.shape, dtype=np.int16))
    for place in range(bounds.sizes["cut"]):  # a few bounds against many values
        found = found + (x.variable > ends.isel(cut=place))
    there = x.variable.notnull()
    codes = (found.transpose(*x.dims) * there + MISSING * ~there).astype(np.int16)
    return x.copy(data=codes.data).rename("class")


def named(x: xr.DataArray) -> str:
    """What messages call values: the variable that they are of, or their name."""
    of = x.coords.get("variable")
    return str(of.item()) if of is not None and of.ndim == 0 else str(x.name or "x")


def shares(level: xr.DataArray, *, classes: int) -> xr.DataArray:
    """Share of the regions of a year in every class ``(…, class)``, of those whose class is known."""
    places = region_dims(level)
    held = [(level == code).sum(places) for code in range(classes)]
    counts: xr.DataArray = xr.concat(held, dim="class", coords="minimal").transpose(..., "class")
    return (counts / counts.sum("class")).rename("share")
