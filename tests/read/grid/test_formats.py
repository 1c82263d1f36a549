"""Every format gives the same panel, whole or in windows, here or in another process."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe.read.grid import Frame, Grid

FORMATS = [
    "zarr 3",
    "zarr 2",
    "zarr, dimensions turned",
    "zarr, one variable",
    "netcdf",
    "geotiff, a layer a file",
    "geotiff, a folder an indicator",
    "geotiff, a band a year",
    "geotiff, a band an indicator",
    "geotiff, bands of both",
    "parquet",
    "parquet, years first, in parts",
]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_panel(
    kind: str, every_format: Mapping[str, tuple[Path, ...]], opened: Callable[..., Grid], panel: Any
) -> None:
    grid = opened(*every_format[kind])
    assert grid.problems == ()
    x = grid.chunked({"year": 2, "y": 5, "x": 4})
    assert x.dims == ("indicator", "year", "y", "x")
    assert x.dtype == np.float32
    assert x.chunks == ((2,), (2, 1), (5, 5, 3), (4, 4, 3))
    np.testing.assert_array_equal(x.values, panel.values)
    np.testing.assert_array_equal(x["inside"].values, panel.inside)
    np.testing.assert_allclose(x["y"].values, panel.y, rtol=1e-12)
    np.testing.assert_allclose(x["x"].values, panel.x, rtol=1e-12)
    assert x["year"].values.tolist() == [2018, 2019, 2020]
    assert x["indicator"].values.tolist() == ["lights", "ndvi"]
    assert grid.inside_counts == (int(panel.inside.sum()), int((~panel.inside).sum()))


@pytest.mark.parametrize("kind", [f for f in FORMATS if not f.startswith(("parquet", "zarr, one"))])
def test_projection_and_transform_are_kept(
    kind: str, every_format: Mapping[str, tuple[Path, ...]], opened: Callable[..., Grid], panel: Any
) -> None:
    import pyproj

    frame = opened(*every_format[kind]).frame
    assert frame is not None
    assert pyproj.CRS(frame.crs).equals(pyproj.CRS("EPSG:32650"), ignore_axis_order=True)
    assert frame.transform == pytest.approx((1000, 0, panel.x[0] - 500, 0, -1000, panel.y[0] + 500), rel=1e-12)
    assert frame.projected is True
    again = Frame.from_record(frame.record())
    assert (again.crs, again.transform) == (frame.crs, frame.transform)
    np.testing.assert_array_equal(again.y, frame.y)


@pytest.fixture(scope="module")
def stacks(every_format: Mapping[str, tuple[Path, ...]], made: SimpleNamespace) -> dict[str, Any]:
    from ouhe.read.grid import open_grid

    return {
        kind: open_grid([made.entry(*paths)], names=made.NAMES, years=made.YEARS).stack
        for kind, paths in every_format.items()
    }


@given(
    kind=st.sampled_from(FORMATS),
    cut=st.tuples(*(st.tuples(st.integers(0, n - 1), st.integers(1, n)) for n in (2, 3, 13, 11))),
)
def test_a_window_is_that_part_of_the_whole(
    kind: str, cut: tuple[tuple[int, int], ...], stacks: Mapping[str, Any], panel: Any
) -> None:
    window = tuple(slice(start, start + length) for start, length in cut)
    np.testing.assert_array_equal(stacks[kind][window], panel.values[window])


@pytest.mark.parametrize("kind", FORMATS)
def test_a_stack_reads_after_a_journey_to_another_process(kind: str, stacks: Mapping[str, Any], panel: Any) -> None:
    packed = pickle.dumps(stacks[kind])
    assert len(packed) < 20_000
    np.testing.assert_array_equal(pickle.loads(packed)[:, :, :, :], panel.values)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_source_is_an_array_of_layers(kind: str, stacks: Mapping[str, Any], panel: Any) -> None:
    for piece in stacks[kind].pieces:
        source = piece.source
        assert source.ndim == 3
        layer, i, t = piece.targets[-1]
        part = source[slice(layer, layer + 1), slice(2, 9), slice(1, None)]
        assert part.dtype == source.dtype
        np.testing.assert_array_equal(part[0], panel.values[i, t, 2:9, 1:])


def test_storage_is_known_from_metadata(
    every_format: Mapping[str, tuple[Path, ...]], opened: Callable[..., Grid]
) -> None:
    sizes, dtype, preferred = opened(*every_format["zarr 3"]).layout()
    assert sizes == {"indicator": 2, "year": 3, "y": 13, "x": 11}
    assert dtype == np.float32
    assert preferred == {"indicator": 2, "year": 2, "y": 5, "x": 4}
    # 50 rows a group of 11 columns by 3 years each
    assert opened(*every_format["parquet"]).layout().preferred_chunks == {"indicator": 2, "year": 3, "y": 1, "x": 11}
    assert opened(*every_format["geotiff, a band a year"]).layout().preferred_chunks["y"] == 16 - 3


def test_a_panel_is_called_by_the_state_of_its_files(
    every_format: Mapping[str, tuple[Path, ...]], opened: Callable[..., Grid], tmp_path: Path, panel: Any, made: Any
) -> None:
    first, again = (opened(*every_format["netcdf"]) for _ in range(2))
    assert first.x.data.name == again.x.data.name
    assert first.chunked({"y": 4}).data.name != first.x.data.name
    path = tmp_path / "all.nc"
    made.dataset(panel).to_netcdf(path, engine="h5netcdf")
    before = opened(path).x.data.name
    (made.dataset(panel) + 1).to_netcdf(path, engine="h5netcdf")
    assert opened(path).x.data.name != before


def test_what_was_read_is_on_record(every_format: Mapping[str, tuple[Path, ...]], opened: Callable[..., Grid]) -> None:
    grid = opened(*every_format["zarr 3"], names={"lights": ("lights",)})
    source = grid.sources[0]
    assert (source.format, source.used, source.unused) == ("zarr", ("lights",), ("ndvi",))
    assert source.sha256 is None
    assert source.size > 0
    assert opened(*every_format["netcdf"]).sources[0].record()["sha256"] is not None


def test_packed_values_are_unpacked(tmp_path: Path, opened: Callable[..., Grid], panel: Any) -> None:
    stored = np.array([[[0, 100, -32768], [30000, -5, -1]]], dtype=np.int16)
    attributes = {
        "scale_factor": 0.0001,
        "add_offset": 1.0,
        "_FillValue": np.int16(-32768),
        "missing_value": np.int16(-1),
    }
    data = xr.Dataset({"ndvi": (("time", "lat", "lon"), stored, attributes)}, {
        "time": ("time", [366.0], {"units": "days since 2017-06-01", "calendar": "noleap"}),
        "lat": [30.0, 29.5], "lon": [100.0, 100.5, 101.0],
    })  # fmt: skip
    data.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    data.to_zarr(tmp_path / "a.zarr", consolidated=False)
    engines = {"a.nc": {"engine": "h5netcdf"}, "a.zarr": {"engine": "zarr", "consolidated": False}}
    for path, engine in ((tmp_path / name, engine) for name, engine in engines.items()):
        grid = opened(path, names={"ndvi": ("ndvi",)}, years=[2018])
        assert grid.problems == ()
        expected = np.array([[1.0, 1.01, np.nan], [4.0, 0.9995, np.nan]], dtype=np.float32)
        np.testing.assert_array_equal(grid.x.values[0, 0], expected)
        # the library's own decoding, which works in double precision and says so of two fill values
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = xr.open_dataset(path, **engine).load()["ndvi"]
        np.testing.assert_array_equal(grid.x.values[0], theirs.values.astype(np.float32))


@pytest.mark.parametrize(
    ("stored", "given", "expected"),
    [
        ("uint8", None, "float32"),
        ("int32", None, "float64"),
        ("float64", None, "float64"),
        ("float64", "float32", "float32"),
    ],
)
def test_numbers_take_a_floating_type_that_holds_them(
    stored: str, given: str | None, expected: str, tmp_path: Path, opened: Callable[..., Grid], panel: Any, made: Any
) -> None:
    layer = np.full((1, 13, 11), 7).astype(stored)
    layer[0, 0, 0] = 99
    path = made.tif(tmp_path / "ndvi_2018.tif", layer, panel, nodata=99)
    x = opened(path, names={"ndvi": ("ndvi",)}, years=[2018], dtype=given).x
    assert x.dtype == expected
    assert np.isnan(x.values[0, 0, 0, 0])
    assert x.values[0, 0, 1, 1] == 7


def test_large_whole_numbers_are_not_rounded(
    tmp_path: Path, opened: Callable[..., Grid], panel: Any, made: SimpleNamespace
) -> None:
    layer = np.full((1, 13, 11), (1 << 24) + 1, dtype=np.int32)
    path = made.tif(tmp_path / "ndvi_2018.tif", layer, panel)
    assert opened(path, names={"ndvi": ("ndvi",)}, years=[2018]).x.values.max() == (1 << 24) + 1


def test_a_mask_inside_a_file_means_no_data(
    tmp_path: Path, opened: Callable[..., Grid], panel: Any, made: SimpleNamespace
) -> None:
    import rasterio

    path = made.tif(tmp_path / "ndvi_2018.tif", np.ones((1, 13, 11), np.float32), panel, nodata=None)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK="YES"), rasterio.open(path, "r+") as file:
        file.write_mask(np.where(panel.inside, 255, 0).astype(np.uint8))
    grid = opened(path, names={"ndvi": ("ndvi",)}, years=[2018])
    np.testing.assert_array_equal(grid.x["inside"].values, panel.inside)


def test_rising_rows_are_kept_as_they_are(tmp_path: Path, opened: Callable[..., Grid], panel: Any, made: Any) -> None:
    turned = made.dataset(panel).isel(y=slice(None, None, -1))
    turned.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    x = opened(tmp_path / "a.nc").x
    assert x["y"].values[0] < x["y"].values[-1]
    np.testing.assert_array_equal(x.values, panel.values[:, :, ::-1])


def test_numbers_that_the_study_names_mean_no_data(
    tmp_path: Path, opened: Callable[..., Grid], panel: Any, made: SimpleNamespace
) -> None:
    layer = np.where(panel.inside, 3.0, -999.0).astype(np.float32)[None]
    path = made.tif(tmp_path / "ndvi_2018.tif", layer, panel, nodata=None)
    grid = opened(path, names={"ndvi": ("ndvi",)}, years=[2018], tokens=["—", "-999"])
    np.testing.assert_array_equal(grid.inside, panel.inside)
    table = made.table(panel).to_pandas().fillna(-999.0)
    table.to_parquet(tmp_path / "tall.parquet")
    np.testing.assert_array_equal(opened(tmp_path / "tall.parquet", tokens=["-999"]).x.values, panel.values)


def test_the_study_may_say_what_the_files_do_not(
    tmp_path: Path, opened: Callable[..., Grid], panel: Any, made: SimpleNamespace
) -> None:
    path = made.tif(tmp_path / "a.tif", panel.values[1, :1], panel)
    said = {"series": "ndvi", "fixed_year": 2018}
    grid = opened(path, said=said, names={"ndvi": ("ndvi",)}, years=[2018])
    np.testing.assert_array_equal(grid.x.values[0, 0], panel.values[1, 0])
    variable = made.dataset(panel)[["ndvi", "spatial_ref"]].rename(ndvi="Band1")
    variable.to_netcdf(tmp_path / "b.nc", engine="h5netcdf")
    grid = opened(tmp_path / "b.nc", said={"columns": {"ndvi": ("Band1",)}}, names={"ndvi": ("ndvi",)})
    np.testing.assert_array_equal(grid.x.values[0], panel.values[1])


def test_years_beyond_the_study_are_left_out(
    every_format: Mapping[str, tuple[Path, ...]], opened: Callable[..., Grid], panel: Any
) -> None:
    for kind in ("zarr 3", "parquet", "parquet, years first, in parts", "geotiff, a band a year"):
        x = opened(*every_format[kind], years=[2020, 2018]).x
        np.testing.assert_array_equal(x.values, panel.values[:, [2, 0]])


def test_layers_may_come_from_several_formats(
    every_format: Mapping[str, tuple[Path, ...]], made: SimpleNamespace, panel: Any
) -> None:
    from ouhe.read.grid import open_grid

    lights = made.entry(*every_format["zarr 3"], columns={"lights": ("lights",)})
    green = made.entry(*every_format["geotiff, a folder an indicator"], columns={"ndvi": ("ndvi",)})
    grid = open_grid([lights, green], names=made.NAMES, years=made.YEARS)
    assert grid.problems == ()
    np.testing.assert_array_equal(grid.x.values, panel.values)


def test_signed_numbers_may_stand_for_unsigned_ones(tmp_path: Path, opened: Callable[..., Grid]) -> None:
    stored = np.array([[[-1, 3], [-56, -2]]], dtype=np.int8)
    data = xr.Dataset({"ndvi": (("year", "y", "x"), stored, {"_Unsigned": "true", "_FillValue": np.int8(-1)})},
                      {"year": [2018], "y": [1.0, 2.0], "x": [1.0, 2.0]})  # fmt: skip
    data.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    x = opened(tmp_path / "a.nc", names={"ndvi": ("ndvi",)}, years=[2018]).x
    np.testing.assert_array_equal(x.values[0, 0], [[np.nan, 3], [200, 254]])


def test_a_single_band_is_no_indicator_of_its_own(
    tmp_path: Path, opened: Callable[..., Grid], panel: Any, made: Any
) -> None:
    data = made.dataset(panel)[["ndvi"]].expand_dims(band=[1]).transpose("year", "band", "y", "x")
    data.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    np.testing.assert_array_equal(opened(tmp_path / "a.nc", names={"ndvi": ("ndvi",)}).x.values[0], panel.values[1])
