"""Draws, intervals and shares of variance: cases worked by hand, a known distribution, laws, and SALib itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from SALib.analyze import sobol

from ouhe.compute import robust
from ouhe.errors import OptionError


def test_draws_take_every_level_alike() -> None:
    """8,000 draws of 4 levels: a share of 0.25 has the standard error √(0.25·0.75/8000) = 0.0048."""
    found = robust.drawn({"a": [0, 1, 2, 3], "b": [5, 9]}, draws=8000, rng=np.random.default_rng(3))
    shares = np.bincount(found.sel(choice="a").values) / 8000
    assert shares == pytest.approx(0.25, abs=5 * 0.0048)
    assert set(found.sel(choice="b").values) == {5, 9}
    assert abs(np.corrcoef(found.values.T)[0, 1]) < 5 / 8000**0.5


def test_a_seed_gives_its_draws() -> None:
    first, again, other = (
        robust.drawn({"a": range(9)}, draws=20, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_one_choice_alone_leaves_the_others() -> None:
    found = robust.alone({"a": [0, 1, 2], "b": [1, 2], "c": [0]})
    assert found.values.tolist() == [[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert found["varied"].values.tolist() == ["a", "a", "a", "b", "b", "c"]


def test_the_design_swaps_one_column_at_a_time() -> None:
    levels = {"a": range(50), "b": range(50), "c": range(50)}
    design = robust.saltelli(levels, samples=16, rng=np.random.default_rng(1)).values.reshape(16, 5, 3)
    first, last = design[:, 0], design[:, 4]
    for choice in range(3):
        mixed = first.copy()
        mixed[:, choice] = last[:, choice]
        assert (design[:, choice + 1] == mixed).all()


@pytest.mark.parametrize("samples", [0, 1, 3, 100])
def test_a_design_takes_a_power_of_two(samples: int) -> None:
    with pytest.raises(OptionError, match=str(samples)):
        robust.saltelli({"a": [0, 1]}, samples=samples, rng=np.random.default_rng(1))


class TestDirichlet:
    def test_moments_are_those_of_the_distribution(self) -> None:
        """Mean w̄ and variance w̄(1 − w̄)/(κ + 1), with κ + 1 = (3 − 1)/0.3² = 22.2; six standard errors of 20,000."""
        share = np.array([0.5, 0.3, 0.2])
        found = robust.dirichlet(np.tile(share, (20000, 1)), np.random.default_rng(1).random((20000, 3)), variation=0.3)
        variance = share * (1 - share) / (2 / 0.3**2)
        assert found.mean(axis=0) == pytest.approx(share, abs=6 * variance.max() ** 0.5 / 20000**0.5)
        assert found.var(axis=0) == pytest.approx(variance, rel=6 * (2 / 20000) ** 0.5)

    def test_two_uniform_shares(self) -> None:
        """v² = 1/3 gives κ = 2 and Dir(1, 1): each share is uniform on [0, 1]."""
        found = robust.dirichlet(
            np.full((4000, 2), 0.5), np.random.default_rng(2).random((4000, 2)), variation=(1 / 3) ** 0.5
        )[:, 0]
        ranks = np.arange(1, 4001) / 4000
        # Kolmogorov–Smirnov: 1.95/√n is exceeded once in a thousand
        assert np.abs(np.sort(found) - ranks).max() < 1.95 / 4000**0.5

    def test_without_variation_nothing_moves(self) -> None:
        share = np.array([[0.7, 0.2, 0.1], [1.0, 0.0, 0.0]])
        uniform = np.random.default_rng(1).random(share.shape)
        assert (robust.dirichlet(share, uniform, variation=0.0) == share).all()
        almost = robust.dirichlet(share, uniform, variation=1e-5)
        assert almost == pytest.approx(share, abs=1e-3)

    def test_what_is_nothing_stays_nothing_and_a_single_share_stays_one(self) -> None:
        share = np.array([[0.6, 0.0, 0.4], [1.0, 0.0, 0.0]])
        found = robust.dirichlet(share, np.full((2, 3), 0.9), variation=0.5)
        assert (found[:, 1] == 0).all()
        assert found[1].tolist() == [1.0, 0.0, 0.0]

    @given(st.integers(2, 8), st.floats(0.01, 0.9), st.integers(0, 2**32))
    def test_shares_sum_to_one(self, parts: int, variation: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        share = rng.dirichlet(np.ones(parts), size=5)
        found = robust.dirichlet(share, rng.random(share.shape), variation=variation)
        assert found.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
        assert (found >= 0).all()

    @pytest.mark.parametrize("variation", [-0.1, 1.0, np.nan])
    def test_a_variation_beyond_is_refused(self, variation: float) -> None:
        with pytest.raises(OptionError):
            robust.dirichlet(np.array([0.5, 0.5]), np.array([0.1, 0.2]), variation=variation)


class TestInterval:
    def test_a_case_by_hand(self) -> None:
        """0 … 20: the 5 % and 95 % points lie at 0.05·20 = 1 and 19; attained ones do too."""
        values = xr.DataArray(np.arange(21.0)[::-1], dims="draw")
        found = robust.interval(values, level=0.9)
        assert [float(found[k]) for k in ("low", "median", "high")] == [1.0, 10.0, 19.0]
        attained = robust.interval(xr.DataArray([1.0, 1.0, 2.0, 5.0], dims="draw"), "attained", level=0.5)
        assert [float(attained[k]) for k in ("low", "median", "high")] == [1.0, 1.0, 2.0]

    def test_draws_that_were_not_possible_do_not_count(self) -> None:
        values = xr.DataArray([[1.0, 5.0], [np.nan, np.nan], [3.0, 7.0]], dims=("draw", "region"))
        assert robust.interval(values)["median"].values.tolist() == [2.0, 6.0]
        assert np.isnan(robust.interval(values[1:2])["median"].values).all()

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0.01, 0.99))
    def test_a_wider_interval_holds_a_narrower_one(self, drawn: list[float], level: float) -> None:
        values = xr.DataArray(drawn, dims="draw")
        narrow, wide = robust.interval(values, level=level), robust.interval(values, level=(1 + level) / 2)
        assert float(wide["low"]) <= float(narrow["low"]) + 1e-12
        assert float(narrow["low"]) <= float(narrow["median"]) + 1e-12
        assert float(narrow["high"]) <= float(wide["high"]) + 1e-12
        assert min(drawn) - 1e-12 <= float(wide["low"])

    @pytest.mark.parametrize("level", [0.0, 1.0, 1.5, np.nan])
    def test_a_level_beyond_is_refused(self, level: float) -> None:
        with pytest.raises(OptionError):
            robust.interval(xr.DataArray([1.0], dims="draw"), level=level)


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=50))
def test_probabilities_sum_to_one_over_the_draws_that_count(levels: list[int]) -> None:
    found = robust.probabilities(xr.DataArray(levels, dims="draw"), classes=4)
    counted = [k for k in levels if k >= 0]
    if counted:
        assert float(found.sum()) == pytest.approx(1.0)
        assert found.values.tolist() == pytest.approx([counted.count(k) / len(counted) for k in range(4)])
    else:
        assert np.isnan(found.values).all()


class TestAboveNext:
    def test_a_case_by_hand(self) -> None:
        """In the order of the point c, a, b: c above a in 2 of 4 draws and level in one; a above b in all."""
        point = xr.DataArray([0.5, 0.1, 0.9], dims="region", coords={"region": ["a", "b", "c"]})
        draws = [[0.5, 0.1, 0.9], [0.6, 0.1, 0.7], [0.5, 0.2, 0.5], [0.5, 0.1, 0.4]]
        found = robust.above_next(
            xr.DataArray(draws, dims=("draw", "region"), coords={"region": ["a", "b", "c"]}), point
        )
        assert found.sel(region="c").item() == pytest.approx(2.5 / 4)
        assert found.sel(region="a").item() == 1.0
        assert np.isnan(found.sel(region="b").item())

    def test_years_are_ordered_each_by_itself(self) -> None:
        rng = np.random.default_rng(1)
        values = xr.DataArray(rng.random((9, 5, 3)), dims=("draw", "region", "year"))
        whole = robust.above_next(values, values.mean("draw"))
        for year in range(3):
            alone = robust.above_next(values.isel(year=year), values.mean("draw").isel(year=year))
            assert np.array_equal(whole.isel(year=year).values, alone.values, equal_nan=True)


class TestShares:
    def test_two_choices_by_hand(self) -> None:
        """y = 3a + b + 2ab over a, b ∈ {0, 1} takes 0, 3, 1, 6: mean 2.5, variance 21/4 = 5.25.

        Means given a: 0.5, 4.5, variance 4, S_a = 4/5.25; given b: 1.5, 3.5, variance 1, S_b = 1/5.25; the rest 0.25 is
        of both, so that S_Ta = 4.25/5.25 and S_Tb = 1.25/5.25. A sample of 4,096 rows errs by about 0.01.
        """
        design = robust.saltelli({"a": [0, 1], "b": [0, 1]}, samples=4096, rng=np.random.default_rng(1))
        a, b = (design.sel(choice=c, drop=True) for c in "ab")
        found = robust.shares(3.0 * a + b + 2.0 * a * b, choices=["a", "b"], rng=np.random.default_rng(1))
        assert found["first"].values == pytest.approx([4 / 5.25, 1 / 5.25], abs=0.03)
        assert found["total"].values == pytest.approx([4.25 / 5.25, 1.25 / 5.25], abs=0.03)
        assert (found["first_error"].values < 0.1).all()

    def test_they_are_those_of_salib(self) -> None:
        """The whole analysis of SALib on the same results; its errors come of resamples of its own."""
        levels = {"a": range(7), "b": range(3), "c": range(5)}
        design = robust.saltelli(levels, samples=512, rng=np.random.default_rng(1))
        a, b, c = (design.sel(choice=k, drop=True).astype(float) for k in levels)
        y = a**1.5 + b * c + np.sin(c)
        found = robust.shares(y, choices=list(levels), rng=np.random.default_rng(1))
        problem = {"num_vars": 3, "names": list(levels), "bounds": [[0, 1]] * 3}
        theirs = sobol.analyze(problem, y.values, calc_second_order=False, seed=1)
        assert found["first"].values == pytest.approx(theirs["S1"], abs=1e-12)
        assert found["total"].values == pytest.approx(theirs["ST"], abs=1e-12)
        # deviations of 100 resamples, each known to 1/√200 = 7 %, differ by less than four times as much
        assert found["first_error"].values == pytest.approx(theirs["S1_conf"], rel=0.4)
        assert found["total_error"].values == pytest.approx(theirs["ST_conf"], rel=0.4)

    def test_what_does_not_matter_has_no_share(self) -> None:
        design = robust.saltelli({"a": range(5), "b": range(5)}, samples=64, rng=np.random.default_rng(1))
        found = robust.shares(
            design.sel(choice="a", drop=True).astype(float), choices=["a", "b"], rng=np.random.default_rng(1)
        )
        assert float(found["total"].sel(choice="b")) == 0.0
        assert float(found["first"].sel(choice="b")) == 0.0
        assert float(found["total"].sel(choice="a")) == pytest.approx(1.0, abs=0.2)

    def test_a_result_that_never_varies_has_no_shares_beside_one_that_does(self) -> None:
        design = robust.saltelli({"a": range(5)}, samples=32, rng=np.random.default_rng(1))
        y = design.sel(choice="a", drop=True).astype(float)
        both = xr.concat([y, y * 0 + 0.3], "region")
        found = robust.shares(both, choices=["a"], rng=np.random.default_rng(1))
        assert np.isnan(found["total"].values[0, 1])
        assert np.isfinite(found["total"].values[0, 0])
        nothing = robust.shares(y * 0 + 0.3, choices=["a"], rng=np.random.default_rng(1))
        assert np.isnan(nothing["first"].values).all()

    def test_a_row_with_a_missing_result_is_left_out_whole(self) -> None:
        design = robust.saltelli({"a": range(5), "b": range(3)}, samples=64, rng=np.random.default_rng(1))
        y = (design.sel(choice="a", drop=True) + design.sel(choice="b", drop=True)).astype(float)
        holed = y.copy()
        holed[5 * 4 + 2] = np.nan
        kept = np.delete(np.arange(256), np.arange(20, 24))
        found, without = (robust.shares(v, choices=["a", "b"], rng=np.random.default_rng(1)) for v in (holed, y[kept]))
        assert int(found["rows"]) == 63
        assert found["first"].values == pytest.approx(without["first"].values, abs=1e-12)

    def test_results_are_told_apart_along_other_dimensions(self) -> None:
        design = robust.saltelli({"a": range(5), "b": range(3)}, samples=32, rng=np.random.default_rng(1))
        a, b = (design.sel(choice=k, drop=True).astype(float) for k in "ab")
        results = [a + b, 10 * a - b, a * b]
        together = robust.shares(xr.concat(results, "target"), choices=["a", "b"], rng=np.random.default_rng(1))
        for place, (y, key) in enumerate(itertools.product(results, ["total"])):
            alone = robust.shares(y, choices=["a", "b"], rng=np.random.default_rng(1))
            assert together[key].isel(target=place).values == pytest.approx(alone[key].values, abs=1e-12)
