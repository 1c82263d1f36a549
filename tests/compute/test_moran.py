"""Global Moran's I: cases worked by hand, moments over all permutations, laws, groups, and what it refuses."""

import itertools
import warnings
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ouhe.compute import geary, moran
from ouhe.errors import DataError, OptionError, OuheWarning
from ouhe.neighbours import Neighbours

NAMES = ("statistic", "expected", "sd", "z", "p_value", "p_sim")


def regions(n):
    return [f"r{i}" for i in range(n)]


def array(values, *dims, **coords):
    values = np.asarray(values, dtype=float)
    return xr.DataArray(values, dims=("region", *dims), coords={"region": regions(len(values)), **coords})


def path(n, **options):
    names = regions(n)
    return Neighbours.from_pairs(itertools.pairwise(names), names, **options)


def some_weights(n, seed, *, style="row"):
    """Weights of any kind: asymmetric, uneven, with isolates."""
    rng = np.random.default_rng(seed)
    w = np.where(rng.random((n, n)) < 0.5, rng.random((n, n)) + 0.1, 0.0)
    np.fill_diagonal(w, 0.0)
    w[n - 1] = 0.0
    w[0, 1] = 1.0
    return Neighbours.from_dense(w, regions(n), style=style)


def plain(x, w):
    """Moran's I as it is defined."""
    z, m = x - x.mean(), w.matrix.toarray()
    return len(x) / m.sum() * (z @ m @ z) / (z @ z)


def close(found, expected, tolerance=1e-12):
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=tolerance, atol=tolerance)


def test_four_regions_in_a_row():
    # z = ±1.5, ±0.5; lags −0.5, −0.5, 0.5, 0.5; z·lag sums to 2, z·z to 5, and S0 = n
    found = moran.univariate(array([1, 2, 3, 4]), path(4))
    assert found.statistic.item() == pytest.approx(0.4)
    assert found.expected.item() == pytest.approx(-1 / 3)
    assert tuple(found.data_vars) == (*NAMES, "n", "few")
    assert all(v.dims == () for v in found.data_vars.values())
    every = [plain(np.array(p), path(4)) for p in itertools.permutations([1.0, 2.0, 3.0, 4.0])]
    close(found.sd, np.std(every))
    close(found.p_sim, np.mean([abs(i + 1 / 3) >= 0.4 + 1 / 3 - 1e-9 for i in every]))


def test_normality_by_hand():
    # binary path of four: S0 = 6, S1 = 12, S2 = 4 + 16 + 16 + 4 = 40
    found = moran.univariate(array([1, 2, 3, 5]), path(4, style="binary"), variance="normality")
    variance = (16 * 12 - 4 * 40 + 3 * 36) / (15 * 36) - 1 / 9
    assert found.sd.item() == pytest.approx(np.sqrt(variance))
    z = (found.statistic.item() + 1 / 3) / np.sqrt(variance)
    assert found.z.item() == pytest.approx(z)
    assert found.p_value.item() == pytest.approx(2 * stats.norm.sf(abs(z)))


@pytest.mark.parametrize("style", ["row", "binary", "raw"])
@pytest.mark.parametrize("seed", range(4))
def test_mean_and_deviation_over_all_permutations(seed, style):
    w = some_weights(6, seed, style=style)
    x = np.random.default_rng(seed).lognormal(size=6)
    found = moran.univariate(array(x), w, permutations=720)
    every = np.array([plain(x[list(p)], w) for p in itertools.permutations(range(6))])
    # 720 values are averaged on one side, closed forms on the other
    close(found.statistic, plain(x, w))
    close(found.expected, every.mean(), 1e-11)
    close(found.sd, every.std(), 1e-11)
    far = abs(every - every.mean()) >= abs(every[0] - every.mean()) - 1e-9
    assert found.p_sim.item() == far.mean()


def test_p_sim_is_what_its_definition_says():
    w = path(30)
    x = np.random.default_rng(1).normal(size=30).cumsum()
    found = moran.univariate(array(x), w, permutations=4999, rng=1)
    rng = np.random.default_rng(2)
    sims = np.array([plain(rng.permutation(x), w) for _ in range(4999)])
    p = np.mean(abs(sims + 1 / 29) >= abs(plain(x, w) + 1 / 29))
    # two samples of the same share: five standard deviations of their difference
    assert abs(found.p_sim.item() - p) < 5 * np.sqrt(2 * max(p, 1e-3) / 4999)


