"""Time spatial Markov chains side by side with the same work in giddy.

Run ``python benchmarks/transition.py``. Both contenders start from the same values and weights, class them by the same
quantiles, and give counts and probabilities by the class of the neighbours with the tests that these matrices are the
same; ours also gives the test over time, the long run and the mobility of the whole chain, and the test of every
matrix. They are run in turn within every repeat, so that a busy moment of the machine hits both alike.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator

import numpy as np
import xarray as xr
from timing import Row, main, rows, turns

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


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """Both contenders, once they are known to compute the same."""
    for n, years, repeats in SIZES:
        x, w, ready = case(n, years)
        mine, peer = ours(x, w), theirs(x, ready)
        np.testing.assert_array_equal(mine["given_count"], peer.T)
        np.testing.assert_allclose(float(mine["space_chi2"]), peer.Q, rtol=1e-9)
        calls = {"ouhe": lambda x=x, w=w: ours(x, w), "giddy": lambda x=x, w=ready: theirs(x, w)}
        taken = turns(calls, 3 if asked.quick else repeats)
        yield from rows("spatial", {"regions": n, "years": years, "classes": K}, taken)


if __name__ == "__main__":
    main(__doc__, measured, packages=("numpy", "xarray", "giddy", "libpysal"))
