"""Put the coordination degree into classes, count the regions in them and follow moves between them."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks
from ouhe.errors import DataError, OptionError, listed
from ouhe.panel import cell_count, inside, region_dims, where

__all__ = ["classify", "counts", "moves", "shares"]

Array = NDArray[Any]

#: How far a degree may leave [0, last bound] by rounding, also that of float32.
ROUNDING = 1e-6


def classify(d: xr.DataArray, *, upper: Sequence[float]) -> xr.DataArray:
    r"""Class of each value: intervals open below and closed above; the lowest holds 0 too.

    .. math:: \text{class} = \min\{i: D \le \text{upper}_i\}

    Parameters
    ----------
    d
        Coordination degrees, of any dimensions, in [0, last of `upper`].
    upper
        Upper bounds of the classes, rising, above 0.

    Returns
    -------
    xarray.DataArray
        Place of the class in `upper`, from 0 (int16), with the dimensions of `d`; −1 outside a raster's study.

    Raises
    ------
    OptionError
        The bounds do not rise or are not above 0.
    DataError
        A value is missing, negative or above the last bound; cells are named.

    References
    ----------
    Table 3 of the paper.

    Examples
    --------
    >>> d = xr.DataArray([0.0, 0.2, 0.21, 1.0], dims="region")
    >>> classify(d, upper=[0.2, 0.5, 1.0]).values
    array([0, 0, 1, 2], dtype=int16)
    """
    bounds = np.asarray(upper, dtype=float)
    if not (bounds.size and bounds[0] > 0.0 and (np.diff(bounds) > 0.0).all() and np.isfinite(bounds).all()):
        raise OptionError.of("compute.bounds", bounds=listed(f"{b:g}" for b in bounds))
    last = float(bounds[-1])

    def codes(a: Array, *, out: Array) -> None:
        xp = blocks.namespace(a)
        if not xp.all((a >= -ROUNDING) & (a <= last + ROUNDING)):
            raise DataError.of("compute.degree_outside", at="D", value=float(xp.max(a)), bound=last)
        out[...] = 0
        for bound in bounds[:-1].tolist():
            out += xp.astype(a > bound, out.dtype)

    def counted(a: Array, counts: Array, *, out: Array) -> None:
        xp = blocks.namespace(a)
        codes(xp.where(counts, a, 0.0), out=out)
        out[...] = xp.where(counts, out, -1)

    mask, kind = inside(d), np.dtype(np.int16)
    try:
        if mask is None:
            found = blocks.cells(codes, d.variable, dtype=kind)
        else:
            found = blocks.cells(counted, d.variable, mask, dtype=kind)
        return d.copy(deep=False, data=found.data).rename("class")
    except DataError:
        # a block does not know its labels
        right = (d >= -ROUNDING) & (d <= last + ROUNDING)
        raise DataError(*where(d, ~right, "compute.degree_outside", bound=last)) from None


def counts(level: xr.DataArray, *, classes: int) -> xr.DataArray:
    r"""Number of regions in each class.

    .. math:: n_k = \#\{i: \text{class}_i = k\}

    Parameters
    ----------
    level
        Classes of the regions ``(region, year, …)``, or ``(y, x, …)``, from 0, as :func:`classify` gives them. Of a
        raster, the cells outside its study are not counted; chunks are counted one by one.
    classes
        Number of classes.

    Returns
    -------
    xarray.DataArray
        Counts (int64) ``(class, year, …)``, ``class`` from 0, with those that hold no region; a column sums to the
        number of regions.

    Raises
    ------
    OptionError
        `classes` is not a whole number of 1 or more.
    DataError
        A class is none of 0 … classes − 1; cells are named.

    Examples
    --------
    >>> level = xr.DataArray([[0, 2], [0, 0], [2, 2]], dims=("region", "year"))
    >>> counts(level, classes=3).values
    array([[2, 1],
           [0, 0],
           [1, 2]])
    """
    _check_size(classes)
    return _tallied(level, [level.variable], classes, ("class",)).rename("count")


def shares(level: xr.DataArray, *, classes: int) -> xr.DataArray:
    r"""Share of the regions in each class.

    .. math:: n_k / n

    Parameters
    ----------
    level, classes
        As in :func:`counts`.

    Returns
    -------
    xarray.DataArray
        Shares ``(class, year, …)``; a column sums to 1.

    Raises
    ------
    OptionError, DataError
        As in :func:`counts`.

    Examples
    --------
    >>> shares(xr.DataArray([0, 0, 2, 2], dims="region"), classes=3).values
    array([0.5, 0. , 0.5])
    """
    return (counts(level, classes=classes) / cell_count(level, region_dims(level))).rename("share")


def moves(level: xr.DataArray, *, classes: int) -> xr.DataArray:
    r"""Number of regions by their class in the first and in the last year.

    .. math:: n_{kl} = \#\{i: \text{class}_{i,\text{first}} = k,\ \text{class}_{i,\text{last}} = l\}

    Parameters
    ----------
    level
        Classes ``(region, year, …)``, or ``(y, x, year, …)``, from 0, the years labelled.
    classes
        Number of classes.

    Returns
    -------
    xarray.DataArray
        Counts (int64) ``(first_class, last_class, …)``, both from 0: its diagonal holds the regions that stayed,
        beyond it, where the last class is above the first, those that rose.

    Raises
    ------
    OptionError, DataError
        As in :func:`counts`; or there are fewer than two years.

    Examples
    --------
    >>> level = xr.DataArray([[0, 1], [0, 0], [1, 1]], dims=("region", "year"), coords={"year": [2010, 2022]})
    >>> moves(level, classes=2).values
    array([[1, 1],
           [0, 1]])
    """
    _check_size(classes)
    years = level["year"].values
    if len(years) < 2:
        raise DataError.of("density.two_years")
    ends = [level.variable.isel(year=int(i)) for i in (years.argmin(), years.argmax())]
    return _tallied(level, ends, classes, ("first_class", "last_class")).rename("count")


def _check_size(classes: object) -> None:
    """Refuse a number of classes that is none."""
    if isinstance(classes, bool) or not isinstance(classes, int | np.integer) or classes < 1:
        raise OptionError.of("density.class_count", value=classes)


def _tallied(level: xr.DataArray, parts: Sequence[xr.Variable], classes: int, dims: Sequence[str]) -> xr.DataArray:
    """How many regions have each class, or each combination of the classes in several parts, along `dims`."""
    places, mask = region_dims(level), inside(level)
    kept = [d for d in parts[0].dims if d not in places]
    size = classes ** len(parts)
    found = np.zeros((*(parts[0].sizes[d] for d in kept), size), dtype=np.int64)
    tally = partial(_tally, kept=kept, places=places, classes=classes, masked=mask is not None)
    beside = [*parts[1:], *([] if mask is None else [mask])]
    for window, (numbers, wrong) in blocks.pieces(tally, parts[0], *beside, step="count", placed=True):
        if wrong:
            wrongly = ~level.isin(range(classes))
            raise DataError(*where(level, wrongly, "density.class_outside", count=classes))
        found[tuple(window[d] for d in kept)] += numbers
    counted = xr.Variable((*kept, *dims), found.reshape(*found.shape[:-1], *([classes] * len(dims))))
    return blocks.labelled(counted.transpose(*dims, ...), level, new={d: range(classes) for d in dims})


def _tally(
    part: xr.Variable,
    *given: xr.Variable,
    kept: Sequence[Hashable],
    places: Sequence[Hashable],
    classes: int,
    masked: bool,
) -> tuple[Array, Array]:
    """Counts ``(…, combination)`` in a chunk, and whether a class there is none."""
    others, mask = (given[:-1], given[-1].transpose(*places).values) if masked else (given, None)
    codes: Array = np.zeros((), np.int64)
    for v in (part, *others):
        # as it lies in memory, where no cell is left out
        values = v.transpose(*part.dims).values if mask is None else v.transpose(*kept, *places).values[..., mask]
        if values.size and not (values.min() >= 0 and values.max() < classes):  # nor where one is missing
            return np.zeros(0, np.int64), np.ones((), bool)
        if np.issubdtype(values.dtype, np.floating) and not (values == np.floor(values)).all():
            return np.zeros(0, np.int64), np.ones((), bool)
        codes = codes * classes + values if others else values
    dims = part.dims if mask is None else (*kept, "cell")
    # every row has numbers of its own, so that one count serves all
    size, number = classes ** (1 + len(others)), math.prod(part.sizes[d] for d in kept)
    offsets = size * np.arange(number).reshape([part.sizes[d] if d in kept else 1 for d in dims])
    found = np.bincount((codes + offsets).astype(np.int64, copy=False).ravel("K"), minlength=size * number)
    return found.reshape(*(part.sizes[d] for d in kept), size), np.zeros((), bool)
