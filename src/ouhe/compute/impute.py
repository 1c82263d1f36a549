"""Filling missing cells of a panel: pure functions that change no known cell.

Whatever a method cannot fill stays missing (NaN); whether that is acceptable is for the caller to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import xarray as xr

from ouhe.errors import OptionError, Problem
from ouhe.panel import pooled_dims

__all__ = [
    "carry_forward",
    "group_mean",
    "indicator_mean",
    "linear",
    "share_filled",
    "trend",
]

Ends = Literal["carry", "extrapolate", "leave"]
_ENDS: tuple[Ends, ...] = ("carry", "extrapolate", "leave")
Array = np.ndarray[Any, np.dtype[Any]]


def linear(x: xr.DataArray, *, ends: Ends = "carry", max_gap: int | None = None) -> xr.DataArray:
    r"""Linear interpolation over the years within each region.

    .. math:: x_t = x_a + (x_b - x_a) \frac{t - a}{b - a}

    where a and b are the nearest years with a value before and after t. Distances are those of the year labels.

    Parameters
    ----------
    x
        Panel with a dimension ``year``, missing cells NaN.
    ends
        Before the first and after the last known value: ``"carry"`` repeats it, ``"extrapolate"`` goes on along the
        line through the two nearest known values, ``"leave"`` fills nothing. A series with one known value repeats
        it, unless ends are left.
    max_gap
        Longest run of missing years that is filled; longer runs stay missing as a whole.

    Returns
    -------
    xarray.DataArray
        `x` with runs of missing cells filled.

    Raises
    ------
    OptionError
        `ends` is none of the three, or `max_gap` is less than 1.

    Examples
    --------
    >>> x = xr.DataArray([np.nan, 1, np.nan, np.nan, 4], dims="year", coords={"year": [2010, 2011, 2012, 2013, 2014]})
    >>> linear(x).values.tolist()
    [1.0, 1.0, 2.0, 3.0, 4.0]
    >>> linear(x, ends="extrapolate", max_gap=1).values.tolist()
    [0.0, 1.0, nan, nan, 4.0]
    """
    if ends not in _ENDS:
        raise OptionError.of("impute.ends", given=ends, known=", ".join(_ENDS))
    _at_least_one("max_gap", max_gap)
    return _along_years(_interpolated, x, ends=ends, max_gap=max_gap)


def trend(x: xr.DataArray) -> xr.DataArray:
    r"""Least-squares line in the year within each region.

    .. math:: x_t = \bar x + \frac{\sum_s (s - \bar s)(x_s - \bar x)}{\sum_s (s - \bar s)^2}(t - \bar s)

    over the years s with a value. The line has no bounds: it may leave the range of the known values, and below 0.

    Parameters
    ----------
    x
        Panel with a dimension ``year``, missing cells NaN.

    Returns
    -------
    xarray.DataArray
        `x` with missing cells on the line; a series with fewer than two known values is left as it is.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 2.0, np.nan, 4.0], dims="year", coords={"year": [2010, 2011, 2012, 2013]})
    >>> trend(x).round(9).values.tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    known = x.notnull()
    years = (x["year"] - x["year"].min()).astype(float)  # small numbers keep their digits
    since = years - years.where(known).mean("year")
    centred = since.where(known)
    level = x.mean("year")
    spread = (centred**2).sum("year")
    slope = (centred * (x - level)).sum("year") / spread.where(spread > 0)
    return _fill(x, level + slope * since)


def group_mean(x: xr.DataArray, *, groups: Mapping[str, str]) -> xr.DataArray:
    """Mean of the same year over the regions of the same group that have a value.

    Parameters
    ----------
    x
        Panel with the dimension ``region``, missing cells NaN.
    groups
        Region → its group.

    Returns
    -------
    xarray.DataArray
        `x` with missing cells filled; a year without any value in the group stays missing.

    Raises
    ------
    OptionError
        A region has no group.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 3.0, np.nan, 9.0], dims="region", coords={"region": ["a", "b", "c", "d"]})
    >>> group_mean(x, groups={"a": "east", "b": "east", "c": "east", "d": "west"}).values.tolist()
    [1.0, 3.0, 2.0, 9.0]
    """
    regions = [str(r) for r in x["region"].values]
    without = [r for r in regions if r not in groups]
    if without:
        raise OptionError(*(Problem("impute.no_group", params={"region": r}) for r in without))
    labels = np.array([groups[r] for r in regions], dtype=object)
    kinds = list(dict.fromkeys(labels))
    member = xr.DataArray((labels == np.array(kinds, dtype=object)[:, None]).astype(float), dims=("_group", "region"))
    bare = x.drop_vars("region")
    count = xr.dot(member, bare.notnull().astype(float), dim="region")
    means = xr.dot(member, bare.fillna(0.0), dim="region") / count.where(count > 0)
    own = xr.DataArray([kinds.index(g) for g in labels], dims="region")
    return _fill(x, means.isel(_group=own).assign_coords(region=x["region"]))


def indicator_mean(x: xr.DataArray) -> xr.DataArray:
    """Mean of all values of the indicator that `x` holds, over regions and years.

    Parameters
    ----------
    x
        Panel, missing cells NaN.

    Returns
    -------
    xarray.DataArray
        `x` with missing cells filled; an indicator without any value stays missing.

    Examples
    --------
    >>> indicator_mean(xr.DataArray([[1.0, np.nan], [np.nan, 3.0]], dims=("region", "year"))).values.tolist()
    [[1.0, 2.0], [2.0, 3.0]]
    """
    return _fill(x, x.mean(pooled_dims(x)))


