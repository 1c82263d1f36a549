"""Weights: hand-computed values, systems, and what they refuse."""

import warnings
from math import inf, log, nan, sqrt

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ouhe.compute import weight
from ouhe.errors import DataError, OptionError, OuheWarning


def panel(columns, systems=None):
    """Regions in rows, one list an indicator."""
    ids = list("abcdefgh"[: len(columns)])
    coords = {"indicator": ids}
    if systems:
        coords["system_of"] = ("indicator", systems)
    return xr.DataArray(np.array(columns, float).T, dims=("region", "indicator"), coords=coords)


def test_entropy_by_hand():
    y = panel([[0, 1, 1, 0], [1, 1, 0.5, 1]])
    # shares 1/2 1/2: E = ln 2 / ln 4; shares 2/7 2/7 1/7 2/7
    first = log(2) / log(4)
    second = -(3 * 2 / 7 * log(2 / 7) + 1 / 7 * log(1 / 7)) / log(4)
    assert weight.information_entropy(y).values == pytest.approx([first, second], rel=1e-14)
    w = weight.entropy(y)
    assert w.values == pytest.approx([(1 - first) / (2 - first - second), (1 - second) / (2 - first - second)])
    assert w.dims == ("indicator",)


def test_entropy_counts_regions_and_years():
    y = xr.DataArray([[[0.0], [1.0]], [[1.0], [1.0]]], dims=("region", "year", "indicator"))
    assert weight.information_entropy(y).item() == pytest.approx(log(3) / log(4))


def test_entropy_is_bounded_by_equal_and_single_values():
    y = panel([[0.7, 0.7, 0.7], [0, 0, 0.2]])
    assert weight.information_entropy(y).values == pytest.approx([1.0, 0.0], abs=1e-15)
    assert weight.information_entropy(y).max() <= 1.0


def test_an_offset_enters_the_shares():
    y = panel([[0, 1], [1, 0.5]])
    shifted = weight.information_entropy(y, offset=1.0)
    # 1 2 → shares 1/3 2/3
    assert shifted.values[0] == pytest.approx(-(log(1 / 3) / 3 + 2 * log(2 / 3) / 3) / log(2))
    xr.testing.assert_allclose(shifted, weight.information_entropy(y + 1.0))


def test_printed_denominator_gives_entropies_above_one_and_warns():
    rng = np.random.default_rng(1)
    y = xr.DataArray(rng.lognormal(sigma=0.8, size=(31, 13, 4)), dims=("region", "year", "indicator"))
    with pytest.warns(OuheWarning) as told:
        found = weight.information_entropy(y, denominator="regions")
    assert len(told) == 2
    # ln 403 / ln 31 = 1.747 is the largest possible
    assert ((found > 1.4) & (found < log(403) / log(31))).all()
    assert found.values == pytest.approx(weight.information_entropy(y).values * log(403) / log(31))
    with pytest.warns(OuheWarning):
        w = weight.entropy(y, denominator="regions")
    assert w.sum().item() == pytest.approx(1.0)
    # the order is turned around: the most even indicator gets the heaviest weight
    assert w.values.argmax() == weight.entropy(y).values.argmin()


def test_weights_are_made_within_each_system():
    y = panel([[0, 1, 1, 0], [0, 0, 0, 1], [1, 1, 0, 1], [1, 1, 1, 0.5]], ["p", "q", "p", "q"])
    w = weight.entropy(y)
    alone = weight.entropy(y.isel(indicator=[0, 2]))
    assert w.sel(indicator=["a", "c"]).values == pytest.approx(alone.values)
    assert w.sel(indicator=["b", "d"]).sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    "method",
    [
        weight.entropy,
        weight.equal,
        weight.critic,
        weight.variation,
        weight.principal,
        lambda y: weight.given(y, weights={"a": 1, "b": 2, "c": 3}, rescale=True),
    ],
)
def test_an_indicator_alone_in_its_system_has_weight_one(method):
    w = method(panel([[0.1, 1, 0.5], [0.2, 0.1, 1], [0.3, 1, 0.2]], ["p", "p", "q"]))
    assert w.sel(indicator="c") == 1.0
    assert w.sel(indicator=["a", "b"]).sum() == pytest.approx(1.0)
    assert "system_of" in w.coords


def test_entropy_takes_any_magnitude():
    y = panel([[0, 1, 1, 0.3], [1, 1, 0.5, 1]])
    for size in (1e-305, 1e-300, 1e-30, 1e30, 1e300, 1e307):
        xr.testing.assert_allclose(weight.entropy(y * size), weight.entropy(y), rtol=1e-11)
    mixed = y * xr.DataArray([1e-300, 1e300], dims="indicator")
    xr.testing.assert_allclose(weight.entropy(mixed), weight.entropy(y), rtol=1e-11)


