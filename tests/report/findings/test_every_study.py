"""Findings of whole studies: every adapter finds what its rules need, and nothing where an analysis is absent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import ouhe
from ouhe import text
from ouhe.output import scaffold
from ouhe.report.findings.catalogue import MODULES
from ouhe.report.findings.finding import Finding, condition, numbers, sentence
from ouhe.results.study_results import StudyResults

#: Modules whose findings need nothing that a study must ask for.
ALWAYS = {"weights", "levels", "groups", "gaps", "regions", "coupling", "classes", "lags", "obstacles", "evidence"}

#: Options that let an analysis say more than its own do.
OPTIONS = {
    "moran": "{of: [index, D], neighbours: [contiguity, {method: k-nearest, k: 4}]}",
    "geary": "{of: D}",
    "getis": "{of: D}",
    "lisa": "{of: [index, D], correction: benjamini-hochberg}",
    "density": "{of: [index, C, D], reflect: true}",
    "uncertainty": "{draws: 40, samples: 8}",
}

#: Every analysis there is.
ANALYSES = "\n".join(
    ["analyses:", *(f"  {name}: {OPTIONS.get(name, '')}".rstrip() for name in StudyResults.ANALYSES), "figures: none\n"]
)

#: Names that no page, sheet or sentence may take for anything else.
ODD = ("<b>&amp;</b>", "=cmd()", "{system} {0}", "x" * 200, "\u202eمنطقة\u202c")

THREE = f"""\
title: Three systems
lang: en
regions: regions.csv
years: [2018, 2020]
data: {{path: panel.csv, layout: long}}
systems:
  "{ODD[0]}":
    a: {{name: "{ODD[1]}", unit: "1", direction: positive}}
    b: {{name: B, unit: "1", direction: positive}}
  "{ODD[2]}":
    c: {{name: C, unit: "1", direction: positive}}
  Third:
    d: {{name: D, unit: "1", direction: negative}}
groups: null
figures: none
"""


def findings(results: StudyResults) -> Iterator[Finding]:
    for module in MODULES:
        yield from import_module(f"ouhe.report.findings.{module}").find(results)


def run(study: Path) -> StudyResults:
    return ouhe.run(study)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, StudyResults]:
    """The shipped study with every analysis there is, in both languages."""
    found = {}
    for lang in text.LANGUAGES:
        study = scaffold.demo(tmp_path_factory.mktemp(lang) / "study", lang=lang)
        asked = re.sub(r"^analyses:\n(?:  .*\n)+figures:.*\n", ANALYSES, study.read_text("utf-8"), flags=re.MULTILINE)
        assert ANALYSES in asked
        study.write_text(asked, "utf-8")
        with text.use(lang):
            found[lang] = run(study)
    return found


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A study of three systems and five regions with odd names."""
    rows = ["region,year,a,b,c,d"]
    for i in range(5):
        rows += [
            f"r{i},{year},{1 + i + k},{2 * i + k * k + 1},{7 - i + k},{3 + (i * 7) % 5 - k}"
            for k, year in enumerate((2018, 2019, 2020))
        ]
    quoted = [f'r{i},"{name}"' for i, name in enumerate(ODD)]
    (tmp_path / "panel.csv").write_text("\n".join(rows) + "\n", "utf-8")
    (tmp_path / "regions.csv").write_text("\n".join(["id,name_en", *quoted]) + "\n", "utf-8")
    (tmp_path / "study.yml").write_text(THREE, "utf-8")
    return tmp_path / "study.yml"


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_shipped_study_is_told_whole_in_either_language(shipped: dict[str, StudyResults], lang: text.Lang) -> None:
    with text.use(lang):
        found = list(findings(shipped[lang]))
        told = [sentence(f) for f in found]
        assert {f.rule.partition(".")[0] for f in found} >= {*MODULES} - {"obstacles"}
        assert all(
            s.endswith("." if lang == "en" else "。") and condition(f.rule) for f, s in zip(found, told, strict=True)
        )
        assert all(numbers(f).startswith("{") for f in found)
    assert len({f.rule for f in found if f.rule.startswith("autocorrelation")}) > 8


def test_both_languages_tell_the_same(shipped: dict[str, StudyResults]) -> None:
    rules = {lang: [f.rule for f in findings(shipped[lang])] for lang in text.LANGUAGES}
    assert rules["zh"] == rules["en"]


def test_a_study_without_analyses_has_no_findings_on_them(small_study: Path) -> None:
    found = list(findings(run(small_study)))
    assert {f.rule.partition(".")[0] for f in found} <= ALWAYS
    assert all(sentence(f) and numbers(f) for f in found)


def test_one_year_says_nothing_of_change(small_study: Path) -> None:
    small_study.write_text(small_study.read_text("utf-8").replace("[2018, 2020]", "[2019, 2019]"), "utf-8")
    found = list(findings(run(small_study)))
    assert found
    for f in found:
        assert "2018" not in sentence(f)
        assert "2020" not in sentence(f)
        assert {f.says.get(k, 2019) for k in ("first_year", "last_year", "before", "since")} == {2019}


def test_three_systems_and_odd_names_stay_as_they_are(three: Path) -> None:
    results = run(three)
    told = " ".join(sentence(f) for f in findings(results))
    assert ODD[2] in told
    assert "lagging" in told
    assert all(numbers(f) for f in findings(results))
