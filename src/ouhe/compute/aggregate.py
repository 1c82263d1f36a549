"""Bring the weighted indicators of each system together in one index U."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks, moments, systems
from ouhe.errors import DataError, OuheWarning
from ouhe.panel import NonNegative, inside, pooled_dims, where

__all__ = ["dimensions", "geometric", "linear", "shares", "topsis"]

Array = NDArray[Any]

#: Share of an offset that rounding may leave when it is taken off again.
ROUNDING = 64 * float(np.finfo(np.float64).eps)


def linear(y: xr.DataArray, w: xr.DataArray) -> xr.DataArray:
    r"""Weighted sum of the indicators of each system.

    .. math:: U = \sum_j w_j y_j

    Parameters
    ----------
    y
        Normalised values ``(region, year, indicator)``, with the coordinate ``system_of`` (one system without it).
    w
        Weights of the same indicators; a further dimension, such as ``draw``, is carried along.

    Returns
    -------
    xarray.DataArray
        Index ``(region, year, system)``, dimensionless, in [0, 1] for y in [0, 1]; systems in order of appearance.

    References
    ----------
    Equations 6 and 8 of the paper, with the sum over w·y that its reported levels fit (see :func:`shares`).

    Examples
    --------
    >>> y = xr.DataArray([[0.0, 1.0], [1.0, 0.5]], dims=("region", "indicator"))
    >>> linear(y, xr.DataArray([0.25, 0.75], dims="indicator")).values.ravel()
    array([0.75 , 0.625])
    """
    return _to_systems(blocks.products, y, w)


def geometric(y: xr.DataArray, w: xr.DataArray, *, offset: NonNegative = 0.0) -> xr.DataArray:
    r"""Weighted geometric mean of the indicators of each system: a low value is made up for only in part.

    .. math:: U = \prod_j (y_j + \text{offset})^{w_j} - \text{offset}

    Parameters
    ----------
    y, w
        As in :func:`linear`; y not negative.
    offset
        Number added to every y, needed where one is 0; it is taken off again, so that U stays in [0, 1].

    Returns
    -------
    xarray.DataArray
        Index ``(region, year, system)``, dimensionless.

    Raises
    ------
    DataError
        A value plus `offset` is zero or negative; cells are named.

    Examples
    --------
    >>> y = xr.DataArray([[0.25, 1.0], [1.0, 1.0]], dims=("region", "indicator"))
    >>> geometric(y, xr.DataArray([0.5, 0.5], dims="indicator")).values.ravel()
    array([0.5, 1. ])
    """
    low, _ = moments.finite_extremes(y, pooled_dims(y))
    if (low + offset <= 0.0).any():
        raise DataError(*where(y, y + offset <= 0.0, "compute.not_positive"))

    def mean(a: Array, b: Array) -> Array:
        xp = blocks.namespace(a)
        product: Array = xp.exp(blocks.products(xp.log(a + offset), b)) - offset
        # what is left of the offset by rounding is no index, and roots of it would be large
        index: Array = xp.where(xp.abs(product) <= ROUNDING * offset, 0.0, product)
        return index

    return _to_systems(mean, y, w)


def topsis(y: xr.DataArray, w: xr.DataArray) -> xr.DataArray:
    r"""Closeness to the best values of the panel, by Euclidean distances (TOPSIS).

    .. math:: U = \frac{d^-}{d^+ + d^-}, \quad d^\pm = \sqrt{\sum_j w_j^2 (y_j - y_j^\pm)^2}

    with the largest (+) and smallest (−) value of each indicator over all regions and years.

    Parameters
    ----------
    y, w
        As in :func:`linear`.

    Returns
    -------
    xarray.DataArray
        Closeness ``(region, year, system)``, dimensionless, in [0, 1].

    Raises
    ------
    DataError
        Cells are missing or infinite, or an indicator never varies; all are named.

    References
    ----------
    C.-L. Hwang, K. Yoon, "Multiple Attribute Decision Making", 1981.

    Examples
    --------
    >>> y = xr.DataArray([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]], dims=("region", "indicator"))
    >>> topsis(y, xr.DataArray([0.5, 0.5], dims="indicator")).values.ravel()
    array([0. , 1. , 0.5])
    """
    low, high = moments.finite_extremes(y, pooled_dims(y))
    same = moments.never_varies(y, low, high)
    if same.any():
        raise DataError(*moments.refused(y, low, same, "compute.never_varies"))

    def closeness(a: Array, b: Array, worst: Array, best: Array) -> Array:
        xp = blocks.namespace(a)
        near: Array = xp.sqrt(blocks.products((a - worst) ** 2, b**2))
        far: Array = xp.sqrt(blocks.products((a - best) ** 2, b**2))
        closest: Array = near / (near + far)
        return closest

    return _to_systems(closeness, y, w, low, high)


def shares(y: xr.DataArray, w: xr.DataArray) -> xr.DataArray:
    r"""Weighted sum of shares, as equation 6 is printed; its level depends on the number of cells, hence a warning.

    .. math:: U = \sum_j w_j p_j, \quad p_j = y_j / \sum_t \sum_i y_j

    Parameters
    ----------
    y, w
        As in :func:`linear`; y not negative.

    Returns
    -------
    xarray.DataArray
        Index ``(region, year, system)``, dimensionless; its mean over the panel is exactly 1/(nT).

    Raises
    ------
    DataError
        Cells are missing or infinite, or an indicator is zero everywhere; all are named.

    Warns
    -----
    OuheWarning
        Always: the levels the paper reports fit :func:`linear` only.

    References
    ----------
    Equation 6 of the paper as printed.

    Examples
    --------
    >>> import warnings
    >>> y = xr.DataArray([[1.0, 0.5], [3.0, 0.5]], dims=("region", "indicator"))
    >>> with warnings.catch_warnings(action="ignore"):
    ...     shares(y, xr.DataArray([0.5, 0.5], dims="indicator")).values.ravel()
    array([0.375, 0.625])
    """
    low, _ = moments.finite_extremes(y, pooled_dims(y))
    if (low < 0).any():
        raise DataError(*moments.refused(y, low, low < 0, "compute.negative_shares"))
    (total,) = blocks.sums(y.variable, pooled_dims(y), None, inside=inside(y))
    if (total == 0.0).any():
        raise DataError(*moments.refused(y, total, total == 0.0, "compute.all_zero"))
    warnings.warn(OuheWarning.of("compute.printed_shares"), stacklevel=2)
    return linear(y, w / blocks.labelled(total, y))


def dimensions(y: xr.DataArray, w: xr.DataArray) -> xr.DataArray:
    r"""What each dimension of the indicator tree adds to the index of its system.

    .. math:: U_d = \sum_{j \in d} w_j y_j

    Parameters
    ----------
    y
        Normalised values, as in :func:`linear`, with the coordinate ``dimension_of`` (the system without it).
    w
        As in :func:`linear`.

    Returns
    -------
    xarray.DataArray
        Contributions ``(region, year, dimension)``, dimensionless; over the dimensions of a system they sum to
        :func:`linear`. A name that two systems share is told apart as ``"system > name"`` along ``dimension``; the
        coordinates ``system_of`` and ``dimension_name`` hold both as they are.

    Examples
    --------
    >>> y = xr.DataArray([[0.5, 1.0]], dims=("region", "indicator"), coords={"dimension_of": ("indicator", ["a", "b"])})
    >>> dimensions(y, xr.DataArray([0.5, 0.5], dims="indicator")).values.ravel()
    array([0.25, 0.5 ])
    """
    system = systems.of_indicators(y)
    named = y["dimension_of"].values.astype(str) if "dimension_of" in y.coords else system
    pairs = list(zip(system.tolist(), named.tolist(), strict=True))
    nodes = list(dict.fromkeys(pairs))
    names = [d for _, d in nodes]
    labels = [f"{s} > {d}" if names.count(d) > 1 else d for s, d in nodes]
    new: dict[Hashable, Any] = {
        "dimension": np.array(labels),
        "system_of": ("dimension", np.array([s for s, _ in nodes])),
        "dimension_name": ("dimension", np.array(names)),
    }
    return _grouped(blocks.products, [nodes.index(p) for p in pairs], "dimension", y, w, new=new, name="contribution")


def _to_systems(function: blocks.Function, y: xr.DataArray, w: xr.DataArray, *given: xr.Variable) -> xr.DataArray:
    """Apply `function` to the indicators of each system."""
    names = systems.names(y)
    group = [names.index(s) for s in systems.of_indicators(y)]
    return _grouped(function, group, "system", y, w, *given, new={"system": np.array(names)}, name="index")


def _grouped(
    function: blocks.Function,
    group: list[int],
    dim: str,
    y: xr.DataArray,
    w: xr.DataArray,
    *given: xr.Variable,
    new: Mapping[Hashable, Any],
    name: str,
) -> xr.DataArray:
    """Apply `function` to each group of indicators; `group` says which one an indicator belongs to."""
    y, w = xr.align(y, w, join="exact", copy=False)
    members = [_run_of([i for i, g in enumerate(group) if g == number]) for number in range(max(group) + 1)]

    def work(*arrays: Array, out: Array) -> None:
        for number, m in enumerate(members):
            out[number, ...] = function(*(blocks.taken(a, m) for a in arrays))

    # a number a system, so the digits of float64 cost little
    kind = np.dtype(np.float64)
    out = blocks.along("indicator", work, y.variable, w.variable, *given, to=dim, size=len(members), dtype=kind)
    return blocks.labelled(out.transpose(*(d for d in y.dims if d != "indicator"), ..., dim), y, w, name=name, new=new)


def _run_of(places: list[int]) -> slice | list[int]:
    """Slice for places that follow one another, so that nothing is copied; otherwise the places."""
    whole = places == list(range(places[0], places[-1] + 1))
    return slice(places[0], places[-1] + 1) if whole else places
