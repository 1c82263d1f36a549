"""Transitions: cases worked by hand, laws, what is not there, and bad input."""

from __future__ import annotations

import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
import xarray as xr
from hypothesis import given

from ouhe.compute import classify, transition
from ouhe.errors import DataError, OptionError, OuheWarning
from ouhe.neighbours import Neighbours


def panel(values, years=None, **dims):
    x = np.asarray(values, dtype=float)
    coords = {"region": [f"r{i}" for i in range(x.shape[0])], "year": years or list(range(2010, 2010 + x.shape[1]))}
    return xr.DataArray(x, dims=("region", "year", *dims), coords=coords | dims)


def matrix(rows):
    return xr.DataArray(np.array(rows, dtype=float), dims=("from", "to"))


def ring(n):
    ids = [f"r{i}" for i in range(n)]
    return Neighbours.from_pairs([(ids[i], ids[(i + 1) % n]) for i in range(n)], ids)


@st.composite
def levels(draw, *, classes=3, regions=6, years=5):
    shape = (draw(st.integers(2, regions)), draw(st.integers(2, years)))
    codes = draw(st.lists(st.integers(-1, classes - 1), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    return panel(np.reshape(codes, shape)).astype(np.int16)


class TestClasses:
    def test_given_bounds_are_those_of_the_study(self):
        upper = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
        d = panel([[0.0, 0.2, 0.2000001, 0.5], [0.9, 0.90001, 1.0, 1.0 + 5e-7]])
        bounds = xr.DataArray(upper[:-1], dims="cut")
        assert transition.classed(d, bounds).values.tolist() == classify.classify(d, upper=upper).values.tolist()

    def test_quantiles_pool_the_years_or_take_each_by_itself(self):
        x = panel([[1, 10], [2, 20], [3, 30], [4, 40]])
        # pooled 1 2 3 4 10 20 30 40: the median lies between 4 and 10
        assert transition.cuts(x, k=2).values.tolist() == [7.0]
        yearly = transition.cuts(x, k=2, quantiles="yearly")
        assert yearly.values.tolist() == [[2.5], [25.0]]
        assert transition.classed(x, yearly).values.tolist() == [[0, 0], [0, 0], [1, 1], [1, 1]]

    def test_equal_values_share_a_class_and_it_is_told(self):
        x = panel([[1, 1], [1, 1], [1, 2], [2, 3]])
        with pytest.warns(OuheWarning, match="x: 1 bounds"):
            bounds = transition.cuts(x, k=4)
        level = transition.classed(x, bounds)
        assert len(np.unique(level.values[x.values == 1.0])) == 1

    def test_a_mean_of_equal_neighbours_is_not_above_their_bound(self):
        third = np.full(3, 0.1).sum() / 3  # 0.10000000000000002
        assert third > 0.1
        bounds = xr.DataArray([0.1], dims="cut")
        assert transition.classed(xr.DataArray([third, 0.1001], dims="region"), bounds).values.tolist() == [0, 1]


class TestCount:
    def test_by_hand_with_a_step_of_two_years(self):
        level = panel([[0, 1, 1, 0], [1, 1, 0, 0]]).astype(int)
        # 2010→2012: 0→1, 1→0; 2011→2013: 1→0, 1→0
        found = transition.count(level, classes=2, step=2)
        assert found["year"].values.tolist() == [2010, 2011]
        assert found.values.tolist() == [[[0, 1], [1, 0]], [[0, 0], [2, 0]]]

    def test_a_gap_in_a_path_breaks_both_pairs(self):
        level = panel([[0, -1, 1, 1]]).astype(int)
        assert transition.count(level, classes=2).sum("year").values.tolist() == [[0, 0], [0, 1]]

    def test_years_that_are_not_there_are_not_bridged(self):
        level = panel([[0, 1, 0, 1]], years=[2010, 2011, 2013, 2014]).astype(int)
        found = transition.count(level, classes=2)
        assert found.attrs["step"] == 1
        assert found.sum("year").values.tolist() == [[0, 2], [0, 0]]  # 2011→2013 is none
        even = panel([[0, 1, 0]], years=[2010, 2015, 2020]).astype(int)
        assert transition.count(even, classes=2).attrs["step"] == 5

    def test_conditions_hold_at_the_start(self):
        level, given_ = (panel(v).astype(int) for v in ([[0, 1, 1]], [[1, 0, 1]]))
        found = transition.count(level, classes=2, given=given_).sum("year")
        assert found.sel(given=1).values.tolist() == [[0, 1], [0, 0]]
        assert found.sel(given=0).values.tolist() == [[0, 0], [0, 1]]

    @given(levels())
    def test_every_whole_pair_is_counted_once(self, level):
        counts = transition.count(level, classes=3)
        whole = (level.values[:, :-1] >= 0) & (level.values[:, 1:] >= 0)
        assert counts.sum(["from", "to"]).values.tolist() == whole.sum(axis=0).tolist()
        p = transition.probabilities(counts.sum("year"))
        rows, starts = p.sum("to", skipna=False), counts.sum(["year", "to"])
        assert np.isnan(rows.values).tolist() == (starts.values == 0).tolist()
        np.testing.assert_allclose(rows.values[starts.values > 0], 1.0, rtol=1e-15)

    @given(levels(), st.randoms())
    def test_order_of_regions_and_years_changes_nothing(self, level, random):
        order = random.sample(range(level.sizes["region"]), level.sizes["region"])
        other = level.isel(region=order, year=slice(None, None, -1))
        xr.testing.assert_identical(transition.count(level, classes=3), transition.count(other, classes=3))

    @given(levels())
    def test_other_names_of_classes_permute_rows_and_columns(self, level):
        turned = xr.where(level >= 0, 2 - level, level).transpose(*level.dims)
        ours, theirs = (transition.count(v, classes=3).values for v in (level, turned))
        np.testing.assert_array_equal(ours, theirs[:, ::-1, ::-1])

    @given(levels())
    def test_other_dimensions_are_carried(self, level):
        both = xr.concat([level, xr.where(level >= 0, 2 - level, -1)], dim="draw")
        found = transition.count(both.transpose("region", "draw", "year"), classes=3)
        xr.testing.assert_equal(found.isel(draw=0), transition.count(level, classes=3))


class TestLongRun:
    def test_two_classes_by_hand(self):
        # π₁ = 0.2/(0.1 + 0.2); from 1 to 2 it takes 1/0.1 steps, back 1/0.2; back to 1 after 1/π₁
        p = matrix([[0.9, 0.1], [0.2, 0.8]])
        np.testing.assert_allclose(transition.stationary(p).values, [2 / 3, 1 / 3], rtol=1e-14)
        np.testing.assert_allclose(transition.passage(p).values, [[1.5, 10.0], [5.0, 3.0]], rtol=1e-14)
        found = transition.mobility(p)
        # tr = 1.7, (2 − 1.7)/1; det = 0.72 − 0.02; λ₂ = tr − 1
        expected = {"shorrocks": 0.3, "determinant": 0.3, "second": 0.7, "half_life": -np.log(2) / np.log(0.7)}
        assert {k: float(v) for k, v in found.items()} == pytest.approx(expected, rel=1e-12)

    def test_an_absorbing_class_takes_everything(self):
        p = matrix([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0, 0, 1]])
        assert transition.closed(p).values.tolist() == [-1, -1, 2]
        assert transition.stationary(p).values.tolist() == [0, 0, 1]
        # both leave with 1/4 a step, so that 4 steps are needed; what is left need not come back
        assert transition.passage(p).values[:, 2] == pytest.approx([4, 4, 1], rel=1e-14)
        assert np.isinf(transition.passage(p).values[:, :2]).all()

    def test_several_closed_sets_have_no_single_long_run(self):
        p = matrix([[1, 0, 0], [0.3, 0.4, 0.3], [0, 0, 1]])
        assert transition.closed(p).values.tolist() == [0, -1, 2]
        assert np.isnan(transition.stationary(p).values).all()
        np.testing.assert_allclose(transition.limit(p).values, [[1, 0, 0], [0.5, 0, 0.5], [0, 0, 1]], atol=1e-15)
        assert float(transition.mobility(p)["half_life"]) == np.inf

    def test_a_cycle_is_told_by_its_share_of_time(self):
        p = matrix([[0, 1], [1, 0]])
        assert transition.stationary(p).values.tolist() == [0.5, 0.5]
        assert float(transition.mobility(p)["half_life"]) == np.inf

    def test_classes_that_nobody_is_ever_in_change_nothing(self):
        inner = np.array([[0.9, 0.1], [0.2, 0.8]])
        p = np.full((4, 4), np.nan)
        p[np.ix_([1, 2], [0, 1, 2, 3])] = np.pad(inner, ((0, 0), (1, 1)))
        p = matrix(p)
        np.testing.assert_allclose(transition.stationary(p).values, [0, 2 / 3, 1 / 3, 0], rtol=1e-14)
        np.testing.assert_allclose(transition.passage(p).values[1:3, 1:3], [[1.5, 10], [5, 3]], rtol=1e-14)
        assert transition.closed(p).values.tolist() == [-2, 1, 1, -2]
        assert float(transition.mobility(p)["shorrocks"]) == pytest.approx(0.3, rel=1e-12)
        assert float(transition.mobility(p)["half_life"]) == pytest.approx(1.9434, abs=1e-4)

    def test_a_class_from_which_no_move_was_seen_is_not_taken_for_absorbing(self):
        p = matrix([[0.5, 0.5, 0], [0.5, 0.25, 0.25], [np.nan] * 3])
        assert np.isnan(transition.stationary(p).values).all()
        assert np.isnan(transition.limit(p).values).all()
        passage = transition.passage(p).values
        assert np.isnan(passage[:2, :2]).sum() == 4 - 1  # from 1 to 2 the way is known: 1/0.5
        assert passage[0, 1] == 2.0
        # x₂ = 1 + x₁/2 + x₂/4, x₁ = 1 + x₁/2 + x₂/2: x₁ = 2 + x₂, x₂ = 2 + x₂ · 3/4 = 8
        assert passage[:2, 2] == pytest.approx([10, 8], rel=1e-14)
        found = transition.mobility(p)
        assert float(found["shorrocks"]) == pytest.approx(2 - 0.75, rel=1e-14)
        assert np.isnan([float(found[k]) for k in ("determinant", "second", "half_life")]).all()

    @given(st.integers(2, 6), st.integers(0, 10_000))
    def test_the_moves_leave_the_stationary_distribution_as_it_is(self, k, seed):
        p = matrix(np.random.default_rng(seed).dirichlet(np.ones(k), k))
        pi, m = transition.stationary(p).values, transition.passage(p).values
        np.testing.assert_allclose(pi @ p.values, pi, rtol=1e-12)
        np.testing.assert_allclose(np.diag(m), 1 / pi, rtol=1e-9)  # Kac: time of return
        # Kemeny's constant: the mean way to a class of the long run is the same from every class
        way = (m - np.diag(np.diag(m))) @ pi
        np.testing.assert_allclose(way, way[0], rtol=1e-9)

    @given(st.integers(2, 5), st.integers(0, 1000))
    def test_the_limit_is_that_of_powers(self, k, seed):
        rng = np.random.default_rng(seed)
        rows = rng.dirichlet(np.ones(k), k) * (rng.random((k, k)) < 0.5) + np.eye(k) * 0.2
        p = rows / rows.sum(axis=1, keepdims=True)
        # every class may stay, so that powers settle; 2^20 steps leave nothing of rates seen here
        powers = np.linalg.matrix_power(p, 2**20)
        np.testing.assert_allclose(transition.limit(matrix(p)).values, powers, atol=1e-8)


class TestHomogeneity:
    def test_by_hand(self):
        # row 1: 8 2 against 2 8, 5 expected in each of four cells: 4 · 9/5 = 7.2; row 2 the same in both: 0
        # LR: 2 (2 · 8 ln 1.6 + 2 · 2 ln 0.4); two rows of two cells, two matrices: df = 1 + 1
        tables = xr.DataArray([[[8, 2], [5, 5]], [[2, 8], [5, 5]]], dims=("given", "from", "to"))
        found = transition.homogeneity(tables)
        assert float(found["chi2"]) == pytest.approx(7.2, rel=1e-14)
        assert float(found["lr"]) == pytest.approx(2 * (16 * np.log(1.6) + 4 * np.log(0.4)), rel=1e-13)
        assert (int(found["df"]), int(found["n"])) == (2, 40)
        assert float(found["p_chi2"]) == pytest.approx(np.exp(-3.6), rel=1e-12)  # χ² with 2 df: exp(−x/2)
        assert float(found["sparse"]) == 0.0

    def test_rows_and_cells_that_are_empty_add_no_degrees_of_freedom(self):
        tables = np.zeros((3, 4, 4))
        tables[0, 0, :2], tables[1, 0, :2] = (3, 1), (1, 3)  # two matrices, two cells: 1
        tables[0, 1, :3] = (1, 2, 3)  # one matrix: nothing to compare
        tables[:, 2, 2] = 5  # one cell: nothing can differ
        found = transition.homogeneity(xr.DataArray(tables, dims=("given", "from", "to")))
        assert int(found["df"]) == 1
        assert float(found["chi2"]) == pytest.approx(4 * 1 / 2, rel=1e-14)
        assert float(found["sparse"]) == 1.0

    def test_without_degrees_of_freedom_there_is_no_test(self):
        tables = xr.DataArray(np.ones((2, 1, 1)), dims=("given", "from", "to"))
        found = transition.homogeneity(tables)
        assert int(found["df"]) == 0
        assert np.isnan([float(found[k]) for k in ("chi2", "lr", "p_chi2", "p_lr")]).all()

    @given(st.integers(0, 10_000))
    def test_p_is_uniform_enough_where_nothing_differs(self, seed):
        rng = np.random.default_rng(seed)
        p = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.4, 0.5]])
        draws = np.stack([[rng.multinomial(200, row, size=400) for row in p] for _ in range(2)])
        tables = xr.DataArray(draws, dims=("given", "from", "draw", "to"))
        found = transition.homogeneity(tables)
        for name in ("p_chi2", "p_lr"):
            # 400 draws at 5 %: standard error 1.1 %; 6 of them, for hundreds of seeds
            assert abs(float((found[name] < 0.05).mean()) - 0.05) < 0.066, name


