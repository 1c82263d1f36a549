"""Curves of kernel densities: one for every year and variable, those of a variable on the same grid."""

from __future__ import annotations

import math
import warnings
from collections.abc import Hashable, Sequence
from typing import Annotated, Any, TypeGuard, get_args

import numpy as np
import xarray as xr
from annotated_types import Ge, Gt, Interval
from numpy.typing import NDArray

from ouhe import blocks, moments, quantiles
from ouhe.compute.density import bandwidths, merging, sums
from ouhe.compute.density.bandwidths import Rule
from ouhe.compute.density.sums import Kernel
from ouhe.errors import DataError, OptionError, OuheWarning, Problem, choice_problems, did_you_mean
from ouhe.panel import cell_count, region_dims, where

__all__ = ["Bandwidth", "estimate"]

Array = NDArray[Any]
Bandwidth = Rule | Annotated[float, Gt(0)]

#: How far a value may leave the bounds by rounding, as a share of their distance.
ROUNDING = 1e-9

#: Share of a curve outside the bounds of its values from which on it is told.
OUTSIDE = 0.02

#: Fewest points that make a curve, and most that one has.
FEWEST, MOST = 16, 100_000

#: Narrowest bandwidth as a share of the range; the square of a distance over a narrower one may be no number.
TELLABLE = 1e-100

#: Sum of kernels that is nothing: a value more than eight bandwidths away, which some ways of summing leave out.
NOTHING = 1e-14


def estimate(
    x: xr.DataArray,
    *,
    kernel: Kernel = "gaussian",
    bandwidth: Bandwidth = "stata",
    points: Annotated[int, Interval(ge=FEWEST, le=MOST)] = 512,
    reflect: bool = False,
    bounds: tuple[float, float] = (0.0, 1.0),
    exact_up_to: Annotated[int, Ge(0)] = 1000,
) -> xr.Dataset:
    r"""Kernel density of the regions.

    .. math:: \hat f(x) = \frac{1}{nh}\sum_i K\left(\frac{x - x_i}{h}\right), \quad
              K(u) = \frac{e^{-u^2/2}}{\sqrt{2\pi}} \ \text{or}\
              K(u) = \frac{3}{4\sqrt5}\left(1 - \frac{u^2}{5}\right), |u| < \sqrt5

    Both kernels have unit variance, so that a bandwidth means the same for both, as in Stata. The points of a
    variable are the same in all years, so that its curves can be laid over each other: they run from the least over
    the years of min − 3h to the greatest of max + 3h; or from bound to bound where the density is reflected.

    Parameters
    ----------
    x
        Values ``(region, year, …)``, or ``(y, x, year, …)``, in memory or chunked; every year, and every place along
        any other dimension, has a curve of its own. Cells outside the study of a raster (``inside``) are not counted.
    kernel
        ``"gaussian"`` or ``"epanechnikov"``.
    bandwidth
        ``"stata"`` :math:`0.9\min(s, \mathrm{IQR}/1.349)\,n^{-1/5}`, ``"scott"`` :math:`s\,n^{-1/5}`, ``"silverman"``
        :math:`s\,(3n/4)^{-1/5}`, ``"isj"`` (improved Sheather–Jones), each for every curve; or a number for all, in
        the unit of `x`.
    points
        Number of points of a curve.
    reflect
        Reflect the density at `bounds`, for values that cannot lie outside; all of it then lies between them.
    bounds
        Least and greatest value there can be, those of an index when left out. A density is reflected at them; else
        they are what a warning speaks of, where all values of a variable lie between them.
    exact_up_to
        Regions up to which every pair of point and region is summed; with more, each chunk is summed from bins and
        the sums added up, which agrees to 1e-6 of the peak.

    Returns
    -------
    xarray.Dataset
        ``density`` ``(…, point)``, one over the unit of `x`; ``x`` ``(…, point)`` without ``year``, the grid, and
        ``bandwidth`` ``(…,)``, both in the unit of `x`; ``n``, the number of regions. All are computed, also of
        chunked values, of which no more than a chunk is in memory where regions are many.

    Raises
    ------
    OptionError
        An option is none of those above, a bandwidth is wider than the bounds it is reflected at, or so narrow that
        no point of a curve lies near a value.
    DataError
        There are fewer than two regions; values are missing, infinite or outside the bounds of a reflected density;
        all regions have the same value in a year; or ``isj`` finds no bandwidth. All places are named.

    Warns
    -----
    OuheWarning
        Points lie farther apart than the narrowest bandwidth, so that curves may miss peaks; or more than 2 % of a
        curve lies outside the bounds between which all values of its variable are. The worst curve is named.

    References
    ----------
    Silverman, *Density Estimation for Statistics and Data Analysis* (1986); Stata's manual, [R] kdensity.

    Examples
    --------
    >>> x = xr.DataArray([[2.0, 4.0], [3.0, 5.0], [4.0, 9.0]], dims=("region", "year"))
    >>> curves = estimate(x)
    >>> curves["density"].sizes, curves["bandwidth"].values.round(3)
    (Frozen({'year': 2, 'point': 512}), array([0.722, 1.911]))
    """
    _check_options(kernel, bandwidth, points, bounds, exact_up_to)
    places = region_dims(x)
    count = cell_count(x, places) if places else 1
    if count < 2:
        raise DataError.of("density.one_region", count=count)
    low, high = _range(x, places)
    if reflect:
        _check_bounds(x, low, high, bounds)
    widths = _bandwidths(x, low, high, bandwidth)
    if reflect and widths.max(initial=0.0) > bounds[1] - bounds[0]:
        raise OptionError.of("density.wide", value=float(widths.max()), low=bounds[0], high=bounds[1])
    start, stop = _ends(low, high, widths, bounds if reflect else None)
    grid = np.linspace(start, stop, points, axis=-1)
    too_narrow = OptionError.of("density.out_of_reach", width=float(widths.min()), step=float(np.diff(grid).max()))
    if (widths < TELLABLE * (stop - start)).any():
        raise too_narrow
    _warn_where_coarse(grid, widths, stop - start)
    if count <= exact_up_to:
        density = _exact(x, grid, widths, kernel=kernel, reflect=reflect)
    else:
        density = merging.curves(x, (start, stop), widths, points=points, kernel=kernel, reflect=reflect)
    if (density.max(axis=-1) <= NOTHING).any():
        raise too_narrow
    density /= count * widths[..., np.newaxis]
    if not reflect:
        _warn_where_outside(x, low, high, (grid, density), bounds)
    return _labelled(x, low.dims, grid, density, widths).assign(n=count)


