"""Laws that hold for every panel, chain and chunking."""

import dask
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ouhe.compute import aggregate, classify, couple, derive, group, impute, normalise, suspect, weight

FEW = settings(max_examples=25, deadline=None)
FINITE = st.floats(-1e6, 1e6, allow_subnormal=False)
NORMALISERS = [normalise.minmax, normalise.zscore, normalise.vector]
WEIGHTS = [weight.entropy, weight.equal, weight.principal]
COUPLINGS = [couple.standard, couple.wang, couple.fan]


@st.composite
def panels(draw):
    """Panels of varying indicators in two systems, with directions."""
    regions, years, m = draw(st.integers(2, 6)), draw(st.integers(1, 4)), draw(st.integers(2, 6))
    values = draw(hnp.arrays(float, (regions, years, m), elements=FINITE))
    # a ramp keeps every indicator from being constant, and indicators from being the same
    values += 1e6 * np.linspace(0, 1, regions * years).reshape(regions, years, 1) ** np.arange(1, m + 1)
    return xr.DataArray(
        values + 2e6,
        dims=("region", "year", "indicator"),
        coords={
            "region": [f"r{i}" for i in range(regions)],
            "year": range(2000, 2000 + years),
            "indicator": [f"i{i}" for i in range(m)],
            "system_of": ("indicator", draw(st.lists(st.sampled_from("pq"), min_size=m, max_size=m))),
            "direction": (
                "indicator",
                draw(st.lists(st.sampled_from(["positive", "negative"]), min_size=m, max_size=m)),
            ),
        },
    ).pipe(lambda x: x.isel(indicator=[i for i in range(m) if float(x[..., i].max() - x[..., i].min()) > 1.0] or [0]))


def varies(x):
    """Whether no indicator is constant."""
    return not normalise.constant(x)


@st.composite
def indices(draw):
    """Indices of two to four systems in [0, 1]."""
    shape = (draw(st.integers(1, 8)), draw(st.integers(2, 4)))
    return xr.DataArray(
        draw(hnp.arrays(float, shape, elements=st.floats(0, 1))),
        dims=("region", "system"),
        coords={"system": list("stvw")[: shape[1]]},
    )


@FEW
@given(panels(), st.randoms(use_true_random=False))
def test_order_of_regions_changes_nothing(x, random):
    order = list(range(x.sizes["region"]))
    random.shuffle(order)
    if not varies(x):
        return
    y = normalise.minmax(x)
    xr.testing.assert_allclose(normalise.minmax(x.isel(region=order)), y.isel(region=order))
    w = weight.entropy(y)
    xr.testing.assert_allclose(weight.entropy(y.isel(region=order)), w, rtol=1e-6, atol=1e-12)


@FEW
@given(panels(), st.lists(st.floats(1e-9, 1e9), min_size=6, max_size=6), st.floats(-1e3, 1e3))
def test_units_change_nothing_under_minmax(x, scales, shift):
    if not varies(x):
        return
    scale = xr.DataArray(scales[: x.sizes["indicator"]], dims="indicator")
    xr.testing.assert_allclose(normalise.minmax((x + shift) * scale), normalise.minmax(x), rtol=1e-6, atol=1e-6)


@FEW
@given(panels())
def test_minmax_lies_between_0_and_1_and_reaches_both(x):
    if not varies(x):
        return
    y = normalise.minmax(x)
    assert (y.min(["region", "year"]) == 0).all()
    assert (y.max(["region", "year"]) == 1).all()


@FEW
@given(panels())
def test_reversing_an_indicator_mirrors_it(x):
    if not varies(x):
        return
    other = x.assign_coords(
        direction=("indicator", ["positive" if d == "negative" else "negative" for d in x["direction"].values])
    )
    assert normalise.minmax(other).values == pytest.approx(1 - normalise.minmax(x).values)
    assert normalise.zscore(other).values == pytest.approx(-normalise.zscore(x).values)


@pytest.mark.parametrize("method", WEIGHTS)
@FEW
@given(x=panels())
def test_weights_are_not_negative_and_sum_to_1_within_each_system(method, x):
    if not varies(x):
        return
    w = method(normalise.minmax(x))
    assert (w >= 0).all()
    assert w.groupby("system_of").sum().values == pytest.approx(1.0)


@FEW
@given(st.integers(0, 10_000), st.integers(2, 4))
def test_critic_weights_too(seed, half):
    y = normalise.minmax(random_panel(("region", "indicator"), (9, 2 * half), seed=seed))
    w = weight.critic(y)
    assert (w >= 0).all()
    assert w.groupby("system_of").sum().values == pytest.approx(1.0)


