"""Moments: numpy's, at any magnitude."""

import numpy as np
import pytest
import xarray as xr

from ouhe import moments
from ouhe.errors import DataError


@pytest.fixture
def x():
    """Skewed values of three indicators."""
    return xr.DataArray(np.random.default_rng(0).lognormal(size=(20, 5, 3)), dims=("region", "year", "indicator"))


@pytest.mark.parametrize("ddof", [0, 1])
def test_mean_and_deviation(x, ddof):
    mean, deviation = moments.mean_and_deviation(x, ["region", "year"], ddof=ddof)
    assert mean.values == pytest.approx(x.values.mean(axis=(0, 1)))
    assert deviation.values == pytest.approx(x.values.std(axis=(0, 1), ddof=ddof))


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_any_magnitude(x, size):
    mean, deviation = moments.mean_and_deviation(x * size, ["region", "year"], ddof=1)
    assert (mean / size).values == pytest.approx(x.values.mean(axis=(0, 1)))
    assert (deviation / size).values == pytest.approx(x.values.std(axis=(0, 1), ddof=1))


def test_what_never_varies_has_no_deviation():
    x = xr.DataArray([[7.0, 0.3], [7.0, 0.1 + 0.2]], dims=("region", "indicator"))
    mean, deviation = moments.mean_and_deviation(x, ["region"], ddof=1)
    assert mean.values == pytest.approx([7.0, 0.3])
    assert deviation.values.tolist() == [0.0, 0.0]


def test_correlation(x):
    _, r = moments.correlation(x, ["region", "year"])
    assert r.dims == ("indicator", "other")
    assert r.values == pytest.approx(np.corrcoef(x.values.reshape(-1, 3).T))


def test_correlation_names_what_never_varies(x):
    x[..., 1] = 2.0
    with pytest.raises(DataError) as error:
        moments.correlation(x.assign_coords(indicator=["a", "b", "c"]), ["region", "year"])
    assert len(error.value.problems) == 1
    assert str(error.value).startswith("b never varies")
