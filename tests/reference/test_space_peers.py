"""Global spatial autocorrelation against esda, the reference implementation of PySAL.

Tolerance 1e-10 relative: both sides sum some hundred float64 terms in another order, and esda's variances subtract
numbers that are some hundred times the difference. Where esda means something else, the test says so.
"""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from ouhe.compute import geary, getis, moran
from ouhe.errors import OuheWarning
from ouhe.neighbours import Neighbours

with warnings.catch_warnings():
    # numba and geopandas are looked for while these are imported, and say what they miss
    warnings.simplefilter("ignore")
    esda = pytest.importorskip("esda")
    weights = pytest.importorskip("libpysal.weights")
    examples = pytest.importorskip("libpysal.examples")
    graph = pytest.importorskip("libpysal.graph")
    read = pytest.importorskip("libpysal.io").open


def close(found, expected, rtol=1e-10):
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=rtol, atol=1e-13)


def to_pysal(w):
    """The same weights as a ``W``, isolates and weights as they are."""
    neighbours = {r: [] for r in w.regions}
    values = {r: [] for r in w.regions}
    for region, neighbour, weight in w.to_frame().itertuples(index=False):
        neighbours[region].append(neighbour)
        values[region].append(weight)
    return weights.W(neighbours, values, id_order=list(w.regions), silence_warnings=True)


KINDS = ("contiguity", "isolates", "asymmetric", "dense")


@pytest.fixture(params=[(k, s) for k in KINDS for s in ("row", "raw")], ids="-".join)
def case(request):
    """60 regions, 6 skewed variables, weights of several kinds, and the transformation that means the same in esda."""
    kind, style = request.param
    rng = np.random.default_rng(KINDS.index(kind))
    n = 60
    points = rng.random((n, 2))
    distance = np.hypot(*(points[:, None] - points).T) + np.eye(n)
    if kind == "dense":
        matrix = distance**-2.0
    elif kind == "asymmetric":
        nearest = np.argsort(distance + 9 * np.eye(n), axis=1)[:, :5]
        matrix = np.zeros((n, n))
        np.put_along_axis(matrix, nearest, rng.random((n, 5)) + 0.1, axis=1)
    else:
        matrix = (distance < 0.2).astype(float)
    np.fill_diagonal(matrix, 0.0)
    if kind == "isolates":
        matrix[:4] = matrix[:, :4] = 0.0
    regions = [f"r{i}" for i in range(n)]
    w = Neighbours.from_dense(matrix, regions, style=style)
    assert bool(w.isolates) == (kind == "isolates")
    coords = {"region": regions, "variable": list("abcdef")}
    x = xr.DataArray(rng.lognormal(size=(n, 6)), dims=("region", "variable"), coords=coords)
    return SimpleNamespace(kind=kind, w=w, x=x, peer=to_pysal(w), transformation="r" if style == "row" else "O")


def of_all(case, call):
    return [call(case.x.values[:, v]) for v in range(6)]


@pytest.mark.parametrize(("variance", "suffix"), [("randomisation", "rand"), ("normality", "norm")])
def test_moran(case, variance, suffix):
    found = moran.univariate(case.x, case.w, variance=variance, permutations=0)
    peers = of_all(case, lambda y: esda.Moran(y, case.peer, transformation=case.transformation, permutations=0))
    # esda too counts isolates among the n regions and their lag as 0
    close(found.statistic, [p.I for p in peers])
    close(found.expected, [p.EI for p in peers])
    close(found.sd, [getattr(p, f"seI_{suffix}") for p in peers])
    close(found.z, [getattr(p, f"z_{suffix}") for p in peers])
    close(found.p_value, [getattr(p, f"p_{suffix}") for p in peers])


@pytest.mark.parametrize(("variance", "suffix"), [("randomisation", "rand"), ("normality", "norm")])
def test_geary(case, variance, suffix):
    found = geary.c(case.x, case.w, variance=variance, permutations=0)
    peers = of_all(case, lambda y: esda.Geary(y, case.peer, transformation=case.transformation, permutations=0))
    close(found.statistic, [p.C for p in peers])
    close(found.sd, [getattr(p, f"seC_{suffix}") for p in peers])
    close(found.z, [getattr(p, f"z_{suffix}") for p in peers])
    # esda gives the p of one side
    close(found.p_value, [2 * getattr(p, f"p_{suffix}") for p in peers])


