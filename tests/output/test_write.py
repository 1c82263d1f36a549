from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xarray as xr

import ouhe
from ouhe.errors import OuheError

TABLES = {
    "panel", "weights", "dimension_weights", "index", "dimensions", "coupling", "groups", "growth",
    "growth_by_year", "gaps", "ranks", "classes", "class_moves",
    "missing", "sources", "left_out", "matches", "editions", "suspicious",
    "obstacles", "obstacles_groups", "obstacles_dimensions", "conventions", "findings",
}  # fmt: skip


def digests(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.suffix in {".csv", ".xlsx", ".svg", ".pdf", ".png"}
    }


def test_the_folder_holds_what_the_interface_promises(small_study: Path) -> None:
    _, folder = ouhe.write(small_study)
    assert folder == small_study.parent / "study-output"
    assert {p.name for p in folder.iterdir()} == {"tables", "tables.xlsx", "data.nc", "run.json"}
    assert {p.stem for p in (folder / "tables").iterdir()} == TABLES
    assert all(p.read_bytes().startswith(b"\xef\xbb\xbf") for p in (folder / "tables").iterdir())


def test_index_c_and_d_by_hand(small_study: Path) -> None:
    results, _ = ouhe.write(small_study, settings=["weights=equal"])
    # B 2019: staff (4-3)/27, funds (35-20)/370; patents (2-1)/20, waste (12-11)/10, each with weight 1/2
    effort, result = (1 / 27 + 15 / 370) / 2, (1 / 20 + 1 / 10) / 2
    c = 2 * np.sqrt(effort * result) / (effort + result)
    d = np.sqrt(c * (effort + result) / 2)
    at = results.coupling.D.sel(region="B", year=2019)
    assert results.measurement.index.sel(region="B", year=2019).values == pytest.approx([effort, result], abs=1e-15)
    assert float(at) == pytest.approx(d, abs=1e-15)
    row = results.tables()["coupling"].set_index(["region", "year"]).loc[("B", 2019)]
    assert (row["class"], row["lag"]) == ("moderate imbalance", "Effort lagging")


def test_the_same_study_gives_the_same_bytes(small_study: Path) -> None:
    _, first = ouhe.write(small_study)
    before = digests(first)
    time.sleep(1.1)  # a second later, so that a time of day in a file would show
    _, second = ouhe.write(small_study)
    assert digests(second) == before
    assert len(before) == len(TABLES) + 1


def test_figures_are_drawn_in_every_format_and_have_the_same_bytes(small_study: Path) -> None:
    settings = ["figures={only: [index_trends, class_stack], dpi: 100}"]
    _, first = ouhe.write(small_study, settings=settings)
    before = digests(first / "figures")
    names = {f"{name}.{ending}" for name in ("index_trends", "class_stack") for ending in ("svg", "pdf", "png")}
    assert set(before) == names
    _, second = ouhe.write(small_study, settings=[*settings, "seed=42"])
    assert digests(second / "figures") == before


def test_a_figure_that_cannot_be_drawn_is_told(small_study: Path) -> None:
    _, folder = ouhe.write(small_study, settings=["figures={formats: svg, only: [class_stack]}"])
    told = json.loads((folder / "run.json").read_text("utf-8"))
    assert "class_maps" in told["not_drawn"]
    with pytest.raises(OuheError, match="class_maps"):
        ouhe.write(small_study, settings=["figures=[class_maps]"])


def test_load_gives_the_results_back_without_the_data(small_study: Path) -> None:
    results, folder = ouhe.write(small_study, settings=["missing=linear"])
    (small_study.parent / "panel.csv").unlink()
    loaded = ouhe.load(folder)
    stored = loaded.tables()
    for name, table in results.tables().items():
        pd.testing.assert_frame_equal(stored[name], table, obj=name)
    xr.testing.assert_identical(loaded.coupling.D, results.coupling.D)
    assert loaded.summary() == results.summary()
    assert loaded.settings == results.settings


