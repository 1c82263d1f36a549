"""Coupling C, development T and coordination D of the indices U of two or more systems, and which system lags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks, moments
from ouhe.errors import DataError, OptionError, Problem
from ouhe.panel import inside, pooled_dims, where

__all__ = ["coordination", "development", "fan", "lagging", "rescale", "standard", "wang"]

Array = NDArray[Any]

#: How far an index may leave its bounds by rounding, also that of float32.
ROUNDING = 1e-6


def standard(u: xr.DataArray) -> xr.DataArray:
    r"""Coupling degree: geometric over arithmetic mean of the indices.

    .. math:: C = \frac{k\,(\prod_s U_s)^{1/k}}{\sum_s U_s}, \quad
              k = 2:\ C = \frac{2\sqrt{U_1 U_2}}{U_1 + U_2}

    Parameters
    ----------
    u
        Indices ``(region, year, system)`` of k ≥ 2 systems, not negative.

    Returns
    -------
    xarray.DataArray
        C ``(region, year)``, dimensionless, in [0, 1]; 0 where all U are 0.

    Raises
    ------
    DataError
        There is one system only, or an index is missing, infinite or negative; cells are named.

    References
    ----------
    Equation 7 of the paper; for k systems as in the R package ``coupling``.

    Examples
    --------
    >>> standard(xr.DataArray([[0.2, 0.8], [0.5, 0.5], [0.0, 0.0]], dims=("region", "system"))).values
    array([0.8, 1. , 0. ])
    """

    def degree(a: Array) -> Array:
        xp, k = blocks.namespace(a), a.shape[0]
        mean = xp.mean(a, axis=0)
        # each ratio lies in [0, k], so the product neither overflows nor vanishes with the size of U
        product: Array = xp.prod(a / xp.where(mean > 0.0, mean, 1.0), axis=0)
        return _at_most_one(xp.sqrt(product) if k == 2 else product ** (1.0 / k))

    return _coupling(degree, u, most=np.inf)


def wang(u: xr.DataArray) -> xr.DataArray:
    r"""Coupling degree corrected by Wang: spreads over [0, 1] where :func:`standard` crowds near 1.

    .. math:: C = \sqrt{\left[1 - \frac{\sum_{i<j} |U_i - U_j|}{k(k-1)/2}\right]
              \prod_i \left(\frac{U_i}{\max U}\right)^{1/(k-1)}}

    Parameters
    ----------
    u
        Indices ``(region, year, system)`` of k ≥ 2 systems, in [0, 1].

    Returns
    -------
    xarray.DataArray
        C ``(region, year)``, dimensionless, in [0, 1]; 0 where all U are 0.

    Raises
    ------
    DataError
        There is one system only, or an index is missing or outside [0, 1]; cells are named.

    References
    ----------
    Wang S., Kong W., Ren L., Zhi D., Dai B., "Research on misuses and modification of coupling coordination degree
    model in China", Journal of Natural Resources 36 (2021).

    Examples
    --------
    >>> wang(xr.DataArray([[0.2, 0.8], [0.5, 0.5], [0.0, 0.0]], dims=("region", "system"))).values.round(4)
    array([0.3162, 1.    , 0.    ])
    """

    def degree(a: Array) -> Array:
        xp, k = blocks.namespace(a), a.shape[0]
        rising = xp.sort(a, axis=0)
        # in rising order each value is larger than `i` others and smaller than the rest
        gaps = _weighted(rising, [2.0 * i - (k - 1) for i in range(k)])
        top = xp.where(rising[-1, ...] > 0.0, rising[-1, ...], 1.0)
        likeness = xp.prod(rising / top, axis=0) ** (1.0 / (k - 1))
        degrees: Array = xp.sqrt(xp.clip((1.0 - gaps / (k * (k - 1) / 2)) * likeness, 0.0, 1.0))
        return degrees

    return _coupling(degree, u, most=1.0)


def fan(u: xr.DataArray) -> xr.DataArray:
    r"""Coupling degree by the spread of the indices.

    .. math:: C = 1 - 2\,\mathrm{sd}(U)

    with the population standard deviation, for two systems C = 1 − \|U₁ − U₂\|.

    Parameters
    ----------
    u
        Indices ``(region, year, system)`` of k ≥ 2 systems, in [0, 1].

    Returns
    -------
    xarray.DataArray
        C ``(region, year)``, dimensionless, in [0, 1]; 0 where all U are 0.

    Raises
    ------
    DataError
        There is one system only, or an index is missing or outside [0, 1]; cells are named.

    References
    ----------
    The R package ``coupling``, which calls it Fan's.

    Examples
    --------
    >>> fan(xr.DataArray([[0.2, 0.8], [0.5, 0.5], [0.0, 0.0]], dims=("region", "system"))).values.round(4)
    array([0.4, 1. , 0. ])
    """

    def degree(a: Array) -> Array:
        xp = blocks.namespace(a)
        degrees: Array = xp.clip(1.0 - 2.0 * xp.std(a, axis=0), 0.0, 1.0)
        return degrees

    return _coupling(degree, u, most=1.0)


def development(u: xr.DataArray, *, contribution: Mapping[str, float] | None = None) -> xr.DataArray:
    r"""Comprehensive development: weighted mean of the indices.

    .. math:: T = \sum_s a_s U_s, \quad \sum_s a_s = 1

    Parameters
    ----------
    u
        Indices ``(region, year, system)``.
    contribution
        a of every system, by its name; equal when left out.

    Returns
    -------
    xarray.DataArray
        T ``(region, year)``, dimensionless.

    Raises
    ------
    OptionError
        A system has no contribution, a contribution has no system or is negative, or they do not sum to 1 within
        1e-6; all are told.

    References
    ----------
    Equation 9 of the paper.

    Examples
    --------
    >>> u = xr.DataArray([[0.2, 0.8]], dims=("region", "system"), coords={"system": ["science", "industry"]})
    >>> development(u).values, development(u, contribution={"science": 0.75, "industry": 0.25}).values
    (array([0.5]), array([0.35]))
    """
    if contribution is None:
        return _over_systems(_plain_mean, u, "T")
    names = [str(s) for s in u["system"].values]
    problems = [Problem("compute.no_contribution", params={"system": s}) for s in names if s not in contribution]
    problems += [
        Problem("compute.contribution_of_nothing", params={"system": s}) for s in contribution if s not in names
    ]
    problems += [
        Problem("compute.contribution_negative", params={"system": s, "value": a})
        for s, a in contribution.items()
        if not 0.0 <= a <= 1.0
    ]
    total = sum(contribution.values())
    if not problems and abs(total - 1.0) > 1e-6:
        problems = [Problem("compute.contribution_sum", params={"sum": total})]
    if problems:
        raise OptionError(*problems)
    shares = [contribution[s] / total for s in names]

    def weighted(a: Array, *, out: Array) -> None:
        out[...] = _weighted(a, shares)

    return _over_systems(weighted, u, "T")


def coordination(C: xr.DataArray, T: xr.DataArray) -> xr.DataArray:
    r"""Coupling coordination degree.

    .. math:: D = \sqrt{C\,T}

    Parameters
    ----------
    C
        Coupling ``(region, year)``, from :func:`standard`, :func:`wang` or :func:`fan`.
    T
        Development ``(region, year)``.

    Returns
    -------
    xarray.DataArray
        D ``(region, year)``, dimensionless, in [0, 1].

    References
    ----------
    Equation 10 of the paper.

    Examples
    --------
    >>> coordination(xr.DataArray([0.8], dims="region"), xr.DataArray([0.5], dims="region")).values.round(4)
    array([0.6325])
    """
    C, T = xr.align(C, T, join="exact", copy=False)

    def degree(c: Array, t: Array, *, out: Array) -> None:
        xp = blocks.namespace(c)
        product = c * t
        # an index of 0 that rounding left a hair below is 0; what is truly negative stays NaN
        out[...] = xp.sqrt(xp.where((product < 0.0) & (product > -ROUNDING), 0.0, product))

    return blocks.labelled(blocks.cells(degree, C.variable, T.variable), C, T, name="D")


def rescale(u: xr.DataArray, *, low: float = 0.01, high: float = 0.99) -> xr.DataArray:
    r"""Stretch every index over the whole panel, as some software does before coupling; it moves D by 0.1 and more.

    .. math:: U' = \text{low} + (\text{high} - \text{low}) \frac{U - \min U}{\max U - \min U}

    Parameters
    ----------
    u
        Indices ``(region, year, system)``.
    low, high
        Where the smallest and the largest index of each system come to lie.

    Returns
    -------
    xarray.DataArray
        Indices with the dimensions of `u`.

    Raises
    ------
    OptionError
        `low` is not below `high`.
    DataError
        An index is missing or infinite, or the index of a system never varies; all are named.

    Examples
    --------
    >>> rescale(xr.DataArray([[0.2], [0.3], [0.4]], dims=("region", "system"))).values.ravel().round(2)
    array([0.01, 0.5 , 0.99])
    """
    if not low < high:
        raise OptionError.of("compute.rescale_bounds", low=low, high=high)
    least, most = moments.finite_extremes(u, pooled_dims(u))
    same = moments.never_varies(u, least, most)
    if same.any():
        raise DataError(*moments.refused(u, least, same, "compute.never_varies"))

    def stretched(a: Array, b: Array, c: Array, *, out: Array) -> None:
        out[...] = low + (high - low) * ((a - b) / (c - b))

    return u.copy(deep=False, data=blocks.cells(stretched, u.variable, least, most).data)


def lagging(u: xr.DataArray, *, in_step: float = 0.01) -> xr.DataArray:
    """System that lags: the one with the smallest index.

    Parameters
    ----------
    u
        Indices ``(region, year, system)``.
    in_step
        Largest difference between the highest and the lowest index at which the systems count as in step.

    Returns
    -------
    xarray.DataArray
        Place of the system along ``system`` (int16) ``(region, year)``; −1 where the systems are in step, −2 outside a
        raster's study.

    Examples
    --------
    >>> lagging(xr.DataArray([[0.2, 0.8], [0.7, 0.5], [0.50, 0.51]], dims=("region", "system"))).values
    array([ 0,  1, -1], dtype=int16)
    """

    def lag(a: Array, *, out: Array) -> None:
        xp = blocks.namespace(a)
        # 0.31 − 0.30 is a little more than 0.01 in binary
        together = xp.max(a, axis=0) - xp.min(a, axis=0) <= in_step + 1e-12
        out[...] = xp.astype(xp.where(together, -1, xp.argmin(a, axis=0)), out.dtype)

    return _over_systems(lag, u, "lag", dtype=np.dtype(np.int16), outside=-2)


def _over_systems(
    function: blocks.Kernel,
    u: xr.DataArray,
    name: str,
    *,
    dtype: np.dtype[Any] | None = None,
    outside: float = np.nan,
) -> xr.DataArray:
    """Apply a function of all systems at once; what stands outside a raster's study becomes `outside`."""
    mask = inside(u)
    if mask is None:
        return blocks.labelled(blocks.along("system", function, u.variable, dtype=dtype), u, name=name)

    def counted(a: Array, counts: Array, *, out: Array) -> None:
        xp = blocks.namespace(a)
        function(xp.where(counts, a, 0.0), out=out)
        out[...] = xp.where(counts[0, ...], out, outside)

    return blocks.labelled(blocks.along("system", counted, u.variable, mask, dtype=dtype), u, name=name)