def test_alternating_values_are_as_far_from_chance_as_clustered_ones():
    x = array([1.0, -1.0] * 10)
    found = moran.univariate(x, path(20), permutations=999, rng=1)
    assert found.statistic.item() == pytest.approx(-1.0)
    assert found.p_sim.item() == 0.001
    assert found.p_value.item() < 0.001


def test_all_variables_and_years_at_once():
    w = some_weights(12, 1)
    rng = np.random.default_rng(3)
    x = xr.DataArray(
        rng.normal(size=(3, 12, 4)),
        dims=("year", "region", "variable"),
        coords={
            "year": [2010, 2011, 2012],
            "region": regions(12),
            "variable": list("abcd"),
            "unit": ("variable", list("wxyz")),
            "short": ("region", regions(12)),
        },
        name="values",
    )
    found = moran.univariate(x, w, permutations=99, rng=5)
    assert found.statistic.dims == ("year", "variable")
    assert set(found.coords) == {"year", "variable", "unit"}
    assert found.indexes["year"].equals(x.indexes["year"])
    for year, variable in itertools.product(x["year"].values, x["variable"].values):
        cell = {"year": year, "variable": variable}
        alone = moran.univariate(x.sel(cell, drop=True), w, permutations=99, rng=5)
        for name in NAMES:
            close(found[name].sel(cell), alone[name])
        assert found.p_sim.sel(cell).item() == alone.p_sim.item()


def test_xarray_may_take_its_short_cut_away(monkeypatch):
    x = array(np.random.default_rng(1).normal(size=(9, 3)), "year", year=[1, 2, 3], unit="kg")
    usual = moran.univariate(x, path(9), rng=1)
    # a stand-in for an xarray whose Dataset has no such method
    without = SimpleNamespace(Dataset=partial(xr.Dataset), Variable=xr.Variable, Coordinates=xr.Coordinates)
    monkeypatch.setattr("ouhe.permutations.arrays.xr", without)
    xr.testing.assert_identical(moran.univariate(x, path(9), rng=1), usual)


def test_input_is_left_alone():
    x = array(np.random.default_rng(1).normal(size=(5, 2)), "variable", variable=["a", "b"])
    x["variable"].attrs["unit"] = "yuan"
    before = x.copy(deep=True)
    found = moran.univariate(x, path(5))
    assert found["variable"].attrs == {"unit": "yuan"}
    found["variable"].attrs["unit"] = "kg"
    xr.testing.assert_identical(x, before)


@pytest.mark.parametrize("kind", ["int64", "float32"])
def test_numbers_of_any_type(kind):
    x = array([4, 1, 3, 8, 2, 9])
    xr.testing.assert_allclose(moran.univariate(x.astype(kind), path(6)), moran.univariate(x, path(6)))


def test_chunked_values():
    pytest.importorskip("dask.array")
    x = array(np.random.default_rng(1).normal(size=(9, 3)), "year", year=[1, 2, 3])
    lazy = moran.univariate(x.chunk({"region": 2, "year": 1}), path(9), rng=1)
    xr.testing.assert_identical(lazy, moran.univariate(x, path(9), rng=1))


def test_weights_in_another_order_are_put_in_that_of_the_values():
    w, x = some_weights(9, 2), array(np.random.default_rng(1).normal(size=9))
    turned = w.only(w.regions[::-1])
    xr.testing.assert_allclose(moran.univariate(x, turned, rng=1), moran.univariate(x, w, rng=1))


