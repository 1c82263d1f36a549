"""Inequality as a result: tables, storing, and another language."""

import json

import numpy as np
import pytest
import xarray as xr

from ouhe import text
from ouhe.compute import inequality as measured
from ouhe.results.inequality import Inequality
from ouhe.results.names import Names

COARSE = {"r0": "x", "r1": "x", "r2": "x", "r3": "x", "r4": "y", "r5": "y"}
FINE = {"r0": "a", "r1": "a", "r2": "b", "r3": "b", "r4": "c", "r5": "c"}
OPTIONS = {"aversion": (0.5, 1.0), "sensitivity": 1.0, "levels": 1}


@pytest.fixture
def found():
    """1 and 3, 2 and 6, 3 and 9, in two variables and years; the groups x and y, and a, b, c within them."""
    y = np.array([1, 3, 2, 6, 3, 9.0])
    coords = {"variable": ["D", "A"], "region": list(COARSE), "year": [2010, 2011]}
    x = xr.DataArray(y[None, :, None] ** np.array([1, 2])[None, None] * np.ones((2, 1, 1)), coords, list(coords))
    indices = measured.indices(x, groups=COARSE, sensitivity=1.0)
    split = measured.dagum(x, COARSE), measured.theil(x, COARSE, FINE)
    return Inequality(indices, *split, OPTIONS, {"x": "Ex", "y": "Why"})


def test_tables_are_tidy_and_hold_what_was_computed(found):
    tables = found.tables()
    measures = tables["inequality"]
    assert list(measures) == ["variable", "year", "measure", "value"]
    assert list(measures["variable"].unique()) == ["D", "A"]
    one = measures.set_index(["variable", "year", "measure"])["value"].sort_index()
    assert one["D", 2010, "Gini coefficient"] == pytest.approx(52 / 144)
    assert one["D", 2010, "Atkinson index (ε = 1)"] == pytest.approx(1 - (1 * 3 * 2 * 6 * 3 * 9) ** (1 / 6) / 4)
    # means 3 and 6 of 4, two thirds and one third of the regions: (2/3)²·(1/3)·(3/4) + (1/3)²·(2/3)·(3/4)
    assert one["D", 2010, "Esteban–Ray index (α = 1)"] == pytest.approx(1 / 6)
    dagum = tables["dagum"].set_index(["variable", "year"]).sort_index().loc[("D", 2010)]
    assert dagum[["within_share", "between_share", "transvariation_share"]].sum() == pytest.approx(1)
    # of all distances, 52: within x 2 + 1 + 5 + 1 + 3 + 4 = 16, within y 6
    assert dagum["within"] == pytest.approx(22 / 144)
    groups = tables["dagum_groups"].set_index(["variable", "year", "group"]).sort_index()
    assert groups.loc[("D", 2010, "Ex"), "contribution"] == pytest.approx(16 / 144)
    assert groups.loc[("D", 2010, "Ex"), ["n", "mean"]].tolist() == [4, 3]
    assert groups.loc[("D", 2010), "share"].sum() == pytest.approx(22 / 52)
    pairs = tables["dagum_pairs"]
    assert pairs[["group", "other"]].drop_duplicates().to_numpy().tolist() == [["Ex", "Why"]]
    theil = tables["theil"].set_index(["variable", "year", "index", "part"]).sort_index()
    assert list(theil.loc[("D", 2010, "T")].index) == [
        "between groups", "between groups of level 2", "within groups",
    ]  # fmt: skip
    assert theil.loc[("D", 2010, "L"), "share"].sum() == pytest.approx(1)
    assert list(tables["theil_groups"]["group"].unique()) == ["Ex", "Why"]


def test_what_is_stored_comes_back(found):
    stored = found.arrays(), json.loads(json.dumps(found.record()))
    again = Inequality.from_stored(*stored)
    stored = again.tables()
    for name, table in found.tables().items():
        assert stored[name].equals(table), name
    xr.testing.assert_identical(again.dagum, found.dagum)
    xr.testing.assert_identical(again.theil, found.theil)
    xr.testing.assert_identical(again.indices, found.indices)


def test_without_groups_there_are_measures_alone(found):
    alone = Inequality(found.indices.drop_vars("esteban_ray"), options=OPTIONS)
    assert list(alone.tables()) == ["inequality"]
    assert "Esteban" not in " ".join(alone.tables()["inequality"]["measure"])
    again = Inequality.from_stored(alone.arrays(), json.loads(json.dumps(alone.record())))
    assert again.dagum is None
    assert again.theil is None


def test_another_language(found):
    told = found.told_in(Names(groups={"x": "甲", "y": "乙"}), {})
    with text.use("zh"):
        tables = told.tables()
    assert tables["dagum_pairs"][["group", "other"]].iloc[0].tolist() == ["甲", "乙"]
    assert tables["inequality"]["measure"].iloc[0] == "基尼系数"
    assert tables["theil"]["part"].iloc[1] == "第 2 层组间"


def test_regions_that_are_alike_have_no_shares():
    coords = {"variable": ["D"], "region": list(COARSE), "year": [2010]}
    x = xr.DataArray(np.full((1, 6, 1), 0.3), coords, list(coords))
    same = Inequality(measured.indices(x, groups=COARSE), measured.dagum(x, COARSE), measured.theil(x, COARSE), OPTIONS)
    tables = same.tables()
    assert tables["dagum"][["gini", "within", "between", "transvariation"]].eq(0).all(axis=None)
    assert tables["dagum"].filter(like="_share").isna().all(axis=None)
