"""Transitions beside giddy."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import xarray as xr

from ouhe.compute import lisa, transition
from ouhe.neighbours import Neighbours

with warnings.catch_warnings():
    # what giddy and what it needs say while they are imported is not about this work
    warnings.simplefilter("ignore")
    markov = pytest.importorskip("giddy.markov")
    ergodic = pytest.importorskip("giddy.ergodic")
    mobility = pytest.importorskip("giddy.mobility")
    libpysal = pytest.importorskip("libpysal")


@pytest.fixture(params=range(4))
def case(request):
    """Values that neighbours share in part and that last, over random neighbours, as ours and as giddy has them."""
    rng = np.random.default_rng(request.param)
    n, years = 60, 15
    places = rng.random((n, 2))
    away = ((places[:, None] - places) ** 2).sum(axis=2)
    matrix = np.zeros((n, n))
    np.put_along_axis(matrix, np.argsort(away, axis=1)[:, 1:6], 1.0, axis=1)
    w = Neighbours.from_dense(matrix, [f"r{i}" for i in range(n)], style="row")
    x = rng.lognormal(size=(n, years))
    for t in range(1, years):
        x[:, t] = 0.7 * x[:, t - 1] + 0.2 * (w.matrix @ x[:, t - 1]) + 0.3 * x[:, t]
    ours = xr.DataArray(x, dims=("region", "year"), coords={"region": list(w.regions), "year": range(2000, 2015)})
    theirs = w.to_graph().to_W()
    theirs.transform = "r"
    return ours, w, theirs


def test_chain(case):
    x, _, _ = case
    found = transition.estimate(x, k=5)
    level = transition.classed(x, transition.cuts(x, k=5)).values
    theirs = markov.Markov(level, summary=False)
    np.testing.assert_array_equal(found["count"], theirs.transitions)
    np.testing.assert_allclose(found["probability"], theirs.p, rtol=1e-14)
    # theirs by general solvers, ours without a subtraction: the digits that a 5 × 5 system loses
    np.testing.assert_allclose(found["stationary"], theirs.steady_state, rtol=1e-10)
    np.testing.assert_allclose(found["passage"], theirs.mfpt, rtol=1e-9)
    np.testing.assert_allclose(found["sojourn"], theirs.sojourn_time, rtol=1e-12)
    for ours, measure in (("shorrocks", "P"), ("determinant", "D")):
        assert float(found[ours]) == pytest.approx(mobility.markov_mobility(theirs.p, measure=measure), rel=1e-11)
    assert 1 - float(found["second"]) == pytest.approx(mobility.markov_mobility(theirs.p, measure="L2"), rel=1e-10)


@pytest.mark.parametrize("p", [
    [[0.5, 0.5, 0, 0], [0.2, 0.8, 0, 0], [0, 0, 1, 0], [0.1, 0.2, 0.3, 0.4]],
    [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0, 0, 1]],
    [[0.2, 0.8, 0, 0], [0.6, 0.4, 0, 0], [0, 0, 0.1, 0.9], [0, 0, 0.7, 0.3]],
])  # fmt: skip
def test_chains_that_fall_apart(p):
    ours = xr.DataArray(p, dims=("from", "to"))
    theirs = np.atleast_2d(ergodic.steady_state(p))
    rows = transition.limit(ours).values
    for lowest in np.unique(transition.closed(ours)):
        if lowest >= 0:
            assert any(np.allclose(rows[lowest], row, rtol=0, atol=1e-12) for row in theirs)
    first = transition.passage(ours).values
    with warnings.catch_warnings():
        # giddy multiplies 0 by infinity on its way
        warnings.simplefilter("ignore", RuntimeWarning)
        giddy = ergodic.mfpt(p)
    known = np.isfinite(first)
    np.testing.assert_allclose(first[known], giddy[known], rtol=1e-10)
    np.testing.assert_array_equal(np.isinf(first), np.isinf(giddy))


def test_space(case):
    x, w, theirs = case
    found = transition.estimate(x, None, w, k=4, lag_classes="quantiles")
    giddy = markov.Spatial_Markov(x.values, theirs, k=4, m=4, fill_empty_classes=True)
    np.testing.assert_array_equal(found["given_count"], giddy.T)
    tested = markov.Homogeneity_Results(giddy.T)
    assert float(found["space_chi2"]) == pytest.approx(tested.Q, rel=1e-11)
    assert float(found["space_lr"]) == pytest.approx(tested.LR, rel=1e-11)
    assert int(found["space_df"]) == tested.dof
    # theirs as 1 − cdf, which has an absolute error
    assert float(found["space_p_chi2"]) == pytest.approx(tested.Q_p_value, abs=1e-14)
    assert float(found["space_p_lr"]) == pytest.approx(tested.LR_p_value, abs=1e-14)
    for m in range(4):
        rest = markov.Homogeneity_Results([giddy.T[m], giddy.T.sum(axis=0) - giddy.T[m]])
        assert float(found["given_chi2"][m]) == pytest.approx(rest.Q, rel=1e-11)
        assert (int(found["given_df"][m]), int(found["given_n"][m])) == (rest.dof, int(giddy.T[m].sum()))
        whole = np.isfinite(found["given_stationary"].values[m]).all()
        if whole and np.ndim(giddy.S[m]) == 1 and not (giddy.T[m].sum(axis=1) == 0).any():
            np.testing.assert_allclose(found["given_stationary"][m], giddy.S[m], rtol=1e-10, atol=1e-12)


def test_the_same_bounds_for_neighbours(case):
    x, w, theirs = case
    bounds = np.quantile(x.values, [0.25, 0.5, 0.75])
    giddy = markov.Spatial_Markov(x.values, theirs, cutoffs=bounds, lag_cutoffs=bounds, fill_empty_classes=True)
    found = transition.estimate(x, [*bounds, x.values.max()], w)
    k = giddy.T.shape[0]  # giddy stops at the last class of neighbours that occurs
    np.testing.assert_array_equal(found["given_count"][:k], giddy.T)
    assert not found["given_count"][k:].any()


def test_against_the_pooled_matrix_as_known(case):
    # giddy takes the pooled matrix as known; with the share of each row given back, its χ² is ours
    x, _, theirs = case
    giddy = markov.Spatial_Markov(x.values, theirs, k=3, m=3, fill_empty_classes=True)
    counts = xr.DataArray(giddy.T, dims=("given", "from", "to"))
    ours = transition.against_the_rest(counts)["chi2"].values
    pooled = giddy.T.sum(axis=0)
    for m, found in enumerate(ours):
        starts, share = giddy.T[m].sum(axis=1), giddy.T[m].sum(axis=1) / pooled.sum(axis=1)
        expected = share[:, None] * pooled
        part = np.divide((giddy.T[m] - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0)
        assert starts.all()
        assert found == pytest.approx(float((part.sum(axis=1) / (1 - share)).sum()), rel=1e-10)
        assert markov.chi2(giddy.T[m], pooled)[0] < found


def test_giddy_counts_a_row_of_zeros_as_a_degree_of_freedom():
    # ours leaves it out; if this fails, giddy does so too
    tables = np.zeros((2, 3, 3))
    tables[:, :2, :2] = [[[8, 2], [5, 5]], [[2, 8], [5, 5]]]
    assert int(transition.homogeneity(xr.DataArray(tables, dims=("given", "from", "to")))["df"]) == 2
    assert markov.Homogeneity_Results(tables).dof == 3


def test_quadrants(case):
    x, w, theirs = case
    local = lisa.local(x, w, inference="analytic")
    with warnings.catch_warnings():
        # esda divides by numbers that are 0 for some of its analytic moments
        warnings.simplefilter("ignore", RuntimeWarning)
        giddy = markov.LISA_Markov(x.values, theirs)
    found = transition.quadrants(local["quadrant"])
    np.testing.assert_array_equal(found["count"], giddy.transitions)
    np.testing.assert_allclose(found["stationary"], giddy.steady_state, rtol=1e-10)
    np.testing.assert_allclose(found["passage"], giddy.mfpt, rtol=1e-9)
