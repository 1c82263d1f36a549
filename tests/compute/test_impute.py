"""Filling missing cells: by hand, against pandas and NumPy, and as laws that hold for any panel."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from ouhe.compute import impute
from ouhe.errors import OptionError

nan = np.nan
DATA = Path(__file__).parents[2] / "../shared/data"


def row(*values: float, years: list[int] | None = None) -> xr.DataArray:
    """A panel of one region and one indicator."""
    labels = years or [2010 + i for i in range(len(values))]
    return panel(np.array(values, dtype=float)[None, :, None], labels)


def panel(values: np.ndarray, years: list[int] | None = None) -> xr.DataArray:
    n, t, m = values.shape
    return xr.DataArray(
        values,
        dims=("region", "year", "indicator"),
        coords={
            "region": [f"r{i}" for i in range(n)],
            "year": years or [2010 + i for i in range(t)],
            "indicator": [f"i{i}" for i in range(m)],
            "unit": ("indicator", [f"u{i}" for i in range(m)]),
        },
        name="value",
        attrs={"source": "made"},
    )


def flat(x: xr.DataArray) -> list[float]:
    return x.isel(region=0, indicator=0).values.tolist()


# By hand


@pytest.mark.parametrize(
    ("options", "values", "expected"),
    [
        ({}, [1, nan, nan, 4], [1, 2, 3, 4]),
        ({}, [nan, nan, 3, nan, 5, nan], [3, 3, 3, 4, 5, 5]),
        ({}, [nan, 7, nan], [7, 7, 7]),
        ({}, [nan, nan], [nan, nan]),
        ({}, [1, 2], [1, 2]),
        ({"ends": "leave"}, [nan, 1, nan, 3, nan], [nan, 1, 2, 3, nan]),
        ({"ends": "leave"}, [nan, 7, nan], [nan, 7, nan]),
        ({"ends": "extrapolate"}, [nan, nan, 3, 5, nan, nan], [-1, 1, 3, 5, 7, 9]),
        ({"ends": "extrapolate"}, [nan, 1, nan, 5, 6, nan], [-1, 1, 3, 5, 6, 7]),
        ({"ends": "extrapolate"}, [nan, 7, nan], [7, 7, 7]),
        ({"ends": "extrapolate"}, [nan, nan], [nan, nan]),
        ({"max_gap": 1}, [nan, 1, nan, 3, nan, nan, 6, nan], [1, 1, 2, 3, nan, nan, 6, 6]),
        ({"max_gap": 1}, [nan, nan, 1, nan, nan], [nan, nan, 1, nan, nan]),
        ({"max_gap": 2}, [nan, nan, 1, nan, nan], [1, 1, 1, 1, 1]),
        ({"max_gap": 1, "ends": "extrapolate"}, [nan, 1, 2, nan, nan], [0, 1, 2, nan, nan]),
        ({"max_gap": 3}, [nan, nan], [nan, nan]),
    ],
)
def test_linear_by_hand(options: dict[str, object], values: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(flat(impute.linear(row(*values), **options)), expected)


def test_linear_goes_by_the_year_and_not_by_the_position() -> None:
    x = row(1, nan, 11, nan, nan, years=[2010, 2012, 2020, 2021, 2023])
    np.testing.assert_allclose(flat(impute.linear(x, ends="extrapolate")), [1, 3, 11, 12, 14])
    assert np.isnan(flat(impute.linear(x, max_gap=8))[1])  # 2011 to 2019 are nine missing years
    assert flat(impute.linear(x, max_gap=9))[1] == pytest.approx(3)


def test_years_may_stand_in_any_order() -> None:
    x = row(4, nan, 1, nan, years=[2013, 2011, 2010, 2012])
    assert flat(impute.linear(x)) == [4, 2, 1, 3]
    assert flat(impute.carry_forward(x)) == [4, 1, 1, 1]


def test_trend_by_hand() -> None:
    # Through (0, 1), (1, 3), (3, 4): mean year 4/3, mean 8/3, slope 13/14, so the line is 10/7 + 13/14 t.
    x = row(1, 3, nan, 4, nan)
    expected = [1, 3, 10 / 7 + 2 * 13 / 14, 4, 10 / 7 + 4 * 13 / 14]
    np.testing.assert_allclose(flat(impute.trend(x)), expected, rtol=1e-13)
    assert flat(impute.trend(row(nan, 2, 4, years=[2000, 2010, 2011]))) == pytest.approx([-18, 2, 4])


def test_trend_needs_two_values() -> None:
    np.testing.assert_array_equal(flat(impute.trend(row(nan, 5, nan))), [nan, 5, nan])
    np.testing.assert_array_equal(flat(impute.trend(row(nan, nan))), [nan, nan])


def test_group_mean_by_hand() -> None:
    x = panel(np.array([[1, nan], [3, 8], [nan, nan], [10, nan]], dtype=float)[:, :, None])
    groups = {"r0": "east", "r1": "east", "r2": "east", "r3": "west"}
    expected = [[1, 8], [3, 8], [2, 8], [10, nan]]
    np.testing.assert_array_equal(impute.group_mean(x, groups=groups).squeeze("indicator"), expected)


def test_group_mean_names_every_region_without_a_group() -> None:
    with pytest.raises(OptionError) as error:
        impute.group_mean(panel(np.ones((3, 2, 1))), groups={"r1": "east"})
    assert ["r0" in p.message("en") for p in error.value.problems] == [True, False]
    assert "地区 r2 " in error.value.problems[1].message("zh")


def test_indicator_mean_by_hand() -> None:
    x = panel(np.array([[[1, 10], [nan, nan]], [[3, nan], [nan, 30]]], dtype=float))
    expected = [[[1, 10], [2, 20]], [[3, 20], [2, 30]]]
    np.testing.assert_array_equal(impute.indicator_mean(x), expected)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(None, [nan, 1, 1, 1, 4, 4]), (1, [nan, 1, 1, nan, 4, 4]), (2, [nan, 1, 1, 1, 4, 4])],
)
def test_carry_forward_by_hand(limit: int | None, expected: list[float]) -> None:
    np.testing.assert_array_equal(flat(impute.carry_forward(row(nan, 1, nan, nan, 4, nan), limit=limit)), expected)


def test_carry_forward_counts_years_by_their_labels() -> None:
    x = row(1, nan, nan, years=[2010, 2012, 2015])
    np.testing.assert_array_equal(flat(impute.carry_forward(x, limit=2)), [1, 1, nan])


def test_what_was_filled_is_counted() -> None:
    x = panel(np.array([[[1, nan], [nan, nan]], [[3, nan], [4, nan]]], dtype=float))
    after = impute.carry_forward(x)
    assert impute.share_filled(x, after).to_series().to_dict() == {"i0": 0.25, "i1": 0.0}


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda x: impute.linear(x, ends="cary"), "cary"),
        (lambda x: impute.linear(x, max_gap=0), "max_gap: 0"),
        (lambda x: impute.carry_forward(x, limit=-1), "limit: -1"),
    ],
)
def test_options_outside_their_range_are_refused(call: Callable[[xr.DataArray], object], says: str) -> None:
    with pytest.raises(OptionError) as error:
        call(row(1, nan))
    assert says in error.value.problems[0].message("en")


# Against other people's software


def matrices(rows: int = 6, columns: int = 12) -> st.SearchStrategy[np.ndarray]:
    cell = st.one_of(st.just(nan), st.floats(-1e6, 1e6).map(lambda v: round(v, 3)))
    return st.lists(st.lists(cell, min_size=columns, max_size=columns), min_size=1, max_size=rows).map(np.array)


years = st.lists(st.integers(1990, 2030), min_size=12, max_size=12, unique=True).map(sorted)


@given(matrices(), years)
def test_linear_agrees_with_pandas(values: np.ndarray, labels: list[int]) -> None:
    ours = impute.linear(panel(values[:, :, None], labels)).squeeze("indicator").values
    theirs = pd.DataFrame(values.T, index=labels).interpolate(method="index", limit_direction="both").to_numpy().T
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-6)  # the two round differently, values reach 1e6


@given(matrices(rows=1), years)
def test_trend_agrees_with_numpy(values: np.ndarray, labels: list[int]) -> None:
    ours = np.array(flat(impute.trend(panel(values[:, :, None], labels))))
    known = ~np.isnan(values[0])
    if known.sum() < 2:
        np.testing.assert_array_equal(ours, values[0])
        return
    at = np.array(labels) - labels[0]
    line = np.polynomial.Polynomial.fit(at[known], values[0][known], deg=1)(at)
    np.testing.assert_allclose(ours[~known], line[~known], rtol=1e-8, atol=1e-4)  # 40 years out from 1e6 per year


# Laws

METHODS: dict[str, Callable[[xr.DataArray], xr.DataArray]] = {
    "linear": impute.linear,
    "linear leave": lambda x: impute.linear(x, ends="leave"),
    "linear extrapolate": lambda x: impute.linear(x, ends="extrapolate"),
    "linear max_gap": lambda x: impute.linear(x, max_gap=2),
    "trend": impute.trend,
    "group mean": lambda x: impute.group_mean(x, groups={f"r{i}": "ab"[i % 2] for i in range(6)}),
    "indicator mean": impute.indicator_mean,
    "carry forward": impute.carry_forward,
}
method = pytest.mark.parametrize("fill", METHODS.values(), ids=METHODS)


@method
@given(values=matrices())
def test_known_cells_labels_and_the_input_stay_as_they_were(
    fill: Callable[[xr.DataArray], xr.DataArray], values: np.ndarray
) -> None:
    x = panel(values[:, :, None])
    kept = x.copy(deep=True)
    after = fill(x)
    xr.testing.assert_identical(x, kept)
    xr.testing.assert_identical(after.where(x.notnull()), x)
    assert after.dims == x.dims


@method
@given(values=matrices())
def test_filling_twice_fills_no_more(fill: Callable[[xr.DataArray], xr.DataArray], values: np.ndarray) -> None:
    once = fill(panel(values[:, :, None]))
    xr.testing.assert_identical(fill(once), once)


@method
@given(values=matrices(), order=st.permutations(range(6)))
def test_order_of_regions_changes_nothing(
    fill: Callable[[xr.DataArray], xr.DataArray], values: np.ndarray, order: list[int]
) -> None:
    x = panel(values[:, :, None])
    mixed = [i for i in order if i < len(values)]
    # sums over regions round in another order
    np.testing.assert_allclose(fill(x.isel(region=mixed)), fill(x).isel(region=mixed), rtol=1e-9, atol=1e-6)


@method
def test_chunked_is_unchunked_and_stays_lazy(fill: Callable[[xr.DataArray], xr.DataArray]) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(6, 12, 3))
    values[rng.random(values.shape) < 0.4] = nan
    values[0, :, 0], values[1, 1:, 0], values[:, :, 1] = nan, nan, nan
    x = panel(values)
    lazy = fill(x.chunk({"region": 2, "year": 5}))
    assert lazy.chunks is not None
    xr.testing.assert_allclose(lazy.compute(), fill(x), rtol=1e-12)


@settings(deadline=None)
@given(st.integers(-50, 50), st.integers(-1000, 1000), st.sets(st.integers(0, 11), min_size=2), years)
def test_a_line_is_found_again(slope: int, level: int, known: set[int], labels: list[int]) -> None:
    line = level + slope * (np.array(labels, dtype=float) - labels[0])
    gaps = np.where(np.isin(np.arange(12), list(known)), line, nan)
    x = panel(gaps[None, :, None], labels)
    for found in (impute.linear(x, ends="extrapolate"), impute.trend(x)):
        np.testing.assert_allclose(flat(found), line, rtol=1e-9, atol=1e-7)


def test_rasters_are_filled_like_regions() -> None:
    x = panel(np.array([[1, nan, 3], [nan, 5, nan]], dtype=float)[:, :, None])
    raster = xr.DataArray(
        x.values.reshape(1, 2, 3, 1), dims=("y", "x", "year", "indicator"), coords={"year": x["year"].values}
    )
    for fill in (impute.linear, impute.trend, impute.indicator_mean, impute.carry_forward):
        np.testing.assert_array_equal(fill(raster).values.reshape(2, 3, 1), fill(x).values)


def test_a_large_panel_takes_about_a_second() -> None:
    rng = np.random.default_rng(0)
    values = rng.random((2850, 24, 60))
    values[rng.random(values.shape) < 0.1] = nan
    x = panel(values)
    start = time.perf_counter()
    assert not impute.linear(x).isnull().any()
    assert time.perf_counter() - start < 10  # half a second alone; the bound only catches a loop over regions


@pytest.mark.real
@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is absent")
def test_real_panel_is_filled_as_pandas_fills_it() -> None:
    """The core table of the techme collection: 31 provinces, 13 years, whole years of some series missing."""
    table = pd.read_csv(DATA / "techme/core_2010_2022.csv")
    numbers = [c for c in table.columns if c not in {"province", "year"} and pd.api.types.is_numeric_dtype(table[c])]
    wide = table.set_index(["province", "year"])[numbers].to_xarray().to_dataarray("indicator")
    x = wide.rename(province="region").transpose("region", "year", "indicator")
    assert int(x.isnull().sum()) > 0
    after = impute.linear(x)
    for name in numbers:
        theirs = x.sel(indicator=name).to_pandas().T.interpolate(method="index", limit_direction="both").T
        np.testing.assert_allclose(after.sel(indicator=name), theirs, rtol=1e-12)
