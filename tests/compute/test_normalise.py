"""Normalisation: hand-computed values, directions, and what it refuses."""

import numpy as np
import pytest
import xarray as xr

from ouhe import text
from ouhe.compute import normalise
from ouhe.errors import DataError, OptionError


@pytest.fixture
def x():
    """Two regions, two years; gdp is positive, waste negative."""
    return xr.DataArray(
        [[[1.0, 10.0], [2.0, 30.0]], [[5.0, 20.0], [3.0, 50.0]]],
        dims=("region", "year", "indicator"),
        coords={
            "region": ["a", "b"],
            "year": [2020, 2021],
            "indicator": ["gdp", "waste"],
            "direction": ("indicator", ["positive", "negative"]),
            "system_of": ("indicator", ["economy", "nature"]),
        },
        attrs={"source": "made up"},
        name="panel",
    )


def test_minmax_over_the_panel(x):
    y = normalise.minmax(x)
    # gdp (v − 1) / 4, waste (50 − v) / 40
    assert y.values.tolist() == [[[0.0, 1.0], [0.25, 0.5]], [[1.0, 0.75], [0.5, 0.0]]]
    assert y.dims == x.dims
    assert set(y.coords) == set(x.coords)
    assert y.attrs == x.attrs
    assert y.name == "panel"


def test_minmax_within_each_year(x):
    y = normalise.minmax(x, over="year")
    assert y.values.tolist() == [[[0.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 0.0]]]


def test_minmax_without_directions_takes_all_as_positive(x):
    y = normalise.minmax(x.drop_vars("direction"))
    assert y.sel(indicator="waste").values.tolist() == [[0.0, 0.5], [0.25, 1.0]]


def test_range_offset_is_added_to_the_range(x):
    y = normalise.minmax(x, range_offset=4.0)
    assert y.sel(indicator="gdp").values.tolist() == [[0.0, 0.125], [0.5, 0.25]]
    assert y.sel(indicator="waste").max() == 40.0 / 44.0


@pytest.fixture
def tailed():
    """Ten regions in two years: 0 … 9 and 10 times that, positive, and the same, negative."""
    values = np.multiply.outer(np.arange(10.0), [1.0, 10.0])
    return xr.DataArray(
        np.stack([values, values], axis=-1),
        dims=("region", "year", "indicator"),
        coords={"year": [2020, 2021], "indicator": ["a", "b"], "direction": ("indicator", ["positive", "negative"])},
        name="tailed",
    )


def test_winsorised_values_are_the_quantiles_before_anything_else(tailed):
    # of 20 values in order 0 0 1 2 3 … 50 60 70 80 90 the quantiles of a tenth are (0 + 1) / 2 and (70 + 80) / 2
    y = normalise.minmax(tailed, winsorise=0.1)
    expected = (tailed.isel(indicator=0).clip(0.5, 75.0) - 0.5) / 74.5
    np.testing.assert_allclose(y.sel(indicator="a"), expected, rtol=1e-15)
    np.testing.assert_allclose(y.sel(indicator="b"), 1.0 - expected, atol=1e-15)
    assert y["winsorised"].values.tolist() == [4, 4]
    assert (y.name, y.dims) == (tailed.name, tailed.dims)
    # of ten values of a year the first two are 0 and 1, the last two 8 and 9
    y = normalise.minmax(tailed, winsorise=0.1, over="year")
    expected = (np.arange(10.0).clip(0.5, 8.5) - 0.5) / 8.0
    np.testing.assert_allclose(y.sel(indicator="a", year=2021), expected, rtol=1e-15)
    assert y["winsorised"].values.tolist() == [4, 4]


