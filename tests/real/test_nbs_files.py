"""Seven exports of the statistics bureau as downloaded, and their owner's own merge of them."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ouhe import regions
from ouhe.read import Assembled, Reading, ReadOptions, assemble, read_entry

pytestmark = pytest.mark.real

CHINA = regions.load("china-provinces")
YEARS = range(2005, 2026)
#: Indicator of an export → the column of the owner's merge that holds it.
MERGED = {
    "地区生产总值": "GDP_亿元",
    "人口数(人口抽样调查)": "人口数_抽样调查_人",
    "65岁及以上人口数(人口抽样调查)": "65岁以上人口_抽样调查_人",
    "城镇单位就业人员": "城镇单位就业人员_万人",
    "私营企业和个体就业人员": "私营个体就业人员_NBS_万人",
    "固定资产投资(不含农户)实际到位资金_比上年增长": "固定资产投资到位资金增速_%",
    "公有经济企事业单位专业技术人员数": "公有单位专业技术人员_NBS_人",
}


def read(folder: Path, pattern: str) -> Reading:
    paths = [(p, p.name) for p in folder.glob(pattern)]
    return read_entry(paths, regions=CHINA, options=ReadOptions())


def panel(reading: Reading, series: list[str]) -> Assembled:
    return assemble([reading], regions=CHINA, years=YEARS, series=series)


@pytest.fixture(scope="module")
def exports(shared_data) -> Reading:
    folder = shared_data / "nbs"
    plain = read(folder, "分省年度数据.csv")
    return plain + read(folder, "分省年度数据 (*).csv")


@pytest.fixture(scope="module")
def ours(exports) -> xr.DataArray:
    return panel(exports, list(MERGED)).values


@pytest.fixture(scope="module")
def merged(shared_data) -> xr.DataArray:
    reading = read(shared_data / "nbs", "分省年度数据_整合.csv")
    assert reading.problems == ()
    return panel(reading, list(dict.fromkeys(reading.cells["series"]))).values


def test_all_seven_are_read_without_a_problem(exports):
    assert exports.problems == ()
    assert [(s.layout, s.encoding) for s in exports.sources] == [("nbs", "gb18030")] * 7
    assert set(exports.cells["series"]) == set(MERGED)
    # six exports of 20 years and one of 19, empty years included, for 31 provinces each
    assert len(exports.cells) == 31 * (6 * 20 + 19)
    assert {x.reason for x in exports.left_out} == {"footer"}
    assert len(exports.matches) == 31


def test_units_are_what_the_last_brackets_hold(exports):
    assert [exports.units[s] for s in MERGED] == ["亿元", "人", "人", "万人", "万人", "%", "人"]


def test_values_as_the_files_print_them(ours):
    assert ours.sel(region="北京", year=2022, indicator="地区生产总值").item() == 45222.4
    assert ours.sel(region="新疆", year=2006, indicator="地区生产总值").item() == 2984.5
    assert ours.sel(region="天津", year=2022, indicator="固定资产投资(不含农户)实际到位资金_比上年增长").item() == -22.1


def test_they_share_no_single_year(ours):
    held = ours.notnull().any("region")
    assert not held.all("indicator").any()
    assert not held.sel(indicator="人口数(人口抽样调查)", year=[2020, 2025]).any()


@pytest.mark.parametrize("series", list(MERGED))
def test_every_cell_equals_the_owners_merge(ours, merged, series):
    mine, theirs = ours.sel(indicator=series), merged.sel(indicator=MERGED[series])
    np.testing.assert_array_equal(mine.values, theirs.values)


def test_where_the_owner_merged_other_sources_the_values_differ(ours, merged):
    # these columns mix in yearbook figures: other rounding, and years the exports lack
    mine, theirs = ours.sel(indicator="人口数(人口抽样调查)"), merged.sel(indicator="总人口数_人")
    both = mine.notnull() & theirs.notnull()
    assert (int(both.sum()), int((both & (mine != theirs)).sum())) == (527, 17)
    assert (mine.sel(region="北京", year=2014).item(), theirs.sel(region="北京", year=2014).item()) == (17757, 17758)
