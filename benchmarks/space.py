"""Time global Moran's I with its permutation test side by side with the same work in esda.

Run ``python benchmarks/space.py`` (``--quick`` without 9,999 permutations, ``--start`` for a fresh process instead).
Both contenders start from the same values and weights and are run in turn within every repeat, so that a busy moment
of the machine hits both alike. esda takes one variable a call; it gets its weights ready made (a ``W``, which it is
quicker with than with a ``Graph``), and numba is installed. Where its loop takes long it runs a few of the variables,
and its time is that of as many as asked for, which is said.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass

import numpy as np
import xarray as xr

from ouhe import regions
from ouhe.compute import moran
from ouhe.neighbours import Neighbours

with warnings.catch_warnings():
    # what esda and libpysal say while they are imported is not about this work
    warnings.simplefilter("ignore")
    import esda
    import libpysal


@dataclass(frozen=True)
class Size:
    """Regions, variables, permutations; how often it is measured, and how many variables esda runs of them.

    `calls` of ours are made in a row, because a single one would be too short to time; esda's loop is long enough.
    """

    regions: int
    variables: int
    permutations: int
    repeats: int
    esda_variables: int
    calls: int = 1

    @property
    def name(self) -> str:
        """As it is printed."""
        return f"{self.variables} variables × {self.regions:,} regions, {self.permutations:,} permutations"


SIZES = (
    Size(31, 26, 0, 101, 26, 20),
    Size(31, 26, 999, 21, 26, 5),
    Size(31, 26, 9999, 7, 26),
    Size(2850, 48, 0, 21, 48),
    Size(2850, 48, 999, 7, 48),
    Size(2850, 48, 9999, 5, 6),
)


def weights(n: int) -> Neighbours:
    """Contiguity of the 31 provinces, or the six nearest of random points."""
    if n == 31:
        china = regions.load("china-provinces")
        return Neighbours.from_pairs(china.borders, china.ids)
    points = np.random.default_rng(7).random((n, 2))
    nearest = libpysal.weights.KNN.from_array(points, k=6)
    return Neighbours.from_graph(libpysal.graph.Graph.from_W(nearest), style="row")


def values(w: Neighbours, variables: int) -> xr.DataArray:
    """Skewed values, the same at every run."""
    x = np.random.default_rng(7).lognormal(sigma=0.8, size=(len(w), variables))
    coords = {"region": list(w.regions), "variable": [f"v{i}" for i in range(variables)]}
    return xr.DataArray(x, dims=("region", "variable"), coords=coords)


def by_esda(columns: list[np.ndarray], w: libpysal.weights.W, permutations: int) -> list[esda.Moran]:
    """One call a variable, as its users write it."""
    return [esda.Moran(y, w, permutations=permutations, two_tailed=True) for y in columns]


def check(x: xr.DataArray, w: Neighbours, ready: libpysal.weights.W) -> None:
    """Stop where the contenders do not compute the same."""
    found = moran.univariate(x, w, permutations=0)
    peers = by_esda(list(x.values.T), ready, 0)
    for ours, theirs in (("statistic", "I"), ("z", "z_rand"), ("p_value", "p_rand")):
        np.testing.assert_allclose(found[ours], [getattr(p, theirs) for p in peers], rtol=1e-9)


def measure(size: Size) -> dict[str, list[float]]:
    """Milliseconds of both contenders, taking turns."""
    w = weights(size.regions)
    x = values(w, size.variables)
    ready = w.to_graph().to_W()
    ready.transform = "r"
    check(x, w, ready)
    columns = [np.ascontiguousarray(y) for y in x.values.T[: size.esda_variables]]
    calls = {
        "ouhe": lambda: moran.univariate(x, w, permutations=size.permutations, rng=1),
        "esda": lambda: by_esda(columns, ready, size.permutations),
    }
    scale = {"ouhe": 1.0, "esda": size.variables / size.esda_variables}
    times = {"ouhe": size.calls, "esda": 1}
    calls["ouhe"]()
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(size.repeats):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(times[name]):
                call()
            taken[name].append(1e3 * scale[name] * (time.perf_counter() - start) / times[name])
    return taken


def table(size: Size, taken: dict[str, list[float]]) -> str:
    """Markdown table of one size; the ratio's range is that of single repeats."""
    ratios = [theirs / ours for ours, theirs in zip(taken["ouhe"], taken["esda"], strict=True)]
    part = f"; esda timed on {size.esda_variables} variables" if size.esda_variables < size.variables else ""
    lines = [f"### {size.name}, {size.repeats} repeats{part}", "", "| | median ms | range ms | ratio to ouhe |"]
    lines.append("|---|---:|---:|---:|")
    for name, times in taken.items():
        ratio = "1" if name == "ouhe" else f"{statistics.median(ratios):.0f} ({min(ratios):.0f} – {max(ratios):.0f})"
        ends = f"{min(times):,.2f} – {max(times):,.2f}"
        lines.append(f"| {name} | {statistics.median(times):,.2f} | {ends} | {ratio} |")
    return "\n".join(lines) + "\n"


START = """
import time
start = time.perf_counter()
import numba
imported = time.perf_counter()
import numpy as np
from scipy import sparse
from ouhe.permutations import Draws, p_values
z = np.arange(31.0)[:, None] - 15
ready = time.perf_counter()
p_values(sparse.csr_array(sparse.eye_array(31, k=1)), z, Draws.of(31, 9, 1), centre=np.zeros(1))
print(imported - start, time.perf_counter() - ready)
"""


def starts() -> str:
    """Seconds that fresh processes take to import numba and to have the compiled loops ready, the first and later."""
    lines = ["| process | import numba, s | first test, s |", "|---|---:|---:|"]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, 6):
            environment = os.environ | {"NUMBA_CACHE_DIR": folder}
            command = [sys.executable, "-c", START]
            said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
            lines.append("| {} | {:.2f} | {:.2f} |".format(number, *map(float, said.split())))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without 9,999 permutations")
    parser.add_argument("--start", action="store_true", help="what a fresh process pays")
    asked = parser.parse_args()
    versions = ", ".join(
        f"{p} {importlib.metadata.version(p)}" for p in ("numpy", "numba", "xarray", "esda", "libpysal")
    )
    print(f"Python {platform.python_version()}, {versions}; {os.cpu_count()} cores, {platform.machine()}\n")
    if asked.start:
        print(starts())
        return
    for size in SIZES:
        if not (asked.quick and size.permutations > 999):
            print(table(size, measure(size)), flush=True)


if __name__ == "__main__":
    main()