@pytest.mark.parametrize("method", [normalise.minmax, normalise.zscore, normalise.vector])
@pytest.mark.parametrize("over", ["panel", "year"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_winsorising_is_the_method_on_winsorised_values_whatever_the_chunks(method, over, dtype):
    rng = np.random.default_rng(0)
    land = rng.random((9, 11)) < 0.8
    values = rng.lognormal(size=(2, 3, 9, 11)).astype(dtype)
    values[..., ~land] = np.nan
    x = xr.DataArray(
        values,
        dims=("indicator", "year", "y", "x"),
        coords={
            "indicator": ["a", "b"],
            "direction": ("indicator", ["negative", "positive"]),
            "inside": (("y", "x"), land),
        },
    )
    over_dims = ("year", "y", "x") if over == "panel" else ("y", "x")
    cells = x.where(x["inside"]).astype(float)
    low, high = (cells.quantile(p, over_dims, method="averaged_inverted_cdf") for p in (0.04, 0.96))
    clipped = x.copy(data=x.variable.clip(low.variable.astype(dtype), high.variable.astype(dtype)).data)
    expected = method(clipped, over=over)
    some = {"rtol": 1e-12} if dtype is np.float64 else {"rtol": 2e-7, "atol": 2e-7}
    for whole in (x, x.chunk(y=4, year=2)):
        y = method(whole, over=over, winsorise=0.04)
        assert y.dtype == dtype
        np.testing.assert_allclose(y.values, expected.values, **some)
        moved = ((cells < low) | (cells > high)).sum(["year", "y", "x"])
        assert y["winsorised"].values.tolist() == moved.values.tolist()
    if method is normalise.minmax:
        assert np.nanmin(y.values) == 0.0


def test_no_winsorising_moves_and_tells_nothing(tailed):
    assert "winsorised" not in normalise.minmax(tailed).coords
    y = normalise.minmax(tailed, winsorise=0.01)  # less than one of 20 values
    assert y["winsorised"].values.tolist() == [0, 0]
    np.testing.assert_array_equal(y, normalise.minmax(tailed))


@pytest.mark.parametrize("method", [normalise.minmax, normalise.zscore, normalise.vector])
def test_shares_and_indicators_that_leave_nothing_are_refused(tailed, method):
    for share in (-0.1, 0.5, np.nan):
        with pytest.raises(OptionError, match="winsorise"):
            method(tailed, winsorise=share)
    tailed[:, :, 1] = 7.0
    tailed[0, 0, 1] = 1e6
    with pytest.raises(DataError, match=r"b varies only in the outer 10\.00%.*all others are 7") as error:
        method(tailed, winsorise=0.1)
    assert [p.key for p in error.value.problems] == ["compute.winsorised_flat"]


def test_zeros_are_never_negative(x):
    assert not np.signbit(normalise.minmax(x).values).any()


def test_zscore(x):
    y = normalise.zscore(x)
    # gdp 1 2 5 3: mean 2.75, squares 3.0625 + 0.5625 + 5.0625 + 0.0625 = 8.75, sample variance 8.75 / 3
    assert y.sel(region="a", year=2020, indicator="gdp").item() == pytest.approx(-1.75 / np.sqrt(8.75 / 3))
    # waste 10 30 20 50: mean 27.5, squares 875, sign turned
    assert y.sel(region="b", year=2021, indicator="waste").item() == pytest.approx(-22.5 / np.sqrt(875 / 3))
    population = normalise.zscore(x, ddof=0, shift=3.0)
    assert population.sel(region="a", year=2020, indicator="gdp").item() == pytest.approx(3 - 1.75 / np.sqrt(8.75 / 4))


def test_zscore_within_each_year(x):
    y = normalise.zscore(x, over="year", ddof=0)
    assert y.values == pytest.approx(np.array([[[-1, 1], [-1, 1]], [[1, -1], [1, -1]]]))


def test_goalposts(x):
    y = normalise.goalposts(x, low={"gdp": 0.0, "waste": 0.0}, high={"gdp": 10.0, "waste": 100.0})
    assert y.values == pytest.approx(np.array([[[0.1, 0.9], [0.2, 0.7]], [[0.5, 0.8], [0.3, 0.5]]]))


def test_goalposts_refuse_or_clip_what_lies_outside(x):
    posts = {"low": {"gdp": 2.0, "waste": 0.0}, "high": {"gdp": 4.0, "waste": 100.0}}
    with pytest.raises(DataError) as error, text.use("en"):
        normalise.goalposts(x, **posts)
    assert len(error.value.problems) == 2
    assert "a 2020 gdp is 1.0" in error.value.problems[0].message("en")
    assert normalise.goalposts(x, **posts, clip=True).sel(indicator="gdp").values.tolist() == [[0.0, 0.0], [1.0, 0.5]]


def test_goalposts_tell_everything_that_is_missing_or_crossed(x):
    with pytest.raises(OptionError) as error:
        normalise.goalposts(x, low={"waste": 5.0}, high={"waste": 5.0})
    assert [p.key for p in error.value.problems] == ["compute.no_goalpost", "compute.goalposts_crossed"]


def test_goalposts_take_an_indicator_that_never_varies():
    x = xr.DataArray([[5.0], [5.0]], dims=("region", "indicator"), coords={"indicator": ["a"]})
    assert normalise.goalposts(x, low={"a": 0.0}, high={"a": 10.0}).values.ravel().tolist() == [0.5, 0.5]


def test_vector(x):
    y = normalise.vector(x)
    # 1 + 4 + 25 + 9 = 39; 100 + 900 + 400 + 2500 = 3900
    assert y.sel(indicator="gdp").values.ravel() == pytest.approx(np.array([1, 2, 5, 3]) / np.sqrt(39))
    assert y.sel(indicator="waste").values.ravel() == pytest.approx(1 - np.array([10, 30, 20, 50]) / np.sqrt(3900))


@pytest.mark.parametrize("method", [normalise.minmax, normalise.zscore, normalise.vector])
def test_all_indicators_that_never_vary_are_named_together(method):
    x = xr.DataArray(
        [[1.0, 7.0, 0.3], [2.0, 7.0, 0.1 + 0.2]],
        dims=("region", "indicator"),
        coords={"indicator": ["a", "b", "c"]},
    )
    with pytest.raises(DataError) as error:
        method(x)
    assert [p.message("en").split(" never")[0] for p in error.value.problems] == ["b", "c"]
    assert normalise.constant(x) == ["b", "c"]


def test_a_year_in_which_an_indicator_does_not_vary_is_named(x):
    x.loc[{"region": "b", "year": 2020, "indicator": "gdp"}] = 1.0
    assert normalise.constant(x) == []
    assert normalise.constant(x, over="year") == ["gdp"]
    with pytest.raises(DataError, match=r"2020 gdp"), text.use("en"):
        normalise.minmax(x, over="year")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "method",
    [
        normalise.minmax,
        normalise.zscore,
        normalise.vector,
        normalise.constant,
        lambda x: normalise.goalposts(x, low={"gdp": 0, "waste": 0}, high={"gdp": 9, "waste": 99}, clip=True),
    ],
)
def test_cells_that_are_no_finite_number_are_named(x, method, bad):
    x[1, 0, 1] = bad
    x[0, 1, 0] = bad
    with pytest.raises(DataError) as error:
        method(x)
    assert [p.message("en").split(" is")[0] for p in error.value.problems] == ["a 2021 gdp", "b 2020 waste"]


def test_bad_cells_of_a_chunked_array_are_named_too(x):
    x[1, 0, 1] = np.nan
    with pytest.raises(DataError, match=r"b 2020 waste"):
        normalise.minmax(x.chunk(region=1))


def test_an_unknown_direction_is_told(x):
    with pytest.raises(DataError, match=r"waste.*down"):
        normalise.minmax(x.assign_coords(direction=("indicator", ["positive", "down"])))


@pytest.mark.parametrize("size", [1e-300, 1e-12, 1e12, 1e300])
def test_any_magnitude_is_taken(x, size):
    for method in (normalise.minmax, normalise.zscore, normalise.vector):
        xr.testing.assert_allclose(method(x * size), method(x), rtol=1e-12)


def test_zscore_of_a_small_spread_around_a_large_mean_keeps_its_digits():
    x = xr.DataArray(1e9 + np.array([[1.0], [2.0], [3.0]]), dims=("region", "indicator"))
    assert normalise.zscore(x).values.ravel().tolist() == [-1.0, 0.0, 1.0]


def test_whole_numbers_and_float32(x):
    assert normalise.minmax(x.astype(int)).dtype == np.float64
    y = normalise.minmax(x.astype(np.float32))
    assert y.dtype == np.float32
    assert y.values == pytest.approx(normalise.minmax(x).values, rel=1e-6)


def test_order_of_dimensions_does_not_matter(x):
    turned = x.transpose("indicator", "year", "region")
    for method in (normalise.minmax, normalise.zscore, normalise.vector):
        assert method(turned).dims == turned.dims
        xr.testing.assert_allclose(method(turned).transpose(*x.dims), method(x))
