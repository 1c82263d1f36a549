"""Aggregation: hand-computed indices, systems, dimensions, draws, and what it refuses."""

import numpy as np
import pytest
import xarray as xr

from ouhe.compute import aggregate
from ouhe.errors import DataError, OuheWarning
from ouhe.panel import Indicator, describe


@pytest.fixture
def y():
    """Two regions, one year; systems p (a, c) and q (b), out of order on purpose."""
    return xr.DataArray(
        [[[0.2, 0.5, 0.8]], [[1.0, 0.25, 0.4]]],
        dims=("region", "year", "indicator"),
        coords={
            "region": ["north", "south"],
            "year": [2020],
            "indicator": ["a", "b", "c"],
            "system_of": ("indicator", ["p", "q", "p"]),
            "dimension_of": ("indicator", ["inputs", "outputs", "outputs"]),
        },
    )


@pytest.fixture
def w(y):
    """Weights of the three indicators."""
    return xr.DataArray([0.75, 1.0, 0.25], dims="indicator", coords=y["indicator"].coords)


def test_linear(y, w):
    u = aggregate.linear(y, w)
    assert u.dims == ("region", "year", "system")
    assert u["system"].values.tolist() == ["p", "q"]
    # p north 0.75·0.2 + 0.25·0.8, south 0.75·1 + 0.25·0.4
    assert u.values == pytest.approx(np.array([[[0.35, 0.5]], [[0.85, 0.25]]]))


def test_geometric(y, w):
    u = aggregate.geometric(y, w)
    assert u.sel(system="p").values.ravel() == pytest.approx([0.2**0.75 * 0.8**0.25, 0.4**0.25])
    assert u.sel(system="q").values.ravel() == pytest.approx([0.5, 0.25])
    moved = aggregate.geometric(y, w, offset=0.01)
    assert moved.sel(region="north", system="p").item() == pytest.approx(0.21**0.75 * 0.81**0.25 - 0.01)


def test_geometric_stays_between_the_ends_with_an_offset(w):
    y = xr.DataArray([[0.0] * 3, [1.0] * 3], dims=("region", "indicator"), coords=w.coords)
    assert aggregate.geometric(y, w, offset=1e-4).values == pytest.approx(np.array([[0, 0], [1, 1]]), abs=1e-15)


def test_geometric_names_zeros(y, w):
    y[0, 0, 1] = 0.0
    y[1, 0, 2] = 0.0
    with pytest.raises(DataError) as error:
        aggregate.geometric(y, w)
    assert [p.message("en").split(" is")[0] for p in error.value.problems] == ["north 2020 b", "south 2020 c"]


def test_topsis_by_hand(y, w):
    y = xr.concat([y, y.isel(region=[0]).assign_coords(region=["middle"]).copy(data=[[[0.6, 0.3, 0.4]]])], "region")
    u = aggregate.topsis(y, w)
    # q has one indicator, so the closeness is the place between its ends
    assert u.sel(system="q").values.ravel() == pytest.approx([1.0, 0.0, 0.2])
    # p: ideals (0.15, 0.1) and (0.75, 0.2) after weighting; middle stands at (0.45, 0.1)
    best = [np.hypot(0.6, 0.0), np.hypot(0.0, 0.1), np.hypot(0.3, 0.1)]
    worst = [np.hypot(0.0, 0.1), np.hypot(0.6, 0.0), np.hypot(0.3, 0.0)]
    expected = [n / (n + f) for n, f in zip(worst, best, strict=True)]
    assert u.sel(system="p").values.ravel() == pytest.approx(expected)


def test_topsis_refuses_what_never_varies(y, w):
    with pytest.raises(DataError, match="b"):
        aggregate.topsis(xr.where(y["indicator"] == "b", 0.5, y).transpose(*y.dims), w)


