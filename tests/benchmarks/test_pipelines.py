"""Pipelines that are timed beside one another give the same rows, and it would show if they did not."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import page
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from region_years import compared, gridded, made, outputs

ROWS = 100_000
PIPELINES = Path(page.__file__).parent / "pipelines"
sys.path.insert(0, str(PIPELINES))
ouhe_study = importlib.import_module("ouhe_study")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(ROWS, tmp_path_factory.mktemp("table"))


def ran(script: str, source: Path, target: Path) -> Path:
    subprocess.run([sys.executable, str(PIPELINES / script), str(source), str(target)], check=True, capture_output=True)
    return target


@pytest.fixture(scope="module")
def by_polars(table: Path) -> Path:
    return ran("polars_streaming.py", table, table.parent / "polars.parquet")


def by_numpy(table: Path, target: Path) -> Path:
    """The formulas written down plainly."""
    read = pq.read_table(table)
    x = np.stack([read.column(f"i{j}").to_numpy() for j in range(10)], axis=1).astype(float)
    y = (x - x.min(axis=0)) / np.ptp(x, axis=0)
    p = y / y.sum(axis=0)
    spare = 1 + (p * np.log(np.where(p > 0, p, 1))).sum(axis=0) / np.log(len(p))
    a, b = (y[:, s] @ (spare[s] / spare[s].sum()) for s in (slice(5), slice(5, 10)))
    D = np.sqrt(2 * np.sqrt(a * b) / (a + b) * (a + b) / 2)
    level = np.searchsorted([0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], D).astype(np.int16)
    keys = {name: read.column(name) for name in ("region", "year")}
    pq.write_table(pa.table(keys | {"D": D.astype(np.float32), "class": level}), target)
    return target


def test_polars_gives_what_the_formulas_give(table: Path, by_polars: Path) -> None:
    compared(by_numpy(table, table.parent / "numpy.parquet"), by_polars, ROWS)


def test_duckdb_gives_what_polars_gives(table: Path, by_polars: Path) -> None:
    compared(by_polars, ran("duckdb_query.py", table, table.parent / "duckdb.parquet"), ROWS)


@pytest.mark.parametrize("kind", ["parquet", "zarr"])
def test_ouhe_gives_what_polars_gives(table: Path, by_polars: Path, tmp_path: Path, kind: str) -> None:
    source = table if kind == "parquet" else gridded(table, tmp_path)
    ouhe_study.run(source, tmp_path / "out", memory="1GiB")
    written = ouhe_study.written(tmp_path / "out")
    assert written.name == f"grid.{kind}"
    assert compared(by_polars, written, ROWS)["classes"] < 5


@pytest.mark.parametrize("wrong", ["order", "value", "class", "type", "rows"])
def test_outputs_that_differ_are_found(by_polars: Path, tmp_path: Path, wrong: str) -> None:
    columns = {name: values.copy() for name, values in pq.read_table(by_polars).to_pandas().items()}
    arrays = {name: values.to_numpy(copy=True) for name, values in columns.items()}
    if wrong == "order":
        arrays["region"][[0, 50]] = arrays["region"][[50, 0]]
    if wrong == "value":
        arrays["D"][7] += 3 * np.spacing(arrays["D"][7])
    if wrong == "class":
        arrays["class"][np.abs(arrays["D"][:, None] - np.arange(2, 10) / 10).min(axis=1).argmax()] += 1
    if wrong == "type":
        arrays["D"] = arrays["D"].astype(float)
    if wrong == "rows":
        arrays = {name: values[:-10] for name, values in arrays.items()}
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table(arrays), other)
    with pytest.raises((AssertionError, ValueError)):
        compared(by_polars, other, ROWS)


def test_the_store_holds_the_table(table: Path, tmp_path: Path) -> None:
    import zarr

    root = zarr.open_group(str(gridded(table, tmp_path)), mode="r")
    values = np.moveaxis(np.asarray(root["i3"]), 0, 2).ravel()
    np.testing.assert_array_equal(values, pq.read_table(table, columns=["i3"]).column("i3").to_numpy())


def test_parts_are_read_in_order(by_polars: Path, tmp_path: Path) -> None:
    read, folder = pq.read_table(by_polars), tmp_path / "grid.parquet"
    folder.mkdir()
    for number, first in enumerate(range(0, ROWS, 30_000)):
        pq.write_table(read.slice(first, 30_000), folder / f"part-{number:05d}.parquet")
    assert compared(by_polars, folder, ROWS) == {"rounded": 0, "classes": 0}
    assert [len(each[0]) for each in outputs(folder, 40_000)] == [40_000, 40_000, 20_000]
