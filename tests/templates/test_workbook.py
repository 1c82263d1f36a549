"""The workbook of a new study: complete, the same bytes every time, and what is filled in is read back."""

import io
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from ouhe import regions
from ouhe.errors import OuheError
from ouhe.output import scaffold
from ouhe.panel import Indicator
from ouhe.study.run import run
from ouhe.templates.form import Column, Entry, Form, Outline, Sheet, form
from ouhe.templates.workbook import render

CHINA = regions.load("china-provinces")
YEARS = range(2010, 2023)
#: Sheets of the paper's template: how to fill in, what the indicators are, the indicators, the raw series.
SHEETS = {
    "zh": ["填写说明", "指标说明", "指标数据", "原始序列"],
    "en": ["How to fill in", "Indicators", "Indicator data", "Raw series"],
}


@pytest.fixture(scope="module", params=["zh", "en"])
def made(request, tmp_path_factory) -> tuple[str, Path]:
    """Language and folder of a new study."""
    folder = tmp_path_factory.mktemp(request.param)
    scaffold.new(folder, template="innovation-productivity", lang=request.param)
    return request.param, folder


@pytest.fixture(scope="module")
def chinese(tmp_path_factory) -> openpyxl.Workbook:
    folder = tmp_path_factory.mktemp("chinese")
    _, workbook = scaffold.new(folder, template="innovation-productivity", lang="zh")
    return openpyxl.load_workbook(workbook)


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    path = files("ouhe.templates") / "innovation-productivity" / "panel.csv"
    return pd.read_csv(Path(str(path)), encoding="utf-8-sig", comment="#")


def opened(form_: Form) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(render(form_)))


def test_it_opens_in_two_readers_with_the_same_sheets(made):
    lang, folder = made
    assert openpyxl.load_workbook(folder / "data.xlsx").sheetnames == SHEETS[lang]
    assert CalamineWorkbook.from_path(folder / "data.xlsx").sheet_names == SHEETS[lang]


def test_the_english_workbook_holds_no_chinese(tmp_path):
    _, workbook = scaffold.new(tmp_path, template="innovation-productivity", lang="en")
    with zipfile.ZipFile(workbook) as parts:
        parts_with_text = [n for n in parts.namelist() if "theme" not in n and n.endswith(".xml")]
        said = "".join(parts.read(name).decode("utf-8") for name in parts_with_text)
    assert "Full-time equivalent of R&amp;D personnel (person-years)" in said
    assert "Inner Mongolia" in said
    assert not [c for c in said if "\u3000" <= c <= "\uffef"]


