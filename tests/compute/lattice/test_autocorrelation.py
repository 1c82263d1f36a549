"""Global Moran on rasters: equal to the small version on a window, whatever the mask, the chunks and the type."""

from __future__ import annotations

import itertools
import warnings

import dask.array as da
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.blocks import tiles as cutting
from ouhe.compute import lattice, moran
from ouhe.compute.lattice import contiguity
from ouhe.errors import DataError, OptionError, OuheWarning
from ouhe.neighbours import Neighbours


@pytest.mark.parametrize("rule", ["queen", "rook"])
@pytest.mark.parametrize("variance", ["randomisation", "normality"])
@pytest.mark.parametrize("share", [0.35, 0.7, 1.0])
def test_equals_the_small_version(rule, variance, share, raster, small, same):
    x = raster(3, share=share)
    values, w = small(x, rule)
    found = lattice.moran(x, rule=rule, variance=variance)
    same(found, moran.univariate(values, w, variance=variance, permutations=0).drop_vars("p_sim"))
    assert found.isolates == len(w.isolates)
    assert found.statistic.dims == ("year",)
    assert found["year"].values.tolist() == [2010, 2011, 2012]
    assert set(found.coords) == {"year"}
    if share == 1.0:
        same(lattice.moran(x.drop_vars("inside"), rule=rule, variance=variance), found, 0.0)


@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_sums_of_weights_are_those_of_the_matrix(rule, monkeypatch, raster, small):
    # several tiles, cut in both directions
    monkeypatch.setattr(contiguity, "CELLS", 12)
    monkeypatch.setattr(contiguity, "WIDTH", 4)
    x = raster(5)
    degree = contiguity.degrees(x["inside"].values, rule)
    _, w = small(x, rule)
    np.testing.assert_array_equal(degree[x["inside"].values], np.diff(w.matrix.indptr))
    assert (degree[~x["inside"].values] == -1).all()
    np.testing.assert_allclose(contiguity.weight_sums(degree, rule), w.sums, rtol=1e-13)


def test_tiles_and_threads_change_nothing_that_counts(monkeypatch, raster, same):
    x = raster(1)
    whole = lattice.moran(x)
    monkeypatch.setattr(contiguity, "CELLS", 12)
    monkeypatch.setattr(contiguity, "WIDTH", 4)
    monkeypatch.setattr(cutting, "workers", lambda pieces: min(pieces, 3))
    three = lattice.moran(x)
    monkeypatch.setattr(cutting, "workers", lambda _: 1)
    assert three.identical(lattice.moran(x))
    same(three, whole, 1e-12)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 3),
    st.integers(4, 11),
    st.integers(5, 14),
    st.sampled_from(["queen", "rook"]),
)
def test_chunks_change_nothing(raster, same, seed, years, rows, columns, rule):
    x = raster(seed)
    found = lattice.moran(x.chunk(year=years, y=rows, x=columns), rule=rule)
    same(found, lattice.moran(x, rule=rule), 1e-12)


def test_chunks_of_any_size_and_only_masked_ones(monkeypatch, raster, same):
    monkeypatch.setattr(contiguity, "CELLS", 12)
    x = raster(2)
    inside = x["inside"].values.copy()
    inside[:4, :5] = inside[6:] = False
    x = x.where(xr.DataArray(inside, dims=("y", "x"))).assign_coords(inside=(("y", "x"), inside))
    cut = x.transpose("y", "year", "x").chunk(y=(4, 2, 1, 4), year=(1, 2), x=(5, 8, 1))
    same(lattice.moran(cut), lattice.moran(x), 1e-12)


def test_dimensions_in_any_order_and_in_any_number(raster, same):
    x = raster(4)
    found = lattice.moran(x)
    same(lattice.moran(x.transpose("x", "year", "y")), found, 1e-12)
    twice = xr.concat([x, x**2], dim="variable").assign_coords(variable=["C", "D"])
    more = lattice.moran(twice.transpose("year", "y", "variable", "x"))
    assert more.statistic.dims == ("year", "variable")
    same(more.sel(variable="C"), found, 1e-12)
    same(more.sel(variable="D"), lattice.moran(x**2), 1e-12)
    one = lattice.moran(x.sel(year=2011))
    assert one.statistic.dims == ()
    assert one["year"] == 2011
    same(one, found.sel(year=2011), 1e-12)


def test_single_precision_is_summed_in_double(raster, same):
    x = raster(6).astype(np.float32) + np.float32(1000.0)
    same(lattice.moran(x), lattice.moran(x.astype(np.float64)), 1e-13)


def test_what_stands_outside_does_not_count(raster, same):
    x = raster(7)
    anything = x.fillna(1e30)
    same(lattice.moran(anything), lattice.moran(x), 0.0)


@pytest.mark.parametrize("chunks", [{}, {"y": 3, "x": 4}])
def test_an_offset_and_a_scale_leave_no_trace(chunks, raster, same):
    x = raster(8)
    found = lattice.moran(x)
    moved = (x * 1e-3 + 1e6).chunk(chunks) if chunks else x * 1e-3 + 1e6
    # the values themselves keep ten digits of their range under such an offset
    same(lattice.moran(moved)[["statistic", "z"]], found[["statistic", "z"]], 1e-7)
    same(lattice.moran(x * 1e300), found, 1e-10)


