"""Time local Moran with 999 conditional permutations side by side with the same work in other software.

Run ``python benchmarks/local.py`` (``--quick`` for the smaller sizes). All contenders get the same values and the same
row-standardised nearest neighbours, already in their own form, and are run in turn within every repeat, so that a busy
moment of the machine hits all alike. pygeoda runs on all cores with its look-up table, its quicker way. esda is timed
where it takes less than a minute. Memory and the start of a second process are measured in processes of their own.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import KDTree
from timing import Row, fresh, main, most_resident, rows, turns

from ouhe.compute import lisa
from ouhe.neighbours import Neighbours

Statistic = NDArray[np.float64]

PERMUTATIONS = 999


@dataclass(frozen=True)
class Size:
    """How many regions and neighbours, and how often they are measured."""

    regions: int
    neighbours: int
    repeats: int
    esda: bool = False

    @property
    def case(self) -> dict[str, int]:
        """What names it."""
        return {"regions": self.regions, "neighbours": self.neighbours}


SIZES = (
    Size(31, 5, 101, esda=True),
    Size(2850, 6, 31, esda=True),
    Size(1000, 300, 7),
    Size(100_000, 6, 7),
)
QUICK = (Size(31, 5, 11, esda=True), Size(2850, 6, 3, esda=True))


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


def by_ouhe(x: xr.DataArray, w: Neighbours) -> Statistic:
    """All that a study gets: statistic, quadrant, p, significance."""
    return lisa.local(x, w, permutations=PERMUTATIONS, rng=1)["statistic"].values


def pygeoda_call(x: xr.DataArray, w: Neighbours) -> Callable[[], Statistic]:
    """Call of pygeoda, its weights read beforehand."""
    import pygeoda

    near = np.split(w.matrix.indices, w.matrix.indptr[1:-1])
    rows = (f"{i} {len(j)}\n{' '.join(map(str, j))}\n" for i, j in enumerate(near))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "w.gal"
        file.write_text(f"0 {len(w)} w id\n" + "".join(rows), "utf-8")
        read = pygeoda.weights.read_gal(str(file), list(w.regions))
    plain = x.values.tolist()

    def call() -> Statistic:
        found = pygeoda.local_moran(
            read, plain, permutations=PERMUTATIONS, permutation_method="lookup", cpu_threads=os.cpu_count()
        )
        found.lisa_pvalues()
        return np.array(found.lisa_values())

    return call


def esda_call(x: xr.DataArray, w: Neighbours) -> Callable[[], Statistic]:
    """Call of esda, compiled beforehand."""
    import esda
    from libpysal.graph import Graph

    graph = Graph.from_sparse(w.matrix)
    plain = x.to_numpy()
    call = lambda: esda.Moran_Local(plain, graph, "O", permutations=PERMUTATIONS, n_jobs=1).Is  # noqa: E731
    call()
    return call


def contenders(size: Size) -> dict[str, Callable[[], Statistic]]:
    """Every contender, ready to be called on the same values."""
    x, w = values(size), weights(size)
    by_ouhe(x, w)
    calls = {"ouhe": lambda: by_ouhe(x, w), "pygeoda": pygeoda_call(x, w)}
    return calls | ({"esda": esda_call(x, w)} if size.esda else {})


def compared(size: Size) -> Iterator[Row]:
    """All contenders in turn; they must find the same statistic."""
    calls = contenders(size)
    expected = calls["ouhe"]()
    for name, call in calls.items():
        np.testing.assert_allclose(call(), expected, rtol=1e-9, atol=1e-10, err_msg=name)
    return rows("local", size.case, turns(calls, size.repeats))


def alone(said: str) -> dict[str, float]:
    """How long the first call of this process takes, its kernels included, and the peak of memory."""
    regions, neighbours = map(int, said.split(","))
    size = Size(regions, neighbours, 1)
    x, w = values(size), weights(size)
    start = time.perf_counter()
    by_ouhe(x, w)
    return {"seconds": time.perf_counter() - start, "peak": most_resident()}


def starts(*, quick: bool) -> Iterator[Row]:
    """First calls of fresh processes, when kernels are compiled and when they are cached; memory of the largest."""
    with tempfile.TemporaryDirectory() as folder:
        first, *later = (
            fresh(__file__, "31,5", environment={"NUMBA_CACHE_DIR": folder})["seconds"]
            for _ in range(3 if quick else 6)
        )
        yield from rows("compiling", {}, {"ouhe": [first]})
        yield from rows("compiled", {}, {"ouhe": later})
        if not quick:
            found = fresh(__file__, "100000,6", environment={"NUMBA_CACHE_DIR": folder})
            yield Row(table="memory", case=SIZES[-1].case, contender="ouhe", peak=found["peak"])


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """Starts, then every size."""
    yield from starts(quick=asked.quick)
    for size in QUICK if asked.quick else SIZES:
        yield from compared(size)


if __name__ == "__main__":
    main(__doc__, measured, packages=("numpy", "numba", "pygeoda", "esda"), alone=alone)
