"""Obstacle degrees of a study: made, stored and brought back, and as tables."""

from __future__ import annotations

import dataclasses

import h5netcdf
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ouhe.compute import aggregate
from ouhe.errors import DataError
from ouhe.panel import Indicator, describe
from ouhe.results.groups import NATION, Groups
from ouhe.results.measurement import Measurement
from ouhe.results.names import Names
from ouhe.results.obstacles import Obstacles
from ouhe.study.obstacles import obstacles

#: Ids that no table may take for anything but a text, of two systems that share the name of a dimension.
INDICATORS = [
    Indicator("i", "S<1>", ("size",), name="=cmd()"),
    Indicator("j", "S<1>", ("size",), name="长" * 200),
    Indicator("k", "S<1>", ("quality",), direction="negative", name="\u202eright"),
    Indicator("l", "T&U", ("size",), name="staff"),
]


def measured(values, weights=(0.5, 0.25, 0.25, 1.0)):
    """A measurement of regions a, b, c in the years given, of the values as they are."""
    y = xr.DataArray(values, dims=("region", "year", "indicator")).assign_coords(
        region=["a", "b", "c"], year=[2020, 2021][: np.shape(values)[1]], indicator=[i.id for i in INDICATORS]
    )
    y = describe(y, INDICATORS)
    w = y[0, 0].drop_vars(["region", "year"]).copy(data=list(weights))
    return Measurement(y, y, w, w, aggregate.linear(y, w), aggregate.dimensions(y, w))


def grouped(**members):
    """Groups of these members, whose means nobody looks at."""
    everyone = {NATION: ("a", "b", "c"), **members}
    none = xr.DataArray(np.nan)
    return Groups(none, none, everyone, {NATION: "Nation", **{g: f"Group {g}" for g in members}})


#: a lacks 0.5 · 1 + 0.25 · 1 + 0.25 · 1; b in the first year only i, c nothing at all there.
VALUES = [
    [[0.0, 0.0, 0.0, 0.5], [0.5, 0.5, 0.0, 0.0]],
    [[0.2, 1.0, 1.0, 0.5], [1.0, 0.0, 0.0, 0.0]],
    [[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 0.0]],
]


@pytest.fixture
def found():
    """Obstacles of three regions in two groups."""
    return obstacles(measured(VALUES), grouped(g=("a", "b"), h=("c",)))


def test_regions_by_hand(found):
    table = found.tables()["obstacles"]
    assert list(table) == ["region", "year", "system", "rank", "indicator", "name", "degree"]
    rows = table[table["system"] == "S<1>"].set_index(["region", "year"])
    assert rows.loc[("a", 2020), "indicator"].tolist() == ["i", "j", "k"]
    assert rows.loc[("a", 2020), "degree"].tolist() == pytest.approx([0.5, 0.25, 0.25])
    assert rows.loc[("a", 2020), "rank"].tolist() == [1, 2, 3]
    # of 0.25 + 0.125 + 0.25: k draws level with i, which stands before it
    assert rows.loc[("a", 2021), "indicator"].tolist() == ["i", "k", "j"]
    assert rows.loc[[("b", 2020)], "degree"].tolist() == [1.0]
    assert ("c", 2020) not in rows.index
    assert rows.loc[("c", 2021), "name"].tolist() == ["=cmd()", "\u202eright"]
    assert table.notna().all().all()


def test_groups_by_hand(found):
    table = found.tables()["obstacles_groups"]
    assert list(table) == ["group", "year", "system", "indicator", "name", "degree"]
    assert len(table) == 3 * 2 * 4
    degree = table.set_index(["group", "year", "indicator"])["degree"].sort_index()
    assert degree["Group g", 2020, "i"] == pytest.approx((0.5 + 1.0) / 2)
    assert degree["Group h", 2020].tolist() == [0.0] * 4
    # c, which lacks nothing in 2020, counts with 0 in the mean of all three
    assert degree["Nation", 2020, "i"] == pytest.approx((0.5 + 1.0 + 0.0) / 3)
    assert degree["Nation", 2021].loc[["i", "j", "k"]].sum() == pytest.approx(1.0)
    assert table["group"].drop_duplicates().tolist() == ["Nation", "Group g", "Group h"]


