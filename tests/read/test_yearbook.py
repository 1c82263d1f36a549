"""Printed yearbook sheets, on small ones of the kinds that occur; the real ones are in tests/real."""

import math

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ouhe import regions, text
from ouhe.errors import DataError
from ouhe.read.reading import ReadOptions
from ouhe.read.sheets import open_sheets
from ouhe.read.yearbook import read_yearbook

CHINA = regions.load("china-provinces")

TITLE = ["1-4 各地区R&D人员全时当量(2020年)"]
ENGLISH = ["Full-time Equivalent of R&D Personnel by Region (2020)"]
UNIT = ["单位:人年"]
HEADER = ["地 区", "Region", "R&D人员\n全时当量\nTotal", "#研究人员\nResearchers"]
NATION = ["全 国", "National Total", "300", "150"]
BEIJING = ["北 京", "Beijing", "1,000", "500"]
TIANJIN = ["天 津", "Tianjin", 200.5, "…"]
HEBEI = ["河 北", "Hbei", "30", "-"]
SHEET = [
    TITLE,
    ENGLISH,
    UNIT,
    ["(man-year)"],
    HEADER,
    NATION,
    ["东部地区", "Eastern Region", 1, 2],
    BEIJING,
    TIANJIN,
    HEBEI,
]


@pytest.fixture(autouse=True)
def english():
    with text.use("en"):
        yield


@pytest.fixture
def table(tmp_path):
    """Function that writes sheets to a workbook and reads it."""

    def reading(*sheets, name="2020.xlsx", merged=(), region_set=CHINA, **options):
        path = tmp_path / name
        with xlsxwriter.Workbook(path) as book:
            for i, rows in enumerate(sheets):
                tab, lines = rows if isinstance(rows, tuple) else (f"s{i}", rows)
                page = book.add_worksheet(tab)
                for first in merged:
                    page.merge_range(first, "")
                for r, row in enumerate(lines):
                    for c, cell in enumerate(row):
                        if cell != "":
                            page.write(r, c, cell)
        options = ReadOptions(**options)
        sheets = [s.said(layout="yearbook") for s in open_sheets(path, file=f"rd/{name}", options=options)]
        return read_yearbook(sheets, file=f"rd/{name}", regions=region_set, options=options)

    return reading


def values(reading):
    """{(region, year, series): value} without the missing ones."""
    rows = reading.cells[["region", "year", "series", "value"]].itertuples(index=False)
    return {(r, y, s): v for r, y, s, v in rows if not math.isnan(v)}


def keys(reading):
    return [p.key.partition(".")[2] for p in reading.problems]


# --- a whole sheet


def test_a_sheet_is_read_as_it_is(table):
    reading = table(SHEET)
    assert reading.problems == ()
    assert values(reading) == {
        ("北京", 2020, "R&D人员全时当量"): 1000.0,
        ("北京", 2020, "研究人员"): 500.0,
        ("天津", 2020, "R&D人员全时当量"): 200.5,
        ("河北", 2020, "R&D人员全时当量"): 30.0,
    }
    assert len(reading.cells) == 6
    assert reading.units == {"R&D人员全时当量": "人年", "研究人员": "人年"}
    (source,) = reading.sources
    assert (source.file, source.layout, source.title) == ("rd/2020.xlsx", "yearbook", TITLE[0])
    assert [(x.label, x.reason, x.row) for x in reading.left_out] == [
        ("全 国", "national", 5),
        ("东部地区", "macro-region", 6),
    ]
    cell = reading.cells.set_index(["region", "series"]).loc[("天津", "R&D人员全时当量")]
    assert (cell["row"], cell["column"], cell["edition"], cell["source"]) == (8, 2, 2020, 0)


def test_long_names_are_listed_with_what_they_were_taken_for(table):
    reading = table([TITLE, ["地区", "人数"], ["北京市", 1], ["天 津", 2], ["內蒙古", 3]])
    assert [(m.label, m.region, m.how) for m in reading.matches] == [
        ("北京市", "北京", "full-name"),
        ("內蒙古", "内蒙古", "traditional"),
    ]


