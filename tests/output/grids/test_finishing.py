from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pyproj
import pytest
import rasterio
import xarray as xr

from ouhe import text
from ouhe.errors import OptionError
from ouhe.output.grids import Stored, finish, read_back, store_chunks

Make = Callable[..., Any]

ATTRIBUTES = {"title": "Made up", "simulated": 1}

FORMATS = ["zarr", "netcdf", "cog", "parquet"]


@pytest.fixture(scope="module")
def finished(stored: Stored, tmp_path_factory: pytest.TempPathFactory, module_frame: Any) -> Path:
    folder = tmp_path_factory.mktemp("finished") / "output"
    made = finish(stored, folder, FORMATS, module_frame, attributes=ATTRIBUTES)
    assert [p.name for p in made] == ["grid.zarr", "grid.nc", "D.tif", "class.tif", "grid.parquet"]
    assert all(p.exists() for p in made)
    return folder


def test_nothing_else_is_left_in_the_folder(finished: Path) -> None:
    assert sorted(f.name for f in finished.iterdir()) == ["grid", "grid.nc", "grid.parquet", "grid.zarr"]
    assert sorted(f.name for f in (finished / "grid").iterdir()) == ["D.tif", "class.tif", "class.tif.aux.xml"]


@pytest.mark.parametrize("name", ["grid.zarr", "grid.nc"])
def test_xarray_opens_arrays_with_projection_names_and_what_they_are(finished: Path, raster: Make, name: str) -> None:
    with xr.open_dataset(finished / name, decode_coords="all") as opened, warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # of affine, in rioxarray
        whole = raster()
        np.testing.assert_array_equal(opened.D.values, whole.D.values)
        outside = whole["class"] == -1
        xr.testing.assert_equal(opened["class"].isnull().drop_vars("spatial_ref"), outside.drop_vars("inside"))
        np.testing.assert_array_equal(opened["class"].fillna(-1).values, whole["class"].values)
        assert opened.rio.crs.to_epsg() == 32650
        assert tuple(opened.rio.transform())[:6] == (1000, 0, 5e5, 0, -1000, 4e6)
        assert opened.x.attrs["standard_name"] == "projection_x_coordinate"
        assert opened.D.attrs["long_name"] == "coupling coordination degree"
        assert opened["class"].attrs["flag_meanings"] == "barely_balanced 中级协调 high"
        assert (opened.attrs["title"], opened.attrs["simulated"]) == ("Made up", 1)


@pytest.mark.parametrize(
    "name",
    ["{folder}/grid/{variable}.tif", 'ZARR:"{folder}/grid.zarr":/{variable}', "NETCDF:{folder}/grid.nc:{variable}"],
)
def test_gdal_opens_a_band_a_year_with_projection_and_no_data(finished: Path, raster: Make, name: str) -> None:
    for variable, none in (("D", np.nan), ("class", -1)):
        with rasterio.open(name.format(folder=finished, variable=variable)) as file:
            np.testing.assert_array_equal(file.read(), raster()[variable].values)
            np.testing.assert_array_equal(file.nodatavals, [none] * 3)
            assert file.crs.to_epsg() == 32650
            assert tuple(file.transform)[:6] == (1000, 0, 5e5, 0, -1000, 4e6)
            np.testing.assert_array_equal(file.read_masks(1) > 0, raster().inside.values)


def test_a_geotiff_tells_years_title_classes_and_that_data_are_simulated(finished: Path) -> None:
    with rasterio.open(finished / "grid" / "class.tif") as file:
        assert file.descriptions == ("2010", "2015", "2020")
        tags = file.tags()
        assert (tags["title"], tags["simulated"]) == ("Made up", "1")
        assert tags["classes"] == "0: barely balanced; 1: 中级协调; 2: high"
        assert tags["TIFFTAG_IMAGEDESCRIPTION"].endswith("Made up · class")
        assert "evidence" in tags["TIFFTAG_IMAGEDESCRIPTION"] or "证据" in tags["TIFFTAG_IMAGEDESCRIPTION"]
        assert file.profile["interleave"] == "band"


