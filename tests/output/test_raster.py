from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ouhe
from ouhe import text
from ouhe.cli import main
from ouhe.errors import OptionError, Problem
from ouhe.results.raster_results import RasterResults

ROWS, COLUMNS, YEARS = 24, 30, (2018, 2019)

#: Bytes of a chunk: half a year of four indicators.
CHUNK = ROWS * COLUMNS // 2 * 4 * 8

STUDY = """\
title: A small raster
lang: en
years: [2018, 2019]
simulated: true
data: {path: cells.zarr, layout: grid}
systems:
  Effort: {staff: positive, funds: positive}
  Result: {patents: positive, waste: negative}
raster: {zones: zones.nc}
analyses: {moran: {of: D}, lisa: {of: D}, density: {of: D}}
figures: none
report: none
"""


def layers(change: Callable[[xr.Dataset], xr.Dataset] = lambda x: x) -> xr.Dataset:
    rng = np.random.default_rng(11)
    inside = np.hypot(*np.meshgrid(np.linspace(-1, 1, ROWS), np.linspace(-1, 1, COLUMNS), indexing="ij")) < 1.1
    made = {}
    for name in ("staff", "funds", "patents", "waste"):
        values = rng.gamma(2.0, 3.0, (len(YEARS), ROWS, COLUMNS))
        made[name] = (("year", "y", "x"), np.where(inside, values, np.nan))
    where = {"y": 1000.0 * np.arange(ROWS)[::-1], "x": 1000.0 * np.arange(COLUMNS)}
    return change(xr.Dataset(made, coords={"year": list(YEARS), **where}))


def written(folder: Path, change: Callable[[xr.Dataset], xr.Dataset] = lambda x: x, study: str = STUDY) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    data = layers(change)
    chunks = {str(k): {"chunks": (1, 12, 30)} for k in data.data_vars}
    data.to_zarr(folder / "cells.zarr", mode="w", zarr_format=2, consolidated=False, encoding=chunks)
    zones = np.add.outer(np.zeros(ROWS, np.int16), np.arange(COLUMNS, dtype=np.int16) // 15)
    coords = {"y": data["y"].to_numpy(), "x": data["x"].to_numpy()}
    zones = zones[:, : data.sizes["x"]]
    xr.Dataset({"zones": (("y", "x"), zones)}, coords=coords).to_netcdf(folder / "zones.nc", engine="h5netcdf")
    (folder / "study.yml").write_text(study, "utf-8")
    return folder / "study.yml"


def digests(folder: Path) -> dict[str, str]:
    kept = {".csv", ".xlsx", ".tif"}
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and (p.suffix in kept or "grid.zarr" in p.parts)]
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module", autouse=True)
def _small_chunks() -> Iterator[None]:
    """Chunks as they are stored, although the memory would hold all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ouhe.engine.planning.SMALL", 1)
        patch.setattr("ouhe.engine.planning.LARGE", CHUNK)
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[RasterResults, Path]:
    results, folder = ouhe.write(written(tmp_path_factory.mktemp("raster")))
    assert isinstance(results, RasterResults)
    return results, folder


def test_the_folder_holds_what_the_interface_promises(run: tuple[RasterResults, Path]) -> None:
    _, folder = run
    assert folder.name == "study-output"
    assert {p.name for p in folder.iterdir()} == {"tables", "tables.xlsx", "data.nc", "grid.zarr", "grid", "run.json"}
    tables = {p.stem for p in (folder / "tables").iterdir()}
    assert tables == {
        "weights", "dimension_weights", "groups", "growth", "growth_by_year", "gaps", "classes", "class_moves", "lags",
        "moran", "lisa_counts", "density", "density_shape", "density_peaks", "density_change", "grid", "sources",
        "findings",
    }  # fmt: skip
    tifs = {p.stem for p in (folder / "grid").glob("*.tif")}
    assert tifs >= {"U1", "U2", "C", "T", "D", "class", "lag", "lisa_D_I", "lisa_D_cluster"}
    assert not list(folder.parent.glob(".*"))
    record = json.loads((folder / "run.json").read_text("utf-8"))
    assert record["files"]["grid.zarr/"] == ""
    assert len(record["files"]["grid/D.tif"]) == 64
    assert record["plan"]["chunks"]


def test_simulated_data_say_so_everywhere(run: tuple[RasterResults, Path]) -> None:
    results, folder = run
    for path in (folder / "tables").iterdir():
        assert pd.read_csv(path)["simulated"].str.contains("simulated").all(), path
    assert results.grids.attrs["simulated"] == 1
    assert "simulated data" in results.summary()


def test_what_is_loaded_is_what_was_computed(run: tuple[RasterResults, Path]) -> None:
    results, folder = run
    again = ouhe.load(folder)
    assert isinstance(again, RasterResults)
    assert again.summary() == results.summary()
    tables = results.tables()
    for name, table in again.tables().items():
        pd.testing.assert_frame_equal(table, tables[name], check_dtype=False)
    xr.testing.assert_equal(again.grids["D"], results.grids["D"])
    assert json.loads(json.dumps(again.record())) == json.loads(json.dumps(results.record()))


def test_results_are_told_in_another_language(run: tuple[RasterResults, Path]) -> None:
    told = ouhe.load(run[1]).told_in("zh")
    with text.use("zh"):
        assert "全部像元" in told.summary()
    assert "良好协调" in set(told.tables()["classes"]["class"])
    assert told.tables()["moran"]["simulated"].str.contains("模拟").all()


def test_memory_gives_what_the_disk_gives(run: tuple[RasterResults, Path]) -> None:
    results, folder = run
    found = ouhe.run(folder.parent / "study.yml")
    xr.testing.assert_allclose(found.groups.means, results.groups.means, rtol=1e-12)
    np.testing.assert_allclose(found.grids["D"], results.grids["D"], rtol=1e-12)


def interrupted(study: Path, *, step: str, after: int) -> None:
    """A run that is stopped when so many tasks of a step are done."""

    def stop(at: str, done: int, _total: int) -> None:
        if at == step and done >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ouhe.write(study, progress=stop)


#: A run that is killed when so many tasks of a step are done.
KILLED = """
import os, signal, sys
import ouhe
from ouhe.engine import planning
def kill(step, done, _total):
    if step == {step!r} and done >= {after}:
        os.kill(os.getpid(), signal.SIGKILL)