# --- headers

ASKED = {"all": ("R&D人员全时当量",), "researchers": ("研究人员",), "basic": ("基础研究",)}
BODY = [["北京", "Beijing", 3, 2, 1], ["天津", "Tianjin", 6, 5, 4]]
EDITIONS = {
    "stacked, the total's header begins a row higher": (
        [
            TITLE,
            ["单位：人年", "(man-year)"],
            ["地    区", "Region", "R&D人员"],
            ["", "", "全时当量", "#研究人员", "基础研究"],
            ["", "", "Total", "Researchers", "Basic"],
            ["", "", "", "", "Research"],
            [],
        ],
        [],
    ),
    "broken lines, the total merged over two rows": (
        [
            TITLE,
            UNIT,
            ["地 区", "Region", "R&D人员\r\n全时当量\r\nTotal"],
            ["", "", "", "# 研究\n人员\nResearchers", "基础研究\nBasic\nResearch"],
        ],
        ["A3:A4", "B3:B4", "C3:C4", "D3:E3"],
    ),
    "one row with units, the header of regions last": (
        [
            TITLE,
            ["", "", "R＆D 人员", "其中：", "基 础"],
            ["地 区", "Region", "全时当量（人年）", "研究人员(人年)", "研 究\n(man-year)"],
        ],
        [],
    ),
    "title over all columns, unit at the right": (
        [
            TITLE,
            ["单位：人年", "", "", "", "(man-year)"],
            ["地区", "Region", "R&D人员全时当量", "#研究人员", "基础研究"],
        ],
        ["A1:E1"],
    ),
}


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_same_names_fit_every_edition(table, edition):
    head, merged = EDITIONS[edition]
    reading = table(head + BODY, merged=merged, names=ASKED, required=True)
    assert reading.problems == ()
    assert values(reading) == {
        ("北京", 2020, "all"): 3.0,
        ("北京", 2020, "researchers"): 2.0,
        ("北京", 2020, "basic"): 1.0,
        ("天津", 2020, "all"): 6.0,
        ("天津", 2020, "researchers"): 5.0,
        ("天津", 2020, "basic"): 4.0,
    }
    assert set(reading.units.values()) == {"人年"}


@pytest.mark.parametrize(
    "name", ["R&D人员 > 研究人员", "R&D人员全时当量>#研究 人员", "R&D人员＞研究人员", "Researchers"]
)
@pytest.mark.parametrize("edition", list(EDITIONS)[:2])
def test_a_header_is_named_by_its_path_or_in_english(table, name, edition):
    head, merged = EDITIONS[edition]
    reading = table(head + BODY, merged=merged, names={"r": (name,)}, required=True)
    assert reading.problems == ()
    assert values(reading) == {("北京", 2020, "r"): 2.0, ("天津", 2020, "r"): 5.0}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["", " ", "\n", "\r\n", "\u3000", "\u00a0"]), min_size=6, max_size=6), st.booleans())
def test_spaces_breaks_and_marks_in_a_header_change_nothing(table, gaps, mark):
    spaced = "".join(gap + c for gap, c in zip(gaps, "试验发展人员", strict=True))
    head = ["地区", "#" * mark + spaced + "(人年)", "基础研究"]
    reading = table([TITLE, head, ["北京", 1, 2], ["天津", 3, 4]], names={"x": ("试验发展人员",)}, required=True)
    assert values(reading) == {("北京", 2020, "x"): 1.0, ("天津", 2020, "x"): 3.0}


TWO_TOTALS = [
    TITLE,
    ["地区", "篇数(篇) Pieces(piece)", "", "位次 Precedence"],
    ["", "SCI", "CPCI-S", "SCI", "CPCI-S"],
    ["北京", 10, 20, 1, 2],
    ["天津", 30, 40, 3, 4],
]
SPANS = ["A2:A3", "B2:C2", "D2:E2"]


