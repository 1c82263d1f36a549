"""General G: a case worked by hand, moments over all permutations, laws, and what it refuses."""

import itertools

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe.compute import getis
from ouhe.errors import DataError, OptionError, OuheWarning
from ouhe.neighbours import Neighbours


def array(values, *dims, **coords):
    values = np.asarray(values, dtype=float)
    names = [f"r{i}" for i in range(len(values))]
    return xr.DataArray(values, dims=("region", *dims), coords={"region": names, **coords})


def path(n, **options):
    names = [f"r{i}" for i in range(n)]
    return Neighbours.from_pairs(itertools.pairwise(names), names, **options)


def some_weights(n, seed, *, style="raw"):
    """Weights of any kind: asymmetric, uneven, with an isolate."""
    rng = np.random.default_rng(seed)
    w = np.where(rng.random((n, n)) < 0.5, rng.random((n, n)) + 0.1, 0.0)
    np.fill_diagonal(w, 0.0)
    w[n - 1] = 0.0
    w[0, 1] = 1.0
    return Neighbours.from_dense(w, [f"r{i}" for i in range(n)], style=style)


def plain(x, w):
    """General G as it is defined."""
    m = w.matrix.toarray()
    return (m * np.outer(x, x)).sum() / (np.outer(x, x).sum() - (x**2).sum())


def test_four_regions_in_a_row():
    # 1·2 + 2·3 + 3·4 = 20, both ways 40; (1 + 2 + 3 + 4)² − 30 = 70; six links over 4 · 3
    found = getis.general(array([1, 2, 3, 4]), path(4))
    assert found.statistic.item() == pytest.approx(4 / 7)
    assert found.expected.item() == 0.5


def test_neighbours_count_as_one_unless_asked_otherwise():
    x, w = array([1, 2, 4, 9]), path(4, style="row")
    assert getis.general(x, w).statistic.item() == getis.general(x, w.styled("binary")).statistic.item()
    row = getis.general(x, w.styled("binary"), style="row")
    assert row.statistic.item() == pytest.approx(plain(x.values, w))
    uneven = some_weights(6, 1)
    values = array([1, 2, 4, 9, 3, 5])
    assert getis.general(values, uneven, style="raw").statistic.item() == pytest.approx(plain(values.values, uneven))


@pytest.mark.parametrize("style", ["row", "binary", "raw"])
@pytest.mark.parametrize("seed", range(4))
def test_mean_and_deviation_over_all_permutations(seed, style):
    w = some_weights(6, seed)
    x = np.random.default_rng(seed).lognormal(size=6)
    found = getis.general(array(x), w, style=style, permutations=720)
    every = np.array([plain(x[list(p)], w.styled(style)) for p in itertools.permutations(range(6))])
    # 720 values are averaged on one side, closed forms on the other
    np.testing.assert_allclose(found.statistic, every[0], rtol=1e-12)
    np.testing.assert_allclose(found.expected, every.mean(), rtol=1e-11)
    np.testing.assert_allclose(found.sd, every.std(), rtol=1e-10)
    far = abs(every - every.mean())
    assert found.p_sim.item() == np.mean(far >= far[0] - 1e-9)


def test_p_sim_is_what_its_definition_says():
    w = some_weights(30, 1)
    rng = np.random.default_rng(12)
    x = rng.lognormal(size=30)
    found = getis.general(array(x), w, permutations=4999, rng=1)
    binary = w.styled("binary")
    expected = binary.sums.s0 / (30 * 29)
    sims = np.array([plain(rng.permutation(x), binary) for _ in range(4999)])
    p = np.mean(abs(sims - expected) >= abs(plain(x, binary) - expected))
    assert 0.05 < p < 0.95
    # two samples of the same share: five standard deviations of their difference
    assert abs(found.p_sim.item() - p) < 5 * np.sqrt(2 * p * (1 - p) / 4999)


