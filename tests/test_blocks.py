"""Blocks: the cut does not show, whatever the shape, the order in memory and the number of cores."""

import math

import numpy as np
import pytest
import xarray as xr

from ouhe import blocks
from ouhe.blocks import tiles


@pytest.fixture(params=[1, 7, 64])
def _small_blocks(request, monkeypatch):
    """Cut even small arrays into many blocks."""
    monkeypatch.setattr(tiles, "BLOCK", request.param)


@pytest.fixture
def x():
    """Four dimensions, none of which is a multiple of a block."""
    values = np.random.default_rng(0).normal(size=(3, 5, 4, 6))
    return xr.Variable(("y", "x", "year", "indicator"), values)


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize("over", [["y", "x", "year"], ["y", "x"], ["year", "y"]])
def test_reductions(x, over):
    low, high = blocks.extremes(x, over)
    xr.testing.assert_equal(low, x.min(over))
    xr.testing.assert_equal(high, x.max(over))
    plain, squares = blocks.sums(x, over, lambda a, m: a - m, lambda a, m: (a - m) ** 2, given=[low])
    xr.testing.assert_allclose(plain, (x - low).sum(over))
    xr.testing.assert_allclose(squares, ((x - low) ** 2).sum(over))


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize("order", [("y", "x", "year", "indicator"), ("indicator", "year", "x", "y")])
def test_along(x, order):
    x = x.transpose(*order)
    by_year = xr.Variable("year", np.arange(4.0))

    def reversed_rows(a, t, *, out):
        out[...] = a[::-1] * t

    kept = blocks.along("indicator", reversed_rows, x, by_year, to="indicator", size=6)
    xr.testing.assert_equal(kept.transpose(*order), x.isel(indicator=slice(None, None, -1)) * by_year)

    def total(a, t, *, out):
        out[...] = a.sum(axis=0) + t[0]

    gone = blocks.along("indicator", total, x, by_year)
    xr.testing.assert_allclose(gone, x.sum("indicator") + by_year)
    draws = xr.Variable(("draw", "indicator"), np.random.default_rng(1).random((2, 6)))
    spread = blocks.along("indicator", lambda a, w, out: np.sum(a * w, axis=0, out=out), x, draws)
    xr.testing.assert_allclose(spread, (x * draws).sum("indicator"))


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize("order", [("y", "x", "year", "indicator"), ("indicator", "year", "x", "y")])
def test_cells_keep_the_order_in_memory(x, order):
    given = xr.Variable(("indicator", "draw"), np.random.default_rng(1).random((6, 2)))
    for turned in (x.transpose(*order), x.transpose(*order).copy(), x.transpose(*order)[1:, ::2, ::-1]):
        own = given.isel(indicator=slice(turned.sizes["indicator"]))
        xr.testing.assert_equal(blocks.cells(np.subtract, turned, own), turned - own)
        assert blocks.cells(np.negative, turned).dims == turned.dims
    turned = x.transpose(*order)
    assert blocks.cells(np.negative, turned).data.strides == turned.data.strides


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("rows", [1, 2, 255, 256, 257, 1031])
def test_short_rows_are_reduced_like_long_ones(order, rows):
    values = np.random.default_rng(2).normal(size=(rows, 2))
    x = xr.Variable(("region", "indicator"), values).transpose(*np.array(["region", "indicator"])[list(order)])
    low, high = blocks.extremes(x, ["region"])
    assert (low.values.tolist(), high.values.tolist()) == (values.min(0).tolist(), values.max(0).tolist())
    (total,) = blocks.sums(x, ["region"], None)
    assert total.values == pytest.approx(values.sum(0), abs=1e-12)


@pytest.mark.usefixtures("_small_blocks")
def test_number_of_cores_changes_no_bit(x, monkeypatch):
    found = []
    for threads in (1, 3):
        monkeypatch.setattr(blocks, "workers", lambda _, n=threads: n)
        found.append(blocks.sums(x, ["y", "x", "year"], np.exp)[0])
    assert found[0].values.tobytes() == found[1].values.tobytes()


def test_threads_are_no_more_than_pieces_cores_granted_and_eight(monkeypatch):
    cores = {0}
    monkeypatch.setattr(tiles.os, "sched_getaffinity", lambda _: cores, raising=False)
    monkeypatch.setattr(tiles.os, "cpu_count", lambda: 64)
    assert blocks.workers(100) == 1, "one core of 64 is granted"
    cores |= {1, 2, 3}
    assert [blocks.workers(n) for n in (0, 1, 3, 100)] == [1, 1, 3, 4]
    cores |= set(range(64))
    assert blocks.workers(100) == 8
    monkeypatch.delattr(tiles.os, "sched_getaffinity")
    assert blocks.workers(100) == 8
    monkeypatch.setattr(tiles.os, "cpu_count", lambda: None)
    assert blocks.workers(100) == 1


def test_missing_values_show_in_extremes(x):
    x[1, 2, 3, 4] = np.nan
    for array in (x, x.chunk({"y": 2})):
        low, high = blocks.extremes(array, ["y", "x", "year"])
        assert np.flatnonzero(np.isnan(low)).tolist() == np.flatnonzero(np.isnan(high)).tolist() == [4]


def test_an_error_in_a_block_comes_through(x, monkeypatch):
    monkeypatch.setattr(tiles, "BLOCK", 8)

    def broken(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        blocks.sums(x, ["y", "x"], broken)


def test_labels_of_the_first_array_count():
    one = xr.DataArray([[1.0, 2.0]], dims=("region", "year"), coords={"region": ["a"], "year": [2020, 2021]})
    two = one.assign_coords(region=["b"], kind=("region", ["city"]), area=("year", [5, 6]))
    found = blocks.labelled(
        xr.Variable(("region", "system"), [[3.0, 4.0]]), one, two, name="u", new={"system": ["p", "q"]}
    )
    assert found.name == "u"
    assert set(found.coords) == {"region", "system", "kind"}
    assert found.sel(region="a", system="q").item() == 4.0


def test_arrays_that_do_not_tell_their_namespace_have_that_of_their_library():
    silent = type("ndarray", (), {"__module__": "math.core"})()
    assert blocks.namespace(silent) is math
    assert blocks.namespace(np.float64(1.0)) is np