def test_headers_over_several_columns_make_paths(table):
    reading = table(TWO_TOTALS, merged=SPANS)
    assert list(dict.fromkeys(reading.cells["series"])) == [
        "篇数 > SCI",
        "篇数 > CPCI-S",
        "位次 > SCI",
        "位次 > CPCI-S",
    ]
    assert reading.units == {"篇数 > SCI": "篇", "篇数 > CPCI-S": "篇"}


@pytest.mark.parametrize("name", ["篇数 > SCI", "篇数SCI", "篇数(篇) > sci", "篇 数 > S C I"])
def test_a_path_names_one_of_two(table, name):
    assert values(table(TWO_TOTALS, merged=SPANS, names={"x": (name,)}, required=True))[("北京", 2020, "x")] == 10.0


def test_a_header_in_one_row_answers_to_the_same_path(table):
    flat = [
        TITLE,
        ["地区", "篇数SCI", "篇数cpcis", "位次SCI", "位次cpcis"],
        ["北京", 10, 20, 1, 2],
        ["天津", 3, 4, 5, 6],
    ]
    reading = table(flat, names={"x": ("篇数 > SCI",), "y": ("篇数 > CPCI-S",)}, required=True)
    assert reading.problems == ()
    assert values(reading)[("北京", 2020, "y")] == 20.0
    assert [x.label for x in reading.left_out if x.reason == "not-asked"] == ["位次SCI", "位次cpcis"]
    assert list(dict.fromkeys(table(flat).cells["series"])) == ["篇数SCI", "篇数cpcis", "位次SCI", "位次cpcis"]


def test_a_name_that_fits_several_columns_lists_their_paths(table):
    reading = table(TWO_TOTALS, merged=SPANS, names={"x": ("SCI",), "y": ("篇数 > CPCI-S",)}, required=True)
    assert keys(reading) == ["several_headers"]
    said = str(reading.problems[0])
    assert 'B3 "篇数 > SCI", D3 "位次 > SCI"' in said
    assert {s for _, _, s in values(reading)} == {"y"}


def test_a_whole_path_is_preferred_to_the_end_of_another(table):
    rows = [TITLE, ["地区", "合计", "其他人员"], ["", "", "合计", "男"], ["北京", 1, 2, 3], ["天津", 4, 5, 6]]
    reading = table(rows, merged=["C2:D2"], names={"x": ("合计",)}, required=True)
    assert values(reading) == {("北京", 2020, "x"): 1.0, ("天津", 2020, "x"): 4.0}


def test_two_columns_of_one_name_are_a_problem_without_names(table):
    reading = table([TITLE, ["地区", "合计", "合计", "男"], ["北京", 1, 2, 3], ["天津", 4, 5, 6]])
    assert keys(reading) == ["several_headers"]
    assert {s for _, _, s in values(reading)} == {"男"}


def test_a_name_that_fits_no_column_lists_the_columns(table):
    reading = table(SHEET, names={"a": ("R&D人员全时当量",), "b": ("研究人",)}, required=True)
    assert keys(reading) == ["no_series"]
    said = str(reading.problems[0])
    assert 'did you mean "研究人员"' in said
    assert "other headers in the file: 研究人员" in said
    assert table(SHEET, names={"a": ("R&D人员全时当量",), "b": ("研究人",)}).problems == ()


def test_a_name_may_stand_in_any_sheet_of_a_file(table):
    other = [["1-5 经费(2020年)"], ["地区", "经费(万元)"], ["北京", 1], ["天津", 2]]
    reading = table(SHEET, other, names={"a": ("研究人员",), "b": ("经费",)}, required=True)
    assert reading.problems == ()
    assert {s for _, _, s in values(reading)} == {"a", "b"}
    assert reading.units == {"a": "人年", "b": "万元"}


def test_units_of_several_columns(table):
    head = [TITLE, ["单位:个,亿元"], ["地区", "企业数\n(个)", "利润"], ["北京", 1, 2], ["天津", 1, 2]]
    assert table(head).units == {"企业数": "个", "利润": "亿元"}
    head[2] = ["地区", "企业数", "利润"]
    assert table(head).units == {}


