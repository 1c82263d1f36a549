"""Obstacle degrees: what each indicator adds to the distance from the best value."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ouhe import text
from ouhe.compute import aggregate, group, normalise, obstacle, weight
from ouhe.errors import DataError, OptionError

SYSTEMS = ("indicator", ["s", "t", "s", "s"])


@pytest.fixture
def y():
    """Two regions, one year, three indicators of system s and one of t between them."""
    return xr.DataArray(
        [[[0.5, 0.2, 1.0, 0.75]], [[0.0, 1.0, 0.0, 0.5]]],
        dims=("region", "year", "indicator"),
        coords={"region": ["a", "b"], "year": [2020], "indicator": list("ijkl"), "system_of": SYSTEMS},
    )


@pytest.fixture
def w(y):
    """Weights that sum to 1 within both systems."""
    return xr.DataArray([0.4, 1.0, 0.2, 0.4], dims="indicator", coords={"indicator": y["indicator"]})


@st.composite
def panels(draw, low=0.0, high=1.0):
    """Values in bounds with weights, in one to three systems."""
    shape = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(1, 6))
    number = st.floats(low, high, allow_subnormal=False)
    coords = {
        "indicator": [f"i{k}" for k in range(shape[2])],
        "system_of": ("indicator", draw(st.lists(st.sampled_from("pqr"), min_size=shape[2], max_size=shape[2]))),
        "dimension_of": ("indicator", draw(st.lists(st.sampled_from("de"), min_size=shape[2], max_size=shape[2]))),
    }
    y = xr.DataArray(
        draw(hnp.arrays(float, shape, elements=number)), dims=("region", "year", "indicator"), coords=coords
    )
    w = draw(hnp.arrays(float, shape[2], elements=st.floats(1e-3, 1)))
    return y, y[0, 0].copy(data=w)


def test_by_hand(y, w):
    o = obstacle.degrees(y, w)
    assert o.dims == y.dims
    # a: 0.4·0.5 = 0.2, 0.2·0 = 0, 0.4·0.25 = 0.1, of 0.3; b: 0.4, 0.2, 0.2, of 0.8
    assert o.sel(region="a", indicator=list("ikl")).values.ravel() == pytest.approx([2 / 3, 0.0, 1 / 3])
    assert o.sel(region="b", indicator=list("ikl")).values.ravel() == pytest.approx([0.5, 0.25, 0.25])
    # the only indicator of t is all that holds a back, and at 1 nothing holds b back
    assert o.sel(indicator="j").values.ravel().tolist() == [1.0, 0.0]
    assert o["system_of"].values.tolist() == SYSTEMS[1]


def test_the_numbers_of_another_program():
    """Printed on the reference page of ``obstacle_degree()`` of the R package mathmodels, to three digits.

    It gives w (1 − y), our degree before it is divided by the sum.
    """
    columns = [
        [0.0162, 0.1782, 0.5490, 0.6730, 0.0207, 0.9875],
        [0.2720, 0.6824, 0.0593, 0.4812, 0.8891, 0.5573],
        [0.2655, 0.3721, 0.5729, 0.9082, 0.2017, 0.8984],
    ]
    theirs = [
        [0.394, 0.218, 0.220],
        [0.329, 0.0953, 0.188],
        [0.180, 0.282, 0.128],
        [0.131, 0.156, 0.0275],
        [0.392, 0.0333, 0.239],
        [0.00500, 0.133, 0.0305],
    ]
    y = xr.DataArray(np.transpose(columns), dims=("region", "indicator"))
    w = xr.DataArray([0.4, 0.3, 0.3], dims="indicator")
    lacking = 1.0 - aggregate.linear(y, w).isel(system=0, drop=True)
    ours = (obstacle.degrees(y, w) * lacking).transpose("region", "indicator")
    # half a unit of the last of three printed digits is at most 0.5 % of a number
    np.testing.assert_allclose(ours, theirs, rtol=0.005)


@given(panels())
def test_degrees_are_shares_of_what_each_system_lacks(given_panel):
    y, w = given_panel
    o = obstacle.degrees(y, w)
    assert ((o >= 0.0) & (o <= 1.0)).all()
    total = o.groupby("system_of").sum()
    lacks = (w * (1.0 - y)).groupby("system_of").sum() > 0.0
    np.testing.assert_allclose(total, lacks.transpose(*total.dims), rtol=1e-12)
    xr.testing.assert_allclose(obstacle.degrees(y, 7.0 * w), o)


@given(panels(high=0.9), st.floats(0.1, 0.9))
def test_all_shortfalls_alike_leave_the_weights(given_panel, level):
    y, w = given_panel
    o = obstacle.degrees(xr.full_like(y, level), w)
    shares = w / w.groupby("system_of").sum().sel(system_of=w["system_of"].values).values
    xr.testing.assert_allclose(o, shares.broadcast_like(o).transpose(*o.dims))


@given(panels(high=0.9), st.data())
def test_an_indicator_that_falls_becomes_a_heavier_obstacle(given_panel, data):
    y, w = given_panel
    at = data.draw(st.integers(0, y.sizes["indicator"] - 1))
    worse = y.copy()
    worse[..., at] = worse[..., at] / 2
    before, after = obstacle.degrees(y, w), obstacle.degrees(worse, w)
    assert (after[..., at] >= before[..., at] - 1e-12).all()
    others = before["system_of"].values != before["system_of"].values[at]
    assert (after[..., others] == before[..., others]).all()


def test_where_nothing_is_lacking_nothing_is_an_obstacle(y, w):
    best = xr.ones_like(y)
    assert (obstacle.degrees(best, w) == 0.0).all()
    # nor is an indicator without a weight, however far from 1
    y[:, :, [0, 3]] = 1.0
    o = obstacle.degrees(y, xr.where(w["indicator"] == "k", 0.0, w))
    assert (o.sel(indicator=list("ikl")) == 0.0).all()


def test_a_missing_value_makes_its_system_missing_there_alone(y, w):
    y[0, 0, 0] = np.nan
    o = obstacle.degrees(y, w)
    assert np.isnan(o.sel(region="a", indicator=list("ikl"))).all()
    assert np.isfinite(o.sel(region="a", indicator="j")).all()
    assert np.isfinite(o.sel(region="b")).all()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_values_outside_0_and_1_are_refused_once_with_the_way_out(y, w, lang):
    z = normalise.zscore(xr.concat([y, y.assign_coords(year=[2021]) / 2], "year"))
    with text.use(lang), pytest.raises(DataError) as error:
        obstacle.degrees(z, w)
    (problem,) = error.value.problems
    outside = (z.values < 0) | (z.values > 1)
    assert problem.params["count"] == outside.sum() > 1
    # i is 0.5, 0.25, 0 and 0, of mean 0.1875 and deviation 0.24, so that the very first lies above 1
    assert problem.params["at"] == "a 2020 i"
    assert all(way in problem.message(lang) for way in ("minmax", "goalposts"))
    with pytest.raises(DataError):
        obstacle.degrees(y - np.inf, w)


def test_the_very_bounds_are_inside_and_one_step_beyond_is_not(y, w):
    y[0, 0, :] = [0.0, 1.0, 0.0, 1.0]
    obstacle.degrees(y, w)
    y[0, 0, 1] = np.nextafter(1.0, 2.0)
    with pytest.raises(DataError, match="a 2020 j"):
        obstacle.degrees(y, w)


def test_negative_weights_are_named(y, w):
    with pytest.raises(DataError) as error:
        obstacle.degrees(y, w - 0.3)
    assert [p.params["at"] for p in error.value.problems] == ["k"]
    with pytest.raises(DataError) as error:
        obstacle.degrees(y + 1, w - 0.3)
    assert [p.key for p in error.value.problems] == ["obstacle.outside", "obstacle.negative_weight"]


def test_values_and_weights_of_other_indicators_do_not_mix(y, w):
    with pytest.raises(ValueError, match="indicator"):
        obstacle.degrees(y, w.isel(indicator=[0, 1]))


def test_rasters_draws_and_chunks_change_nothing(y, w):
    rng = np.random.default_rng(3)
    raster = xr.DataArray(rng.random((3, 4, 2, 4)), dims=("y", "x", "year", "indicator")).assign_coords(
        indicator=list("ijkl"), system_of=SYSTEMS
    )
    whole = obstacle.degrees(raster, w)
    assert whole.dims == raster.dims
    np.testing.assert_array_equal(whole[1, 2], obstacle.degrees(raster[1, 2], w))
    draws = xr.concat([w, w * [1.0, 1.0, 2.0, 3.0]], "draw")
    drawn = obstacle.degrees(raster, draws)
    assert drawn.dims == (*raster.dims, "draw")
    np.testing.assert_array_equal(drawn.isel(draw=1), obstacle.degrees(raster, draws[1]))
    chunked = raster.chunk({"y": 1, "x": 3, "indicator": 2})
    lazy = obstacle.degrees(chunked, w)
    assert lazy.chunks is not None
    xr.testing.assert_allclose(lazy.compute(), whole)
    ranked = obstacle.heaviest(lazy, count=2)
    assert ranked["degree"].chunks is not None
    xr.testing.assert_allclose(ranked.compute(), obstacle.heaviest(whole, count=2))
    xr.testing.assert_allclose(obstacle.of_dimensions(lazy).compute(), obstacle.of_dimensions(whole))


def test_means_of_groups_and_the_nation_are_shares_too(y, w):
    o = obstacle.degrees(y.sel(indicator=list("ikl")), w.sel(indicator=list("ikl")))
    for means in (group.nation(o), group.means(o, {"a": "g", "b": "g"})):
        assert means.sum("indicator").values.ravel() == pytest.approx([1.0])
        assert means.values.ravel() == pytest.approx([7 / 12, 1 / 8, 7 / 24])


@given(panels())
def test_dimensions_are_sums_of_their_indicators(given_panel):
    y, w = given_panel
    o = obstacle.degrees(y, w)
    found = obstacle.of_dimensions(o)
    assert found.dims == ("region", "year", "dimension")
    for place in range(found.sizes["dimension"]):
        one = found.isel(dimension=place)
        inside = (o["system_of"] == one["system_of"]) & (o["dimension_of"] == one["dimension_name"])
        np.testing.assert_allclose(one, o.isel(indicator=np.flatnonzero(inside)).sum("indicator"), atol=1e-15)
    assert found.sum("dimension").values == pytest.approx(o.sum("indicator").values)
    # the names are those of the dimensions of the index
    assert found["dimension"].values.tolist() == aggregate.dimensions(y, w)["dimension"].values.tolist()


def test_the_heaviest_are_ranked_within_their_system():
    o = xr.DataArray(
        [[0.1, 0.4, 0.3, 0.6, 0.6, 0.0], [0.2, 0.2, np.nan, 0.4, 0.2, 0.2]],
        dims=("region", "indicator"),
        coords={"region": ["a", "b"], "system_of": ("indicator", list("sttsss"))},
    )
    found = obstacle.heaviest(o, count=3)
    assert found["position"].dims == found["degree"].dims == ("region", "system", "rank")
    assert found["system"].values.tolist() == ["s", "t"]
    assert found["rank"].values.tolist() == [1, 2, 3]
    # equal ones in the order of the indicators; 0 and missing never rank; t has but two
    assert found["position"].sel(region="a").values.tolist() == [[3, 4, 0], [1, 2, -1]]
    assert found["position"].sel(region="b").values.tolist() == [[3, 0, 4], [1, -1, -1]]
    assert found["degree"].sel(region="a", system="s").values.tolist() == [0.6, 0.6, 0.1]
    assert np.isnan(found["degree"].values).tolist() == (found["position"].values < 0).tolist()


@given(panels(), st.integers(1, 7))
def test_nothing_left_out_is_heavier(given_panel, count):
    y, w = given_panel
    o = obstacle.degrees(y, w)
    found = obstacle.heaviest(o, count=count)
    for system in found["system"].values.tolist():
        inside = np.flatnonzero(o["system_of"].values == system)
        for region in range(o.sizes["region"]):
            values = o.values[region, 0, inside]
            ranked = found.sel(system=system).isel(region=region, year=0)
            position, degree = ranked["position"].values, ranked["degree"].values
            kept = position >= 0
            assert kept.sum() == min(count, (values > 0).sum())
            assert degree[kept].tolist() == np.sort(values)[::-1][: kept.sum()].tolist()
            assert o.values[region, 0, position[kept]].tolist() == degree[kept].tolist()
            assert set(position[kept]) <= set(inside)


def test_at_least_one_obstacle_must_be_asked_for(y, w):
    with pytest.raises(OptionError, match="0"):
        obstacle.heaviest(obstacle.degrees(y, w), count=0)


def test_entropy_weights_of_a_normalised_panel_need_nothing_else():
    rng = np.random.default_rng(1)
    x = xr.DataArray(rng.lognormal(size=(8, 3, 4)), dims=("region", "year", "indicator")).assign_coords(
        system_of=SYSTEMS
    )
    y = normalise.minmax(x)
    w = weight.entropy(y)
    o = obstacle.degrees(y, w)
    lacking = 1.0 - aggregate.linear(y, w)
    for place, system in enumerate(SYSTEMS[1]):
        whole = lacking.sel(system=system).values * o.isel(indicator=place).values
        assert whole == pytest.approx(float(w[place]) * (1.0 - y.values[..., place]))
