"""Maps on boundaries of the user's own: drawn unchanged, with their approval number."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from ouhe import regions
from ouhe.errors import DataError, OuheWarning
from ouhe.figures import Style, class_maps, classes, save
from ouhe.figures.maps import BaseMap

geopandas = pytest.importorskip("geopandas")
shapely = pytest.importorskip("shapely")


def map_file(path: Path, *, crs: str = "EPSG:4490", spoilt: dict | None = None) -> Path:
    """A map file of 34 provinces as rectangles, with a line at sea and a frame without a name."""
    table = regions.load("china-provinces-34").table
    shapes = {
        r: shapely.box(75 + 6 * c, 50 - 4 * t, 81 + 6 * c, 54 - 4 * t)
        for r, t, c in zip(table.index, table["tile_row"], table["tile_column"], strict=True)
    }
    hole, island = shapely.box(113, 39, 115, 41), shapely.box(70, 30, 71, 31)
    shapes["河北"] = shapely.union(shapely.difference(shapes["河北"], hole), island)
    shapes |= spoilt or {}
    line, square = shapely.LineString([(108, 22), (112, 10), (120, 22)]), shapely.box(120, 5, 130, 15)
    names, drawn = [*shapes, "", ""], [*shapes.values(), line, square]
    frame = geopandas.GeoDataFrame({"name": names}, geometry=drawn, crs=crs)
    frame.to_file(path)
    return path


def base_map(path: Path, **options) -> BaseMap:
    from ouhe.read.boundaries import read_boundaries

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OuheWarning)
        return BaseMap.of(read_boundaries(path, regions.load("china-provinces"), **options))


def test_shapes_are_drawn_as_the_file_has_them(tmp_path, study_results, assert_legible):
    base = base_map(map_file(tmp_path / "map.gpkg"), approval="GS(2024)0650号")
    frame = class_maps.frame(study_results("zh"), years=[2010, 2022])
    figure = class_maps.draw(frame, Style(lang="zh"), base_map=base)
    assert_legible(figure)
    colours = classes.colours(frame)
    for axes, (_, rows) in zip(figure.axes, frame.groupby("year"), strict=True):
        without, held, lines = axes.collections
        assert len(without.get_paths()) == 3
        assert without.get_hatch()
        level = rows.set_index("region")["level"].dropna()
        assert len(held.get_paths()) == len(level) == 31
        for region, outline, colour in zip(base.shapes, held.get_paths(), held.get_facecolor(), strict=True):
            expected = {tuple(p) for p in shapely.get_coordinates(base.shapes[region])}
            assert {tuple(p) for p in outline.vertices} == expected
            np.testing.assert_allclose(colour[:3], _rgb(colours[int(level[region])]))
        assert len(lines.get_segments()) == 2


def _rgb(colour: str) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    return to_rgb(colour)


def test_holes_stay_empty(tmp_path, study_results):
    """A hole runs the other way around than the ring it lies in, whichever way the file has it."""
    base = base_map(map_file(tmp_path / "map.gpkg"))
    frame = class_maps.frame(study_results("zh"), years=[2022])
    figure = class_maps.draw(frame, Style(lang="zh"), base_map=base)
    outline = figure.axes[0].collections[1].get_paths()[list(base.shapes).index("河北")]
    rings = [shapely.LinearRing(r) for r in outline.to_polygons()]
    assert sorted(ring.is_ccw for ring in rings) == [False, True, True]


@pytest.mark.parametrize(("number", "lang", "said"), [
    ("GS(2024)0650号", "zh", "审图号：GS(2024)0650号"),
    ("GS(2024)0650号", "en", "approval number GS(2024)0650号"),
    ("", "zh", "未注明审图号"),
    ("", "en", "no map approval number"),
    ("$x_1$", "en", "approval number $x_1$"),
])  # fmt: skip
def test_the_approval_number_stands_under_the_map(number, lang, said, tmp_path, study_results, drawn):
    base = base_map(map_file(tmp_path / "map.gpkg"), approval=number)
    figure = class_maps.draw(class_maps.frame(study_results("zh")), Style(lang=lang), base_map=base)
    texts = [t for t, _ in drawn(figure)]
    assert any(said in t for t in texts)
    assert not any("格网" in t or "Tile grid" in t for t in texts)


def test_degrees_are_drawn_as_long_as_they_are_and_metres_as_metres(tmp_path):
    degrees = base_map(map_file(tmp_path / "degrees.gpkg"))
    assert degrees.stretch == pytest.approx(1 / np.cos(np.radians((5 + 54) / 2)))
    metres = base_map(map_file(tmp_path / "metres.gpkg", crs="EPSG:3857"))
    assert metres.stretch == 1.0
    assert metres.ratio == pytest.approx((54 - 5) / (130 - 70))


def test_a_broken_shape_is_drawn_as_it_is(tmp_path, study_results):
    bowtie = shapely.Polygon([(75, 34), (81, 38), (81, 34), (75, 38)])
    base = base_map(map_file(tmp_path / "map.gpkg", spoilt={"西藏": bowtie}))
    figure = class_maps.draw(class_maps.frame(study_results("zh")), Style(lang="zh"), base_map=base)
    assert len(save(figure, tmp_path, "map")) == 3


def test_points_cannot_be_coloured(tmp_path):
    flat = {"西藏": shapely.Point(91, 30), "青海": shapely.LineString([(0, 0), (1, 1)])}
    path = map_file(tmp_path / "map.geojson", spoilt=flat)
    with pytest.raises(DataError) as caught:
        base_map(path)
    assert set(str(caught.value.problems[0].params["regions"]).split(", ")) == set(flat)


def test_further_points_are_drawn(tmp_path, study_results):
    base = BaseMap({"北京": shapely.box(0, 0, 2, 1)}, lines=[shapely.MultiPoint([(0.5, 0.5), (1.5, 0.5)])])
    frame = class_maps.frame(study_results("zh"), years=[2022])
    figure = class_maps.draw(frame, Style(lang="zh"), base_map=base)
    (points,) = figure.axes[0].get_lines()
    assert points.get_xydata().tolist() == [[0.5, 0.5], [1.5, 0.5]]
