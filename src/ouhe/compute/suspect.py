"""Known values that look wrong: cells a person should look at, never changed and never judged here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe.errors import OptionError

__all__ = ["jumps", "jumps_table", "nearest"]

Array = np.ndarray[Any, np.dtype[Any]]


def jumps(x: xr.DataArray, *, factor: float = 10.0) -> xr.DataArray:
    r"""Values that stand far above or far below both their neighbours in time.

    .. math:: x_t > f \max(a, b) \quad\text{or}\quad x_t < \min(a, b) / f

    where a and b are the nearest known values of the region before and after t; for the first and last known value,
    the two nearest ones on its only side. So a lasting change of level is no jump, while a slip of the unit or a
    count from a sample in a single year is one. Only positive values are compared.

    Parameters
    ----------
    x
        Panel with a dimension ``year``; missing cells (NaN) are passed over.
    factor
        How many times.

    Returns
    -------
    xarray.DataArray
        Boolean, with the labels of `x`; False where fewer than three values of a series are known.

    Raises
    ------
    OptionError
        `factor` is not greater than 1.

    Examples
    --------
    >>> x = xr.DataArray([5.0, 6.0, 120.0, np.nan, 7.0], dims="year", coords={"year": [2013, 2014, 2015, 2016, 2017]})
    >>> jumps(x).values.tolist()
    [False, False, True, False, False]
    """
    return _jumping(x, *nearest(x), factor)


def nearest(x: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Nearest known value before and after each known value of a series.

    Parameters
    ----------
    x
        Panel with a dimension ``year``.

    Returns
    -------
    tuple of xarray.DataArray
        Values before and after, with the labels of `x`. The first known value has the two that follow it, the last
        the two that precede it; missing (NaN) at missing cells and where there is none.

    Examples
    --------
    >>> before, after = nearest(xr.DataArray([1.0, np.nan, 2.0, 3.0], dims="year", coords={"year": [1, 2, 3, 4]}))
    >>> before.values.tolist(), after.values.tolist()
    ([3.0, nan, 1.0, 2.0], [2.0, nan, 3.0, 1.0])
    """
    rising = x.sortby("year")
    if rising.chunks is not None:
        rising = rising.chunk({"year": -1})
    before, after = xr.apply_ufunc(
        _nearest,
        rising,
        input_core_dims=[["year"]],
        output_core_dims=[["year"], ["year"]],
        dask="parallelized",
        output_dtypes=[float, float],
    )
    return before.sel(year=x["year"]).transpose(*x.dims), after.sel(year=x["year"]).transpose(*x.dims)


def jumps_table(x: xr.DataArray, *, factor: float = 10.0) -> pd.DataFrame:
    """Jumps as a table, for a person to look at.

    Parameters
    ----------
    x
        Panel ``(region, year, indicator)``.
    factor
        As for :func:`jumps`.

    Returns
    -------
    pandas.DataFrame
        Columns ``indicator``, ``region``, ``year``, ``value``, ``before``, ``after`` (the values of :func:`nearest`)
        and ``times``, the value as a multiple of the neighbour nearer to it; a row a cell, indicator by indicator.

    Examples
    --------
    >>> labels = {"region": ["a"], "year": [2014, 2015, 2016], "indicator": ["n"]}
    >>> x = xr.DataArray([[[5.0], [120.0], [6.0]]], dims=("region", "year", "indicator"), coords=labels)
    >>> jumps_table(x)
      indicator region  year  value  before  after  times
    0         n      a  2015  120.0     5.0    6.0   20.0
    """
    dims = ("indicator", *(d for d in x.dims if d != "indicator"))
    before, after = nearest(x)
    at = np.nonzero(_jumping(x, before, after, factor).transpose(*dims).to_numpy())
    places = {d: xr.Variable("cell", index) for d, index in zip(dims, at, strict=True)}
    values = {"value": x, "before": before, "after": after}
    # only the cells found: of a chunked panel nothing else is brought together
    cells = xr.Dataset({k: v.variable for k, v in values.items()}).isel(places).compute()
    labels = {str(d): x[d].to_numpy()[index] for d, index in zip(dims, at, strict=True)}
    table = pd.DataFrame({**labels, **{k: cells[k].to_numpy() for k in values}})
    higher, lower = table[["before", "after"]].max(axis=1), table[["before", "after"]].min(axis=1)
    return table.assign(times=table["value"] / higher.where(table["value"] > table["before"], lower))


def _jumping(x: xr.DataArray, a: xr.DataArray, b: xr.DataArray, factor: float) -> xr.DataArray:
    """Whether a value stands more than `factor` times above both of its neighbours, or below them."""
    if not factor > 1:
        raise OptionError.of("impute.factor", given=factor)
    least, most = np.minimum(a, b), np.maximum(a, b)
    return (x > 0) & (least > 0) & ((x > factor * most) | (x < least / factor))


def _nearest(values: Array) -> tuple[Array, Array]:
    """Nearest known values on both sides, along the last axis."""
    known_first = np.argsort(np.isnan(values), axis=-1, kind="stable")
    packed = np.take_along_axis(values, known_first, axis=-1)
    before, after = _shifted(packed, 1), _shifted(packed, -1)
    before, after = (
        np.where(np.isnan(before), _shifted(packed, -2), before),
        np.where(np.isnan(after), _shifted(packed, 2), after),
    )
    out = np.full((2, *values.shape), np.nan)
    for side, found in zip(out, (before, after), strict=True):
        np.put_along_axis(side, known_first, np.where(np.isnan(packed), np.nan, found), axis=-1)
    return out[0], out[1]


def _shifted(values: Array, by: int) -> Array:
    """Values moved along the last axis, NaN moving in."""
    out = np.full(values.shape, np.nan)
    if by > 0:
        out[..., by:] = values[..., :-by]
    else:
        out[..., :by] = values[..., -by:]
    return out