def test_names_of_classes_stand_beside_a_geotiff_for_each_band(finished: Path) -> None:
    root = ET.parse(finished / "grid" / "class.tif.aux.xml").getroot()
    for band in ("1", "2", "3"):
        rows = root.findall(f"./PAMRasterBand[@band='{band}']/GDALRasterAttributeTable/Row")
        told = [[cell.text for cell in row.findall("F")] for row in rows]
        assert told == [["0", "barely balanced"], ["1", "中级协调"], ["2", "high"]]


def test_colours_of_classes_stand_beside_their_names(raster: Make, tmp_path: Path) -> None:
    x = raster()[["class"]]
    x["class"].attrs["flag_colors"] = ["#ff0080", "#000000", "#0a0b0c"]
    finish(store_chunks(x, tmp_path / "store"), tmp_path / "out", ["cog"])
    row = ET.parse(tmp_path / "out" / "grid" / "class.tif.aux.xml").getroot().find(".//Row")
    assert row is not None
    assert [cell.text for cell in row] == ["0", "barely balanced", "255", "0", "128"]


@pytest.mark.parametrize(("lang", "notice"), [("zh", "模拟数据"), ("en", "simulated data")])
def test_a_geotiff_speaks_the_language_of_the_study(stored: Stored, tmp_path: Path, lang: Any, notice: str) -> None:
    with text.use(lang):
        finish(stored, tmp_path, ["cog"], attributes=ATTRIBUTES)
    with rasterio.open(tmp_path / "grid" / "D.tif") as file:
        assert file.tags()["TIFFTAG_IMAGEDESCRIPTION"].startswith(notice)


def tiff_pages(path: Path) -> list[Mapping[int, list[int]]]:
    """Tags of whole numbers of each page of a little-endian TIFF file, and under 0 where the page stands."""
    data = path.read_bytes()
    assert data[:4] == b"II*\0"
    pages, place = [], struct.unpack_from("<I", data, 4)[0]
    while place:
        count = struct.unpack_from("<H", data, place)[0]
        tags: dict[int, list[int]] = {0: [place]}
        for i in range(count):
            tag, kind, number = struct.unpack_from("<HHI", data, place + 2 + 12 * i)
            form, size = {3: ("H", 2), 4: ("I", 4)}.get(kind, ("", 0))
            if form:
                at = place + 10 + 12 * i
                start = at if size * number <= 4 else struct.unpack_from("<I", data, at)[0]
                tags[tag] = list(struct.unpack_from(f"<{number}{form}", data, start))
        pages.append(tags)
        place = struct.unpack_from("<I", data, place + 2 + 12 * count)[0]
    return pages


def test_a_geotiff_is_cloud_optimised(tmp_path: Path, module_frame: Any) -> None:
    """All pages at the head, the full raster first; of the tiles, those of the smallest overview first."""
    rng = np.random.default_rng(1)
    D = rng.random((2, 1100, 1300)).astype(np.float32)
    x = xr.Dataset({"D": (("year", "y", "x"), D)}, {"year": [2010, 2020]}).chunk(y=500, x=500)
    finish(store_chunks(x, tmp_path / "store"), tmp_path, ["cog"], module_frame)
    pages = tiff_pages(tmp_path / "grid" / "D.tif")
    width, tile, offsets, lengths = 256, 322, 324, 325
    assert [p[width][0] for p in pages] == [1300, 650, 325]
    assert all(p[tile] == [512] for p in pages)
    heads = [p[0][0] for p in pages]
    assert heads == sorted(heads)
    ends = [max(a + b for a, b in zip(p[offsets], p[lengths], strict=True)) for p in pages]
    starts = [min(p[offsets]) for p in pages]
    assert heads[-1] < starts[2] < ends[2] <= starts[1] < ends[1] <= starts[0] < ends[0]
    assert all(p[offsets] == sorted(p[offsets]) for p in pages)