def test_tables_of_the_workbook_equal_the_csv_files(small_study: Path) -> None:
    _, folder = ouhe.write(small_study)
    sheets = pd.read_excel(folder / "tables.xlsx", sheet_name=None, engine="calamine")
    for name in TABLES:
        csv = pd.read_csv(folder / "tables" / f"{name}.csv")
        if len(csv):
            pd.testing.assert_frame_equal(sheets[name], csv, check_dtype=False, obj=name)
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    assert list(book["weights"].tables) == ["table_weights"]
    assert list(book["index"].tables) == ["table_index"]


def test_names_that_would_be_formulas_come_out_inert(small_study: Path) -> None:
    folder = small_study.parent
    (folder / "regions.csv").write_text("id\n=cmd()\nB\nC\n", "utf-8")
    (folder / "panel.csv").write_text((folder / "panel.csv").read_text("utf-8").replace("A,", "=cmd(),"), "utf-8")
    _, out = ouhe.write(small_study)
    assert "\r\n'=cmd()," in (out / "tables" / "coupling.csv").read_text("utf-8-sig").replace("\n", "\r\n")
    cell = openpyxl.load_workbook(out / "tables.xlsx")["coupling"]["A2"]
    assert (cell.value, cell.data_type) == ("=cmd()", "s")


def test_simulated_data_say_so_everywhere(small_study: Path) -> None:
    results, folder = ouhe.write(small_study, settings=["simulated=true"])
    for path in (folder / "tables").iterdir():
        table = pd.read_csv(path)
        assert "simulated" in table.columns, path.name
        assert table["simulated"].astype(str).str.startswith("simulated data").all()
    assert "simulated data" in results.summary()
    assert json.loads((folder / "run.json").read_text("utf-8"))["simulated"] is True
    index = openpyxl.load_workbook(folder / "tables.xlsx").worksheets[0]
    assert "simulated data" in index["A2"].value
    with xr.open_dataset(folder / "data.nc", engine="h5netcdf") as stored:
        assert stored.attrs["simulated"] == 1


def test_run_json_tells_what_was_run(small_study: Path) -> None:
    _, folder = ouhe.write(small_study, settings=["weights.method=critic"])
    told = json.loads((folder / "run.json").read_text("utf-8"))
    data = (small_study.parent / "panel.csv").read_bytes()
    assert told["inputs"][0]["sha256"] == hashlib.sha256(data).hexdigest()
    assert told["study"]["weights"] == {"method": "critic"}
    assert told["settings"] == ["weights.method=critic"]
    assert told["seed"] == 42
    assert told["versions"]["ouhe"] == ouhe.__version__
    assert told["outside"] == []


