"""Geary's c: a case worked by hand, moments over all permutations, laws, and what it refuses."""

import itertools

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ouhe.compute import geary
from ouhe.errors import DataError, OptionError, OuheWarning
from ouhe.neighbours import Neighbours


def array(values, *dims, **coords):
    values = np.asarray(values, dtype=float)
    names = [f"r{i}" for i in range(len(values))]
    return xr.DataArray(values, dims=("region", *dims), coords={"region": names, **coords})


def path(n, **options):
    names = [f"r{i}" for i in range(n)]
    return Neighbours.from_pairs(itertools.pairwise(names), names, **options)


def some_weights(n, seed, *, style="row"):
    """Weights of any kind: asymmetric, uneven, with an isolate."""
    rng = np.random.default_rng(seed)
    w = np.where(rng.random((n, n)) < 0.5, rng.random((n, n)) + 0.1, 0.0)
    np.fill_diagonal(w, 0.0)
    w[n - 1] = 0.0
    w[0, 1] = 1.0
    return Neighbours.from_dense(w, [f"r{i}" for i in range(n)], style=style)


def plain(x, w):
    """Geary's c as it is defined."""
    m = w.matrix.toarray()
    return (len(x) - 1) / (2 * m.sum()) * (m * (x[:, None] - x) ** 2).sum() / ((x - x.mean()) ** 2).sum()


def test_four_regions_in_a_row():
    # every row's mean squared difference is 1, so Σ w (x − x)² = 4; 3 / (2 · 4) · 4 / 5
    found = geary.c(array([1, 2, 3, 4]), path(4))
    assert found.statistic.item() == pytest.approx(0.3)
    assert found.expected.item() == 1.0
    assert found.z.item() < 0


def test_normality_by_hand():
    # binary path of four: S0 = 6, S1 = 12, S2 = 40
    found = geary.c(array([1, 2, 3, 5]), path(4, style="binary"), variance="normality")
    variance = ((2 * 12 + 40) * 3 - 4 * 36) / (2 * 5 * 36)
    assert found.sd.item() == pytest.approx(np.sqrt(variance))
    assert found.p_value.item() == pytest.approx(2 * stats.norm.sf(abs(found.z.item())))


@pytest.mark.parametrize("style", ["row", "binary", "raw"])
@pytest.mark.parametrize("seed", range(4))
def test_mean_and_deviation_over_all_permutations(seed, style):
    w = some_weights(6, seed, style=style)
    x = np.random.default_rng(seed).lognormal(size=6)
    found = geary.c(array(x), w, permutations=720)
    every = np.array([plain(x[list(p)], w) for p in itertools.permutations(range(6))])
    # 720 values are averaged on one side, closed forms on the other
    np.testing.assert_allclose(found.statistic, every[0], rtol=1e-12)
    np.testing.assert_allclose(found.expected, every.mean(), rtol=1e-11)
    np.testing.assert_allclose(found.sd, every.std(), rtol=1e-11)
    assert found.p_sim.item() == np.mean(abs(every - 1) >= abs(every[0] - 1) - 1e-9)


def test_p_sim_is_what_its_definition_says():
    w = some_weights(30, 1)
    rng = np.random.default_rng(12)
    x = rng.normal(size=30)
    found = geary.c(array(x), w, permutations=4999, rng=1)
    sims = np.array([plain(rng.permutation(x), w) for _ in range(4999)])
    p = np.mean(abs(sims - 1) >= abs(plain(x, w) - 1))
    assert 0.05 < p < 0.95
    # two samples of the same share: five standard deviations of their difference
    assert abs(found.p_sim.item() - p) < 5 * np.sqrt(2 * p * (1 - p) / 4999)


@pytest.mark.parametrize("variance", ["randomisation", "normality"])
def test_where_all_are_neighbours_alike_nothing_can_be_told(variance):
    w = Neighbours.from_dense(1 - np.eye(9), [f"r{i}" for i in range(9)], style="row")
    with pytest.warns(OuheWarning, match="sd is 0") as told:
        found = geary.c(array(np.random.default_rng(1).lognormal(size=9)), w, variance=variance, rng=1)
    assert (len(told), told[0].filename) == (1, __file__)
    assert found.statistic.item() == pytest.approx(1.0)
    assert found.sd.item() == 0.0
    assert np.isnan(found.z.item())
    assert found.p_sim.item() == 1.0


@given(
    st.lists(st.integers(-1000, 1000), min_size=5, max_size=6).filter(lambda v: max(v) - min(v) > 5),
    st.integers(0, 99),
    st.floats(0.01, 100.0),
    st.booleans(),
    st.floats(-1000.0, 1000.0),
    st.randoms(use_true_random=False),
)
def test_scale_sign_origin_and_order_change_nothing(whole, seed, scale, turned, origin, random):
    x, w = array(whole), some_weights(len(whole), seed)
    order = list(range(len(whole)))
    random.shuffle(order)
    one = geary.c(x, w, permutations=720)
    other = geary.c(origin + (-scale if turned else scale) * x.isel(region=order), w, permutations=720)
    for name in one.data_vars:
        # an origin 1e5 times the range costs five of sixteen digits
        np.testing.assert_allclose(other[name], one[name], rtol=1e-8, atol=1e-8)


def test_another_variable_changes_no_p():
    w = some_weights(20, 3)
    x = array(np.random.default_rng(1).normal(size=(20, 5)), "variable", variable=list("abcde"))
    together = geary.c(x, w, permutations=99, rng=1)
    alone = geary.c(x.sel(variable="c"), w, permutations=99, rng=1)
    assert together.p_sim.sel(variable="c").item() == alone.p_sim.item()
    assert together.statistic.dims == ("variable",)


def test_what_it_refuses():
    with pytest.raises(DataError, match="r2 is nan"):
        geary.c(array([1.0, 2.0, np.nan, 4.0]).expand_dims(variable=["x"]).rename(None), path(4))
    with pytest.raises(DataError, match="same in every region"):
        geary.c(array([1.0] * 4), path(4))
    with pytest.raises(OptionError):
        geary.c(array([1.0, 2.0, 3.0, 9.0]), path(4), variance="none")
