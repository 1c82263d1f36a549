"""Time local Moran with 999 conditional permutations side by side with the same work in other software.

Run ``python benchmarks/local.py`` (``--quick`` for the smaller sizes). All contenders get the same values and the same
row-standardised nearest neighbours, already in their own form, and are run in turn within every repeat, so that a busy
moment of the machine hits all alike. pygeoda runs on all cores with its look-up table, its quicker way. esda is timed
where it takes less than a minute. Memory and the start of a second process are measured in processes of their own.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import KDTree

from ouhe.compute import lisa
from ouhe.neighbours import Neighbours

Row = NDArray[np.float64]

PERMUTATIONS = 999


@dataclass(frozen=True)
class Size:
    """How many regions and neighbours, and how often they are measured."""

    regions: int
    neighbours: int
    repeats: int
    esda: bool = False

    @property
    def name(self) -> str:
        """What the table is called."""
        return f"{self.regions:,} regions, {self.neighbours} neighbours"


SIZES = (
    Size(31, 5, 101, esda=True),
    Size(2850, 6, 31, esda=True),
    Size(1000, 300, 7),
    Size(100_000, 6, 7),
)
QUICK = SIZES[:2]


def values(size: Size) -> xr.DataArray:
    """Skewed values, the same at every run."""
    return xr.DataArray(
        np.random.default_rng(7).standard_exponential(size.regions),
        dims="region",
        coords={"region": [str(i) for i in range(size.regions)]},
    )


def weights(size: Size) -> Neighbours:
    """Nearest neighbours of random places."""
    n, k = size.regions, size.neighbours
    places = np.random.default_rng(3).random((n, 2))
    near = KDTree(places).query(places, k + 1)[1][:, 1:]
    matrix = sparse.csr_array((np.full(n * k, 1.0 / k), near.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    return Neighbours(tuple(map(str, range(n))), matrix, "row")


def by_ouhe(x: xr.DataArray, w: Neighbours) -> Row:
    """All that a study gets: statistic, quadrant, p, significance."""
    return lisa.local(x, w, permutations=PERMUTATIONS, rng=1)["statistic"].values


def pygeoda_call(x: xr.DataArray, w: Neighbours) -> Callable[[], Row]:
    """Call of pygeoda, its weights read beforehand."""
    import pygeoda

    near = np.split(w.matrix.indices, w.matrix.indptr[1:-1])
    rows = (f"{i} {len(j)}\n{' '.join(map(str, j))}\n" for i, j in enumerate(near))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "w.gal"
        file.write_text(f"0 {len(w)} w id\n" + "".join(rows), "utf-8")
        read = pygeoda.weights.read_gal(str(file), list(w.regions))
    plain = x.values.tolist()

    def call() -> Row:
        found = pygeoda.local_moran(
            read, plain, permutations=PERMUTATIONS, permutation_method="lookup", cpu_threads=os.cpu_count()
        )
        found.lisa_pvalues()
        return np.array(found.lisa_values())

    return call


def esda_call(x: xr.DataArray, w: Neighbours) -> Callable[[], Row]:
    """Call of esda, compiled beforehand."""
    import esda
    from libpysal.graph import Graph

    graph = Graph.from_sparse(w.matrix)
    plain = x.to_numpy()
    call = lambda: esda.Moran_Local(plain, graph, "O", permutations=PERMUTATIONS, n_jobs=1).Is  # noqa: E731
    call()
    return call


def contenders(size: Size) -> dict[str, Callable[[], Row]]:
    """Every contender, ready to be called on the same values."""
    x, w = values(size), weights(size)
    by_ouhe(x, w)
    calls = {"ouhe": lambda: by_ouhe(x, w), "pygeoda, look-up": pygeoda_call(x, w)}
    return calls | ({"esda": esda_call(x, w)} if size.esda else {})


def measure(size: Size) -> dict[str, list[float]]:
    """Milliseconds of every call, contenders taking turns; they must find the same statistic."""
    calls = contenders(size)
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(size.repeats):
        found = {}
        for name, call in calls.items():
            start = time.perf_counter()
            found[name] = call()
            taken[name].append(1e3 * (time.perf_counter() - start))
        for name, statistic in found.items():
            np.testing.assert_allclose(statistic, found["ouhe"], rtol=1e-9, atol=1e-10, err_msg=name)
    return taken


def table(size: Size, taken: dict[str, list[float]]) -> str:
    """Markdown table of one size."""
    ours = statistics.median(taken["ouhe"])
    lines = [f"### {size.name}, {size.repeats} repeats", "", "| | median ms | range ms | ratio to ouhe |"]
    lines.append("|---|---:|---:|---:|")
    for name, times in taken.items():
        middle = statistics.median(times)
        lines.append(f"| {name} | {middle:,.1f} | {min(times):,.1f} – {max(times):,.1f} | {middle / ours:.2f} |")
    return "\n".join(lines) + "\n"


def most_resident() -> float:
    """Most memory this process ever held, in MiB; not a number where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), math.nan)


def print_alone(size: Size) -> None:
    """Run ouhe once in this process and print how long the call took, its kernels included, and the peak of memory."""
    x, w = values(size), weights(size)
    start = time.perf_counter()
    by_ouhe(x, w)
    print(json.dumps({"seconds": time.perf_counter() - start, "peak": most_resident()}))


def alone(size: Size, folder: str) -> dict[str, float]:
    """What :func:`print_alone` says in a fresh process whose compiled kernels lie in `folder`."""
    command = [sys.executable, __file__, "--alone", f"{size.regions},{size.neighbours}"]
    environment = os.environ | {"NUMBA_CACHE_DIR": folder}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return dict(json.loads(done.stdout))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the smaller sizes only")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        regions, neighbours = map(int, asked.alone.split(","))
        print_alone(Size(regions, neighbours, 1))
        return
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("numpy", "numba", "pygeoda", "esda"))
    print(f"Python {platform.python_version()}, {versions}; {os.cpu_count()} cores, {platform.machine()}")
    print(f"{PERMUTATIONS} permutations\n")
    with tempfile.TemporaryDirectory() as folder:
        first, *later = (alone(SIZES[0], folder)["seconds"] for _ in range(6))
        print(f"First call in a process, {SIZES[0].name}: {first:.2f} s when it compiles,", end=" ")
        print(f"later {statistics.median(later):.2f} s ({min(later):.2f} – {max(later):.2f})\n")
        if not asked.quick:
            print(f"Peak memory of a process, {SIZES[-1].name}: {alone(SIZES[-1], folder)['peak']:,.0f} MiB\n")
    for size in QUICK if asked.quick else SIZES:
        print(table(size, measure(size)), flush=True)


if __name__ == "__main__":
    main()