def test_dimensions_are_the_sums_of_the_table_of_groups(found):
    table = found.tables()["obstacles_dimensions"]
    assert list(table) == ["group", "system", "dimension", "year", "degree"]
    path = {i.id: i.path[0] for i in INDICATORS}
    groups = found.tables()["obstacles_groups"]
    groups["dimension"] = groups["indicator"].map(path)
    sums = groups.groupby(["group", "system", "dimension", "year"])["degree"].sum()
    ours = table.set_index(["group", "system", "dimension", "year"])["degree"]
    assert len(ours) == 3 * 3 * 2
    pd.testing.assert_series_equal(ours.sort_index(), sums.sort_index())


def test_stored_and_brought_back(found, tmp_path):
    tree = xr.DataTree.from_dict({"/": xr.Dataset(), "obstacles": found.arrays()})
    tree.to_netcdf(tmp_path / "data.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "data.nc", group="obstacles", engine="h5netcdf") as stored:
        back = Obstacles.from_stored(stored.load(), found.record())
    stored = back.tables()
    for name, table in found.tables().items():
        pd.testing.assert_frame_equal(stored[name], table)
    xr.testing.assert_identical(back.arrays(), found.arrays())
    with h5netcdf.File(tmp_path / "data.nc") as file:
        assert file["obstacles/position"].dtype == np.int32


def test_a_study_without_groups_has_the_nation_alone():
    tables = obstacles(measured(VALUES), grouped()).tables()
    assert set(tables["obstacles_groups"]["group"]) == {"Nation"}
    assert set(tables["obstacles_dimensions"]["group"]) == {"Nation"}


def test_regions_in_no_group_count_for_the_nation_only(found):
    alone = obstacles(measured(VALUES), grouped(g=("a", "b")))
    ours, theirs = (o.tables()["obstacles_groups"] for o in (alone, found))
    pd.testing.assert_frame_equal(ours, theirs[theirs["group"] != "Group h"].reset_index(drop=True))


def test_one_year(found):
    one = obstacles(measured([r[1:] for r in VALUES]), grouped(g=("a", "b"), h=("c",))).tables()
    last = {n: t[t["year"] == 2021].assign(year=2020).reset_index(drop=True) for n, t in found.tables().items()}
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, last[name])


def test_missing_values_are_empty_for_groups_and_absent_among_the_heaviest():
    values = np.array(VALUES)
    values[0, 0, 0] = np.nan
    tables = obstacles(measured(values), grouped(g=("a", "b"), h=("c",))).tables()
    regions, groups = tables["obstacles"], tables["obstacles_groups"]
    assert regions["degree"].notna().all()
    at = (regions["region"] == "a") & (regions["year"] == 2020)
    assert regions.loc[at, "indicator"].tolist() == ["l"]
    empty = groups[groups["degree"].isna()]
    assert set(zip(empty["group"], empty["year"], empty["system"], strict=True)) == {
        ("Nation", 2020, "S<1>"),
        ("Group g", 2020, "S<1>"),
    }


def test_scores_without_a_best_value_have_no_obstacles():
    with pytest.raises(DataError, match="minmax"):
        obstacles(measured(np.array(VALUES) * 3 - 1), grouped())


def test_groups_have_the_names_of_the_language_they_are_told_in(found):
    names = Names(groups={NATION: "全国", "g": "甲组", "h": "乙组"})
    told = found.told_in(names, {}).tables()
    assert told["obstacles_groups"]["group"].drop_duplicates().tolist() == ["全国", "甲组", "乙组"]
    pd.testing.assert_frame_equal(told["obstacles"], found.tables()["obstacles"])
    assert dataclasses.replace(found, group_labels={}).label("g") == "g"
