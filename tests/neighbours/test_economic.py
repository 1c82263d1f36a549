"""Economic and economic-geographic weights, worked by hand."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import neighbours
from ouhe.errors import DataError, OptionError

POINTS = pd.DataFrame({"longitude": [0.0, 1.0, 2.0], "latitude": 0.0}, index=["a", "b", "c"])


def series(values, regions=("a", "b", "c"), years=None):
    coords = {"region": list(regions)} | ({"year": years} if years else {})
    return xr.DataArray(values, dims=("region", "year") if years else ("region",), coords=coords)


def keys(error):
    return [p.key.removeprefix("neighbours.") for p in error.value.problems]


def test_means_over_the_years_come_first():
    # means 2, 4, 10: gaps 2, 8 and 6; the mean of 1/gaps of single years would be another number
    y = series([[1.0, 3.0], [2.0, 6.0], [9.0, 11.0]], years=[2020, 2021])
    w = neighbours.economic(y, style="raw")
    expected = [[0, 1 / 2, 1 / 8], [1 / 2, 0, 1 / 6], [1 / 8, 1 / 6, 0]]
    assert w.matrix.toarray() == pytest.approx(np.array(expected))
    assert neighbours.economic(y.T, style="raw").matrix.toarray() == pytest.approx(np.array(expected))
    squared = neighbours.economic(y, power=2, style="raw")
    assert squared.matrix.toarray() == pytest.approx(np.array(expected) ** 2)
    assert neighbours.economic(y).matrix.sum(axis=1) == pytest.approx(np.ones(3))


def test_product_by_hand():
    # distances 1, 2, 1 degrees; gaps 1, 4, 3: a sees b with 1·1, c with ½·¼
    w = neighbours.economic_geographic(series([1.0, 2.0, 5.0]), POINTS)
    assert w.matrix.toarray()[0] == pytest.approx([0, 8 / 9, 1 / 9])
    # b sees a with 1·1, c with 1·⅓
    assert w.matrix.toarray()[1] == pytest.approx([3 / 4, 0, 1 / 4])


def test_mean_by_hand():
    # a: geographic 2/3, 1/3; economic 4/5, 1/5
    w = neighbours.economic_geographic(series([1.0, 2.0, 5.0]), POINTS, form="mean", geographic_share=0.25)
    assert w.matrix.toarray()[0] == pytest.approx([0, 2 / 12 + 12 / 20, 1 / 12 + 3 / 20])


def test_mean_has_its_parts_as_limits():
    y = series([1.0, 2.0, 5.0])
    away = neighbours.inverse_distance(POINTS).matrix.toarray()
    alike = neighbours.economic(y).matrix.toarray()
    for share, part in ((1.0, away), (0.0, alike)):
        w = neighbours.economic_geographic(y, POINTS, form="mean", geographic_share=share)
        assert w.matrix.toarray() == pytest.approx(part)


def test_shares_by_hand():
    # a: b counts 1·2, c ½·5; the mean of all cancels in rows that sum to 1
    w = neighbours.economic_geographic(series([1.0, 2.0, 5.0]), POINTS, form="shares")
    assert w.matrix.toarray()[0] == pytest.approx([0, 2 / 4.5, 2.5 / 4.5])
    raw = neighbours.economic_geographic(series([1.0, 2.0, 5.0]), POINTS, form="shares", style="raw")
    degree = np.pi * 6378.137 / 180
    assert raw.matrix.toarray()[0, 1] == pytest.approx(2 / (8 / 3) / degree)


def test_shares_allow_equal_means_and_refuse_those_not_above_zero():
    w = neighbours.economic_geographic(series([3.0, 3.0, 3.0]), POINTS, form="shares")
    assert w.matrix.toarray() == pytest.approx(neighbours.inverse_distance(POINTS).matrix.toarray())
    with pytest.raises(DataError, match=r"b \(0\), c \(-1\)"):
        neighbours.economic_geographic(series([3.0, 0.0, -1.0]), POINTS, form="shares")


@given(st.permutations("abc"), st.permutations("abc"), st.sampled_from(["product", "mean", "shares"]))
def test_order_of_regions_changes_nothing(of_values, of_points, form):
    y = series([1.0, 2.0, 5.0])
    w = neighbours.economic_geographic(y, POINTS, form=form)
    turned = neighbours.economic_geographic(y.sel(region=of_values), POINTS.loc[of_points], form=form)
    assert turned.regions == tuple(of_values)
    assert turned.only(w.regions).matrix.toarray() == pytest.approx(w.matrix.toarray(), rel=1e-12)


@given(st.floats(0.001, 1000))
def test_the_unit_of_the_series_changes_nothing(scale):
    y = series([1.0, 2.0, 5.0])
    for build in (neighbours.economic, lambda v: neighbours.economic_geographic(v, POINTS)):
        assert build(y * scale).matrix.toarray() == pytest.approx(build(y).matrix.toarray(), rel=1e-9)


def test_equal_means_are_told_by_pairs():
    # 0.1 + 0.2 differs from 0.3 by rounding alone
    y = series([0.1 + 0.2, 0.3, 7.0, 7.0], regions="abcd")
    with pytest.raises(DataError, match="a–b, c–d") as error:
        neighbours.economic(y)
    assert keys(error) == ["same_mean"]


def test_values_that_are_missing_are_named():
    y = series([[1.0, np.nan], [2.0, 3.0], [np.inf, 1.0]], years=[2020, 2021])
    with pytest.raises(DataError) as error:
        neighbours.economic(y)
    assert [p.params["at"] for p in error.value.problems] == ["a 2021", "c 2020"]


def test_regions_must_be_the_same_in_both():
    with pytest.raises(DataError, match="c: ") as error:
        neighbours.economic_geographic(series([1.0, 2.0, 5.0], regions="abd"), POINTS)
    assert keys(error) == ["without_value"]
    with pytest.raises(DataError) as error:
        neighbours.economic_geographic(series([1.0, 2.0, 5.0, 6.0], regions="abcd"), POINTS)
    assert keys(error) == ["not_held"]


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (lambda y: neighbours.economic(y, power=0), "not_positive"),
        (lambda y: neighbours.economic(y, power=2000), "power_too_high"),
        (lambda y: neighbours.economic_geographic(y, POINTS, form="produkt"), "errors.no_choice"),
        (lambda y: neighbours.economic_geographic(y, POINTS, style="rows"), "errors.no_choice"),
        (lambda y: neighbours.economic(y, style="rows"), "errors.no_choice"),
        (lambda y: neighbours.economic(y, power="2"), "not_positive"),
        (lambda y: neighbours.economic_geographic(y, POINTS, geographic_share="a"), "share_outside"),
        (lambda y: neighbours.economic_geographic(y, POINTS, form="mean", geographic_share=1.5), "share_outside"),
        (lambda y: neighbours.economic_geographic(y, POINTS, power=-1), "not_positive"),
    ],
)
def test_options_out_of_bounds(call, key):
    with pytest.raises(OptionError) as error:
        call(series([1.0, 2.0, 5.0]))
    assert keys(error) == [key]


def test_only_one_series():
    y = series([1.0, 2.0, 5.0]).expand_dims(variable=["gdp"])
    with pytest.raises(DataError, match="variable, region"):
        neighbours.economic(y)
    with pytest.raises(OptionError, match="5000 regions"):
        neighbours.economic(series(np.arange(5000.0), regions=map(str, range(5000))))
