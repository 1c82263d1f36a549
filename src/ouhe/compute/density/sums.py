r"""Sums of kernels over many values: every pair for few, in one pass over the values for many.

``direct`` takes every pair. ``along`` serves a curve of many values; it agrees with ``direct`` to 1e-6 of the peak:

- Gaussian: values are shared out between the two nearest of many bins, and the bins convolved with the kernel. With
  bins of width δ that replaces the kernel by straight lines between bins, an error of at most δ²/8 times the mean of
  \|K″\|. As \|u² − 1\| φ(u) ≤ φ(u) + 0.28 [φ(u − 2) + φ(u + 2)], that mean is at most 1.56 / h² times the peak:
  with δ = h/512, less than 8e-7 of it; and points no farther apart than h miss no more than an eighth of the peak.
- Epanechnikov: the kernel is a parabola, so sums of values and of squares over a window of the sorted values give it
  exactly.
- A kernel far narrower than the range: only the pairs within its reach, of which there are few.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["REACH", "Kernel", "along", "direct", "images", "linear_bins"]

Array = NDArray[Any]
Kernel = Literal["gaussian", "epanechnikov"]

#: Bandwidths beyond which a kernel is 0, the Gaussian to 2e-16 of its peak.
REACH: Mapping[Kernel, float] = {"gaussian": 8.5, "epanechnikov": math.sqrt(5.0)}

#: Bins in a bandwidth.
FINENESS = 512

#: Most bins of a curve; above, pairs within reach are fewer.
MOST_BINS = 1 << 22

#: Bandwidths in a range up to which sums of squares keep enough digits.
MOST_WINDOWS = 128.0

#: Pairs taken at once: 2 MiB of float64, so that they stay in the cache.
BLOCK = 1 << 18

#: Fewest values binned at once: 512 KiB of float64, so that they stay in the cache.
BATCH = 1 << 16


def direct(values: Array, grid: Array, widths: Array, *, kernel: Kernel) -> Array:
    r"""Sums over every pair of value and point.

    .. math:: \sum_i K\left(\frac{x - x_i}{h}\right), \quad
              K(u) = \frac{e^{-u^2/2}}{\sqrt{2\pi}} \ \text{or}\
              K(u) = \frac{3}{4\sqrt5}\left(1 - \frac{u^2}{5}\right), |u| < \sqrt5

    Parameters
    ----------
    values
        Values ``(…, n)``.
    grid
        Points ``(…, points)``.
    widths
        Bandwidths ``(…,)``.
    kernel
        Kernel of unit variance.

    Returns
    -------
    numpy.ndarray
        Sums ``(…, points)``.

    Examples
    --------
    >>> direct(np.zeros((1, 2)), np.array([[0.0, 3.0]]), np.ones(1), kernel="epanechnikov").round(6)
    array([[0.67082, 0.     ]])
    """
    count, points = values.shape[-1], grid.shape[-1]
    flat, places, h = values.reshape(-1, count), grid.reshape(-1, points), widths.reshape(-1, 1, 1)
    found = np.empty(places.shape)
    curves, wide = max(1, BLOCK // (points * count)), max(1, BLOCK // count)
    for i in range(0, len(flat), curves):
        some = slice(i, i + curves)
        for j in range(0, points, wide):
            u = places[some, j : j + wide, np.newaxis] - flat[some, np.newaxis, :]
            u /= h[some]
            _kernel(u, kernel).sum(axis=-1, out=found[some, j : j + wide])
    return found.reshape(grid.shape)


def along(values: Array, grid: Array, width: float, *, kernel: Kernel, reflect: bool = False) -> Array:
    """Sums of one curve, in the way that suits its bandwidth.

    Parameters
    ----------
    values
        Values ``(n,)``, within the ends of `grid`.
    grid
        Points ``(points,)`` at equal distances.
    width
        Bandwidth.
    kernel
        Kernel of unit variance.
    reflect
        Reflect at both ends of `grid`.

    Returns
    -------
    numpy.ndarray
        Sums ``(points,)``.

    Examples
    --------
    >>> along(np.array([1.0, 2.0]), np.linspace(0, 3, 4), 1.0, kernel="gaussian").round(6)
    array([0.295962, 0.640913, 0.640913, 0.295962])
    """
    low, high = float(grid[0]), float(grid[-1])
    step = (high - low) / (len(grid) - 1)
    fine = math.ceil(FINENESS * step / width)
    if kernel == "gaussian" and step <= width and fine * len(grid) <= MOST_BINS:
        return _binned(values, low, step / fine, width, fine=fine, points=len(grid), reflect=reflect)
    if reflect:
        values = images(values, low, high, reach=REACH[kernel] * width)
    ordered = np.sort(values)
    if kernel == "epanechnikov" and ordered[-1] - ordered[0] <= MOST_WINDOWS * width:
        return _parabolas(ordered, grid, width)
    return _within_reach(ordered, grid, width, kernel)


def images(values: Array, low: float, high: float, *, reach: float) -> Array:
    """Values and their reflections at both bounds, again and again as far as `reach`, so that nothing gets lost.

    Examples
    --------
    >>> images(np.array([0.2]), 0.0, 1.0, reach=0.9).round(12)
    array([-0.2,  0.2,  1.8])
    """
    span = high - low
    turns = math.ceil(reach / span)
    copies = [(low + high + j * span - values) if j % 2 else values + j * span for j in range(-turns, turns + 1)]
    return np.concatenate(copies, axis=-1)


def linear_bins(values: Array, low: float, step: float, count: int) -> Array:
    """Numbers of values at equally spaced nodes, each value shared between its two nearest nodes.

    Examples
    --------
    >>> linear_bins(np.array([0.0, 1.25]), 0.0, 1.0, 3)
    array([1.  , 0.75, 0.25])
    """
    bins, beyond = np.zeros(count), np.zeros(count)
    batch = max(BATCH, 2 * count)
    for i in range(0, len(values), batch):
        at = values[i : i + batch] - low
        at /= step
        node = at.astype(np.intp)
        # rounding may put the highest value a hair beyond the last node
        np.minimum(node, count - 2, out=node)
        at -= node
        bins += np.bincount(node, minlength=count)
        beyond += np.bincount(node, weights=at, minlength=count)
    bins -= beyond
    bins[1:] += beyond[:-1]
    return bins


def _kernel(u: Array, kernel: Kernel) -> Array:
    """Kernel at u, in the memory of `u`."""
    np.multiply(u, u, out=u)
    if kernel == "gaussian":
        u *= -0.5
        np.exp(u, out=u)
        u *= 1.0 / math.sqrt(2.0 * math.pi)
    else:
        u *= -0.2
        u += 1.0
        np.maximum(u, 0.0, out=u)
        u *= 0.75 / math.sqrt(5.0)
    return u


def _binned(values: Array, low: float, step: float, width: float, *, fine: int, points: int, reflect: bool) -> Array:
    """Gaussian sums at every `fine`-th of many bins, from the bins' convolution with the kernel."""
    from scipy.fft import irfft, next_fast_len, rfft

    bins = linear_bins(values, low, step, fine * (points - 1) + 1)
    lags = math.ceil(REACH["gaussian"] * width / step)
    if reflect:
        # a value at a bound is its own image
        bins[[0, -1]] *= 2.0
        bins = np.pad(bins, lags, mode="reflect")
    weights = _kernel(np.arange(lags + 1) * (step / width), "gaussian")
    # the kernel lies around 0, and its left half at the end of the circle
    size = next_fast_len(len(bins) + lags, real=True)
    around = np.zeros(size)
    around[: lags + 1] = weights
    around[-lags:] = weights[:0:-1]
    found = irfft(rfft(bins, size) * rfft(around), size)
    start = lags if reflect else 0
    picked: Array = found[start : start + fine * (points - 1) + 1 : fine]
    return picked.clip(0.0)


