"""Brackets that hold a unit, and brackets that are part of a name."""

import time
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe import regions
from ouhe.read import LAYOUTS, ReadOptions
from ouhe.read.sheets import open_sheets
from ouhe.read.units import is_unit, split_unit

UNITS = [
    "%",
    "‰",
    "个",
    "万人",
    "万元",
    "亿元",
    "元/人",
    "亿元/万人",
    "人年/万人",
    "张/万人",
    "件/万人",
    "家/万人",
    "万吨标煤",
    "万吨标准煤/亿元",
    "亿千瓦时",
    "万千米",
    "公里",
    "平方米/人",
    "人/平方公里",
    "微克/立方米",
    "万公顷",
    "册/百人",
    "年",
    "次",
    "分",
    "点",
    "μg/m³",
    "km²",
    "kg",
    "GB",
    "kWh",
    "yuan/person",
    "10 000 yuan",
    "100 million yuan",
    "persons per km2",
    "yuan per person",
    "tons of standard coal",
    "man-year",
]
NAMES = [
    "农村",
    "城镇",
    "上年=100",
    "2010年=100",
    "R&D",
    "规模以上",
    "人口抽样调查",
    "当年价",
    "不含农户",
    "SCI",
    "男",
    "合计",
    "进出口/GDP",
    "现价",
    "按常住人口",
    "N",
    "rural",
    "previous year = 100",
    "per capita",
    "",
]


@pytest.mark.parametrize("text", UNITS)
def test_units(text):
    assert is_unit(text)
    assert split_unit(f"人口（农村）（{text}）") == ("人口（农村）", text)


@pytest.mark.parametrize("text", NAMES)
def test_names(text):
    assert not is_unit(text)
    assert split_unit(f"GDP({text})") == (f"GDP({text})", "")


@given(st.text(alphabet="人口(（）)万元 x"))
def test_nothing_but_a_unit_in_brackets_is_cut(text):
    name, unit = split_unit(text)
    assert name == text.strip() if not unit else is_unit(unit)
    assert text.strip().startswith(name)


@pytest.mark.parametrize("text", ["1" * 5000, "1 0," * 5000 + "x", "万" * 5000, "人/" * 5000])
def test_a_long_text_takes_no_time(text):
    start = time.perf_counter()
    assert not is_unit(text)
    assert time.perf_counter() - start < 1


CHINA = regions.load("china-provinces")


@pytest.mark.parametrize("header", ["人口（农村）", "人口(2010年=100)", "人口（抽样）"])
@pytest.mark.parametrize("layout", ["long", "wide", "nbs", "yearbook"])
def test_a_bracket_that_is_no_unit_makes_another_name(tmp_path, layout, header):
    path = tmp_path / "a.csv"
    path.write_text(
        {
            "long": f"地区,年份,{header}\n北京,2020,1\n天津,2020,2\n",
            "wide": f"{header}\n地区,2020,2021\n北京,1,2\n天津,3,4\n",
            "nbs": f"数据库：分省年度数据\n指标：{header}\n地区,2020年,2021年\n北京,1,2\n天津,3,4\n",
            "yearbook": f"1-1 各地区(2020年)\n地区,{header},面积(公顷)\n北京,1,2\n天津,3,4\n",
        }[layout],
        encoding="utf-8",
    )
    reader, sheets = LAYOUTS[layout], open_sheets(path, file="a.csv", options=ReadOptions())
    other = ReadOptions(names={"pop": ("人口",), "gdp": ("GDP",)})
    reading = reader(sheets, file="a.csv", regions=CHINA, options=other)
    assert (len(reading.cells), reading.units) == (0, {})
    assert normalize("NFKC", header) in [normalize("NFKC", x.label) for x in reading.left_out]
    asked = ReadOptions(names={"pop": (header,), "gdp": ("GDP",)})
    assert set(reader(sheets, file="a.csv", regions=CHINA, options=asked).cells["series"]) == {"pop"}
