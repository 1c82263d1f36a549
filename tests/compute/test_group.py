"""Means of groups and the nation, and growth."""

import numpy as np
import pytest
import xarray as xr

from ouhe.compute import group
from ouhe.errors import DataError, OuheWarning


@pytest.fixture
def x():
    """Three regions, two years, two systems."""
    return xr.DataArray(
        np.arange(12.0).reshape(3, 2, 2),
        dims=("region", "year", "system"),
        coords={"region": ["a", "b", "c"], "year": [2010, 2012], "system": ["s", "t"]},
    )


def test_means(x):
    m = group.means(x, {"c": "west", "a": "east", "b": "west", "elsewhere": "moon"})
    assert m.dims == ("group", "year", "system")
    assert m["group"].values.tolist() == ["west", "east"]
    # west: b and c, 4…7 and 8…11
    assert m.values.tolist() == [[[6.0, 7.0], [8.0, 9.0]], [[0.0, 1.0], [2.0, 3.0]]]


def test_regions_without_a_group_are_named_or_left_out(x):
    with pytest.raises(DataError) as error:
        group.means(x, {"b": "west"})
    assert [p.params["region"] for p in error.value.problems] == ["a", "c"]
    left = group.means(x, {"b": "west"}, leave_out=True)
    assert left.sel(group="west").values.tolist() == x.sel(region="b").values.tolist()
    with pytest.raises(DataError, match="group"):
        group.means(x, {"elsewhere": "moon"}, leave_out=True)


def test_a_missing_value_stays_in_its_group(x):
    x[0, 0, 0] = np.nan
    m = group.means(x, {"a": "east", "b": "west", "c": "west"})
    assert np.isnan(m.sel(group="east").values).sum() == 1
    assert not np.isnan(m.sel(group="west").values).any()
    assert np.isnan(group.nation(x).values).sum() == 1


def test_chunked_means(x):
    groups = {"a": "east", "b": "west", "c": "west"}
    lazy = group.means(x.chunk({"region": 1, "year": 1}), groups)
    assert lazy.chunks is not None
    xr.testing.assert_allclose(lazy.compute(), group.means(x, groups))


def test_nation(x):
    assert group.nation(x).values.tolist() == [[4.0, 5.0], [6.0, 7.0]]
    raster = xr.DataArray([[[1.0], [2.0]], [[3.0], [6.0]]], dims=("y", "x", "year"))
    assert group.nation(raster).values.tolist() == [3.0]
    # cells outside the study hold nothing
    sea = raster.where(raster != 6.0).assign_coords(inside=(("y", "x"), [[True, True], [True, False]]))
    for some in (sea, sea.chunk(y=1)):
        assert group.nation(some).values.tolist() == [2.0]


def test_growth_of_the_papers_index():
    # 0.105 → 0.200 over 12 years is 5.52 % a year; the paper's 6.03 % divides by 11
    x = xr.DataArray([0.200, 0.105], dims="year", coords={"year": [2022, 2010]})
    assert group.growth(x).item() == pytest.approx(0.0552, abs=5e-5)


def test_growth_from_nothing_is_missing_and_told(x):
    with pytest.warns(OuheWarning, match="1"):
        g = group.growth(x)
    assert np.isnan(g.sel(region="a", system="s").item())
    assert g.sel(region="b", system="s").item() == pytest.approx(sqrt_ratio(6, 4))


def sqrt_ratio(last, first):
    """Growth over two years."""
    return (last / first) ** 0.5 - 1


def test_growth_needs_two_years(x):
    with pytest.raises(DataError):
        group.growth(x.isel(year=[0]))


def test_growth_from_year_to_year(x):
    g = group.yearly_growth(xr.DataArray([3.0, 1.0, 2.0], dims="year", coords={"year": [2012, 2010, 2011]}))
    assert g["year"].values.tolist() == [2011, 2012]
    assert g.values.tolist() == [1.0, 0.5]
    # two years from 4 to 6, as a share a year
    g = group.yearly_growth(x.isel(region=[1, 2]))
    assert g.dims == ("region", "year", "system")
    assert g["year"].values.tolist() == [2012]
    assert g.sel(region="b", system="s").item() == pytest.approx(sqrt_ratio(6, 4))


def test_growth_by_year_makes_up_the_average(x):
    x = xr.concat([x + 1, (x + 3).assign_coords(year=[2013, 2017]) ** 1.5], "year")
    yearly = group.yearly_growth(x)
    spans = xr.DataArray([2, 1, 4], dims="year", coords={"year": [2012, 2013, 2017]})
    together = ((1 + yearly) ** spans).prod("year") ** (1 / 7) - 1
    xr.testing.assert_allclose(together, group.growth(x).rename(None))


def test_growth_by_year_that_does_not_exist_is_missing_and_told(x):
    x[1, 1, 0] = np.nan
    x[2, 0, 1] = -1.0
    with pytest.warns(OuheWarning) as told:
        g = group.yearly_growth(x)
    # a from 0, b without a value, c from below 0
    assert [(w.message.problem.key, w.message.problem.params["count"]) for w in told] == [
        ("density.no_yearly_growth", 3)
    ]
    assert g.isnull().sum().item() == 3
    assert np.isfinite(g.sel(region="c", system="s")).all()


def test_growth_by_year_needs_two_years_and_stays_lazy(x):
    with pytest.raises(DataError):
        group.yearly_growth(x.isel(year=[0]))
    lazy = group.yearly_growth((x + 1).chunk({"region": 1}))
    assert lazy.chunks is not None
    xr.testing.assert_allclose(lazy.compute(), group.yearly_growth(x + 1))