def test_shares_have_the_mean_one_over_the_number_of_cells_and_warn():
    rng = np.random.default_rng(3)
    y = xr.DataArray(
        rng.lognormal(size=(31, 13, 6)),
        dims=("region", "year", "indicator"),
        coords={"system_of": ("indicator", list("pppqqq"))},
    )
    w = xr.DataArray([0.2, 0.3, 0.5, 0.6, 0.3, 0.1], dims="indicator")
    with pytest.warns(OuheWarning, match="Σ P·W"):
        u = aggregate.shares(y, w)
    assert u.mean(["region", "year"]).values == pytest.approx([1 / 403, 1 / 403], rel=1e-14)


def test_shares_refuse_an_indicator_that_is_zero_everywhere(y, w):
    y[..., 0] = 0.0
    with pytest.raises(DataError) as error:
        aggregate.shares(y, w)
    assert [p.key for p in error.value.problems] == ["compute.all_zero"]


def test_dimensions_add_up_to_the_index(y, w):
    parts = aggregate.dimensions(y, w)
    # the two systems share the name "outputs"
    assert parts["dimension"].values.tolist() == ["inputs", "q > outputs", "p > outputs"]
    assert parts["system_of"].values.tolist() == ["p", "q", "p"]
    assert parts.sel(region="north").values.ravel() == pytest.approx([0.15, 0.5, 0.2])
    total = parts.groupby("system_of").sum().rename(system_of="system")
    xr.testing.assert_allclose(total, aggregate.linear(y, w).rename(None))


def test_dimensions_are_the_first_nodes_of_paths_of_any_depth_and_survive_netcdf(tmp_path):
    tree = [
        Indicator("a", "p"),
        Indicator("b", "p", ("inputs",)),
        Indicator("c", "p", ("inputs", "people", "science")),
        Indicator("d", "q", ("inputs", "money")),
        Indicator("e", "q", ("p",)),
    ]
    x = xr.DataArray([[[1.0, 2, 3, 4, 5]]], dims=("region", "year", "indicator"), coords={"indicator": list("abcde")})
    y = describe(x.assign_coords(region=["r"], year=[2020]), tree)
    parts = aggregate.dimensions(y, xr.ones_like(y.isel(region=0, year=0, drop=True)))
    # an indicator right under its system makes a dimension of the system's name
    assert parts["dimension"].values.tolist() == ["p > p", "p > inputs", "q > inputs", "q > p"]
    parts.to_netcdf(tmp_path / "parts.nc", engine="h5netcdf")
    with xr.open_dataarray(tmp_path / "parts.nc", engine="h5netcdf") as stored:
        for kept in (parts, stored.load()):
            assert kept["system_of"].values.tolist() == ["p", "p", "q", "q"]
            assert kept["dimension_name"].values.tolist() == ["p", "inputs", "inputs", "p"]
            assert kept.values.ravel().tolist() == [1, 5, 4, 5]


@pytest.mark.parametrize("method", [aggregate.linear, aggregate.geometric, aggregate.topsis, aggregate.dimensions])
def test_draws_of_weights_are_carried_along(y, method):
    rng = np.random.default_rng(4)
    w = xr.DataArray(rng.random((5, 3)), dims=("draw", "indicator"), coords={"indicator": ["a", "b", "c"]})
    out = method(y, w)
    assert out.dims[:3] == ("region", "year", "draw")
    for i in range(5):
        xr.testing.assert_allclose(out.isel(draw=i), method(y, w.isel(draw=i)))


def test_draws_of_values_and_weights_go_together(y):
    rng = np.random.default_rng(5)
    ys = y * xr.DataArray(rng.random(5), dims="draw")
    w = xr.DataArray(rng.random((5, 3)), dims=("draw", "indicator"), coords={"indicator": ["a", "b", "c"]})
    out = aggregate.linear(ys, w)
    assert out.sizes == {"region": 2, "year": 1, "draw": 5, "system": 2}
    for i in range(5):
        xr.testing.assert_allclose(out.isel(draw=i), aggregate.linear(ys.isel(draw=i), w.isel(draw=i)))


def test_weights_of_other_indicators_are_refused(y, w):
    with pytest.raises(ValueError, match="align"):
        aggregate.linear(y, w.assign_coords(indicator=["a", "b", "z"]))