def test_figures_under_no_header(table):
    rows = [TITLE, ["地区", "人数"], ["北京", 1, 9], ["天津", 2, 9]]
    assert keys(table(rows)) == ["no_header"]
    asked = table(rows, names={"x": ("人数",)}, required=True)
    assert asked.problems == ()
    assert ("C3", "not-asked") in [(x.label, x.reason) for x in asked.left_out]


def test_headers_that_look_like_table_numbers(table):
    rows = [["2-3 人口(2020年)"], ["地区", "0-14岁", "15-64岁"], ["北京", 1, 2], ["天津", 3, 4]]
    reading = table(rows)
    assert list(dict.fromkeys(reading.cells["series"])) == ["0-14岁", "15-64岁"]
    assert reading.sources[0].title == "2-3 人口(2020年)"


# --- years


def test_years_in_the_header_and_the_edition_in_the_file_name(table):
    rows = [
        ["1-8  各地区研究与试验发展(R&D)经费投入强度"],
        ["单位：%"],
        ["地区", "Region", 2018.0, "2019年", "2020"],
        [],
        ["北京", "Beijing", 5.65, "6.3", 6.44],
        ["天津", "Tianjin", 3.68, 3.29, 3.44],
    ]
    reading = table(rows, name="edition-2021.xlsx")
    name = "各地区研究与试验发展(R&D)经费投入强度"
    assert values(reading)[("北京", 2019, name)] == 6.3
    assert set(reading.cells["year"]) == {2018, 2019, 2020}
    assert set(reading.cells["edition"]) == {2021}
    assert reading.units == {name: "%"}
    for asked in (
        name,
        "研究与试验发展(R&D)经费投入强度",
        "1-8 各地区研究与试验发展(R&D)经费投入强度",
        "各地区研究与试验发展（R&D）经费投入强度(%)",
    ):
        assert table(rows, names={"x": (asked,)}, required=True).problems == ()
    assert set(table(rows, series="intensity").cells["series"]) == {"intensity"}
    assert keys(table(rows, names={"x": ("R&D人员",)}, required=True)) == ["no_series"]


def test_titles_that_differ_in_brackets_stay_apart(table):
    rows = [["8-32 技术市场技术输出地域(合同数)"], ["地区", "2019", "2020"], ["北京", 1, 2], ["天津", 3, 4]]
    assert table(rows, names={"n": ("技术市场技术输出地域(合同数)",)}, required=True).problems == ()
    assert keys(table(rows, names={"n": ("技术市场技术输出地域(合同金额)",)}, required=True)) == ["no_series"]


def test_several_series_with_years_each(table):
    rows = [
        ["1-9 各地区经费"],
        ["地区", "支出(万元)", "", "强度(%)"],
        ["", "2019", "2020", "2019", "2020"],
        ["北京", 1, 2, 3, 4],
        ["天津", 5, 6, 7, 8],
    ]
    reading = table(rows, merged=["B2:C2", "D2:E2"], names={"s": ("支出",), "i": ("强度",)}, required=True)
    assert values(reading)[("天津", 2019, "i")] == 7.0
    assert values(reading)[("天津", 2020, "s")] == 6.0
    assert reading.units == {"s": "万元", "i": "%"}


def test_one_series_is_asked_of_a_sheet_with_several(table):
    reading = table(SHEET, series="rd")
    assert keys(reading) == ["not_one_series"]
    one = table([TITLE, ["地区", "人数"], ["北京", 1], ["天津", 2]], series="rd")
    assert values(one) == {("北京", 2020, "rd"): 1.0, ("天津", 2020, "rd"): 2.0}


PLAIN = [["地区", "人数"], ["北京", 1], ["天津", 2]]


