"""Moran's I on rasters beside esda, with the sparse weights that libpysal makes for a lattice."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import xarray as xr

from ouhe.compute import lattice

esda = pytest.importorskip("esda")
libpysal = pytest.importorskip("libpysal")

SHAPE = (37, 52)


@pytest.fixture(scope="module", params=["queen", "rook"])
def peers(request):
    """A raster, the rule, and esda's weights of all its cells."""
    noise = np.random.default_rng(11).lognormal(size=SHAPE)
    x = xr.DataArray(noise + np.roll(noise, 1, axis=0) + np.roll(noise, 1, axis=1), dims=("y", "x"))
    with warnings.catch_warnings():
        # what libpysal says of its own older interface
        warnings.simplefilter("ignore")
        w = libpysal.weights.lat2W(*SHAPE, rook=request.param == "rook")
        w.transform = "r"
    return x, request.param, w


def test_global(peers):
    x, rule, w = peers
    theirs = esda.Moran(x.values.ravel(), w, permutations=0)
    for variance, sd, z, p in (
        ("randomisation", "VI_rand", "z_rand", "p_rand"),
        ("normality", "VI_norm", "z_norm", "p_norm"),
    ):
        found = lattice.moran(x, rule=rule, variance=variance)
        expected = [theirs.I, theirs.EI, getattr(theirs, sd) ** 0.5, getattr(theirs, z), getattr(theirs, p)]
        ours = [found[name].item() for name in ("statistic", "expected", "sd", "z", "p_value")]
        # esda takes the moments from differences of large products, which lose some digits
        np.testing.assert_allclose(ours, expected, rtol=1e-9)


def test_local(peers):
    x, rule, w = peers
    theirs = esda.Moran_Local(x.values.ravel(), w, permutations=0)
    found = lattice.local(x.chunk(y=16, x=20), rule=rule).compute()
    np.testing.assert_allclose(found["statistic"].values.ravel(), theirs.Is, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(found["quadrant"].values.ravel(), theirs.q)
    # its moments are those of the statistic without the factor (n - 1) / n
    share = (x.size - 1) / x.size
    np.testing.assert_allclose(found["expected"].values.ravel(), share * theirs.EIc, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(found["sd"].values.ravel(), share * np.sqrt(theirs.VIc), rtol=1e-8)
