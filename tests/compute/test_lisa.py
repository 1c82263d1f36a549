"""Local Moran: statistic, quadrants, permutations, moments, corrections, and moves between quadrants."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import example, given

from ouhe import blocks, permutations, text
from ouhe.compute import lisa
from ouhe.compute.lisa import autocorrelation, kernel
from ouhe.compute.lisa.conditional import SMALL, Counts, Points, Weights
from ouhe.errors import DataError, OptionError, OuheWarning
from ouhe.neighbours import Neighbours

# columns HH HL LH LL, as shared/README.md gives them
STATA_ORDER = [1, 4, 2, 3]


def random_weights(rng: np.random.Generator, n: int, *, share: float = 0.3, isolates: int = 0) -> Neighbours:
    """Unequal, asymmetric weights; the last regions are isolates."""
    matrix = rng.random((n, n)) * (rng.random((n, n)) < share)
    matrix[np.arange(n), (np.arange(n) + 1) % n] = 1.0
    np.fill_diagonal(matrix, 0.0)
    matrix[n - isolates :] = 0.0
    return Neighbours.from_dense(matrix, [f"r{i}" for i in range(n)])


def values(rng: np.random.Generator, w: Neighbours, *more: int) -> xr.DataArray:
    """Skewed values of the regions of `w`."""
    dims = ("region", "variable", "year")[: 1 + len(more)]
    return xr.DataArray(
        rng.standard_exponential((len(w), *more)), dims=dims, coords={"region": list(w.regions)}, name="x"
    )


@pytest.fixture
def line():
    """Five regions in a row."""
    ids = list("abcde")
    return Neighbours.from_pairs(itertools.pairwise(ids), ids)


def on(w: Neighbours, *x: float) -> xr.DataArray:
    """Values of the regions of `w`, in order."""
    return xr.DataArray(list(x), dims="region", coords={"region": list(w.regions)})


# --- statistic and quadrants -----------------------------------------------------------------------------------------


def test_by_hand(line):
    found = lisa.local(on(line, 4.0, 3.0, 0.0, 1.0, 2.0), line, inference="analytic")
    # mean 2, population variance 2: z = (2, 1, −2, −1, 0)/√2; lags of a row: (1, 0, 0, −1, −1)/√2
    root = 2**0.5
    np.testing.assert_allclose(found["value"], np.array([2, 1, -2, -1, 0]) / root, atol=1e-15)
    np.testing.assert_allclose(found["lag"], np.array([1, 0, 0, -1, -1]) / root, atol=1e-15)
    np.testing.assert_allclose(found["statistic"], [0.8, 0.0, 0.0, 0.4, 0.0], atol=1e-15)
    # a lag that equals 0, and a value that equals the mean, are low
    assert found["quadrant"].values.tolist() == [1, 4, 3, 3, 3]
    assert found["quadrant"].dtype == np.int8
    assert found["significant"].dtype == bool


def test_what_equals_its_origin_but_for_rounding_is_low(line):
    # the mean is 0.3, and so is the lag of c: in binary, a hair above
    found = lisa.local(on(line, 0.1, 0.2, 0.1, 0.4, 0.7), line, inference="analytic")
    assert found["lag"].values[2] > 0.0
    assert found["quadrant"].values[2] == 3
    # the mean is 0.3, and so is the value of c
    found = lisa.local(on(line, 0.1, 0.2, 0.1 + 0.2, 0.2, 0.7), line, inference="analytic")
    assert found["quadrant"].values[2] == 3


def test_the_mean_of_the_lags_as_origin(line):
    x = on(line, 10.0, 1.0, 5.0, 4.0, 2.5)
    # lags of x: 1, 7.5, 2.5, 3.75, 4 with the mean 3.75, which the fourth equals; the mean of x is 4.5
    zero, mean = (
        lisa.local(x, line, inference="analytic", quadrant_origin=o)["quadrant"].values.tolist()
        for o in ("zero", "mean_lag")
    )
    assert zero == [4, 2, 4, 3, 3]
    assert mean == [4, 2, 4, 3, 2]


@pytest.mark.real
def test_columbus_as_stata_logs_it(shared_data):
    from pyproj import Geod

    table = pd.read_stata(shared_data / "moran-stata" / "columbus.dta")
    n = len(table)
    lon, lat = (np.repeat(table[c].to_numpy()[:, None], n, axis=1) for c in ("x_cntrd", "y_cntrd"))
    distance = np.array(Geod(ellps="WGS84").inv(lon, lat, lon.T, lat.T)[2]) / 1000.0
    np.fill_diagonal(distance, np.inf)
    ids = [str(i) for i in range(n)]
    w = Neighbours.from_dense(distance**-8.0, ids, style="row")
    x = xr.DataArray(table["CRIME"].to_numpy(dtype=float), dims="region", coords={"region": ids})
    at_mean = lisa.local(x, w, quadrant_origin="mean_lag", rng=1)
    assert np.bincount(at_mean["quadrant"], minlength=5)[STATA_ORDER].tolist() == [20, 4, 3, 22]
    at_zero = lisa.local(x, w, rng=1)
    assert np.bincount(at_zero["quadrant"], minlength=5)[STATA_ORDER].tolist() == [22, 2, 6, 19]
    # the log's I is 0.60778; row-standardised weights of 49 regions sum to 49
    assert float(at_zero["statistic"].sum()) / 48 == pytest.approx(0.60778, abs=5e-6)


@given(st.integers(4, 30), st.integers(0, 3), st.integers(0, 2**32 - 1))
@example(8, 0, 1)
def test_local_statistics_add_up_to_the_global_one(n, isolates, seed):
    rng = np.random.default_rng(seed)
    w = random_weights(rng, n, isolates=min(isolates, n - 2))
    x = values(rng, w)
    z = x.values - x.values.mean()
    matrix = w.matrix.toarray()
    moran = n / matrix.sum() * (z @ matrix @ z) / (z @ z)
    found = lisa.local(x, w, inference="analytic")
    # Σ I_i = (n − 1) Σ z_i lag_i / Σ z², and I = (n / S0) Σ z_i lag_i / Σ z²
    assert float(found["statistic"].sum()) == pytest.approx((n - 1) / n * w.sums.s0 * moran, rel=1e-10, abs=1e-12)


@given(st.integers(4, 20), st.integers(0, 2**32 - 1))
def test_order_of_regions_changes_no_statistic(n, seed):
    rng = np.random.default_rng(seed)
    w = random_weights(rng, n, isolates=1)
    x = values(rng, w, 2).round(1)  # ties among them
    if (x.std("region") == 0).any():
        return
    order = rng.permutation(n)
    options = {"inference": "analytic", "correction": "benjamini-hochberg", "quadrant_origin": "mean_lag"}
    one, other = lisa.local(x, w, **options), lisa.local(x.isel(region=order), w, **options)
    for name in ("value", "lag", "statistic", "expected", "p_value", "p_adjusted", "quadrant", "significant"):
        np.testing.assert_allclose(other[name], one[name].isel(region=order), rtol=1e-9, atol=1e-12, err_msg=name)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(0, 2**32 - 1))
def test_units_change_nothing_and_a_sign_turns_quadrants_over(shift, factor, seed):
    rng = np.random.default_rng(seed)
    w = random_weights(rng, 12)
    x = values(rng, w)
    found = lisa.local(x, w, permutations=99, rng=3)
    turned = lisa.local(-x, w, permutations=99, rng=3)
    np.testing.assert_allclose(turned["statistic"], found["statistic"], rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(turned["p_value"], found["p_value"])
    over = np.array([0, 3, 4, 1, 2])  # HH and LL, LH and HL change places
    np.testing.assert_array_equal(turned["quadrant"], over[found["quadrant"]])
    other = lisa.local(x * factor + shift, w, inference="analytic")
    # the digits that the shift costs
    np.testing.assert_allclose(other["value"], found["value"], atol=1e-12 * (1 + abs(shift) / factor))


def test_dimensions_and_labels_stay():
    rng = np.random.default_rng(1)
    w = random_weights(rng, 9)
    x = values(rng, w, 3, 2).assign_coords(
        year=[2010, 2011], variable=["C", "D", "T"], label=("region", [r.upper() for r in w.regions])
    )
    found = lisa.local(x.transpose("year", "region", "variable"), w, permutations=99, rng=1)
    assert found["p_value"].dims == ("year", "region", "variable")
    assert found["label"].values[0] == "R0"
    alone = lisa.local(x.sel(year=2011, variable="T"), w, permutations=99, rng=1)
    for name in alone:
        np.testing.assert_array_equal(found[name].sel(year=2011, variable="T"), alone[name], err_msg=name)
    lazy = lisa.local(x.chunk({"year": 1, "region": 4}), w, permutations=99, rng=1)
    xr.testing.assert_identical(lazy.transpose("year", "region", "variable"), found)


def test_weights_in_another_order(line):
    x = on(line, 4.0, 3.0, 0.0, 1.0, 2.5)
    other = line.only(["c", "a", "e", "b", "d"])
    xr.testing.assert_identical(lisa.local(x, other, rng=1), lisa.local(x, line, rng=1))


def test_an_isolate_has_nothing_and_is_never_significant():
    rng = np.random.default_rng(5)
    w = random_weights(rng, 20, isolates=2)
    x = values(rng, w, 4)
    x[-1] = 50.0  # as far out as can be
    for options in (
        {"rng": 1, "permutations": 99},
        {"rng": 1, "permutations": 99, "correction": "benjamini-hochberg"},
        {"inference": "analytic", "significance": 0.99},
        {"inference": "analytic", "correction": "benjamini-hochberg", "significance": 0.99},
    ):
        found = lisa.local(x, w, **options)
        alone = found.isel(region=[-2, -1])
        for name in alone.drop_vars(["value", "quadrant", "significant"]):
            assert np.isnan(alone[name]).all(), name
            assert np.isfinite(found[name].isel(region=slice(-2))).all(), name
        assert (alone["quadrant"] == 0).all()
        assert not alone["significant"].any()
        assert np.isfinite(alone["value"]).all()


# --- permutations ----------------------------------------------------------------------------------------------------


def enumerated(x: np.ndarray, w: Neighbours) -> tuple[np.ndarray, np.ndarray]:
    """Shares of all ordered draws of neighbours whose statistic is at least, and at most, the observed one."""
    z = (x - x.mean()) / x.std()
    shares = []
    for i, row in enumerate(w.matrix.toarray()):
        own = row[row != 0]
        others = np.delete(z, i)
        observed = z[i] * (row @ z)
        drawn = np.array([z[i] * (own @ d) for d in itertools.permutations(others, len(own))])
        shares.append(((drawn >= observed - 1e-12).mean(), (drawn <= observed + 1e-12).mean()))
    up, down = np.array(shares).T
    return up, down


@pytest.mark.parametrize("degree", [1, 2, 3, 5])
def test_all_rows_of_the_table_give_every_draw_equally_often(degree):
    # each ordered row of degree + 1 distinct regions stands in the table once; what a region makes of them must be
    # each ordered draw from the other five, equally often, for fewer neighbours than the table is wide also
    n = 6
    rng = np.random.default_rng(degree)
    matrix = np.zeros((n, n))
    for i in range(n):
        near = (i + 1 + np.arange(max(1, degree - i % 2))) % n
        matrix[i, near] = rng.random(len(near)) + 0.5
    w = Neighbours.from_dense(matrix, list("abcdef"))
    x = rng.random(n)
    table = np.array(list(itertools.permutations(range(n), degree + 1)), dtype=np.int32)
    z = ((x - x.mean()) / x.std())[np.newaxis]
    lag = (w.matrix @ z.T).T.copy()
    found = Counts(np.zeros((1, n), np.int32), np.zeros((1, n), np.int32))
    starts = w.matrix.indptr.astype(np.int64)
    kernel.tally(table, Weights(starts, w.matrix.data), Points(z, lag, np.full((1, n), 1e-12)), found)
    up, down = enumerated(x, w)
    # for a value below the mean, the statistic is largest where the lag is least
    high = z[0] > 0
    np.testing.assert_array_equal(found.at_least[0], (np.where(high, up, down) * len(table)).round())
    np.testing.assert_array_equal(found.at_most[0], (np.where(high, down, up) * len(table)).round())


def test_rows_of_the_table_are_uniform_and_independent():
    rows, n, width = 60_000, 5, 3
    table = kernel.draw(n, np.random.default_rng(8).integers(np.arange(width), n, size=(rows, width)))
    code = table @ np.array([25, 5, 1])
    seen, often = np.unique(code, return_counts=True)
    assert len(seen) == 60  # all ordered triples of five, and nothing else
    # χ² with 59 degrees of freedom exceeds 126 with probability 1e-6
    assert ((often - rows / 60) ** 2 / (rows / 60)).sum() < 126
    pairs = np.bincount(table[:-1, 0] * n + table[1:, 0], minlength=25)
    expected = (rows - 1) / 25
    # χ² with 24 degrees of freedom exceeds 71 with probability 1e-6
    assert ((pairs - expected) ** 2 / expected).sum() < 71


@pytest.mark.parametrize(("n", "share"), [(6, 0.3), (7, 0.2), (6, 1.0)])
def test_p_is_that_of_all_draws_in_the_limit(n, share):
    rng = np.random.default_rng(n)
    w = random_weights(rng, n, share=share)
    assert (w.degrees.max() == n - 1) == (share == 1.0)
    x = values(rng, w)
    R = 40_000
    p = lisa.local(x, w, permutations=R, rng=11)["p_value"].values
    exact = np.minimum(*enumerated(x.values, w))
    # a count is off its mean by more than 5 standard deviations with probability 6e-7; folding brings tails no farther
    # apart than they are; 1 / R for the observed one
    np.testing.assert_array_less(np.abs(p - exact), 5 * np.sqrt(exact * (1 - exact) / R) + 1 / R)


def test_draws_equal_but_for_rounding_count_on_both_sides():
    # whole numbers and decimals that tie often, in whatever order their sums are taken
    ids = [str(i) for i in range(7)]
    w = Neighbours.from_dense(np.roll(np.eye(7), 1, 0) + np.roll(np.eye(7), 2, 0) + np.roll(np.eye(7), 4, 0), ids)
    w = w.styled("row")
    decimals = np.array([0.1, 0.2, 0.3, 0.1, 0.4, 0.6, 0.3])
    R = 20_000
    for x in (decimals, decimals * 3.0, decimals + 1e3, decimals.astype(np.float32)):
        found = lisa.local(xr.DataArray(x, dims="region", coords={"region": ids}), w, permutations=R, rng=2)
        whole = np.array([1.0, 2, 3, 1, 4, 6, 3])
        exact = np.minimum(*enumerated(whole, w))
        p = found["p_value"].values
        np.testing.assert_array_less(np.abs(p - exact), 5 * np.sqrt(exact * (1 - exact) / R) + 1 / R)


@pytest.mark.parametrize("options", [{"rng": 1, "permutations": 200}, {"inference": "analytic"}])
def test_what_cannot_vary_is_not_significant(line, options):
    # e stands on the mean; in full, equal weights, every draw is all others
    assert lisa.local(on(line, 4.0, 3.0, 0.0, 1.0, 2.0), line, **options)["p_value"].values[4] == 1.0
    full = Neighbours.from_dense(1.0 - np.eye(7), list("abcdefg"), style="row")
    found = lisa.local(on(full, 0.1, 0.7, 0.4, 0.3, 5.0, 0.2, 0.2), full, **options)
    assert (found["p_value"] == 1.0).all()
    # all but one are equal: what it draws is always the same
    one = lisa.local(on(line, 0.1, 0.1, 0.1, 0.1, 0.7), line, **options)
    assert one["p_value"].values[4] == 1.0


def test_adding_a_variable_changes_no_other():
    rng = np.random.default_rng(4)
    w = random_weights(rng, 40)
    x = values(rng, w, 5)
    whole = lisa.local(x, w, permutations=300, rng=9)
    xr.testing.assert_identical(
        whole.isel(variable=[3, 1]), lisa.local(x.isel(variable=[3, 1]), w, permutations=300, rng=9)
    )


@pytest.mark.parametrize("threads", [1, 3, 64])
def test_threads_change_nothing(monkeypatch, threads):
    rng = np.random.default_rng(4)
    w = random_weights(rng, 40)
    x = values(rng, w, 20)
    assert 700 * 20 * w.matrix.nnz > SMALL  # else it is done in one thread anyway
    expected = lisa.local(x, w, permutations=700, rng=9)
    monkeypatch.setattr(blocks, "workers", lambda _: threads)
    xr.testing.assert_identical(lisa.local(x, w, permutations=700, rng=9), expected)
    # few variables, which are done in one thread, see the same permutations
    few = x.isel(variable=[7])
    xr.testing.assert_identical(lisa.local(few, w, permutations=700, rng=9), expected.isel(variable=[7]))


def test_seed_decides(line):
    x = on(line, 4.0, 3.0, 0.0, 1.0, 2.5)
    one = lisa.local(x, line, rng=1)["p_value"]
    np.testing.assert_array_equal(lisa.local(x, line, rng=np.random.default_rng(1))["p_value"], one)
    rng = np.random.default_rng(1)
    lisa.local(x, line, rng=rng)
    assert (lisa.local(x, line, rng=rng)["p_value"] != one).any()


def test_progress_is_told_up_to_the_end(line):
    told = []
    lisa.local(
        on(line, 4.0, 3.0, 0.0, 1.0, 2.5), line, permutations=300, rng=1, progress=lambda *done: told.append(done)
    )
    assert told == sorted(told)
    assert told[-1] == (300, 300)
    assert len(told) > 1


def test_works_where_no_folder_holds_compiled_code():
    code = (
        "import xarray as xr; from ouhe.compute import lisa; from ouhe.neighbours import Neighbours;"
        "w = Neighbours.from_pairs([('a', 'b'), ('c', 'd')], 'abcd');"
        "print(lisa.local(xr.DataArray([1., 2, 4, 8], dims='region', coords={'region': list('abcd')}), w, rng=1)"
        "['p_value'].values.round(1).tolist())"
    )
    # the one place for notebooks never fits a module, so numba finds none
    environment = os.environ | {"NUMBA_CACHE_LOCATOR_CLASSES": "IPythonCacheLocator"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[")


# --- analytic inference and correction -------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["raw", "row", "binary"])
def test_moments_are_those_of_all_draws(style):
    rng = np.random.default_rng(2)
    w = random_weights(rng, 6, share=0.4).styled(style)
    x = values(rng, w)
    found = lisa.local(x, w, inference="analytic")
    z = (x.values - x.values.mean()) / x.values.std()
    for i, row in enumerate(w.matrix.toarray()):
        own = row[row != 0]
        draws = itertools.permutations(np.delete(z, i), len(own))
        every = 5 * z[i] * np.array([own @ d for d in draws]) / (z @ z)
        assert found["expected"].values[i] == pytest.approx(every.mean(), abs=1e-12)
        assert found["sd"].values[i] == pytest.approx(every.std(), abs=1e-12)


def test_p_is_the_smaller_tail_of_the_normal_distribution():
    rng = np.random.default_rng(3)
    w = random_weights(rng, 25)
    found = lisa.local(values(rng, w), w, inference="analytic")
    from scipy.stats import norm

    z = (found["statistic"] - found["expected"]) / found["sd"]
    np.testing.assert_allclose(found["p_value"], norm.sf(abs(z)), rtol=1e-12)
    assert found["p_value"].max() <= 0.5
    np.testing.assert_array_equal(found["significant"], found["p_value"] <= 0.05)


def test_false_discovery_rate_by_hand():
    # p of 0.02 0.04 0.05 0.2 times 4 / rank: 0.08, 0.08, 0.0667, 0.2; then the least of those no smaller
    adjusted = permutations.adjusted(np.array([[0.05, np.nan, 0.2, 0.02, 0.04]]))
    np.testing.assert_allclose(adjusted, [[0.2 / 3, np.nan, 0.2, 0.2 / 3, 0.2 / 3]])


def test_an_adjusted_p_that_equals_the_level_is_significant(monkeypatch):
    # 12 of 24 regions with p = 25/1000: 0.025 · 24 / 12 is 0.05, in binary a hair above
    n = 24
    tails = np.where(np.arange(n) < 12, 24, 499)[np.newaxis]
    monkeypatch.setattr(autocorrelation, "counts", lambda *_, **__: Counts(tails, 999 - tails))
    w = random_weights(np.random.default_rng(1), n)
    found = lisa.local(values(np.random.default_rng(2), w), w, correction="benjamini-hochberg", rng=1)
    assert found["p_adjusted"].values[0] > 0.05
    assert found["significant"].values.tolist() == [True] * 12 + [False] * 12


def test_a_correction_leaves_p_and_takes_significance():
    rng = np.random.default_rng(6)
    w = random_weights(rng, 50)
    x = values(rng, w, 3)
    plain = lisa.local(x, w, inference="analytic", significance=0.2)
    judged = lisa.local(x, w, inference="analytic", significance=0.2, correction="benjamini-hochberg")
    np.testing.assert_array_equal(judged["p_value"], plain["p_value"])
    assert (judged["p_adjusted"] >= judged["p_value"]).all()
    assert not (judged["significant"] & ~plain["significant"]).any()
    assert judged["significant"].sum() < plain["significant"].sum()
    assert "p_adjusted" not in plain


# --- bad input -------------------------------------------------------------------------------------------------------


def test_wrong_options_are_all_told(line):
    with pytest.raises(OptionError) as error:
        lisa.local(
            on(line, 1.0, 2.0, 3.0, 4.0, 6.0),
            line,
            inference="permutations",
            permutations=0,
            significance=5,
            correction="bh",
            quadrant_origin="mean-lag",
        )
    said = str(error.value)
    assert len(error.value.problems) == 5
    for expected in (
        '"permutation"?',
        "number of permutations is 0",
        "significance is 5",
        "benjamini-hochberg",
        '"mean_lag"?',
    ):
        assert expected in said
    with text.use("zh"):
        assert "置换次数" in str(error.value)


@pytest.mark.parametrize("permutations", [-1, 99.5, True, "999"])
def test_permutations_are_a_whole_number(line, permutations):
    with pytest.raises(OptionError, match="whole number"):
        lisa.local(on(line, 1.0, 2.0, 3.0, 4.0, 6.0), line, permutations=permutations, rng=1)


@pytest.mark.parametrize("significance", [0, 1, -0.05, np.nan, "0.05"])
def test_significance_lies_between_0_and_1(line, significance):
    with pytest.raises(OptionError, match="between 0 and 1"):
        lisa.local(on(line, 1.0, 2.0, 3.0, 4.0, 6.0), line, significance=significance, rng=1)


def test_permutations_need_a_generator(line):
    x = on(line, 1.0, 2.0, 3.0, 4.0, 6.0)
    with pytest.raises(OptionError, match="inference: analytic"):
        lisa.local(x, line)
    for wrong in (-1, 1.5, True, "42"):
        with pytest.raises(OptionError, match=f"rng is {wrong}"):
            lisa.local(x, line, rng=wrong)


def test_values_without_regions_are_told(line):
    with pytest.raises(DataError, match="province"):
        lisa.local(on(line, 1.0, 2.0, 3.0, 4.0, 6.0).rename(region="province"), line, rng=1)


def test_too_few_permutations_are_warned_of(line):
    x = on(line, 1.0, 2.0, 3.0, 4.0, 6.0)
    with pytest.warns(OuheWarning, match="no region can be significant"):
        lisa.local(x, line, permutations=18, rng=1)
    lisa.local(x, line, permutations=19, rng=1)


def test_fewer_than_four_regions():
    w = Neighbours.from_pairs([("a", "b")], "abc")
    with pytest.raises(DataError, match="at least four"):
        lisa.local(on(w, 1.0, 2.0, 4.0), w, rng=1)


def test_missing_and_unvarying_values_are_named(line):
    x = xr.DataArray(
        np.random.default_rng(1).random((5, 2, 2)),
        dims=("region", "variable", "year"),
        coords={"region": list("abcde"), "variable": ["C", "D"], "year": [2010, 2011]},
    )
    flat, missing = x.copy(deep=True), x.copy(deep=True)
    flat.loc[{"variable": "D", "year": 2011}] = 0.1 + 0.2
    flat[0, 1, 1] = 0.3  # rounding only
    flat.loc[{"variable": "C", "year": 2010}] = 7.0
    with pytest.raises(DataError) as error:
        lisa.local(flat, line, rng=1)
    assert [p.params["at"] for p in error.value.problems] == ["C 2010", "D 2011"]
    assert "same in every region" in str(error.value)
    missing[2, 0, 1] = np.nan
    missing[4, 1, 0] = np.inf
    with pytest.raises(DataError) as error:
        lisa.local(missing, line, rng=1)
    assert [p.params["at"] for p in error.value.problems] == ["c C 2011", "e D 2010"]


def test_other_regions_than_those_of_the_weights(line):
    x = on(line, 1.0, 2.0, 3.0, 4.0, 6.0)
    with pytest.raises(DataError, match="e:"):
        lisa.local(x.isel(region=slice(4)), line, rng=1)
    with pytest.raises(DataError, match="f:"):
        lisa.local(x.assign_coords(region=list("abcdf")), line.only("abcd"), rng=1)


# --- moves -----------------------------------------------------------------------------------------------------------


def test_moves_by_hand():
    q = xr.DataArray(
        # 2012 2010 2011: years are put in order
        np.array([[[4, 1, 1], [2, 3, 2]], [[3, 3, 3], [1, 1, 4]]], dtype=np.int8),
        dims=("variable", "region", "year"),
        coords={
            "variable": ["C", "D"],
            "region": ["a", "b"],
            "year": [2012, 2010, 2011],
            "unit": ("variable", list("xy")),
        },
    )
    found = lisa.moves(q)
    assert found.dims == ("variable", "from", "to")
    assert found["from"].values.tolist() == found["to"].values.tolist() == ["HH", "LH", "LL", "HL"]
    assert found["unit"].values.tolist() == ["x", "y"]
    assert set(found.coords) == {"variable", "unit", "from", "to"}
    # C: a HH → HH → HL, b LL → LH → LH; D: a LL → LL → LL, b HH → HL → HH
    assert found.sel(variable="C").values.tolist() == [[1, 0, 0, 1], [0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert found.sel(variable="D").values.tolist() == [[0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 2, 0], [1, 0, 0, 0]]


def test_moves_of_regions_without_a_quadrant():
    q = xr.DataArray([[0, 0], [1, 4]], dims=("region", "year"), coords={"year": [2010, 2011]})
    found = lisa.moves(q)
    assert found["from"].values.tolist() == ["HH", "LH", "LL", "HL", "none"]
    assert found.sel({"from": "none", "to": "none"}) == 1
    assert found.sum() == 2


def test_moves_need_two_years():
    with pytest.raises(DataError, match="two years"):
        lisa.moves(xr.DataArray([[1]], dims=("region", "year"), coords={"year": [2010]}))


@given(st.integers(1, 6), st.integers(2, 5), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_every_region_and_year_moves_once(n, years, variables, seed):
    q = xr.DataArray(
        np.random.default_rng(seed).integers(0, 5, (n, variables, years)),
        dims=("region", "variable", "year"),
        coords={"year": range(years)},
    )
    found = lisa.moves(q)
    assert (found.sum(["from", "to"]) == n * (years - 1)).all()
    names = ["none", "HH", "LH", "LL", "HL"]
    for name in found["from"].values:
        start = (q.isel(year=slice(-1)) == names.index(name)).sum(["region", "year"])
        np.testing.assert_array_equal(found.sel({"from": name}).sum("to"), start)
        end = (q.isel(year=slice(1, None)) == names.index(name)).sum(["region", "year"])
        np.testing.assert_array_equal(found.sel({"to": name}).sum("from"), end)
