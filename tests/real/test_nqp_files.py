"""The raw panel of a published study, and the database exports it was built from."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ouhe import regions
from ouhe.read import Assembled, ReadOptions, assemble, read_entry

pytestmark = pytest.mark.real

CHINA = regions.load("china-provinces")
PANEL = "面板原始数据_合并版v2.xlsx"
MACRO = "中国宏观经济数据库-年度（分省级）.xlsx"
ENERGY = "中国能源数据库-年度（分省）.xlsx"
SCORES = "面板数据_最终测度得分结果.csv"
#: Series of an export of EPS → the column of the panel that was made from it.
FROM_EPS = {
    "地区生产总值（当年价）（亿元）": "GDP（亿元）",
    "城镇人口所占比重（%）": "城镇化率（%）",
    "一般公共预算支出（亿元）": "一般公共预算支出（亿元）",
    "铁路营业里程（公里）": "基础设施_铁路里程（公里）",
    "公路里程（公里）": "基础设施_公路里程（公里）",
}


def whole(folder: Path, file: str, layout: str) -> Assembled:
    reading = read_entry([(folder / file, file)], regions=CHINA, options=ReadOptions())
    assert reading.problems == ()
    assert {s.layout for s in reading.sources} == {layout}
    series = list(dict.fromkeys(reading.cells["series"]))
    return assemble([reading], regions=CHINA, years=range(2011, 2024), series=series)


@pytest.fixture(scope="module")
def panel(shared_data) -> xr.DataArray:
    return whole(shared_data / "nqp-spatial", PANEL, "long").values


def test_the_raw_panel_has_403_rows_and_977_missing_cells(panel):
    assert panel.shape == (31, 13, 31)
    assert int(panel.isnull().sum()) == 977


def test_values_as_the_workbook_shows_them(panel):
    assert panel.sel(region="上海", year=2012, indicator="R&D人员全时当量（人年）").item() == 82354.8
    assert panel.sel(region="黑龙江", year=2023, indicator="技术市场成交额（万元）").item() == 1128827.0
    # a number stored as text
    assert panel.sel(region="黑龙江", year=2020, indicator="数字普惠金融总指数").item() == 306.0752890499785


def test_the_exports_of_eps_agree_with_the_panel_made_from_them(shared_data, panel):
    folder = shared_data / "nqp-spatial"
    macro, energy = whole(folder, MACRO, "wide"), whole(folder, ENERGY, "wide")
    assert list(macro.values.indicator.values) == list(FROM_EPS)
    for theirs, ours in FROM_EPS.items():
        np.testing.assert_array_equal(macro.values.sel(indicator=theirs).values, panel.sel(indicator=ours).values)
    series = "能源消费量（万吨标煤）"
    np.testing.assert_array_equal(energy.values.sel(indicator=series).values, panel.sel(indicator=series).values)
    assert energy.units == {series: "万吨标煤"}
    assert {x.reason for x in (*macro.left_out, *energy.left_out)} == {"footer"}


def test_the_scores_repeat_the_raw_columns_they_did_not_fill(shared_data, panel):
    scores = whole(shared_data / "nqp-spatial", SCORES, "long").values
    shared = sorted(set(scores.indicator.values) & set(panel.indicator.values))
    assert len(shared) == 15
    raw, filled = panel.sel(indicator=shared), scores.sel(indicator=shared)
    assert int(filled.isnull().sum()) == 0
    # their CSV prints 16 significant digits, of which the last is rounded
    # text cells of the workbook and the CSV give different numbers of digits: 6e-13 at most
    xr.testing.assert_allclose(filled.where(raw.notnull()), raw, rtol=1e-12, atol=0)


def test_the_tidied_yearbooks_of_others_are_a_long_table(shared_data):
    reading = read_entry(
        [(shared_data / "techme/core_2010_2022.csv", "core.csv")], regions=CHINA, options=ReadOptions()
    )
    assert reading.problems == ()
    assert len(reading.cells) == 31 * 13 * 36
    assert int(reading.cells["value"].isna().sum()) == 294
