"""The paper's study as a template: what stands in it, and that it runs."""

import csv
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from ouhe import text
from ouhe.errors import OuheError
from ouhe.output import scaffold
from ouhe.study import document
from ouhe.study.run import run
from ouhe.study.schema import Study

FOLDER = Path(str(files("ouhe.templates") / "innovation-productivity"))
PAPER = Path(__file__).parents[2] / "../shared/paper/indicators.csv"


@pytest.fixture(scope="module")
def data():
    return document.load(FOLDER / "study.yml").data


@pytest.fixture(scope="module")
def study(data) -> Study:
    return Study.model_validate(data)


@pytest.mark.real
def test_the_indicators_are_those_of_the_paper(study):
    if not PAPER.is_file():
        pytest.skip("../shared/paper is not here")
    with PAPER.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    signs = {"positive": "+", "negative": "-"}
    found = [(i.system, *i.path, i.name, i.definition, i.unit, signs[i.direction]) for i in study.indicators]
    columns = ("system", "dimension", "element", "indicator", "definition", "unit", "direction")
    assert found == [tuple(r[c] for c in columns) for r in rows]


def test_every_indicator_names_its_source(data):
    named = ("中国科技统计年鉴", "中国火炬统计年鉴", "中国城市统计年鉴", "中国环境统计年鉴", "中国工业统计年鉴")
    named += ("国家统计局", "中国科技部", "各省份统计年鉴", "北京大学数字普惠金融指数")

    def sources(branch):
        for child in branch.values():
            if isinstance(child.get("direction"), str):
                yield child["source"]
            else:
                yield from sources(child)

    found = list(sources(data["systems"]))
    assert len(found) == 60
    assert {s for several in found for s in several.split("；")} == set(named)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_demonstration_runs_and_is_marked_as_simulated(tmp_path, lang):
    file = scaffold.demo(tmp_path, lang=lang)
    results = run(file)
    assert results.settings["simulated"] is True
    index = results.measurement.index.mean("region")
    # Section 3(4) of the paper: 0.105 and 0.200, 0.122 and 0.240.
    assert index.sel(year=[2010, 2022]).to_numpy().ravel() == pytest.approx([0.105, 0.122, 0.200, 0.240], abs=0.0005)


def test_the_template_without_data_says_that_the_workbook_is_missing(tmp_path):
    shutil.copy(FOLDER / "study.yml", tmp_path)
    with pytest.raises(OuheError, match=r"data\.xlsx"):
        run(tmp_path / "study.yml")
