"""What the curves of a density need of the values: found chunk by chunk and added up, in memory in one piece."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks
from ouhe.compute.density import sums
from ouhe.compute.density.bandwidths import MESH
from ouhe.compute.density.sums import Kernel
from ouhe.panel import cell_count, inside, region_dims

__all__ = ["curves", "meshes", "values"]

Array = NDArray[Any]

#: Values that differ up to which their number is found.
MOST_DISTINCT = 1000


def values(x: xr.DataArray) -> Array:
    """All values that count ``(…, region)``, of which there are few.

    Examples
    --------
    >>> values(xr.DataArray([[1.0, 2.0], [3.0, 4.0]], dims=("region", "year")))
    array([[1., 3.],
           [2., 4.]])
    """
    places, mask = region_dims(x), inside(x)
    kept = [d for d in x.dims if d not in places]
    held = np.asarray(x.variable.transpose(*kept, *places).data, dtype=np.float64)
    if mask is not None:
        return held[..., mask.transpose(*places).values]
    return held.reshape(*held.shape[: len(kept)], -1)


def curves(
    x: xr.DataArray, ends: tuple[Array, Array], widths: Array, *, points: int, kernel: Kernel, reflect: bool
) -> Array:
    """Sums of a kernel over the values of each curve, which are many.

    Parameters
    ----------
    x
        Values.
    ends
        First and last point of each curve ``(…,)``.
    widths
        Bandwidths ``(…,)``.
    points, kernel, reflect
        As in :func:`ouhe.compute.density.sums.along`.

    Returns
    -------
    numpy.ndarray
        Sums ``(…, point)``. Sums over chunks add up, so that chunks change nothing but the last digits.
    """

    def summed(row: Array, start: float, stop: float, width: float) -> tuple[Array]:
        if not row.size:
            return (np.zeros(points),)
        return (sums.along(row, np.linspace(start, stop, points), width, kernel=kernel, reflect=reflect),)

    found = np.zeros((*widths.shape, points))
    for window, (part,) in _walked(summed, x, [*ends, widths], [points]):
        found[window] += part
    return found


def meshes(x: xr.DataArray, low: Array, span: Array) -> tuple[Array, Array]:
    """Numbers of values at the nodes of the mesh of each curve, and how many values differ.

    Parameters
    ----------
    x
        Values.
    low, span
        Least value of each curve and their range ``(…,)``.

    Returns
    -------
    tuple of numpy.ndarray
        Numbers ``(…, mesh)``; and how many values differ ``(…,)``, or how many there are where more than 1,000 differ.
    """

    def binned(row: Array, least: float, wide: float) -> tuple[Array, Array]:
        seen = np.full(MOST_DISTINCT + 1, np.nan)
        first = np.unique(row)[: len(seen)]
        seen[: len(first)] = first
        # within [0, 1], so that numbers of any size keep their digits
        return sums.linear_bins((row - least) / wide, -0.5, 2.0 / (MESH - 1), MESH), seen

    bins = np.zeros((*low.shape, MESH))
    distinct = np.full((*low.shape, MOST_DISTINCT + 1), np.nan)
    for window, (part, seen) in _walked(binned, x, [low, span], [MESH, MOST_DISTINCT + 1]):
        bins[window] += part
        # missing ones, which fill up, are last and counted as one
        both = np.sort(np.concatenate([distinct[window], seen], axis=-1), axis=-1)
        both[..., 1:][both[..., 1:] == both[..., :-1]] = np.nan
        distinct[window] = np.sort(both, axis=-1)[..., : MOST_DISTINCT + 1]
    number = np.isfinite(distinct).sum(axis=-1)
    return bins, np.where(number > MOST_DISTINCT, cell_count(x, region_dims(x)), number)


def _walked(
    function: Callable[..., tuple[Array, ...]], x: xr.DataArray, given: Sequence[Array], sizes: Sequence[int]
) -> Iterator[tuple[tuple[slice, ...], tuple[Array, ...]]]:
    """What a function makes of the values of each curve in each chunk, in arrays ``(…, size)``."""
    places, mask = region_dims(x), inside(x)
    kept = [d for d in x.dims if d not in places]
    arrays = [xr.Variable(kept, g) for g in given]
    made = partial(_made, function=function, kept=kept, places=places, sizes=sizes, number=len(arrays))
    walked = blocks.pieces(made, x.variable, *arrays, *([] if mask is None else [mask]), step="density", placed=True)
    return ((tuple(window[d] for d in kept), parts) for window, parts in walked)


def _made(
    chunk: xr.Variable,
    *given: xr.Variable,
    function: Callable[..., tuple[Array, ...]],
    kept: Sequence[Hashable],
    places: Sequence[Hashable],
    sizes: Sequence[int],
    number: int,
) -> tuple[Array, ...]:
    """What a function makes of the values of each curve in a chunk."""
    data = chunk.transpose(*kept, *places).values
    counted = [mask.transpose(*places).values for mask in given[number:]]
    found = tuple(np.zeros((*data.shape[: len(kept)], size)) for size in sizes)
    for at in np.ndindex(data.shape[: len(kept)]):
        row = (data[at][counted[0]] if counted else data[at].ravel()).astype(np.float64)
        told = [float(g.values[at]) for g in given[:number]]
        for whole, part in zip(found, function(row, *told), strict=True):
            whole[at] = part
    return found
