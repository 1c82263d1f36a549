from __future__ import annotations

import json
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import ouhe
from ouhe import text
from ouhe.read.reading import Source
from ouhe.report import citing, references
from ouhe.report.document import Bullets, Cite, Paragraph
from ouhe.results.study_results import StudyResults

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def results(small_study: Path) -> StudyResults:
    return ouhe.run(small_study)


def with_data(results: StudyResults, entries: list[dict[str, Any]], *files: str) -> StudyResults:
    sources = tuple(Source(f, f"sha-of-{f}") for f in files)
    settings = {**results.settings, "data": entries}
    return replace(results, settings=settings, data=replace(results.data, sources=sources))


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_software_is_cited_with_its_version(results: StudyResults, lang: text.Lang) -> None:
    told = citing.citation(results, lang).software
    assert told.startswith("ouhe developers. ouhe")
    assert results.versions["ouhe"] in told
    assert told.endswith(f"{citing.YEAR}.")


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_works_are_those_this_study_used(results: StudyResults, lang: text.Lang) -> None:
    found = citing.citation(results, lang).works
    keys = [w.key for w in found]
    assert "shannon1948" in keys
    assert "moran1950" not in keys
    assert len(set(keys)) == len(keys)
    assert list(found) == [references.entry(k, lang) for k in keys]


def test_another_method_is_another_work(results: StudyResults) -> None:
    weights = {"method": "critic"}
    keys = [
        w.key for w in citing.citation(replace(results, settings={**results.settings, "weights": weights}), "en").works
    ]
    assert "diakoulaki1995" in keys
    assert "shannon1948" not in keys


def test_data_are_cited_as_the_study_says_else_by_file_and_hash(results: StudyResults) -> None:
    entries = [
        {"path": ["yearbook/*.xls"], "cite": "China statistical yearbook on science and technology, 2011–2023"},
        {"path": ["./panel [2-15].csv", "more/*.csv"], "cite": ""},
        {"path": ["old.csv"]},
    ]
    files = ["yearbook/2011.xls", "yearbook/2012.xls", "panel [2-15].csv", "more/a.csv", "old.csv", "weights.gal"]
    told = citing.citation(with_data(results, entries, *files), "en").data
    assert told == (
        "China statistical yearbook on science and technology, 2011–2023",
        "panel [2-15].csv (SHA-256: sha-of-panel [2-15].csv)",
        "more/a.csv (SHA-256: sha-of-more/a.csv)",
        "old.csv (SHA-256: sha-of-old.csv)",
        "weights.gal (SHA-256: sha-of-weights.gal)",
    )


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("*.csv", {"a.csv"}),
        ("data/*.csv", {"data/b.csv"}),
        ("**/*.csv", {"a.csv", "data/b.csv", "data/old/c.csv"}),
        ("data/**", {"data/b.csv", "data/old/c.csv"}),
        ("data\\*\\?.csv", {"data/old/c.csv"}),
    ],
)
def test_a_pattern_stands_for_the_files_that_reading_takes_it_for(
    results: StudyResults, pattern: str, files: set[str]
) -> None:
    every = ("a.csv", "data/b.csv", "data/old/c.csv")
    told = citing.citation(with_data(results, [{"path": [pattern], "cite": "Yearbook"}], *every), "en").data
    assert set(told) == {"Yearbook", *(f"{f} (SHA-256: sha-of-{f})" for f in every if f not in files)}


def test_a_source_that_two_entries_name_is_told_once(results: StudyResults) -> None:
    entries = [{"path": ["a.csv"], "cite": "Yearbook"}, {"path": ["b.csv"], "cite": "Yearbook"}]
    assert citing.citation(with_data(results, entries, "a.csv", "b.csv"), "en").data == ("Yearbook",)


def test_sources_of_indicators_are_told_once_in_their_order(results: StudyResults) -> None:
    def leaf(source: str) -> dict[str, str]:
        return {"direction": "positive", "name": "", "unit": "", "definition": "", "source": source}

    systems = {
        "Effort": {"staff": leaf("Yearbook of science"), "direction": {"deep": leaf("Census")}},
        "Result": {"output": {"patents": leaf("Yearbook of science"), "waste": leaf("")}},
    }
    told = citing.citation(replace(results, settings={**results.settings, "systems": systems}), "en")
    assert told.indicators == ("Yearbook of science", "Census")


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_record_is_plain_data(results: StudyResults, lang: text.Lang) -> None:
    told = citing.citation(results, lang)
    record = told.record()
    assert json.loads(json.dumps(record, ensure_ascii=False)) == record
    assert record["software"] == told.software
    assert [m["key"] for m in record["methods"]] == [w.key for w in told.works]
    assert all("url" not in m or m["url"].startswith("https://doi.org/10.") for m in record["methods"])
    assert record["data"] == list(told.data)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_blocks_hold_all_of_it(results: StudyResults, lang: text.Lang) -> None:
    told = citing.citation(results, lang)
    blocks = told.blocks()
    lists = [item[0] for b in blocks if isinstance(b, Bullets) for item in b.items]
    assert lists == [told.software, *told.data, *told.indicators]
    cites = [p for b in blocks if isinstance(b, Paragraph) for p in b.content if isinstance(p, Cite)]
    assert cites == [Cite(tuple(w.key for w in told.works))]


def test_simulated_data_are_never_cited_as_evidence(results: StudyResults) -> None:
    def said(of: StudyResults) -> str:
        blocks = citing.citation(of, "en").blocks()
        return " ".join(p for b in blocks if isinstance(b, Paragraph) for p in b.content if isinstance(p, str))

    assert "must not be cited as evidence" not in said(results)
    assert "must not be cited as evidence" in said(replace(results, settings={**results.settings, "simulated": True}))


def test_hostile_names_stay_text(results: StudyResults) -> None:
    name = "{0} [[cite:x]] $y$ <b>"
    told = citing.citation(with_data(results, [{"path": ["*"], "cite": name}], "a.csv"), "zh")
    assert told.data == (name,)
    assert (name,) in [item for b in told.blocks() if isinstance(b, Bullets) for item in b.items]


def test_the_citation_file_is_valid_and_of_this_version() -> None:
    held = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert held["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(held)
    known = {
        "abstract",
        "authors",
        "cff-version",
        "keywords",
        "license",
        "message",
        "references",
        "title",
        "type",
        "version",
    }
    assert set(held) <= known
    assert held["type"] == "software"
    assert held["version"] == version("ouhe")
    assert held["license"] == "MIT"
    assert held["authors"] == [{"name": f"The {citing.AUTHORS}"}]
    for work in held["references"]:
        assert {"type", "title", "authors"} <= set(work)
        assert all({"family-names", "given-names"} <= set(a) for a in work["authors"])
    ran = references.works("en")["ran2024"]
    assert [(w["title"], w["year"], w["doi"]) for w in held["references"]] == [(ran.title, ran.year, ran.doi)]


def test_a_long_list_of_files_is_cut_and_says_so(results: StudyResults) -> None:
    told = citing.citation(results, "en")
    many = replace(told, data=tuple(f"file {n}.xls" for n in range(94)))
    items = [item[0] for block in many.blocks() if isinstance(block, Bullets) for item in block.items]
    assert "… and 82 more, in run.json and tables/sources.csv." in items
    assert "file 11.xls" in items
    assert "file 12.xls" not in items
    assert len(many.record()["data"]) == 94