def test_general_g(case):
    if case.kind == "dense":
        # with every region a neighbour of every other G is 1 whatever the values; esda's z is a ratio of roundings
        with pytest.warns(OuheWarning, match="sd is 0"):
            found = getis.general(case.x, case.w, permutations=0)
        close(found.statistic, 1.0)
        assert (found.sd == 0.0).all()
        return
    found = getis.general(case.x, case.w, permutations=0)
    peers = of_all(case, lambda y: esda.G(y, case.peer, permutations=0))
    close(found.statistic, [p.G for p in peers])
    close(found.expected, [p.EG for p in peers])
    # esda's variance is a small difference of large numbers: E[G²] is a thousand times Var(G)
    close(found.sd, [np.sqrt(p.VG) for p in peers], rtol=1e-9)
    close(found.z, [p.z_norm for p in peers], rtol=1e-9)
    # one-sided, and taken from 1
    np.testing.assert_allclose(found.p_value, [2 * p.p_norm for p in peers], rtol=1e-8, atol=1e-14)


def test_bivariate_moran(case):
    found = moran.bivariate(case.x, case.x.roll(variable=1), case.w, permutations=0)
    x, y = case.x.values, np.roll(case.x.values, 1, axis=1)
    peers = [
        esda.Moran_BV(x[:, v], y[:, v], case.peer, transformation=case.transformation, permutations=0) for v in range(6)
    ]
    # esda takes n for the sum of the weights, which isolates and raw weights make another
    factor = len(case.w) / case.w.sums.s0
    close(found.statistic, [factor * p.I for p in peers])
    if case.kind != "isolates" and case.w.style == "row":
        close(found.statistic, [p.I for p in peers])


def two_sided(sims, observed, expected):
    return np.mean(abs(np.asarray(sims) - expected) >= abs(observed - expected))


def test_permutations(case):
    """Both p are shares of samples of the same distribution; five standard deviations of their difference."""
    # the one generator that esda takes its permutations from
    np.random.seed(1)  # noqa: NPY002
    rng, many = 7, 1999
    y = case.x.isel(variable=0)
    peers = [
        esda.Moran(y.values, case.peer, transformation=case.transformation, permutations=many),
        esda.Geary(y.values, case.peer, transformation=case.transformation, permutations=many),
        esda.Moran_BV(case.x.values[:, 1], y.values, case.peer, transformation=case.transformation, permutations=many),
    ]
    shares = [
        two_sided(peers[0].sim, peers[0].I, peers[0].EI),
        two_sided(peers[1].sim, peers[1].C, 1.0),
        two_sided(peers[2].sim, peers[2].I, 0.0),
    ]
    found = [
        moran.univariate(y, case.w, permutations=many, rng=rng),
        geary.c(y, case.w, permutations=many, rng=rng),
        moran.bivariate(
            case.x.isel(variable=1, drop=True), y.drop_vars("variable"), case.w, permutations=many, rng=rng
        ),
    ]
    for ours, share in zip(found, shares, strict=True):
        assert abs(ours.p_sim.item() - share) < 5 * np.sqrt(2 * max(share * (1 - share), 1 / many) / many)


def from_gal(name):
    with warnings.catch_warnings():
        # libpysal tells of parts that do not hang together
        warnings.simplefilter("ignore")
        return read(examples.get_path(name)).read()


def test_homicides_around_saint_louis():
    """The example of PySAL and GeoDa: HR8893 of 78 counties, row-standardised."""
    w = Neighbours.from_graph(graph.Graph.from_W(from_gal("stl.gal")), style="row")
    y = np.array(read(examples.get_path("stl_hom.csv")).by_col("HR8893"), dtype=float)
    x = xr.DataArray(y, dims="region", coords={"region": list(w.regions)})
    found = moran.univariate(x, w, variance="normality", permutations=0)
    # as printed in the documentation of esda, all digits; p there is one-sided, to nine digits
    assert found.statistic.item() == pytest.approx(0.24365582621771, abs=1e-13)
    assert found.p_value.item() / 2 == pytest.approx(0.000135739, abs=5e-10)


def test_incomes_of_states():
    """Per head, 48 states; the values that the PySAL notebooks print to five digits."""
    w = Neighbours.from_graph(graph.Graph.from_W(from_gal("states48.gal")), style="row")
    table = read(examples.get_path("usjoin.csv"))
    years = list(range(1929, 2010))
    y = np.array([table.by_col(str(t)) for t in years], dtype=float).T
    x = xr.DataArray(y, dims=("region", "year"), coords={"region": list(w.regions), "year": years})
    found = moran.univariate(x, w, permutations=0)
    assert found.statistic.sel(year=1929).item() == pytest.approx(0.62693, abs=5e-6)
    assert found.statistic.sel(year=2009).item() == pytest.approx(0.42877, abs=5e-6)