@pytest.mark.parametrize(
    ("title", "tab", "name", "fixed", "year"),
    [
        ("人数(2012年)", "s", "x.xlsx", None, 2012),
        ("2012年各地区人数", "s", "x.xlsx", None, 2012),
        ("人数(2012年)", "s", "2013.xlsx", None, 2012),
        ("人数（2012）", "s", "2014.xlsx", None, 2012),
        ("人数", "2012年", "2013.xlsx", None, 2012),
        ("人数", "s", "2013.xlsx", None, 2013),
        ("人数(2010-2012年)", "s", "2013.xlsx", None, 2013),
        ("人数(2012年)", "s", "2012.xlsx", 1999, 1999),
        ("人数", "s", "x.xlsx", 2001, 2001),
    ],
)
def test_the_year_of_a_sheet(table, title, tab, name, fixed, year):
    reading = table((tab, [[title], *PLAIN]), name=name, fixed_year=fixed)
    assert reading.problems == ()
    assert set(reading.cells["year"]) == {year}


@pytest.mark.parametrize(
    ("lines", "tab", "name", "key"),
    [
        (["人数(2012年)", "Persons (2013)"], "s", "x.xlsx", "years_differ"),
        (["人数(2012年)"], "2013", "x.xlsx", "years_differ"),
        (["人数(2012年)"], "s", "2011.xlsx", "year_of_file"),
        (["人数(2012年)"], "s", "2015.xlsx", "year_of_file"),
        (["人数"], "s", "x.xlsx", "no_year"),
        (["人数"], "s", "2012-2015.xlsx", "no_year"),
    ],
)
def test_years_that_disagree_or_are_nowhere(table, lines, tab, name, key):
    sheet = (tab, [[line] for line in lines] + PLAIN)
    reading = table(sheet, name=name)
    assert keys(reading) == [key]
    assert len(reading.cells) == 0
    assert table(sheet, name=name, fixed_year=2012).problems == ()


def test_the_edition_of_a_sheet_that_names_its_yearbook(table):
    reading = table([["中国科技统计年鉴—2014"], ["7-8 人数(2013年)"], *PLAIN], name="a.xlsx")
    assert (set(reading.cells["year"]), set(reading.cells["edition"])) == ({2013}, {2014})
    assert set(table([["7-8 人数(2013年)"], *PLAIN], name="a.xlsx").cells["edition"]) == {-1}


# --- rows


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_slip_in_a_name_is_told_wherever_it_stands(table, position):
    rows = [["天津", "Tianjin", 1], ["河北", "Hebei", 2]]
    rows.insert(position, ["内蒙占", "Inner Mongolia", 3])
    reading = table([TITLE, ["地区", "Region", "人数"], *rows])
    assert keys(reading) == ["unknown_region"]
    assert str(reading.problems[0]).startswith(f'rd/2020.xlsx [s0] A{3 + position}: "内蒙占"')
    assert 'did you mean "内蒙古"' in str(reading.problems[0])
    mended = table([TITLE, ["地区", "Region", "人数"], *rows], aliases={"内蒙占": "内蒙古"})
    assert mended.problems == ()
    assert values(mended)[("内蒙古", 2020, "人数")] == 3.0
    assert ("内蒙占", "内蒙古", "study-alias") in [(m.label, m.region, m.how) for m in mended.matches]


def test_a_slip_whose_figures_are_missing_is_told_among_the_regions(table):
    rows = [["天津", 1, 1], ["江两", "…", "-"], ["河北", 2, 2]]
    assert keys(table([TITLE, ["地区", "人数", "经费"], *rows])) == ["unknown_region"]


def test_a_region_s_name_in_a_title_starts_no_table(table):
    reading = table([["中国"], ["北京"], TITLE, ["地区", "人数"], ["全国", ""], ["天津", 2], ["北京", 1]])
    assert reading.problems == ()
    assert values(reading) == {("天津", 2020, "人数"): 2.0, ("北京", 2020, "人数"): 1.0}
    assert [x.label for x in reading.left_out] == ["全国"]