@pytest.mark.parametrize("variance", ["randomisation", "normality"])
def test_where_all_are_neighbours_alike_nothing_can_be_told(variance):
    w = Neighbours.from_dense(1 - np.eye(9), regions(9), style="row")
    x = array(np.random.default_rng(1).lognormal(size=(9, 2)), "year", year=[1, 2])
    with pytest.warns(OuheWarning, match=r"2 of 2.*sd is 0.*k nearest") as told:
        found = moran.univariate(x, w, variance=variance, rng=1)
    assert (len(told), told[0].filename) == (1, __file__)
    found = found.isel(year=0)
    assert found.statistic.item() == pytest.approx(-1 / 8)
    assert found.sd.item() == 0.0
    assert np.isnan(found.z.item())
    assert np.isnan(found.p_value.item())
    assert found.p_sim.item() == 1.0


def test_no_permutations():
    found = moran.univariate(array([1, 2, 4, 9, 3]), path(5), permutations=0)
    assert np.isnan(found.p_sim.item())
    assert np.isfinite(found.p_value.item())


@st.composite
def fields(draw, least=4, most=9):
    """Values in regions, clearly not all equal, and weights."""
    n = draw(st.integers(least, most))
    whole = draw(st.lists(st.integers(-1000, 1000), min_size=n, max_size=n).filter(lambda v: max(v) - min(v) > 5))
    return np.array(whole, dtype=float), some_weights(n, draw(st.integers(0, 99)))


@given(fields(), st.floats(0.01, 100.0), st.booleans(), st.floats(-1000.0, 1000.0))
def test_scale_sign_and_origin_change_nothing(field, scale, turned, origin):
    x, w = field
    one = moran.univariate(array(x), w, permutations=200, rng=1)
    other = moran.univariate(array(origin + (-scale if turned else scale) * x), w, permutations=200, rng=1)
    for name in NAMES:
        # an origin 1e5 times the range costs five of sixteen digits
        close(one[name], other[name], 1e-8)


@given(fields(most=6), st.randoms(use_true_random=False))
def test_order_of_regions_changes_nothing(field, random):
    x, w = field
    order = list(range(len(x)))
    random.shuffle(order)
    one = moran.univariate(array(x), w, permutations=720)
    other = moran.univariate(array(x).isel(region=order), w, permutations=720)
    for name in NAMES:
        close(one[name], other[name], 1e-9)


@given(fields(least=8), st.integers(0, 5))
def test_another_variable_changes_no_p(field, seed):
    x, w = field
    more = np.random.default_rng(seed).normal(size=(len(x), 3))
    alone = moran.univariate(array(x[:, None], "variable"), w, permutations=99, rng=seed)
    among = moran.univariate(array(np.column_stack([more, x]), "variable"), w, permutations=99, rng=seed)
    assert among.p_sim.values[3] == alone.p_sim.values[0]


@given(fields(least=5), st.integers(0, 99))
def test_values_of_any_size(field, seed):
    x, w = field
    usual = moran.univariate(array(x), w, permutations=99, rng=seed)
    for power in (-250, 250):
        found = moran.univariate(array(x * 10.0**power), w, permutations=99, rng=seed)
        for name in NAMES:
            close(found[name], usual[name], 1e-9)


# two variables


def plain_bivariate(x, y, w):
    a, b, m = x - x.mean(), y - y.mean(), w.matrix.toarray()
    return len(x) / m.sum() * (a @ m @ b) / np.sqrt((a @ a) * (b @ b))


def test_bivariate_by_hand():
    # deviations of x: −1.5, −0.5, 0.5, 1.5; of y: −1, 1, −1, 1, whose lags are 1, −1, 1, −1;
    # products −1.5 + 0.5 + 0.5 − 1.5 = −2, over √(5 · 4)
    found = moran.bivariate(array([1, 2, 3, 4]), array([0, 2, 0, 2]), path(4))
    assert found.statistic.item() == pytest.approx(-2 / np.sqrt(20))
    assert found.expected.item() == 0.0


@pytest.mark.parametrize("seed", range(4))
def test_bivariate_mean_and_deviation_over_all_permutations_of_y(seed):
    w = some_weights(6, seed)
    x, y = np.random.default_rng(seed).lognormal(size=(2, 6))
    found = moran.bivariate(array(x), array(y), w, permutations=720)
    every = np.array([plain_bivariate(x, y[list(p)], w) for p in itertools.permutations(range(6))])
    close(found.statistic, plain_bivariate(x, y, w))
    close(found.expected, every.mean())
    close(found.sd, every.std())
    assert found.p_sim.item() == np.mean(abs(every) >= abs(every[0]) - 1e-9)


