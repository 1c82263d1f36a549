"""The paper's study as a template: what stands in it, and that it runs."""

import csv
import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from ouhe import templates, text
from ouhe.compute import derive
from ouhe.errors import OuheError
from ouhe.output import scaffold
from ouhe.study import document
from ouhe.study.load import load
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


@pytest.fixture(scope="module")
def english() -> Study:
    return Study.model_validate(document.load(FOLDER / "study.en.yml").data)


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


def test_every_template_has_an_edition_in_every_language(tmp_path):
    for lang in text.LANGUAGES:
        for template in templates.shipped():
            file = scaffold.demo(tmp_path / lang / template, study=template, lang=lang)
            assert load(file).study.language == lang


def without_words(study: Study) -> dict:
    """A study without what is said in one language: titles, names, units, definitions, sources, sheets and headers."""
    plain = study.model_dump(exclude={"title", "systems", "data"})
    plain["data"] = [
        {**entry.model_dump(exclude={"sheet", "region", "year"}), "columns": list(entry.columns or ())}
        for entry in study.data
    ]
    systems = list(study.systems)
    plain["indicators"] = [(i.id, systems.index(i.system), i.direction) for i in study.indicators]
    return plain


def renamed(ours: Study, theirs: Study) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Nodes of one tree, by path from the system down → the nodes of the other at the same indicators."""
    pairs = set()
    for a, b in zip(ours.indicators, theirs.indicators, strict=True):
        ours_path, theirs_path = (a.system, *a.path), (b.system, *b.path)
        assert len(ours_path) == len(theirs_path), a.id
        pairs |= {(ours_path[:n], theirs_path[:n]) for n in range(1, len(ours_path) + 1)}
    forth, back = dict(pairs), {b: a for a, b in pairs}
    assert len(forth) == len(back) == len(pairs)
    return forth


def test_the_editions_differ_in_words_alone(study, english):
    assert without_words(study) == without_words(english)
    # The same tree: 2 systems, 6 dimensions and 15 elements, each called by one name in each language.
    assert [sum(len(path) == depth for path in renamed(study, english)) for depth in (1, 2, 3)] == [2, 6, 15]


def test_the_editions_say_something_of_the_same_things(study, english):
    for zh, en in zip(study.indicators, english.indicators, strict=True):
        assert [bool(f) for f in (zh.name, zh.unit, zh.definition)] == [
            bool(f) for f in (en.name, en.unit, en.definition)
        ]
    # A Chinese unit has one English counterpart, but for 个, 家 and 台, which English counts by what is counted.
    pairs = {(zh.unit, en.unit) for zh, en in zip(study.indicators, english.indicators, strict=True)}
    assert {zh for zh, _ in pairs if len({e for z, e in pairs if z == zh}) > 1} <= {"个", "家", "台"}


def test_the_english_edition_holds_no_chinese():
    content = (FOLDER / "study.en.yml").read_text("utf-8")
    assert not re.findall(r"[\u3000-\uffef]", content)


@pytest.mark.parametrize("edition", ["study", "english"])
def test_names_are_told_apart(edition, request):
    study = request.getfixturevalue(edition)
    headers = [i.name for i in study.indicators]
    headers += [h for entry in study.data for several in (entry.columns or {}).values() for h in several]
    assert len(set(headers)) == len(headers)
    ids = [i.id for i in study.indicators] + [c for entry in study.data for c in entry.columns or ()]
    assert len(set(ids)) == len(ids)


def test_every_derivation_finds_its_inputs(study):
    known = {i.id for i in study.indicators} | {c for entry in study.data for c in entry.columns or ()}
    used = set()
    for target, derivation in study.derive.items():
        assert target in {i.id for i in study.indicators}
        assert derivation.if_absent
        used |= set(derive.names(derivation.expression))
    assert used <= known
    assert {c for entry in study.data for c in entry.columns or ()} <= used


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