def _check_options(kernel: object, bandwidth: object, points: object, bounds: object, exact_up_to: object) -> None:
    """Refuse options there are not, all at once."""
    problems = [*choice_problems("kernel", kernel, Kernel)]
    if isinstance(bandwidth, str) and bandwidth not in get_args(Rule):
        near = did_you_mean(bandwidth, get_args(Rule))
        problems.append(Problem("density.no_rule", params={"value": bandwidth, "near": near}))
    if not isinstance(bandwidth, str) and not _positive(bandwidth):
        problems.append(Problem("density.bandwidth", params={"value": bandwidth}))
    if not (_whole(points) and FEWEST <= points <= MOST):
        problems.append(Problem("density.points", params={"value": points, "least": FEWEST, "most": MOST}))
    if not (_whole(exact_up_to) and exact_up_to >= 0):
        problems.append(Problem("density.exact_up_to", params={"value": exact_up_to}))
    if not _are_bounds(bounds):
        problems.append(Problem("density.bounds", params={"value": bounds}))
    if problems:
        raise OptionError(*problems)


def _number(value: object) -> TypeGuard[float]:
    """Whether `value` is a finite number."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(np.isfinite(value))


def _positive(value: object) -> bool:
    """Whether `value` is a finite number above 0."""
    return _number(value) and value > 0.0


def _are_bounds(value: object) -> bool:
    """Whether `value` is two finite numbers, the lower one first."""
    if not isinstance(value, Sequence | np.ndarray) or len(value) != 2:
        return False
    return _number(value[0]) and _number(value[1]) and bool(value[0] < value[1])


def _whole(value: object) -> TypeGuard[int]:
    """Whether `value` is a whole number."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _range(x: xr.DataArray, places: tuple[Hashable, ...]) -> tuple[xr.Variable, xr.Variable]:
    """Smallest and largest value of every curve, once all are there and differ."""
    low, high = moments.finite_extremes(x, places)
    flat = moments.never_varies(x, low, high)
    if flat.any():
        raise DataError(*_named(x, low, flat, "density.no_spread"))
    return low, high


def _named(x: xr.DataArray, values: xr.Variable, wrong: xr.Variable, key: str) -> list[Problem]:
    """One problem for each curve that is wrong; a curve without year or variable has the name of its values."""
    if values.ndim == 0:
        return [Problem(key, params={"at": x.name or "x", "value": values.values.item()})]
    return moments.refused(x, values, wrong, key)


def _check_bounds(x: xr.DataArray, low: xr.Variable, high: xr.Variable, bounds: tuple[float, float]) -> None:
    """Refuse values that a reflected density has no room for."""
    least, most = bounds
    room = ROUNDING * (most - least)
    if float(low.min()) < least - room or float(high.max()) > most + room:
        outside = (x < least - room) | (x > most + room)
        raise DataError(*where(x, outside, "density.outside", low=least, high=most))


