"""Long, wide and many-sheet tables, from every kind of file they come in."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from ouhe import regions
from ouhe.errors import DataError
from ouhe.read import LAYOUTS, ReadOptions
from ouhe.read.sheets import open_sheets
from ouhe.read.values import number

CHINA = regions.load("china-provinces")
LONG = [
    ["省份", "年份", "GDP（亿元）", "R&D 人员"],
    ["北京市", 2021, 40269.6, 338297],
    ["北京市", 2022, 41610.9, ""],
    ["天津市", 2021, 15695.1, 106583],
    ["天津市", 2022, 16311.3, 108003],
]
WIDE = [["地区", "2022年", 2021.0], ["北京", 2, 1], ["天津", 4, ""]]


def workbook(path: Path, sheets: dict[str, list[list[object]]], merged=()) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    sheet.write(r, c, cell)
            for first_row, first_column, last_row, last_column, said in merged:
                sheet.merge_range(first_row, first_column, last_row, last_column, said)
    return path


def delimited(path: Path, rows: list[list[object]], delimiter: str = ",") -> Path:
    path.write_text("\n".join(delimiter.join(map(str, r)) for r in rows) + "\n", encoding="utf-8")
    return path


def read(layout: str, path: Path, **options):
    options = ReadOptions(**options)
    sheets = [s.said(layout=layout) for s in open_sheets(path, file=path.name, options=options)]
    return LAYOUTS[layout](sheets, file=path.name, regions=CHINA, options=options)


def values(reading):
    """(region, year, series) → value, missing cells included."""
    cells = reading.cells
    return dict(zip(zip(cells["region"], cells["year"], cells["series"], strict=True), cells["value"], strict=True))


def keys(reading):
    return [p.key for p in reading.problems]


class TestLong:
    @pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "parquet"])
    def test_every_kind_of_file_gives_the_same_cells(self, tmp_path, kind):
        path = tmp_path / f"a.{kind}"
        if kind == "xlsx":
            workbook(path, {"data": LONG})
        elif kind == "parquet":
            frame = pd.DataFrame(LONG[1:], columns=LONG[0]).replace("", np.nan).infer_objects()
            frame.astype({"R&D 人员": "float64"}).to_parquet(path)
        else:
            delimited(path, LONG, "\t" if kind == "tsv" else ",")
        reading = read("long", path, names={"gdp": ("GDP",), "staff": ("R&D人员",)})
        assert reading.problems == ()
        assert reading.units == {"gdp": "亿元"}
        assert reading.sources[0].layout == "long"
        found = values(reading)
        assert len(found) == 8
        assert found["北京", 2022, "gdp"] == 41610.9
        assert np.isnan(found["北京", 2022, "staff"])
        place = reading.cells.query("region == '天津' and year == 2021 and series == 'gdp'").iloc[0]
        assert (place["row"], place["column"]) == (3, 2)

    def test_without_names_every_column_is_a_series_under_its_header(self, tmp_path):
        reading = read("long", delimited(tmp_path / "a.csv", LONG))
        assert list(dict.fromkeys(reading.cells["series"])) == ["GDP（亿元）", "R&D 人员"]

    def test_columns_not_asked_for_are_listed_once(self, tmp_path):
        reading = read("long", delimited(tmp_path / "a.csv", LONG), names={"gdp": ("GDP",)})
        assert [(x.label, x.reason) for x in reading.left_out] == [("R&D 人员", "not-asked")]

    def test_title_rows_notes_and_blank_rows(self, tmp_path):
        rows = [["主要指标"], ["单位见表头"], *LONG[:3], ["", "", "", ""], *LONG[3:], ["数据来源：年鉴"], ["注：无"]]
        reading = read("long", workbook(tmp_path / "a.xlsx", {"data": rows}))
        assert reading.problems == ()
        assert reading.sources[0].title == "主要指标 单位见表头"
        assert len(reading.cells) == 8
        assert [(x.label, x.reason) for x in reading.left_out] == [("数据来源：年鉴", "footer"), ("注：无", "footer")]

    def test_a_row_of_units_below_the_header(self, tmp_path):
        rows = [["region", "year", "gdp", "staff"], ["", "", "亿元", "人"], ["北京", 2021, 1, 2]]
        reading = read("long", workbook(tmp_path / "a.xlsx", {"data": rows}))
        assert reading.problems == ()
        assert reading.units == {"gdp": "亿元", "staff": "人"}
        assert values(reading) == {("北京", 2021, "gdp"): 1, ("北京", 2021, "staff"): 2}

    @pytest.mark.parametrize("header", ["地区", "省 份", "省市", "Province", "REGION"])
    @pytest.mark.parametrize("year", ["年份", "年 度", "年", "Year"])
    def test_usual_headers_are_found(self, tmp_path, header, year):
        reading = read("long", delimited(tmp_path / "a.csv", [[header, year, "x"], ["北京", 2020, 1]]))
        assert values(reading) == {("北京", 2020, "x"): 1}

    def test_headers_the_study_names(self, tmp_path):
        path = delimited(tmp_path / "a.csv", [["单元", "T", "x"], ["北京", 2020, 1]])
        assert values(read("long", path, region="单元", year="T")) == {("北京", 2020, "x"): 1}
        assert keys(read("long", path)) == ["read.no_long_header"]

    def test_of_two_usual_region_columns_the_one_that_names_more_regions_holds(self, tmp_path):
        path = delimited(tmp_path / "a.csv", [["city", "province", "year", "x"], ["某市", "北京", 2020, 1]])
        reading = read("long", path)
        assert values(reading) == {("北京", 2020, "x"): 1}
        assert [x.label for x in reading.left_out] == ["city"]

    @pytest.mark.parametrize("year", [2022, 2022.0, "2022", "2022年", "2022年度", "２０２２", dt.date(2022, 12, 31)])
    def test_years_in_every_form(self, tmp_path, year):
        rows = [["region", "year", "x"], ["北京", year, 1]]
        with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
            date = book.add_format({"num_format": "yyyy-mm-dd"})
            sheet = book.add_worksheet()
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    sheet.write(r, c, cell, *([date] if isinstance(cell, dt.date) else []))
        assert values(read("long", tmp_path / "a.xlsx")) == {("北京", 2022, "x"): 1}

    def test_what_is_no_year_is_told_with_its_cell(self, tmp_path):
        path = delimited(tmp_path / "a.csv", [["region", "year", "x"], ["北京", "2022Q1", 1], ["天津", 2022, 2]])
        reading = read("long", path)
        assert [(p.key, p.place.cell) for p in reading.problems] == [("read.not_a_year", "B2")]
        assert values(reading) == {("天津", 2022, "x"): 2}

    def test_merged_regions_hold_for_all_their_rows(self, tmp_path):
        rows = [["region", "year", "x"], ["", 2020, 1], ["", 2021, 2], ["天津", 2020, 3]]
        path = workbook(tmp_path / "a.xlsx", {"data": rows}, merged=[(1, 0, 2, 0, "北京")])
        reading = read("long", path)
        assert reading.problems == ()
        assert values(reading)["北京", 2021, "x"] == 2

    def test_values_beside_an_empty_region_are_a_problem(self, tmp_path):
        path = delimited(tmp_path / "a.csv", [["region", "year", "x"], ["北京", 2020, 1], ["", 2021, 2]])
        assert [(p.key, p.place.cell) for p in read("long", path).problems] == [("read.no_region", "A3")]

    def test_totals_are_left_out_and_unknown_labels_told_with_the_nearest_name(self, tmp_path):
        rows = [LONG[0], ["全国", 2021, 1, 1], ["东部地区", 2021, 1, 1], ["内蒙占", 2021, 1, 1]]
        path = delimited(tmp_path / "a.csv", rows)
        reading = read("long", path)
        assert [(x.label, x.reason) for x in reading.left_out] == [("全国", "national"), ("东部地区", "macro-region")]
        (problem,) = reading.problems
        assert 'did you mean "内蒙古"' in problem.message("en")
        mended = read("long", path, aliases={"内蒙占": "内蒙古"})
        assert mended.problems == ()
        assert [(m.label, m.region, m.how) for m in mended.matches] == [("内蒙占", "内蒙古", "study-alias")]

    def test_a_text_that_is_no_number_is_told_as_a_careful_colleague_would(self, tmp_path):
        rows = [["省份", "年份", "基础研究"], ["北京", 2022, 1], ["天津", 2022, "—"]]
        path = workbook(tmp_path / "data.xlsx", {"2-15": rows})
        (problem,) = read("long", path).problems
        assert problem.message("en") == (
            'data.xlsx [2-15] C3: 天津 2022 基础研究 "—" is not a number; if it means "missing", '
            'add missing.tokens: ["—"]'
        )
        mended = read("long", path, tokens=("—",))
        assert mended.problems == ()
        assert np.isnan(values(mended)["天津", 2022, "基础研究"])

    @pytest.mark.parametrize("cell", ["inf", "-Infinity", "nan", "NA", "5%", "1_000", "0x10", "true", "2020-01-01"])
    def test_nothing_else_is_taken_for_a_number_or_for_missing(self, tmp_path, cell):
        path = delimited(tmp_path / "a.csv", [["region", "year", "x"], ["北京", 2020, cell], ["天津", 2020, 1]])
        marked = any(c.isdigit() for c in cell)  # figures are not advised away as missing
        assert keys(read("long", path)) == ["read.marked_not_a_number" if marked else "read.not_a_number"]

    @pytest.mark.parametrize("cell", [True, dt.datetime(2020, 1, 1, tzinfo=dt.UTC)])
    def test_truth_values_and_dates_are_no_numbers(self, tmp_path, cell):
        frame = pd.DataFrame({"region": ["北京", "天津"], "year": [2020, 2020], "x": [cell, cell]})
        frame.to_parquet(tmp_path / "a.parquet")
        key = "read.not_a_number" if cell is True else "read.marked_not_a_number"
        assert keys(read("long", tmp_path / "a.parquet")) == [key] * 2

    def test_a_token_that_is_a_number_is_missing_too(self, tmp_path):
        path = delimited(tmp_path / "a.csv", [["region", "year", "x"], ["北京", 2020, -999], ["天津", 2020, 1]])
        assert np.isnan(values(read("long", path, tokens=("-999",)))["北京", 2020, "x"])

    def test_many_cells_with_one_wrong_text_are_told_once_each_and_then_counted(self, tmp_path):
        rows = [["region", "year", "x"], *([r, 2020, "?"] for r in CHINA.ids)]
        found = read("long", delimited(tmp_path / "a.csv", rows)).problems
        assert [p.key for p in found] == ["read.not_a_number"] * 5 + ["read.not_a_number_more"]
        assert found[-1].params["count"] == 26

    def test_a_region_and_year_that_stands_twice_shows_both_cells(self, tmp_path):
        rows = [["region", "year", "x", "y"], ["北京", 2020, 1, 5], ["天津", 2020, 2, 6], ["北京市", "2020年", 1, 7]]
        (problem,) = read("long", delimited(tmp_path / "a.csv", rows)).problems
        assert problem.key == "read.twice_differs"
        assert [problem.params[k] for k in ("name", "first", "value_first", "second", "value_second")] == [
            "y",
            "D2",
            "5",
            "D4",
            "7",
        ]

    def test_a_repeated_row_with_the_same_values_is_told_too(self, tmp_path):
        rows = [["region", "year", "x", "y"], ["北京", 2020, 1, ""], ["北京市", 2020, 1, ""]]
        reading = read("long", delimited(tmp_path / "a.csv", rows))
        assert keys(reading) == ["read.twice_same"]
        assert len(reading.cells) == 2
        rows[2][3] = 5  # a value beside none is another value
        assert keys(read("long", delimited(tmp_path / "a.csv", rows))) == ["read.twice_differs"]

    def test_a_match_is_listed_where_more_than_white_space_makes_the_difference(self, tmp_path):
        rows = [["region", "year", "x"], ["北　 京", 2020, 1], ["天津市", 2020, 1], ["HEBEI", 2020, 1]]
        reading = read("long", delimited(tmp_path / "a.csv", rows))
        assert [(m.label, m.region) for m in reading.matches] == [("天津市", "天津"), ("HEBEI", "河北")]

    def test_an_empty_file_and_a_header_without_rows_are_told_by_name(self, tmp_path):
        (problem,) = read("long", workbook(tmp_path / "a.xlsx", {"one": [], "two": [["", " "]]})).problems
        assert problem.key == "read.no_cells"
        assert problem.message("en").startswith("a.xlsx: every sheet is empty (one, two)")
        (problem,) = read("long", workbook(tmp_path / "b.xlsx", {"one": [["标题"], LONG[0]]})).problems
        assert (problem.key, str(problem.place), problem.params["row"]) == ("read.no_rows", "b.xlsx [one]", 2)
        (problem,) = read("long", workbook(tmp_path / "c.xlsx", {"one": [], "two": [["a"], ["b", "c"]]})).problems
        assert (problem.key, str(problem.place)) == ("read.no_long_header", "c.xlsx [two]")
        assert "row 2: b, c;" in problem.message("en")

    def test_required_names_that_match_none_list_the_candidates(self, tmp_path):
        path = delimited(tmp_path / "a.csv", LONG)
        assert read("long", path, names={"staff": ("R&D人数",)}).problems == ()
        (problem,) = read("long", path, names={"staff": ("R&D人数",)}, required=True).problems
        assert problem.key == "read.no_series"
        assert "R&D 人员" in problem.message("en")

    def test_names_that_match_several_list_them(self, tmp_path):
        path = delimited(tmp_path / "a.csv", [["region", "year", "x(人)", "x(万人)"], ["北京", 2020, 1, 2]])
        (problem,) = read("long", path, names={"x": ("x",)}, required=True).problems
        assert problem.key == "read.several_headers"
        assert problem.params["headers"] == 'C1 "x(人)", D1 "x(万人)"'
        assert values(read("long", path, names={"x": ("x（人）",)})) == {("北京", 2020, "x"): 1}

    def test_one_row_a_cell(self, tmp_path):
        rows = [["region", "year", "indicator", "value"], ["北京", 2020, "GDP(亿元)", 1], ["北京", 2020, "pop", 2]]
        reading = read("long", delimited(tmp_path / "a.csv", rows), names={"gdp": ("GDP",)})
        assert values(reading) == {("北京", 2020, "gdp"): 1}
        assert reading.units == {"gdp": "亿元"}
        assert [x.label for x in reading.left_out] == ["pop"]

    def test_a_year_given_by_the_study(self, tmp_path):
        path = delimited(tmp_path / "a.csv", [["region", "x"], ["北京", 1]])
        assert values(read("long", path, fixed_year=2020)) == {("北京", 2020, "x"): 1}

    def test_the_one_series_of_a_file_under_the_id_that_the_study_gives(self, tmp_path):
        path = delimited(tmp_path / "a.csv", [["region", "year", "总量（人）"], ["北京", 2020, 1]])
        reading = read("long", path, series="pop")
        assert values(reading) == {("北京", 2020, "pop"): 1}
        assert reading.units == {"pop": "人"}
        path = delimited(tmp_path / "b.csv", [["region", "year", "pop", "gdp"], ["北京", 2020, 1, 2]])
        assert values(read("long", path, series="pop")) == {("北京", 2020, "pop"): 1}
        (problem,) = read("long", path, series="rd").problems
        assert (problem.key, problem.params["headers"]) == ("read.not_one_series", 'C1 "pop", D1 "gdp"')

    def test_a_text_named_like_a_workbook_is_read_and_a_web_page_told(self, tmp_path):
        assert len(read("long", delimited(tmp_path / "a.xls", LONG, "\t")).cells) == 8
        (tmp_path / "b.xls").write_text("<html><table></table></html>", encoding="utf-8")
        with pytest.raises(DataError) as caught:
            read("long", tmp_path / "b.xls")
        assert [p.key for p in caught.value.problems] == ["workbook.is_web_page"]

    def test_an_error_of_a_formula_is_no_number(self, tmp_path):
        with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["region", "year", "x"])
            sheet.write_row(1, 0, ["北京", 2020])
            sheet.write_formula(1, 2, "=1/0", value="#DIV/0!")
        (problem,) = read("long", tmp_path / "a.xlsx").problems
        assert (problem.key, problem.params["value"], problem.place.cell) == ("read.not_a_number", "#DIV/0!", "C2")

    def test_a_sheet_named_by_the_study(self, tmp_path):
        path = workbook(tmp_path / "a.xlsx", {"one": LONG, "two": [["region", "year", "x"], ["北京", 2020, 1]]})
        assert values(read("long", path, sheet="two")) == {("北京", 2020, "x"): 1}
        with pytest.raises(Exception, match=r'did you mean "two"|是否为 "two"'):
            read("long", path, sheet="twoo")

    @settings(deadline=None)
    @given(
        st.lists(st.one_of(st.floats(allow_infinity=False), st.just("1,234.5"), st.just(""), st.just("x")), min_size=1)
    )
    def test_a_column_reads_as_its_cells_do_one_by_one(self, tmp_path_factory, cells):
        path = tmp_path_factory.mktemp("any") / "a.tsv"
        years = range(1900, 1900 + len(cells))
        texts = ["" if isinstance(c, float) and np.isnan(c) else str(c) for c in cells]
        delimited(path, [["region", "year", "v"], *(["北京", y, c] for y, c in zip(years, texts, strict=True))], "\t")
        reading = read("long", path)
        for year, said in zip(years, texts, strict=True):
            expected = number(said)
            got = values(reading)["北京", year, "v"]
            assert got == expected or (np.isnan(got) and (expected is None or np.isnan(expected)))
        assert len([k for k in keys(reading) if k == "read.not_a_number"]) == min(5, texts.count("x"))


class TestWide:
    def check(self, reading, series):
        assert reading.problems == ()
        found = {k[:2]: None if np.isnan(v) else v for k, v in values(reading).items()}
        assert found == {("北京", 2022): 2, ("北京", 2021): 1, ("天津", 2022): 4, ("天津", 2021): None}
        assert set(reading.cells["series"]) == {series}

    def test_regions_by_years(self, tmp_path):
        self.check(read("wide", workbook(tmp_path / "a.xlsx", {"GDP（亿元）": WIDE})), "GDP")

    def test_years_by_regions(self, tmp_path):
        rows = [list(r) for r in zip(*WIDE, strict=True)]
        rows[0][0] = "年份"
        self.check(read("wide", delimited(tmp_path / "GDP.csv", rows)), "GDP")

    def test_the_series_is_named_by_title_sheet_file_or_the_study(self, tmp_path):
        titled = workbook(tmp_path / "b.xlsx", {"Sheet1": [["地区生产总值（亿元）"], *WIDE]})
        reading = read("wide", titled, names={"gdp": ("地区生产总值",), "pop": ("人口",)})
        self.check(reading, "gdp")
        assert reading.units == {"gdp": "亿元"}
        named = delimited(tmp_path / "人口.csv", WIDE)
        self.check(read("wide", named, names={"gdp": ("地区生产总值",), "pop": ("人口",)}), "pop")
        self.check(read("wide", named, series="x"), "x")
        self.check(read("wide", delimited(tmp_path / "b.csv", WIDE), names={"gdp": ("G",)}, required=True), "gdp")

    def test_a_unit_on_a_line_of_its_own(self, tmp_path):
        rows = [["单位：亿元"], *WIDE]
        reading = read("wide", workbook(tmp_path / "a.xlsx", {"地区生产总值": rows}))
        self.check(reading, "地区生产总值")
        assert reading.units == {"地区生产总值": "亿元"}

    def test_a_table_the_study_does_not_ask_for(self, tmp_path):
        reading = read("wide", delimited(tmp_path / "b.csv", WIDE), names={"gdp": ("G",), "pop": ("P",)})
        assert len(reading.cells) == 0
        assert [x.reason for x in reading.left_out] == ["not-asked"]

    def test_several_series_one_below_the_other(self, tmp_path):
        rows = [["", "", "2021", "2022"], ["GDP（亿元）", "北京", 1, 2], ["人口（人）", "北京", 3, 4], ["来源：某库"]]
        reading = read("wide", workbook(tmp_path / "a.xlsx", {"data": rows}), names={"gdp": ("GDP",)})
        assert reading.problems == ()
        assert values(reading) == {("北京", 2021, "gdp"): 1, ("北京", 2022, "gdp"): 2}
        assert {(x.label, x.reason) for x in reading.left_out} == {
            ("人口（人）", "not-asked"),
            ("来源：某库", "footer"),
        }

    def test_a_repeated_row_shows_both_cells(self, tmp_path):
        rows = [*WIDE, ["北京", 2, 9]]
        (problem,) = read("wide", delimited(tmp_path / "a.csv", rows)).problems
        assert (problem.key, problem.params["first"], problem.place.cell) == ("read.twice_differs", "C2", "C4")

    def test_a_repeated_year_is_told_once(self, tmp_path):
        rows = [["地区", 2021, "2021年"], ["北京", 1, 1], ["天津", 2, 3]]
        (problem,) = read("wide", delimited(tmp_path / "a.csv", rows)).problems
        assert (problem.key, problem.params["first"], problem.place.cell) == ("read.twice_differs", "B3", "C3")

    def test_no_such_table(self, tmp_path):
        assert keys(read("wide", delimited(tmp_path / "a.csv", [["a", "b"], [1, 2]]))) == ["read.no_wide_header"]

    def test_rows_of_values_without_a_year_are_told(self, tmp_path):
        rows = [["年份", "北京", "天津"], [2021, 1, 2], [2022, 3, 4], ["合计", 4, 6]]
        (problem,) = read("wide", delimited(tmp_path / "a.csv", rows)).problems
        assert (problem.key, problem.place.cell) == ("read.not_a_year", "A4")


class TestManySheets:
    def test_one_sheet_a_year(self, tmp_path):
        sheets = {
            "2021年": [["标题"], ["地区", "GDP（亿元）", "人口"], ["北京", 1, 2]],
            "2022": [["地区", "GDP（亿元）", "人口"], ["北京", 3, 4], ["天津", 5, 6]],
            "说明": [["本表由某人整理"]],
        }
        reading = read("sheet-per-year", workbook(tmp_path / "a.xlsx", sheets), names={"gdp": ("GDP",)})
        assert reading.problems == ()
        assert values(reading) == {("北京", 2021, "gdp"): 1, ("北京", 2022, "gdp"): 3, ("天津", 2022, "gdp"): 5}
        assert [(x.label, x.reason) for x in reading.left_out if x.reason != "not-asked"] == [
            ("说明", "no-region-column")
        ]

    def test_regions_without_a_header(self, tmp_path):
        rows = [["", "x"], ["北京", 1], ["天津", 2]]
        assert values(read("sheet-per-year", workbook(tmp_path / "a.xlsx", {"2020": rows})))["天津", 2020, "x"] == 2

    def test_sheets_without_a_year_and_years_with_two_sheets_are_told(self, tmp_path):
        rows = [["地区", "x"], ["北京", 1]]
        path = workbook(tmp_path / "a.xlsx", {"2021": rows, "2021年": rows, "data": rows})
        assert sorted(keys(read("sheet-per-year", path))) == ["read.sheet_without_year", "read.two_sheets_one_year"]
        only = workbook(tmp_path / "b.xlsx", {"data": [["x"]]})
        assert keys(read("sheet-per-year", only)) == ["read.no_year_sheets"]

    def test_one_sheet_an_indicator(self, tmp_path):
        sheets = {"GDP（亿元）": WIDE, "人口": WIDE, "Sheet3": [[]]}
        path = workbook(tmp_path / "a.xlsx", sheets)
        reading = read("sheet-per-indicator", path, names={"gdp": ("GDP",)}, required=True)
        assert reading.problems == ()
        assert values(reading)["天津", 2022, "gdp"] == 4
        assert reading.units == {"gdp": "亿元"}
        assert {(x.label, x.reason) for x in reading.left_out} == {("人口", "not-asked"), ("Sheet3", "empty-sheet")}
        assert keys(read("sheet-per-indicator", path, names={"rd": ("R&D",)}, required=True)) == ["read.no_series"]
