"""Classes: open below, closed above; counts of classes and moves between them."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ouhe.compute.classify import classify, counts, moves, shares
from ouhe.errors import DataError, OptionError

NINE = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def degrees(values):
    """One value a region."""
    return xr.DataArray(values, dims="region", coords={"region": [f"r{i}" for i in range(len(values))]})


def test_bounds_belong_to_the_class_below():
    d = degrees([0.0, 0.1, 0.2, 0.2000001, 0.3, 0.30001, 0.9, 0.95, 1.0])
    codes = classify(d, upper=NINE)
    assert codes.values.tolist() == [0, 0, 0, 1, 1, 2, 7, 8, 8]
    assert codes.dtype == np.int16
    assert codes["region"].equals(d["region"])


def test_rounding_beyond_the_ends_is_none():
    assert classify(degrees([-1e-17, 1.0 + 4e-16]), upper=NINE).values.tolist() == [0, 8]


@pytest.mark.parametrize("chunks", [None, {"region": 2}])
def test_values_outside_are_refused(chunks):
    d = degrees([0.1, 1.1, np.nan, -0.2])
    with pytest.raises(DataError) as error:
        classify(d.chunk(chunks) if chunks else d, upper=NINE).compute()
    if chunks is None:
        assert [p.message("en").split(" is")[0] for p in error.value.problems] == ["r1", "r2", "r3"]


@pytest.mark.parametrize("upper", [[], [0.0, 1.0], [0.5, 0.5], [0.7, 0.5, 1.0], [0.5, np.nan], [0.5, np.inf]])
def test_bounds_must_rise_from_above_zero(upper):
    with pytest.raises(OptionError):
        classify(degrees([0.1]), upper=upper)


@pytest.fixture
def level():
    """Classes of four regions in two years (the later one first) and two scenarios."""
    return xr.DataArray(
        np.array([[[0, 2], [0, 0]], [[1, 2], [0, 0]], [[1, 2], [1, 0]], [[0, 1], [2, 1]]], dtype=np.int16),
        dims=("region", "year", "scenario"),
        coords={"region": list("abcd"), "year": [2022, 2010]},
        name="class",
    )


def test_counts_and_shares_by_hand(level):
    found = counts(level, classes=4)
    assert found.dims == ("class", "year", "scenario")
    assert found["class"].values.tolist() == [0, 1, 2, 3]
    assert found.sel(year=2022).values.tolist() == [[2, 0], [2, 1], [0, 3], [0, 0]]
    assert found.sel(year=2010).values.tolist() == [[2, 3], [1, 1], [1, 0], [0, 0]]
    assert shares(level, classes=4).sel(year=2022, scenario=0).values.tolist() == [0.5, 0.5, 0.0, 0.0]
    assert found.dtype == np.int64


def test_moves_by_hand(level):
    found = moves(level, classes=3)
    assert found.dims == ("first_class", "last_class", "scenario")
    # from 2010 to 2022: a 0 → 0, b 0 → 1, c 1 → 1, d 2 → 0
    assert found.sel(scenario=0).values.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
    assert found.sel(scenario=1).values.tolist() == [[0, 0, 3], [0, 1, 0], [0, 0, 0]]
    assert found["first_class"].values.tolist() == found["last_class"].values.tolist() == [0, 1, 2]


def test_many_classes_do_not_overflow():
    level = xr.DataArray(
        np.array([[0, 299], [299, 299]], dtype=np.int16), dims=("region", "year"), coords={"year": [1, 2]}
    )
    found = moves(level, classes=300)
    assert (found[0, 299].item(), found[299, 299].item(), found.sum().item()) == (1, 1, 2)


def test_moves_need_two_years(level):
    with pytest.raises(DataError, match="two years"):
        moves(level.isel(year=[0]), classes=3)


def test_classes_that_are_not_there_are_named(level):
    level[2, 0, 1] = -1
    for function in (counts, shares, moves):
        with pytest.raises(DataError) as error:
            function(level, classes=2)
        # class −1, and those of 2
        assert [p.params["at"] for p in error.value.problems] == ["a 2022 1", "b 2022 1", "c 2022 1", "d 2010 0"]
    with pytest.raises(DataError):
        counts(level.astype(float).where(level >= 0), classes=3)


@pytest.mark.parametrize("classes", [0, -1, 2.5, True, "nine-level"])
def test_the_number_of_classes_is_a_whole_number(level, classes):
    with pytest.raises(OptionError, match="number of classes"):
        counts(level, classes=classes)


def test_counts_of_a_raster_and_of_chunked_values(level):
    raster = xr.DataArray([[[0], [1]], [[1], [1]]], dims=("y", "x", "year"))
    assert counts(raster, classes=2).values.tolist() == [[1], [3]]
    assert shares(raster, classes=2).values.tolist() == [[0.25], [0.75]]
    lazy = level.chunk({"region": 2})
    xr.testing.assert_identical(counts(lazy, classes=3), counts(level, classes=3))
    xr.testing.assert_identical(moves(lazy, classes=3), moves(level, classes=3))


@pytest.mark.parametrize("chunks", [None, {"year": 1, "y": 2, "x": 3}, {"y": 1}])
def test_cells_outside_the_study_are_not_counted(chunks):
    rng = np.random.default_rng(0)
    mask = rng.random((5, 6)) < 0.6
    mask[:2, :3] = False  # a whole chunk
    codes = np.where(mask, rng.integers(0, 4, (3, 5, 6)), -1).astype(np.int16)
    raster = xr.DataArray(
        codes, dims=("year", "y", "x"), coords={"year": [2010, 2011, 2012], "inside": (("y", "x"), mask)}, name="class"
    )
    regions = xr.DataArray(codes[:, mask].T, dims=("region", "year"), coords={"year": raster["year"]}, name="class")
    raster = raster.chunk(chunks) if chunks else raster
    for function in (counts, shares, moves):
        xr.testing.assert_identical(function(raster, classes=4), function(regions, classes=4))
    wrong = raster.copy(data=xr.where(mask, raster.variable, 4).data if chunks is None else raster.data)
    xr.testing.assert_identical(counts(wrong, classes=4), counts(regions, classes=4))
    with pytest.raises(DataError):
        counts(raster, classes=3)


@given(hnp.arrays(np.int16, (7, 3, 2), elements=st.integers(0, 4)), st.permutations(range(7)))
def test_laws_of_counts(values, order):
    level = xr.DataArray(values, dims=("region", "year", "draw"), coords={"year": [2010, 2015, 2020]})
    found, moved = counts(level, classes=5), moves(level, classes=5)
    assert (found.sum("class") == 7).all()
    np.testing.assert_allclose(shares(level, classes=5).sum("class"), 1.0)
    # rows of moves are the counts of the first year, columns those of the last
    np.testing.assert_array_equal(moved.sum("last_class"), found.sel(year=2010))
    np.testing.assert_array_equal(moved.sum("first_class"), found.sel(year=2020))
    steps = moved["last_class"] - moved["first_class"]
    won = (level.sel(year=2020) - level.sel(year=2010)).sum("region")
    np.testing.assert_array_equal((moved * steps).sum(["first_class", "last_class"]), won)
    xr.testing.assert_identical(counts(level.isel(region=list(order)), classes=5), found)
