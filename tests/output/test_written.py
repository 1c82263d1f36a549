"""What somebody changed in an output is never lost: not to the next run, not to a report made again, not to a kill."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import ouhe
from ouhe.cli import main
from ouhe.errors import OuheWarning

SETTINGS = ["report=[html, latex]"]
MINE = "mine, after an evening's work"


@pytest.fixture
def output(small_study: Path) -> Path:
    return ouhe.write(small_study, settings=SETTINGS)[1]


def again(study: Path) -> list[str]:
    """Messages of another run that speak of files that are kept."""
    results, _ = ouhe.write(study, settings=SETTINGS)
    return [w.message("en") for w in results.warnings if w.key.startswith("output.kept")]


def record(folder: Path) -> dict[str, object]:
    return json.loads((folder / "run.json").read_text("utf-8"))


def test_the_record_holds_the_digest_of_every_file(output: Path) -> None:
    files = {p.relative_to(output).as_posix(): p for p in output.rglob("*") if p.is_file() and p.name != "run.json"}
    assert record(output)["files"] == {
        name: hashlib.sha256(files[name].read_bytes()).hexdigest() for name in sorted(files)
    }
    assert record(output)["kept"] == []


@pytest.mark.parametrize("file", ["report.tex", "tables/weights.csv", "tables.xlsx", "data.nc"])
def test_what_was_changed_is_kept_beside_the_new(small_study: Path, output: Path, file: str) -> None:
    before = (output / file).read_bytes()
    (output / file).write_text(MINE, "utf-8")
    stem, _, ending = file.rpartition(".")
    kept = f"{stem}.kept-1.{ending}"
    assert again(small_study) == [f"{file} was changed since it was written; your version is kept as {kept}"]
    assert (output / kept).read_text("utf-8") == MINE
    assert (output / file).read_bytes() == before or file == "data.nc"
    assert again(small_study) == []
    assert (output / kept).read_text("utf-8") == MINE


def test_each_version_is_kept_until_somebody_removes_it(small_study: Path, output: Path) -> None:
    for number in (1, 2, 3):
        (output / "report.html").write_text(f"{MINE} {number}", "utf-8")
        assert len(again(small_study)) == 1
    kept = {p.name: p.read_text("utf-8") for p in output.glob("report.kept-*.html")}
    assert kept == {f"report.kept-{n}.html": f"{MINE} {n}" for n in (1, 2, 3)}
    (output / "report.kept-2.html").unlink()
    (output / "report.kept-3.html").write_text("changed again", "utf-8")
    assert again(small_study) == []
    assert sorted(p.name for p in output.glob("report.kept-*")) == ["report.kept-1.html", "report.kept-3.html"]
    assert (output / "report.kept-3.html").read_text("utf-8") == "changed again"


def test_what_was_not_changed_is_replaced_without_a_word(small_study: Path, output: Path) -> None:
    os.utime(output / "report.tex")
    (output / "report.html").unlink()
    assert again(small_study) == []
    assert not list(output.rglob("*.kept-*"))


@pytest.mark.parametrize("file", ["report.tex", "notes.txt"])
def test_what_changes_while_the_study_runs_is_kept_too(small_study: Path, output: Path, file: str) -> None:
    def meanwhile(step: str, _done: int, _total: int) -> None:
        if step == "report":
            (output / file).write_text(MINE, "utf-8")

    results, _ = ouhe.write(small_study, settings=SETTINGS, progress=meanwhile)
    assert len([w for w in results.warnings if w.key.startswith("output.kept")]) == 1
    [kept] = [p for p in output.iterdir() if p.suffix in (".tex", ".txt") and p.read_text("utf-8") == MINE]
    assert kept.name in ("report.kept-1.tex", "notes.txt")
    assert again(small_study) == []
    assert kept.read_text("utf-8") == MINE


def test_the_command_tells(small_study: Path, output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (output / "report.tex").write_text(MINE, "utf-8")
    main(["run", str(small_study), "--lang", "en", "--set", "report=latex"])
    assert "kept as report.kept-1.tex" in capsys.readouterr().err


def test_a_report_made_again_keeps_it(small_study: Path, output: Path) -> None:
    before = (output / "report.tex").read_bytes()
    (output / "report.tex").write_text(MINE, "utf-8")
    with pytest.warns(OuheWarning, match=r"kept as report\.kept-1\.tex"):
        ouhe.write_report(output, formats=["latex"])
    assert (output / "report.tex").read_bytes() == before
    ouhe.write_report(output, formats=["latex"])  # nothing is told, nothing kept again
    ouhe.write_report(output, formats=["latex"], lang="zh")
    assert again(small_study) == []
    assert {p.name for p in output.glob("report*.tex")} == {"report.tex", "report.kept-1.tex"}
    assert (output / "report.kept-1.tex").read_text("utf-8") == MINE


def test_in_another_folder_whatever_differs_is_kept(output: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "report.tex").write_text(MINE, "utf-8")
    with pytest.warns(OuheWarning, match=r"it is kept as report\.kept-1\.tex"):
        ouhe.write_report(output, formats=["latex"], to=other)
    ouhe.write_report(output, formats=["latex"], to=other)
    assert {p.name for p in other.iterdir()} == {"report.tex", "report.kept-1.tex"}
    assert (other / "report.kept-1.tex").read_text("utf-8") == MINE


def test_an_output_that_noted_no_digests_is_replaced_as_before(small_study: Path, output: Path) -> None:
    told = record(output)
    told["files"] = list(told["files"])
    (output / "run.json").write_text(json.dumps(told), "utf-8")
    assert again(small_study) == []
    assert all(record(output)["files"].values())


def test_a_file_manager_that_looked_in_is_no_reason_to_refuse(small_study: Path, output: Path) -> None:
    (output / ".DS_Store").write_bytes(b"x")
    (output / "tables" / "Thumbs.db").write_bytes(b"x")
    assert again(small_study) == []


KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from ouhe.output.folder import replaced
from ouhe.output.written import as_json, digests, put, replace

def run(target, content):
    with replaced(target) as new:
        (new / "report.tex").write_bytes(content)
        put(as_json({"files": digests(new)}), new / "run.json")

def report(target, content):
    replace(target, {"report.tex": content, "report-zh.tex": content})

def die_at(number):
    left = [number]
    def dying(real):
        def step(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)
        return step
    for owner, names in ((Path, ("replace", "rename", "write_bytes")), (shutil, ("copy2", "rmtree"))):
        for name in names:
            setattr(owner, name, dying(getattr(owner, name)))

again = {"run": run, "report": report}[sys.argv[2]]
for number in range(40):
    target = Path(sys.argv[1]) / f"o{number}"
    run(target, b"ours")
    (target / "report.tex").write_bytes(b"mine")
    child = os.fork()
    if not child:
        die_at(number)
        again(target, b"newer")
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
    run(target, b"newest")
    held = sorted(p.read_bytes() for p in target.glob("report*.tex"))
    assert b"mine" in held and b"newest" in held, (number, held)
    assert not list(target.parent.glob(f".o{number}.*")), number
print(number)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
@pytest.mark.parametrize(("what", "steps"), [("run", 8), ("report", 8)])
def test_killed_anywhere_nothing_is_lost(tmp_path: Path, what: str, steps: int) -> None:
    ignored = ["-W", "ignore"]
    done = subprocess.run(
        [sys.executable, *ignored, "-c", KILLED, str(tmp_path), what], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= steps  # it was killed at every step there is
