"""Rasters and the weights of the same cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from ouhe.neighbours import Neighbours


def neighbours(inside, rule):
    """Weights of the cells inside, from the definition of the rule."""
    cells = [tuple(map(int, c)) for c in np.argwhere(inside)]
    names = {c: f"{c[0]}-{c[1]}" for c in cells}
    steps = [(0, 1), (1, 0), *([(1, 1), (1, -1)] if rule == "queen" else [])]
    ends = [(c, (c[0] + i, c[1] + j)) for c in cells for i, j in steps]
    return Neighbours.from_pairs([(names[a], names[b]) for a, b in ends if b in names], list(names.values()))


def made(seed, shape=(3, 11, 14), share=0.7):
    """Smooth and skewed layers with a mask that leaves isolates."""
    rng = np.random.default_rng(seed)
    inside = rng.random(shape[1:]) < share
    values = rng.lognormal(size=shape).cumsum(axis=2)
    values[:, ~inside] = np.nan
    coords = {"year": [2010 + i for i in range(shape[0])], "inside": (("y", "x"), inside)}
    return xr.DataArray(values, dims=("year", "y", "x"), coords=coords, name="D")


@pytest.fixture(scope="session")
def raster() -> Callable[..., xr.DataArray]:
    """Maker of rasters."""
    return made


@pytest.fixture(scope="session")
def small() -> Callable[..., tuple[xr.DataArray, Neighbours]]:
    """Maker of the small version: the cells inside as regions, and their weights."""

    def of(x, rule):
        inside = x["inside"].values
        w = neighbours(inside, rule)
        coords = {"year": x["year"].values, "region": list(w.regions)}
        return xr.DataArray(x.values[:, inside], dims=("year", "region"), coords=coords), w

    return of


@pytest.fixture(scope="session")
def same() -> Callable[..., None]:
    """Check that two datasets hold the same numbers."""

    def check(found, expected, tolerance=1e-10):
        for name in expected.data_vars:
            np.testing.assert_allclose(found[name], expected[name], rtol=tolerance, atol=tolerance, err_msg=name)

    return check
