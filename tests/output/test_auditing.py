"""The folder of an audit: whole or not at all, the same bytes, and nothing in it that a spreadsheet would run."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import ouhe
from ouhe import text
from ouhe.errors import OuheError
from ouhe.output import auditing

PAPER = """\
title: A small paper
lang: en
regions: 10
years: [2010, 2022]
systems: [innovation]
tables:
  - {kind: means, where: table 1, rows: "variable,year,value\\ninnovation,2010,0.105\\ninnovation,2022,0.200"}
statements:
  - {quantity: growth, of: innovation, period: 2010-2022, value: GROWTH, where: section 3}
"""


def paper(folder: Path, growth: str = "6.03%") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "paper.yml"
    path.write_text(PAPER.replace("GROWTH", growth), "utf-8")
    return path


def test_the_folder_holds_report_tables_and_record(tmp_path: Path) -> None:
    found, folder = ouhe.write_audit(paper(tmp_path))
    assert folder == tmp_path / "paper-audit"
    inside = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert inside == {"audit.html", "audit.docx", "run.json", "tables/verdicts.csv", "tables/checks.csv"}
    record = json.loads((folder / "run.json").read_text("utf-8"))
    assert record["found"] == {"certain": 1, "likely": 0, "question": 0}
    assert (record["kind"], record["language"], record["paper_file"]) == ("audit", "en", "../paper.yml")
    assert set(record["sources"]) == {"paper.yml"}
    assert set(record["files"]) == inside - {"run.json"}
    assert [v.kind for v in found.verdicts] == ["growth_periods"]


def test_the_table_of_findings_holds_each_with_its_arithmetic(tmp_path: Path) -> None:
    found, folder = ouhe.write_audit(paper(tmp_path))
    assert (folder / "tables" / "verdicts.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(folder / "tables" / "verdicts.csv")
    assert list(table.columns) == ["number", "certainty", "check", "about", "place", "finding", "arithmetic"]
    (row,) = table.itertuples(index=False)
    assert (row.number, row.certainty, row.check) == (1, "certain", "growth")
    assert row.finding == found.verdicts[0].sentence("en")
    assert row.arithmetic.splitlines() == list(found.verdicts[0].arithmetic)
    checks = pd.read_csv(folder / "tables" / "checks.csv").set_index("check")
    assert (checks.loc["growth", "checked"], checks.loc["growth", "agreed"]) == (1, 0)
    assert checks.loc["ranks", "not_checked"] == "no ranks stand beside values"


def test_a_spreadsheet_runs_nothing(tmp_path: Path) -> None:
    path = paper(tmp_path)
    path.write_text(path.read_text("utf-8").replace("innovation", "=cmd()"), "utf-8")
    _, folder = ouhe.write_audit(path)
    (about,) = pd.read_csv(folder / "tables" / "verdicts.csv")["about"]
    assert about.startswith("'=cmd()")


def test_what_agrees_is_told_without_findings(tmp_path: Path) -> None:
    found, folder = ouhe.write_audit(paper(tmp_path, "5.52%"), formats=["markdown"])
    assert found.verdicts == ()
    assert pd.read_csv(folder / "tables" / "verdicts.csv").empty
    assert "all of them agree" in (folder / "audit.md").read_text("utf-8")


def test_the_language_is_that_of_the_paper_file_unless_another_is_asked_for(tmp_path: Path) -> None:
    _, own = ouhe.write_audit(paper(tmp_path), formats=["markdown"])
    assert "# Published numbers checked: A small paper" in (own / "audit.md").read_text("utf-8")
    _, other = ouhe.write_audit(paper(tmp_path), tmp_path / "zh", lang="zh", formats=["markdown"])
    assert "# 论文数字核查：A small paper" in (other / "audit.md").read_text("utf-8")


def test_the_same_paper_gives_the_same_bytes_and_an_earlier_output_is_replaced(tmp_path: Path) -> None:
    def contents() -> dict[str, bytes]:
        _, folder = ouhe.write_audit(paper(tmp_path))
        return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "run.json"}

    assert contents() == contents()


def test_a_folder_that_is_no_output_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("years of work", "utf-8")
    with pytest.raises(OuheError, match="not an output of ouhe"):
        ouhe.write_audit(paper(tmp_path), other)
    assert [p.name for p in other.iterdir()] == ["chapter.txt"]


def test_a_broken_paper_file_leaves_the_earlier_output_whole(tmp_path: Path) -> None:
    _, folder = ouhe.write_audit(paper(tmp_path))
    before = (folder / "audit.html").read_bytes()
    with pytest.raises(OuheError):
        ouhe.write_audit(paper(tmp_path, "[nothing"))
    assert (folder / "audit.html").read_bytes() == before


def test_an_unknown_format_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(OuheError, match=r'no format "htm"; did you mean "html"'):
        ouhe.write_audit(paper(tmp_path), formats=["htm"])


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_the_example_is_put_there_once_and_not_over_other_files(tmp_path: Path, lang: text.Lang) -> None:
    file = auditing.example(tmp_path / "example", lang=lang)
    assert auditing.example(tmp_path / "example", lang=lang) == file
    assert len(ouhe.audit_paper(file).verdicts) == 7
    file.write_text("title: mine", "utf-8")
    with pytest.raises(OuheError, match="other content"):
        auditing.example(tmp_path / "example", lang=lang)
    assert file.read_text("utf-8") == "title: mine"
