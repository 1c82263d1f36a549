"""Values that a measure of inequality can take, and the groups they stand in."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.errors import DataError, Listed, OuheWarning, Problem, listed
from ouhe.panel import region_dims, where

__all__ = ["coded", "divided", "named", "reduced", "scale", "usable"]

Array = NDArray[Any]

#: Numbers that a kernel holds at a time, 16 MiB of float64.
BLOCK = 1 << 21


def usable(x: xr.DataArray) -> xr.DataArray:
    """`x`, with nothing but missing values where there is no inequality to measure.

    Parameters
    ----------
    x
        Values with a dimension ``region``, or ``y`` and ``x``.

    Returns
    -------
    xarray.DataArray
        The same values, as float64; a distribution with a negative value, with fewer than two values, or with a mean
        of 0 is missing as a whole.

    Raises
    ------
    DataError
        `x` has no regions or fewer than two, values are infinite, or no distribution is left.

    Warns
    -----
    OuheWarning
        Values are missing, or distributions cannot be measured.
    """
    places = region_dims(x)
    count = math.prod(x.sizes[d] for d in places) if places else 0
    if count < 2:
        raise DataError.of("inequality.few_regions", count=count)
    values = x.astype(np.float64)
    infinite = (abs(values) == np.inf).compute()
    if infinite.any():
        raise DataError(*where(x, infinite, "inequality.infinite"))
    there = values.notnull().sum(places).compute()
    negative = (values < 0.0).any(places).compute()
    few = ~negative & (there < 2)
    zero = ~negative & ~few & ~(values > 0.0).any(places).compute()
    told = {"inequality.negative": negative, "inequality.few_values": few, "inequality.zero": zero}
    good = ~(negative | few | zero)
    if not good.any():
        problems = (Problem(k, params={"at": named(bad, x)}) for k, bad in told.items() if bad.any())
        raise DataError(*problems)
    told["inequality.missing"] = good & (there < count)
    for key, bad in told.items():
        if bad.any():
            warnings.warn(OuheWarning.of(key, at=named(bad, x)), stacklevel=3)
    return values.where(good) if not good.all() else values


def named(chosen: xr.DataArray, x: xr.DataArray) -> str | Listed:
    """Which distributions of `x` are chosen, in words: their variable and year."""
    if chosen.ndim == 0:
        return str(x.name or "x")
    labels = [
        " ".join(
            str(chosen[d].values[i]) if d in chosen.coords else str(i) for d, i in zip(chosen.dims, at, strict=True)
        )
        for at in np.argwhere(chosen.to_numpy())
    ]
    return listed(labels, most=5)


def reduced(
    x: xr.DataArray, kernel: Callable[[Array], tuple[Array, ...]], *outputs: Mapping[str, int], width: int = 1
) -> list[xr.DataArray]:
    """Work on all distributions at once, some at a time so that memory stays small.

    Parameters
    ----------
    x
        Values of :func:`usable`; chunked ones are computed.
    kernel
        Gets distributions ``(distribution, region)`` and gives arrays ``(distribution, …)``.
    *outputs
        New dimensions of each array and their lengths.
    width
        How many numbers `kernel` holds for one value.
    """
    places = region_dims(x)

    def walk(a: Array) -> tuple[Array, ...] | Array:
        loops = a.shape[: a.ndim - len(places)]
        rows = a.reshape(math.prod(loops), -1)
        step = max(1, BLOCK // max(1, rows.shape[1] * width))
        with np.errstate(all="ignore"):
            parts = [kernel(rows[i : i + step]) for i in range(0, len(rows), step)]
        joined = (np.concatenate(p) for p in zip(*parts, strict=True))
        made = tuple(p.reshape((*loops, *p.shape[1:])) for p in joined)
        return made if len(outputs) > 1 else made[0]

    whole = x.chunk(dict.fromkeys(places, -1)) if x.chunks is not None else x
    found = xr.apply_ufunc(
        walk,
        whole,
        input_core_dims=[list(places)],
        output_core_dims=[list(o) for o in outputs],
        dask="parallelized",
        output_dtypes=[float] * len(outputs),
        dask_gufunc_kwargs={"output_sizes": {d: n for o in outputs for d, n in o.items()}},
    )
    several: Sequence[xr.DataArray] = found if len(outputs) > 1 else [found]
    kept: list[Hashable] = [d for d in x.dims if d not in places]
    return [a.transpose(*kept, *o).compute() for a, o in zip(several, outputs, strict=True)]


def scale(a: Array) -> Array:
    """Power of two about the greatest value of each row; numbers of any size keep all their digits when divided by it.

    Examples
    --------
    >>> scale(np.array([[1.0, 5.0], [0.3, np.nan]])).tolist()
    [[4.0], [0.25]]
    """
    greatest: Array = np.fmax.reduce(a, axis=1, keepdims=True)
    return np.asarray(np.ldexp(1.0, np.frexp(greatest)[1] - 1))


def divided(a: Array, by: Array) -> Array:
    """`a` by `by`; missing where that is 0.

    Examples
    --------
    >>> divided(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    found: Array = a / np.where(by == 0.0, np.nan, by)
    return found


def coded(x: xr.DataArray, groups: Mapping[str, str]) -> tuple[list[str], Array]:
    """Names of the groups that `x` has regions of, in the order of `groups`, and the number of every region's.

    Raises
    ------
    DataError
        Regions have no group, all are named; or `x` has no dimension ``region``.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 2.0], dims="region", coords={"region": ["a", "b"]})
    >>> names, codes = coded(x, {"b": "west", "a": "east", "c": "north"})
    >>> names, codes.tolist()
    (['west', 'east'], [1, 0])
    """
    if "region" not in x.dims:
        raise DataError.of("inequality.no_regions", dims=listed(x.dims) or "-")
    regions = [str(r) for r in x["region"].values]
    absent = [r for r in regions if r not in groups]
    if absent:
        raise DataError(*(Problem("compute.no_group", params={"region": r}) for r in absent))
    present = {groups[r] for r in regions}
    number = {g: i for i, g in enumerate(g for g in dict.fromkeys(groups.values()) if g in present)}
    return list(number), np.array([number[groups[r]] for r in regions])
