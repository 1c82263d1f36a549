"""Exports of the statistics bureau, written here line by line."""

import xlsxwriter

from ouhe import regions
from ouhe.read import ReadOptions
from ouhe.read.nbs import read_nbs
from ouhe.read.sheets import open_sheets

CHINA = regions.load("china-provinces")
EXPORT = """数据库：分省年度数据
指标：人口数(人口抽样调查)(人)
时间：最近3年
地区,2025年,2024年,2023年
北京市,,22470,23018
内蒙古自治区,,—,14362
全国,,1,2
注：1.样本数据。
　　　2.另一条。
数据来源：国家统计局
"""


def read(tmp_path, content=EXPORT, **options):
    path = tmp_path / "分省年度数据 (1).csv"
    path.write_bytes(content.replace("\n", "\r\n").encode("gb18030"))
    options = ReadOptions(**options)
    sheets = open_sheets(path, file=path.name, options=options)
    return read_nbs(sheets, file=path.name, regions=CHINA, options=options)


def table(reading):
    return reading.cells.pivot(index="region", columns="year", values="value")


def test_name_unit_values_and_places(tmp_path):
    reading = read(tmp_path)
    assert reading.problems == ()
    assert set(reading.cells["series"]) == {"人口数(人口抽样调查)"}
    assert reading.units == {"人口数(人口抽样调查)": "人"}
    assert reading.sources[0].title == "人口数(人口抽样调查)(人)"
    assert table(reading).loc["北京", 2024] == 22470
    row = reading.cells.query("region == '内蒙古' and year == 2023").iloc[0]
    assert (row["value"], row["row"], row["column"], row["edition"]) == (14362, 5, 3, -1)


def test_an_empty_year_and_a_dash_are_missing_and_kept(tmp_path):
    found = table(read(tmp_path))
    assert found[2025].isna().all()
    assert found.isna().loc["内蒙古", 2024]


def test_what_was_left_out_and_matched_is_listed(tmp_path):
    reading = read(tmp_path)
    assert [(x.label, x.reason, x.row) for x in reading.left_out] == [
        ("全国", "national", 6),
        ("注：1.样本数据。", "footer", 7),
        ("2.另一条。", "footer", 8),
        ("数据来源：国家统计局", "footer", 9),
    ]
    assert [(m.label, m.region) for m in reading.matches] == [("北京市", "北京"), ("内蒙古自治区", "内蒙古")]


def test_the_series_is_matched_by_name_or_name_and_unit_or_given(tmp_path):
    for accepted in ("人口数(人口抽样调查)", "人口数（人口抽样调查）（人）"):
        assert set(read(tmp_path, names={"pop": (accepted,)}).cells["series"]) == {"pop"}
    reading = read(tmp_path, series="sample")
    assert set(reading.cells["series"]) == {"sample"}
    assert reading.units == {"sample": "人"}


def test_a_series_the_study_does_not_name_is_left_out_by_name(tmp_path):
    reading = read(tmp_path, names={"gdp": ("地区生产总值",)})
    assert len(reading.cells) == 0
    assert [(x.label, x.reason) for x in reading.left_out] == [("人口数(人口抽样调查)(人)", "not-asked")]


def test_an_indicator_with_a_comma_in_its_name(tmp_path):
    reading = read(tmp_path, EXPORT.replace("人口数(人口抽样调查)(人)", "指数(上年=100,可比价)(%)"))
    assert reading.units == {"指数(上年=100,可比价)": "%"}


def test_an_unknown_label_beside_values_is_a_problem(tmp_path):
    reading = read(tmp_path, EXPORT.replace("内蒙古自治区", "内蒙占"))
    (problem,) = reading.problems
    assert problem.key == "read.unknown_region"
    assert "内蒙古" in problem.message("en")
    assert problem.place.cell == "A6"


def test_another_table_is_told(tmp_path):
    assert [p.key for p in read(tmp_path, "a,b\n1,2\n").problems] == ["read.no_nbs_title"]


def test_the_workbook_form(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("分省年度数据")
        for r, line in enumerate(EXPORT.splitlines()):
            for c, cell in enumerate(line.split(",")):
                (sheet.write_number if cell.isdigit() else sheet.write_string)(
                    r, c, float(cell) if cell.isdigit() else cell
                )
    sheets = open_sheets(path, file="a.xlsx", options=ReadOptions())
    reading = read_nbs(sheets, file="a.xlsx", regions=CHINA, options=ReadOptions())
    assert reading.problems == ()
    assert table(reading).equals(table(read(tmp_path)))
    assert reading.sources[0].sheet == "分省年度数据"
