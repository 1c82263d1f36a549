"""Coupling and coordination: hand-computed cases, k systems, and what they refuse."""

from itertools import combinations
from math import prod, sqrt

import numpy as np
import pytest
import xarray as xr

from ouhe.compute import couple
from ouhe.errors import DataError, OptionError


def indices(rows):
    """One row a region, one column a system."""
    names = ["s", "t", "v", "w"][: len(rows[0])]
    return xr.DataArray(np.array(rows, float), dims=("region", "system"), coords={"system": names})


def plain_standard(u):
    """Formula of the R package coupling, one region at a time."""
    return len(u) * prod(u) ** (1 / len(u)) / sum(u)


def plain_wang(u):
    """Wang's formula, pair by pair."""
    k = len(u)
    gaps = sum(abs(a - b) for a, b in combinations(u, 2)) / (k * (k - 1) / 2)
    return sqrt((1 - gaps) * prod((a / max(u)) ** (1 / (k - 1)) for a in u))


def plain_fan(u):
    """Fan's formula, from squares."""
    return 1 - 2 * sqrt(sum(a * a for a in u) / len(u) - (sum(u) / len(u)) ** 2)


def test_two_systems_by_hand():
    u = indices([[0.2, 0.8]])
    # 2·√0.16 / 1; √(0.4 · 0.25); 1 − 0.6
    assert couple.standard(u).item() == pytest.approx(0.8)
    assert couple.wang(u).item() == pytest.approx(sqrt(0.1))
    assert couple.fan(u).item() == pytest.approx(0.4)
    T = couple.development(u)
    assert T.item() == 0.5
    assert couple.coordination(couple.standard(u), T).item() == pytest.approx(sqrt(0.4))


def test_three_systems_by_hand():
    u = indices([[0.1, 0.2, 0.4]])
    # the product is 0.008 = 0.2³; mean gap (0.1 + 0.3 + 0.2) / 3 = 0.2; ratios ¼·½·1, to the power ½
    assert couple.standard(u).item() == pytest.approx(3 * 0.2 / 0.7)
    assert couple.wang(u).item() == pytest.approx(sqrt(0.8 * sqrt(1 / 8)))
    # squares sum to 0.21, mean 7/30: variance 0.07 − 49/900 = 14/900
    assert couple.fan(u).item() == pytest.approx(1 - 2 * sqrt(14) / 30)


@pytest.mark.parametrize("k", [2, 3, 4])
@pytest.mark.parametrize(
    ("method", "plain"), [(couple.standard, plain_standard), (couple.wang, plain_wang), (couple.fan, plain_fan)]
)
def test_any_number_of_systems(k, method, plain):
    rows = np.random.default_rng(k).random((50, k)).tolist()
    assert method(indices(rows)).values == pytest.approx([plain(r) for r in rows])


@pytest.mark.parametrize("k", [2, 3, 4])
@pytest.mark.parametrize("method", [couple.standard, couple.wang, couple.fan])
def test_ends(k, method):
    C = method(indices([[0.0] * k, [0.3] * k, [1.0] * k, [1.0] + [0.0] * (k - 1)]))
    assert C.values[:3] == pytest.approx([0.0, 1.0, 1.0])
    assert C.max() <= 1.0
    if method is not couple.fan or k == 2:
        assert C.values[3] == 0.0


def test_coupling_does_not_depend_on_the_size_of_the_indices():
    u = np.array([[0.1, 0.2, 0.4], [0.3, 0.3, 0.1]])
    for size in (1e-300, 1e-100, 1e100, 1e300):
        assert couple.standard(indices(u * size)).values == pytest.approx(couple.standard(indices(u)).values)


@pytest.mark.parametrize("bad", [-0.1, np.nan, np.inf])
@pytest.mark.parametrize("method", [couple.standard, couple.wang, couple.fan])
def test_impossible_indices_are_named(method, bad):
    with pytest.raises(DataError) as error:
        method(indices([[0.1, 0.2], [0.3, bad], [bad, 0.5]]).assign_coords(region=["a", "b", "c"]))
    assert [p.message("en").split(" is")[0] for p in error.value.problems] == ["b t", "c s"]


@pytest.mark.parametrize("method", [couple.wang, couple.fan])
def test_corrected_forms_need_indices_up_to_one(method):
    u = indices([[0.1, 1.2]])
    with pytest.raises(DataError) as error:
        method(u)
    assert "1.2" in str(error.value)
    assert couple.standard(u).item() == pytest.approx(2 * sqrt(0.12) / 1.3)