def test_overviews_are_means_of_what_has_a_value_and_classes_stay_classes(
    tmp_path: Path, raster: Make, frame: Make
) -> None:
    x = raster(600, 700)
    finish(store_chunks(x.chunk(y=256, x=256), tmp_path / "store"), tmp_path, ["cog"], frame())
    with rasterio.open(tmp_path / "grid" / "D.tif", overview_level=0) as file:
        blocks = x.D.isel(year=0).coarsen(y=2, x=2)
        # GDAL adds up in float32
        np.testing.assert_allclose(file.read(1), blocks.mean(), rtol=1e-6)
    with rasterio.open(tmp_path / "grid" / "class.tif", overview_level=0) as file:
        assert set(np.unique(file.read())) == {-1, 0, 1, 2}
        outside = ~x.inside.values
        assert (file.read(1)[outside.reshape(300, 2, 350, 2).all((1, 3))] == -1).all()


def test_a_raster_that_goes_upwards_has_its_north_above_in_a_geotiff(tmp_path: Path, raster: Make, frame: Make) -> None:
    x = raster(upwards=True)
    stored = store_chunks(x.chunk(year=2, y=16, x=24), tmp_path / "store")
    finish(stored, tmp_path, ["cog", "netcdf"], frame(upwards=True))
    with rasterio.open(tmp_path / "grid" / "D.tif") as file:
        assert tuple(file.transform)[:6] == (1000, 0, 5e5, 0, -1000, 4e6)
        np.testing.assert_array_equal(file.read(), x.D.values[:, ::-1])
    with xr.open_dataset(tmp_path / "grid.nc") as opened:
        np.testing.assert_array_equal(opened.y, x.y)


def test_a_table_of_cells_leaves_out_those_without_value(finished: Path, raster: Make) -> None:
    rows = pl.read_parquet(finished / "grid.parquet" / "part-*.parquet").sort("year", "y", "x")
    assert dict(rows.schema) == {
        "year": pl.Int32, "y": pl.Float64, "x": pl.Float64, "D": pl.Float32, "class": pl.Int16
    }  # fmt: skip
    whole = raster().to_dataframe().reset_index().query("inside").sort_values(["year", "y", "x"])
    for name in rows.columns:
        np.testing.assert_array_equal(rows[name].to_numpy(), whole[name].to_numpy())


def test_the_parts_of_a_table_are_what_is_finished(table: Make, keys: Any, tmp_path: Path) -> None:
    stored = store_chunks(table().chunk(region=10), tmp_path / "store", keys=keys)
    finish(stored, tmp_path / "out", ["parquet"])
    parts = sorted((tmp_path / "out" / "grid.parquet").iterdir())
    assert [p.name for p in parts] == [f"part-0000{n}.parquet" for n in range(3)]
    xr.testing.assert_equal(read_back(tmp_path / "out").load(), table())


def test_several_stores_come_together(raster: Make, tmp_path: Path) -> None:
    first = store_chunks(raster()[["D"]].chunk(y=16), tmp_path / "first")
    second = store_chunks(raster()[["class"]], tmp_path / "second")
    finish([first, second], tmp_path / "out", FORMATS)
    assert list(read_back(tmp_path / "out").data_vars) == ["D", "class"]
    for form in ("grid.zarr", "grid.nc", "grid", "grid.parquet"):
        assert set(read_back(tmp_path / "out").data_vars) == {"D", "class"}, form
        if form != "grid.parquet":
            remove(tmp_path / "out" / form)
    rows = pl.read_parquet(tmp_path / "out" / "grid.parquet" / "part-*.parquet")
    assert rows.columns == ["year", "y", "x", "D", "class"]
    assert len(rows) == 3 * raster().inside.sum().item()