@pytest.mark.parametrize("shape", [(1, 9), (9, 1)])
@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_a_single_row_is_a_path(shape, rule, same):
    rng = np.random.default_rng(1)
    x = xr.DataArray(rng.random(shape), dims=("y", "x"))
    names = [f"r{i}" for i in range(9)]
    w = Neighbours.from_pairs(list(itertools.pairwise(names)), names)
    values = xr.DataArray(x.values.ravel(), dims="region", coords={"region": names})
    same(lattice.moran(x, rule=rule), moran.univariate(values, w, permutations=0).drop_vars("p_sim"))
    same(lattice.moran(x.chunk(y=2, x=2), rule=rule), lattice.moran(x, rule=rule), 1e-12)


def test_a_checkerboard_has_neighbours_at_its_corners_only():
    board = np.indices((6, 6)).sum(axis=0) % 2 == 0
    x = xr.DataArray(np.random.default_rng(2).random((6, 6)), dims=("y", "x"), coords={"inside": (("y", "x"), board)})
    assert lattice.moran(x, rule="queen").isolates == 0
    with pytest.raises(DataError, match="none of the 18 cells that are counted has a neighbour by the rule rook"):
        lattice.moran(x, rule="rook")


def test_cells_that_are_all_neighbours_have_no_z():
    x = xr.DataArray([[1.0, 2.0], [4.0, 8.0]], dims=("y", "x"))
    with pytest.warns(OuheWarning, match="1 of 1"):
        found = lattice.moran(x)
    assert found.statistic.item() == pytest.approx(-1 / 3)
    assert found.sd == 0.0
    assert np.isnan(found.z)
    assert found.few
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lattice.moran(x, rule="rook")


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunked", [False, True])
def test_layers_that_do_not_vary_are_named(chunked, raster):
    x = raster(1).copy(deep=True)
    x.loc[{"year": 2010}] = x.sel(year=2010) * 0.0 + 3.0
    x.loc[{"year": 2012}] = x.sel(year=2012) * 0.0 + 0.3
    x[2, *np.argwhere(x["inside"].values)[0]] = 0.1 + 0.2  # rounding only
    with pytest.raises(DataError) as error:
        lattice.moran(x.chunk(y=4) if chunked else x)
    assert [p.params["at"] for p in error.value.problems] == ["2010", "2012"]
    assert "same in every cell" in str(error.value)
    with text.use("zh"):
        assert "像元" in str(error.value)
    with pytest.raises(DataError, match="D is the same"):
        lattice.moran(x.sel(year=2010))


@pytest.mark.parametrize("chunked", [False, True])
def test_cells_that_are_no_number_are_named(chunked, raster):
    x = raster(1).copy(deep=True)
    first, second = np.argwhere(x["inside"].values)[[3, 40]]
    x[1, *first], x[0, *second] = np.inf, np.nan
    with pytest.raises(DataError) as error:
        lattice.moran(x.chunk(y=4, year=1) if chunked else x)
    assert [p.params["at"] for p in error.value.problems] == [
        f"2010 {second[0]} {second[1]}",
        f"2011 {first[0]} {first[1]}",
    ]
    x = x.drop_vars("inside")
    missing = int((~np.isfinite(x)).sum())
    with pytest.raises(DataError, match=str(missing - 20)) as error:
        lattice.moran(x.chunk(y=4) if chunked else x)
    assert len(error.value.problems) == 21


def test_too_few_cells(raster):
    x = xr.DataArray([[1.0, 2.0, 3.0]], dims=("y", "x"))
    with pytest.raises(DataError, match="3 cells"):
        lattice.moran(x)
    nothing = raster(1).assign_coords(inside=(("y", "x"), np.zeros((11, 14), bool)))
    with pytest.raises(DataError, match="0 cells"):
        lattice.moran(nothing.chunk(y=3))


def test_values_that_are_no_raster():
    with pytest.raises(DataError, match="region, year"):
        lattice.moran(xr.DataArray(np.zeros((4, 2)), dims=("region", "year")))


def test_a_range_that_no_number_holds():
    x = xr.DataArray([[1.7e308, -1.7e308], [0.0, 1.0]], dims=("y", "x"))
    with pytest.raises(DataError, match="x"):
        lattice.moran(x)


def test_wrong_options_are_told(raster):
    with pytest.raises(OptionError, match="queen"):
        lattice.moran(raster(1), rule="quen")
    with pytest.raises(OptionError, match="normality"):
        lattice.moran(raster(1), variance="normal")


def test_every_chunk_is_read_twice():
    read = []

    def block(block_id):
        read.append(block_id)
        return np.random.default_rng(block_id).random((50, 50))

    lazy = da.map_blocks(block, chunks=((50,) * 4, (50,) * 5), dtype=float, meta=np.empty((0, 0)))
    found = lattice.moran(xr.DataArray(lazy, dims=("y", "x")))
    assert abs(found.z) < 4.0
    assert found.n == 50_000
    assert sorted(read) == sorted(2 * [(i, j) for i in range(4) for j in range(5)])
