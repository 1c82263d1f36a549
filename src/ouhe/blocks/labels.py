"""Put labels back on values."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import xarray as xr

__all__ = ["labelled"]


def labelled(
    values: xr.Variable, *like: xr.DataArray, name: str | None = None, new: Mapping[Hashable, Any] | None = None
) -> xr.DataArray:
    """Put labels on values: every coordinate of `like` whose dimensions the values have; the first named counts.

    Parameters
    ----------
    values
        Values with named dimensions.
    *like
        Arrays with the labels.
    name
        Name of the result.
    new
        Coordinates that no array has yet.

    Returns
    -------
    xarray.DataArray
        The values, labelled.

    Examples
    --------
    >>> x = xr.DataArray([[1.0, 2.0]], dims=("region", "year"), coords={"region": ["a"], "year": [2020, 2021]})
    >>> labelled(xr.Variable(("year",), [5.0, 6.0]), x).sel(year=2021).item()
    6.0
    """
    dims = set(values.dims)
    variables: dict[Hashable, xr.Variable] = {}
    indexes: dict[Hashable, xr.Index] = {}
    for coords in (*(x.coords for x in reversed(like)), *([xr.Coordinates(new)] if new else [])):
        variables |= {k: v for k, v in coords.variables.items() if dims.issuperset(v.dims)}
        indexes |= {k: i for k, i in coords.xindexes.items() if k in variables}
    # indexes are handed over, because building them anew would cost more than most arithmetic
    return xr.DataArray(values, coords=xr.Coordinates(variables, indexes=indexes), name=name)
