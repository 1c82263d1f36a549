"""How often regions go from one class to another, and with what probability."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.errors import DataError, OptionError
from ouhe.panel import region_dims

__all__ = ["count", "pairs", "probabilities"]

Ints = NDArray[np.int64]


def pairs(years: NDArray[np.integer], step: int | None = None) -> tuple[Ints, Ints, int]:
    """Places of the years that lie `step` apart, and the step in years.

    Parameters
    ----------
    years
        Years in any order.
    step
        Length of a step in years; the least distance between two years when left out.

    Returns
    -------
    tuple
        Places of the first and of the second year of every pair, by year, and the step.

    Raises
    ------
    OptionError
        `step` is no whole number above 0.
    DataError
        There are fewer than two years, or no two of them lie `step` apart.

    Examples
    --------
    >>> pairs(np.array([2010, 2012, 2014, 2018]))
    (array([0, 1]), array([1, 2]), 2)
    """
    if step is not None and (isinstance(step, bool) or not isinstance(step, int | np.integer) or step < 1):
        raise OptionError.of("transition.step", value=step)
    if len(years) < 2:
        raise DataError.of("transition.one_year", count=len(years))
    width = int(np.diff(np.sort(years)).min()) if step is None else int(step)
    place = {int(y): i for i, y in enumerate(years)}
    found = [(place[y], place[y + width]) for y in sorted(place) if y + width in place]
    if not found:
        first, last = min(place), max(place)
        raise DataError.of("transition.no_pairs", step=width, first=first, last=last, count=len(place))
    starts, ends = np.array(found, dtype=np.int64).T
    return starts, ends, width


def count(
    level: xr.DataArray,
    *,
    classes: int,
    step: int | None = None,
    given: xr.DataArray | None = None,
    conditions: int | None = None,
) -> xr.DataArray:
    r"""Count the moves of regions between classes, for every year in which they start.

    .. math:: n_{kl}(t) = \#\{i: \text{class}_{i,t} = k,\ \text{class}_{i,t+s} = l\}

    Parameters
    ----------
    level
        Classes from 0 ``(region, year, …)``, or ``(y, x, year, …)``; below 0 where there is none.
    classes
        Number of classes; those that hold nobody have rows and columns of 0.
    step
        Years from start to end; the least distance between two years when left out. A year that the data do not
        hold is not bridged.
    given
        Conditions from 0 with the dimensions of `level`, taken in the year of the start; below 0 where there is none.
    conditions
        Number of conditions, where `given` is given; as many as classes when left out.

    Returns
    -------
    xarray.DataArray
        Counts (int64) ``(…, year, from, to)``, ``(…, year, given, from, to)`` with conditions; ``year`` is that of
        the start, the others are numbered from 0. A pair of which one end or the condition is missing is not counted.
        The attribute ``step`` holds the step in years.

    Raises
    ------
    OptionError
        `step` is no whole number above 0.
    DataError
        There are fewer than two years, no two of them lie `step` apart, or a class or condition is none of them.

    References
    ----------
    Rey S. J., "Spatial empirics for economic growth and convergence", Geographical Analysis 33 (2001).

    Examples
    --------
    >>> level = xr.DataArray([[0, 0, 1], [1, 0, -1]], dims=("region", "year"), coords={"year": [2018, 2019, 2020]})
    >>> count(level, classes=2).sum("year").values
    array([[1, 1],
           [1, 0]])
    """
    starts, ends, width = pairs(level["year"].to_numpy(), step)
    size = (conditions or classes) if given is not None else 1
    places = region_dims(level)
    others = [d for d in level.dims if d not in (*places, "year")]
    q = _stacked(level, others, places, classes)
    condition = _stacked(given.transpose(*level.dims), others, places, size) if given is not None else np.zeros_like(q)
    first, last, under = q[..., starts], q[..., ends], condition[..., starts]
    loops, years = q.shape[0], len(starts)
    at = np.arange(loops)[:, None, None] * years + np.arange(years)
    codes = ((at * size + under) * classes + first) * classes + last
    whole = (first >= 0) & (last >= 0) & (under >= 0)
    found = np.bincount(codes[whole], minlength=loops * years * size * classes**2)
    dims = [*others, "year", "given", "from", "to"]
    shape = [*(level.sizes[d] for d in others), years, size, classes, classes]
    coords = {k: c for k, c in level.coords.items() if set(c.dims) <= set(others)}
    coords |= {"year": level["year"].to_numpy()[starts], "given": range(size)}
    coords |= {"from": range(classes), "to": range(classes)}
    counted = xr.DataArray(found.reshape(shape), dims=dims, coords=coords, name="count", attrs={"step": width})
    return counted if given is not None else counted.isel(given=0, drop=True)


def _stacked(level: xr.DataArray, others: list[object], places: tuple[object, ...], classes: int) -> Ints:
    """Classes ``(other, place, year)`` as numbers wide enough to reckon with."""
    values = level.transpose(*others, *places, "year").to_numpy().astype(np.int64)
    if values.size and values.max() >= classes:
        raise DataError.of("transition.class_outside", value=int(values.max()), count=classes)
    loops = int(np.prod([level.sizes[d] for d in others]))
    return values.reshape(loops, -1, level.sizes["year"])


def probabilities(counts: xr.DataArray) -> xr.DataArray:
    r"""Estimate of largest likelihood of the probability of every move.

    .. math:: p_{kl} = n_{kl} \Big/ \sum_m n_{km}

    Parameters
    ----------
    counts
        Counts ``(…, from, to)``.

    Returns
    -------
    xarray.DataArray
        Probabilities ``(…, from, to)``; a row sums to 1, and is missing where no move starts.

    References
    ----------
    Anderson T. W., Goodman L. A., "Statistical inference about Markov chains", Annals of Mathematical Statistics 28
    (1957).

    Examples
    --------
    >>> probabilities(xr.DataArray([[3, 1], [0, 0]], dims=("from", "to"))).values
    array([[0.75, 0.25],
           [ nan,  nan]])
    """
    rows = counts.sum("to")
    return (counts / rows.where(rows > 0)).rename("probability")
