"""How a run is computed, as the command line is told."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from ouhe import cli
from ouhe.engine import scheduler

STUDY = """\
title: A small raster
lang: en
years: [2020, 2021]
data: {path: layers.nc, layout: grid}
systems:
  Effort: {roads: positive, lights: positive}
  Result: {green: positive, dust: negative}
raster: {formats: [zarr]}
figures: none
report: none
"""


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        cli.main([*arguments, "--lang", "en"])
    return int(stop.value.code or 0)


@pytest.fixture
def raster(tmp_path: Path) -> Iterator[Path]:
    names = ("roads", "lights", "green", "dust")
    values = np.random.default_rng(3).random((4, 2, 6, 8), np.float32)
    at = {"year": [2020, 2021], "y": np.arange(6.0), "x": np.arange(8.0)}
    layers = {n: (("year", "y", "x"), v) for n, v in zip(names, values, strict=True)}
    xr.Dataset(layers, at).to_netcdf(tmp_path / "layers.nc", engine="h5netcdf")
    (tmp_path / "study.yml").write_text(STUDY, "utf-8")
    yield tmp_path / "study.yml"
    assert not list(tmp_path.glob(".*"))  # whatever happened, nothing is left for nobody


def test_what_a_run_needs_is_said_before_it_starts(raster: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["run", str(raster), "--memory", "1GiB", "--lang", "en"])
    said = capsys.readouterr()
    assert "in 1 chunks" in said.err
    assert "limit 1 GiB" in said.err
    plan = json.loads((raster.parent / "study-output" / "run.json").read_text("utf-8"))["plan"]
    assert (plan["memory"], plan["chunks"]["x"]) == (1 << 30, 8)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--memory", "2"], '"2" is no amount of memory'),
        (["--memory", "100MiB"], "too little for even the smallest chunk; give --memory"),
        (["--scheduler", "tcp://127.0.0.1:1", "--workers", "2"], "give one of them"),
        (["--scheduler", "http://127.0.0.1:8787"], "the page of the dashboard (http://…) is not the scheduler"),
    ],
)
def test_what_cannot_be_is_told(raster: Path, given: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", str(raster), *given) == cli.WRONG
    assert said in capsys.readouterr().err
    assert {p.name for p in raster.parent.iterdir()} == {"study.yml", "layers.nc"}


def test_an_address_where_nobody_listens(
    raster: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "ANSWER", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    assert run("run", str(raster), "--scheduler", address) == cli.WRONG
    assert f"nobody answers at {address}" in capsys.readouterr().err


def test_a_panel_needs_no_cluster(small_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", str(small_study), "--workers", "2") == cli.WRONG
    assert "--workers is for studies of rasters" in capsys.readouterr().err
    assert run("run", str(small_study), "--workers", "0") == cli.USAGE
