"""Summaries over regions and years: means of groups of regions, of the nation, and growth."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks
from ouhe.errors import DataError, OuheWarning, Problem
from ouhe.panel import cell_count, inside, region_dims

__all__ = ["growth", "means", "nation", "yearly_growth"]

Array = NDArray[Any]


def means(x: xr.DataArray, groups: Mapping[str, str], *, leave_out: bool = False) -> xr.DataArray:
    r"""Plain mean over the regions of each group.

    .. math:: \bar x_g = \frac{1}{n_g}\sum_{i \in g} x_i

    Parameters
    ----------
    x
        Values with a dimension ``region``.
    groups
        Region → group. Regions that `x` does not hold may stand there.
    leave_out
        Leave regions without a group out of all means instead of refusing them.

    Returns
    -------
    xarray.DataArray
        Means with ``group`` in the place of ``region``, groups in order of appearance in `groups`, those with no
        region in `x` left out. Missing where a value is missing.

    Raises
    ------
    DataError
        Regions have no group, all are named; or no region has one.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 3.0, 5.0], dims="region", coords={"region": ["a", "b", "c"]})
    >>> means(x, {"a": "east", "c": "west", "b": "east"}).to_series().to_dict()
    {'east': 2.0, 'west': 5.0}
    """
    regions = [str(r) for r in x["region"].values]
    absent = [r for r in regions if r not in groups]
    if absent and not leave_out:
        raise DataError(*(Problem("compute.no_group", params={"region": r}) for r in absent))
    present = {groups[r] for r in regions if r in groups}
    names = [g for g in dict.fromkeys(groups.values()) if g in present]
    if not names:
        raise DataError.of("compute.no_groups")
    code = np.array([names.index(groups[r]) if r in groups else -1 for r in regions])
    order = np.argsort(code, kind="stable")[np.count_nonzero(code < 0) :]
    starts = np.searchsorted(code[order], np.arange(len(names)))
    counts = np.bincount(code[order], minlength=len(names))

    def kernel(a: Array) -> Array:
        total: Array = np.add.reduceat(a[..., order], starts, axis=-1, dtype=np.float64)
        return total / counts

    whole = x.chunk({"region": -1}) if x.chunks is not None else x
    out: xr.DataArray = xr.apply_ufunc(
        kernel,
        whole,
        input_core_dims=[["region"]],
        output_core_dims=[["group"]],
        dask="parallelized",
        output_dtypes=[float],
        dask_gufunc_kwargs={"output_sizes": {"group": len(names)}},
    )
    return out.assign_coords(group=names).transpose(*("group" if d == "region" else d for d in x.dims))


def nation(x: xr.DataArray) -> xr.DataArray:
    r"""Plain mean over all regions.

    .. math:: \bar x = \frac{1}{n}\sum_i x_i

    Parameters
    ----------
    x
        Values with a dimension ``region``, or the pair ``(y, x)`` of a raster, of which the cells outside its study
        are not counted. Chunked values are computed.

    Returns
    -------
    xarray.DataArray
        Means without these dimensions. Missing where a value is missing.

    Examples
    --------
    >>> nation(xr.DataArray([[1.0, 2.0], [3.0, 6.0]], dims=("region", "year"))).values
    array([2., 4.])
    """
    places = region_dims(x)
    (total,) = blocks.sums(x.variable, places, None, inside=inside(x))
    return blocks.labelled(total / cell_count(x, places), x).rename(x.name)


def growth(x: xr.DataArray) -> xr.DataArray:
    r"""Average annual growth from the first to the last year.

    .. math:: g = \left(\frac{x_\text{last}}{x_\text{first}}\right)^{1/(\text{last} - \text{first})} - 1

    Parameters
    ----------
    x
        Values with a dimension ``year`` that is labelled with the years.

    Returns
    -------
    xarray.DataArray
        Growth as a share (0.05 is 5 % a year) without ``year``; missing where the first value is not above 0 or the
        last is negative.

    Raises
    ------
    DataError
        There are fewer than two years.

    Warns
    -----
    OuheWarning
        Somewhere growth does not exist.

    Examples
    --------
    >>> x = xr.DataArray([0.105, 0.15, 0.200], dims="year", coords={"year": [2010, 2015, 2022]})
    >>> round(growth(x).item(), 4)
    0.0552
    """
    years = x["year"].values
    if len(years) < 2:
        raise DataError.of("compute.one_year")
    first, last = x.isel(year=int(years.argmin()), drop=True), x.isel(year=int(years.argmax()), drop=True)
    valid = (first > 0.0) & (last >= 0.0)
    found = (last.where(valid) / first.where(valid)) ** (1.0 / float(years.max() - years.min())) - 1.0
    if x.chunks is None and not valid.all():
        warnings.warn(OuheWarning.of("compute.no_growth", count=int((~valid).sum())), stacklevel=2)
    return found.rename("growth")


def yearly_growth(x: xr.DataArray) -> xr.DataArray:
    r"""Growth from each year to the next; a share a year also where years are left out in between.

    .. math:: g_t = \left(\frac{x_t}{x_s}\right)^{1/(t - s)} - 1

    with s the year before t among the years at hand.

    Parameters
    ----------
    x
        Values with a dimension ``year`` that is labelled with the years.

    Returns
    -------
    xarray.DataArray
        Growth as a share (0.05 is 5 % a year) with the dimensions of `x`, for every year but the first, years
        rising; missing where a value is missing, the earlier one is not above 0 or the later one is negative.

    Raises
    ------
    DataError
        There are fewer than two years.

    Warns
    -----
    OuheWarning
        Somewhere growth does not exist.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 1.1, 1.331], dims="year", coords={"year": [2010, 2011, 2013]})
    >>> yearly_growth(x).round(6).to_series().to_dict()
    {2011: 0.1, 2013: 0.1}
    """
    if x.sizes["year"] < 2:
        raise DataError.of("compute.one_year")
    rising = x.isel(year=np.argsort(x["year"].values))
    after = rising.isel(year=slice(1, None))
    before = rising.isel(year=slice(None, -1)).assign_coords(year=after["year"])
    spans = after["year"].copy(data=np.diff(rising["year"].values))
    valid = (before > 0.0) & (after >= 0.0)
    found = (after.where(valid) / before.where(valid)) ** (1.0 / spans) - 1.0
    if x.chunks is None and not valid.all():
        warnings.warn(OuheWarning.of("density.no_yearly_growth", count=int((~valid).sum())), stacklevel=2)
    return found.transpose(*x.dims).rename("yearly_growth")
