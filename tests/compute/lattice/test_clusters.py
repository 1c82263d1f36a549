"""Local Moran on rasters: equal to the small version on a window, whatever the mask, the chunks and the type."""

from __future__ import annotations

import array_api_strict
import dask.array as da
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import permutations, text
from ouhe.blocks import tiles as cutting
from ouhe.compute import lattice, lisa
from ouhe.compute.lattice import contiguity, discovery, points
from ouhe.errors import DataError, OptionError

FDR = "benjamini-hochberg"


@pytest.mark.parametrize("rule", ["queen", "rook"])
@pytest.mark.parametrize("share", [0.35, 0.7, 1.0])
@pytest.mark.parametrize(("origin", "correction"), [("zero", None), ("mean_lag", FDR)])
def test_equals_the_small_version(rule, share, origin, correction, raster, small):
    x = raster(3, share=share)
    inside = x["inside"].values
    values, w = small(x, rule)
    options = {"quadrant_origin": origin, "correction": correction, "significance": 0.2}
    expected = lisa.local(values, w, inference="analytic", **options)
    found = lattice.local(x, rule=rule, **options)
    assert list(found.data_vars) == [n for n in points.NAMES if n in expected.data_vars]
    for name, part in expected.items():
        np.testing.assert_allclose(found[name].values[:, inside], part, rtol=1e-10, atol=1e-10, err_msg=name)
        assert found[name].dtype == part.dtype
        assert found[name].dims == x.dims
    assert found.significant.any()
    assert set(found.coords) == {"year", "inside"}
    if share < 0.5:
        assert (expected["quadrant"] == 0).any()


def test_cells_that_are_not_counted_have_nothing(raster):
    x = raster(1)
    found = lattice.local(x, correction=FDR).where(~x["inside"], drop=False)
    outside = ~x["inside"].values
    assert (found["quadrant"].values[:, outside] == -1).all()
    assert (found["significant"].values[:, outside] == 0).all()
    for name in ("value", "lag", "statistic", "expected", "sd", "p_value", "p_adjusted"):
        assert np.isnan(found[name].values[:, outside]).all(), name


def test_three_by_three_by_hand():
    # values 1 … 9: z are (x − 5) / √(60/9); the corner's rook neighbours are 2 and 4, the centre's add up to 20
    x = xr.DataArray(np.arange(1.0, 10.0).reshape(3, 3), dims=("y", "x"))
    found = lattice.local(x, rule="rook")
    s = np.sqrt(60 / 9)
    assert found["value"][0, 0].item() == pytest.approx(-4 / s)
    assert found["lag"][0, 0].item() == pytest.approx(-2 / s)
    assert found["statistic"][0, 0].item() == pytest.approx(8 / 9 * 8 / (60 / 9))
    assert found["p_value"][1, 1] == 1.0
    assert found["quadrant"].values.tolist() == [[3, 3, 3], [3, 3, 1], [1, 1, 1]]
    z = 16 / (60 / 9)
    assert found["expected"][0, 0].item() == pytest.approx(-z / 9)
    variance = 64 * z / 63 * (1 / 2 - 1 / 8) * (1 - z / 8)
    assert found["sd"][0, 0].item() == pytest.approx(np.sqrt(variance))


@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 3),
    st.integers(4, 11),
    st.integers(5, 14),
    st.sampled_from([{"rule": "queen"}, {"rule": "rook", "quadrant_origin": "mean_lag"}]),
)
def test_chunks_change_nothing(raster, same, seed, years, rows, columns, options):
    x = raster(seed)
    found = lattice.local(x.chunk(year=years, y=rows, x=columns), **options)
    assert found["value"].chunks == x.chunk(year=years, y=rows, x=columns).chunks
    same(found.compute(scheduler="synchronous"), lattice.local(x, **options), 1e-11)


@pytest.mark.parametrize("correction", [None, FDR])
def test_chunks_judge_alike(correction, raster, same, monkeypatch):
    monkeypatch.setattr(discovery, "POINTS", 32)
    x = raster(5, share=0.5).transpose("y", "year", "x")
    options = {"correction": correction, "significance": 0.3}
    expected = lattice.local(x, **options)
    found = lattice.local(x.chunk(y=(4, 1, 6), x=5, year=2), **options)
    assert found["significant"].dims == x.dims
    assert expected["significant"].any()
    assert "p_adjusted" not in found
    same(found.compute(), expected.drop_vars("p_adjusted", errors="ignore"), 1e-11)


@given(st.integers(0, 2**32 - 1), st.floats(0.001, 0.6), st.floats(0.2, 3.0))
def test_counting_finds_what_sorting_finds(seed, rate, power):
    rng = np.random.default_rng(seed)
    # equal ones, tiny ones, and missing ones
    p = rng.random((2, 30, 4)) ** power / 2
    p[0, :10] = np.round(p[0, :10], 2)
    p[1] = np.where(rng.random(p[1].shape) < 0.3, p[1] ** 20, p[1])
    p[:, 7] = np.nan
    expected = permutations.adjusted(p.reshape(2, -1)).reshape(p.shape) <= permutations.judged(rate)
    lazy = xr.Variable(("year", "y", "x"), da.from_array(p, chunks=(1, 13, 4)))
    for v in (lazy, xr.Variable(("year", "y", "x"), p)):
        level = discovery.largest(v, ["year"], 116, significance=rate)
        np.testing.assert_array_equal(p <= level[:, np.newaxis, np.newaxis], expected)


def test_a_study_where_all_or_none_are_significant():
    for p, expected in ((np.full((1, 1, 5), 0.01), 0.05), (np.full((1, 1, 5), 0.4), 0.0), (np.zeros((1, 1, 5)), 0.05)):
        level = discovery.largest(xr.Variable(("year", "y", "x"), p), ["year"], 5, significance=0.05)
        assert level.item() == pytest.approx(expected)