class TestEstimate:
    def test_space_by_hand(self):
        # ring of four; in 2010 r0 and r2 are low between high ones, and rise; r1 and r3 stay high
        x = panel([[0.1, 0.8], [0.9, 0.9], [0.2, 0.6], [0.7, 0.7]])
        found = transition.estimate(x, [0.5, 1.0], ring(4))
        assert found["count"].values.tolist() == [[0, 2], [0, 2]]
        # neighbours of the low: (0.9 + 0.7)/2, high; of the high: 0.15, low
        assert found["given_count"].values.tolist() == [[[0, 0], [0, 2]], [[0, 2], [0, 0]]]
        assert int(found["space_df"]) == 0
        assert found["initial"].values.tolist() == [0.5, 0.5]
        assert found["final"].values.tolist() == [0.0, 1.0]
        assert found["long_run"].values.tolist() == [0.0, 1.0]

    def test_weights_are_scaled_to_means(self):
        x = panel(np.random.default_rng(0).random((8, 5)))
        raw = Neighbours.from_dense(ring(8).matrix.toarray() * 6.0, ring(8).regions)
        for name in ("given_count", "space_chi2"):
            xr.testing.assert_equal(*(transition.estimate(x, [0.5, 1.0], w)[name] for w in (ring(8), raw)))

    def test_isolates_are_left_out_of_space_alone(self):
        ids = [f"r{i}" for i in range(5)]
        w = Neighbours.from_pairs([("r0", "r1"), ("r1", "r2"), ("r2", "r3")], ids)
        x = panel(np.random.default_rng(1).random((5, 4)))
        with pytest.warns(OuheWarning, match="r4"):
            found = transition.estimate(x, [0.5, 1.0], w)
        assert (int(found["count"].sum()), int(found["given_count"].sum())) == (15, 12)

    def test_missing_values_break_pairs_and_are_told(self):
        x = panel(np.random.default_rng(2).random((6, 4)))
        x[0, 1] = np.nan
        with pytest.warns(OuheWarning, match="x: 2 of 18 pairs") as told:
            found = transition.estimate(x, [0.5, 1.0], ring(6))
        assert len(told) == 1
        assert int(found["count"].sum()) == 16
        assert int(found["given_count"].sum()) == 14  # its two neighbours have no mean in 2011 either

    def test_two_classes_that_nobody_is_ever_in(self):
        rng = np.random.default_rng(3)
        x = panel(rng.uniform(0.42, 0.68, (20, 8)))  # of the nine, three hold anybody
        upper = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = transition.estimate(x, upper, ring(20))
        held = found["count"].sum("to") > 0
        assert held.values.tolist() == [False] * 3 + [True] * 3 + [False] * 3
        assert np.isnan(found["probability"].values[~held.values]).all()
        three = transition.estimate(x, [0.5, 0.6, 1.0], ring(20))
        for name in ("stationary", "long_run", "sojourn"):
            np.testing.assert_allclose(found[name].values[held.values], three[name].values, rtol=1e-12)
        for name in ("shorrocks", "half_life", "space_chi2", "space_df", "space_p_lr", "time_chi2", "time_df"):
            assert float(found[name]) == pytest.approx(float(three[name]), rel=1e-9), name

    def test_a_class_entered_in_the_last_year_is_named(self):
        x = panel([[0.1, 0.1, 0.6], [0.1, 0.4, 0.1], [0.4, 0.1, 0.1]])
        with pytest.warns(OuheWarning, match="3; what may lead there"):
            found = transition.estimate(x, [0.3, 0.5, 1.0])
        assert np.isnan(found["long_run"].values).all()
        assert float(found["shorrocks"]) > 0

    def test_neighbours_that_pull_are_found_and_others_are_not(self):
        rng = np.random.default_rng(4)
        n, years = 200, 12
        w = ring(n)
        values = {"pulled": rng.random((n, years)), "alone": rng.random((n, years))}
        for t in range(1, years):
            values["pulled"][:, t] = 0.5 * (w.matrix @ values["pulled"][:, t - 1]) + 0.5 * rng.random(n)
        found = {k: transition.estimate(panel(v), None, w, lag_classes="quantiles") for k, v in values.items()}
        assert float(found["pulled"]["space_p_lr"]) < 1e-10
        assert float(found["alone"]["space_p_lr"]) > 0.01

    def test_times_are_in_years(self):
        x = panel(np.random.default_rng(5).random((30, 6)))
        wide = x.assign_coords(year=[2000 + 5 * i for i in range(6)])
        ours, theirs = (transition.estimate(v, [0.5, 1.0]) for v in (x, wide))
        for name in ("passage", "sojourn", "half_life"):
            np.testing.assert_allclose(theirs[name], 5 * ours[name], rtol=1e-14)

    def test_other_dimensions_are_chains_of_their_own(self):
        rng = np.random.default_rng(6)
        x = panel(rng.random((12, 5, 3)), draw=[0, 1, 2])
        found = transition.estimate(x, None, ring(12), k=3)
        for draw in range(3):
            one = transition.estimate(x.sel(draw=draw, drop=True), None, ring(12), k=3)
            xr.testing.assert_allclose(found.sel(draw=draw, drop=True), one)