def test_bivariate_permutes_what_is_asked_for():
    w = some_weights(40, 1)
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=(2, 40))
    y += 0.15 * (w.matrix.T @ x) / np.std(w.matrix.T @ x)
    found = moran.bivariate(array(x), array(y), w, permutations=4999, rng=1)
    sims = np.array([plain_bivariate(x, rng.permutation(y), w) for _ in range(4999)])
    p = np.mean(abs(sims) >= abs(plain_bivariate(x, y, w)))
    assert 0.01 < p < 0.99
    # two samples of the same share: five standard deviations of their difference
    assert abs(found.p_sim.item() - p) < 5 * np.sqrt(2 * p * (1 - p) / 4999)


def test_a_variable_with_itself_is_moran():
    w, x = some_weights(15, 3), array(np.random.default_rng(1).normal(size=(15, 4)), "year")
    close(moran.bivariate(x, x, w, rng=1).statistic, moran.univariate(x, w, rng=1).statistic)


def test_two_variables_broadcast():
    w = some_weights(9, 3)
    rng = np.random.default_rng(1)
    x = array(rng.normal(size=(9, 2, 3)), "variable", "year", variable=["a", "b"], year=[1, 2, 3])
    y = array(rng.normal(size=(9, 3)), "year", year=[1, 2, 3])
    found = moran.bivariate(x, y.isel(region=slice(None, None, -1)), w, permutations=99, rng=1)
    assert found.statistic.dims == ("variable", "year")
    one = moran.bivariate(x.sel(variable="b", year=2, drop=True), y.sel(year=2, drop=True), w, permutations=99, rng=1)
    for name in NAMES:
        close(found[name].sel(variable="b", year=2), one[name])


def test_two_variables_that_do_not_fit():
    x = array(np.arange(10.0).reshape(5, 2), "year", year=[1, 2])
    with pytest.raises(DataError, match='along "year"'):
        moran.bivariate(x, x.assign_coords(year=[2, 3]), path(5))
    with pytest.raises(DataError) as error:
        moran.bivariate(x, x.isel(region=slice(1, None)), path(5))
    assert [p.params["label"] for p in error.value.problems] == ["r0"]


# groups


def test_within_is_moran_of_each_group_alone():
    n = 24
    w = some_weights(n, 5)
    x = array(np.random.default_rng(2).normal(size=(n, 3)), "year", year=[1, 2, 3])
    groups = {r: "west" if i % 3 else "east" for i, r in enumerate(regions(n))} | {"elsewhere": "nowhere"}
    with pytest.warns(OuheWarning, match=r"r23 \(west\)"):  # which has neighbours in the east only
        found = moran.within(x.transpose("year", "region"), w, groups, permutations=99, rng=4)
    assert found.statistic.dims == ("year", "group")
    assert found.group.values.tolist() == ["east", "west"]
    assert found.n.values.tolist() == [8, 16]
    assert found.few.values.tolist() == [True, True]
    for group in ("east", "west"):
        part = x.sel(region=[r for r in regions(n) if groups[r] == group])
        alone = moran.univariate(part, w.only(part.region.values), permutations=99, rng=4)
        xr.testing.assert_allclose(found.sel(group=group, drop=True), alone)
        np.testing.assert_array_equal(found.p_sim.sel(group=group), alone.p_sim)


def test_few_ends_at_twenty():
    groups = dict.fromkeys(regions(20), "all")
    x = array(np.random.default_rng(2).normal(size=20))
    for statistic in (moran.univariate, geary.c):
        assert not statistic(x, path(20), rng=1).few.item()
        few = statistic(x[1:], path(20).only(regions(20)[1:]), rng=1)
        assert (few.n.item(), few.few.item()) == (19, True)
    paired = moran.bivariate(x[1:], x[1:] ** 2, path(20).only(regions(20)[1:]), rng=1)
    assert (paired.n.item(), paired.few.item()) == (19, True)
    assert not moran.within(x, path(20), groups, rng=1).few.item()
    assert moran.within(x[1:], path(20).only(regions(20)[1:]), groups, rng=1).few.item()


