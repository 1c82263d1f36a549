"""The report of an audit: everything found stands in it, in both languages, and no text is read as markup."""

from __future__ import annotations

import io
from importlib.resources import files
from pathlib import Path

import pytest
from docx import Document as WordFile

from ouhe import audit, text
from ouhe.audit import Audited, Checked, Verdict, summary
from ouhe.audit.report import MOST_OF_A_KIND, document, name, numbered
from ouhe.errors import Place, Problem
from ouhe.report.document import Bullets, Document, Heading, Paragraph, Table
from ouhe.report.render.docx import docx
from ouhe.report.render.html import html
from ouhe.report.render.markdown import markdown

HOSTILE = '<script>alert(1)</script> & $x$ =cmd() "\u202e" **b** [red]'
EXAMPLE = Path(str(files("ouhe.audit"))) / "examples" / "seed-paper" / "paper.yml"


def verdict(certainty: audit.Certainty, variable: str = "innovation", check: str = "growth") -> Verdict:
    says = {"variable": variable, "scope": "nation", "printed": "6.03 %", "rate": "5.52 %", "first": 2010,
            "last": 2022, "periods": 12, "other": 11, "from": "0.105", "to": "0.200"}  # fmt: skip
    lines = (f"{variable}: (0.200/0.105)^(1/12) − 1 ∌ 6.03 %",)
    return Verdict(
        check, "growth_periods", certainty, ("table 3", Place("paper.yml", line=7)), (variable,), says, lines
    )


def found(*verdicts: Verdict, title: str = "A paper") -> Audited:
    reasons = {"ranks": (Problem("audit_checks.ranks_none"),)}
    return Audited(
        title, "Somebody, 2024", "en", verdicts, {"growth": Checked(3, 2)}, reasons, {"paper.yml": "ab" * 32}
    )


def heads(report: Document) -> list[str]:
    return [b.text for b in report.blocks if isinstance(b, Heading)]


def said(report: Document) -> str:
    return "\n".join(str(p) for p in report.pieces())


def test_it_says_what_was_checked_found_and_not_checked() -> None:
    report = document(found(verdict("question"), verdict("certain", "<b>")), version="9.9")
    # the surest first, whatever order they came in
    assert [h for h in heads(report) if h.startswith("Finding")] == [
        "Finding 1: Growth rates, <b>",
        "Finding 2: Growth rates, innovation",
    ]
    assert [h for h in heads(report) if h in {"Certain", "Likely", "Questions"}] == ["Certain", "Questions"]
    assert "3 numbers, or sets of numbers, were checked; 2 of them agree" in said(report)
    assert "Findings: 2 (certain: 1, likely: 0, questions: 1)." in said(report)
    assert "(0.200/0.105)^(1/12) − 1 ∌ 6.03 %" in said(report)
    assert "In the paper: table 3, paper.yml:7." in said(report)
    tables = {b.anchor: b for b in report.blocks if isinstance(b, Table)}
    assert [c.shown for c in tables["tab-summary"].rows[0]] == ["Growth rates", "3", "2", "1", "0", "1"]
    assert [c.shown for c in tables["tab-not-checked"].rows[0]] == ["Ranks", "no ranks stand beside values"]
    assert [c.shown for c in tables["tab-read"].rows[0]] == ["paper.yml", "ab" * 32]
    assert "ouhe 9.9" in said(report)


def test_nothing_found_is_told_as_that_and_nothing_checked_as_that() -> None:
    report = document(found(), version="1")
    assert "all of them agree" in said(report)
    assert "What does not agree" not in heads(report)
    empty = document(Audited("A paper", "", "en"), version="1")
    assert "Nothing in the paper file could be checked" in said(empty)
    assert not [b for b in empty.blocks if isinstance(b, Table)]


def test_many_findings_of_a_kind_end_in_a_table_and_all_are_counted() -> None:
    extra = 5
    report = document(found(*[verdict("likely", f"v{i}") for i in range(MOST_OF_A_KIND + extra)]), version="1")
    told = [b for b in report.blocks if isinstance(b, Heading) and b.text.startswith("Finding")]
    (rest,) = (b for b in report.blocks if isinstance(b, Table) and b.anchor.startswith("many"))
    assert len(told) == MOST_OF_A_KIND
    assert [row[0].value for row in rest.rows] == list(range(MOST_OF_A_KIND + 1, MOST_OF_A_KIND + extra + 1))


def test_every_block_has_an_anchor_and_number_of_its_own() -> None:
    report = document(found(*[verdict(c, f"v{i}") for c in audit.CERTAINTIES for i in range(20)]), version="1")
    blocks = [b for b in report.blocks if isinstance(b, Heading | Table)]
    assert len({b.anchor for b in blocks}) == len(blocks)
    sections = [b.number for b in report.blocks if isinstance(b, Heading) and b.level < 3]
    assert sections == ["1", "2", "2.1", "2.2", "2.3", "3", "4"]
    tables = [b.number for b in report.blocks if isinstance(b, Table)]
    assert tables == [str(n) for n in range(1, len(tables) + 1)]


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_names_are_never_read_as_markup(lang: text.Lang) -> None:
    report = document(found(verdict("certain", HOSTILE), title=HOSTILE), version="1", lang=lang)
    page = html(report, figures={})
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; $x$ =cmd()" in page
    word = WordFile(io.BytesIO(docx(report, figures={})))
    assert any("<script>alert(1)</script> & $x$ =cmd()" in p.text for p in word.paragraphs)
    assert "<script>" not in markdown(report, figures={})


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_example_is_told_whole_in_both_languages(lang: text.Lang) -> None:
    audited = audit.run(EXAMPLE)
    report = document(audited, version="1", lang=lang)
    with text.use(lang):
        sentences = [v.sentence() for _, v in numbered(audited)]
        names = [name(v) for _, v in numbered(audited)]
    assert all(any(s in str(p) for p in report.pieces()) for s in sentences)
    assert all(any(n in h for h in heads(report)) for n in names)
    lines = [str(item[0]) for b in report.blocks if isinstance(b, Bullets) for item in b.items]
    assert lines == [line for _, v in numbered(audited) for line in v.arithmetic]
    # one paragraph a finding says where it stands
    notes = [b for b in report.blocks if isinstance(b, Paragraph) and b.kind == "note"]
    assert len(notes) == 1 + sum(bool(v.where) for v in audited.verdicts)


def test_the_same_document_gives_the_same_bytes() -> None:
    one, two = (document(audit.run(EXAMPLE), version="1") for _ in range(2))
    assert html(one, figures={}) == html(two, figures={})
    assert docx(one, figures={}) == docx(two, figures={})


def test_the_terminal_is_told_the_first_of_each_kind_and_how_many_more() -> None:
    many = found(*[verdict("likely", f"v{i}") for i in range(MOST_OF_A_KIND + 3)], verdict("certain"))
    lines = list(summary.lines(many))
    assert [c for c, _ in lines if c] == ["certain", *["likely"] * MOST_OF_A_KIND]
    assert "  … and 3 more of this kind, in the report" in [s for _, s in lines]
    assert lines[-1] == ("", "Not checked: Ranks. The report says why.")
