from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from ouhe import engine, text
from ouhe.errors import OuheError
from ouhe.output.grids import Stored, finish, store_chunks

Make = Callable[..., Any]

FORMATS = ["netcdf", "cog", "parquet"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and sys.platform == "linux" and os.geteuid() == 0
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "ouhe-test", str(place)]
    if not mounted or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root on Linux alone, where a container allows it")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, *, leave: int) -> None:
    """Take the disk's room until so many bytes are left."""
    with suppress(OSError), (disk / "filler").open("wb") as file:
        file.write(bytes(max(0, shutil.disk_usage(disk).free - leave)))


@pytest.fixture
def noise() -> xr.Dataset:
    """Half a million numbers that cannot be compressed."""
    values = np.random.default_rng(2).random((4, 250, 500))
    return xr.Dataset({"D": (("year", "y", "x"), values)}, {"year": [1, 2, 3, 4]}).chunk(year=1, y=50)


def keys_of(error: pytest.ExceptionInfo[OuheError]) -> list[str]:
    return [problem.key for problem in error.value.problems]


def test_too_little_room_is_told_before_anything_is_computed(
    small_disk: Path, noise: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "collect", lambda *a, **k: pytest.fail("computed"))
    fill(small_disk, leave=2 << 20)
    with pytest.raises(OuheError) as error:
        store_chunks(noise, small_disk / "store")
    assert keys_of(error) == ["grids.no_room"]
    assert error.value.problems[0].params == {"needed": "3.43 MiB", "free": "2 MiB"}
    assert not (small_disk / "store").exists()


def test_room_for_all_formats_is_asked_for_at_the_start(small_disk: Path, raster: Make) -> None:
    x = raster(400, 400).drop_vars("inside")
    with pytest.raises(OuheError) as error:
        store_chunks(x, small_disk / "store", formats=["netcdf", "cog", "parquet"])
    assert keys_of(error) == ["grids.no_room"]
    store_chunks(x, small_disk / "store")


def test_the_sea_takes_no_room(small_disk: Path, noise: xr.Dataset) -> None:
    inside = np.zeros((250, 500), bool)
    inside[:20] = True
    fill(small_disk, leave=2 << 20)
    x = noise.assign_coords(inside=(("y", "x"), inside))
    store_chunks(x.where(x.inside), small_disk / "store")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_disk_that_fills_up_is_told_and_the_run_goes_on_when_there_is_room(
    small_disk: Path, noise: xr.Dataset, lang: Any
) -> None:
    def meanwhile(block: np.ndarray[Any, Any], block_info: Any = None) -> np.ndarray[Any, Any]:
        if block_info[0]["array-location"][0] == (2, 3) and not (small_disk / "filler").exists():
            fill(small_disk, leave=100_000)
        return block

    x = noise.copy(data={"D": noise.D.data.map_blocks(meanwhile, meta=np.empty((0, 0, 0)))})
    with pytest.raises(OuheError) as error:
        store_chunks(x, small_disk / "store")
    assert keys_of(error) == ["grids.disk_full"]
    with text.use(lang):
        assert ("磁盘已满" if lang == "zh" else "the disk filled up") in str(error.value)
    (small_disk / "filler").unlink()
    (small_disk / "filler").mkdir()
    back = store_chunks(x, small_disk / "store").open()
    np.testing.assert_array_equal(back.D.values, noise.D.values)


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_for_which_the_disk_is_too_small_leaves_nothing(
    small_disk: Path, tmp_path: Path, noise: xr.Dataset, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    stored = store_chunks(noise, tmp_path / "store")
    monkeypatch.setattr("ouhe.output.grids.room.check", lambda *a: None)  # somebody else fills the disk later
    fill(small_disk, leave=1 << 20)
    with pytest.raises(OuheError) as error:
        finish(stored, small_disk / "out", [form])
    assert keys_of(error) == ["grids.disk_full"]
    assert [f for f in (small_disk / "out").rglob("*") if f.is_file()] == []


def test_a_zarr_store_for_which_the_disk_is_too_small_leaves_nothing(
    small_disk: Path, tmp_path: Path, noise: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks are copied where they lie on another disk."""
    test_a_format_for_which_the_disk_is_too_small_leaves_nothing(small_disk, tmp_path, noise, monkeypatch, "zarr")


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 30 kB, as where a quota ends."""
    resource = pytest.importorskip("resource", reason="systems without limits on files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_chunk_that_may_not_be_written_is_told(tmp_path: Path, noise: xr.Dataset, small_files: None) -> None:
    with pytest.raises(OuheError) as error:
        store_chunks(noise, tmp_path / "store")
    assert keys_of(error) == ["grids.disk_full"]
    assert [f.name for f in (tmp_path / "store" / "chunks.zarr" / "D").iterdir() if not f.name.startswith(".z")] == []


@pytest.mark.parametrize("form", ["netcdf", "parquet", "cog"])
def test_a_format_that_may_not_be_written_leaves_nothing(
    tmp_path: Path, request: pytest.FixtureRequest, noise: xr.Dataset, frame: Make, form: str
) -> None:
    stored = store_chunks(noise, tmp_path / "store")
    request.getfixturevalue("small_files")
    with pytest.raises(OuheError) as error:
        finish(stored, tmp_path / "out", [form], frame())
    assert set(keys_of(error)) <= {"grids.disk_full", "grids.cannot_write"}
    assert [f for f in (tmp_path / "out").rglob("*") if f.is_file()] == []


def test_a_folder_that_may_not_be_written_is_told(stored: Stored, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file stands here")
    with pytest.raises(OuheError) as error:
        finish(stored, tmp_path / "out", ["zarr"])
    assert keys_of(error) == ["grids.cannot_write"]


def test_a_store_and_files_on_another_disk_are_whole(
    small_disk: Path, stored: Stored, raster: Make, frame: Make
) -> None:
    finish(stored, small_disk / "out", ["zarr"], frame())
    with xr.open_dataset(small_disk / "out" / "grid.zarr", mask_and_scale=False) as opened:
        np.testing.assert_array_equal(opened["class"].values, raster()["class"].values)
