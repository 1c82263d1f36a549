from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import polars as pl
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from ouhe import text
from ouhe.errors import OuheError
from ouhe.output.grids import Stored, store_chunks

Make = Callable[..., xr.Dataset]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def test_a_raster_comes_back_as_it_was_in_its_chunks(raster: Make, stored: Stored) -> None:
    back = stored.open()
    whole = raster().drop_vars("inside")
    xr.testing.assert_equal(back.load(), whole)
    assert {n: v.dtype for n, v in back.items()} == {n: v.dtype for n, v in whole.items()}
    assert stored.open().chunks == {"year": (2, 1), "y": (16, 16, 8), "x": (24, 24, 2)}


@settings(max_examples=8)
@given(year=st.integers(1, 3), y=st.integers(2, 7), x=st.integers(4, 9))
def test_chunks_change_nothing(tmp_path_factory: pytest.TempPathFactory, year: int, y: int, x: int) -> None:
    D = xr.DataArray(np.arange(3 * 7 * 9.0).reshape(3, 7, 9), dims=("year", "y", "x"), coords={"year": [1, 2, 3]})
    whole = xr.Dataset({"D": D, "half": (D / 2).astype(np.float32)})
    stored = store_chunks(whole.chunk(year=year, y=y, x=x), tmp_path_factory.mktemp("cut") / "store")
    back = stored.open()
    xr.testing.assert_equal(back[["D", "half"]].load().drop_vars(["y", "x"]), whole)


def test_variables_in_memory_are_stored_too(raster: Make, tmp_path: Path) -> None:
    plane = raster().isel(year=0, drop=True).transpose("x", "y")
    back = store_chunks(plane, tmp_path / "store").open()
    xr.testing.assert_equal(back.load(), raster().isel(year=0, drop=True).drop_vars("inside"))


