"""Local Moran beside other people's software: esda, pygeoda, statsmodels, and draws written down plainly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import sparse

from ouhe.compute import lisa
from ouhe.neighbours import Neighbours

esda = pytest.importorskip("esda")
pygeoda = pytest.importorskip("pygeoda")
graphs = pytest.importorskip("libpysal.graph")
multitest = pytest.importorskip("statsmodels.stats.multitest")


def nearest(seed: int, n: int, *, most: int = 7) -> Neighbours:
    """Three to `most` nearest neighbours of random points, row-standardised; the last region is an isolate."""
    rng = np.random.default_rng(seed)
    places = rng.random((n, 2))
    away = ((places[:, None] - places) ** 2).sum(axis=2)
    order = np.argsort(away, axis=1)[:, 1:]
    degrees = rng.integers(3, most + 1, n)
    matrix = np.zeros((n, n))
    for i, k in enumerate(degrees[:-1]):
        matrix[i, order[i, :k]] = 1.0
    return Neighbours.from_dense(matrix, [str(i) for i in range(n)], style="row")


def clustered(w: Neighbours, seed: int, *more: int) -> xr.DataArray:
    """Skewed values that neighbours share in part."""
    noise = np.random.default_rng(seed).standard_exponential((len(w), *more))
    shared = (w.matrix @ noise.reshape(len(w), -1)).reshape(noise.shape)
    dims = ("region", "variable")[: 1 + len(more)]
    return xr.DataArray(noise + shared, dims=dims, coords={"region": list(w.regions)})


def by_esda(x: xr.DataArray, w: Neighbours) -> Any:
    # "O": the weights as they are
    return esda.Moran_Local(x.to_numpy(), graphs.Graph.from_sparse(w.matrix), transformation="O", permutations=0)


def by_pygeoda(x: xr.DataArray, w: Neighbours, folder: Path, *, permutations: int) -> Any:
    file = folder / "w.gal"
    near = np.split(w.matrix.indices, w.matrix.indptr[1:-1])
    rows = [f"{r} {len(j)}\n{' '.join(w.regions[i] for i in j)}\n" for r, j in zip(w.regions, near, strict=True)]
    file.write_text(f"0 {len(w)} w id\n" + "".join(rows), "utf-8")
    with warnings.catch_warnings():
        # pygeoda leaves the file open
        warnings.simplefilter("ignore", ResourceWarning)
        weights = pygeoda.weights.read_gal(str(file), list(w.regions))
    return pygeoda.local_moran(weights, x.values.tolist(), permutations=permutations, permutation_method="lookup")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("style", ["row", "binary"])
def test_statistic_and_quadrants_of_esda(seed, style):
    w = nearest(seed, 60).styled(style)
    x = clustered(w, seed)
    ours, theirs = lisa.local(x, w, inference="analytic"), by_esda(x, w)
    linked = w.degrees > 0
    for name, other in (("value", theirs.z), ("statistic", theirs.Is)):
        # the same sums in another order: a few units in the last place of numbers near 10
        np.testing.assert_allclose(ours[name].values[linked], other[linked], rtol=1e-10, atol=1e-12, err_msg=name)
    np.testing.assert_array_equal(ours["quadrant"].values[linked], theirs.q[linked])


@pytest.mark.parametrize("seed", range(5))
def test_moments_of_esda_once_they_belong_to_its_statistic(seed):
    # esda gives Sokal's moments, of z_i Σ w_ij z_j / m₂, beside the statistic (n − 1) z_i Σ w_ij z_j / Σ z², which is
    # (n − 1)/n of it; test_moments_are_those_of_all_draws shows which belong together
    n = 40
    rng = np.random.default_rng(seed)
    dense = rng.random((n, n)) * (rng.random((n, n)) < 0.2)
    np.fill_diagonal(dense, 0.0)
    w = Neighbours.from_dense(dense, [str(i) for i in range(n)])
    x = clustered(w, seed)
    ours, theirs = lisa.local(x, w, inference="analytic"), by_esda(x, w)
    scale = (n - 1) / n
    np.testing.assert_allclose(ours["expected"], theirs.EIc * scale, rtol=1e-10)
    np.testing.assert_allclose(ours["sd"], np.sqrt(theirs.VIc) * scale, rtol=1e-10)


ESDA = """
import json, sys
import esda, numpy as np
from libpysal.graph import Graph
from scipy import sparse
esda.crand.boolean = bool
x, *csr, R = json.load(sys.stdin)
graph = Graph.from_sparse(sparse.csr_array(tuple(map(np.array, csr)), shape=(len(x), len(x))))
print(json.dumps(esda.Moran_Local(np.array(x), graph, transformation="O", permutations=R, seed=7).p_sim.tolist()))
"""


def test_p_within_sampling_error_of_esda():
    seed, R = 1, 2999
    w = nearest(seed, 150)
    x = clustered(w, seed)
    ours = lisa.local(x, w, permutations=R, rng=seed)["p_value"].values
    given = json.dumps([a.tolist() for a in (x.values, w.matrix.data, w.matrix.indices, w.matrix.indptr)] + [R])
    # esda compiles for 20 s at every start what runs in 1 s uncompiled, but for numba's own word for bool
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", ESDA], env=environment, input=given, capture_output=True, text=True, check=True
    )
    linked = w.degrees > 0
    assert_same_chance(ours[linked], np.array(json.loads(done.stdout))[linked], R)


def assert_same_chance(p: np.ndarray, q: np.ndarray, R: int, *, bias: float = 0.0) -> None:
    """Two estimates from R draws each differ by 5.5 standard deviations with probability 4e-8 a region."""
    middle = np.maximum((p + q) / 2, 3 / R)
    np.testing.assert_array_less(np.abs(p - q), 5.5 * np.sqrt(2 * middle * (1 - middle) / R) + bias)
    # and they are estimates of something: clustered values give both small and large ones
    assert p.min() < 0.02
    assert p.max() > 0.4


@pytest.mark.parametrize("seed", range(3))
def test_pygeoda(seed, tmp_path):
    n, R = 400, 9999
    w = nearest(seed, n)
    x = clustered(w, seed)
    theirs = by_pygeoda(x, w, tmp_path, permutations=R)
    ours = lisa.local(x, w, permutations=R, rng=seed)
    linked = w.degrees > 0
    np.testing.assert_allclose(
        ours["statistic"].values[linked], np.array(theirs.lisa_values())[linked], rtol=1e-10, atol=1e-12
    )
    # its look-up table draws the first and the last number half as often as the others, so that up to k/2n of the
    # draws of k neighbours would be others with each
    assert_same_chance(ours["p_value"].values[linked], np.array(theirs.lisa_pvalues())[linked], R, bias=7 / n)
    clusters = np.array(theirs.lisa_clusters())[linked]
    judged = np.where(ours["significant"], ours["quadrant"], 0)[linked]
    # GeoDa numbers HH LL LH HL; where p is clear of 0.05 both call the same regions significant
    clear = np.abs(ours["p_value"].values[linked] - 0.05) > 0.02
    np.testing.assert_array_equal(judged[clear], np.array([0, 1, 3, 2, 4])[clusters[clear]])
    assert len(set(judged)) >= 3


@pytest.mark.parametrize("dense", [False, True])
def test_p_of_draws_written_down_plainly(dense):
    n, R = 30, 4000
    rng = np.random.default_rng(12)
    away = rng.random((n, n)) + 0.1
    away = away + away.T
    matrix = away**-2.0 * (np.ones((n, n)) if dense else rng.random((n, n)) < 0.2)
    np.fill_diagonal(matrix, 0.0)
    w = Neighbours.from_dense(matrix, [str(i) for i in range(n)], style="row")
    x = clustered(w, 3)
    p = lisa.local(x, w, permutations=R, rng=5)["p_value"].values
    z = (x.values - x.values.mean()) / x.values.std()
    plain = []
    for i, row in enumerate(w.matrix.toarray()):
        others = np.tile(np.delete(z, i), (R, 1))
        drawn = rng.permuted(others, axis=1)[:, : np.count_nonzero(row)] @ row[row != 0]
        plain.append((min((drawn >= row @ z).sum(), (drawn <= row @ z).sum()) + 1) / (R + 1))
    q = np.array(plain)
    middle = np.maximum((p + q) / 2, 3 / R)
    # 5.5 standard deviations: probability 4e-8 a region
    np.testing.assert_array_less(np.abs(p - q), 5.5 * np.sqrt(2 * middle * (1 - middle) / R))


@pytest.mark.parametrize("options", [{"inference": "analytic"}, {"rng": 1, "permutations": 999}])
def test_false_discovery_rate_of_statsmodels(options):
    w = nearest(1, 80)
    x = clustered(w, 1, 6)
    found = lisa.local(x, w, correction="benjamini-hochberg", significance=0.1, **options)
    linked = w.degrees > 0
    taken = 0
    for v in range(6):
        one = found.isel(variable=v, region=np.flatnonzero(linked))
        reject, adjusted, *_ = multitest.multipletests(one["p_value"], alpha=0.1, method="fdr_bh")
        np.testing.assert_allclose(one["p_adjusted"], adjusted, rtol=1e-12)
        np.testing.assert_array_equal(one["significant"], reject)
        taken += reject.sum()
    assert taken > 0


def test_weights_that_pysal_built():
    n = 50
    points = np.random.default_rng(4).random((n, 2))
    near = ((points[:, None] - points) ** 2).sum(axis=2).argsort(axis=1)[:, 1:5]
    matrix = sparse.csr_array((np.ones(4 * n), near.ravel(), np.arange(0, 4 * n + 1, 4)), shape=(n, n))
    graph = graphs.Graph.from_sparse(matrix, ids=[f"r{i:02}" for i in range(n)]).transform("R")
    w = Neighbours.from_graph(graph)
    x = clustered(w, 4)
    theirs = esda.Moran_Local(x.to_numpy(), graph, transformation="R", permutations=0)
    np.testing.assert_allclose(lisa.local(x, w, inference="analytic")["statistic"], theirs.Is, rtol=1e-10, atol=1e-12)