@FEW
@given(panels(), st.sampled_from([0.0, 1e-5, 1.0]))
def test_entropy_lies_between_0_and_1(x, offset):
    if not varies(x):
        return
    found = weight.information_entropy(normalise.minmax(x), offset=offset)
    assert ((found >= 0) & (found <= 1)).all()


@FEW
@given(panels())
def test_index_and_coordination_lie_between_0_and_1(x):
    if not varies(x):
        return
    y = normalise.minmax(x)
    for w in (weight.entropy(y), weight.equal(y)):
        for u in (aggregate.linear(y, w), aggregate.geometric(y, w, offset=0.01), aggregate.topsis(y, w)):
            assert ((u >= -1e-12) & (u <= 1 + 1e-12)).all()
            if u.sizes["system"] < 2:
                continue
            for coupling in COUPLINGS:
                D = couple.coordination(coupling(u), couple.development(u))
                assert ((D >= 0) & (D <= 1 + 1e-9)).all()
                classify.classify(D, upper=[0.5, 1.0])


@pytest.mark.parametrize("method", COUPLINGS)
@given(u=indices())
def test_coupling_lies_between_0_and_1_whatever_the_order_of_systems(method, u):
    C = method(u)
    assert ((C >= 0) & (C <= 1)).all()
    xr.testing.assert_allclose(method(u.isel(system=slice(None, None, -1))), C, atol=1e-7)


@pytest.mark.parametrize("method", COUPLINGS)
@given(level=st.floats(1e-9, 1), k=st.integers(2, 5))
def test_equal_systems_give_full_coupling(method, level, k):
    u = xr.DataArray([[level] * k], dims=("region", "system"))
    assert method(u).item() == pytest.approx(1.0)
    assert couple.coordination(method(u), couple.development(u)).item() == pytest.approx(np.sqrt(level))


@given(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0, 1))
def test_coordination_rises_with_either_index(a, b, step):
    low = xr.DataArray([[a, b]], dims=("region", "system"))
    high = xr.DataArray([[a + step, b]], dims=("region", "system"))
    D = [couple.coordination(couple.standard(u), couple.development(u)).item() for u in (low, high)]
    assert D[1] >= D[0] - 1e-12


@given(indices())
def test_lagging_names_the_smallest(u):
    lag = couple.lagging(u)
    for i in range(u.sizes["region"]):
        row = u.values[i]
        assert lag.values[i] == -1 or row[lag.values[i]] == row.min()


def whole_chain(x):
    """Every stage, one result a name."""
    y = normalise.minmax(x)
    w = weight.mean([weight.entropy(y, offset=1e-5), weight.critic(y), weight.principal(y), weight.variation(x)])
    u = aggregate.linear(y, w)
    C, T = couple.standard(u), couple.development(u)
    return {
        "y": y,
        "z": normalise.zscore(x, over="year"),
        "v": normalise.vector(x),
        "u": u,
        "g": aggregate.geometric(y, w, offset=0.01),
        "t": aggregate.topsis(y, w),
        "parts": aggregate.dimensions(y, w),
        "wang": couple.wang(u),
        "fan": couple.fan(u),
        "D": couple.coordination(C, T),
        "class": classify.classify(couple.coordination(C, T), upper=[0.3, 0.6, 1.0]),
        "lag": couple.lagging(u),
        "rescaled": couple.rescale(u),
    }


@pytest.mark.parametrize("chunks", [(7, 5, 6), (4, 2, 6), (13, 1, 2)])
def test_chunked_equals_unchunked(chunks):
    x = random_panel(("region", "year", "indicator"), (13, 5, 6))
    eager = whole_chain(x)
    with dask.config.set(scheduler="synchronous"):
        lazy = whole_chain(x.chunk(dict(zip(x.dims, chunks, strict=True))))
        assert all(result.chunks is not None for result in lazy.values())
        (done,) = dask.compute(lazy)
    for name, result in done.items():
        xr.testing.assert_allclose(result, eager[name])
        assert result.dims == eager[name].dims