def test_notes_are_listed_and_gaps_passed_over(table):
    notes = [["注:全国数据已修订。"], ["据暂未进行修订。"], ["Note: revised."]]
    body = [["北京", 1], [""], ["天津", 2], [""], ["新疆生产建设兵团", 3], ["其 他", 4], ["台湾", 5]]
    reading = table([TITLE, ["地区", "人数"], *body, *notes])
    assert reading.problems == ()
    assert [(x.label, x.reason) for x in reading.left_out] == [
        ("新疆生产建设兵团", "not-a-region"),
        ("其 他", "not-a-region"),
        ("台湾", "outside-the-set"),
        ("注:全国数据已修订。", "footer"),
        ("据暂未进行修订。", "footer"),
        ("Note: revised.", "footer"),
    ]


def test_figures_beside_an_empty_name(table):
    reading = table([TITLE, ["地区", "人数"], ["北京", 1], ["", 7], ["天津", 2]])
    assert keys(reading) == ["no_region"]
    assert str(reading.problems[0].place) == "rd/2020.xlsx [s0] A4"


def test_a_region_that_stands_twice(table):
    rows = [TITLE, ["地区", "人数", "经费"], ["北京", 1, 5], ["天津", 2, 6], ["北京市", 1, 7]]
    reading = table(rows)
    assert keys(reading) == ["twice_differs"]
    assert str(reading.problems[0]).startswith("rd/2020.xlsx [s0] C5: 北京 2020 经费")
    assert "C3 holds 5, C5 holds 7" in str(reading.problems[0])
    assert keys(table(rows, names={"x": ("人数",)})) == ["twice_same"]
    same = table([*rows[:4], ["北京市", 1, 5]])
    assert [(p.key, p.place.cell) for p in same.problems] == [("read.twice_same", "B5")]
    assert values(same)[("北京", 2020, "经费")] == 5.0


@pytest.mark.parametrize("cell", ["12o", "5%", "#DIV/0!", "见注", True])
def test_text_where_a_number_is_due(table, cell):
    reading = table([TITLE, ["地区", "人数"], ["北京", 1], ["天津", cell]])
    marked = cell in ("12o", "5%")  # figures are not advised away as missing
    assert keys(reading) == ["marked_not_a_number" if marked else "not_a_number"]
    said = str(reading.problems[0])
    assert said.startswith("rd/2020.xlsx [s0] B4: 天津 2020 人数")
    assert (f'missing.tokens: ["{cell}"]' in said) != marked


def test_tokens_of_the_study_and_of_yearbooks_are_missing_values(table):
    body = [["北京", "缺"], ["天津", "…"], ["河北", "－"], ["山西", "空"], ["辽宁", ""], ["吉林", 1]]
    rows = [TITLE, ["地区", "人数"], *body]
    assert keys(table(rows)) == ["not_a_number"]
    reading = table(rows, tokens=("缺",))
    assert reading.problems == ()
    assert values(reading) == {("吉林", 2020, "人数"): 1.0}
    assert len(reading.cells) == 6


def test_only_the_columns_that_are_asked_for_are_judged(table):
    rows = [TITLE, ["地区", "人数", "备注"], ["北京", 1, "见注"], ["天津", 2, ""]]
    assert keys(table(rows)) == ["not_a_number"]
    assert table(rows, names={"x": ("人数",)}, required=True).problems == ()


# --- columns


def test_english_names_and_codes_beside_the_regions_are_no_data(table):
    rows = [
        TITLE,
        ["代码", "地区", "Region", "人数"],
        [110000, "北京", "Beijing", 1],
        [120000, "天津", "Tianjin", 2],
        [130000, "河北", "Hbei", 3],
    ]
    assert set(table(rows).cells["series"]) == {"人数"}


def test_ranks_that_look_like_codes_are_data(table):
    rows = [TITLE, ["地区", "位次"], ["北京", "12"], ["天津", 11], ["河北", 14.0], ["山西", 13]]
    assert values(table(rows))[("北京", 2020, "位次")] == 12.0


def test_an_english_table(table):
    rows = [["Persons by Region (2020)"], ["Region", "Persons"], ["Shanxi", 1], ["SHAANXI", 2], ["Inner Mongolia", 3]]
    reading = table(rows)
    assert values(reading) == {
        ("山西", 2020, "Persons"): 1.0,
        ("陕西", 2020, "Persons"): 2.0,
        ("内蒙古", 2020, "Persons"): 3.0,
    }