def _bandwidths(x: xr.DataArray, low: xr.Variable, high: xr.Variable, bandwidth: Bandwidth) -> Array:
    """Bandwidth of every curve."""
    if not isinstance(bandwidth, str):
        return np.full(low.shape, float(bandwidth))
    places = region_dims(x)
    if bandwidth == "isj":
        span = high.values - low.values
        widths: Array = bandwidths.isj(*merging.meshes(x, low.values, span)) * span
        none = xr.Variable(low.dims, np.isnan(widths))
        if none.any():
            raise DataError(*_named(x, xr.Variable(low.dims, widths), none, "density.isj_failed"))
        return widths
    count = cell_count(x, places)
    deviation = moments.mean_and_deviation(x, places, ddof=1)[1].values
    if bandwidth == "stata":
        lower, upper = quantiles.exact(x, places, 0.25, 0.75, ends=(low, high))
        return bandwidths.stata(deviation, (lower.values, upper.values), count)
    rule = bandwidths.scott if bandwidth == "scott" else bandwidths.silverman
    return rule(deviation, count)


def _ends(
    low: xr.Variable, high: xr.Variable, widths: Array, bounds: tuple[float, float] | None
) -> tuple[Array, Array]:
    """Where the grid of every curve begins and ends, the same in all years."""
    if bounds is not None:
        return np.full(low.shape, bounds[0]), np.full(low.shape, bounds[1])
    start, stop = low.values - 3.0 * widths, high.values + 3.0 * widths
    if "year" in low.dims:
        axis = low.dims.index("year")
        start = np.broadcast_to(start.min(axis, keepdims=True), start.shape)
        stop = np.broadcast_to(stop.max(axis, keepdims=True), stop.shape)
    return start, stop


def _warn_where_coarse(grid: Array, widths: Array, spans: Array) -> None:
    """Warn where peaks may fall between points."""
    needed = spans / widths
    if (needed > grid.shape[-1] - 1).any():
        worst = np.unravel_index(int(needed.argmax()), needed.shape)
        params = {
            "points": grid.shape[-1],
            "step": float(spans[worst]) / (grid.shape[-1] - 1),
            "width": float(widths[worst]),
            "enough": math.ceil(float(needed[worst])) + 1,
        }
        warnings.warn(OuheWarning.of("density.coarse", **params), stacklevel=3)


def _warn_where_outside(
    x: xr.DataArray, low: xr.Variable, high: xr.Variable, curves: tuple[Array, Array], bounds: tuple[float, float]
) -> None:
    """Warn where curves give much of their density to values there cannot be."""
    least, most = bounds
    room = ROUNDING * (most - least)
    years = (low.dims.index("year"),) if "year" in low.dims else ()
    bounded = low.values.min(years, keepdims=True) >= least - room
    bounded &= high.values.max(years, keepdims=True) <= most + room
    if not bounded.any():
        return
    grid, density = curves
    step = (grid[..., -1:] - grid[..., :1]) / (grid.shape[-1] - 1)
    # part of each step about a point that lies outside
    inside = np.minimum(grid + step / 2, most) - np.maximum(grid - step / 2, least)
    outside = np.einsum("...p,...p->...", density, step - np.clip(inside, 0.0, step))
    share = xr.Variable(low.dims, np.where(bounded, outside, 0.0))
    if float(share.max()) > OUTSIDE:
        wrong = xr.zeros_like(share, dtype=bool)
        wrong.data.flat[int(share.data.argmax())] = True
        (worst,) = _named(x, share, wrong, "density.beyond_bounds")
        told = {"at": worst.params["at"], "share": worst.params["value"], "low": least, "high": most}
        told["count"] = int((share > OUTSIDE).sum())
        warnings.warn(OuheWarning.of("density.beyond_bounds", **told), stacklevel=3)


def _exact(x: xr.DataArray, grid: Array, widths: Array, *, kernel: Kernel, reflect: bool) -> Array:
    """Sums of the kernel over every pair of point and region."""
    values = merging.values(x)
    if reflect:
        low, high = float(grid.flat[0]), float(grid.flat[-1])
        values = sums.images(values, low, high, reach=sums.REACH[kernel] * float(widths.max()))
    return sums.direct(values, grid, widths, kernel=kernel)


def _labelled(x: xr.DataArray, kept: tuple[Hashable, ...], grid: Array, density: Array, widths: Array) -> xr.Dataset:
    """Curves with the labels of `x`; years share a grid, so it is held once."""
    dims = (*kept, "point")
    points = xr.Variable(dims, grid)
    variables = {
        "x": points.isel(year=0) if "year" in kept else points,
        "density": xr.Variable(dims, density),
        "bandwidth": xr.Variable(kept, widths),
    }
    return xr.Dataset({k: blocks.labelled(v, x) for k, v in variables.items()})