def random_panel(dims, shape, dtype=float, seed=11):
    """Panel of skewed values in two systems."""
    rng = np.random.default_rng(seed)
    m = shape[-1]
    return xr.DataArray(
        rng.lognormal(size=shape).astype(dtype),
        dims=dims,
        coords={
            "indicator": [f"i{i}" for i in range(m)],
            "system_of": ("indicator", ["p", "q"] * (m // 2)),
            "direction": ("indicator", ["positive"] * (m - 1) + ["negative"]),
        },
    )


def test_a_raster_gives_what_its_cells_give_as_regions():
    raster = random_panel(("y", "x", "year", "indicator"), (4, 5, 3, 6))
    panel = raster.stack(region=("y", "x")).transpose("region", "year", "indicator").drop_vars(["region", "y", "x"])
    for name, result in whole_chain(raster).items():
        flat = result.stack(region=("y", "x")).drop_vars(["region", "y", "x"])
        xr.testing.assert_allclose(flat.transpose(*whole_chain(panel)[name].dims), whole_chain(panel)[name])


@pytest.mark.parametrize(
    "order", [("scenario", "region", "year", "indicator"), ("region", "scenario", "year", "indicator")]
)
def test_a_dimension_that_is_no_place_holds_panels_side_by_side(order):
    x = random_panel(("scenario", "region", "year", "indicator"), (3, 13, 4, 6)).transpose(*order)
    x = x.assign_coords(scenario=["low", "middle", "high"], year=range(2010, 2014), region=list("abcdefghijklm")).copy()
    y = normalise.minmax(x)
    assert y.min(["region", "year"]).values.tolist() == [[0.0] * 6] * 3
    assert y.max(["region", "year"]).values.tolist() == [[1.0] * 6] * 3
    together = every_stage(x)
    for scenario in x["scenario"].values:
        for name, alone in every_stage(x.sel(scenario=scenario, drop=True)).items():
            found = together[name].sel(scenario=scenario, drop=True)
            xr.testing.assert_allclose(found.transpose(*alone.dims), alone)


def every_stage(x):
    """Whole chain and what stands beside it: missing values, groups, the nation, growth, entropy and jumps."""
    gaps = x.where(x < 2.0)
    groups = {r: "east" if r < "f" else "west" for r in x["region"].values}
    chain = whole_chain(x)
    return chain | {
        "linear": impute.linear(gaps),
        "trend": impute.trend(gaps),
        "carried": impute.carry_forward(gaps),
        "mean": impute.indicator_mean(x.where(x["year"] > 2010)),
        "group-mean": impute.group_mean(x.where(x["region"] != "a"), groups=groups),
        "filled": impute.share_filled(x.where(x["year"] > 2010), x),
        "means": group.means(chain["D"], groups),
        "nation": group.nation(chain["D"]),
        "growth": group.growth(chain["D"]),
        "entropy": weight.information_entropy(chain["y"], undefined="missing"),
        "weights": weight.product([weight.equal(x), weight.entropy(chain["y"])]),
        "jumps": suspect.jumps(x),
        "derived": derive.evaluate("growth(a) * log(a)", {"a": x}),
    }


def test_a_cross_section_needs_no_year():
    x = random_panel(("region", "indicator"), (30, 6))
    with_year = whole_chain(x.expand_dims(year=[2020]).transpose("region", "year", "indicator"))
    for name, result in whole_chain(x).items():
        xr.testing.assert_allclose(result, with_year[name].isel(year=0, drop=True))


def test_blocks_and_threads_change_nothing_but_rounding():
    # 240,000 cells an array: several blocks on several threads, in the middle of a year too
    x = random_panel(("region", "year", "indicator"), (10_000, 4, 6))
    chain = whole_chain(x)
    y, w = chain["y"], weight.entropy(chain["y"])
    low, high = x.min(["region", "year"]), x.max(["region", "year"])
    by_xarray = ((x - low) / (high - low)).where(x["direction"] == "positive", (high - x) / (high - low))
    xr.testing.assert_allclose(y, by_xarray)
    p = (by_xarray / by_xarray.sum(["region", "year"])).where(by_xarray > 0, 1.0)
    E = -(p * np.log(p)).sum(["region", "year"]) / np.log(40_000)
    xr.testing.assert_allclose(weight.information_entropy(y), E)
    u = (by_xarray * w).groupby("system_of").sum().rename(system_of="system")
    xr.testing.assert_allclose(aggregate.linear(y, w), u)
    again = whole_chain(x)
    assert all(result.identical(again[name]) for name, result in chain.items())


def test_memory_layout_changes_nothing_but_rounding():
    x = random_panel(("region", "year", "indicator"), (5_000, 4, 6))
    for order in (("indicator", "year", "region"), ("year", "indicator", "region")):
        same = x.transpose(*order).copy(data=np.ascontiguousarray(x.transpose(*order).values)).transpose(*x.dims)
        for name, result in whole_chain(same).items():
            xr.testing.assert_allclose(result, whole_chain(x)[name])


def test_float32_is_kept_for_cells_and_summed_in_float64():
    x = random_panel(("region", "year", "indicator"), (50, 4, 6), np.float32)
    exact = whole_chain(x.astype(float))
    for name, result in whole_chain(x).items():
        whole = {"class": np.int16, "lag": np.int16} | dict.fromkeys(("y", "z", "v"), np.float32)
        assert result.dtype == whole.get(name, np.float64), name
        if name not in ("class", "lag"):
            # no more than the rounding of y itself
            xr.testing.assert_allclose(result, exact[name], rtol=2e-6, atol=1e-7)