def test_a_folder_of_someone_else_is_not_replaced(small_study: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.docx").write_text("years of work")
    with pytest.raises(OuheError, match="not an output of ouhe"):
        ouhe.write(small_study, mine)
    assert (mine / "thesis.docx").read_text() == "years of work"


def test_a_failing_study_writes_nothing_and_leaves_the_earlier_output(small_study: Path) -> None:
    _, folder = ouhe.write(small_study)
    before = digests(folder)
    panel = small_study.parent / "panel.csv"
    panel.write_text(panel.read_text("utf-8").replace("A,2018,10", "A,2018,ten"), "utf-8")
    with pytest.raises(OuheError, match="ten"):
        ouhe.write(small_study)
    assert digests(folder) == before
    assert not [p for p in folder.parent.iterdir() if p.name.startswith(".")]


KILLED = """
import os, signal, sys
from ouhe.output import writing
from ouhe.report.render import excel
real = excel.write_workbook
def stop(*args, **kwargs):
    real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
excel.write_workbook = stop
writing.write(sys.argv[1])
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
def test_killed_while_writing_the_earlier_output_is_whole(small_study: Path) -> None:
    _, folder = ouhe.write(small_study)
    before = digests(folder)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(small_study)], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert digests(folder) == before
    left = [p.name for p in folder.parent.iterdir() if p.name.startswith(".study-output")]
    assert len(left) == 1
    ouhe.write(small_study)
    assert not [p for p in folder.parent.iterdir() if p.name.startswith(".study-output")]
    assert digests(folder) == before


def test_killed_between_the_two_moves_the_earlier_output_comes_back(small_study: Path) -> None:
    _, folder = ouhe.write(small_study)
    before = digests(folder)
    folder.rename(folder.with_name(f".{folder.name}.previous"))
    ouhe.load(folder)
    assert not folder.exists()  # reading changes nothing, so that it cannot disturb a run that is still writing
    ouhe.write(small_study)
    assert digests(folder) == before


def test_a_move_that_fails_puts_the_earlier_output_back(small_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, folder = ouhe.write(small_study)
    before = digests(folder)
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if ".partial-" in self.name:
            raise PermissionError(13, "in use")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OuheError, match="cannot be written: in use"):
        ouhe.write(small_study)
    assert digests(folder) == before


def test_a_file_that_was_put_into_an_output_is_not_lost(small_study: Path) -> None:
    _, folder = ouhe.write(small_study)
    (folder / "tables" / "notes.docx").write_text("mine", "utf-8")
    with pytest.raises(OuheError, match=r"notes\.docx: is not a file of ouhe"):
        ouhe.write(small_study)
    assert (folder / "tables" / "notes.docx").read_text("utf-8") == "mine"


def test_an_output_may_be_a_link_to_a_folder(small_study: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for _ in range(2):
        ouhe.write(small_study, tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "real" / "run.json").is_file()


def test_a_region_file_is_on_record_like_every_input(small_study: Path) -> None:
    outside = small_study.parent.parent / "r.csv"
    (small_study.parent / "regions.csv").rename(outside)
    _, folder = ouhe.write(small_study, settings=["regions=../r.csv"])
    told = json.loads((folder / "run.json").read_text("utf-8"))
    assert told["outside"] == ["../r.csv"]
    digest = hashlib.sha256(outside.read_bytes()).hexdigest()
    assert ("../r.csv", "regions", digest) in {(s["file"], s["layout"], s["sha256"]) for s in told["inputs"]}


@pytest.mark.parametrize(
    "settings",
    [
        [],
        ["years={only: [2018, 2020]}"],
        ["missing=[linear, indicator-mean]", "weights={method: mean, of: [entropy, critic]}"],
        ["classes=[{upper: 0.5, label: low}, {upper: 1, label: high}]", "groups={x: [A, B]}"],
        ["regions={set: regions.csv, without: [A]}", "coupling={method: fan, rescale: [0, 1]}"],
    ],
)
def test_the_study_in_run_json_is_the_study_that_was_run(small_study: Path, settings: list[str]) -> None:
    results, folder = ouhe.write(small_study, settings=settings)
    told = json.loads((folder / "run.json").read_text("utf-8"))["study"]
    again = small_study.parent / "again.yml"
    again.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    assert ouhe.load_study(again).study == ouhe.load_study(small_study, settings=settings).study
    pd.testing.assert_frame_equal(ouhe.run(again).tables()["coupling"], results.tables()["coupling"])


@pytest.mark.skipif(sys.platform != "linux", reason="a file's size is limited as on Linux")
@pytest.mark.parametrize("most", [1, 1000, 10_000, 30_000])
def test_a_disk_that_fills_up_is_told_and_leaves_no_half_output(small_study: Path, most: int) -> None:
    _, folder = ouhe.write(small_study)
    before = digests(folder)
    assert max(p.stat().st_size for p in folder.rglob("*") if p.is_file()) > most
    code = (
        "import resource, signal, sys; from ouhe import cli\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
        "cli.main(['run', sys.argv[1], '--lang', 'en'])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(small_study)], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "study-output: cannot be written: File too large" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert digests(folder) == before
    assert [p.name for p in folder.parent.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize("broken", ["nothing", "no-arrays", "other-format", "not-json"])
def test_load_refuses_what_is_no_output(small_study: Path, broken: str) -> None:
    _, folder = ouhe.write(small_study)
    if broken == "nothing":
        folder = folder.parent
    elif broken == "no-arrays":
        (folder / "data.nc").write_bytes(b"not a file of arrays")
    elif broken == "not-json":
        (folder / "run.json").write_text("{", "utf-8")
    else:
        (folder / "run.json").write_text('{"format": 99}', "utf-8")
    with pytest.raises(OuheError, match="run the study again" if broken == "other-format" else "not an output folder"):
        ouhe.load(folder)
