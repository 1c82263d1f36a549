"""Points of the Moran scatter plot of a chunked array, made when they are asked for, chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.compute.lattice import contiguity, discovery
from ouhe.compute.lattice.extents import deviations
from ouhe.compute.lattice.points import Plan, Scale, points
from ouhe.compute.lattice.raster import Raster
from ouhe.compute.lattice.rims import Rims

__all__ = ["by_chunk"]

Array = NDArray[Any]


def by_chunk(raster: Raster, rims: Rims, scale: Scale, plan: Plan, rate: float | None) -> dict[str, xr.Variable]:
    """Points of all cells, lazily; with a correction p are counted first.

    Parameters
    ----------
    raster
        The raster.
    rims
        What lies along the rims of its chunks.
    scale
        Numbers of every layer.
    plan
        What is asked for.
    rate
        False discovery rate by which p is judged; None where p itself is.

    Returns
    -------
    dict
        Name → chunked variable with the dimensions that are not places, y and x.
    """
    if rate is not None and plan.needs("significant"):
        p = Plan(plan.n, plan.rule, ("p_value",), np.dtype(np.float64))
        tested = raster.count - raster.isolates
        lazy = _lazy_points(raster, rims, scale, p)["p_value"]
        scale = scale._replace(level=discovery.largest(lazy, raster.dims, tested, significance=rate))
    return _lazy_points(raster, rims, scale, plan)


def _lazy_points(raster: Raster, rims: Rims, scale: Scale, plan: Plan) -> dict[str, xr.Variable]:
    """Every chunk is made once for all that is asked for, as one array of records, and from no other chunk."""
    from dask import array as da

    laid = raster.x.variable.transpose(*raster.dims, "y", "x")
    lead, (*layered, rows, columns) = laid.shape[:-2], laid.data.chunks
    one_each = (1,) * len(rows), (1,) * len(columns)
    wide = tuple(n + 2 for n in columns)
    numbers = np.zeros((*lead, 1, 1), [(name, float) for name in Scale._fields])
    for name, part in zip(Scale._fields, scale, strict=True):
        numbers[name] = part.reshape(numbers.shape)
    above, below, before, behind = (a.reshape(*lead, *a.shape[1:]) for a in rims.around())
    kind = np.dtype([(name, plan.type_of(name)) for name in plan.names])
    records = da.map_blocks(
        partial(_records, plan=plan, kind=kind),
        laid.data,
        da.from_array(raster.degree, chunks=(rows, columns))[(np.newaxis,) * len(lead)],
        *(da.from_array(a, chunks=(*layered, one_each[0], wide)) for a in (above, below)),
        *(da.from_array(a, chunks=(*layered, rows, one_each[1])) for a in (before, behind)),
        da.from_array(numbers, chunks=(*layered, 1, 1)),
        chunks=laid.data.chunks,
        dtype=kind,
        meta=np.empty((0,) * laid.ndim, kind),
    )
    return {name: xr.Variable(laid.dims, records[name]) for name in plan.names}


def _records(values: Array, degree: Array, *around: Array, plan: Plan, kind: np.dtype[Any]) -> Array:
    """Points of the cells of a chunk, from its values and what lies around it."""
    out = np.empty(values.shape, kind)
    height, width = degree.shape[-2:]
    degree = degree.reshape(height, width)
    layer, made, *sides, scales = (a.reshape(-1, *a.shape[-2:]) for a in (values, out, *around))
    with np.errstate(all="ignore"):
        for number, own in enumerate(scales.ravel()):
            scale = Scale(*own.item())
            padded = _surrounded(layer[number], degree, [side[number] for side in sides], scale)
            for rows, columns in contiguity.tiles(height, width):
                near = padded[rows.start : rows.stop + 2, columns.start : columns.stop + 2]
                for name, part in points(near, degree[rows, columns], scale, plan).items():
                    made[name][number, rows, columns] = part
    return out


def _surrounded(values: Array, degree: NDArray[np.int8], sides: Sequence[Array], scale: Scale) -> Array:
    """Deviations of a layer of a chunk, within those that lie above, below, left and right of it."""
    padded = np.empty((values.shape[0] + 2, values.shape[1] + 2))
    padded[1:-1, 1:-1] = deviations(values, degree >= 0, scale.origin)
    above, below, before, behind = (side.ravel() for side in sides)
    padded[0], padded[-1], padded[1:-1, 0], padded[1:-1, -1] = above, below, before, behind
    return padded
