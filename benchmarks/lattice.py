"""Time Moran's I of rasters, global and local with analytic moments, side by side with esda.

Run ``python benchmarks/lattice.py`` (``--quick`` for the size that esda takes too). Both contenders start from the same
values; esda gets its weights, a ``W`` of the cells that touch, ready made. The largest raster has cells outside, as a
country has, and the time of the same without any stands beside it. Memory is the peak of a process of its own that
makes the values and calls once.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterator

import numpy as np
import xarray as xr
from scipy.ndimage import gaussian_filter
from timing import Row, fresh, main, most_resident, rows, turns

from ouhe.compute import lattice

with warnings.catch_warnings():
    # what the peers say while they are imported is not about this work
    warnings.simplefilter("ignore")
    import esda
    import libpysal

#: Rows and columns.
SMALL, LARGE = (250, 400), (2500, 4000)


def raster(shape: tuple[int, int]) -> xr.DataArray:
    """Values that resemble their neighbours, the same at every run."""
    noise = np.random.default_rng(7).standard_normal(shape)
    return xr.DataArray(gaussian_filter(noise, 2) + 0.1 * noise, dims=("y", "x"))


def country(x: xr.DataArray) -> xr.DataArray:
    """The same with the corners outside, a fifth of the cells."""
    y, across = np.ogrid[tuple(slice(-1, 1, n * 1j) for n in x.shape)]
    inside = y**2 + across**2 < 1.03
    return x.where(inside).assign_coords(inside=(("y", "x"), inside))


def beside() -> Iterator[Row]:
    """Both contenders in turn, once they are known to find the same."""
    x = raster(SMALL)
    w = libpysal.weights.lat2W(*SMALL, rook=False)
    w.transform = "r"
    w.sparse  # noqa: B018 (made when it is first asked for)
    flat = x.values.ravel()
    near = {"ouhe": lambda: lattice.local(x), "esda": lambda: esda.Moran_Local(flat, w, permutations=0)}
    whole = {"ouhe": lambda: lattice.moran(x), "esda": lambda: esda.Moran(flat, w, permutations=0)}
    ours, theirs = whole["ouhe"](), whole["esda"]()
    np.testing.assert_allclose([ours["statistic"], ours["z"]], [theirs.I, theirs.z_rand], rtol=1e-9)
    np.testing.assert_allclose(near["ouhe"]()["statistic"].values.ravel(), near["esda"]().Is, rtol=1e-9, atol=1e-10)
    for name, calls in (("global", whole), ("local", near)):
        yield from rows(name, {"cells": x.size}, turns(calls, 7))


def alone(said: str) -> dict[str, float]:
    """How long one call of this process takes, kernels included, and the peak of memory."""
    x, call = raster(LARGE), {"global": lattice.moran, "local": lattice.local}[said]
    start = time.perf_counter()
    call(x)
    return {"seconds": time.perf_counter() - start, "peak": most_resident()}


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """The size that both take, the large one, and its memory."""
    yield from beside()
    if asked.quick:
        return
    x = raster(LARGE)
    for ending, values in (("", x), ("_country", country(x))):
        lattice.moran(values)
        size = {"cells": x.size}
        yield from rows(f"global{ending}", size, turns({"ouhe": lambda v=values: lattice.moran(v)}, 7))
        yield from rows(f"local{ending}", size, turns({"ouhe": lambda v=values: lattice.local(v)}, 5))
    del x, values
    for name in ("global", "local"):
        peak = fresh(__file__, name)["peak"]
        yield Row(table=f"{name}_memory", case={"cells": LARGE[0] * LARGE[1]}, contender="ouhe", peak=peak)


if __name__ == "__main__":
    main(__doc__, measured, packages=("numpy", "numba", "scipy", "esda", "libpysal"), alone=alone)
