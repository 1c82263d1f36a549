"""Bring indicators of different units and directions to one scale: y from x, larger always better."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Annotated, Any, Literal

import numpy as np
import xarray as xr
from annotated_types import Interval
from numpy.typing import NDArray

from ouhe import blocks, moments, quantiles
from ouhe.errors import DataError, OptionError, Problem
from ouhe.panel import NonNegative, inside, pooled_dims, region_dims, where

__all__ = ["Over", "Tail", "constant", "goalposts", "minmax", "vector", "zscore"]

#: What an indicator is compared with: all regions and years, or the regions of the same year.
Over = Literal["panel", "year"]

#: Share of the values at each end.
Tail = Annotated[float, Interval(ge=0, lt=0.5)]

Array = NDArray[Any]


def minmax(
    x: xr.DataArray, *, over: Over = "panel", range_offset: NonNegative = 0.0, winsorise: Tail = 0.0
) -> xr.DataArray:
    r"""Min-max normalisation, negative indicators reversed.

    .. math:: y = \frac{x - \min x}{\max x - \min x} \quad\text{or, negative,}\quad
              y = \frac{\max x - x}{\max x - \min x}

    Parameters
    ----------
    x
        Raw values ``(region, year, indicator)``, or a raster ``(y, x, year, indicator)``, in the indicators' units.
        The coordinate ``direction`` says ``"positive"`` or ``"negative"``; without it all are positive.
    over
        Take the extremes over all regions and years (``"panel"``) or over the regions of each year (``"year"``).
    range_offset
        Number added to the range; some authors add 1e-9.
    winsorise
        Share p of an indicator's values at each end, 0 ≤ p < 0.5, that are taken as the quantile of p or of 1 − p of
        the values it is compared with (:func:`ouhe.quantiles.exact`) before anything else.

    Returns
    -------
    xarray.DataArray
        Dimensionless, in [0, 1], with the dimensions and coordinates of `x`; where values were winsorised, the
        coordinate ``winsorised`` is their number for each indicator.

    Raises
    ------
    OptionError
        `winsorise` is no such share.
    DataError
        A value is missing or infinite, or an indicator never varies, be it but for what was winsorised; all are named.

    References
    ----------
    Equations 1 and 2 of the paper.

    Examples
    --------
    >>> x = xr.DataArray(
    ...     [[1.0, 5.0], [3.0, 4.0], [2.0, 1.0]],
    ...     dims=("region", "indicator"),
    ...     coords={"indicator": ["gdp", "waste"], "direction": ("indicator", ["positive", "negative"])},
    ... )
    >>> minmax(x).values
    array([[0.  , 0.  ],
           [1.  , 0.25],
           [0.5 , 1.  ]])
    """
    x, low, high = _pooled(x, over, winsorise)
    better = _sign(x)
    y = blocks.affine(x.variable, _worst(low, high, better), (high - low + range_offset) * better)
    return x.copy(deep=False, data=y.data)


def zscore(
    x: xr.DataArray, *, over: Over = "panel", ddof: int = 1, shift: float = 0.0, winsorise: Tail = 0.0
) -> xr.DataArray:
    r"""Z-score, negative indicators with the sign turned.

    .. math:: y = \pm\frac{x - \bar x}{s} + \text{shift}

    Parameters
    ----------
    x
        Raw values, as in :func:`minmax`.
    over
        As in :func:`minmax`.
    ddof
        1 for the sample standard deviation, 0 for the population's.
    shift
        Number added to every result. Entropy weights need one that leaves no negative value.
    winsorise
        As in :func:`minmax`.

    Returns
    -------
    xarray.DataArray
        Dimensionless, mean `shift`, with the dimensions and coordinates of `x`, and ``winsorised`` as :func:`minmax`
        has it.

    Raises
    ------
    OptionError, DataError
        As in :func:`minmax`.

    Examples
    --------
    >>> x = xr.DataArray([[1.0], [2.0], [3.0]], dims=("region", "indicator"))
    >>> zscore(x).values.ravel()
    array([-1.,  0.,  1.])
    """
    x, _, _ = _pooled(x, over, winsorise)
    mean, deviation = moments.mean_and_deviation(x, _pool(x, over), ddof=ddof)

    def standing(a: Array, m: Array, s: Array, *, out: Array) -> None:
        t = a - m
        t /= s
        t += shift
        out[...] = t

    return _each(standing, x, mean, deviation * _sign(x))


def goalposts(
    x: xr.DataArray, *, low: Mapping[str, float], high: Mapping[str, float], clip: bool = False
) -> xr.DataArray:
    r"""Place between two fixed goalposts, negative indicators reversed.

    .. math:: y = \frac{x - \text{low}}{\text{high} - \text{low}} \quad\text{or, negative,}\quad
              y = \frac{\text{high} - x}{\text{high} - \text{low}}

    Parameters
    ----------
    x
        Raw values, as in :func:`minmax`.
    low, high
        Smallest and largest possible value of every indicator, by its id, in its unit.
    clip
        Take a value outside as the nearest goalpost instead of refusing it.

    Returns
    -------
    xarray.DataArray
        Dimensionless, in [0, 1], with the dimensions and coordinates of `x`.

    Raises
    ------
    OptionError
        An indicator has no goalposts, or the lower is not below the upper.
    DataError
        A value is missing or infinite, or outside its goalposts without `clip`.

    References
    ----------
    The dimension indices of the Human Development Index (UNDP, technical note 1).

    Examples
    --------
    >>> x = xr.DataArray([[65.0]], dims=("region", "indicator"), coords={"indicator": ["life"]})
    >>> goalposts(x, low={"life": 20.0}, high={"life": 85.0}).values.round(4)
    array([[0.6923]])
    """
    ids = _ids(x)
    problems = [Problem("compute.no_goalpost", params={"indicator": i}) for i in ids if i not in low or i not in high]
    problems += [
        Problem("compute.goalposts_crossed", params={"indicator": i, "low": low[i], "high": high[i]})
        for i in ids
        if i in low and i in high and not low[i] < high[i]
    ]
    if problems:
        raise OptionError(*problems)
    least, most = (xr.Variable("indicator", [float(posts[i]) for i in ids]) for posts in (low, high))
    _inside(x, least, most, clip=clip)
    better = _sign(x)
    y = blocks.affine(x.variable, _worst(least, most, better), (most - least) * better)
    placed = x.copy(deep=False, data=y.data)
    return _each(_within_unit, placed) if clip else placed


def vector(x: xr.DataArray, *, over: Over = "panel", winsorise: Tail = 0.0) -> xr.DataArray:
    r"""Vector normalisation: share of the Euclidean length, one minus it for a negative indicator.

    .. math:: y = \frac{x}{\sqrt{\sum x^2}} \quad\text{or, negative,}\quad y = 1 - \frac{x}{\sqrt{\sum x^2}}

    Parameters
    ----------
    x
        Raw values, as in :func:`minmax`.
    over, winsorise
        As in :func:`minmax`.

    Returns
    -------
    xarray.DataArray
        Dimensionless, in [0, 1] for values that are not negative, with the dimensions and coordinates of `x`, and
        ``winsorised`` as :func:`minmax` has it.

    Raises
    ------
    OptionError, DataError
        As in :func:`minmax`.

    Examples
    --------
    >>> x = xr.DataArray([[3.0], [4.0]], dims=("region", "indicator"))
    >>> vector(x).values.ravel()
    array([0.6, 0.8])
    """
    x, low, high = _pooled(x, over, winsorise)
    # a varying indicator has a value other than 0, so the scale is positive
    largest = moments.largest(low, high)
    (squares,) = blocks.sums(x.variable, _pool(x, over), lambda a, s: (a / s) ** 2, given=[largest], inside=inside(x))
    length = largest * squares**0.5
    better = _sign(x)

    def share(a: Array, s: Array, start: Array, *, out: Array) -> None:
        out[...] = start + a / s

    return _each(share, x, length * better, (better < 0).astype(float))


def constant(x: xr.DataArray, *, over: Over = "panel") -> list[str]:
    """Find the indicators that never vary.

    Parameters
    ----------
    x
        Raw values, as in :func:`minmax`.
    over
        ``"panel"``: over all regions and years; ``"year"``: over the regions of at least one year.

    Returns
    -------
    list of str
        Their ids, in order. A difference within the rounding of the values' type is none.

    Raises
    ------
    DataError
        A value is missing or infinite.

    Examples
    --------
    >>> x = xr.DataArray([[1.0, 7.0], [2.0, 7.0]], dims=("region", "indicator"), coords={"indicator": ["a", "b"]})
    >>> constant(x)
    ['b']
    """
    same = moments.never_varies(x, *moments.finite_extremes(x, _pool(x, over)))
    same = same.any([d for d in same.dims if d != "indicator"])
    return [i for i, s in zip(_ids(x), same.values, strict=True) if s]


def _within_unit(a: Array, *, out: Array) -> None:
    """Take what lies outside [0, 1] as the nearer end."""
    out[...] = blocks.namespace(a).clip(a, 0.0, 1.0)


def _worst(low: xr.Variable, high: xr.Variable, better: xr.Variable) -> xr.Variable:
    """End of the range that becomes 0."""
    return low * (better > 0) + high * (better < 0)


def _each(function: blocks.Kernel, x: xr.DataArray, *given: xr.Variable) -> xr.DataArray:
    """Work on single cells; dimensions, coordinates and attributes of `x` stay."""
    return x.copy(deep=False, data=blocks.cells(function, x.variable, *given).data)


def _ids(x: xr.DataArray) -> list[str]:
    """Ids of the indicators."""
    return [str(i) for i in x["indicator"].values]


def _pool(x: xr.DataArray, over: Over) -> tuple[Hashable, ...]:
    """Dimensions an indicator is compared over."""
    return pooled_dims(x) if over == "panel" else region_dims(x)


def _sign(x: xr.DataArray) -> xr.Variable:
    """1 for a positive and −1 for a negative indicator."""
    if "direction" not in x.coords:
        return xr.Variable("indicator", np.ones(x.sizes["indicator"]))
    directions = x["direction"].values.astype(str)
    problems = [
        Problem("compute.direction_unknown", params={"indicator": i, "value": d})
        for i, d in zip(_ids(x), directions, strict=True)
        if d not in ("positive", "negative")
    ]
    if problems:
        raise DataError(*problems)
    return xr.Variable("indicator", np.where(directions == "positive", 1.0, -1.0))


def _pooled(x: xr.DataArray, over: Over, share: float) -> tuple[xr.DataArray, xr.Variable, xr.Variable]:
    """The indicators, winsorised where that is asked for, and their extremes, once all are known to vary."""
    if not 0.0 <= share < 0.5:
        raise OptionError.of("compute.winsorise", value=share)
    pool = _pool(x, over)
    low, high = moments.finite_extremes(x, pool)
    _check_varying(x, low, high, "compute.never_varies")
    if not share:
        return x, low, high
    lower, upper, count = quantiles.beyond(x, pool, share, ends=(low, high))
    if str(x.dtype).endswith("float32"):
        # halfway between two values there may be no number of their type
        lower, upper = (q.astype(np.float32).astype(np.float64) for q in (lower, upper))
    _check_varying(x, lower, upper, "compute.winsorised_flat", share=share)

    def drawn_in(a: Array, least: Array, most: Array, *, out: Array) -> None:
        xp = blocks.namespace(a)
        out[...] = xp.minimum(xp.maximum(a, least), most)

    told = count.sum([d for d in count.dims if d != "indicator"])
    return _each(drawn_in, x, lower, upper).assign_coords(winsorised=told), lower, upper


def _check_varying(x: xr.DataArray, low: xr.Variable, high: xr.Variable, key: str, **params: object) -> None:
    """Refuse indicators that never vary."""
    same = moments.never_varies(x, low, high)
    if same.any():
        told = moments.refused(x, low, same, key)
        raise DataError(*(Problem(p.key, p.place, {**p.params, **params}) for p in told))


def _inside(x: xr.DataArray, low: xr.Variable, high: xr.Variable, *, clip: bool) -> None:
    """Refuse values that are no finite numbers or, without `clip`, lie outside the goalposts."""
    least, most = moments.finite_extremes(x, pooled_dims(x))
    if not clip and ((least < low) | (most > high)).any():
        raise DataError(*where(x, (x < low) | (x > high), "compute.outside_goalposts"))
