"""Figures of a study of rasters: what a pixel shows, how long things are, and that all of it can be read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import dask.array
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from ouhe.errors import OptionError
from ouhe.figures import (
    Style,
    class_stack,
    drawings,
    fitting,
    index_trends,
    left_out,
    pixels,
    raster_classes,
    raster_clusters,
    save,
    zone_means,
)
from ouhe.figures.ground import ground
from ouhe.figures.pixels import commonest
from ouhe.results.groups import NATION, Groups

SIZES = [("zh", 160.0), ("zh", 84.0), ("en", 160.0), ("en", 84.0)]
RASTER = ["raster_clusters", "index_trends", "coupling_trends", "zone_means", "class_stack", "raster_classes"]
YEARS = (2015, 2018, 2020)
EQUAL_AREA = "+proj=laea +lat_0=-42 +lon_0=-130 +datum=WGS84 +units=m"
LABELS = {
    "zh": tuple(f"{d}失调" for d in "极重中轻濒") + tuple(f"{d}协调" for d in "勉初中良优"),
    "en": ("very low", "low", "fair", "middling", "good", "high", "better", "best", "top", "utmost"),
}


def raster_results(lang: str = "en", zones: int = 22, **changes: Any) -> Any:
    """What figures read of the results of a small country, whose classes rise from the west."""
    tall, wide = 30, 48
    y, x = 900_000.0 - 60_000.0 * np.arange(tall), 50_000.0 * np.arange(wide)
    inside = (np.add.outer((np.arange(tall) - 15) ** 2 / 200, (np.arange(wide) - 24) ** 2 / 500)) < 1
    level = np.where(inside, np.arange(wide) * 10 // wide, -1)
    levels = np.stack([level, np.where(inside, np.maximum(level - 1, 0), -1), level]).astype(np.int16)
    clusters = np.where(inside, np.arange(wide) * 5 // wide, -1).astype(np.int8)
    grids = xr.Dataset(
        {
            "class": (("year", "y", "x"), dask.array.from_array(levels, chunks=(1, 16, 16))),
            "lisa_D_cluster": (("year", "y", "x"), np.stack([clusters] * 3)),
        },
        {"year": list(YEARS), "y": y, "x": x},
    )
    systems = ("城镇化", "生态环境") if lang == "zh" else ("Urbanisation", "Environment")
    variables, groups = [*systems, "C", "T", "D"], [NATION, *(f"z{i}" for i in range(zones))]
    means = xr.DataArray(
        np.random.default_rng(1).uniform(0.2, 0.8, (len(variables), len(groups), 3)),
        {"variable": variables, "group": groups, "year": list(YEARS)},
        ("variable", "group", "year"),
    )
    labels = {g: f"{g} 省" if lang == "zh" else f"Province {g}" for g in groups}
    quadrant = {"variable": ["D"], "year": list(YEARS), "quadrant": range(5)}
    share = [[int((clusters == k).sum()) for k in range(5)]] * 3
    lisa = xr.Dataset(
        {
            "count": (tuple(quadrant), [[[0, *(int(inside.sum()) // 4 for _ in range(4))]] * 3]),
            "significant": (tuple(quadrant), [[[0, *s[1:]] for s in share]]),
        },
        quadrant,
    )
    options = {"significance": 0.05, "correction": None}
    counts = [[int((levels[t] == k).sum()) for t in range(3)] for k in range(10)]
    made = {
        "years": YEARS,
        "grids": grids,
        "grid": SimpleNamespace(
            crs=EQUAL_AREA,
            transform=(50_000.0, 0.0, -25_000.0, 0.0, -60_000.0, 930_000.0),
            sizes={"y": tall, "x": wide},
            is_raster=True,
        ),
        "coupling": SimpleNamespace(
            systems=systems, labels=LABELS[lang], upper=tuple(round(k / 10, 1) for k in range(1, 11))
        ),
        "groups": Groups(means, means.isel(year=0, drop=True), dict.fromkeys(groups, ()), labels),
        "trends": SimpleNamespace(counts=xr.DataArray(counts, {"class": range(10), "year": list(YEARS)})),
        "analyses": {"lisa": SimpleNamespace(counts=lisa, options=options)},
        "not_done": {},
        "variable_of": lambda name: name,
    }
    return SimpleNamespace(**made | changes)


@pytest.mark.parametrize(("lang", "width"), SIZES)
@pytest.mark.parametrize("name", RASTER)
def test_every_figure_can_be_read_at_a_journals_widths(name, lang, width, assert_legible):
    style = Style(lang=lang, width_mm=width, simulated=True)
    [(_, figure)] = drawings(raster_results(lang), style, only=[name])
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(width)
    assert_legible(figure)


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    for folder in ("a", "b"):
        for drawing, figure in drawings(raster_results(), Style(lang="en"), only=["raster_classes"]):
            save(figure, tmp_path / folder, drawing.file)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 5), st.integers(1, 23), st.integers(1, 17), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_a_pixel_shows_what_most_of_its_counted_cells_are(side, tall, wide, count, seed):
    codes = np.random.default_rng(seed).integers(-1, count, (tall, wide)).astype(np.int16)
    found = commonest(xr.DataArray(codes, dims=("y", "x")), side=side, count=count)
    assert found.shape == (-(-tall // side), -(-wide // side))
    for row, column in np.ndindex(*found.shape):
        square = codes[row * side : (row + 1) * side, column * side : (column + 1) * side]
        counted = square[square >= 0]
        times = np.bincount(counted, minlength=count)
        expected = times.argmax() if counted.size else -1
        assert found[row, column] == expected


def test_strips_change_nothing(monkeypatch):
    codes = raster_results().grids["class"].isel(year=1)
    whole = commonest(codes, side=4, count=10)
    monkeypatch.setattr(pixels, "AT_ONCE", 1)
    np.testing.assert_array_equal(commonest(codes, side=4, count=10), whole)


def test_maps_have_the_north_on_top_whichever_way_rows_run():
    results = raster_results()
    turned = raster_results(grids=results.grids.isel(y=slice(None, None, -1), x=slice(None, None, -1)))
    columns = ["year", "row", "column", "level"]
    found = [raster_classes.frame(r)[columns].sort_values(columns, ignore_index=True) for r in (results, turned)]
    assert found[0].equals(found[1])
    level = results.grids["class"].sel(year=2015).values  # its first row is the northernmost, its first column west
    of = found[0][found[0]["year"] == 2015]
    np.testing.assert_array_equal(level[of["row"], of["column"]], of["level"])


def test_cells_outside_are_transparent_and_the_others_have_the_colour_of_their_class():
    results = raster_results()
    frame = raster_classes.frame(results, years=[2018])
    figure = raster_classes.draw(frame, Style(lang="en"))
    [axes] = figure.axes
    image = axes.images[0].get_array()
    level = results.grids["class"].sel(year=2018).values
    np.testing.assert_array_equal(image[..., 3] > 0, level >= 0)
    assert len({tuple(c) for c in image[level >= 0]}) == len(np.unique(level[level >= 0]))
    assert axes.get_aspect() == pytest.approx(1.2)
    with pytest.raises(OptionError):
        raster_classes.frame(results, years=[1999])


def test_large_rasters_come_down_to_the_resolution_of_a_figure(monkeypatch, drawn):
    monkeypatch.setattr(pixels.rows, "__kwdefaults__", {"most": 12})
    frame = raster_classes.frame(raster_results())
    assert frame["side"].unique().tolist() == [4]
    assert frame[["rows", "columns"]].drop_duplicates().to_numpy().tolist() == [[8, 12]]
    said = [text for text, _ in drawn(raster_classes.draw(frame, Style(lang="en")))]
    assert any("4 × 4 cells" in s for s in said)


@pytest.mark.parametrize(
    ("crs", "transform", "width"),
    [
        (EQUAL_AREA, (1000.0, 0, -2e6, 0, -1000.0, 1.5e6), 4e6),
        ("EPSG:2229", (100.0, 0, 6.4e6, 0, -100.0, 1.9e6), 4000 * 100 * 0.3048006096),  # in US survey feet
        ("EPSG:3857", (1000.0, 0, 0.0, 0, -1000.0, 6e6), np.nan),  # at 47° lengths are half as long again
        ("EPSG:4326", (0.01, 0, 100.0, 0, -0.01, 50.0), np.nan),
        ("", (1000.0, 0, 0.0, 0, -1000.0, 0.0), np.nan),
        ("EPSG:3035", None, np.nan),
    ],
)
def test_a_scale_is_drawn_only_where_lengths_are_right(crs, transform, width):
    lies = ground(crs, transform, rows=300, columns=4000)
    assert lies.width == pytest.approx(width, nan_ok=True)


def test_degrees_are_drawn_as_long_as_they_are_in_the_middle():
    lies = ground("EPSG:4326", (0.1, 0, 100.0, 0, -0.1, 70.0), rows=200, columns=10)
    assert lies.stretch == pytest.approx(2.0)  # the middle lies at 60° N


def test_the_scale_is_said_where_it_is_drawn(drawn):
    def said(**changes: Any) -> list[str]:
        results = raster_results(**changes)
        return [text for text, _ in drawn(raster_classes.draw(raster_classes.frame(results), Style(lang="en")))]

    assert "500 km" in said()  # of 2400 km
    none = SimpleNamespace(**vars(raster_results().grid) | {"crs": ""})
    assert not any("km" in s for s in said(grid=none))


def test_clusters_are_told_with_their_shares(drawn):
    results = raster_results()
    frame = raster_clusters.frame(results)
    assert set(frame["cluster"].unique()) == {"none", "HH", "LH", "LL", "HL"}
    cells = int((results.grids["lisa_D_cluster"] >= 0).isel(year=0).sum())
    of_HH = frame[(frame["cluster"] == "HH") & (frame["year"] == 2015)]
    lisa = results.analyses["lisa"].counts.sel(variable="D", year=2015)
    assert of_HH["share"].iloc[0] == int(lisa["significant"].sel(quadrant=1)) / int(lisa["count"].sum())
    assert len(frame[frame["year"] == 2015]) == cells
    said = " ".join(text for text, _ in drawn(raster_clusters.draw(frame, Style(lang="en"))))
    assert "cells are judged one by one" in said


def test_zones_stand_from_the_highest_mean_to_the_lowest():
    results = raster_results()
    frame = zone_means.frame(results)
    D = results.groups.means.sel(variable="D")
    assert frame["last"].is_monotonic_decreasing
    assert set(frame["group"]) == {f"z{i}" for i in range(22)}
    assert frame["nation"].iloc[0] == float(D.sel(group=NATION, year=2020))
    top = frame.iloc[0]
    assert (top["first"], top["last"]) == tuple(float(D.sel(group=top["group"], year=y)) for y in (2015, 2020))
    assert top["label"] == f"Province {top['group']}"
    assert len(zone_means.draw(zone_means.frame(raster_results(zones=300)), Style(lang="en")).axes[0].get_yticks()) == 0


def test_many_groups_are_lines_alike_and_few_have_a_look_each(drawn):
    for zones, count in ((22, 2), (3, 4)):
        figure = index_trends.draw(index_trends.frame(raster_results(zones=zones)), Style(lang="en"))
        [legend] = figure.legends
        assert len(legend.get_texts()) == count
        assert len(figure.axes[0].lines) == zones + 1


def test_classes_of_cells_are_shares():
    results = raster_results()
    figure = class_stack.draw(class_stack.frame(results), Style(lang="en"))
    [axes] = figure.axes
    assert axes.get_ylim() == (0.0, 100.0)
    heights = [p.get_height() for p in axes.patches if p.get_x() + p.get_width() / 2 == pytest.approx(0)]
    assert sum(heights) == pytest.approx(100)


def test_figures_of_regions_are_refused_by_name():
    results = raster_results()
    found = fitting(results)
    assert {"raster_classes", "raster_clusters", "zone_means"} <= set(found)
    assert not {"class_maps", "lisa_maps", "coordination_heatmap", "obstacles"} & set(found)
    assert "class_maps" not in left_out(results)
    with pytest.raises(OptionError) as told:
        fitting(results, only=["class_maps"])
    assert "rasters" in told.value.problems[0].message("en")


def test_what_was_not_written_is_not_drawn_and_told():
    results = raster_results()
    bare = raster_results(
        grids=results.grids[[]],
        trends=SimpleNamespace(counts=None),
        groups=Groups(results.groups.means.sel(variable=["T"]), results.groups.growth, {}, {}),
    )
    lacking = left_out(bare)
    assert {
        lacking[n].key for n in ("raster_classes", "raster_clusters", "class_stack", "index_trends", "zone_means")
    } == {"figures.lacks_grid"}
    table = raster_results(grid=SimpleNamespace(**vars(results.grid) | {"is_raster": False}))
    assert left_out(table)["raster_classes"].key == "figures.lacks_map"