planning.SMALL, planning.LARGE = 1, {large}
ouhe.write({study!r}, progress=kill)
"""


def killed(study: Path, *, step: str, after: int) -> None:
    """A run whose process is killed when so many tasks of a step are done."""
    script = KILLED.format(step=step, after=after, study=str(study), large=CHUNK)
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def test_an_interrupted_run_goes_on_from_what_is_finished(run: tuple[RasterResults, Path], tmp_path: Path) -> None:
    study = written(tmp_path)
    killed(study, step="store", after=2)
    assert not (tmp_path / "study-output").exists()
    assert (tmp_path / ".study-output.unfinished").is_dir()
    announced: list[Problem] = []
    first: dict[str, int] = {}
    _, folder = ouhe.write(
        study, announce=announced.append, progress=lambda step, done, _total: first.setdefault(step, done)
    )
    assert "engine.goes_on" in [p.key for p in announced]
    assert first["store"] >= 2
    assert digests(folder) == digests(run[1])
    assert not (tmp_path / ".study-output.unfinished").exists()


def test_another_study_begins_anew(tmp_path: Path) -> None:
    study = written(tmp_path)
    interrupted(study, step="store", after=2)
    announced: list[str] = []
    first: dict[str, int] = {}
    ouhe.write(
        study,
        settings=["weights=equal", "analyses=[]"],
        announce=lambda p: announced.append(p.key),
        progress=lambda step, done, _total: first.setdefault(step, done),
    )
    assert "engine.begins_anew" in announced
    assert first["store"] == 0


def flat(data: xr.Dataset) -> xr.Dataset:
    return data.assign(funds=data["funds"] * 0 + 1)


def hole(data: xr.Dataset) -> xr.Dataset:
    data["waste"][1, 12, 15] = np.nan
    return data


def nothing(data: xr.Dataset) -> xr.Dataset:
    return data * np.nan


@pytest.mark.parametrize(
    ("change", "en", "zh"),
    [(flat, "funds", "funds"), (hole, "waste", "waste"), (nothing, "cells.zarr", "cells.zarr")],
)
def test_bad_data_are_told_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[xr.Dataset], xr.Dataset], en: str, zh: str
) -> None:
    study = written(tmp_path, change)
    said = {}
    for lang, name in (("en", en), ("zh", zh)):
        with pytest.raises(SystemExit) as stop:
            main(["run", str(study), "--quiet", "--lang", lang])
        said[lang] = capsys.readouterr().err
        assert stop.value.code == 1, said[lang]
        assert name in said[lang]
    assert said["en"] != said["zh"]
    assert not list(tmp_path.glob("*study-output*")), "what was finished before is of no use"


def shifted(data: xr.Dataset) -> xr.Dataset:
    return data.assign_coords(x=data["x"] + 300.0)


def narrower(data: xr.Dataset) -> xr.Dataset:
    return data.isel(x=slice(1, None))


@pytest.mark.parametrize("change", [shifted, narrower])
def test_layers_on_another_grid_are_told_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Callable[[xr.Dataset], xr.Dataset]
) -> None:
    written(tmp_path / "other", change)
    study = written(tmp_path, lambda data: data.drop_vars("waste"))
    content = study.read_text("utf-8")
    beside = "data: [{path: cells.zarr, layout: grid}, {path: other/cells.zarr, layout: grid, columns: [waste]}]"
    study.write_text(content.replace("data: {path: cells.zarr, layout: grid}", beside), "utf-8")
    with pytest.raises(SystemExit) as stop:
        main(["check", str(study)])
    assert stop.value.code == 1
    assert "other/cells.zarr" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--memory", "10MB"], "memory"),
        (["--scheduler", "tcp://127.0.0.1:9"], "tcp://127.0.0.1:9"),
        (["--set", "years=[2017, 2019]"], "2017"),
        (["--set", "raster.zones=cells.zarr"], "cells.zarr"),
    ],
)
def test_what_cannot_run_says_so_before_it_begins(
    run: tuple[RasterResults, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path, options: list[str], said: str
) -> None:
    study = run[1].parent / "study.yml"
    with pytest.raises(SystemExit) as stop:
        main(["run", str(study), "--quiet", "--lang", "en", "--out", str(tmp_path / "out"), *options])
    assert stop.value.code == 1
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_table_is_written_as_parts_with_its_keys(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    keys = {"city": np.repeat(np.arange(400, dtype=np.int32), 2), "year": np.tile(np.array(YEARS, np.int16), 400)}
    columns = {name: rng.gamma(2.0, 3.0, 800).astype(np.float32) for name in ("staff", "funds", "patents", "waste")}
    pd.DataFrame(keys | columns).to_parquet(tmp_path / "rows.parquet", row_group_size=200, index=False)
    study = STUDY.replace("path: cells.zarr, layout: grid", "path: rows.parquet, layout: grid, region: city")
    study = study.replace("raster: {zones: zones.nc}", "raster: {write: [D, class]}")
    study = study.replace("analyses: {moran: {of: D}, lisa: {of: D}, ", "analyses: {")
    (tmp_path / "study.yml").write_text(study, "utf-8")
    results, folder = ouhe.write(tmp_path / "study.yml")
    parts = [pd.read_parquet(p) for p in sorted((folder / "grid.parquet").glob("*.parquet"))]
    table = pd.concat(parts, ignore_index=True)
    assert len(parts) > 1
    assert table.dtypes.astype(str).to_dict() == {"city": "int32", "year": "int16", "D": "float32", "class": "int16"}
    pd.testing.assert_frame_equal(table[["city", "year"]], pd.DataFrame(keys))
    loaded = ouhe.load(folder)
    np.testing.assert_array_equal(loaded.grids["D"].transpose("region", "year").to_numpy().ravel(), table["D"])
    assert loaded.grid.counted == 400
    assert "400 regions counted" in results.summary()


def test_panels_take_no_scheduler(small_study: Path) -> None:
    with pytest.raises(OptionError):
        ouhe.write(small_study, memory="1GiB")