def carry_forward(x: xr.DataArray, *, limit: int | None = None) -> xr.DataArray:
    """Last known value of the region, carried to later years.

    Parameters
    ----------
    x
        Panel with a dimension ``year``, missing cells NaN.
    limit
        How many years, by their labels, a value is carried at most.

    Returns
    -------
    xarray.DataArray
        `x` with missing cells filled; years before the first known value stay missing.

    Raises
    ------
    OptionError
        `limit` is less than 1.

    Examples
    --------
    >>> x = xr.DataArray([np.nan, 1.0, np.nan, np.nan], dims="year", coords={"year": [2010, 2011, 2012, 2013]})
    >>> carry_forward(x, limit=1).values.tolist()
    [nan, 1.0, 1.0, nan]
    """
    _at_least_one("limit", limit)
    return _along_years(_carried, x, limit=limit)


def share_filled(before: xr.DataArray, after: xr.DataArray) -> xr.DataArray:
    """Share of an indicator's cells that are missing in `before` and known in `after`, in [0, 1].

    Parameters
    ----------
    before, after
        Panel before and after filling.

    Returns
    -------
    xarray.DataArray
        Share, pooled over regions and years.

    Examples
    --------
    >>> x = xr.DataArray([[1.0, np.nan, 3.0, 4.0]], dims=("region", "year"))
    >>> share_filled(x, indicator_mean(x)).item()
    0.25
    """
    return (before.isnull() & after.notnull()).mean(pooled_dims(before))


def _fill(x: xr.DataArray, values: xr.DataArray) -> xr.DataArray:
    """`x` with `values` in its missing cells, everything else of it untouched."""
    return x.fillna(values.drop_vars(set(values.coords) - set(values.dims))).transpose(*x.dims)


def _along_years(kernel: Callable[..., Array], x: xr.DataArray, **options: object) -> xr.DataArray:
    """Fill `x` by a kernel that sees the years rising along its last axis."""
    rising = x.sortby("year")
    if rising.chunks is not None:
        rising = rising.chunk({"year": -1})
    values = xr.apply_ufunc(
        kernel,
        rising,
        kwargs={"years": rising["year"].to_numpy().astype(float), **options},
        input_core_dims=[["year"]],
        output_core_dims=[["year"]],
        dask="parallelized",
        output_dtypes=[float],
    )
    return _fill(x, values.sel(year=x["year"]))


def _last_known(known: Array) -> Array:
    """Position of the last known value at or before each, −1 where there is none."""
    position: Array = np.where(known, np.arange(known.shape[-1]), -1)
    return np.maximum.accumulate(position, axis=-1)


def _next_known(known: Array) -> Array:
    """Position of the next known value at or after each, the number of years where there is none."""
    from_the_end = _last_known(known[..., ::-1])
    return np.asarray(known.shape[-1] - 1 - from_the_end[..., ::-1])


def _interpolated(values: Array, *, years: Array, ends: Ends, max_gap: int | None) -> Array:
    """Missing values on the line through two known ones."""
    known, last = ~np.isnan(values), values.shape[-1] - 1
    *series, t = at = np.nonzero(~known)
    before, after = _last_known(known), _next_known(known)
    a, b = before[at], after[at]
    one, other = np.where(a < 0, b, a), np.where(b > last, a, b)  # the same one twice outside the known years
    if ends == "extrapolate":
        other = np.where((a < 0) & (b < last), after[*series, (b + 1).clip(max=last)], other)
        one = np.where((b > last) & (a > 0), before[*series, (a - 1).clip(min=0)], one)
        one, other = np.where(one < 0, other, one), np.where(other > last, one, other)
    one, other = one.clip(0, last), other.clip(0, last)
    span = years[other] - years[one]
    weight = np.divide(years[t] - years[one], span, out=np.zeros_like(span), where=span != 0)
    y0, y1 = values[*series, one], values[*series, other]
    fill = np.full(len(t), ends != "leave") | ((a >= 0) & (b <= last))
    if max_gap is not None:
        fill &= _run_length(years, a, b) <= max_gap
    result = values.copy()
    result[at] = np.where(fill, y0 + (y1 - y0) * weight, np.nan)
    return result


def _run_length(years: Array, a: Array, b: Array) -> Array:
    """Years in the run of missing ones between the known positions `a` and `b`, or the ends of the panel."""
    start = np.where(a < 0, years[0] - 1, years[a])
    end = np.where(b >= len(years), years[-1] + 1, years[b.clip(max=len(years) - 1)])
    return np.asarray(end - start - 1)


def _carried(values: Array, *, years: Array, limit: int | None) -> Array:
    """Missing values as the last known one before them."""
    known = ~np.isnan(values)
    *series, t = at = np.nonzero(~known)
    a = _last_known(known)[at]
    carried = (a >= 0) & ((years[t] - years[a] <= limit) if limit is not None else True)
    result = values.copy()
    result[at] = np.where(carried, values[*series, a], np.nan)
    return result


def _at_least_one(option: str, given: int | None) -> None:
    if given is not None and given < 1:
        raise OptionError.of("impute.at_least_one", option=option, given=given)
