"""Ranks of regions and how they change."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ouhe.compute import rank
from ouhe.errors import DataError, OptionError, OuheWarning


@pytest.fixture
def x():
    """Four regions, two years (the later one first), two variables."""
    return xr.DataArray(
        [[[5.0, 1.0], [1.0, 1.0]], [[3.0, 1.0], [4.0, 2.0]], [[3.0, 1.0], [3.0, 3.0]], [[1.0, 2.0], [2.0, 4.0]]],
        dims=("region", "year", "variable"),
        coords={"region": list("abcd"), "year": [2022, 2010], "variable": ["C", "D"]},
    )


def test_by_hand(x):
    ranks = rank.descending(x)
    assert ranks.dims == x.dims
    assert ranks["region"].equals(x["region"])
    assert ranks.sel(year=2022, variable="C").values.tolist() == [1, 2, 2, 4]
    assert ranks.sel(year=2022, variable="D").values.tolist() == [2, 2, 2, 1]
    assert ranks.sel(year=2010, variable="C").values.tolist() == [4, 1, 2, 3]
    mean = rank.descending(x, ties="mean")
    assert mean.sel(year=2022, variable="C").values.tolist() == [1, 2.5, 2.5, 4]
    assert mean.sel(year=2022, variable="D").values.tolist() == [3, 3, 3, 1]


def test_change_counts_places_won_between_the_first_and_the_last_year(x):
    won = rank.change(rank.descending(x))
    assert won.dims == ("region", "variable")
    # C: 4 → 1, 1 → 2, 2 → 2, 3 → 4
    assert won.sel(variable="C").values.tolist() == [3, -1, 0, -1]
    assert won.sel(variable="D").values.tolist() == [2, 1, 0, 0]


def test_change_needs_two_years(x):
    with pytest.raises(DataError, match="two years"):
        rank.change(rank.descending(x.isel(year=[0])))


def test_a_missing_value_takes_no_place_and_is_told(x):
    x[0, 0, 0] = np.nan
    with pytest.warns(OuheWarning, match="1 missing"):
        ranks = rank.descending(x)
    np.testing.assert_array_equal(ranks.sel(year=2022, variable="C"), [np.nan, 1, 1, 3])
    with pytest.warns(OuheWarning):
        mean = rank.descending(x, ties="mean")
    np.testing.assert_array_equal(mean.sel(year=2022, variable="C"), [np.nan, 1.5, 1.5, 3])
    np.testing.assert_array_equal(rank.change(ranks).sel(variable="C"), [np.nan, 0, 1, 0])
    x[:, 0, 0] = np.nan
    with pytest.warns(OuheWarning, match="4 missing"):
        assert rank.descending(x).sel(year=2022, variable="C").isnull().all()


def test_unknown_ties(x):
    with pytest.raises(OptionError, match="best"):
        rank.descending(x, ties="first")


def test_a_raster_is_ranked_as_a_whole():
    raster = xr.DataArray([[[1.0], [2.0]], [[3.0], [4.0]]], dims=("y", "x", "year"))
    ranks = rank.descending(raster)
    assert ranks.dims == ("y", "x", "year")
    assert ranks.values.ravel().tolist() == [4, 3, 2, 1]


def test_chunked_values_stay_lazy(x):
    lazy = rank.descending(x.chunk({"region": 2, "year": 1}))
    assert lazy.chunks is not None
    xr.testing.assert_identical(lazy.compute(), rank.descending(x))


VALUES = hnp.arrays(float, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.integers(0, 6).map(float))


@given(VALUES, st.randoms(use_true_random=False))
def test_laws(values, random):
    x = xr.DataArray(values, dims=("region", "year"))
    n = len(values)
    best, mean = rank.descending(x), rank.descending(x, ties="mean")
    # as defined: one more than the regions above; the mean of all ranks is that of 1 … n
    above = (values[np.newaxis] > values[:, np.newaxis]).sum(axis=1)
    np.testing.assert_array_equal(best, above + 1)
    np.testing.assert_allclose(mean.mean("region"), (n + 1) / 2)
    # a rising change of scale keeps ranks, and a falling one turns them around
    np.testing.assert_array_equal(rank.descending(3 * x - 7), best)
    np.testing.assert_array_equal(rank.descending(-x, ties="mean"), n + 1 - mean)
    order = list(range(n))
    random.shuffle(order)
    np.testing.assert_array_equal(rank.descending(x.isel(region=order)), best.isel(region=order))
