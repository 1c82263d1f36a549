"""Time global Moran's I with its permutation test side by side with the same work in esda.

Run ``python benchmarks/space.py`` (``--quick`` without the larger ones); what a fresh process pays comes first.
Both contenders start from the same values and weights and are run in turn within every repeat, so that a busy moment
of the machine hits both alike. esda takes one variable a call; it gets its weights ready made (a ``W``, which it is
quicker with than with a ``Graph``), and numba is installed. Where its loop takes long it runs a few of the variables,
and its time is that of as many as asked for, which is said.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from timing import Row, main, rows, turns

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
    def case(self) -> dict[str, int]:
        """What names it."""
        return {"variables": self.variables, "regions": self.regions, "permutations": self.permutations}


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


def compared(size: Size) -> Iterator[Row]:
    """Both contenders in turn; esda's time is that of as many variables as asked for."""
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
    calls["ouhe"]()
    taken = turns(calls, size.repeats, calls={"ouhe": size.calls})
    taken["esda"] = [seconds * size.variables / size.esda_variables for seconds in taken["esda"]]
    if size.esda_variables == size.variables:
        return rows("global", size.case, taken)
    figures, note = {"esda": {"part": size.esda_variables}}, {"esda": "part"}
    return rows("global", size.case, taken, figures=figures, note=note)


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


def starts(repeats: int) -> Iterator[Row]:
    """What fresh processes take to import numba, and to have the compiled loops ready, the first and later."""
    taken: list[list[float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeats):
            command = [sys.executable, "-c", START]
            environment = os.environ | {"NUMBA_CACHE_DIR": folder}
            said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
            taken.append([float(seconds) for seconds in said.split()])
    numba, tests = zip(*taken, strict=True)
    yield from rows("import_numba", {}, {"ouhe": numba})
    yield from rows("compiling", {}, {"ouhe": tests[:1]})
    yield from rows("compiled", {}, {"ouhe": tests[1:]})


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """Starts, then every size."""
    yield from starts(2 if asked.quick else 6)
    for size in SIZES:
        if not asked.quick:
            yield from compared(size)
        elif size.permutations <= (999 if size.regions == 31 else 0):
            yield from compared(replace(size, repeats=3))


if __name__ == "__main__":
    main(__doc__, measured, packages=("numpy", "numba", "xarray", "esda", "libpysal"))
