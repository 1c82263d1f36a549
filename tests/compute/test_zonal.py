"""Means by zone: by hand, as means of groups of regions, and the same for any chunks."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from ouhe import text
from ouhe.compute import group, zonal
from ouhe.errors import DataError, OuheWarning


def raster(rng, *, years=3, rows=7, columns=9, masked=True):
    """Values ``(year, y, x)`` with a mask, and zones that leave some cells out."""
    mask = rng.random((rows, columns)) < (0.8 if masked else 2.0)
    v = rng.normal(1e3, 1.0, (years, rows, columns))
    v[:, ~mask] = np.nan
    coords = {"year": np.arange(2010, 2010 + years), "y": np.arange(rows) * 0.1, "x": np.arange(columns) * 0.1}
    x = xr.DataArray(v, dims=("year", "y", "x"), coords={**coords, "inside": (("y", "x"), mask)})
    zones = rng.integers(-1, 4, (rows, columns)) * 11
    zones[0, :4] = [0, 11, 22, 33]
    x["inside"][0, :4] = True
    x[:, 0, :4] = 1.0
    return x, xr.DataArray(np.where(zones < 0, -1, zones), dims=("y", "x"), coords={d: coords[d] for d in "yx"})


def test_by_hand_with_weights_of_rows():
    x = xr.DataArray([[1.0, 3.0], [5.0, 9.0]], dims=("y", "x"))
    zones = xr.DataArray([[0, 1], [0, 1]], dims=("y", "x"))
    found = zonal.means(x, zones, weights=xr.DataArray([3.0, 1.0], dims="y"))
    # (3 · 1 + 5) / 4, (3 · 3 + 9) / 4; deviations² (3 · 1 + 9) / 4, (3 · 2.25 + 20.25) / 4
    assert found["mean"].values.tolist() == [2.0, 4.5]
    np.testing.assert_allclose(found["sd"], np.sqrt([3.0, 6.75]), rtol=1e-15)
    assert found["count"].values.tolist() == [2, 2]
    assert found["zone"].values.tolist() == ["0", "1"]


def test_names_give_the_order():
    x = xr.DataArray([[1.0, 2.0, 6.0]], dims=("y", "x"))
    zones = xr.DataArray(np.array([[650000, 110000, 650000]], dtype=np.int32), dims=("y", "x"))
    found = zonal.means(x, zones, names={650000: "新疆", 110000: "北京"})
    assert found["zone"].values.tolist() == ["新疆", "北京"]
    assert found["code"].values.tolist() == [650000, 110000]
    assert (found["mean"].values.tolist(), found["count"].values.tolist()) == ([3.5, 2.0], [2, 1])


@settings(deadline=None)
@given(st.integers(0, 99), st.integers(1, 3), st.integers(1, 7), st.integers(1, 9), st.booleans(), st.booleans())
def test_zones_are_groups_of_cells_whatever_the_chunks(seed, year, y, x_, masked, chunked_zones):
    x, zones = raster(np.random.default_rng(seed), masked=masked)
    found = zonal.means(x, zones)
    cells = x.stack(region=("y", "x")).isel(region=x["inside"].values.ravel())
    names = [f"c{i}" for i in range(cells.sizes["region"])]
    code = zones.values.ravel()[x["inside"].values.ravel()]
    plain = xr.DataArray(cells.values, dims=("year", "region"), coords={"region": names, "year": x["year"]})
    groups = {n: str(c) for n, c in zip(names, code, strict=True) if c >= 0}
    expected = group.means(plain, groups, leave_out=True).sel(group=found["zone"].values)
    np.testing.assert_allclose(found["mean"], expected, rtol=1e-14)
    spread = [plain[:, code == c].std("region").values for c in found["code"].values]
    np.testing.assert_allclose(found["sd"].transpose("zone", "year"), spread, rtol=1e-9, atol=1e-12)
    lazy = zonal.means(x.chunk(year=year, y=y, x=x_), zones.chunk(y=2) if chunked_zones else zones)
    # sums in another order: some 1e-16 of the values, which are 1e3 times the deviations
    xr.testing.assert_allclose(lazy, found, rtol=1e-12)
    turned = zonal.means(x.transpose("x", "year", "y"), zones.transpose())
    xr.testing.assert_allclose(turned, found, rtol=1e-12)


def test_weights_that_are_all_alike_change_nothing():
    x, zones = raster(np.random.default_rng(0))
    alike = xr.full_like(zones, 0.25, dtype=float)
    found = zonal.means(x.chunk(y=3), zones, weights=alike)
    xr.testing.assert_allclose(found, zonal.means(x, zones), rtol=1e-12)


def test_single_precision_is_summed_in_double():
    v = np.float32(0.1) * np.ones((1000, 300), dtype=np.float32)
    x = xr.DataArray(v, dims=("y", "x"))
    found = zonal.means(x, xr.zeros_like(x, dtype=np.uint8))
    assert found["mean"].dtype == np.float64
    assert found["mean"].item() == pytest.approx(float(np.float32(0.1)), rel=1e-13)


def test_a_zone_without_cells_is_empty_and_told():
    x = xr.DataArray([[1.0, np.nan]], dims=("y", "x"), coords={"inside": (("y", "x"), [[True, False]])})
    zones = xr.DataArray([[1, 2]], dims=("y", "x"))
    with pytest.warns(OuheWarning, match="b"):
        found = zonal.means(x, zones, names={1: "a", 2: "b"})
    assert found["count"].values.tolist() == [1, 0]
    assert np.isnan(found["mean"].values).tolist() == [False, True]
    assert np.isnan(found["sd"].values).tolist() == [False, True]


def keys(error):
    return sorted(p.key for p in error.value.problems)


def test_a_cell_without_value_is_named_where_it_is_in_a_zone():
    x, zones = raster(np.random.default_rng(0), masked=False)
    x[1, 0, 2] = np.nan
    x[2, 6, 8], zones[6, 8] = np.inf, -1
    for some in (x, x.chunk(y=3)):
        with pytest.raises(DataError) as error:
            zonal.means(some, zones)
        assert [p.params["at"] for p in error.value.problems] == ["2011 0.0 0.2"]


def test_zones_that_do_not_fit_are_refused_all_at_once():
    x, zones = raster(np.random.default_rng(0))
    with pytest.raises(DataError) as error:
        zonal.means(x, zones.isel(y=slice(4)).assign_coords(x=zones["x"] + 0.05).astype(float))
    assert keys(error) == ["zonal.not_whole", "zonal.zones_grid", "zonal.zones_size"]
    with pytest.raises(DataError) as error:
        zonal.means(x, zones.isel(y=0, drop=True), weights=xr.DataArray(np.ones(5), dims="y"))
    assert keys(error) == ["zonal.dims", "zonal.weights_size"]
    # the same but for rounding
    zonal.means(x, zones.assign_coords(x=zones["x"] + 1e-9))


@pytest.mark.parametrize("weight", [0.0, -1.0, np.nan, np.inf])
def test_weights_above_zero(weight):
    x, zones = raster(np.random.default_rng(0))
    w = xr.DataArray(np.where(np.arange(7) == 3, weight, 1.0), dims="y")
    with pytest.raises(DataError) as error:
        zonal.means(x, zones, weights=w)
    assert keys(error) == ["zonal.weights"]


def test_zones_without_name_and_no_zone_at_all():
    x, zones = raster(np.random.default_rng(0))
    with pytest.raises(DataError, match="22, 33") as error:
        zonal.means(x, zones, names={0: "a", 11: "b"})
    assert keys(error) == ["zonal.nameless"]
    with pytest.raises(DataError) as error:
        zonal.means(x, xr.full_like(zones, -1))
    assert keys(error) == ["zonal.no_cells"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_message_can_be_said(lang):
    params = dict.fromkeys(["dim", "count", "expected", "dims", "type", "codes", "zones"], 1)
    for key in text.texts("zonal", lang):
        assert text.t(f"zonal.{key}", lang=lang, **params)
