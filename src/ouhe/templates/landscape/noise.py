"""Smooth random surfaces that any window of a grid can be cut from, whatever the size of the whole.

A surface is a sum of cubic B-splines over lattices of random numbers, each lattice half as wide as the one before. The
number at a lattice point is a hash of its place, so that nothing has to be drawn in an order or kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["octaves", "surface"]

Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

#: Mean over a lattice cell of the standard deviation that the spline leaves of independent numbers with deviation 1.
SPREAD = 0.479

#: Constants of SplitMix64 (Steele, Lea and Flood 2014, OOPSLA), which mixes the bits of a number.
STEP = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def octaves(widest: float, narrowest: float) -> tuple[float, ...]:
    """Widths of lattices from `widest` down, each half of the one before, none below `narrowest`.

    Examples
    --------
    >>> octaves(800.0, 150.0)
    (800.0, 400.0, 200.0)
    """
    widths = [widest]
    while widths[-1] / 2 >= narrowest:
        widths.append(widths[-1] / 2)
    return tuple(widths)


def surface(
    y: Floats, x: Floats, *, widths: Sequence[float], seed: int, layer: int, persistence: float = 0.55
) -> Floats:
    r"""Random surface with a mean of about 0 and a standard deviation of about 1.

    .. math:: z(y, x) = \sqrt{1 - p^2}\, \sum_{o=0}^{O} p^o\, s_o(y, x)

    where :math:`s_o` is the spline over lattice :math:`o` and :math:`p` the persistence. Finer lattices add detail and
    leave what the wider ones gave as it is.

    Parameters
    ----------
    y, x
        Coordinates of the rows and of the columns of a window, in the unit of `widths`.
    widths
        Widths of the lattices, widest first.
    seed
        Another seed gives another country.
    layer
        Which of its surfaces it is.
    persistence
        How much of its height each lattice keeps against the wider one before it.

    Returns
    -------
    numpy.ndarray
        ``(len(y), len(x))``; a window has the very numbers that the whole has there.

    Examples
    --------
    >>> at = np.arange(0.0, 50.0)
    >>> whole = surface(at, at, widths=(20.0, 10.0), seed=1, layer=0)
    >>> bool((surface(at[7:9], at[3:5], widths=(20.0, 10.0), seed=1, layer=0) == whole[7:9, 3:5]).all())
    True
    """
    total = np.zeros((len(y), len(x)))
    heights = [persistence**number for number in range(len(widths))]
    for number, (width, height) in enumerate(zip(widths, heights, strict=True)):
        key = np.random.SeedSequence(seed, spawn_key=(layer, number)).generate_state(1, np.uint64)[0]
        total += (height / SPREAD) * _spline(y / width, x / width, key)
    return total * float(np.sqrt(1 - persistence**2))


def _spline(y: Floats, x: Floats, key: np.uint64) -> Floats:
    """Cubic B-spline over a lattice of width 1, first along x, then along y."""
    rows, by_row = _taps(y)
    columns, by_column = _taps(x)
    lattice = _lattice(int(rows.min()), int(rows.max()) + 3, int(columns.min()), int(columns.max()) + 3, key)
    across = _blended(lattice.T, columns - columns.min(), by_column).T
    return _blended(np.ascontiguousarray(across), rows - rows.min(), by_row)


def _taps(at: Floats) -> tuple[NDArray[np.int64], tuple[Floats, ...]]:
    """The first of the four lattice points that count at each place, and their weights."""
    below = np.floor(at)
    t = at - below
    weights = (
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    )
    return below.astype(np.int64) - 1, weights


def _blended(lattice: Floats, first: NDArray[np.int64], weights: tuple[Floats, ...]) -> Floats:
    """Weighted sum of four neighbouring rows of a lattice."""
    total = lattice[first] * weights[0][:, None]
    for tap in (1, 2, 3):
        total += lattice[first + tap] * weights[tap][:, None]
    return total


def _lattice(top: int, bottom: int, left: int, right: int, key: np.uint64) -> Floats:
    """Random numbers at the points of a lattice, both ends included: evenly spread, mean 0, deviation 1."""
    row = np.arange(top, bottom + 1).astype(np.uint64)[:, None]
    column = np.arange(left, right + 1).astype(np.uint64)[None, :]
    mixed = _mixed(_mixed(row + key) + column)
    return ((mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53 - 0.5) * float(np.sqrt(12.0))


def _mixed(numbers: Hashes) -> Hashes:
    """SplitMix64 of every number."""
    z = numbers + STEP
    z = (z ^ (z >> np.uint64(30))) * FIRST
    z = (z ^ (z >> np.uint64(27))) * SECOND
    return z ^ (z >> np.uint64(31))
