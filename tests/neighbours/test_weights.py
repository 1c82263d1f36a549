"""Spatial weights as a value: what they refuse, how they are scaled and cut, and their way to PySAL and back."""

import itertools
import sys
import warnings

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from ouhe.errors import DataError, OptionError, OuheError, OuheWarning
from ouhe.neighbours import Neighbours

with warnings.catch_warnings():
    # libpysal uses names that newer versions of its own dependencies deprecate
    warnings.simplefilter("ignore")
    from libpysal.graph import Graph

IDS = ["d", "b", "a", "c"]


@st.composite
def weights(draw, *, least=0.0):
    """Weights of 2 to 7 regions, isolates and one-way links among them."""
    n = draw(st.integers(2, 7))
    values = st.one_of(st.just(0.0), st.floats(max(least, 0.01), 50.0))
    matrix = draw(hnp.arrays(np.float64, (n, n), elements=values))
    np.fill_diagonal(matrix, 0.0)
    ids = draw(st.permutations([f"r{i}" for i in range(n)]))
    return Neighbours.from_dense(matrix, ids)


def keys(error):
    return [p.key.removeprefix("neighbours.") for p in error.value.problems]


@pytest.mark.parametrize(
    ("matrix", "regions", "key"),
    [
        (np.zeros((2, 3)), ["a", "b"], "wrong_size"),
        (np.zeros((2, 2)), ["a", "b", "c"], "wrong_size"),
        ([[0, np.nan], [1, 0]], ["a", "b"], "not_finite"),
        ([[0, np.inf], [1, 0]], ["a", "b"], "not_finite"),
        ([[0.5, 1], [1, 0]], ["a", "b"], "own_neighbour"),
        ([[0, 1], [1, 0]], ["a", "a"], "region_twice"),
    ],
)
def test_what_no_weights_may_be(matrix, regions, key):
    with pytest.raises(DataError) as error:
        Neighbours.from_dense(matrix, regions)
    assert keys(error) == [key]


def test_all_that_is_wrong_is_told_with_names():
    with pytest.raises(DataError) as error:
        Neighbours.from_dense([[1, np.nan], [1, 2]], ["x", "y"])
    assert keys(error) == ["not_finite", "own_neighbour"]
    assert "x–y" in str(error.value)
    assert "x、y" in error.value.problems[1].message("zh")


def test_a_pair_with_a_region_that_is_not_there_is_told():
    with pytest.raises(DataError, match="z: the spatial weights w do not hold") as error:
        Neighbours.from_pairs([("a", "z"), ("q", "z")], ["a"], name="w")
    assert [p.params["region"] for p in error.value.problems] == ["z", "q"]


def test_a_pair_given_twice_and_both_ways_counts_once():
    w = Neighbours.from_pairs([("a", "b"), ("b", "a"), ("a", "b")], ["a", "b"], style="binary")
    assert w.matrix.toarray().tolist() == [[0, 1], [1, 0]]


def test_rows_that_negative_weights_empty_are_refused_not_dropped():
    mixed = Neighbours.from_dense([[0, 1, -1], [1, 0, 0], [-2, 1, 0]], ["a", "b", "c"])
    assert mixed.matrix.nnz == 5
    with pytest.raises(DataError, match="a, c"):
        mixed.styled("row")


@given(weights())
def test_rows_sum_to_one_but_for_isolates(w):
    row = w.styled("row")
    sums = row.matrix.sum(axis=1)
    assert sums == pytest.approx(np.where(w.degrees > 0, 1.0, 0.0), abs=1e-12)
    assert row.isolates == w.isolates


@given(weights())
def test_scaling_twice_is_scaling_once_to_the_bit(w):
    for style in ("row", "binary", "raw"):
        once = w.styled(style)
        assert np.array_equal(once.styled(style).matrix.toarray(), once.matrix.toarray())
        assert once.styled(style).style == style


@given(weights(), st.sampled_from(["row", "binary", "raw"]))
def test_only_of_everything_is_the_same(w, style):
    w = w.styled(style)
    assert np.array_equal(w.only(w.regions).matrix.toarray(), w.matrix.toarray())


@given(weights(), st.data())
def test_order_of_regions_changes_nothing(w, data):
    order = data.draw(st.permutations(w.regions))
    turned = w.only(order)
    values = xr.DataArray(np.arange(len(w)) ** 1.5, dims="region", coords={"region": list(w.regions)})
    assert turned.sums == pytest.approx(w.sums)
    assert turned.symmetric == w.symmetric
    assert set(turned.isolates) == set(w.isolates)
    xr.testing.assert_allclose(turned.lag(values), w.lag(values))
    xr.testing.assert_allclose(turned.lag(values.sel(region=order)).sel(region=list(w.regions)), w.lag(values))


def test_a_group_is_cut_and_scaled_again():
    w = Neighbours.from_pairs([("a", "b"), ("b", "c"), ("c", "d")], list("abcd"))
    assert w.only(["b", "a"]).matrix.toarray().tolist() == [[0, 1], [1, 0]]
    assert w.only(["a", "c"]).isolates == ("a", "c")


def test_the_matrix_cannot_be_changed_from_outside():
    given_matrix = sparse.csr_array(np.array([[0.0, 1.0], [1.0, 0.0]]))
    w = Neighbours(("a", "b"), given_matrix, "raw")
    given_matrix.data[:] = 9.0
    assert w.matrix.data.tolist() == [1.0, 1.0]
    with pytest.raises(ValueError, match="read-only"):
        w.matrix.data[0] = 5.0


