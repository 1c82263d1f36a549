"""Upright boxes and straight lines between points: what overlaps, crosses and lies inside, many at once.

A box is ``left, bottom, right, top``, a line ``x, y, x, y``; both are rows of an array. A row of NaN is nowhere: it
overlaps, crosses and meets nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["around", "crossed", "inside", "leaders", "meet", "overlap"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def around(centres: Array, sizes: Array) -> Array:
    """Boxes ``(n, 4)`` of `sizes` ``(n, 2)`` or ``(2,)`` around `centres` ``(n, 2)``.

    Examples
    --------
    >>> around(np.array([[5.0, 5.0]]), np.array([4.0, 2.0])).tolist()
    [[3.0, 4.0, 7.0, 6.0]]
    """
    half = np.broadcast_to(sizes, centres.shape) / 2
    return np.concatenate([centres - half, centres + half], axis=1)


def inside(boxes: Array, bounds: Array) -> Mask:
    """Which boxes lie wholly inside the box `bounds` ``(4,)``."""
    eps = 1e-9
    low, high = boxes[:, :2] >= bounds[:2] - eps, boxes[:, 2:] <= bounds[2:] + eps
    return np.asarray((low & high).all(axis=1))


def overlap(a: Array, b: Array) -> Mask:
    """Which boxes of `a` ``(n, 4)`` share area with which of `b` ``(m, 4)``, as ``(n, m)``; touching is not sharing.

    Examples
    --------
    >>> a, b = np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 1, 3, 3], [2, 0, 4, 2]])
    >>> overlap(a, b).tolist()
    [[True, False]]
    """
    eps = 1e-9
    shared: Mask = (
        (a[:, None, 0] < b[None, :, 2] - eps)
        & (b[None, :, 0] < a[:, None, 2] - eps)
        & (a[:, None, 1] < b[None, :, 3] - eps)
        & (b[None, :, 1] < a[:, None, 3] - eps)
    )
    return shared


def crossed(lines: Array, boxes: Array) -> Mask:
    """Which lines ``(n, 4)`` run through which boxes ``(m, 4)``, as ``(n, m)``; along an edge is not through.

    The part of a line between the two edges of each direction is cut out; what is left of both is inside the box.

    Examples
    --------
    >>> lines = np.array([[0.0, 0, 4, 4], [0, 3, 4, 3]])
    >>> crossed(lines, np.array([[1.0, 1, 2, 2]])).ravel().tolist()
    [True, False]
    """
    x, y = (_between(lines[:, k], lines[:, k + 2], boxes[:, k], boxes[:, k + 2]) for k in (0, 1))
    found: Mask = np.maximum(np.maximum(x[0], y[0]), 0.0) < np.minimum(np.minimum(x[1], y[1]), 1.0)
    return found


def _between(start: Array, end: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Shares of the ways ``(n,)`` from `start` to `end` at which they enter and leave the strips `low` to `high`."""
    start, step = start[:, None], (end - start)[:, None]
    low, high = np.where(high - low > 2e-6, [low + 1e-6, high - 1e-6], np.nan)  # a box without inside holds nothing
    flat = np.abs(step) < 1e-12
    per = 1.0 / np.where(flat, 1.0, step)
    one, other = (low - start) * per, (high - start) * per
    enter, leave = np.minimum(one, other), np.maximum(one, other)
    if flat.any():
        within = (start > low) & (start < high)
        enter = np.where(flat, np.where(within, -np.inf, np.inf), enter)
        leave = np.where(flat, np.where(within, np.inf, -np.inf), leave)
    return enter, leave


def meet(a: Array, b: Array) -> Mask:
    """Which lines of `a` ``(n, 4)`` cut which of `b` ``(m, 4)``, as ``(n, m)``.

    Examples
    --------
    >>> meet(np.array([[0.0, 0, 2, 2]]), np.array([[0.0, 2, 2, 0], [5, 5, 6, 6]])).tolist()
    [[True, False]]
    """
    p, q = a[:, None, :2], a[:, None, 2:]
    r, s = b[None, :, :2], b[None, :, 2:]
    found: Mask = (_side(p, q, r) * _side(p, q, s) < 0) & (_side(r, s, p) * _side(r, s, q) < 0)
    return found


def _side(a: Array, b: Array, c: Array) -> Array:
    """On which side of the line from `a` to `b` the point `c` lies, by its sign."""
    side: Array = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    return side


def leaders(point: Array, boxes: Array, radius: float) -> Array:
    """Shortest lines ``(n, 4)`` from the edge of a marker at `point` to `boxes` ``(n, 4)``; NaN where they touch.

    Examples
    --------
    >>> leaders(np.array([0.0, 0.0]), np.array([[4.0, -1, 6, 1], [0.5, 0, 2, 1]]), 1.0).tolist()
    [[1.0, 0.0, 4.0, 0.0], [nan, nan, nan, nan]]
    """
    ends = np.clip(point, boxes[:, :2], boxes[:, 2:])
    away = ends - point
    far = np.hypot(away[:, 0], away[:, 1])
    apart = far > radius
    unit = away / np.where(apart, far, 1.0)[:, None]
    found = np.concatenate([point + unit * radius, ends], axis=1)
    return np.where(apart[:, None], found, np.nan)
