"""Results of transitions: kept as they were, told in either language, tables that add up."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

import ouhe
from ouhe import text
from ouhe.compute import transition
from ouhe.neighbours import Neighbours
from ouhe.results.names import Names
from ouhe.results.transition import Transition, directions, tally

UPPER = [0.2, 0.4, 0.6, 0.8, 1.0]
LABELS = tuple("abcde")


@pytest.fixture
def found() -> Transition:
    """D in five classes, another variable in three quantile classes, and quadrants of the latter alone."""
    rng = np.random.default_rng(1)
    ids = [f"r{i}" for i in range(12)]
    w = Neighbours.from_pairs([(ids[i], ids[i - 1]) for i in range(12)], ids)
    coords = {"region": ids, "year": range(2010, 2018)}
    x = xr.DataArray(rng.random((12, 8)), dims=("region", "year"), coords=coords)
    chains = {"other": transition.estimate(x, None, w, k=3), "D": transition.estimate(x, UPPER, w, k=3)}
    q = xr.DataArray(rng.integers(1, 5, (12, 8)), dims=("region", "year"), coords=coords)
    options = {"k": 3, "lag_classes": "same"}
    return Transition.of(
        chains, {"other": transition.quadrants(q)}, classes=LABELS, given=("D",), neighbours="ring", options=options
    )


def test_what_is_stored_comes_back(found: Transition) -> None:
    record = json.loads(json.dumps(found.record()))
    back = Transition.from_stored(found.arrays(), record)
    assert back.record() == found.record()
    stored = back.tables()
    for name, table in found.tables().items():
        assert table.equals(stored[name]), name


def test_a_variable_has_as_many_classes_as_it_has(found: Transition) -> None:
    assert found.chain("other").sizes["from"] == 3
    assert found.chain("D").sizes["from"] == 5
    assert (found.labels("other"), found.labels("D")) == (("Q1", "Q2", "Q3"), LABELS)
    assert found.quadrants("D") is None
    assert found.quadrants("other") is not None
    assert len(found.tables()["transition"]) == 9 + 25
    assert set(found.tables()["transition_kinds"]["variable"]) == {"other"}


def test_tables_add_up(found: Transition) -> None:
    tables = found.tables()
    whole = tables["transition_mobility"].set_index("variable")
    assert whole["n"].tolist() == [84, 84]
    assert (whole["stay"] + whole["up"] + whole["down"] == whole["n"]).all()
    for name in ("transition", "transition_classes", "transition_neighbours"):
        assert tables[name].groupby("variable")["count"].sum().tolist() == [84, 84], name
    classes = tables["transition_classes"]
    np.testing.assert_allclose(classes[["stay", "up", "down"]].sum(axis=1), 1.0, rtol=1e-12)
    for column in ("first", "last", "long_run", "stationary"):
        np.testing.assert_allclose(classes.groupby("variable")[column].sum(), 1.0, rtol=1e-12)
    kinds = tables["transition_kinds"]
    assert kinds["count"].sum() == tables["transition_quadrants"]["count"].sum() == 84


def test_told_in_another_language(found: Transition) -> None:
    told = found.told_in(Names(classes=tuple("甲乙丙丁戊")), {"ring": "环"})
    assert told.labels("D") == tuple("甲乙丙丁戊")
    assert told.neighbours == "环"
    with text.use("zh"):
        assert "仅自身变动" in set(told.tables()["transition_kinds"]["kind"])
    alone = Transition(found.arrays_of, LABELS, ("D",), found.sizes, 1)
    assert not alone.told_in(Names(classes=LABELS), {}).spatial


def test_directions_and_tally_by_hand() -> None:
    counts = xr.DataArray(
        [[2, 1, 1], [0, 0, 0], [3, 0, 3]], dims=("from", "to"), coords={"from": range(3), "to": range(3)}
    )
    assert tally(counts) == {"n": 10, "stay": 5, "up": 2, "down": 3, "jumps": 4}
    up, down = directions(xr.Dataset({"probability": transition.probabilities(counts)}))
    np.testing.assert_array_equal(up, [0.5, np.nan, 0.0])
    np.testing.assert_array_equal(down, [0.0, np.nan, 0.5])


def test_a_study_of_few_regions_without_neighbours(small_study) -> None:
    results = ouhe.run(small_study, settings=["analyses.transition={of: [index, D], k: 2, spatial: false}"])
    found = results.analyses["transition"]
    assert isinstance(found, Transition)
    assert not found.spatial
    assert set(found.tables()) == {"transition", "transition_classes", "transition_mobility", "transition_tests"}
    assert found.tables()["transition_mobility"]["n"].tolist() == [6, 6, 6]


def test_one_year_is_left_out_with_its_reason(small_study) -> None:
    setting = ["years={only: [2019]}", "analyses.transition={spatial: false}"]
    results = ouhe.run(small_study, settings=setting)
    assert results.analyses_not_done == ("transition",)
    assert "at least two years" in results.not_done["transition"][0].message()


def test_quadrants_that_cannot_be_computed_leave_the_chain(small_study) -> None:
    # four regions that are the same in one year: no quadrants, but moves between classes
    rows = ["region,year,staff,funds,patents,waste"]
    for r, s in zip("ABCD", (1, 2, 3, 4), strict=True):
        rows += [f"{r},2018,5,50,5,5", f"{r},2019,{s},{s * 10},{s},{9 - s}", f"{r},2020,{s + 1},{s * 12},{s},{9 - s}"]
    (small_study.parent / "panel.csv").write_text("\n".join(rows) + "\n", "utf-8")
    (small_study.parent / "regions.csv").write_text("id\nA\nB\nC\nD\n", "utf-8")
    (small_study.parent / "w.csv").write_text(",A,B,C,D\nA,0,1,0,0\nB,1,0,1,0\nC,0,1,0,1\nD,0,0,1,0\n", "utf-8")
    results = ouhe.run(small_study, settings=["analyses.transition={neighbours: {method: matrix, path: w.csv}}"])
    found = results.analyses["transition"]
    assert isinstance(found, Transition)
    assert found.quadrants("D") is None
    assert found.tables()["transition_mobility"]["n"].tolist() == [8]
    assert any("2018" in w.message() for w in results.warnings)
    assert found.tables()["transition_quadrants"].empty