def test_a_region_that_is_nobodys_neighbour_keeps_its_column():
    # the matrix that PySAL itself makes of this graph has two columns only
    graph = Graph.from_arrays(["a", "b", "c"], ["b", "c", "b"], [1.0, 1.0, 1.0])
    w = Neighbours.from_graph(graph)
    assert w.matrix.toarray().tolist() == [[0, 1, 0], [0, 0, 1], [0, 1, 0]]
    assert w.to_graph().sparse.toarray().tolist() == w.matrix.toarray().tolist()


@given(weights(), st.sampled_from(["row", "binary", "raw"]))
def test_to_pysal_and_back(w, style):
    w = w.styled(style)
    graph = w.to_graph()
    assert list(graph.unique_ids) == list(w.regions)
    assert sorted(graph.isolates) == sorted(w.isolates)
    assert np.array_equal(graph.sparse.toarray(), w.matrix.toarray())
    back = Neighbours.from_graph(graph, style=style)
    assert back.regions == w.regions
    assert np.array_equal(back.matrix.toarray(), w.matrix.toarray())


def test_the_graph_lags_as_we_do():
    w = Neighbours.from_pairs([("d", "a"), ("a", "c"), ("d", "c")], IDS)
    values = np.array([3.0, 1.0, 7.0, 5.0])
    ours = w.lag(xr.DataArray(values, dims="region", coords={"region": IDS})).values
    # a graph gives isolates a lag of 0, we none
    assert np.nan_to_num(ours).tolist() == w.to_graph().lag(values).tolist()
    assert np.isnan(ours[1])


def test_a_graph_of_pysal_keeps_its_order_its_isolates_and_its_weights():
    graph = Graph.from_arrays(["z", "z", "m", "a", "k"], ["a", "k", "z", "a", "z"], [2.0, 6.0, 1.0, 0.0, 4.0])
    w = Neighbours.from_graph(graph)
    assert w.regions == ("z", "m", "a", "k") == tuple(graph.unique_ids)
    assert w.isolates == ("a",)
    assert w.matrix.toarray()[0].tolist() == [0, 0, 2, 6]
    assert Neighbours.from_graph(graph, style="row").matrix.toarray()[0].tolist() == [0, 0, 0.25, 0.75]


def test_self_weights_of_a_kernel_are_not_dropped_in_silence():
    graph = Graph.from_arrays(["a", "a", "b", "b"], ["a", "b", "a", "b"], [1.0, 0.5, 0.5, 1.0])
    with pytest.raises(DataError, match="assign_self_weight"):
        Neighbours.from_graph(graph)
    assert len(Neighbours.from_graph(graph.assign_self_weight(0))) == 2


def test_without_pysal_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "libpysal.graph", None)
    with pytest.raises(OuheError, match=r'pip install "ouhe\[geo\]"'):
        Neighbours.from_pairs([("a", "b")], ["a", "b"]).to_graph()


def test_isolates_are_named():
    w = Neighbours.from_pairs([("a", "b")], ["a", "b", "海南"], name="touch")
    with pytest.warns(OuheWarning, match="海南"):
        assert w.telling_isolates() is w
    assert w.record()["isolates"] == ["海南"]


@pytest.mark.parametrize("style", ["rows", None, 1, "Row", ["row"]])
def test_no_weights_have_a_style_there_is_not(style):
    w = Neighbours.from_pairs([("a", "b")], ["a", "b"])
    graph = Graph.from_arrays(["a", "b"], ["b", "a"], [1.0, 1.0])
    makers = [
        lambda: w.styled(style),
        lambda: Neighbours(w.regions, w.matrix, style),
        lambda: Neighbours.from_pairs([("a", "b")], ["a", "b"], style=style),
        lambda: Neighbours.from_dense([[0, 1], [1, 0]], ["a", "b"], style=style),
        lambda: Neighbours.from_graph(graph, style=style),
    ]
    for make in makers:
        with pytest.raises(OptionError, match="row, binary, raw") as error:
            make()
        assert error.value.problems[0].params["option"] == "style"


def test_many_regions_are_put_in_order_and_one_too_many_is_told():
    n = 20_000
    ids = [f"r{i}" for i in range(n)]
    w = Neighbours.from_pairs(list(itertools.pairwise(ids)), ids)
    x = xr.DataArray(np.arange(n)[::-1].copy(), dims="region", coords={"region": ids[::-1]})
    turned = w.aligned(x)
    assert turned.regions == tuple(ids[::-1])
    assert turned.lag(x).values[[0, 1, -1]].tolist() == [n - 2, n - 2, 1]
    with pytest.raises(DataError) as error:
        w.aligned(x.isel(region=slice(1, None)))
    assert [p.params["region"] for p in error.value.problems] == [ids[-1]]


def test_values_without_regions_are_told():
    w = Neighbours.from_pairs([("a", "b")], ["a", "b"])
    for x in (xr.DataArray([1.0, 2.0], dims="province"), xr.DataArray(1.0, coords={"region": "a"})):
        for use in (w.aligned, w.lag):
            with pytest.raises(DataError) as error:
                use(x)
            assert keys(error) == ["no_region"]


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ([[0, 1, 0], [0, 0, 0], [0, 1, 0]], "3 regions, 2 weights, 1 isolate"),
        ([[0, 1, 0], [0, 0, 0], [0, 0, 0]], "3 regions, 1 weight, 2 isolates"),
        ([[0, 1, 0], [1, 0, 0], [0, 0, 0]], "3 regions, 1 pair, 1 isolate"),
        ([[0]], "1 region, 0 pairs, 1 isolate"),
    ],
)
def test_what_is_one_is_said_in_the_singular(matrix, said):
    assert repr(Neighbours.from_dense(matrix, "abc"[: len(matrix)], name="w")) == f"Neighbours('w': {said})"
