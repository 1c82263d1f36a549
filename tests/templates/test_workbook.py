"""The workbook of a new study: complete, the same bytes every time, and what is filled in is read back."""

import io
import shutil
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from ouhe import regions
from ouhe.study import document
from ouhe.study.run import run
from ouhe.templates.form import Column, Form, Sheet, form
from ouhe.templates.workbook import render, write_workbook

FOLDER = Path(str(files("ouhe.templates") / "innovation-productivity"))
CHINA = regions.load("china-provinces")
YEARS = range(2010, 2023)


@pytest.fixture(scope="module")
def blank() -> Form:
    study = document.load(FOLDER / "study.yml").data
    return form(study, path="data.xlsx", regions=CHINA.ids, years=YEARS)


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "panel.csv", encoding="utf-8-sig", comment="#")


def opened(form_: Form, lang="zh"):
    return openpyxl.load_workbook(io.BytesIO(render(form_, lang=lang)))


def test_it_opens_in_two_readers_with_the_same_sheets(blank):
    made = render(blank, lang="zh")
    expected = ["填写说明", "指标说明", "指标数据", "原始序列"]
    assert openpyxl.load_workbook(io.BytesIO(made)).sheetnames == expected
    assert CalamineWorkbook.from_filelike(io.BytesIO(made)).sheet_names == expected


def test_the_explanations_follow_the_language_and_the_data_sheets_the_study(blank):
    book = opened(blank, "en")
    assert book.sheetnames == ["How to fill in", "Indicators", "指标数据", "原始序列"]
    assert [c.value for c in book["Indicators"][1]][:4] == ["System", "Dimension", "Element", "Id"]
    assert book["指标数据"]["A1"].value == "地区"
    assert "2. " in book["How to fill in"]["A4"].value


def test_every_indicator_is_explained(blank):
    rows = list(opened(blank)["指标说明"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == 60
    told = {r[3]: r for r in rows}
    assert told["industry_theil"][:3] == ("新质生产力", "新劳动对象", "产业新形态")
    assert told["industry_theil"][6] == "负向"
    assert told["hightech_investment_share"][9] == "高科技行业投资 / 全社会固定资产投资额 * 100"
    assert told["digital_finance"][8] == "北京大学数字普惠金融指数"
    assert told["digital_finance"][5] is None


def test_every_region_and_year_waits_for_every_indicator(blank):
    sheet = opened(blank)["指标数据"]
    assert sheet.freeze_panes == "C2"
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [r[:2] for r in rows] == [(r, y) for r in CHINA.ids for y in YEARS]
    assert all(value is None for r in rows for value in r[2:])
    headers = [c.value for c in sheet[1]]
    assert headers[2:5] == ["R&D投入强度（万元）", "R&D经费内部支出（万元）", "高科技行业投资占比（%）"]
    assert "数字化水平" in headers
    assert len(headers) == 62


def test_headers_tell_what_they_mean(blank):
    book = opened(blank)
    theil = next(c for c in book["指标数据"][1] if c.value == "产业结构合理化（%）")
    assert "释义：三次产业间从业人员数/产值比例测度的泰尔指数" in theil.comment.text
    assert "推算公式：theil(第一产业产值" in theil.comment.text
    area = next(c for c in book["原始序列"][1] if c.value == "土地面积（万平方千米）")
    assert area.comment.text == "代号：land_area\n用于推算：城市化水平"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_bytes_do_not_depend_on_the_clock(blank, lang):
    made = render(blank, lang=lang)
    assert made == render(blank, lang=lang)
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert {p.date_time[:3] for p in parts.infolist()} == {(1980, 1, 1)}
        assert b"2000-01-01T00:00:00Z" in parts.read("docProps/core.xml")


def test_texts_that_look_like_formulas_stay_texts(tmp_path):
    trap = '=HYPERLINK("http://example.org","x")'
    column = Column("id", trap, trap, trap, trap, trap, "positive", (trap, trap), trap)
    path = tmp_path / "data.xlsx"
    write_workbook(path, Form(trap, (Sheet("s", trap, trap, (column,)),), (trap,), (2020,)), lang="zh")
    book = openpyxl.load_workbook(path)
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value == trap]
    # The title; seven facts of the indicator; three headers and the region.
    assert len(cells) == 1 + 7 + 4
    with zipfile.ZipFile(path) as parts:
        assert not any(b"<f>" in parts.read(n) for n in parts.namelist() if n.startswith("xl/worksheets/sheet"))


def test_a_deeper_and_a_flatter_tree_both_fit():
    study = {
        "title": "t",
        "data": [{"path": "d.xlsx", "sheet": "s", "region": "r", "year": "y"}],
        "systems": {"A": {"x": "positive"}, "B": {"b1": {"b2": {"b3": {"z": {"direction": "negative", "unit": "t"}}}}}},
    }
    made = form(study, path="d.xlsx", regions=["p"], years=[2020])
    assert [c.header for c in made.sheets[0].columns] == ["x", "z（t）"]
    rows = list(opened(made)["指标说明"].iter_rows(min_row=2, max_col=5, values_only=True))
    assert rows == [("A", None, None, "x", "x"), ("B", "b1", "b2 > b3", "z", "z")]


def fill(folder: Path, blank: Form, given: dict[str, dict[str, np.ndarray]]) -> Path:
    """Study folder whose workbook holds, on each sheet, the columns given by id."""
    shutil.copy(FOLDER / "study.yml", folder)
    book = opened(blank)
    for sheet in blank.sheets:
        for place, column in enumerate(sheet.columns, start=3):
            for row, value in enumerate(given[sheet.name].get(column.id, ()), start=2):
                book[sheet.name].cell(row, place).value = float(value)
    book.save(folder / "data.xlsx")
    return folder / "study.yml"


def test_what_is_filled_in_is_read_back(tmp_path, blank, panel):
    columns = {c.id: panel[c.id].to_numpy() for c in blank.sheets[0].columns}
    results = run(fill(tmp_path, blank, {"指标数据": columns, "原始序列": {}}))
    used = results.measurement.x.transpose("region", "year", "indicator").to_numpy().reshape(403, 60)
    np.testing.assert_array_equal(used, panel[list(columns)].to_numpy())


def test_ratios_left_blank_are_derived_from_raw_series(tmp_path, blank, panel):
    columns = {c.id: panel[c.id].to_numpy() for c in blank.sheets[0].columns}
    people = columns["gdp"] / columns["gdp_per_head"] * 1e4
    raw = {"population": people, "land_area": people / columns["population_density"]}
    left = {k: v for k, v in columns.items() if k not in ("gdp_per_head", "population_density", "rd_intensity")}
    results = run(fill(tmp_path, blank, {"指标数据": left, "原始序列": raw}))
    for key in ("gdp_per_head", "population_density", "rd_intensity"):
        derived = results.measurement.x.sel(indicator=key).transpose("region", "year").to_numpy().ravel()
        # Inputs and result were each rounded to six significant digits when the panel was written.
        np.testing.assert_allclose(derived, columns[key], rtol=2e-5)
