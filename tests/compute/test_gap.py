"""Gaps between groups and between regions."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ouhe.compute import gap, group
from ouhe.errors import OptionError, OuheWarning


@pytest.fixture
def means():
    """Three groups, two years, two variables."""
    return xr.DataArray(
        [[[2.0, 1.0], [3.0, 1.0]], [[4.0, 1.0], [3.0, 2.0]], [[6.0, 4.0], [9.0, 3.0]]],
        dims=("group", "year", "variable"),
        coords={"group": ["east", "west", "north"], "year": [2010, 2022], "variable": ["C", "D"]},
    )


def test_by_hand(means):
    found = gap.between(means)
    assert found["ratio"].dims == ("year", "variable")
    assert found["ratio"].values.tolist() == [[3.0, 4.0], [3.0, 3.0]]
    assert found["difference"].values.tolist() == [[4.0, 3.0], [6.0, 2.0]]
    # squares of deviations: 4+0+4 of mean 4; 1+1+4 of mean 2; 4+4+16 of mean 5; 1+0+1 of mean 2; over 3
    expected = [[(8 / 3) ** 0.5 / 4, 2**0.5 / 2], [8**0.5 / 5, (2 / 3) ** 0.5 / 2]]
    np.testing.assert_allclose(found["variation"], expected, rtol=1e-14)
    np.testing.assert_allclose(gap.variation(means, ddof=1), np.array(expected) * 1.5**0.5, rtol=1e-14)
    assert found["year"].equals(means["year"])


def test_regions_where_there_are_no_groups(means):
    regions = means.rename(group="region")
    assert gap.between(regions).equals(gap.between(means))
    raster = xr.DataArray([[[1.0], [2.0]], [[3.0], [4.0]]], dims=("y", "x", "year"))
    assert gap.ratio(raster).values.tolist() == [4.0]


def test_groups_count_alike_whatever_their_size():
    x = xr.DataArray([1.0, 1.0, 1.0, 3.0], dims="region", coords={"region": list("abcd")})
    means = group.means(x, {"a": "one", "b": "one", "c": "one", "d": "two"})
    assert gap.variation(means).item() == 0.5
    assert gap.variation(x).item() == pytest.approx(0.75**0.5 / 1.5)


def test_over_a_dimension_of_choice(means):
    assert gap.difference(means, over="year").values.tolist() == [[1.0, 0.0], [1.0, 1.0], [3.0, 1.0]]
    with pytest.raises(OptionError, match="year, variable"):
        gap.ratio(means.isel(group=0), over="group")
    with pytest.raises(OptionError, match="year, variable"):
        gap.between(means.isel(group=0, drop=True))


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_no_ratio_where_the_lowest_is_not_above_zero(means, value):
    means[0, 0, 1] = value
    with pytest.warns(OuheWarning, match="in 1 places") as told:
        ratio = gap.ratio(means)
    assert [w.message.problem.key for w in told] == ["density.no_ratio"]
    assert ratio.isnull().values.tolist() == [[False, True], [False, False]]
    assert gap.difference(means)[0, 1].item() == 4.0 - value


def test_no_variation_where_the_mean_is_not_above_zero(means):
    means[:, 1, 0] = [-1.0, 0.0, 1.0]
    with pytest.warns(OuheWarning) as told:
        found = gap.variation(means)
    assert [(w.message.problem.key, w.message.problem.params["count"]) for w in told] == [("density.no_variation", 1)]
    assert found.isnull().values.tolist() == [[False, False], [True, False]]


def test_missing_values_leave_their_year_empty_and_are_told(means):
    means[1, 0, 0] = np.nan
    with pytest.warns(OuheWarning) as told:
        found = gap.between(means)
    assert {w.message.problem.key for w in told} == {"density.no_ratio", "density.no_variation"}
    for measure in found.values():
        assert measure.isnull().values.tolist() == [[True, False], [False, False]]


@pytest.mark.parametrize("ddof", [-1, 3])
def test_ddof_leaves_something_to_divide_by(means, ddof):
    with pytest.raises(OptionError, match="between 0 and 2"):
        gap.variation(means, ddof=ddof)


def test_chunked_values_stay_lazy(means):
    lazy = gap.between(means.chunk({"group": 1}))
    assert all(v.chunks is not None for v in lazy.values())
    xr.testing.assert_allclose(lazy.compute(), gap.between(means))


@given(
    hnp.arrays(float, (5, 3), elements=st.floats(0.1, 10)),
    st.permutations(range(5)),
    st.floats(0.01, 100),
    st.floats(0, 5),
)
def test_laws(values, order, scale, shift):
    x = xr.DataArray(values, dims=("region", "year"))
    here = gap.between(x)
    xr.testing.assert_allclose(gap.between(x.isel(region=list(order))), here, rtol=1e-9, atol=1e-12)
    scaled, shifted = gap.between(x * scale), gap.between(x + shift)
    # a change of unit leaves ratio and coefficient; what all gain alike leaves the difference and shrinks the others
    np.testing.assert_allclose(scaled["ratio"], here["ratio"], rtol=1e-9)
    np.testing.assert_allclose(scaled["variation"], here["variation"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(scaled["difference"], scale * here["difference"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(shifted["difference"], here["difference"], rtol=1e-9, atol=1e-12)
    assert (shifted["ratio"] <= here["ratio"] * (1 + 1e-12)).all()
    assert (shifted["variation"] <= here["variation"] + 1e-12).all()
    # of five values, the coefficient is at most that of one that has everything
    assert (here["ratio"] >= 1.0).all()
    assert (here["variation"] <= 2.0).all()
