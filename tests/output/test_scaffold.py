from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import ouhe
from ouhe.output import scaffold


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> ouhe.StudyResults:
    study = scaffold.demo(tmp_path_factory.mktemp("demo") / "study")
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
    study, workbook = scaffold.new(tmp_path, template="innovation-productivity", lang="en")
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


def test_an_unknown_template_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ouhe.OuheError, match='did you mean "innovation-productivity"'):
        scaffold.new(tmp_path / "x", template="inovation-productivity", lang="zh")
    assert not (tmp_path / "x").exists()