def test_entropy_of_float32_is_summed_in_float64():
    rng = np.random.default_rng(0)
    y = xr.DataArray(rng.random((20_000, 3), dtype=np.float32) * 1e-3 + 1, dims=("region", "indicator"))
    xr.testing.assert_allclose(weight.entropy(y), weight.entropy(y.astype(float)), rtol=1e-12)


@pytest.mark.parametrize(
    ("columns", "key", "count"),
    [
        ([[0.1, np.nan], [1, np.inf]], "compute.not_finite", 2),
        ([[0.1, -0.5], [-1, 1]], "compute.negative_share", 2),
        ([[0.1, 0.5], [0, 0]], "compute.all_zero", 1),
        ([[0.5, 0.5], [1, 1]], "compute.no_information", 1),
        ([[0.1], [0.2]], "compute.single_cell", 1),
    ],
)
def test_entropy_refuses(columns, key, count):
    with pytest.raises(DataError) as error:
        weight.entropy(panel(columns))
    assert [p.key for p in error.value.problems] == [key] * count


def test_a_table_has_no_entropy_for_what_has_none():
    y = panel([[0, 1, 1, 0], [0, 0, 0, 0], [-1, 1, 0, 1], [nan, 1, 1, 1], [inf, 1, 1, 1], [-inf, 1, 1, 1]])
    found = weight.information_entropy(y, undefined="missing")
    assert found.values[0] == pytest.approx(0.5)
    assert np.isnan(found.values[1:]).all()
    assert found.name == weight.information_entropy(y.isel(indicator=[0])).name
    shifted = weight.information_entropy(y, offset=1.0, undefined="missing")
    assert np.isnan(shifted.values).tolist() == [False, False, False, True, True, True]
    xr.testing.assert_allclose(shifted[:3], weight.information_entropy(y.isel(indicator=[0, 1, 2]), offset=1.0))
    for none in (y.isel(indicator=[1, 2]), y.isel(region=[0])):
        assert np.isnan(weight.information_entropy(none, undefined="missing")).all()
    whole = y.isel(indicator=[0])
    xr.testing.assert_identical(
        weight.information_entropy(whole, undefined="missing"), weight.information_entropy(whole)
    )


def test_an_offset_makes_negative_values_possible():
    y = panel([[-1, 1, 0], [0.5, 1, -0.2]])
    xr.testing.assert_allclose(weight.entropy(y, offset=2.0), weight.entropy(y + 2.0))


def test_given_tells_everything_that_is_wrong():
    y = panel([[0, 1], [1, 0], [0, 1]])
    with pytest.raises(OptionError) as error:
        weight.given(y, weights={"a": 0.5, "b": -0.5, "z": 0.1})
    keys = sorted(p.key.split(".")[1] for p in error.value.problems)
    assert keys == ["no_weight", "weight_not_positive", "weight_of_nothing"]


def test_given_must_sum_to_one_within_each_system_unless_rescaled():
    y = panel([[0, 1], [1, 0], [0, 1]], ["p", "p", "q"])
    assert weight.given(y, weights={"a": 0.25, "b": 0.75, "c": 1}).values.tolist() == [0.25, 0.75, 1.0]
    with pytest.raises(OptionError, match=r"p.*1\.2"):
        weight.given(y, weights={"a": 0.3, "b": 0.9, "c": 1})
    assert weight.given(y, weights={"a": 1, "b": 3, "c": 7}, rescale=True).values.tolist() == [0.25, 0.75, 1.0]


def test_critic_by_hand():
    y = panel([[0, 0.5, 1], [0, 1, 0], [1, 0.5, 0]])
    # sd 1/2, 1/√3, 1/2; r_ab = 0, r_ac = −1, r_bc = 0, so the conflicts are 1+2, 1+1, 2+1
    raw = np.array([0.5 * 3, 2 / sqrt(3), 0.5 * 3])
    assert weight.critic(y).values == pytest.approx(raw / raw.sum())


def test_critic_looks_at_its_own_system_only():
    y = panel([[0, 0.5, 1], [0, 1, 0], [1, 0.5, 0.1], [0.3, 1, 0]], ["p", "p", "q", "q"])
    w = weight.critic(y)
    assert w.values[:2] == pytest.approx(weight.critic(y.isel(indicator=[0, 1])).values)
    assert w.values[2:] == pytest.approx(weight.critic(y.isel(indicator=[2, 3])).values)


def test_critic_refuses_a_system_that_moves_as_one():
    with pytest.raises(DataError) as error:
        weight.critic(panel([[0, 0.3, 1], [0.1, 0.4, 1.1]]))
    assert error.value.problems[0].key == "compute.no_information"


