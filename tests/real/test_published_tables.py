"""Published tables that nobody here wrote, read as a referee would."""

from __future__ import annotations

import csv
import importlib
import sys
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from ouhe import audit

pytestmark = pytest.mark.real

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"

YEARS = [str(t) for t in range(2011, 2024)]
SYSTEMS = ("新质生产力", "高质量发展")

#: Moran's I as the authors publish it; the last digit of 2021 is that of 0.40446, rounded to 0.4045 and then again.
MORAN = {
    "新质生产力": ".428 .427 .430 .430 .434 .435 .372 .369 .335 .331 .405 .391 .387",
    "高质量发展": ".371 .394 .368 .333 .393 .360 .400 .407 .419 .451 .438 .478 .468",
}

PAPER = """\
title: 新质生产力与高质量发展的空间分布
citation: 127ww/nqp-spatial-development，附录 A 与全局莫兰指数表
regions: china-provinces
years: [2011, 2023]
systems: [新质生产力, 高质量发展]
neighbours: contiguity
tables:
  - {kind: values, path: 新质生产力.csv, variable: 新质生产力, where: 附表A1}
  - {kind: values, path: 高质量发展.csv, variable: 高质量发展, where: 附表A2}
  - {kind: moran, path: moran.csv, where: 莫兰指数表}
"""


@pytest.fixture
def paper(tmp_path: Path, shared_data: Path) -> Path:
    """Their scores, to four decimals, and their Moran's I, to three, with the one z that is known."""
    workbook = CalamineWorkbook.from_path(shared_data / "nqp-spatial" / "附录A_完整附表.xlsx")
    for system, sheet in zip(SYSTEMS, workbook.sheet_names, strict=True):
        assert system in sheet
        with (tmp_path / f"{system}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["地区", *YEARS], *workbook.get_sheet_by_name(sheet).to_python()])
    rows = [
        [system, year, f"0{value}", "4.629" if (system, year) == (SYSTEMS[0], "2011") else ""]
        for system in SYSTEMS
        for year, value in zip(YEARS, MORAN[system].split(), strict=True)
    ]
    with (tmp_path / "moran.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["变量", "年份", "莫兰指数", "Z值"], *rows])
    (tmp_path / "paper.yml").write_text(PAPER, "utf-8")
    return tmp_path / "paper.yml"


def test_their_indices_are_confirmed_and_a_t_value_is_no_z(paper: Path) -> None:
    """All I follow from the printed scores and common borders; the z printed beside one is a regression's t."""
    found = audit.run(paper)
    assert found.checked["recomputed"] == audit.Checked(count=26, agreed=25)
    (verdict,) = found.verdicts
    assert (verdict.certainty, verdict.kind, verdict.about) == ("likely", "recomputed_slope", (SYSTEMS[0],))
    # their I is right; Moran's z is 3.90 under normality and 4.00 under randomisation
    (line,) = verdict.arithmetic
    assert "∋ 0.428" in line
    assert "z ∈ [3.987, 4.004] (R), [3.887, 3.905] (N) ∌ 4.629" in line
    assert line.endswith("∋ 4.629")


def test_scores_that_lost_an_indicator_are_not_those_behind_the_table(paper: Path, shared_data: Path) -> None:
    """Their file of scores silently lost the hospital beds, so that its Moran's I is another in every year."""
    scores = pd.read_csv(shared_data / "nqp-spatial" / "面板数据_最终测度得分结果.csv")
    wide = scores.pivot_table(index="省份", columns="年份", values="高质量发展_组合得分")
    wide.map("{:.4f}".format).rename_axis("地区").to_csv(paper.parent / "高质量发展.csv")
    wrong = [v for v in audit.run(paper).verdicts if v.about[0] == SYSTEMS[1]]
    assert [v.kind for v in wrong] == ["recomputed_wrong"]
    assert "0.371" in wrong[0].arithmetic[0]
    assert "∌" in wrong[0].arithmetic[0]


@pytest.mark.parametrize("decimals", [3, 4])
def test_a_paper_on_real_data_is_clean(shared_data: Path, tmp_path: Path, decimals: int) -> None:
    """Real series of science and technology, put through our functions and printed as papers print them."""
    if not SCRIPTS.is_dir():
        pytest.skip("the scripts are not here: this is an installed package")
    sys.path.insert(0, str(SCRIPTS))
    try:
        study, printing = (importlib.import_module(f"paper_simulation.{m}") for m in ("study", "printing"))
    finally:
        sys.path.remove(str(SCRIPTS))
    core = pd.read_csv(shared_data / "techme" / "core_2010_2022.csv").set_index(["province", "year"])
    whole = core[[v for v in core if core[v].notna().all() and len(core) == 403]]
    assert whole.shape[1] >= 15
    base = study.random_study(0)
    raw = whole.to_xarray().to_dataarray("indicator").transpose("province", "year", "indicator")
    raw = raw.rename(province="region").assign_coords(
        system_of=("indicator", ["S1"] * 8 + ["S2"] * (whole.shape[1] - 8)),
        dimension_of=("indicator", ["a"] * 4 + ["b"] * 4 + ["c"] * (whole.shape[1] - 8)),
        direction=("indicator", ["positive"] * whole.shape[1]),
    )
    _, borders, groups = study.china()
    choices = study.Choices("standard", {"S1": 0.5, "S2": 0.5}, "nine-level", 2)
    real = base.but(raw=raw, choices=choices, groups=groups, weights_matrix=borders, provinces=True)
    paper = printing.printed(real, printing.Style(decimals, False, False, True, True, True))
    found = audit.run(paper.write(tmp_path / "techme"))
    assert [v for v in found.verdicts if v.certainty != "question"] == []
    assert found.checked["recomputed"].agreed == found.checked["recomputed"].count > 0
