from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from ouhe import cli


def run(*arguments: str) -> int:
    """Exit code of the command line."""
    try:
        cli.main(list(arguments))
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_run_writes_and_says_where(small_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", str(small_study), "--lang", "en") == 0
    said = capsys.readouterr()
    assert "index of Effort, mean (All regions)" in said.out
    assert "study-output" in said.out
    assert said.err == ""


def test_chinese_is_spoken_where_it_is_asked_for(small_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--lang", "zh", "run", str(small_study)) == 0
    assert "结果已写入" in capsys.readouterr().out
    assert run("run", str(small_study.parent / "none.yml"), "--lang=zh") == 1
    assert "没有这个文件" in capsys.readouterr().err


def test_quiet_says_nothing(small_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", str(small_study), "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_check_computes_and_writes_nothing(small_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(small_study), "--lang", "en") == 0
    said = capsys.readouterr().out
    assert "3 regions, 2018-2020 (3 years), 4 indicators in 2 systems" in said
    assert "panel.csv: read as long" in said
    assert "36 values read, 0 derived, 0 filled" in said
    assert {p.name for p in small_study.parent.iterdir()} == {"study.yml", "panel.csv", "regions.csv"}


def test_set_changes_the_study_for_one_run(small_study: Path) -> None:
    assert run("run", str(small_study), "-q", "--set", "weights=critic", "--set", "seed=7") == 0
    told = json.loads((small_study.parent / "study-output" / "run.json").read_text("utf-8"))
    assert (told["study"]["weights"], told["seed"]) == ({"method": "critic"}, 7)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["run", "--help"], 0),
        ([], 2),
        (["runn"], 2),
        (["run"], 2),
        (["run", "study.yml", "--no-such-option"], 2),
        (["run", "no-such-study.yml"], 1),
        (["regions", "no-such-set"], 1),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    assert run(*arguments) == code


def test_a_defect_of_ours_is_told_as_one(
    small_study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("a wheel came off")

    monkeypatch.setattr("ouhe.output.write", broken)
    assert run("run", str(small_study), "--lang", "en") == 3
    assert "Internal error (RuntimeError: a wheel came off)" in capsys.readouterr().err


def test_warnings_are_told(small_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    panel = small_study.parent / "panel.csv"
    panel.write_text(panel.read_text("utf-8").replace("A,2019,12", "A,2019,1200"), "utf-8")
    assert run("run", str(small_study), "--quiet", "--lang", "en") == 0
    assert "warning: staff 2019: 1 suspicious values" in capsys.readouterr().err


def test_another_unit_in_the_data_is_told_and_nothing_converted(
    small_study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    panel = small_study.parent / "panel.csv"
    panel.write_text(panel.read_text("utf-8").replace("funds,", "Funds (10 000 yuan),"), "utf-8")
    assert run("run", str(small_study), "--quiet", "--lang", "en") == 0
    assert "funds: the data give the unit 10 000 yuan, the study yuan" in capsys.readouterr().err


def test_printed_forms_of_the_paper_run_and_warn(small_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ["--set", "weights.denominator=regions", "--set", "aggregate=shares"]
    assert run("run", str(small_study), "--quiet", "--lang", "en", *settings) == 0
    said = capsys.readouterr().err
    assert "as equation 4 is printed" in said
    assert "aggregate: linear takes" in said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_regions_are_shown(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("regions", "--lang", lang) == 0
    assert "china-provinces" in capsys.readouterr().out
    assert run("regions", "china-provinces", "--lang", lang) == 0
    assert "650000" in capsys.readouterr().out
    assert run("regions", "china-provinces", "--groups", "--neighbours", "--lang", lang) == 0
    shown = capsys.readouterr().out
    assert ("东部地区" if lang == "zh" else "Eastern") in shown
    assert ("广东" if lang == "zh" else "Guangdong") in shown


def test_help_loads_nothing_heavy() -> None:
    """What takes long to import is not needed to say what there is; the benchmark measures the time."""
    code = (
        "import sys; from ouhe import cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'pandas', 'numpy', 'xarray', 'pydantic', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_formula_without_a_result_is_told_and_not_taken_for_a_gap(
    small_study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row.split(",") for row in (small_study.parent / "panel.csv").read_text("utf-8").splitlines()]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([float(c) if c[0].isdigit() else c for c in row])
    book.active["C3"] = "=1+SUM(D3:D4)"
    book.save(small_study.parent / "panel.xlsx")
    settings = ["--set", "data=panel.xlsx", "--set", "missing=linear"]
    assert run("run", str(small_study), "--lang", "en", *settings) == 1
    assert "C3: A 2019 staff holds the formula =1+SUM(D3:D4) without a stored result" in capsys.readouterr().err


@pytest.mark.parametrize("written", ["12.5%", "(45.2)", "约30", "12*"])
def test_a_figure_with_a_mark_is_not_advised_away(
    small_study: Path, capsys: pytest.CaptureFixture[str], written: str
) -> None:
    panel = small_study.parent / "panel.csv"
    panel.write_text(panel.read_text("utf-8").replace("A,2018,10,", f"A,2018,{written},"), "utf-8")
    assert run("run", str(small_study), "--lang", "en") == 1
    said = capsys.readouterr().err
    assert f'"{written}" is not a plain number' in said
    assert "tokens" not in said


def test_an_audit_tells_its_findings_and_exits_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "--example", str(tmp_path / "paper"), "--lang", "en") == 0
    said = capsys.readouterr()
    assert "findings: 7 (certain: 5, likely: 0, questions: 2)" in said.out
    assert "certain  Growth rates, " in said.out
    assert "(0.200/0.105)^(1/11) − 1 ∈ [5.96 %, 6.11 %] ∋ 6.03 %" in said.out
    assert "paper-audit (audit.docx, audit.html, run.json, tables/)" in said.out
    assert said.err == ""
    assert run("audit", str(tmp_path / "paper" / "paper.yml"), "--quiet", "--out", str(tmp_path / "out")) == 0
    assert capsys.readouterr() == ("", "")


def test_an_audit_of_a_wrong_file_or_of_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", str(tmp_path / "none.yml"), "--lang", "en") == 1
    assert "there is no such file" in capsys.readouterr().err
    (tmp_path / "paper.yml").write_text("title: a\nregions: 3\nyears: [2010]\nsystems: [a]\ntabels: []\n", "utf-8")
    assert run("audit", str(tmp_path / "paper.yml"), "--lang", "en") == 1
    assert 'paper.yml:5:1: unknown key "tabels"; did you mean "tables"' in capsys.readouterr().err
    assert run("audit", "--lang", "en") == 2
    assert "Name a paper file" in capsys.readouterr().err
