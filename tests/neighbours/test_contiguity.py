"""Neighbours by borders, against published matrices and PySAL's own results."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe import neighbours, regions
from ouhe.errors import DataError, OptionError, OuheWarning
from ouhe.neighbours import Neighbours

geopandas = pytest.importorskip("geopandas")
shapely = pytest.importorskip("shapely")

with warnings.catch_warnings():
    # libpysal uses names that newer versions of its own dependencies deprecate
    warnings.simplefilter("ignore")
    from libpysal import examples
    from libpysal.graph import Graph

CHINA = regions.load("china-provinces")


def near(w, region):
    table = w.to_frame()
    return set(table.loc[table["region"] == region, "neighbour"])


def test_the_31_provinces_have_69_borders():
    w = neighbours.contiguity(CHINA)
    assert (len(w), w.matrix.nnz, w.symmetric, w.isolates) == (31, 138, True, ())
    assert near(w, "海南") == {"广东"}
    assert "青海" not in near(w, "宁夏")
    assert near(w, "北京") == {"天津", "河北"}
    assert w.matrix.sum(axis=1) == pytest.approx(np.ones(31), abs=1e-15)
    assert set(neighbours.contiguity(CHINA, style="binary").matrix.data) == {1.0}


def test_regions_left_alone_are_named():
    with pytest.warns(OuheWarning, match="海南"):
        w = neighbours.contiguity(CHINA.without(["广东"]))
    assert w.isolates == ("海南",)


def test_a_set_without_borders_is_refused(tmp_path):
    (tmp_path / "set.csv").write_text("id\na\nb\n", "utf-8")
    with pytest.raises(DataError, match="neighbours") as error:
        neighbours.contiguity(regions.load(tmp_path / "set.csv"))
    assert error.value.problems[0].params["set"] == "set.csv"


@pytest.mark.real
def test_equals_the_published_contiguity_to_the_bit(shared_data):
    theirs = np.genfromtxt(shared_data / "nqp-spatial/W_adj_norm.csv", delimiter=",", encoding="utf-8-sig")
    assert np.array_equal(neighbours.contiguity(CHINA).matrix.toarray(), theirs)


def _example(name):
    return geopandas.read_file(examples.get_path(name))


@pytest.mark.parametrize("rule", ["queen", "rook"])
@pytest.mark.parametrize("name", ["columbus.shp", "stl_hom.shp", "sids2.shp"])
def test_boundaries_equal_pysal(name, rule):
    shapes = _example(name).rename(index=lambda i: f"r{i}")
    theirs = Graph.build_contiguity(shapes, rook=rule == "rook")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OuheWarning)  # isolates, if any, are compared below
        ours = neighbours.from_boundaries(shapes, rule=rule, style="binary")
    assert ours.regions == tuple(theirs.unique_ids)
    assert np.array_equal(ours.matrix.toarray(), theirs.sparse.toarray())


def grid(width, height):
    cells = {f"{i}-{j}": shapely.box(i, j, i + 1, j + 1) for j in range(height) for i in range(width)}
    return geopandas.GeoSeries(cells)


@given(st.integers(2, 5), st.integers(2, 5))
def test_a_chessboard(width, height):
    edges = width * (height - 1) + height * (width - 1)
    corners = 2 * (width - 1) * (height - 1)
    assert neighbours.from_boundaries(grid(width, height), rule="rook").matrix.nnz == 2 * edges
    assert neighbours.from_boundaries(grid(width, height), rule="queen").matrix.nnz == 2 * (edges + corners)


@given(st.permutations(range(9)))
def test_order_of_shapes_changes_nothing(order):
    shapes = grid(3, 3)
    w = neighbours.from_boundaries(shapes)
    turned = neighbours.from_boundaries(shapes.iloc[order]).only(w.regions)
    assert np.array_equal(turned.matrix.toarray(), w.matrix.toarray())


def test_an_island_is_told_and_can_be_joined():
    shapes = geopandas.GeoSeries(
        {"a": shapely.box(0, 0, 1, 1), "b": shapely.box(1, 0, 2, 1), "c": shapely.box(5, 5, 6, 6)}
    )
    with pytest.warns(OuheWarning, match="without a neighbour.*: c"):
        assert neighbours.from_boundaries(shapes).isolates == ("c",)
    assert near(neighbours.from_boundaries(shapes, joined=(("c", "b"),)), "c") == {"b"}


def test_what_is_joined_must_be_pairs_of_regions():
    shapes = grid(2, 1).rename({"0-0": "north", "1-0": "south"})
    with pytest.raises(DataError) as error:
        neighbours.from_boundaries(shapes, joined=(("nort", "south"), ("north", "x")))
    assert [p.params["region"] for p in error.value.problems] == ["nort", "x"]
    assert 'did you mean "north"' in error.value.problems[0].message("en")
    for joined in (("ab",), (("north",),), (("north", "south", "north"),), (5,)):
        with pytest.raises(OptionError, match="joined"):
            neighbours.from_boundaries(shapes, joined=joined)


def test_overlapping_borders_meet_under_both_rules():
    shapes = geopandas.GeoSeries({"a": shapely.box(0, 0, 1.001, 1), "b": shapely.box(1, 0, 2, 1)})
    for rule in ("queen", "rook"):
        assert neighbours.from_boundaries(shapes, rule=rule).matrix.nnz == 2


def test_geometry_that_cannot_be_compared_is_told_together():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    shapes = geopandas.GeoSeries({"bow": bow, "dot": shapely.Point(0, 0), "none": None, "ok": shapely.box(0, 0, 1, 1)})
    with pytest.raises(DataError) as error:
        neighbours.from_boundaries(shapes)
    assert [p.key for p in error.value.problems] == ["neighbours.no_polygon", "neighbours.broken_geometry"]
    assert "dot, none" in str(error.value)
    assert "bow (Self-intersection" in str(error.value)


def test_an_unknown_rule_or_style_is_an_option_error():
    with pytest.raises(OptionError, match="queen"):
        neighbours.from_boundaries(grid(2, 2), rule="quen")
    with pytest.raises(OptionError, match="binary"):
        neighbours.from_boundaries(grid(2, 2), style="rows")
    with pytest.raises(OptionError, match="binary"):
        neighbours.contiguity(CHINA, style=None)


def test_weights_are_one_value_of_the_house():
    assert isinstance(neighbours.contiguity(CHINA), Neighbours)