def test_rounding_beyond_the_ends_is_none():
    u = indices([[1.0 + 4e-16, 1.0], [-1e-17, 0.5]])
    for method in (couple.standard, couple.wang, couple.fan):
        assert np.isfinite(method(u).values).all()
        assert method(u).max() <= 1.0


def test_chunked_indices_are_refused_when_computed():
    lazy = couple.standard(indices([[0.1, -0.2]]).chunk({"region": 1}))
    with pytest.raises(DataError, match=r"-0\.2"):
        lazy.compute()


def test_one_system_is_refused():
    with pytest.raises(DataError) as error:
        couple.standard(indices([[0.5]]))
    assert error.value.problems[0].key == "compute.one_system"


def test_contributions():
    u = indices([[0.2, 0.8]])
    assert couple.development(u, contribution={"t": 0.25, "s": 0.75}).item() == pytest.approx(0.35)
    assert couple.development(u, contribution={"t": 0.0, "s": 1.0}).item() == 0.2


@pytest.mark.parametrize(
    ("contribution", "keys"),
    [
        ({"s": 1.0}, ["no_contribution"]),
        (
            {"s": 1.5, "t": -0.5, "x": 0.0},
            ["contribution_of_nothing", "contribution_negative", "contribution_negative"],
        ),
        ({"s": 0.5, "t": 0.6}, ["contribution_sum"]),
    ],
)
def test_wrong_contributions_are_all_told(contribution, keys):
    with pytest.raises(OptionError) as error:
        couple.development(indices([[0.2, 0.8]]), contribution=contribution)
    assert [p.key.split(".")[1] for p in error.value.problems] == keys


def test_rescale():
    u = indices([[0.2, 0.1], [0.3, 0.9], [0.4, 0.5]])
    assert couple.rescale(u).values == pytest.approx(np.array([[0.01, 0.01], [0.5, 0.99], [0.99, 0.5]]))
    assert couple.rescale(u, low=0.0, high=1.0).values == pytest.approx(np.array([[0, 0], [0.5, 1], [1, 0.5]]))
    with pytest.raises(OptionError):
        couple.rescale(u, low=1.0, high=0.0)
    with pytest.raises(DataError, match="t never varies"):
        couple.rescale(indices([[0.2, 0.5], [0.3, 0.5]]))


def test_rescale_goes_over_regions_and_years():
    u = xr.DataArray([[[0.1], [0.2]], [[0.3], [0.5]]], dims=("region", "year", "system"))
    assert couple.rescale(u, low=0.0, high=1.0).values.ravel() == pytest.approx([0.0, 0.25, 0.5, 1.0])


def test_lagging():
    u = indices([[0.5, 0.6], [0.6, 0.5], [0.31, 0.30], [0.30, 0.3101]])
    assert couple.lagging(u).values.tolist() == [0, 1, -1, 0]
    assert couple.lagging(u, in_step=0.1).values.tolist() == [-1, -1, -1, -1]
    assert couple.lagging(u, in_step=0.0).values.tolist() == [0, 1, 1, 0]
    assert couple.lagging(indices([[0.5, 0.2, 0.4], [0.50, 0.505, 0.51]])).values.tolist() == [1, -1]


def test_draws_are_carried_along():
    u = xr.DataArray(np.random.default_rng(6).random((4, 3, 5, 2)), dims=("region", "year", "draw", "system"))
    D = couple.coordination(couple.wang(u), couple.development(u))
    assert D.dims == ("region", "year", "draw")
    one = u.isel(draw=2)
    xr.testing.assert_allclose(D.isel(draw=2), couple.coordination(couple.wang(one), couple.development(one)))


def test_mean_coordination_is_at_most_the_root_of_mean_development():
    # Jensen's inequality, by which the paper's mean D of 0.489 cannot come from its mean T of 0.22
    u = xr.DataArray(np.random.default_rng(7).random((200, 2)), dims=("region", "system"))
    T = couple.development(u)
    assert couple.coordination(couple.standard(u), T).mean() <= sqrt(T.mean())


@pytest.mark.parametrize("below", [1e-18, 1e-12])
def test_an_index_that_rounding_left_below_zero_is_zero(below):
    u = xr.DataArray([[-below, below / 2], [0.25, 0.25]], dims=("region", "system"))
    D = couple.coordination(couple.standard(u), couple.development(u))
    assert D.values.tolist() == pytest.approx([0.0, 0.5], abs=1e-6)


def test_the_indices_of_a_single_region_and_year_are_coupled_too():
    u = xr.DataArray([0.2, 0.4], dims="system", coords={"system": ["a", "b"]})
    assert float(couple.standard(u)) == pytest.approx(2 * np.sqrt(0.08) / 0.6)
    assert float(couple.development(u)) == pytest.approx(0.3)
