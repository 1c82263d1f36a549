"""What holds for every study that ships: both languages say the same, and everything it names is there."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from ouhe import templates, text
from ouhe.compute import derive
from ouhe.output import scaffold
from ouhe.study import document
from ouhe.study.load import load
from ouhe.study.schema import Study

#: Nodes of the tree of each study by level: systems, dimensions, elements.
LEVELS = {"innovation-productivity": [2, 6, 15], "us-states": [2, 4, 0]}
#: Chinese units that English counts by what is counted, or says in the name.
SEVERAL = {"个", "家", "台"}


def edition(template: str, name: str) -> Study:
    path = Path(str(files("ouhe.templates") / template / name))
    return Study.model_validate(document.load(path).data)


@pytest.fixture(scope="module", params=templates.shipped())
def template(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def chinese(template) -> Study:
    return edition(template, "study.yml")


@pytest.fixture(scope="module")
def english(template) -> Study:
    return edition(template, "study.en.yml")


def test_the_studies_that_ship():
    assert templates.shipped() == tuple(LEVELS)
    assert templates.DEFAULT in templates.shipped()


def test_every_template_has_an_edition_in_every_language(template, tmp_path):
    for lang in text.LANGUAGES:
        file = scaffold.demo(tmp_path / lang, study=template, lang=lang)
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


def test_the_editions_differ_in_words_alone(template, chinese, english):
    assert without_words(chinese) == without_words(english)
    # The same tree, each node called by one name in each language.
    nodes = renamed(chinese, english)
    assert [sum(len(path) == depth for path in nodes) for depth in (1, 2, 3)] == LEVELS[template]


def test_the_editions_say_something_of_the_same_things(chinese, english):
    for zh, en in zip(chinese.indicators, english.indicators, strict=True):
        assert [bool(f) for f in (zh.name, zh.unit, zh.definition, zh.source)] == [
            bool(f) for f in (en.name, en.unit, en.definition, en.source)
        ]
    # A Chinese unit has one English counterpart, but for those that English counts by what is counted.
    pairs = {(zh.unit, en.unit) for zh, en in zip(chinese.indicators, english.indicators, strict=True)}
    assert {zh for zh, _ in pairs if len({e for z, e in pairs if z == zh}) > 1} <= SEVERAL


def test_the_english_edition_holds_no_chinese(template):
    content = (files("ouhe.templates") / template / "study.en.yml").read_text("utf-8")
    assert not re.findall(r"[\u3000-\uffef]", content)


def test_names_are_told_apart(chinese, english):
    for study in (chinese, english):
        headers = [i.name for i in study.indicators]
        headers += [h for entry in study.data for several in (entry.columns or {}).values() for h in several]
        assert len(set(headers)) == len(headers)
        ids = [i.id for i in study.indicators] + [c for entry in study.data for c in entry.columns or ()]
        assert len(set(ids)) == len(ids)


def test_every_derivation_finds_its_inputs(chinese):
    known = {i.id for i in chinese.indicators} | {c for entry in chinese.data for c in entry.columns or ()}
    used = set()
    for target, derivation in chinese.derive.items():
        assert target in {i.id for i in chinese.indicators}
        assert derivation.if_absent
        used |= set(derive.names(derivation.expression))
    assert used <= known
    assert {c for entry in chinese.data for c in entry.columns or ()} <= used


def test_the_groups_are_groups_of_the_regions(template, tmp_path):
    from ouhe import regions

    study = load(scaffold.demo(tmp_path, study=template, lang="en")).study
    assert study.groups in regions.load(study.regions.set).groupings
