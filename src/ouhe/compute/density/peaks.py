"""Shape of curves of density: their peaks, how wide the main one is, skewness and kurtosis of the values."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, Any

import numpy as np
import xarray as xr
from annotated_types import Interval
from numpy.typing import NDArray

from ouhe import blocks, moments
from ouhe.errors import OptionError
from ouhe.panel import cell_count, inside, region_dims

__all__ = ["shape"]

Array = NDArray[Any]


def shape(
    curves: xr.Dataset, x: xr.DataArray, *, prominence: Annotated[float, Interval(ge=0, le=1)] = 0.05
) -> xr.Dataset:
    r"""What is to be seen in every curve, and the moments of the values behind it.

    .. math:: g_1 = \frac{m_3}{m_2^{3/2}}, \quad b_2 = \frac{m_4}{m_2^2}, \quad
              m_k = \frac1n \sum_i (x_i - \bar x)^k

    A peak is a point, or the middle of a level stretch, that is higher than both its sides. Its prominence is its
    height over the higher of the two lowest points between it and the nearest higher point on either side, or the end
    of the curve; beyond its ends a curve is 0, so that a reflected density may have a peak there.

    Parameters
    ----------
    curves
        Curves from :func:`estimate`.
    x
        The values they were estimated from.
    prominence
        Least prominence that makes a peak, as a share of the height of the highest peak of the curve.

    Returns
    -------
    xarray.Dataset
        ``peaks`` ``(…,)``, their number; ``place``, ``height`` and ``prominence`` ``(…, peak)`` from left to right,
        missing beyond the last; ``mode`` and ``mode_height``, place and height of the highest; ``width`` at half
        of that height, from where the curve first falls below it on either side, by straight lines between points,
        or from the end of the curve; ``skewness`` g₁ (0 for a symmetric distribution) and ``kurtosis`` b₂ (3 for a
        normal one) of the values, of the population, as Stata's ``summarize`` gives them. Places and widths are in
        the unit of `x`, heights one over it.

    Raises
    ------
    OptionError
        `prominence` is not a share.
    DataError
        As :func:`estimate` for the values.

    Examples
    --------
    >>> from ouhe.compute.density import estimate
    >>> x = xr.DataArray([0.0, 1.0, 2.0, 8.0, 9.0], dims="region")
    >>> seen = shape(estimate(x, bandwidth=1.0), x)
    >>> seen["peaks"].item(), seen["place"].values.round(1), round(seen["width"].item(), 1)
    (2, array([1. , 8.5]), 3.3)
    """
    if not 0.0 <= prominence <= 1.0:
        raise OptionError.of("density.prominence", value=prominence)
    density, ticks_of = xr.broadcast(curves["density"], curves["x"])
    density = density.transpose(..., "point")
    kept = density.dims[:-1]
    grid = ticks_of.transpose(*density.dims).values
    heights, loops = density.values, density.shape[:-1]
    found = {at: _peaks(heights[at], share=prominence) for at in np.ndindex(loops)}
    most = max((len(at) for at, _ in found.values()), default=0)
    place, height, rise = (np.full((*loops, most), np.nan) for _ in range(3))
    number, mode, top, width = np.zeros(loops, dtype=np.int64), *(np.empty(loops) for _ in range(3))
    for at, (peaks, prominences) in found.items():
        curve, ticks, some = heights[at], grid[at], slice(len(peaks))
        number[at] = len(peaks)
        place[at][some], height[at][some], rise[at][some] = ticks[peaks], curve[peaks], prominences
        main = int(peaks[curve[peaks].argmax()])
        mode[at], top[at], width[at] = ticks[main], curve[main], _width(curve, ticks, main)
    each = {"place": place, "height": height, "prominence": rise}
    whole = {"peaks": number, "mode": mode, "mode_height": top, "width": width}
    variables = {k: xr.Variable((*kept, "peak"), v) for k, v in each.items()} | {
        k: xr.Variable(kept, v) for k, v in whole.items()
    }
    numbers: dict[Hashable, Array] = {"peak": np.arange(1, most + 1)}
    labelled = {k: blocks.labelled(v, density, new=numbers if "peak" in v.dims else None) for k, v in variables.items()}
    skewness, kurtosis = _moments(x)
    return xr.Dataset(labelled | {"skewness": skewness, "kurtosis": kurtosis})


def _peaks(curve: Array, *, share: float) -> tuple[Array, Array]:
    """Places of the peaks of one curve, and their prominences."""
    # stretches of the same height count as one point
    starts = np.flatnonzero(np.diff(curve, prepend=-1.0))
    ends = np.append(starts[1:], len(curve)) - 1
    level = np.concatenate([[0.0], curve[starts], [0.0]])
    tops = np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] > level[2:])) + 1
    prominences = np.array([level[i] - max(_base(level[i::-1]), _base(level[i:])) for i in tops])
    kept = prominences >= share * curve.max()
    return (starts[tops - 1] + ends[tops - 1])[kept] // 2, prominences[kept]


def _base(side: Array) -> float:
    """Lowest point on one side of a peak, the first of `side`, before anything higher than it."""
    higher = np.flatnonzero(side > side[0])
    return float(side[: higher[0] if len(higher) else None].min())


def _width(curve: Array, ticks: Array, main: int) -> float:
    """Width of the main peak at half its height."""
    half = 0.5 * curve[main]
    below = np.flatnonzero(curve < half)
    left, right = below[below < main], below[below > main]
    first = _crossing(curve, ticks, int(left[-1]), int(left[-1]) + 1, half) if len(left) else float(ticks[0])
    last = _crossing(curve, ticks, int(right[0]), int(right[0]) - 1, half) if len(right) else float(ticks[-1])
    return last - first


def _crossing(curve: Array, ticks: Array, below: int, above: int, height: float) -> float:
    """Where a straight line between two points reaches a height."""
    share = (height - curve[below]) / (curve[above] - curve[below])
    return float(ticks[below] + share * (ticks[above] - ticks[below]))


def _moments(x: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Skewness and kurtosis of the values of every curve."""
    places = region_dims(x)
    count = cell_count(x, places)
    mean, deviation = moments.mean_and_deviation(x, places, ddof=0)
    three, four = blocks.sums(
        x.variable,
        places,
        lambda a, m, s: ((a - m) / s) ** 3,
        lambda a, m, s: ((a - m) / s) ** 4,
        given=[mean, deviation],
        inside=inside(x),
    )
    return blocks.labelled(three / count, x), blocks.labelled(four / count, x)
