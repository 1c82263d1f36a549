"""What a file is taken for."""

import itertools

import pytest
import xlsxwriter

from ouhe import regions
from ouhe.errors import DataError
from ouhe.read import ReadOptions
from ouhe.read.auto import detect
from ouhe.read.sheets import open_sheets

CHINA = regions.load("china-provinces")
LONG = [["省份", "年份", "GDP"], ["北京", 2020, 2001], ["天津", 2020, 2002]]
WIDE = [["地区", 2020, 2021], ["北京", 1, 2], ["天津", 3, 4]]
ACROSS = [["年份", "北京", "天津"], [2020, 1, 3], [2021, 2, 4]]
CROSS = [["地区", "GDP", "人口"], ["北京", 2000, 1999], ["天津", 3, 4]]
PRINTED = [
    ["2-1 各地区人口"],
    ["单位：人"],
    ["地区", "人口", "女"],
    ["全国", 9, 8],
    ["北   京", 1, 2],
    ["天   津", 3, 4],
]
NOTE = [["由某人整理"]]


def took(tmp_path, content, **options):
    path = tmp_path / ("a.csv" if isinstance(content, str) else "a.xlsx")
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        with xlsxwriter.Workbook(path) as book:
            for name, rows in content.items():
                sheet = book.add_worksheet(name)
                for r, row in enumerate(rows):
                    sheet.write_row(r, 0, row)
    return taken_for(path, **options)


def taken_for(path, **options):
    options = ReadOptions(**options)
    sheets = open_sheets(path, file=path.name, options=options)
    return detect(sheets, file=path.name, regions=CHINA, options=options)


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        ("数据库：分省年度数据\n指标：人口(人)\n时间：最近2年\n地区,2021年,2020年\n北京市,1,2\n", "nbs"),
        ("省份,年份,GDP\n北京,2020,1\n", "long"),
        ("地区,2020,2021\n北京,1,2\n天津,1,2\n", "wide"),
        ({"a": LONG}, "long"),
        ({"a": LONG, "说明": NOTE}, "long"),
        ({"a": WIDE}, "wide"),
        ({"a": ACROSS}, "wide"),
        ({"GDP": WIDE, "人口": WIDE}, "sheet-per-indicator"),
        ({"2020": CROSS, "2021年": CROSS, "说明": NOTE}, "sheet-per-year"),
        ({"Sheet1": PRINTED}, "yearbook"),
        ({"Sheet1": PRINTED, "CNKI": [["http://example.org"]]}, "yearbook"),
    ],
)
def test_each_layout_is_known_by_its_content(tmp_path, content, layout):
    assert took(tmp_path, content) == layout


def test_a_cross_section_needs_a_year_from_the_study(tmp_path):
    assert took(tmp_path, {"a": CROSS}, fixed_year=2020) == "long"
    with pytest.raises(DataError) as caught:
        took(tmp_path, {"a": CROSS})
    (problem,) = caught.value.problems
    assert problem.key == "read.no_layout"
    assert "year:" in problem.message("en")


def test_a_stata_file(tmp_path):
    (tmp_path / "a.csv").write_text("x\n", encoding="utf-8")
    pyreadstat = pytest.importorskip("pyreadstat")
    pandas = pytest.importorskip("pandas")
    pyreadstat.write_dta(pandas.DataFrame({"province": ["北京"], "year": [2020], "x": [1.0]}), str(tmp_path / "a.dta"))
    assert taken_for(tmp_path / "a.dta") == "stata"


def test_two_kinds_of_tables_in_one_workbook_are_ambiguous_until_a_sheet_is_named(tmp_path):
    content = {"panel": LONG, "gdp": WIDE}
    with pytest.raises(DataError) as caught:
        took(tmp_path, content)
    assert caught.value.problems[0].params["layouts"] == "long, wide"
    assert took(tmp_path, content, sheet="gdp") == "wide"


def test_nothing_fits(tmp_path):
    for content in ("a,b\n1,2\n", {"a": NOTE}, {"a": []}):
        with pytest.raises(DataError) as caught:
            took(tmp_path, content)
        assert [p.key for p in caught.value.problems] == ["read.no_layout"]


@pytest.mark.real
def test_every_real_yearbook_sheet_is_taken_for_one(shared_data):
    files = sorted((shared_data / "yearbook").rglob("*.xls*"))
    found = {f"{f.parent.name}/{f.name}": taken_for(f) for f in files}
    assert len(found) == 94
    assert {k: v for k, v in found.items() if v != "yearbook"} == {}


def test_the_order_of_sheets_does_not_matter(tmp_path):
    content = {"2020": CROSS, "2021": CROSS, "说明": NOTE}
    assert {took(tmp_path, dict(order)) for order in itertools.permutations(content.items())} == {"sheet-per-year"}