def test_every_indicator_is_explained(chinese):
    rows = list(chinese["指标说明"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == 60
    told = {r[3]: r for r in rows}
    assert told["industry_theil"][:3] == ("新质生产力", "新劳动对象", "产业新形态")
    assert told["industry_theil"][6] == "负向"
    assert told["hightech_investment_share"][9] == "高科技行业投资 / 全社会固定资产投资额 * 100"
    assert told["digital_finance"][8] == "北京大学数字普惠金融指数"
    assert told["digital_finance"][5] is None


def test_every_region_and_year_waits_for_every_indicator(chinese):
    sheet = chinese["指标数据"]
    assert sheet.freeze_panes == "C2"
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [r[:2] for r in rows] == [(r, y) for r in CHINA.ids for y in YEARS]
    assert all(value is None for r in rows for value in r[2:])
    headers = [c.value for c in sheet[1]]
    assert headers[2:5] == ["R&D投入强度（万元）", "R&D经费内部支出（万元）", "高科技行业投资占比（%）"]
    assert "数字化水平" in headers
    assert len(headers) == 62


def test_headers_tell_what_they_mean(chinese):
    theil = next(c for c in chinese["指标数据"][1] if c.value == "产业结构合理化（%）")
    assert "释义：三次产业间从业人员数/产值比例测度的泰尔指数" in theil.comment.text
    assert "推算公式：theil(第一产业产值" in theil.comment.text
    area = next(c for c in chinese["原始序列"][1] if c.value == "土地面积（万平方千米）")
    assert area.comment.text == "代号：land_area\n用于推算：城市化水平"


def test_the_bytes_do_not_depend_on_the_clock(made, tmp_path):
    lang, folder = made
    scaffold.new(tmp_path, template="innovation-productivity", lang=lang)
    assert (tmp_path / "data.xlsx").read_bytes() == (folder / "data.xlsx").read_bytes()
    with zipfile.ZipFile(folder / "data.xlsx") as parts:
        assert {p.date_time[:3] for p in parts.infolist()} == {(1980, 1, 1)}
        assert b"2000-01-01T00:00:00Z" in parts.read("docProps/core.xml")


def test_texts_that_look_like_formulas_stay_texts():
    trap = '=HYPERLINK("http://example.org","x")'
    column = Column("id", trap, trap, trap, trap, trap, "positive", (trap, trap), trap)
    book = render(Form(trap, "zh", (Sheet("s", trap, trap, (column,)),), (trap,), (2020,)))
    sheets = openpyxl.load_workbook(io.BytesIO(book))
    cells = [c for sheet in sheets for row in sheet.iter_rows() for c in row if c.value == trap]
    # The title; seven facts of the indicator; three headers and the region.
    assert len(cells) == 1 + 7 + 4
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert not any(b"<f>" in parts.read(n) for n in parts.namelist() if n.startswith("xl/worksheets/sheet"))


def test_a_deeper_and_a_flatter_tree_both_fit():
    indicators = (Indicator("x", "A"), Indicator("z", "B", ("b1", "b2", "b3"), "negative", unit="t"))
    asked = form(Outline("t", "en", ("p",), (2020,), (Entry("s", "r", "y"),), indicators))
    assert [c.header for c in asked.sheets[0].columns] == ["x", "z (t)"]
    rows = list(opened(asked)["Indicators"].iter_rows(min_row=2, max_col=7, values_only=True))
    assert rows == [
        ("A", None, None, "x", "x", None, "positive"),
        ("B", "b1", "b2 > b3", "z", "z", "t", "negative"),
    ]


def test_a_formula_is_shown_with_names_and_a_series_told_what_it_serves():
    indicators = (Indicator("gdp", "A", name="Output"), Indicator("log_gdp", "A", name="Logarithm of output"))
    entries = (Entry("s", "r", "y"), Entry("raw", "r", "y", {"heads": "Heads （persons）", "log_heads": "Log heads"}))
    expressions = {"log_gdp": "log(gdp / heads) + heads"}
    asked = form(Outline("t", "en", entries=entries, indicators=indicators, expressions=expressions))
    assert asked.sheets[0].columns[1].derivation == "log(Output / Heads) + Heads"
    assert [c.used_for for c in asked.sheets[1].columns] == [("Logarithm of output",), ()]


def test_an_expression_that_cannot_be_read_is_told():
    outline = Outline(
        "t", "en", entries=(Entry("s", "r", "y"),), indicators=(Indicator("x", "A"),), expressions={"x": "a +"}
    )
    with pytest.raises(OuheError, match=r"a \+"):
        form(outline)


def fill(folder: Path, lang: str, given: dict[str, dict[str, np.ndarray]]) -> Path:
    """Study whose workbook holds, on each sheet, the columns given by id; a header's tooltip tells its id."""
    study, workbook = scaffold.new(folder, template="innovation-productivity", lang=lang)
    book = openpyxl.load_workbook(workbook)
    for sheet, columns in given.items():
        for header in book[sheet][1][2:]:
            series = header.comment.text.splitlines()[0].split("：" if lang == "zh" else ": ")[1]
            for row, value in enumerate(columns.get(series, ()), start=2):
                book[sheet].cell(row, header.column).value = float(value)
    book.save(workbook)
    return study


def columns_of(panel: pd.DataFrame) -> dict[str, np.ndarray]:
    return {c: panel[c].to_numpy() for c in panel.columns if c not in ("region", "year")}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_filled_in_is_read_back(tmp_path, panel, lang):
    columns = columns_of(panel)
    results = run(fill(tmp_path, lang, {SHEETS[lang][2]: columns}))
    used = results.measurement.x.transpose("region", "year", "indicator").to_numpy().reshape(403, 60)
    np.testing.assert_array_equal(used, panel[list(columns)].to_numpy())
    # Headers carry the units of the study, so nothing is to be told about them.
    assert results.warnings == ()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_ratios_left_blank_are_derived_from_raw_series(tmp_path, panel, lang):
    columns = columns_of(panel)
    people = columns["gdp"] / columns["gdp_per_head"] * 1e4
    raw = {"population": people, "land_area": people / columns["population_density"]}
    left = {k: v for k, v in columns.items() if k not in ("gdp_per_head", "population_density", "rd_intensity")}
    results = run(fill(tmp_path, lang, {SHEETS[lang][2]: left, SHEETS[lang][3]: raw}))
    for key in ("gdp_per_head", "population_density", "rd_intensity"):
        derived = results.measurement.x.sel(indicator=key).transpose("region", "year").to_numpy().ravel()
        # Inputs and result were each rounded to six significant digits when the panel was written.
        np.testing.assert_allclose(derived, columns[key], rtol=2e-5)