def _windows(ordered: Array, grid: Array, reach: float) -> tuple[Array, Array]:
    """First value, and the one after the last, within `reach` of every point."""
    return np.searchsorted(ordered, grid - reach, "left"), np.searchsorted(ordered, grid + reach, "right")


def _parabolas(ordered: Array, grid: Array, width: float) -> Array:
    """Epanechnikov sums from running sums of the values and of their squares."""
    first, after = _windows(ordered, grid, REACH["epanechnikov"] * width)
    middle = 0.5 * (ordered[0] + ordered[-1])
    # in bandwidths from the middle, so that squares stay small
    v, x = (ordered - middle) / width, (grid - middle) / width
    one, two = (np.concatenate([[0.0], np.cumsum(a)]) for a in (v, v * v))
    count, total, squares = after - first, one[after] - one[first], two[after] - two[first]
    found = count - (count * x * x - 2.0 * x * total + squares) / 5.0
    scaled: Array = 0.75 / math.sqrt(5.0) * found.clip(0.0)
    return scaled


def _within_reach(ordered: Array, grid: Array, width: float, kernel: Kernel) -> Array:
    """Sums over the pairs within the kernel's reach."""
    first, after = _windows(ordered, grid, REACH[kernel] * width)
    return np.array(
        [_kernel((x - ordered[i:j]) / width, kernel).sum() for x, i, j in zip(grid, first, after, strict=True)]
    )