def test_the_study_may_name_the_column_of_regions(table):
    rows = [TITLE, ["所在地", "来源地", "人数"], ["北京", "天津", 1], ["河北", "山西", 2]]
    assert values(table(rows, region="来 源 地", names={"x": ("人数",)})) == {
        ("天津", 2020, "x"): 1.0,
        ("山西", 2020, "x"): 2.0,
    }


def test_a_user_s_own_regions(table, tmp_path):
    path = tmp_path / "cities.csv"
    path.write_text("id,aliases\n大连,Dalian\n吉林市,\n", encoding="utf-8")
    reading = table([TITLE, ["城市", "人数"], ["大 连", 1], ["吉林市", 2]], region_set=regions.load(path))
    assert values(reading) == {("大连", 2020, "人数"): 1.0, ("吉林市", 2020, "人数"): 2.0}


# --- sheets and files


def test_sheets_without_a_table_are_listed(table):
    reading = table(SHEET, ("CNKI", [["http://example.org/"]]), ("none", []))
    assert reading.problems == ()
    assert [(x.label, x.reason, x.source) for x in reading.left_out][-2:] == [
        ("CNKI", "no-region-column", 1),
        ("none", "empty-sheet", 2),
    ]
    assert [s.sheet for s in reading.sources] == ["s0", "CNKI", "none"]


def test_a_file_without_any_table_is_a_problem(table):
    reading = table([["http://example.org/"]], [])
    assert keys(reading) == ["no_table"]
    assert "s0, s1" in str(reading.problems[0])


def test_one_sheet_may_be_chosen(table):
    assert set(table(("a", SHEET), ("b", [TITLE, *PLAIN]), sheet="b").cells["series"]) == {"人数"}
    with pytest.raises(DataError, match="a, b"):
        table(("a", SHEET), ("b", SHEET), sheet="c")


def test_all_problems_are_told_together(table):
    rows = [["人数"], ["地区", "人数", "经费"], ["北京", "x", 1], ["江两", 2, 3], ["", 4, 5], ["天津", 6, 7]]
    reading = table(
        rows, ["http://"], name="a.xlsx", names={"a": ("人数",), "b": ("没有",)}, required=True, fixed_year=2020
    )
    assert sorted(keys(reading)) == ["no_region", "no_series", "not_a_number", "unknown_region"]
    for problem in reading.problems:
        assert problem.message("zh") != problem.message("en")


def test_a_yearbook_table_saved_as_text(tmp_path):
    path = tmp_path / "2020.csv"
    path.write_text("1-4 各地区人员(2020年)\n单位：人\n地 区,人员\n北 京,1\n天 津,2\n", encoding="utf-8")
    sheets = open_sheets(path, file="2020.csv", options=ReadOptions())
    reading = read_yearbook(sheets, file="2020.csv", regions=CHINA, options=ReadOptions())
    assert reading.problems == ()
    assert values(reading) == {("北京", 2020, "人员"): 1.0, ("天津", 2020, "人员"): 2.0}


CELLS = st.sampled_from(
    [
        "",
        "",
        "北京",
        "天津",
        "全国",
        "地区",
        "人数(人)",
        "Persons",
        "2020",
        "#其中",
        "单位:人",
        "表1-2 人数(2019年)",
        "注:无",
        "…",
        1,
        2.5,
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=7), st.booleans(), st.booleans())
def test_no_arrangement_of_cells_ends_in_anything_but_a_reading(table, rows, spanned, asked):
    reading = table(rows, merged=["B2:C2"] * spanned, names={"x": ("人数",)} if asked else None, required=asked)
    assert all(p.message("en") and p.message("zh") for p in reading.problems)
    # Every number that was taken stands in its cell.
    for cell in reading.cells.itertuples():
        said = rows[cell.row][cell.column]
        assert math.isnan(cell.value) or float(said) == cell.value
        assert reading.sources[cell.source].sheet == "s0"
