from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import panel
from ouhe.errors import DataError
from ouhe.panel import Indicator


def frame() -> pd.DataFrame:
    return pd.DataFrame({"region": ["b", "a", "b"], "year": [2021, 2020, 2020], "gdp": [3.0, 1.0, 2.0]})


def test_regions_in_order_of_appearance_and_years_rising() -> None:
    x = panel.from_frame(frame())
    assert x.dims == ("region", "year", "indicator")
    assert x["region"].values.tolist() == ["b", "a"]
    assert x["year"].values.tolist() == [2020, 2021]
    assert x.sel(indicator="gdp").values.tolist()[0] == [2.0, 3.0]
    assert np.isnan(x.sel(region="a", year=2021, indicator="gdp"))


@given(st.permutations(range(6)))
def test_to_frame_undoes_from_frame_whatever_the_order_of_rows(order: list[int]) -> None:
    table = pd.DataFrame(
        {"region": ["a", "a", "b", "b", "c", "c"], "year": [1, 2] * 3, "u": np.arange(6.0), "v": np.arange(6.0) ** 2}
    )
    long = panel.to_frame(panel.from_frame(table.iloc[order]))
    back = long.pivot_table(index=["region", "year"], columns="indicator", values="value").reset_index()
    pd.testing.assert_frame_equal(back, table, check_names=False, check_dtype=False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"gdp": ["x", "y", "z"]}, 'column "gdp" holds something other than numbers'),
        ({"year": ["a", "b", "c"]}, 'column "year" holds something other than numbers'),
        ({"year": [2020, 2020, 2020]}, "b 2020 stands twice"),
    ],
)
def test_tables_that_are_no_panel(change: dict[str, list[object]], said: str) -> None:
    with pytest.raises(DataError, match=said):
        panel.from_frame(frame().assign(**change))


def test_all_that_is_wrong_with_a_table_is_told_together() -> None:
    with pytest.raises(DataError) as caught:
        panel.from_frame(frame().drop(columns="year").assign(gdp="x"))
    assert len(caught.value.problems) == 2


def test_describe_puts_the_tree_on_the_array_and_cuts_it_to_the_indicators() -> None:
    x = xr.DataArray(np.ones((1, 1, 3)), dims=("region", "year", "indicator"), coords={"indicator": ["a", "b", "c"]})
    described = panel.describe(x, [Indicator("c", "S", ("d", "e"), "negative", "C", "m"), Indicator("a", "T")])
    assert described["indicator"].values.tolist() == ["c", "a"]
    assert described["system_of"].values.tolist() == ["S", "T"]
    assert described["dimension_of"].values.tolist() == ["d", "T"]
    assert described["path_of"].values.tolist() == ["d > e", ""]
    assert described["direction"].values.tolist() == ["negative", "positive"]
    assert described["name"].values.tolist() == ["C", "a"]


def test_only_regions_and_the_axes_of_a_raster_are_places() -> None:
    grid = xr.DataArray(np.zeros((2, 3, 4, 5)), dims=("y", "x", "year", "indicator"))
    assert panel.region_dims(grid) == ("y", "x")
    assert panel.region_dims(grid.expand_dims("scenario")) == ("y", "x")
    assert panel.pooled_dims(grid) == ("y", "x", "year")


@pytest.mark.parametrize("chunked", [False, True])
def test_wrong_cells_are_named_and_the_rest_counted(chunked: bool) -> None:
    x = xr.DataArray(np.arange(30.0).reshape(5, 6), dims=("region", "year"), coords={"region": list("abcde")})
    x = x.chunk(region=2) if chunked else x
    told = panel.where(x, x >= 5, "panel.twice", most=2)
    assert [p.params["at"] for p in told[:2]] == ["a 5", "b 0"]
    assert [p.params["value"] for p in told[:2]] == [5.0, 6.0]
    assert told[2].message("en") == "… and 23 more of this kind"
