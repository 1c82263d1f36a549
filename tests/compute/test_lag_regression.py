"""The t of the lag on the value: other people's regression, Moran's I as its slope, and what it refuses."""

import itertools

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ouhe import regions
from ouhe.compute import lag_regression, moran
from ouhe.errors import DataError
from ouhe.neighbours import Neighbours


def names_of(n):
    return [f"r{i}" for i in range(n)]


def array(values, *dims):
    values = np.asarray(values, dtype=float)
    return xr.DataArray(values, dims=("region", *dims), coords={"region": names_of(len(values))})


def path(n, **options):
    names = names_of(n)
    return Neighbours.from_pairs(itertools.pairwise(names), names, **options)


@given(seed=st.integers(0, 99), n=st.integers(4, 30), style=st.sampled_from(["row", "binary"]))
def test_slope_t_and_p_are_those_of_scipy(seed, n, style):
    x, w = array(np.random.default_rng(seed).lognormal(size=n)), path(n, style=style)
    found = lag_regression.slope(x, w)
    line = stats.linregress(x, w.matrix @ (x - x.mean()).to_numpy())
    assert float(found["t"]) == pytest.approx(line.slope / line.stderr, rel=1e-9)
    assert float(found["p_value"]) == pytest.approx(line.pvalue, rel=1e-8)
    assert float(found["slope"]) == pytest.approx(line.slope, rel=1e-9, abs=1e-12)


@given(seed=st.integers(0, 99), scale=st.floats(1e-6, 1e6), shift=st.floats(-100, 100))
def test_the_slope_is_morans_i_where_rows_sum_to_one_and_units_change_nothing(seed, scale, shift):
    x, w = array(np.random.default_rng(seed).uniform(size=12)), path(12)
    found, other = lag_regression.slope(x, w), lag_regression.slope(x * scale + shift * scale, w)
    assert float(found["slope"]) == pytest.approx(float(moran.univariate(x, w, permutations=0)["statistic"]), rel=1e-12)
    assert float(other["t"]) == pytest.approx(float(found["t"]), rel=1e-6)


def test_every_other_dimension_is_left_alone_and_regions_may_stand_in_any_order():
    x = array(np.random.default_rng(3).uniform(size=(9, 2, 3)), "variant", "year").transpose(
        "year", "region", "variant"
    )
    found = lag_regression.slope(x, path(9))
    assert found["t"].dims == ("year", "variant")
    one = lag_regression.slope(x.isel(year=2, variant=1), path(9))
    mixed = lag_regression.slope(x.isel(region=[4, 2, 8, 0, 1, 7, 5, 3, 6]), path(9))
    assert float(found["t"][2, 1]) == pytest.approx(float(one["t"]), rel=1e-12)
    np.testing.assert_allclose(mixed["t"], found["t"], rtol=1e-12)


def test_values_that_determine_their_lag_have_no_t():
    names = names_of(6)
    everyone = Neighbours.from_pairs(itertools.combinations(names, 2), names)
    found = lag_regression.slope(array([1, 2, 4, 8, 16, 32]), everyone)
    assert float(found["slope"]) == pytest.approx(-1 / 5)
    assert np.isnan(found["t"])
    assert np.isnan(found["p_value"])


@pytest.mark.parametrize("values", [[1, 1, 1, 1, 1], [1, 2, np.nan, 4, 5], [1, 2, 3]])
def test_values_without_a_regression_are_refused(values):
    with pytest.raises(DataError):
        lag_regression.slope(array(values), path(len(values)))


@pytest.mark.real
def test_the_published_t_of_new_quality_productive_forces(shared_data):
    """What 127ww/nqp-spatial-development prints under Z for 2011: 4.629, to three digits."""
    folder = shared_data / "nqp-spatial"
    scores = pd.read_csv(folder / "面板数据_最终测度得分结果.csv")
    order = list(regions.load("china-provinces").ids)
    first = scores[scores["年份"] == 2011].set_index("省份")["新质生产力_组合得分"].loc[order]
    matrix = pd.read_csv(folder / "W_adj_norm.csv", header=None).to_numpy()
    x = xr.DataArray(first.to_numpy(), dims="region", coords={"region": order})
    found = lag_regression.slope(x, Neighbours.from_dense(matrix, order, style="row"))
    assert float(found["t"]) == pytest.approx(4.629, abs=0.0005)
