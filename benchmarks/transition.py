"""Time spatial Markov chains side by side with the same work in giddy.

Run ``python benchmarks/transition.py``. Both contenders start from the same values and weights, class them by the same
quantiles, and give counts and probabilities by the class of the neighbours with the tests that these matrices are the
same; ours also gives the test over time, the long run and the mobility of the whole chain, and the test of every
matrix. They are run in turn within every repeat, so that a busy moment of the machine hits both alike.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import statistics
import time
import warnings

import numpy as np
import xarray as xr

from ouhe.compute import transition
from ouhe.neighbours import Neighbours

with warnings.catch_warnings():
    # what giddy and libpysal say while they are imported is not about this work
    warnings.simplefilter("ignore")
    import libpysal
    from giddy import markov

#: Regions, years, repeats.
SIZES = ((31, 13, 21), (2850, 24, 7))

#: Classes of values and of neighbours.
K = 5


def case(n: int, years: int) -> tuple[xr.DataArray, Neighbours, libpysal.weights.W]:
    """Values that last, over the six nearest of random points, the same at every run."""
    rng = np.random.default_rng(7)
    points = libpysal.weights.KNN.from_array(rng.random((n, 2)), k=6)
    w = Neighbours.from_graph(libpysal.graph.Graph.from_W(points), style="row")
    x = rng.lognormal(size=(n, years))
    for t in range(1, years):
        x[:, t] = 0.8 * x[:, t - 1] + 0.2 * x[:, t]
    coords = {"region": list(w.regions), "year": range(2000, 2000 + years)}
    ready = w.to_graph().to_W()
    ready.transform = "r"
    return xr.DataArray(x, dims=("region", "year"), coords=coords), w, ready


def ours(x: xr.DataArray, w: Neighbours) -> xr.Dataset:
    """One call."""
    return transition.estimate(x, None, w, k=K, lag_classes="quantiles")


def theirs(x: xr.DataArray, w: libpysal.weights.W) -> markov.Spatial_Markov:
    """One call, and the tests, which giddy computes when they are asked for."""
    found = markov.Spatial_Markov(x.values, w, k=K, m=K, fill_empty_classes=True)
    _ = found.Q, found.LR, found.chi2
    return found


def measure(n: int, years: int, repeats: int) -> dict[str, list[float]]:
    """Milliseconds of both contenders, taking turns, once they are known to compute the same."""
    x, w, ready = case(n, years)
    mine, peer = ours(x, w), theirs(x, ready)
    np.testing.assert_array_equal(mine["given_count"], peer.T)
    np.testing.assert_allclose(float(mine["space_chi2"]), peer.Q, rtol=1e-9)
    taken: dict[str, list[float]] = {"ouhe": [], "giddy": []}
    for _ in range(repeats):
        for name, call in (("ouhe", lambda: ours(x, w)), ("giddy", lambda: theirs(x, ready))):
            start = time.perf_counter()
            call()
            taken[name].append(1e3 * (time.perf_counter() - start))
    return taken


def table(n: int, years: int, taken: dict[str, list[float]]) -> str:
    """Markdown table of one size; the ratio's range is that of single repeats."""
    ratios = [peer / mine for mine, peer in zip(taken["ouhe"], taken["giddy"], strict=True)]
    repeats = len(ratios)
    lines = [f"### {n:,} regions × {years} years, {K} classes, {repeats} repeats", ""]
    lines += ["| | median ms | range ms | ratio to ouhe |", "|---|---:|---:|---:|"]
    for name, times in taken.items():
        ratio = "1" if name == "ouhe" else f"{statistics.median(ratios):.1f} ({min(ratios):.1f} – {max(ratios):.1f})"
        lines.append(f"| {name} | {statistics.median(times):,.1f} | {min(times):,.1f} – {max(times):,.1f} | {ratio} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print."""
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("numpy", "xarray", "giddy", "libpysal"))
    print(f"Python {platform.python_version()}, {versions}; {os.cpu_count()} cores, {platform.machine()}\n")
    for n, years, repeats in SIZES:
        print(table(n, years, measure(n, years, repeats)), flush=True)


if __name__ == "__main__":
    main()
