"""The chain from raw values to classes, chunked, masked and in another array library: as in memory, by numpy."""

from types import SimpleNamespace

import array_api_strict
import dask
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from ouhe import blocks, engine, moments
from ouhe.blocks import shifting
from ouhe.compute import aggregate, classify, couple, normalise, weight
from ouhe.compute.weight import entropies, terms
from ouhe.errors import DataError
from ouhe.panel import cell_count, inside

NINE = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
NORMALISATIONS = (normalise.minmax, normalise.zscore, normalise.vector)
COUPLINGS = (couple.standard, couple.wang, couple.fan)


def raster(shape=(6, 3, 7, 5), *, seed=0, masked=True, dtype=np.float64):
    """Skewed values (indicator, year, y, x) of two systems; about a third of the cells is sea."""
    rng = np.random.default_rng(seed)
    n = shape[0]
    x = xr.DataArray(
        rng.standard_exponential(shape).astype(dtype),
        dims=("indicator", "year", "y", "x"),
        coords={
            "indicator": [f"i{j}" for j in range(n)],
            "year": np.arange(2000, 2000 + shape[1]),
            "system_of": ("indicator", ["p"] * (n // 2) + ["q"] * (n - n // 2)),
            "direction": ("indicator", ["positive", "negative"] * (n // 2)),
        },
    )
    if not masked:
        return x
    land = rng.random(shape[2:]) > 1 / 3
    land.flat[0] = True
    return x.where(xr.DataArray(land, dims=("y", "x"))).assign_coords(inside=(("y", "x"), land))


def chain(x, couple_by=couple.standard):
    """Everything from raw values to classes, lazily where `x` is."""
    y = normalise.minmax(x)
    entropy = weight.information_entropy(y)
    w = weight.from_entropy(entropy)
    u = aggregate.linear(y, w)
    C, T = couple_by(u), couple.development(u)
    D = couple.coordination(C, T)
    return SimpleNamespace(
        y=y, entropy=entropy, w=w, u=u, C=C, T=T, D=D, level=classify.classify(D, upper=NINE), lag=couple.lagging(u)
    )


def as_regions(x):
    """The counted cells as regions of a small panel."""
    stacked = x.stack(region=("y", "x")).transpose("region", "year", "indicator")
    return stacked.isel(region=np.flatnonzero(stacked["inside"].values)).drop_vars(
        ["inside", "region", "y", "x"], errors="ignore"
    )


CHUNKS = ({"y": 2}, {"y": 3, "x": 2, "year": 1}, {"y": 7, "x": 5, "indicator": 2})


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("chunks", CHUNKS)
def test_chunked_is_as_in_memory(chunks, masked):
    x = raster(masked=masked)
    whole, lazy = chain(x), chain(x.chunk(chunks))
    assert lazy.D.chunks is not None
    xr.testing.assert_allclose(lazy.w, whole.w, rtol=1e-12)
    for name in ("y", "u", "C", "T", "D"):
        xr.testing.assert_allclose(getattr(lazy, name).compute(), getattr(whole, name), rtol=1e-12)
    for name in ("level", "lag"):
        xr.testing.assert_equal(getattr(lazy, name).compute(), getattr(whole, name))


def test_a_masked_raster_is_the_panel_of_its_cells():
    x = raster()
    found, small = chain(x), chain(as_regions(x))
    np.testing.assert_allclose(found.w, small.w, rtol=1e-12)
    land = inside(x).values
    for name in ("C", "T", "D", "level", "lag"):
        values = getattr(found, name).transpose("y", "x", "year").values
        np.testing.assert_allclose(values[land], getattr(small, name).transpose("region", "year").values, rtol=1e-12)
    assert np.isnan(found.D.values[:, ~land]).all()
    assert (found.level.values[:, ~land] == -1).all()
    assert (found.lag.values[:, ~land] == -2).all()
    assert cell_count(x, ["y", "x", "year"]) == 3 * land.sum()


@pytest.mark.parametrize("method", [weight.critic, weight.variation, weight.principal, weight.entropy])
def test_weights_of_a_masked_raster_are_those_of_its_cells(method):
    x = raster()
    y, small = (x, as_regions(x)) if method is weight.variation else map(normalise.minmax, (x, as_regions(x)))
    expected = method(small).values
    np.testing.assert_allclose(method(y), expected, rtol=1e-10)
    np.testing.assert_allclose(method(y.chunk({"y": 2, "indicator": 4})), expected, rtol=1e-10)


@pytest.mark.parametrize("method", NORMALISATIONS)
@pytest.mark.parametrize("over", ["panel", "year"])
def test_normalisation_of_a_masked_raster_is_that_of_its_cells(method, over):
    x = raster()
    expected = method(as_regions(x), over=over).transpose("region", "year", "indicator").values
    found = method(x.chunk({"y": 3, "year": 2}), over=over).compute().transpose("y", "x", "year", "indicator").values
    np.testing.assert_allclose(found[inside(x).values], expected, rtol=1e-12)


def test_the_chain_takes_three_walks(monkeypatch):
    read = []

    def seen(block):
        read.append(block.size)
        return block

    x = raster().chunk({"y": 4})
    x = x.copy(data=x.data.map_blocks(seen, dtype=x.dtype, meta=np.empty((0,) * 4)))
    lazy = chain(x)
    dask.compute(*(getattr(lazy, n).data for n in ("u", "C", "T", "D", "level", "lag")))
    assert sum(read) == 3 * x.size


def test_single_precision_is_summed_in_double():
    x = raster((4, 5, 60, 50), dtype=np.float32)
    whole, lazy = chain(x), chain(x.chunk({"y": 7, "year": 2}))
    assert lazy.y.dtype == np.float32
    np.testing.assert_allclose(lazy.w, whole.w, rtol=1e-10)
    np.testing.assert_allclose(whole.w, chain(x.astype(float)).w, rtol=1e-6)  # y itself is rounded to 6e-8
    np.testing.assert_array_max_ulp(
        lazy.D.values.astype(np.float32)[:, inside(x).values], whole.D.values.astype(np.float32)[:, inside(x).values], 1
    )


def test_a_hole_inside_is_told_and_what_stands_outside_is_not_looked_at():
    x = raster().copy(deep=True)
    land = np.argwhere(inside(x).values)[3]
    sea = np.argwhere(~inside(x).values)[0]
    x[1, 2, sea[0], sea[1]] = np.inf
    normalise.minmax(x)
    x[1, 2, land[0], land[1]] = np.nan
    for array in (x, x.chunk({"y": 2})):
        with pytest.raises(DataError) as told:
            normalise.minmax(array)
        (problem,) = told.value.problems
        assert problem.params["at"] == f"i1 2002 {land[0]} {land[1]}"


def test_chunks_without_a_counted_cell_change_nothing():
    x = raster((4, 2, 8, 5))
    land = inside(x).values.copy()
    land[4:] = False
    x = x.where(xr.DataArray(land, dims=("y", "x"))).assign_coords(inside=(("y", "x"), land))
    whole, lazy = chain(x), chain(x.chunk({"y": 2}))
    xr.testing.assert_allclose(lazy.D.compute(), whole.D, rtol=1e-12)
    np.testing.assert_allclose(whole.w, chain(x.isel(y=slice(0, 4))).w, rtol=1e-12)


def test_an_indicator_that_never_varies_is_told_from_chunks():
    x = raster().copy(deep=True)
    x[2] = x[2] * 0 + 3.0
    with pytest.raises(DataError) as told:
        normalise.minmax(x.chunk({"y": 2}))
    assert [p.params["at"] for p in told.value.problems] == ["i2"]


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 7), st.integers(1, 5), st.integers(1, 3), st.integers(1, 6), st.integers(0, 99))
def test_no_cut_changes_weights_or_degrees(rows, columns, years, indicators, seed):
    x = raster(seed=seed)
    cut = x.chunk({"y": rows, "x": columns, "year": years, "indicator": indicators})
    whole, lazy = chain(x), chain(cut)
    xr.testing.assert_allclose(lazy.w, whole.w, rtol=1e-12)
    xr.testing.assert_allclose(lazy.D.compute(), whole.D, rtol=1e-12)


@pytest.mark.parametrize("couple_by", COUPLINGS)
@pytest.mark.parametrize("masked", [True, False])
def test_the_chain_runs_in_another_array_library(couple_by, masked):
    x = raster(masked=masked)
    other = x.copy(data=array_api_strict.asarray(x.values))
    found, expected = chain(other, couple_by), chain(x, couple_by)
    for name in ("y", "u", "C", "T", "D", "level", "lag"):
        array = getattr(found, name)
        assert isinstance(array.data, type(other.data)), name
        np.testing.assert_allclose(blocks.in_memory(array.data), getattr(expected, name).values, rtol=1e-12)
    np.testing.assert_allclose(found.w, expected.w, rtol=1e-12)


@pytest.mark.parametrize("method", [normalise.zscore, normalise.vector])
def test_normalisations_run_in_another_array_library(method):
    x = raster()
    other = x.copy(data=array_api_strict.asarray(x.values))
    np.testing.assert_allclose(blocks.in_memory(method(other).data), method(x).values, rtol=1e-12)


@pytest.mark.parametrize("method", [aggregate.geometric, aggregate.topsis])
def test_aggregations_run_chunked_and_in_another_array_library(method):
    x = raster()
    options = {"offset": 0.01} if method is aggregate.geometric else {}
    y = normalise.minmax(x)
    w = weight.equal(y)
    expected = method(y, w, **options)
    xr.testing.assert_allclose(method(y.chunk({"y": 2}), w, **options).compute(), expected, rtol=1e-12)
    other = method(y.copy(data=array_api_strict.asarray(y.values)), w, **options)
    np.testing.assert_allclose(blocks.in_memory(other.data), expected.values, rtol=1e-12)


def test_pieces_come_in_the_order_of_the_chunks(monkeypatch):
    x = raster().chunk({"y": 3, "x": 2}).variable
    mask = inside(raster())
    asked = []
    monkeypatch.setattr(engine, "collect", lambda tasks, step: asked.append(step) or [t.compute() for t in tasks])
    found = blocks.pieces(
        lambda a, m: (np.nansum(a.values), a.where(m, 0.0).values.sum(), blocks.workers(9)),
        x,
        mask,
        step="s",
        placed=True,
    )
    assert asked == ["s"]
    for place, (plain, only, threads) in found:
        part = x.isel(place).values
        np.testing.assert_allclose([plain, only], np.nansum(part))
        assert threads == 1, "a chunk is work for one core"
    assert [w["x"].start for w, _ in found[:3]] == [0, 2, 4]


def test_moments_of_a_masked_raster():
    x = raster()
    flat = as_regions(x)
    for array in (x, x.chunk({"y": 2, "year": 1})):
        for found, expected in zip(
            moments.mean_and_deviation(array, ["y", "x", "year"], ddof=1),
            moments.mean_and_deviation(flat, ["region", "year"], ddof=1),
            strict=True,
        ):
            np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("chunks", [None, {"y": 3, "year": 2}])
def test_compiled_loops_change_nothing(monkeypatch, dtype, chunks):
    x = raster(dtype=dtype)
    plain = chain(x)
    monkeypatch.setattr(shifting, "MANY", 1)
    monkeypatch.setattr(shifting, "MANY_IN_CHUNK", 1)
    monkeypatch.setattr(entropies, "MANY", 1)
    found = chain(x.chunk(chunks) if chunks else x)
    xr.testing.assert_equal(found.y.compute(), plain.y)
    xr.testing.assert_allclose(found.w, plain.w, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1e300), st.sampled_from([0.0, 1e-5, 1.0]))
def test_compiled_sums_are_those_of_the_logarithm(value, offset):
    tiny = float(np.finfo(float).tiny)
    total, spread = terms.share_sums(np.array([[value]]), None, offset=offset, tiny=tiny)[:, 0]
    exact = (value + offset) * np.log(value + offset + tiny)
    assert total == value + offset
    assert abs(spread - exact) <= 1e-15 * abs(exact) + 1e-16 * (value + offset)


def test_compiled_sums_of_what_has_none():
    table = np.array([[-0.5, 1.0], [np.nan, 1.0], [0.0, 0.0], [np.inf, 1.0]])
    total, spread = terms.share_sums(table, None, offset=0.0, tiny=1e-300)
    np.testing.assert_array_equal(spread, [np.nan, np.nan, 0.0, np.inf])
    np.testing.assert_array_equal(total, [0.5, np.nan, 0.0, np.inf])
    half, more = 0.5 * np.log(0.5), 1.5 * np.log(1.5)
    only = terms.share_sums(table, np.array([False, True]), offset=0.5, tiny=1e-300)
    np.testing.assert_allclose(only, [[1.5, 1.5, 0.5, 1.5], [more, more, half, more]], rtol=1e-14)