def test_variation_by_hand():
    # sd √2 and 20√2, means 2 and 120
    x = panel([[1, 3], [100, 140]])
    assert weight.variation(x).values == pytest.approx([0.75, 0.25])
    assert weight.variation(-x).values == pytest.approx([0.75, 0.25])


def test_variation_refuses_a_mean_of_zero():
    with pytest.raises(DataError, match="b"):
        weight.variation(panel([[1, 3], [-2, 2]]))


def test_principal_by_hand():
    # r = 1/2: eigenvalues 3/2 and 1/2, the first component loads both alike
    y = panel([[0, 1, 0.5, 0.5], [0.5, 1, 0, 0.5]])
    assert weight.principal(y).values == pytest.approx([0.5, 0.5])
    # a and b move as one, c is uncorrelated with both: eigenvalues 2, 1 and 0, only 2 exceeds 1
    y = panel([[0, 0, 1, 1], [0, 0, 1, 1], [0, 1, 0, 1]])
    assert weight.principal(y).values == pytest.approx([0.5, 0.5, 0.0], abs=1e-12)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
def test_principal_of_uncorrelated_indicators_is_equal_and_says_so(order):
    # three columns of a factorial design, whose correlations are 0 but for rounding
    design = np.array([[a, b, c] for a in (0.1, 0.7) for b in (0.2, 0.5) for c in (0.3, 0.9)]).T[order]
    with pytest.warns(OuheWarning, match="not correlated"):
        assert weight.principal(panel(design.tolist())).values == pytest.approx([1 / 3] * 3, rel=1e-15)


def test_principal_of_equal_eigenvalues_treats_alike_what_is_alike():
    # two pairs that move as one and nothing between them: the eigenvalues are 2, 2, 0 and 0
    pairs = panel([[0, 0, 1, 1], [0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 0, 1]])
    assert weight.principal(pairs).values == pytest.approx([0.25] * 4, rel=1e-12)


@pytest.mark.parametrize(
    "method",
    [
        weight.entropy,
        weight.equal,
        weight.critic,
        weight.variation,
        weight.principal,
        lambda y: weight.given(y, weights=dict(zip("abcde", (1, 2, 3, 4, 5), strict=True)), rescale=True),
        lambda y: weight.product([weight.entropy(y), weight.principal(y)]),
        lambda y: weight.mean([weight.entropy(y), weight.critic(y)]),
    ],
)
@given(
    st.permutations(range(5)),
    hnp.arrays(float, (7, 5), elements=st.integers(0, 3)),
    st.lists(st.sampled_from("pq"), min_size=5, max_size=5),
)
@pytest.mark.filterwarnings("ignore::ouhe.errors.OuheWarning")
def test_order_of_indicators_changes_nothing(method, order, values, system):
    y = panel(values.T.tolist(), system)
    try:
        w = method(y)
    except DataError:
        with pytest.raises(DataError):
            method(y.isel(indicator=order))
        return
    xr.testing.assert_allclose(method(y.isel(indicator=order)), w.isel(indicator=order), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("method", [weight.critic, weight.principal])
def test_correlations_refuse_what_never_varies(method):
    with pytest.raises(DataError) as error:
        method(panel([[0, 1], [1, 1], [2, 2]]))
    assert [p.message("en")[0] for p in error.value.problems] == ["b", "c"]


def test_mean_and_product():
    y = panel([[0, 1], [1, 0]])
    one, two = (weight.given(y, weights={"a": a, "b": 1 - a}) for a in (0.2, 0.6))
    assert weight.mean([one, two]).values == pytest.approx([0.4, 0.6])
    assert weight.product([one, two]).values == pytest.approx([0.12 / 0.44, 0.32 / 0.44])
    assert weight.product([one]).values == pytest.approx(one.values)
    for combine in (weight.mean, weight.product):
        with pytest.raises(OptionError):
            combine([])
        with pytest.raises(ValueError, match="align"):
            combine([one, two.assign_coords(indicator=["a", "z"])])


def test_a_further_dimension_is_carried_along():
    rng = np.random.default_rng(2)
    y = xr.DataArray(
        rng.random((3, 20, 4)), dims=("draw", "region", "indicator"), coords={"system_of": ("indicator", list("ppqq"))}
    )
    for method in (weight.entropy, weight.critic, weight.variation, weight.principal):
        w = method(y)
        for i in range(3):
            xr.testing.assert_allclose(w.isel(draw=i), method(y.isel(draw=i)))


def test_no_warning_without_cause():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        weight.entropy(panel([[0, 0, 1e-320], [0, 1, 0.5]]))
