"""Which system an indicator belongs to, and sums within each."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["ONLY", "names", "of_indicators", "share_within", "sums_within"]

#: Name of the system where indicators carry none.
ONLY = "index"


def of_indicators(x: xr.DataArray) -> NDArray[Any]:
    """System of every indicator of `x`, from the coordinate ``system_of``; without it all belong to ``"index"``.

    Examples
    --------
    >>> of_indicators(xr.DataArray([0.5, 0.5], dims="indicator")).tolist()
    ['index', 'index']
    """
    if "system_of" in x.coords:
        return np.asarray(x["system_of"].values.astype(str))
    return np.full(x.sizes["indicator"], ONLY)


def names(x: xr.DataArray) -> list[str]:
    """Systems in order of appearance.

    Examples
    --------
    >>> names(xr.DataArray([1.0, 2.0], dims="indicator", coords={"system_of": ("indicator", ["b", "a"])}))
    ['b', 'a']
    """
    return list(dict.fromkeys(of_indicators(x).tolist()))


def sums_within(x: xr.DataArray) -> xr.DataArray:
    """Sum over the indicators of each system.

    Parameters
    ----------
    x
        Values along ``indicator``.

    Returns
    -------
    xarray.DataArray
        Sums along ``system``, in order of appearance.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 2.0, 4.0], dims="indicator", coords={"system_of": ("indicator", ["a", "b", "a"])})
    >>> sums_within(x).values
    array([5., 2.])
    """
    systems = names(x)
    member = np.array([of_indicators(x) == s for s in systems], dtype=float)
    bare = x.drop_vars([c for c, v in x.coords.items() if "indicator" in v.dims])
    members = xr.DataArray(member, dims=("system", "indicator"), coords={"system": systems})
    total: xr.DataArray = xr.dot(bare, members, dim="indicator")
    return total


def share_within(x: xr.DataArray) -> xr.DataArray:
    """Divide by the sum over the indicator's system; an indicator alone in its system has the share 1.

    Parameters
    ----------
    x
        Values along ``indicator``.

    Returns
    -------
    xarray.DataArray
        Shares with the dimensions and coordinates of `x`; not a number where a sum is 0.

    Examples
    --------
    >>> share_within(xr.DataArray([1.0, 3.0], dims="indicator")).values
    array([0.25, 0.75])
    """
    system = of_indicators(x)
    several = (system[:, None] == system).sum(axis=1) > 1
    total = sums_within(x).sel(system=xr.DataArray(system, dims="indicator")).drop_vars("system")
    shares = (x / total.where(total != 0.0)).transpose(*x.dims)
    return shares.where(xr.DataArray(several, dims="indicator"), 1.0)
