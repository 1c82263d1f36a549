"""Values of all regions as the columns of one matrix, and what was found of each column as labelled arrays."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import sparse

from ouhe import moments
from ouhe.errors import DataError, OuheWarning, listed
from ouhe.panel import REGION_DIMS

__all__ = ["Statistic", "Variance", "columns", "deviations", "labelled", "linked", "named", "stacked"]

Floats = NDArray[np.float64]

#: Regions below which the normal approximation is not to be relied on.
FEW = 20

#: What is taken to be random: where the values stand, or the values themselves, drawn from a normal distribution.
Variance = Literal["randomisation", "normality"]


class Statistic(NamedTuple):
    """A statistic of every column, its mean and variance where nothing depends on place, and its permutation p."""

    statistic: Floats
    expected: Floats
    variance: Floats
    p_sim: Floats


def linked(w: sparse.csr_array) -> bool:
    """Whether weights sum to something but rounding, so that a statistic can be divided by their sum.

    Examples
    --------
    >>> linked(sparse.csr_array([[0.0, 1.0], [1.0, 0.0]])), linked(sparse.csr_array((2, 2)))
    (True, False)
    """
    return bool(abs(w.data.sum()) > 1e-12 * np.abs(w.data).sum())


def columns(x: xr.DataArray, w: sparse.csr_array) -> Floats:
    """Values as a matrix ``(region, everything else)``, once they can have a spatial statistic.

    Parameters
    ----------
    x
        Values with a dimension ``region``.
    w
        Spatial weights of the same regions.

    Returns
    -------
    numpy.ndarray
        float64, the other dimensions of `x` in one, in their order.

    Raises
    ------
    DataError
        There are fewer than four regions or no weights, values are missing or infinite, or a variable does not vary
        in some year; all are named.

    Examples
    --------
    >>> columns(xr.DataArray([[1, 2, 4, 8], [5, 6, 5, 7]], dims=("year", "region")), sparse.eye_array(4)).T
    array([[1., 2., 4., 8.],
           [5., 6., 5., 7.]])
    """
    axis = x.dims.index("region")
    regions_first = np.moveaxis(x.to_numpy(), axis, 0) if axis else x.to_numpy()
    values: Floats = regions_first.reshape(len(regions_first), -1).astype(np.float64, order="C", copy=False)
    if len(values) < 4:
        raise DataError.of("moran.few_regions", count=len(values))
    if not linked(w):
        raise DataError.of("moran.no_links")
    low, high = values.min(axis=0), values.max(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        span = high - low
    precision = np.finfo(x.dtype).eps if x.dtype.kind == "f" else 0.0
    # any comparison with a missing value is false, and what is infinite has no finite range
    if not ((span > 4.0 * precision * np.maximum(-low, high)) & (span < np.inf)).all():
        _refuse(named(x))
    return values


def named(x: xr.DataArray) -> xr.DataArray:
    """The values with a dimension beside ``region``, so that messages have something to name.

    Examples
    --------
    >>> named(xr.DataArray([1.0, 2.0], dims="region", name="income"))["variable"].item()
    'income'
    """
    return x if x.ndim > 1 else x.expand_dims({"variable": [str(x.name or "x")]})


def _refuse(x: xr.DataArray) -> None:
    """Name what is missing, infinite, or does not vary."""
    low, high = moments.finite_extremes(x, ["region"])
    flat = moments.never_varies(x, low, high)
    # what is left are numbers so far apart that float64 does not hold their range
    beyond = moments.refused(x, low, low < -1e307, "compute.not_finite")
    raise DataError(*(moments.refused(x, low, flat, "moran.never_varies") or beyond))


def deviations(values: Floats) -> Floats:
    """Deviations from the mean of each column, divided by its range, so that their powers neither overflow nor vanish.

    Examples
    --------
    >>> deviations(np.array([[1e200], [2e200], [3e200]])).ravel().tolist()
    [-0.5, 0.0, 0.5]
    """
    low = values.min(axis=0)
    # the lowest first, so that an offset much larger than the range leaves no trace in the mean
    z: Floats = (values - low) / (values.max(axis=0) - low)
    z -= z.mean(axis=0)
    return z


def stacked(found: Sequence[Statistic]) -> Statistic:
    """Statistics of several groups of regions, a row a group."""
    return Statistic(*(np.stack(parts) for parts in zip(*found, strict=True)))


def labelled(
    x: xr.DataArray, found: Statistic, *, groups: Mapping[str, int] | None = None, count: int | None = None
) -> xr.Dataset:
    """Dataset of what was found of each column of `x`: the dimensions of `x` without those of its regions.

    Parameters
    ----------
    x
        The values that :func:`columns` was given.
    found
        Statistics ``(column,)``, or ``(group, column)`` with `groups`.
    groups
        Group → number of its regions; groups take the place of the regions.
    count
        Number of regions where it is not the length of ``region``: of the cells of a raster that are counted.

    Returns
    -------
    xarray.Dataset
        ``statistic``, ``expected``, ``sd``, ``z``, ``p_value`` (two-sided, normal) and ``p_sim``. Where the statistic
        is the same under all permutations, ``sd`` is 0 and z and p are missing. Besides ``n``, the number of regions,
        and ``few``, which is true below 20: too few for z and p to be relied on; both ``(group,)`` with `groups`.

    Warns
    -----
    OuheWarning
        A standard deviation is 0.
    """
    from scipy.special import ndtr

    sd = np.sqrt(found.variance)
    if (sd == 0.0).any():
        _warn_where_even(sd == 0.0, groups)
    z = np.divide(found.statistic - found.expected, sd, out=np.full_like(sd, np.nan), where=sd > 0.0)
    arrays = {
        "statistic": found.statistic,
        "expected": found.expected,
        "sd": sd,
        "z": z,
        "p_value": 2.0 * ndtr(-np.abs(z)),
        "p_sim": found.p_sim,
    }
    sizes: dict[Hashable, int] = {} if groups is None else {"group": len(groups)}
    sizes |= {d: k for d, k in zip(x.dims, x.shape, strict=True) if d not in REGION_DIMS}
    dims, shape = list(sizes), list(sizes.values())
    n = np.array(list(groups.values()) if groups is not None else x.sizes["region"] if count is None else count)
    variables: dict[Hashable, xr.Variable] = {k: xr.Variable(dims, a.reshape(shape)) for k, a in arrays.items()}
    variables |= {k: xr.Variable(dims[: n.ndim], a) for k, a in (("n", n), ("few", n < FEW))}
    out = _dataset(x, variables)
    if groups is None:
        return out
    return out.assign_coords(group=list(groups)).transpose(*("group" if d == "region" else d for d in x.dims))


def _warn_where_even(even: NDArray[np.bool_], groups: Mapping[str, int] | None) -> None:
    """Tell which statistics have no z, as nothing depends on place."""
    if groups is None:
        told = OuheWarning.of("moran.even", count=int(even.sum()), total=even.size)
    else:
        names = (name for name, row in zip(groups, even, strict=True) if row.any())
        told = OuheWarning.of("moran.groups_even", groups=listed(names))
    warnings.warn(told, stacklevel=4)


def _dataset(x: xr.DataArray, variables: dict[Hashable, xr.Variable]) -> xr.Dataset:
    """Variables with all coordinates of `x` that do not depend on the place."""
    coords = {k: v.copy(deep=False) for k, v in x.coords.variables.items() if not set(REGION_DIMS).intersection(v.dims)}
    indexes = {k: i for k, i in x.xindexes.items() if k in coords}
    try:
        # these fit; Dataset() looks whether they do for as long as a small panel takes from its values to its p
        return xr.Dataset._construct_direct({**coords, **variables}, set(coords), indexes=indexes)  # noqa: SLF001
    except (AttributeError, TypeError):
        # not a part of what xarray promises, so it may go
        return xr.Dataset(variables, xr.Coordinates(coords, indexes))