def test_each_chunk_is_made_once_for_all_that_is_asked_for():
    read = []

    def block(block_id):
        read.append(block_id)
        return np.random.default_rng(block_id).random((40, 50))

    lazy = da.map_blocks(block, chunks=((40,) * 3, (50,) * 2), dtype=float, meta=np.empty((0, 0)))
    found = lattice.local(xr.DataArray(lazy, dims=("y", "x")))
    assert len(read) == 12
    found.compute()
    assert sorted(read) == sorted(3 * [(i, j) for i in range(3) for j in range(2)])
    read.clear()
    found["lag"].data.blocks[1, 0].compute()
    assert read == [(1, 0)]


def test_only_what_is_asked_for(raster, same):
    x = raster(2)
    whole = lattice.local(x, correction=FDR)
    for names in (["significant", "quadrant"], ["sd"], ["p_adjusted"], ["lag"], ["p_value", "value"]):
        found = lattice.local(x, correction=FDR, only=names)
        assert set(found.data_vars) == set(names)
        same(found, whole[names], 0.0)
        if names != ["p_adjusted"]:
            lazy = lattice.local(x.chunk(y=5), correction=FDR, only=names)
            assert set(lazy.data_vars) == set(names)
            same(lazy.compute(), whole[names], 1e-11)


@pytest.mark.parametrize("chunked", [False, True])
def test_single_precision_rounds_at_the_end(chunked, raster, same):
    x = raster(2)
    expected = lattice.local(x, correction=FDR)
    found = lattice.local(x.chunk(y=5) if chunked else x, correction=FDR, dtype="float32").compute()
    for name, part in found.items():
        if name in ("quadrant", "significant"):
            np.testing.assert_array_equal(part, expected[name])
        else:
            assert part.dtype == np.float32
            np.testing.assert_allclose(part, expected[name].astype(np.float32), rtol=1.2e-7, atol=1e-15)


def test_single_precision_is_computed_in_double(raster, same):
    x = raster(6).astype(np.float32)
    double = lattice.local(x.astype(np.float64))
    same(lattice.local(x).drop_vars(["quadrant"]), double.drop_vars(["quadrant"]), 1e-12)


def test_tiles_and_threads_change_nothing(raster, same, monkeypatch):
    x = raster(1)
    whole = lattice.local(x)
    monkeypatch.setattr(contiguity, "CELLS", 12)
    monkeypatch.setattr(contiguity, "WIDTH", 4)
    monkeypatch.setattr(cutting, "workers", lambda pieces: min(pieces, 3))
    three = lattice.local(x)
    monkeypatch.setattr(cutting, "workers", lambda _: 1)
    assert three.identical(lattice.local(x))
    same(three, whole, 1e-12)


def test_a_single_layer_and_a_single_row(raster, same):
    x = raster(1)
    one = lattice.local(x.sel(year=2011))
    assert one["value"].dims == ("y", "x")
    same(one, lattice.local(x).sel(year=2011), 1e-12)
    same(lattice.local(x.sel(year=2011).chunk(y=4)).compute(), one, 1e-11)
    row = xr.DataArray(np.random.default_rng(1).random((1, 30)), dims=("y", "x"))
    same(lattice.local(row.transpose("x", "y")).transpose("y", "x"), lattice.local(row), 0.0)
    column = row.rename(y="x", x="y")
    same(lattice.local(column).rename(y="x", x="y").transpose("y", "x"), lattice.local(row), 1e-12)


def test_arrays_of_another_library_are_brought_home(raster, same):
    x = raster(1)
    other = x.copy(data=array_api_strict.asarray(x.values))
    same(lattice.local(other), lattice.local(x), 0.0)
    same(lattice.moran(other), lattice.moran(x), 0.0)


def test_sum_of_local_is_global(raster):
    x = raster(4)
    found, whole = lattice.local(x), lattice.moran(x)
    n = whole.n.item()
    share = (n - whole.isolates.item()) * (n - 1) / n
    np.testing.assert_allclose(found.statistic.sum(["y", "x"]), share * whole.statistic, rtol=1e-12)


# --- bad input -------------------------------------------------------------------------------------------------------


def test_wrong_options_are_all_told(raster):
    x = raster(1)
    with pytest.raises(OptionError) as error:
        lattice.local(x, rule="bishop", significance=5, correction="bh", quadrant_origin="mean-lag", dtype="float16")
    assert len(error.value.problems) == 5
    with pytest.raises(OptionError, match='"quadrant"'):
        lattice.local(x, only=["quadrants"])
    with pytest.raises(OptionError, match="without a correction"):
        lattice.local(x, only=["p_adjusted"])
    with pytest.raises(OptionError, match="in chunks"):
        lattice.local(x.chunk(y=2), only=["p_adjusted"], correction=FDR)
    with text.use("zh"), pytest.raises(OptionError, match="分块"):
        lattice.local(x.chunk(y=2), only=["p_adjusted"], correction=FDR)


def test_what_cannot_be_said_is_told(raster):
    x = raster(1).copy(deep=True)
    with pytest.raises(DataError, match="region"):
        lattice.local(xr.DataArray(np.zeros((4, 2)), dims=("region", "year")))
    flat = x.copy(deep=True)
    flat.loc[{"year": 2011}] = flat.sel(year=2011) * 0.0 + 2.0
    with pytest.raises(DataError, match="2011"):
        lattice.local(flat.chunk(y=4))
    x[1, *np.argwhere(x["inside"].values)[3]] = np.nan
    with pytest.raises(DataError, match="2011"):
        lattice.local(x)
