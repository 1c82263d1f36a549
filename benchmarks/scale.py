"""Time a study of 100 million region-years beside polars and DuckDB, from file to file, and watch memory.

Run ``python benchmarks/scale.py`` (``--quick`` with a hundredth of the rows). The data, 4.6 GB of Parquet and as much
of Zarr, are made in a scratch folder and removed; ``--scratch`` chooses where, ``--reuse`` takes a Parquet file of 100
million rows that was made before. The pipelines stand in ``pipelines/``; see the page for what they do. Outputs are
compared before anything is timed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from region_years import compared, gridded, made
from timing import Row, Watched, main, rows, watch

HERE = Path(__file__).resolve().parent
PIPELINES = HERE / "pipelines"

SIZES = (1_000_000, 10_000_000, 100_000_000)
QUICK = (10_000, 100_000, 1_000_000)

#: Rows of the study whose time is taken for what a study costs whatever its size.
FEW = 1000


@dataclass(frozen=True)
class Pipeline:
    """A script of ``pipelines/``, what it reads and where it writes."""

    script: str
    source: Path
    target: Path
    options: tuple[str, ...] = ()

    def run(self, *, also: tuple[int, ...] = ()) -> Watched:
        """Run it in a process of its own, its earlier output removed."""
        shutil.rmtree(self.target) if self.target.is_dir() else self.target.unlink(missing_ok=True)
        command = [sys.executable, str(PIPELINES / self.script), str(self.source), str(self.target), *self.options]
        return watch(command, also=also)


def pipelines(table: Path, store: Path, folder: Path) -> dict[str, Pipeline]:
    """All contenders."""
    return {
        "ouhe": Pipeline("ouhe_study.py", table, folder / "ouhe"),
        "polars": Pipeline("polars_streaming.py", table, folder / "polars.parquet"),
        "duckdb": Pipeline("duckdb_query.py", table, folder / "duckdb.parquet"),
        "ouhe_zarr": Pipeline("ouhe_study.py", store, folder / "ouhe_zarr"),
    }


def said(watched: Watched) -> dict[str, Any]:
    """What a pipeline printed."""
    return dict(json.loads(watched.output.splitlines()[-1]))


def beside(n: int, contenders: dict[str, Pipeline], repeats: int) -> Iterator[Row]:
    """All contenders in turn, their outputs compared first."""
    first = {name: said(pipeline.run()) for name, pipeline in contenders.items()}
    written = {name: Path(first[name].get("grid", contenders[name].target)) for name in contenders}
    others = list(contenders)[1:]
    figures = {name: compared(written["ouhe"], written[name], n) for name in others}
    progress(f"outputs of {n:,} rows compared")
    runs: dict[str, list[Watched]] = {name: [] for name in contenders}
    for repeat in range(repeats):
        for name, pipeline in contenders.items():
            runs[name].append(pipeline.run())
            seconds, steps = runs[name][-1].seconds, said(runs[name][-1]).get("steps", "")
            progress(f"{name}, {repeat + 1} of {repeats}: {seconds:.1f} s {steps}")
    taken = {name: [run.seconds for run in done] for name, done in runs.items()}
    peak = {name: max(run.peak for run in done) for name, done in runs.items()}
    anonymous = {name: max(run.anonymous for run in done) for name, done in runs.items()}
    note = dict.fromkeys(others, "compared")
    yield from rows("parquet", {"rows": n}, taken, peak=peak, anonymous=anonymous, figures=figures, note=note)


def growth(tables: dict[int, Path], folder: Path, repeats: dict[int, int]) -> Iterator[Row]:
    """Time a row beyond that of a few rows, both run in turn in one process a size, the first turn not counted."""
    for n, table in tables.items():
        if n != FEW:
            options = ("--repeats", str(1 + repeats[n]), "--before", str(tables[FEW]))
            watched = Pipeline("ouhe_study.py", table, folder / f"growth{n}", options).run()
            found = said(watched)
            seconds, few = found["all"][1:], found["before"][1:]
            beyond = statistics.median(much - little for much, little in zip(seconds, few, strict=True))
            yield Row(
                table="growth",
                case={"rows": n},
                contender="ouhe",
                seconds=tuple(seconds),
                peak=watched.peak,
                anonymous=watched.anonymous,
                figures={"nanoseconds": beyond / n * 1e9, "fixed": statistics.median(few)},
                note="row",
            )


@dataclass(frozen=True)
class Cluster:
    """Two workers in processes of their own, watched for pauses."""

    process: subprocess.Popen[str]
    address: str

    def pauses(self) -> int:
        """How often a worker was seen paused, or said so; it stops the cluster."""
        told, _ = self.process.communicate("over\n", timeout=60)
        found = json.loads(told.splitlines()[-1])
        assert found["workers"] == 2, "a worker was lost"
        return int(found["paused"])


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster that is gone afterwards."""
    command = [sys.executable, str(PIPELINES / "watched_cluster.py"), "1GiB"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Cluster(process, json.loads(process.stdout.readline())["address"])
        finally:
            process.terminate()


def workers(n: int, threads: Pipeline, repeats: int) -> Iterator[Row]:
    """Threads and two workers of dask.distributed in turn; how often a worker was paused."""
    runs: dict[str, list[Watched]] = {"ouhe": [], "ouhe_workers": []}
    with cluster() as watching:
        options = ("--scheduler", watching.address)
        distributed = Pipeline(threads.script, threads.source, threads.target.with_name("workers"), options)
        for _ in range(repeats):
            runs["ouhe"].append(threads.run())
            runs["ouhe_workers"].append(distributed.run(also=(watching.process.pid,)))
            progress(f"threads {runs['ouhe'][-1].seconds:.1f} s, workers {runs['ouhe_workers'][-1].seconds:.1f} s")
        paused = watching.pauses()
    figures = {"ouhe_workers": compared(*(Path(said(done[-1])["grid"]) for done in runs.values()), n)}
    assert not any(figures["ouhe_workers"].values()), "two workers give something else than threads"
    yield from rows(
        "workers",
        {"rows": n},
        {name: [run.seconds for run in done] for name, done in runs.items()},
        peak={name: max(run.peak for run in done) for name, done in runs.items()},
        anonymous={name: max(run.anonymous for run in done) for name, done in runs.items()},
        figures={"ouhe_workers": {"paused": paused}},
        note={"ouhe_workers": "paused"},
    )


def progress(line: str) -> None:
    """Say how far it is."""
    print(f"  {time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """The largest size beside the peers, growth, and workers."""
    sizes = QUICK if asked.quick else SIZES
    if asked.scratch:
        Path(asked.scratch).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.scratch, ignore_cleanup_errors=True) as made_in:
        folder, largest = Path(made_in), sizes[-1]
        tables = {n: made(n, folder) for n in (FEW, *sizes[:-1])}
        reused = asked.reuse and pq.ParquetFile(asked.reuse).metadata.num_rows == largest
        tables[largest] = Path(asked.reuse).resolve() if reused else made(largest, folder)
        store = gridded(tables[largest], folder)
        progress(f"data made in {folder}")
        contenders = pipelines(tables[largest], store, folder)
        yield from beside(largest, contenders, 1 if asked.quick else 3)
        yield from growth(tables, folder, dict(zip(sizes, (3, 2, 1) if asked.quick else (15, 5, 2), strict=True)))
        yield from workers(largest, contenders["ouhe"], 1 if asked.quick else 2)


def options(parser: argparse.ArgumentParser) -> None:
    """Where data are made."""
    parser.add_argument("--scratch", help="folder for data, with room for 12 GB")
    parser.add_argument("--reuse", help="a Parquet file of 100 million rows that was made before")


if __name__ == "__main__":
    packages = ("numpy", "xarray", "dask", "distributed", "pyarrow", "zarr", "polars", "duckdb")
    main(__doc__, measured, packages=packages, options=options)