def test_what_variables_share_is_computed_once_a_chunk(raster: Make, tmp_path: Path) -> None:
    calls = list[int]()

    def read(block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        calls.append(block.size)
        return block

    D = raster().D.chunk(year=1, y=20)
    shared = D.copy(data=D.data.map_blocks(read, meta=np.empty((0, 0, 0), np.float32)))
    store_chunks(xr.Dataset({"D": shared, "double": shared * 2, "sum": shared + shared}), tmp_path / "store")
    assert calls == [20 * 50] * 6


def test_chunks_that_hang_together_are_not_computed_again_for_each(tmp_path: Path) -> None:
    calls = list[int]()

    def read(block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        calls.append(block.size)
        return block

    x = xr.DataArray(np.arange(64.0).reshape(8, 8), dims=("y", "x")).chunk(y=1)
    lazy = x.copy(data=x.data.map_blocks(read, meta=np.empty((0, 0))))
    stored = store_chunks(xr.Dataset({"share": lazy / lazy.sum()}), tmp_path / "store")
    assert float(stored.open().share.sum()) == pytest.approx(1.0, abs=1e-12)
    assert len(calls) == 8


def test_a_task_finds_all_it_needs_on_another_machine(raster: Make, tmp_path: Path) -> None:
    sent = list[bytes]()
    x = raster().chunk(year=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ouhe.engine.collect", lambda tasks, step: sent.extend(map(cloudpickle.dumps, tasks)))
        patch.setattr("ouhe.output.grids.storing._complete", lambda *a: None)
        stored = store_chunks(x, tmp_path / "store")
    assert len(sent) == 3
    for task in reversed(sent):
        pickle.loads(task).compute()
    xr.testing.assert_equal(stored.open().load(), x.drop_vars("inside").load())


def test_a_table_is_stored_in_parts_with_its_keys(table: Make, keys: Any, tmp_path: Path) -> None:
    whole = table()
    stored = store_chunks(whole.chunk(region=10), tmp_path / "store", keys=keys)
    xr.testing.assert_equal(stored.open().load(), whole)
    assert stored.open().chunks["region"] == (10, 10, 5)
    rows = pl.read_parquet(tmp_path / "store" / "part-*.parquet")
    assert dict(rows.schema) == {"region": pl.Int32, "year": pl.Int16, "D": pl.Float32, "class": pl.Int16}
    assert rows["region"].to_list() == [r for r in range(25) for _ in range(3)]
    assert rows["year"].to_list() == [2010, 2015, 2020] * 25
    np.testing.assert_array_equal(rows["D"].to_numpy(), whole.D.values.ravel())


def test_attributes_stand_in_every_part_of_a_table(table: Make, keys: Any, tmp_path: Path) -> None:
    store_chunks(table().chunk(region=10).assign_attrs(simulated=1), tmp_path / "store", keys=keys)
    assert all('"simulated": 1' in pl.read_parquet_metadata(p)["ouhe"] for p in tmp_path.glob("store/*.parquet"))


def test_a_store_of_something_else_is_made_anew(raster: Make, stored: Stored, tmp_path: Path) -> None:
    place = tmp_path / "store"
    store_chunks(raster().chunk(year=1), place)
    again = store_chunks(raster().chunk(year=2, y=16, x=24), place)
    xr.testing.assert_equal(again.open().load(), raster().drop_vars("inside"))
    assert contents(place) == contents(stored.folder)


def test_a_folder_that_holds_other_files_is_left_alone(raster: Make, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(OuheError) as error:
        store_chunks(raster(), tmp_path)
    assert [p.key for p in error.value.problems] == ["grids.no_store"]
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_chunks_of_unequal_length_are_a_defect_of_the_caller(raster: Make, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not of one length"):
        store_chunks(raster().chunk(y=(10, 20, 10)), tmp_path / "store")
    assert not any(tmp_path.iterdir())


def test_a_table_without_keys_or_with_its_years_apart_is_a_defect_of_the_caller(
    table: Make, keys: Any, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="keys of its rows"):
        store_chunks(table().chunk(region=10), tmp_path / "store")
    with pytest.raises(ValueError, match="all years"):
        store_chunks(table().chunk(region=10, year=1), tmp_path / "store", keys=keys)


#: Stores a raster under an engine with a workspace; the chunk whose number the environment names kills the process.
INTERRUPTED = """
import os, signal, sys
from pathlib import Path
import numpy as np, xarray as xr
from ouhe import engine
from ouhe.output.grids import store_chunks

folder = Path(sys.argv[1])

def compute(block, block_info=None):
    place = block_info[0]["array-location"][1]
    with (folder / "computed").open("a") as told:
        told.write(f"{place[0]} ")
    if str(place[0]) == os.environ.get("KILLED_AT"):
        os.kill(os.getpid(), signal.SIGKILL)
    return np.sqrt(block)

x = xr.DataArray(np.arange(240.0, dtype=np.float32).reshape(2, 12, 10), dims=("year", "y", "x")).chunk(y=2)
x = x.assign_coords(year=[2010, 2020])
root = x.copy(data=x.data.map_blocks(compute, meta=np.empty((0, 0, 0), np.float32)))
with engine.started(workspace=folder / "work", fingerprint="one study"):
    store_chunks(xr.Dataset({"D": root, "class": (root * 2).astype(np.int16)}), folder / "work" / "grids")
"""


def run(folder: Path, killed_at: str) -> int:
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, "KILLED_AT": killed_at}
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, str(folder)], env=environment, check=False)
    return done.returncode


@pytest.mark.skipif(os.name != "posix", reason="processes are killed with a signal")
def test_a_run_killed_in_the_middle_goes_on_from_the_finished_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(tmp_path / "killed", "6") == -signal.SIGKILL
    first = (tmp_path / "killed" / "computed").read_text().split()
    assert run(tmp_path / "killed", "") == 0
    second = (tmp_path / "killed" / "computed").read_text().split()[len(first) :]
    assert set(first) | set(second) == {"0", "2", "4", "6", "8", "10"}
    assert len(second) < 6
    assert "6" in second
    (tmp_path / "whole").mkdir()
    monkeypatch.setattr(sys, "argv", ["-c", str(tmp_path / "whole")])
    exec(INTERRUPTED, {})
    assert contents(tmp_path / "killed" / "work" / "grids") == contents(tmp_path / "whole" / "work" / "grids")


def test_a_chunk_that_somebody_took_away_is_written_again(raster: Make, tmp_path: Path) -> None:
    whole = raster().chunk(year=1)
    place = tmp_path / "store"
    before = contents(store_chunks(whole, place).folder)
    (place / "chunks.zarr" / "D" / "1.0.0").unlink()
    store_chunks(whole, place)
    assert contents(place) == before


def test_both_languages_say_what_is_wrong_with_a_folder(tmp_path: Path, raster: Make) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(OuheError) as error:
        store_chunks(raster(), tmp_path)
    said = {}
    for lang in ("zh", "en"):
        with text.use(lang):
            said[lang] = str(error.value)
    assert "请将其移走" in said["zh"]
    assert "remove it" in said["en"]