def _plain_mean(a: Array, *, out: Array) -> None:
    """Mean of the systems."""
    out[...] = blocks.namespace(a).mean(a, axis=0)


def _weighted(a: Array, shares: Sequence[float]) -> Array:
    """Sum over the systems, each times its share."""
    total: Array = a[0, ...] * shares[0]
    for number, share in enumerate(shares[1:], start=1):
        total += a[number, ...] * share
    return total


def _at_most_one(a: Array) -> Array:
    """Values of which rounding lifted none above 1."""
    bounded: Array = blocks.namespace(a).clip(a, max=1.0)
    return bounded


def _coupling(degree: blocks.Function, u: xr.DataArray, *, most: float) -> xr.DataArray:
    """Coupling by `degree`, 0 where all indices are 0, once every index lies in [0, `most`]."""
    if u.sizes["system"] < 2:
        raise DataError.of("compute.one_system")

    key = "compute.index_outside" if np.isfinite(most) else "compute.index_negative"

    def checked(a: Array, *, out: Array) -> None:
        xp = blocks.namespace(a)
        least, largest = (float(xp.min(a)), float(xp.max(a))) if 0 not in a.shape else (0.0, 0.0)
        if not (least >= -ROUNDING and largest <= most + ROUNDING and largest < np.inf):
            raise DataError.of(key, at="U", value=least if least < 0.0 else largest, bound=most)
        bounded = xp.clip(a, 0.0, most) if least < 0.0 or largest > most else a
        out[...] = xp.where(xp.max(bounded, axis=0) > 0.0, degree(bounded), 0.0)

    try:
        return _over_systems(checked, u, "C")
    except DataError:
        # a block does not know its labels
        right = (u >= -ROUNDING) & (u <= most + ROUNDING) & (u < np.inf)
        raise DataError(*where(u, ~right, key, bound=most)) from None