def remove(path: Path) -> None:
    for inner in sorted(path.rglob("*"), reverse=True):
        inner.rmdir() if inner.is_dir() else inner.unlink()
    path.rmdir() if path.is_dir() else path.unlink()


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_is_read_back(stored: Stored, raster: Make, tmp_path: Path, frame: Make, form: str) -> None:
    finish(stored, tmp_path, [form], frame())
    back = read_back(tmp_path)
    assert all(v.chunks for v in back.values())
    whole = raster().drop_vars("inside")
    part = {"year": 1, "y": slice(9, 3, -2), "x": 7}
    xr.testing.assert_equal(back[["D", "class"]].isel(part).load(), whole.isel(part))
    xr.testing.assert_equal(back[["D", "class"]].load(), whole)
    assert [back[n].dtype for n in whole] == [np.float32, np.int16]


def test_the_same_chunks_give_the_same_bytes(stored: Stored, finished: Path, tmp_path: Path, frame: Make) -> None:
    finish(stored, tmp_path, FORMATS, frame(), attributes=ATTRIBUTES)
    files = {f.relative_to(finished) for f in finished.rglob("*") if f.is_file()}
    assert files == {f.relative_to(tmp_path) for f in tmp_path.rglob("*") if f.is_file()}
    assert len(files) > 40
    assert [f for f in files if (finished / f).read_bytes() != (tmp_path / f).read_bytes()] == []


def test_the_store_stays_as_it_was(stored: Stored, finished: Path, raster: Make) -> None:
    xr.testing.assert_equal(stored.open().load(), raster().drop_vars("inside"))
    assert "spatial_ref" not in {f.name for f in stored.folder.rglob("*")}


def test_a_grid_whose_place_is_not_told_lies_where_its_labels_say(stored: Stored, tmp_path: Path, raster: Make) -> None:
    finish(stored, tmp_path, FORMATS)
    with rasterio.open(tmp_path / "grid" / "D.tif") as file:
        np.testing.assert_array_equal(file.read(), raster().D.values)
        assert file.crs is None
        assert tuple(file.transform)[:6] == (1000, 0, 5e5, 0, -1000, 4e6)
    assert "grid_mapping" not in read_back(tmp_path).D.attrs


def test_rows_without_labels_go_upwards_from_nought(tmp_path: Path) -> None:
    x = xr.Dataset({"D": (("y", "x"), np.arange(6.0).reshape(2, 3))})
    finish(store_chunks(x, tmp_path / "store"), tmp_path, ["cog"])
    back = read_back(tmp_path).D
    assert back.sel(y=0, x=2).compute().item() == 2
    assert back.sel(y=1, x=0).compute().item() == 3


def test_degrees_are_named_as_such(stored: Stored, tmp_path: Path, frame: Make) -> None:
    plain = frame()
    geographic = type(plain)(pyproj.CRS.from_epsg(4326).to_wkt(), (0.1, 0.0, 100.0, 0.0, -0.1, 40.0))
    finish(stored, tmp_path, ["netcdf", "cog"], geographic)
    with xr.open_dataset(tmp_path / "grid.nc") as opened:
        assert opened.y.attrs["standard_name"] == "latitude"
        assert opened.x.attrs["units"] == "degrees_east"
    with rasterio.open(tmp_path / "grid" / "D.tif") as file:
        assert file.crs.to_epsg() == 4326


def test_a_format_that_is_none_or_not_for_a_table_is_refused(
    stored: Stored, table: Make, keys: Any, tmp_path: Path
) -> None:
    with pytest.raises(OptionError, match="cog"):
        finish(stored, tmp_path / "out", ["geotif"])
    rows = store_chunks(table().chunk(region=10), tmp_path / "store", keys=keys)
    with pytest.raises(OptionError, match="parquet"):
        finish(rows, tmp_path / "out", ["cog", "netcdf"])
    assert not (tmp_path / "out").exists()


def test_small_whole_numbers_are_wider_in_a_geotiff(raster: Make, tmp_path: Path, frame: Make) -> None:
    x = raster()[["class"]].astype(np.int8)
    finish(store_chunks(x, tmp_path / "store"), tmp_path, ["cog", "zarr"], frame())
    with rasterio.open(tmp_path / "grid" / "class.tif") as file:
        assert file.dtypes == ("int16",) * 3
    assert read_back(tmp_path)["class"].dtype == np.int8