class TestQuadrants:
    def test_kinds_of_moves_by_hand(self):
        # HH→HH stay; HH→LH own; LH→LL around; LL→HH together; HL→LH apart
        q = xr.DataArray([[1, 1], [1, 2], [2, 3], [3, 1], [4, 2], [0, 1]], dims=("region", "year"))
        found = transition.quadrants(q.assign_coords(year=[2010, 2011]))
        assert found["kind"].to_series().to_dict() == {"stay": 1, "own": 1, "around": 1, "together": 1, "apart": 1}
        assert int(found["count"].sum()) == 5

    def test_kinds_add_up(self):
        q = xr.DataArray(np.random.default_rng(0).integers(0, 5, (40, 9)), dims=("region", "year"))
        found = transition.quadrants(q.assign_coords(year=range(2010, 2019)))
        assert int(found["kind"].sum()) == int(found["count"].sum())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"k": 1}, "from 2 to 20"),
        ({"k": 2.5}, "from 2 to 20"),
        ({"quantiles": "year"}, 'did you mean "yearly"'),
        ({"lag_classes": "own"}, "same, quantiles"),
        ({"step": 0}, "1 or more"),
        ({"periods": 1}, "from 2 to 20"),
        ({"upper": [0.5, 0.2, 1.0]}, "rise"),
        ({"upper": [1.0]}, "at least two"),
    ],
)
def test_options_there_are_not(given, said):
    with pytest.raises(OptionError, match=said):
        transition.estimate(panel([[0.1, 0.2, 0.9], [0.5, 0.3, 0.2]]), given.pop("upper", None), **given)


@pytest.mark.parametrize(
    ("x", "step", "said"),
    [
        (panel([[0.1], [0.2]]), None, "at least two years"),
        (panel([[0.1, 0.2], [0.2, 0.3]]), 5, "lie 5 years apart"),
        (panel([[0.1, np.nan], [np.nan, 0.3]]), None, "all 2 pairs"),
    ],
)
def test_data_that_hold_no_move(x, step, said):
    with pytest.raises(DataError, match=said):
        transition.estimate(x, [0.15, 1.0], step=step)


def test_regions_that_are_not_those_of_the_weights():
    with pytest.raises(DataError, match="r3"):
        transition.estimate(panel(np.random.default_rng(0).random((3, 3))), [0.5, 1.0], ring(4))
