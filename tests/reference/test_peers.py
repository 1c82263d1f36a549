"""The same numbers as other people's software, where it means the same thing.

Tolerance 1e-12 throughout, relative: both sides take sums of some hundred float64 terms, nothing else differs.
"""

import numpy as np
import pytest
import xarray as xr

from ouhe.compute import aggregate, normalise, weight

pymcdm_weights = pytest.importorskip("pymcdm.weights")
pymcdm_methods = pytest.importorskip("pymcdm.methods")
skcriteria_weighters = pytest.importorskip("skcriteria.preprocessing.weighters")


@pytest.fixture(params=[0, 1, 2])
def x(request):
    """31 regions, 13 years, 8 indicators of one system, all above 0."""
    rng = np.random.default_rng(request.param)
    return xr.DataArray(rng.lognormal(sigma=0.9, size=(31, 13, 8)), dims=("region", "year", "indicator"))


def rows(x):
    """The matrix that other software takes: a row a region and year."""
    return x.values.reshape(-1, x.sizes["indicator"])


def close(found, expected):
    """Equal but for rounding."""
    np.testing.assert_allclose(np.asarray(found).ravel(), np.asarray(expected).ravel(), rtol=1e-12)


def test_entropy_weights(x):
    # on values above 0: pymcdm sets the entropy of an indicator with any zero to 0
    close(weight.entropy(x), pymcdm_weights.entropy_weights(rows(x)))
    close(weight.entropy(x), skcriteria_weighters.entropy_weights(rows(x)))


def test_entropy_weights_with_zeros(x):
    # scikit-criteria takes 0·ln 0 as 0 too
    y = normalise.minmax(x)
    close(weight.entropy(y), skcriteria_weighters.entropy_weights(rows(y)))


def test_critic_weights(x):
    # both normalise by min-max themselves, which leaves min-max values as they are
    y = normalise.minmax(x)
    close(weight.critic(y), pymcdm_weights.critic_weights(rows(x)))
    close(weight.critic(y), skcriteria_weighters.critic_weights(rows(x), objectives=[1] * 8))


def test_critic_weights_of_a_negative_indicator(x):
    directions = ["positive"] * 7 + ["negative"]
    y = normalise.minmax(x.assign_coords(direction=("indicator", directions)))
    close(weight.critic(y), skcriteria_weighters.critic_weights(rows(x), objectives=[1] * 7 + [-1]))


def test_equal_weights(x):
    close(weight.equal(x), pymcdm_weights.equal_weights(rows(x)))


def test_variation_weights(x):
    # scipy's coefficient of variation; neither peer has these weights
    variation = pytest.importorskip("scipy.stats").variation(rows(x), axis=0, ddof=1)
    close(weight.variation(x), variation / variation.sum())


def test_principal_weights(x):
    # scikit-learn's components of the standardised values; mixed so that some eigenvalues exceed 1
    decomposition = pytest.importorskip("sklearn.decomposition")
    x = x + x.sum("indicator") * xr.DataArray(np.linspace(0, 1, 8), dims="indicator")
    z = (rows(x) - rows(x).mean(axis=0)) / rows(x).std(axis=0, ddof=1)
    found = decomposition.PCA(svd_solver="full").fit(z)
    kept = found.explained_variance_ > 1
    variance = found.explained_variance_[kept]
    strength = np.abs(found.components_[kept].T * np.sqrt(variance)) @ (variance / variance.sum())
    assert 0 < kept.sum() < 8
    np.testing.assert_allclose(weight.principal(x), strength / strength.sum(), rtol=1e-9)


def test_minmax_and_vector(x):
    normalizations = pytest.importorskip("pymcdm.normalizations")
    directions = ["positive"] * 4 + ["negative"] * 4
    x = x.assign_coords(direction=("indicator", directions))
    for ours, theirs in (
        (normalise.minmax, normalizations.minmax_normalization),
        (normalise.vector, normalizations.vector_normalization),
    ):
        expected = [theirs(column, cost=i >= 4) for i, column in enumerate(rows(x).T)]
        np.testing.assert_allclose(rows(ours(x)), np.array(expected).T, rtol=1e-12, atol=1e-15)


def test_topsis(x):
    w = weight.entropy(x)
    theirs = pymcdm_methods.TOPSIS()(rows(x), w.values, np.ones(8))
    close(aggregate.topsis(normalise.minmax(x), w), theirs)