def test_three_regions_have_an_exact_p_only():
    # z = −4/3, −1/3, 5/3 and lags −1/3, 1/6, −1/3: products 4/9 − 1/18 − 5/9 = −1/6, over z·z = 42/9, and S0 = n
    x = array([1.0, 2.0, 4.0, 1.0, 2.0, 9.0, 4.0])
    groups = dict(zip(regions(7), ["a"] * 3 + ["b"] * 4, strict=True))
    w = path(7)
    for permutations in (1, 999):
        found = moran.within(x, w, groups, permutations=permutations, rng=1).sel(group="a")
        every = np.array([plain(np.array(p), w.only(regions(3))) for p in itertools.permutations([1.0, 2.0, 4.0])])
        assert found.statistic.item() == pytest.approx(-1 / 28)
        assert found.expected.item() == -0.5
        assert found.p_sim.item() == np.mean(abs(every + 0.5) >= abs(-1 / 28 + 0.5) - 1e-9)
        assert found.n.item() == 3
        assert found.few.item()
        assert np.isnan([found[k].item() for k in ("sd", "z", "p_value")]).all()
    assert np.isnan(moran.within(x, w, groups, permutations=0).p_sim).all()


def test_groups_without_a_statistic_stay_empty_and_are_told():
    n = 12
    w = Neighbours.from_pairs([("r0", "r1"), ("r1", "r2"), ("r2", "r3"), ("r3", "r4")], regions(n))
    groups = dict(zip(regions(n), ["fine"] * 5 + ["apart"] * 4 + ["two"] * 2 + ["one"], strict=True))
    with pytest.warns(OuheWarning, match="within: apart, two, one;") as told:
        found = moran.within(array(np.arange(n) ** 2), w, groups, permutations=120)
    assert len(told) == 1
    assert told[0].filename == __file__
    assert np.isfinite(found.statistic.sel(group="fine"))
    empty = found.sel(group=["apart", "two", "one"])
    assert all(np.isnan(empty[k]).all() for k in NAMES)
    assert empty.n.values.tolist() == [4, 2, 1]


def test_regions_without_a_neighbour_in_their_group_are_told():
    groups = dict(zip(regions(7), "aaabbba", strict=True))
    with pytest.warns(OuheWarning, match=r"r6 \(a\)\. They count") as told:
        found = moran.within(array([1.0, 2.0, 4.0, 9.0, 3.0, 5.0, 1.0]), path(7), groups, rng=1)
    assert (len(told), told[0].filename) == (1, __file__)
    assert told[0].message.problem.message("zh").startswith("有 1 个地区")
    assert found.n.values.tolist() == [4, 3]
    assert np.isfinite(found.statistic).all()


def test_groups_whose_regions_are_alike_to_the_weights_are_told():
    n = 9
    together = np.zeros((n, n))
    together[:5, :5] = 1.0
    w = Neighbours.from_dense(together + np.eye(n, k=1) + np.eye(n, k=-1) - np.diag(np.diag(together)), regions(n))
    groups = {r: "one" if i < 5 else "two" for i, r in enumerate(regions(n))}
    x = array([1.0, 2.0, 4.0, 9.0, 3.0, 5.0, 1.0, 2.0, 8.0])
    with pytest.warns(OuheWarning, match="missing: one.") as told:
        found = moran.within(x, w.styled("binary"), groups, rng=1)
    assert (len(told), told[0].filename) == (1, __file__)
    assert np.isnan(found.z).values.tolist() == [True, False]