def test_high_values_together_are_above_low_ones_together_below():
    n = 40
    high, low = np.ones(n), np.full(n, 10.0)
    high[:6], low[:12] = 10.0, 1.0
    low[12::2] = 14.0
    assert getis.general(array(high), path(n), rng=1).z.item() > 2
    scattered = np.ones(n)
    scattered[::7] = 10.0
    found = getis.general(array(scattered), path(n), permutations=999, rng=1)
    assert found.z.item() < 0
    assert 0.05 < found.p_sim.item() < 0.6


def test_a_large_origin_leaves_the_deviation_exact():
    """With values of 10⁶ the textbook's E[G²] − E[G]² keeps no digit of the variance."""
    w, z = some_weights(6, 2), np.random.default_rng(1).normal(size=6)
    z -= z.mean()
    binary = w.styled("binary").matrix
    ends = binary.sum(axis=0) + binary.sum(axis=1)
    every = np.array([ends @ z[list(p)] for p in itertools.permutations(range(6))])
    # G − E is x̄ Σ d z over n(n − 1) x̄², but for terms in z², a millionth of it
    found = getis.general(array(1e6 + z), w, permutations=720)
    assert found.sd.item() == pytest.approx(every.std() / (30 * 1e6), rel=1e-5)
    assert found.p_sim.item() == np.mean(abs(every) >= abs(every[0]) * (1 - 1e-5))


@given(
    st.lists(st.integers(0, 1000), min_size=5, max_size=6).filter(lambda v: max(v) - min(v) > 5 and sorted(v)[-2] > 0),
    st.integers(0, 99),
    st.floats(1e-200, 1e200),
    st.randoms(use_true_random=False),
)
def test_scale_and_order_change_nothing(whole, seed, scale, random):
    x, w = array(whole), some_weights(len(whole), seed)
    order = list(range(len(whole)))
    random.shuffle(order)
    one = getis.general(x, w, permutations=720)
    other = getis.general(scale * x.isel(region=order), w, permutations=720)
    for name in one.data_vars:
        np.testing.assert_allclose(other[name], one[name], rtol=1e-9, atol=1e-9)


def test_another_variable_changes_no_p():
    w = some_weights(20, 3)
    x = array(np.random.default_rng(1).lognormal(size=(20, 5)), "variable", variable=list("abcde"))
    together = getis.general(x, w, permutations=99, rng=1)
    alone = getis.general(x.sel(variable="c"), w, permutations=99, rng=1)
    assert together.p_sim.sel(variable="c").item() == alone.p_sim.item()


def test_inverse_distances_that_are_made_binary_have_no_z_and_it_is_told_what_to_do():
    n = 9
    away = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    w = Neighbours.from_dense(np.divide(1.0, away, out=np.zeros((n, n)), where=away > 0), [f"r{i}" for i in range(n)])
    x = array(np.random.default_rng(1).lognormal(size=n))
    with pytest.warns(OuheWarning, match="style: raw") as told:
        found = getis.general(x, w, rng=1)
    assert (len(told), told[0].filename) == (1, __file__)
    assert (found.sd.item(), found.p_sim.item()) == (0.0, 1.0)
    assert np.isnan([found.z.item(), found.p_value.item()]).all()
    raw = getis.general(x, w, style="raw", rng=1)
    assert np.isfinite(raw.z.item())
    assert (raw.n.item(), raw.few.item()) == (n, True)


def test_what_it_refuses():
    x = array([[1.0, 2.0], [-1.0, 3.0], [2.0, 5.0], [4.0, -8.0]], "year", year=[2010, 2011])
    with pytest.raises(DataError) as error:
        getis.general(x, path(4))
    assert [p.params["at"] for p in error.value.problems] == ["r1 2010", "r3 2011"]
    lonely = array([[0.0, 2.0], [0.0, 3.0], [2.0, 5.0], [0.0, 8.0]], "year", year=[2010, 2011])
    with pytest.raises(DataError, match="2010 is above 0 in a single region") as error:
        getis.general(lonely, path(4))
    assert len(error.value.problems) == 1
    with pytest.raises(DataError, match="x is above 0 in a single region"):
        getis.general(lonely.sel(year=2010, drop=True), path(4))
    with pytest.raises(OptionError, match="style"):
        getis.general(abs(x), path(4), style="rows")
