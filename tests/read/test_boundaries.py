"""Boundary files of the user's own: which shape is which region, what else is drawn, and what is refused."""

import hashlib
import json
import sys
import warnings

import numpy as np
import pytest

from ouhe import neighbours, regions
from ouhe.errors import DataError, OuheError, OuheWarning
from ouhe.read.boundaries import read_boundaries

geopandas = pytest.importorskip("geopandas")
shapely = pytest.importorskip("shapely")
box = shapely.box

CHINA = regions.load("china-provinces")
THREE = CHINA.without(CHINA.ids[3:])  # 北京 天津 河北
SQUARES = {"天津市": box(1, 0, 2, 1), "北京市": box(0, 0, 1, 1), "河北省": box(0, 1, 2, 2)}
BOW = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


def drawn(shapes=SQUARES, *, crs="EPSG:4326", **columns):
    return geopandas.GeoDataFrame({"name": list(shapes), **columns}, geometry=list(shapes.values()), crs=crs)


def write(tmp_path, frame, suffix=".geojson", **options):
    path = tmp_path / f"map{suffix}"
    frame.to_file(path, **options)
    return path


def keys(error):
    return [p.key.removeprefix("neighbours.") for p in error.value.problems]


def told(path, set_=THREE, **options):
    """Boundaries, and the problems that were warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = read_boundaries(path, set_, **options)
    assert all(isinstance(c.message, OuheWarning) for c in caught), [str(c.message) for c in caught]
    return found, [c.message.problem for c in caught]


# what is read


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".shp", ".gpkg"])
def test_every_format(tmp_path, suffix):
    options = {"driver": "GeoJSON"} if suffix == ".json" else {}
    path = write(tmp_path, drawn(), suffix, **options)
    found = read_boundaries(path, THREE, approval="GS(2024)0650号")
    assert list(found.regions.index) == ["北京", "天津", "河北"]
    assert found.regions.index.name == "region"
    assert found.regions.loc["天津", "label"] == "天津市"
    assert found.geometry["天津"].equals(SQUARES["天津市"])
    assert (len(found.extra), found.file, found.crs, found.approval) == (0, path.name, "EPSG:4326", "GS(2024)0650号")
    assert neighbours.from_boundaries(found).matrix.nnz == 6


def test_digests(tmp_path):
    path = write(tmp_path, drawn(), ".geojson")
    assert read_boundaries(path, THREE).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    path = write(tmp_path, drawn(), ".shp")
    parts = b"".join(path.with_suffix(s).read_bytes() for s in (".shp", ".shx", ".dbf", ".prj", ".cpg"))
    assert read_boundaries(path, THREE).sha256 == hashlib.sha256(parts).hexdigest()


def test_geometry_is_never_altered(tmp_path):
    wild = {
        "天津市": shapely.Polygon([(0, 0), (0, 0.1 + 0.2), (1 / 3, 1e-7), (0.5, 0)]),
        "北京市": BOW,
        "河北省": box(5, 5, 6, 6),
    }
    path = write(tmp_path, drawn(wild, crs="EPSG:4490"), ".gpkg")
    found, problems = told(path)
    assert found.crs == "EPSG:4490"
    for label, region in (("天津市", "天津"), ("北京市", "北京"), ("河北省", "河北")):
        assert found.geometry[region].wkb == wild[label].wkb
    assert [p.key for p in problems] == ["neighbours.map_broken"]
    assert "北京 (Self-intersection" in str(problems[0])
    with pytest.raises(DataError, match="北京"):
        neighbours.from_boundaries(found)
    with pytest.raises(DataError, match="北京"):
        found.centroids()


@pytest.mark.parametrize(
    ("cpg", "encoding"), [(True, "GB18030"), (False, "GB18030"), (True, "UTF-8"), (False, "UTF-8")]
)
def test_names_of_a_shapefile_with_and_without_its_encoding(tmp_path, cpg, encoding):
    path = write(tmp_path, drawn(), ".shp", encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    assert list(read_boundaries(path, THREE).regions["label"]) == ["北京市", "天津市", "河北省"]


def test_a_geojson_in_gb18030_or_with_a_mark(tmp_path):
    path = write(tmp_path, drawn())
    content = path.read_text("utf-8")
    for encoding in ("gb18030", "utf-8-sig", "utf-16"):
        path.write_bytes(content.encode(encoding))
        assert list(read_boundaries(path, THREE).regions.index) == ["北京", "天津", "河北"]


# which column


def test_the_column_that_names_the_most_regions_is_taken(tmp_path):
    # numbers that happen to be codes of provinces (11 北京, 12 天津), and the capital
    frame = drawn(objectid=[11, 12, 7], capital=["天津", "北京", "石家庄"])
    found = read_boundaries(write(tmp_path, frame), THREE)
    assert list(found.regions["label"]) == ["北京市", "天津市", "河北省"]


def test_codes_name_regions_as_numbers_and_as_texts(tmp_path):
    for codes in ([120000, 110000, 130000], [120000.0, 110000.0, 130000.0], ["120000", "110000", "130000"]):
        frame = drawn(adcode=codes).drop(columns="name")
        found = read_boundaries(write(tmp_path, frame), THREE)
        assert list(found.regions["label"]) == ["110000", "120000", "130000"]


def test_two_columns_that_agree_and_two_that_do_not(tmp_path):
    frame = drawn(code=["120000", "110000", "130000"], other=["北京", "天津", "河北"])
    path = write(tmp_path, frame.drop(columns="other"))
    assert read_boundaries(path, THREE).geometry["天津"].equals(SQUARES["天津市"])
    path = write(tmp_path, frame)
    with pytest.raises(DataError, match="name, code, other") as error:
        read_boundaries(path, THREE)
    assert keys(error) == ["map_several_columns"]
    assert read_boundaries(path, THREE, name_column="other").geometry["北京"].equals(SQUARES["天津市"])


def test_no_column_that_names_regions(tmp_path):
    path = write(tmp_path, drawn(dict(zip("abc", SQUARES.values(), strict=True)), note=["x", "y", "z"]))
    with pytest.raises(DataError, match="name, note") as error:
        read_boundaries(path, THREE)
    assert keys(error) == ["map_no_column"]
    with pytest.raises(DataError, match='did you mean "name"') as error:
        read_boundaries(path, THREE, name_column="nane")
    assert keys(error) == ["map_not_this_column"]
    found = read_boundaries(path, THREE, aliases={"a": "天津", "b": "北京", "c": "河北"})
    assert list(found.regions["label"]) == ["b", "a", "c"]


# what else is in the file


def test_lines_and_regions_outside_the_study_are_kept_for_drawing_and_listed(tmp_path):
    nine = shapely.MultiLineString([[(3, 0), (3, 1)], [(4, 0), (4, 1)]])
    frame = drawn({**SQUARES, "": nine, "台湾省": box(5, 0, 6, 1), "境界线": box(0, 0, 0.1, 0.1)})
    found, problems = told(write(tmp_path, frame))
    assert list(found.extra["label"]) == ["", "台湾省", "境界线"]
    assert found.extra.geometry[0].equals(nine)
    assert found.extra.crs == found.regions.crs
    assert [p.key for p in problems] == ["neighbours.map_extra"]
    assert {k: str(v) for k, v in problems[0].params.items()} == {
        "count": "3",
        "names": "(MultiLineString), 台湾省, 境界线",
    }


def test_absent_doubled_and_empty_regions_are_told_together(tmp_path):
    six = CHINA.without(CHINA.ids[6:])
    frame = drawn(
        {
            "天津市": box(1, 0, 2, 1),
            "天津": box(3, 0, 4, 1),
            "河比": box(0, 1, 2, 2),
            "山西": None,
            "北京": box(0, 0, 1, 1),
        }
    )
    with pytest.raises(DataError) as error:
        read_boundaries(write(tmp_path, frame), six)
    assert keys(error) == ["map_absent", "map_twice", "map_no_geometry"]
    absent, twice, empty = (p.params for p in error.value.problems)
    assert (str(absent["regions"]), str(absent["others"])) == ("河北, 内蒙古, 辽宁", "河比")
    assert twice == {"region": "天津", "count": 2}
    assert str(empty["regions"]) == "山西"
    assert "天津 有 2 个图形要素" in error.value.problems[1].message("zh")


# reference systems


def test_no_reference_system_is_told(tmp_path):
    path = write(tmp_path, drawn(), ".shp")
    path.with_suffix(".prj").unlink()
    found, problems = told(path)
    assert [p.key for p in problems] == ["neighbours.map_no_crs"]
    assert found.crs == ""
    assert neighbours.from_boundaries(found).matrix.nnz == 6
    with pytest.raises(DataError, match="reference system"):
        found.centroids()


def test_projected_boundaries_have_the_same_neighbours_and_centres(tmp_path):
    # Albers' equal-area projection as on maps of China
    albers = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m"
    squares = {name: shapely.affinity.translate(shape, 110, 35) for name, shape in SQUARES.items()}
    degrees = read_boundaries(write(tmp_path, drawn(squares)), THREE)
    flat = read_boundaries(write(tmp_path, drawn(squares).to_crs(albers), ".gpkg"), THREE)
    assert np.array_equal(
        neighbours.from_boundaries(flat).matrix.toarray(), neighbours.from_boundaries(degrees).matrix.toarray()
    )
    # sides of a degree are straight in one and bent in the other projection, which moves a centre by some 100 m
    assert flat.centroids().to_numpy() == pytest.approx(degrees.centroids().to_numpy(), abs=2e-3)
    assert neighbours.k_nearest(flat.centroids(), k=2).regions == THREE.ids


def test_centroids_are_those_of_equal_area(tmp_path):
    # A strip along a meridian from the equator to 60° N is the narrower the farther north, so its centre lies south of
    # 30°: in Lambert's projection about 30° N on a sphere, at the mean of 2 sin((φ − 30°)/2) weighted by cos φ. The
    # ellipsoid moves that by less than 0.1°.
    ups = np.linspace(0, 60, 601)
    strip = shapely.Polygon([*((100.0, y) for y in ups), *((100.5, y) for y in ups[::-1])])
    path = write(tmp_path, drawn({"北京": strip}))
    centre = read_boundaries(path, CHINA.without(CHINA.ids[1:])).centroids().loc["北京"]
    phi = np.radians(ups)
    flat = np.average(2 * np.sin((phi - np.radians(30)) / 2), weights=np.cos(phi))
    assert centre["latitude"] == pytest.approx(30 + np.degrees(2 * np.arcsin(flat / 2)), abs=0.1)
    assert centre["longitude"] == pytest.approx(100.25, abs=1e-6)


# what is refused


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError) as error:
        read_boundaries(tmp_path / "map.geojson", THREE, file="maps/map.geojson")
    assert keys(error) == ["map_no_file"]
    assert error.value.problems[0].place.file == "maps/map.geojson"


@pytest.mark.parametrize("name", ["map.zip", "map.kml", "map.vrt", "map", "map.shp.zip", "map.tar.gz"])
def test_other_formats_and_archives_are_not_opened(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError) as error:
        read_boundaries(tmp_path / name, THREE)
    assert keys(error) == ["map_kind"]


@pytest.mark.parametrize("suffix", [".geojson", ".shp", ".gpkg"])
def test_a_file_that_leads_to_other_files_is_not_followed(tmp_path, suffix):
    secret = write(tmp_path, drawn())
    layer = f'<OGRVRTLayer name="map"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>'
    path = tmp_path / f"hostile{suffix}"
    path.write_text(f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>", "utf-8")
    for part in (".shx", ".dbf"):
        path.with_suffix(part).write_bytes(b"")
    with pytest.raises(DataError) as error:
        read_boundaries(path, THREE)
    assert keys(error) == ["map_content"]


@pytest.mark.parametrize("content", ["{}", '{"type": "FeatureCollection", "features": [', "{", '{"a": 1}'])
def test_a_damaged_geojson(tmp_path, content):
    path = tmp_path / "map.geojson"
    path.write_text(content, "utf-8")
    with pytest.raises(DataError) as error:
        read_boundaries(path, THREE)
    assert keys(error) == ["map_damaged"]


def test_a_map_without_features(tmp_path):
    path = tmp_path / "map.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    with pytest.raises(DataError) as error:
        read_boundaries(path, THREE)
    assert keys(error) == ["map_empty"]


def test_features_without_any_geometry(tmp_path):
    path = tmp_path / "map.geojson"
    features = [{"type": "Feature", "properties": {"name": n}, "geometry": None} for n in SQUARES]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    with pytest.raises(DataError) as error:
        read_boundaries(path, THREE)
    assert keys(error) == ["map_no_geometry"]


@pytest.mark.parametrize("cut", [60, 150, 0.5])
@pytest.mark.parametrize("suffix", [".shp", ".gpkg"])
def test_a_file_that_is_cut_off(tmp_path, suffix, cut):
    path = write(tmp_path, drawn(), suffix)
    whole = path.read_bytes()
    path.write_bytes(whole[: cut if cut > 1 else int(len(whole) * cut)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OuheWarning)  # what the library says on the way
        with pytest.raises(DataError):
            read_boundaries(path, THREE)


def test_parts_of_a_shapefile_that_are_missing(tmp_path):
    path = write(tmp_path, drawn(), ".shp")
    path.with_suffix(".dbf").unlink()
    path.with_suffix(".shx").unlink()
    with pytest.raises(DataError, match=r"\.dbf, \.shx") as error:
        read_boundaries(path, THREE)
    assert keys(error) == ["map_parts"]


def test_several_layers_need_a_name(tmp_path):
    path = write(tmp_path, drawn(), ".gpkg", layer="省界")
    drawn({"x": box(0, 0, 1, 1)}).to_file(path, layer="other")
    with pytest.raises(DataError, match="省界, other") as error:
        read_boundaries(path, THREE)
    assert keys(error) == ["map_layers"]
    assert len(read_boundaries(path, THREE, layer="省界").regions) == 3
    with pytest.raises(DataError) as error:
        read_boundaries(path, THREE, layer="省")
    assert keys(error) == ["map_no_layer"]


def test_a_file_that_is_too_large(tmp_path, monkeypatch):
    path = write(tmp_path, drawn())
    monkeypatch.setattr("ouhe.read.map_file.LARGEST", 100)
    with pytest.raises(DataError) as error:
        read_boundaries(path, THREE)
    assert keys(error) == ["map_too_large"]


def test_without_geopandas_it_is_told_what_to_install(tmp_path, monkeypatch):
    path = write(tmp_path, drawn())
    monkeypatch.setitem(sys.modules, "geopandas", None)
    with pytest.raises(OuheError, match=r'pip install "ouhe\[geo\]"'):
        read_boundaries(path, THREE)


def test_the_map_of_pysal_gives_the_neighbours_of_pysal():
    with warnings.catch_warnings():
        # libpysal uses names that newer versions of its own dependencies deprecate
        warnings.simplefilter("ignore")
        from libpysal import examples
        from libpysal.graph import Graph

        path = examples.get_path("columbus.shp")
    with_ids = geopandas.read_file(path)
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "set.csv").write_text("id\n" + "\n".join(map(str, range(1, 50))) + "\n", "utf-8")
        columbus = regions.load(Path(folder) / "set.csv")
    found, problems = told(path, columbus, name_column="POLYID")
    assert [p.key for p in problems] == ["neighbours.map_no_crs"]
    theirs = Graph.build_contiguity(with_ids.set_index(with_ids["POLYID"].astype(int).astype(str)), rook=False)
    ours = neighbours.from_boundaries(found, style="binary")
    assert np.array_equal(ours.matrix.toarray(), theirs.sparse.toarray())