def test_a_variable_that_is_the_same_all_over_a_group():
    values = np.random.default_rng(1).normal(size=(9, 2))
    values[:5, 1] = 3.0
    groups = {r: "a" if i < 5 else "b" for i, r in enumerate(regions(9))}
    with pytest.warns(OuheWarning, match="same in all their regions: a;"):
        found = moran.within(array(values, "variable", variable=["x", "y"]), path(9), groups, rng=1)
    assert np.isnan(found.statistic).values.tolist() == [[False, True], [False, False]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = moran.within(array(values[:, :1], "variable", variable=["x"]), path(9), groups, rng=1)
    xr.testing.assert_allclose(found[list(NAMES)].sel(variable=["x"]), alone[list(NAMES)])


def test_regions_without_a_group_are_named():
    with pytest.raises(DataError) as error:
        moran.within(array(np.arange(5.0) ** 2), path(5), {"r0": "a", "r1": "a", "r2": "a"})
    assert [p.params["region"] for p in error.value.problems] == ["r3", "r4"]


def test_progress_of_groups_adds_up():
    told = []
    groups = {r: "a" if i < 12 else "b" if i < 22 else "c" for i, r in enumerate(regions(25))}
    moran.within(
        array(np.arange(25.0) ** 2), path(25), groups, permutations=99, rng=1, progress=lambda *a: told.append(a)
    )
    assert told == [(99, 204), (198, 204), (204, 204)]


# what is refused


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_cells_without_a_number_are_named(bad):
    x = array(np.arange(10.0).reshape(5, 2) ** 2, "year", year=[2010, 2011])
    x[1, 0] = x[3, 1] = bad
    with pytest.raises(DataError) as error:
        moran.univariate(x, path(5))
    assert [p.params["at"] for p in error.value.problems] == ["r1 2010", "r3 2011"]


@pytest.mark.parametrize("values", [[np.inf] * 4, [-np.inf, np.inf, 1.0, 2.0], [-1.7e308, 1.7e308, 1.0, 2.0]])
def test_values_that_float64_cannot_subtract_are_named(values):
    with pytest.raises(DataError, match="every cell needs a finite number"):
        moran.univariate(array(values), path(4))


def test_variables_that_do_not_vary_are_all_named():
    values = np.random.default_rng(1).normal(size=(5, 2, 2))
    values[:, 0, 1] = 7.0
    values[:, 1, 0] = [0.3, 0.1 + 0.2, 0.3, 0.3, 0.3]
    x = array(values, "variable", "year", variable=["C", "D"], year=[2010, 2011])
    with pytest.raises(DataError) as error:
        moran.univariate(x, path(5))
    assert [p.params["at"] for p in error.value.problems] == ["C 2011", "D 2010"]
    assert "no region stands above or below" in str(error.value)
    with pytest.raises(DataError, match=r"^wealth is the same in every region \(its value is 2\.0\)"):
        moran.univariate(array([2.0] * 5).rename("wealth"), path(5))


@pytest.mark.parametrize("call", [moran.univariate, lambda x, w: moran.bivariate(x, x, w)])
def test_fewer_than_four_regions(call):
    with pytest.raises(DataError, match="there are 3 regions"):
        call(array([1.0, 2.0, 4.0]), path(3))


def test_weights_without_links():
    with pytest.raises(DataError, match="hold no neighbours"):
        moran.univariate(array([1.0, 2.0, 4.0, 8.0]), Neighbours.from_pairs([], regions(4)))


def test_regions_that_the_weights_do_not_hold_are_named():
    with pytest.raises(DataError, match="r4"):
        moran.univariate(array(np.arange(5.0)), path(4))


def test_values_without_regions_are_told():
    x, w = array([1.0, 2.0, 4.0, 8.0]), path(4)
    provinces = x.rename(region="province")
    for call in (
        lambda: moran.univariate(provinces, w),
        lambda: moran.bivariate(x, provinces, w),
        lambda: moran.within(provinces, w, dict.fromkeys(regions(4), "a")),
    ):
        with pytest.raises(DataError, match="province"):
            call()


def test_options_that_are_none():
    x, w = array([1.0, 2.0, 4.0, 8.0]), path(4)
    with pytest.raises(OptionError, match=r'variance is "normal"; .*did you mean "normality"'):
        moran.univariate(x, w, variance="normal")
    with pytest.raises(OptionError):
        moran.within(x, w, dict.fromkeys(regions(4), "a"), variance="")
    for wrong in (-1, 0.5):
        with pytest.raises(OptionError, match="number of permutations"):
            moran.univariate(x, w, permutations=wrong)
    with pytest.raises(OptionError, match="give rng a seed"):
        moran.univariate(array(np.arange(9.0)), path(9))
