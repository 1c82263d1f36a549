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


def sums_within(x: xr.DataArray) -> NDArray[Any]:
    """Sum over the indicators of each system.

    Parameters
    ----------
    x
        Values along ``indicator``.

    Returns
    -------
    numpy.ndarray
        Sums ``(…, system)``, systems in order of appearance.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 2.0, 4.0], dims="indicator", coords={"system_of": ("indicator", ["a", "b", "a"])})
    >>> sums_within(x)
    array([5., 2.])
    """
    system = of_indicators(x)
    member = np.array([system == s for s in names(x)], dtype=float)
    return np.asarray(x.variable.transpose(..., "indicator").values @ member.T)


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
    systems = names(x)
    place = np.array([systems.index(s) for s in of_indicators(x)])
    last = x.variable.transpose(..., "indicator")
    total = sums_within(x)[..., place]
    shares = last.values / np.where(total != 0.0, total, np.nan)
    shares[..., np.bincount(place)[place] == 1] = 1.0
    return x.copy(deep=False, data=last.copy(data=shares).transpose(*x.dims).data)
