"""Years, as cells and inside texts."""

import datetime as dt

import pytest

from ouhe.read.years import any_year_in, year_of, years_in


@pytest.mark.parametrize(
    "cell",
    [2022, 2022.0, "2022", "2022.0", " 2022 年", "２０２２年度", "2022/12/31", "2022-12-31T00:00", dt.date(2022, 1, 1)],
)
def test_cells_that_are_a_year(cell):
    assert year_of(cell) == 2022


@pytest.mark.parametrize("cell", [None, True, "", "2022Q1", "20222", 1500, 2022.5, float("nan"), "北京2022", "2100"])
def test_cells_that_are_none(cell):
    assert year_of(cell) is None


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2-15 各地区专利(2022年)", (2022,)),
        ("2019年和2020年", (2019, 2020)),
        ("GDP(2015)按2010价", (2015,)),
        ("panel_2020", (2020,)),
        ("2010-2022", ()),
        ("2010年～2022年", ()),
        ("1234 和 3000", ()),
        ("2020.5", ()),
    ],
)
def test_single_years_in_a_text(text, years):
    assert years_in(text) == years


def test_ranges_count_where_any_year_is_wanted():
    assert any_year_in("年鉴 2010-2022") == (2010, 2022)
