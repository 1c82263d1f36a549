from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import ouhe
from ouhe import text
from ouhe.output import scaffold
from ouhe.study.load import load


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> ouhe.StudyResults:
    study = scaffold.demo(tmp_path_factory.mktemp("demo") / "study", lang="zh")
    return ouhe.run(study)


def panel_of(results: ouhe.StudyResults) -> pd.DataFrame:
    """One row a region and year, one column an indicator, in the order of the study."""
    x = results.measurement.x.reset_coords(drop=True)
    return x.to_dataset("indicator").to_dataframe().reset_index()[["region", "year", *x["indicator"].to_numpy()]]


def fill_in(workbook: Path, panel: pd.DataFrame) -> None:
    """Type a panel into the workbook, as a user would, by the headers that stand there."""
    book = openpyxl.load_workbook(workbook)
    sheet = book["指标数据"]
    # a header is "name（unit）"; the columns of the sheet follow the study, as those of the panel do
    at = panel.set_index(["region", "year"])
    for row in range(2, sheet.max_row + 1):
        place = (sheet.cell(row, 1).value, int(sheet.cell(row, 2).value))
        for column, value in enumerate(at.loc[place], start=3):
            sheet.cell(row, column).value = float(value)
    book.save(workbook)


def test_a_new_study_filled_in_gives_the_demonstration(demo: ouhe.StudyResults, tmp_path: Path) -> None:
    study, workbook = scaffold.new(tmp_path, template="innovation-productivity", lang="zh")
    fill_in(workbook, panel_of(demo))
    results = ouhe.run(study)
    assert not results.simulated
    np.testing.assert_allclose(results.measurement.weight, demo.measurement.weight, rtol=1e-12)
    np.testing.assert_allclose(results.coupling.D, demo.coupling.D, rtol=1e-12)


def test_raw_series_stand_in_for_an_indicator_that_is_left_blank(demo: ouhe.StudyResults, tmp_path: Path) -> None:
    study, workbook = scaffold.new(tmp_path, template="innovation-productivity", lang="zh")
    panel = panel_of(demo)
    fill_in(workbook, panel.assign(population_density=np.nan))
    book = openpyxl.load_workbook(workbook)
    raw = book["原始序列"]
    column = {raw.cell(1, c).value: c for c in range(1, raw.max_column + 1)}
    density = panel.set_index(["region", "year"])["population_density"]
    for row in range(2, raw.max_row + 1):
        place = (raw.cell(row, 1).value, int(raw.cell(row, 2).value))
        # 10 000 people over 10 000 km²: people per km²
        raw.cell(row, column["年末人口数（万人）"]).value = float(density[place]) * 20
        raw.cell(row, column["土地面积（万平方千米）"]).value = 20
    book.save(workbook)
    results = ouhe.run(study)
    assert "population_density" in results.data.derived
    np.testing.assert_allclose(results.measurement.index, demo.measurement.index, rtol=1e-9)


def test_a_new_study_left_blank_says_what_to_fill_in(tmp_path: Path) -> None:
    study, _ = scaffold.new(tmp_path, template="innovation-productivity", lang="zh")
    with pytest.raises(ouhe.OuheError, match="needed columns hold no value yet") as caught:
        ouhe.check(study)
    assert len(caught.value.problems) == 1


def test_what_a_user_changed_is_not_overwritten(tmp_path: Path) -> None:
    study, _ = scaffold.new(tmp_path, template="innovation-productivity", lang="zh")
    study.write_text("title: mine", "utf-8")
    with pytest.raises(ouhe.OuheError, match="stands there already"):
        scaffold.new(tmp_path, template="innovation-productivity", lang="zh")
    assert study.read_text("utf-8") == "title: mine"


def test_the_demonstration_can_be_made_again(tmp_path: Path) -> None:
    assert scaffold.demo(tmp_path) == scaffold.demo(tmp_path)


def test_the_demonstration_speaks_the_current_language_unless_another_is_asked_for(tmp_path: Path) -> None:
    with text.use("zh"):
        assert load(scaffold.demo(tmp_path / "a")).study.language == "zh"
        assert load(scaffold.demo(tmp_path / "b", lang="en")).study.language == "en"


def test_a_demonstration_in_the_other_language_asks_for_another_folder(tmp_path: Path) -> None:
    study = scaffold.demo(tmp_path, lang="zh")
    before = study.read_bytes()
    with pytest.raises(ouhe.OuheError, match="ouhe demo FOLDER") as caught:
        scaffold.demo(tmp_path, lang="en")
    assert len(caught.value.problems) == 1
    assert study.read_bytes() == before


def test_an_unknown_template_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ouhe.OuheError, match='did you mean "innovation-productivity"'):
        scaffold.new(tmp_path / "x", template="inovation-productivity", lang="zh")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("study", ["us-state", "../us-states", ""])
def test_an_unknown_study_is_told_and_nothing_made(tmp_path: Path, study: str) -> None:
    with pytest.raises(ouhe.OuheError, match="innovation-productivity, us-states"):
        scaffold.demo(tmp_path / "x", study=study)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(("study", "simulated"), [("innovation-productivity", True), ("us-states", False)])
def test_a_study_says_it_is_simulated_where_its_panel_is(tmp_path: Path, study: str, simulated: bool) -> None:
    file = scaffold.demo(tmp_path, study=study, lang="en")
    assert load(file).study.simulated is simulated
    head = (tmp_path / "panel.csv").read_text("utf-8-sig").partition("\nregion,")[0]
    assert ("SIMULATED DATA" in head, "REAL DATA" in head) == (simulated, not simulated)


@pytest.fixture(scope="module", params=text.LANGUAGES)
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, undrawn: Callable[..., str]
) -> tuple[str, str, Path]:
    """Language, what the terminal says of the demonstration, and where its outputs are."""
    folder = tmp_path_factory.mktemp(request.param)
    said = undrawn(folder, "demo", "demo", "--lang", request.param)
    return request.param, said, folder / "demo" / "study-output"


def test_everything_the_demonstration_gives_says_it_is_simulated(told: tuple[str, str, Path]) -> None:
    lang, terminal, output = told
    notice = {"zh": "模拟数据：仅供演示，不可作为证据", "en": "simulated data: a demonstration, not evidence"}[lang]
    assert notice in terminal.splitlines()
    assert notice in (output.parent / "study.yml").read_text("utf-8")
    assert json.loads((output / "run.json").read_text("utf-8"))["simulated"] is True
    tables = {path.stem: pd.read_csv(path) for path in (output / "tables").glob("*.csv")}
    assert len(tables) > 8
    assert all((table["simulated"] == notice).all() for table in tables.values())
    book = openpyxl.load_workbook(output / "tables.xlsx", read_only=True)
    first, *sheets = ([*sheet.iter_rows(max_row=2, values_only=True)] for sheet in book)
    assert any(notice in row for row in first)
    assert all(notice in rows[1] for rows in sheets if len(rows) > 1)


def test_the_english_demonstration_is_english_throughout(told: tuple[str, str, Path]) -> None:
    lang, terminal, output = told
    # What stands above the panel is told as it stands, and it stands there in both languages.
    tables = [p.read_text("utf-8-sig") for p in (output / "tables").glob("*.csv") if p.stem != "sources"]
    chinese = [bool(re.search(r"[一-鿿]", said)) for said in (terminal, "".join(tables))]
    assert chinese == [lang == "zh"] * 2
