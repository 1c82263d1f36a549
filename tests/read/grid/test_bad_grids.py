"""Layers that do not fit together, files that are damaged or reach elsewhere: told, all at once, with what to do."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

from ouhe.errors import DataError
from ouhe.read.grid import Grid, GridEntry, open_grid

TWO = {"names": {"lights": ("lights",), "ndvi": ("ndvi",)}, "years": [2018]}


@pytest.fixture
def pair(panel: Any, made: SimpleNamespace, tmp_path: Path, opened: Callable[..., Grid]) -> Callable[..., Grid]:
    """Open a good layer beside another that is made otherwise."""

    def run(layer: np.ndarray | None = None, *, open_with: Mapping[str, Any] | None = None, **options: Any) -> Grid:
        values = panel.values[:, 0] if layer is None else np.stack([layer, layer])
        first = made.tif(tmp_path / "lights_2018.tif", panel.values[0, :1], panel)
        second = made.tif(tmp_path / "ndvi_2018.tif", values[1:], panel, **options)
        return opened(first, second, **(TWO | dict(open_with or {})))

    return run


def shifted(panel: Any, made: SimpleNamespace, cells: float) -> tuple[float, ...]:
    corner = panel.x[0] - made.CELL / 2 + cells * made.CELL
    return (made.CELL, 0.0, corner, 0.0, -made.CELL, panel.y[0] + made.CELL / 2)


def test_another_size(pair: Callable[..., Grid], panel: Any, made: SimpleNamespace) -> None:
    grid = pair(np.ones((12, 11), np.float32))
    assert made.keys(grid) == ["other_size"]
    assert grid.problems[0].place.file.endswith("ndvi_2018.tif")
    assert "12 rows" in grid.problems[0].message("en")
    with pytest.raises(DataError):
        _ = grid.x


@pytest.mark.parametrize(("cells", "keys"), [(0.5, ["other_cells"]), (0.01, ["other_cells"]), (0.0005, [])])
def test_other_cells(
    cells: float, keys: list[str], pair: Callable[..., Grid], panel: Any, made: SimpleNamespace
) -> None:
    assert made.keys(pair(transform=shifted(panel, made, cells))) == keys


def test_opposite_directions(pair: Callable[..., Grid], panel: Any, made: SimpleNamespace) -> None:
    turned = (made.CELL, 0.0, panel.x[0] - made.CELL / 2, 0.0, made.CELL, panel.y[-1] - made.CELL / 2)
    assert made.keys(pair(transform=turned)) == ["other_direction"]


def test_a_rotated_raster(pair: Callable[..., Grid], panel: Any, made: SimpleNamespace) -> None:
    turned = (made.CELL, 100.0, panel.x[0], 100.0, -made.CELL, panel.y[0])
    assert made.keys(pair(transform=turned)) == ["rotated"]


@pytest.mark.parametrize(
    ("crs", "keys"),
    [
        ("EPSG:32651", ["other_crs"]),
        ("+proj=utm +zone=50 +datum=WGS84 +units=m +type=crs", []),  # the same in other words
        (None, []),  # not stated: taken for that of the others
    ],
)
def test_reference_systems_are_compared_by_what_they_mean(
    crs: str | None, keys: list[str], pair: Callable[..., Grid], made: SimpleNamespace
) -> None:
    grid = pair(crs=crs)
    assert made.keys(grid) == keys
    assert [p.key for p in grid.told] == (["gridded.crs_undeclared"] if crs is None else [])


def test_a_layer_without_georeference_among_others(pair: Callable[..., Grid], made: SimpleNamespace) -> None:
    assert made.keys(pair(crs=None, transform=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0))) == ["georeference_lacks"]


def test_rasters_without_any_georeference(opened: Callable[..., Grid], panel: Any, made: Any, tmp_path: Path) -> None:
    plain = {"crs": None, "transform": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)}
    paths = [made.tif(tmp_path / f"{n}_2018.tif", panel.values[0, :1], panel, **plain) for n in ("lights", "ndvi")]
    grid = opened(*paths, **TWO)
    assert grid.problems == ()
    assert (grid.frame.crs, grid.frame.transform, grid.frame.projected) == ("", None, None)
    assert grid.frame.y.tolist() == list(range(13))


def test_undeclared_no_data_is_told(pair: Callable[..., Grid], panel: Any, made: SimpleNamespace) -> None:
    grid = pair(np.where(panel.inside, 1.0, np.nan).astype(np.float32), nodata=None)
    assert grid.problems == ()
    assert [p.key for p in grid.told] == ["gridded.nodata_undeclared"]
    other = pair(nodata=-1.0)
    assert other.told == ()
    np.testing.assert_array_equal(other.x.values, panel.values[:, :1])


def test_what_is_absent_is_told_together(pair: Callable[..., Grid], made: SimpleNamespace) -> None:
    names = {"lights": ("lights",), "ndvi": ("ndvi",), "nvdi": ("nvdi",)}
    grid = pair(open_with={"names": names, "years": [2017, 2018]})
    assert made.keys(grid) == ["no_years", "no_years", "no_indicator"]
    assert str(grid.problems[0].params["years"]) == "2017"
    assert 'did you mean "ndvi"' in grid.problems[2].message("en")


def test_a_layer_that_stands_twice(panel: Any, made: SimpleNamespace, tmp_path: Path) -> None:
    paths = [made.tif(tmp_path / f / "ndvi_2018.tif", panel.values[0, :1], panel) for f in "ab"]
    grid = open_grid([made.entry(*paths)], names={"ndvi": ("ndvi",)}, years=[2018])
    assert made.keys(grid) == ["layer_twice"]
    assert "a/ndvi_2018.tif" in grid.problems[0].message("en")


def test_bands_that_nothing_tells_apart(panel: Any, made: SimpleNamespace, tmp_path: Path) -> None:
    path = made.tif(tmp_path / "ndvi.tif", panel.values[0], panel)
    assert made.keys(open_grid([made.entry(path)], names={"ndvi": ("ndvi",)}, years=[2018])) == ["bands_without_names"]


def test_numbers_that_are_none(panel: Any, made: SimpleNamespace, tmp_path: Path) -> None:
    path = made.tif(tmp_path / "ndvi_2018.tif", panel.values[0, :1].astype(np.complex64), panel, nodata=None)
    assert "not_numbers" in made.keys(open_grid([made.entry(path)], names={"ndvi": ("ndvi",)}, years=[2018]))


def field(**coords: Any) -> xr.Dataset:
    """One variable on a small grid."""
    at = {"year": [2018], "y": [3.0, 2.0, 1.0], "x": [1.0, 2.0]} | coords
    sizes = tuple(len(at[d]) if not isinstance(at[d], tuple) else len(at[d][1]) for d in ("year", "y", "x"))
    return xr.Dataset({"ndvi": (("year", "y", "x"), np.ones(sizes, np.float32))}, at)


def curved() -> xr.Dataset:
    data = field().drop_vars(["y", "x"])
    return data.assign(lat=(("y", "x"), np.ones((3, 2))), lon=(("y", "x"), np.ones((3, 2))))


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (lambda: field(y=[3.0, 2.0, 0.5]), ["uneven"]),
        (curved, ["curved"]),
        (lambda: field(year=("year", [2018.0, 2018.0])), ["steps_within_years"]),
        (lambda: field(year=("year", [30.0, 31.0], {"units": "days since 2018-01-01"})), ["steps_within_years"]),
        (lambda: field(year=[7]), ["dim_without_years"]),
        (lambda: field().isel(year=0, drop=True), ["no_year"]),
        (lambda: field().isel(x=0), ["no_fields"]),
        (lambda: field().rename(ndvi="green"), ["no_indicator"]),
        (lambda: field().expand_dims(band=2), ["no_indicator_names"]),
        (lambda: field().astype("U3"), ["not_numbers"]),
    ],
)
def test_stores_that_cannot_be_understood(
    data: Callable[[], xr.Dataset], keys: list[str], tmp_path: Path, made: SimpleNamespace
) -> None:
    data().to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    grid = open_grid([made.entry(tmp_path / "a.nc")], names={"ndvi": ("ndvi",)}, years=[2018])
    assert [k for k in made.keys(grid) if k != "no_years"][:1] == keys
    assert grid.stack is None


def test_coordinates_of_single_precision_are_even(tmp_path: Path, made: SimpleNamespace) -> None:
    x = (73 + (np.arange(6000) + 0.5) / 1200).astype(np.float32)
    assert np.abs(np.diff(x) * 1200 - 1).max() > 1e-3
    data = xr.Dataset(
        {"ndvi": (("year", "lat", "lon"), np.ones((1, 1, 6000), np.float32))}, {"year": [2018], "lat": [1.0], "lon": x}
    )
    data.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    assert open_grid([made.entry(tmp_path / "a.nc")], names={"ndvi": ("ndvi",)}, years=[2018]).problems == ()


@pytest.mark.parametrize("name", ["a.tif", "a.nc", "a.parquet"])
def test_damaged_files(name: str, tmp_path: Path, made: SimpleNamespace) -> None:
    for content in (b"", b"not a raster", b"II*\x00" + b"\xff" * 300, b"\x89HDF\r\n\x1a\n" + b"\x00" * 64):
        (tmp_path / name).write_bytes(content)
        grid = open_grid([made.entry(tmp_path / name)], names={"a": ("a",)}, years=[2018])
        assert made.keys(grid) == ["cannot_open"], content


def test_a_raster_cut_short_is_told_when_it_is_read(panel: Any, made: SimpleNamespace, tmp_path: Path) -> None:
    values = np.random.default_rng(1).random((1, 400, 400)).astype(np.float32)
    path = made.tif(tmp_path / "ndvi_2018.tif", values, panel)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    grid = open_grid([made.entry(path)], names={"ndvi": ("ndvi",)}, years=[2018])
    assert made.keys(grid) == ["cannot_read"]
    assert grid.problems[0].place.file.endswith("ndvi_2018.tif")


def test_a_damaged_chunk_is_told_when_it_is_read(panel: Any, made: SimpleNamespace, tmp_path: Path) -> None:
    made.dataset(panel).to_zarr(tmp_path / "a.zarr", consolidated=False)
    chunk = next(p for p in (tmp_path / "a.zarr" / "ndvi").rglob("c/*/*/*"))
    chunk.write_bytes(b"\x00" * 7)
    grid = open_grid([made.entry(tmp_path / "a.zarr")], names=made.NAMES, years=made.YEARS)
    with pytest.raises(DataError) as error:
        grid.x.compute()
    assert [p.key for p in error.value.problems] == ["gridded.cannot_read"]


def test_chunks_that_are_not_stored_are_told(panel: Any, made: SimpleNamespace, tmp_path: Path) -> None:
    data = field(y=[4.0, 3.0, 2.0, 1.0]).astype(np.float32)
    data.to_zarr(tmp_path / "a.zarr", zarr_format=3, consolidated=False, encoding={"ndvi": {"chunks": (1, 2, 2)}})
    metadata = tmp_path / "a.zarr" / "ndvi" / "zarr.json"
    said = json.loads(metadata.read_text())
    next((tmp_path / "a.zarr" / "ndvi").rglob("c/0/1/0")).unlink()
    for fill, told in ((0.0, ["gridded.absent_chunks"]), ("NaN", [])):
        metadata.write_text(json.dumps(said | {"fill_value": fill}))
        grid = open_grid([made.entry(tmp_path / "a.zarr")], names={"ndvi": ("ndvi",)}, years=[2018])
        assert grid.problems == ()
        assert [p.key for p in grid.told] == told
    assert grid.inside_counts == (4, 4)


def test_what_is_no_grid(tmp_path: Path, made: SimpleNamespace) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.zip").write_bytes(b"PK")
    (tmp_path / "a.csv").write_text("a,b\n")
    (tmp_path / "a.nc").write_bytes(b"CDF\x01" + b"\x00" * 60)
    paths = [tmp_path / n for n in ("empty", "a.zip", "a.csv", "a.nc", "nowhere.tif")]
    grid = open_grid([made.entry(*paths)], names={"a": ("a",)}, years=[2018])
    expected = {"unknown_folder", "packed", "unknown_format", "netcdf_classic", "no_file"}
    assert set(made.keys(grid)) == expected


def test_a_list_of_other_files_is_not_followed(panel: Any, made: SimpleNamespace, tmp_path: Path) -> None:
    source = made.tif(tmp_path / "secret.tif", panel.values[0, :1], panel)
    vrt = f"""<VRTDataset rasterXSize="11" rasterYSize="13"><VRTRasterBand dataType="Float32" band="1"><SimpleSource>
    <SourceFilename>{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"""
    (tmp_path / "ndvi_2018.tif").write_text(vrt)
    grid = open_grid([made.entry(tmp_path / "ndvi_2018.tif")], names={"ndvi": ("ndvi",)}, years=[2018])
    assert made.keys(grid) == ["cannot_open"]


def test_values_kept_in_other_files_are_not_followed(tmp_path: Path, made: SimpleNamespace) -> None:
    field().to_netcdf(tmp_path / "secret.nc", engine="h5netcdf")
    for n, link in enumerate(("link", "external")):
        path = tmp_path / f"{n}.nc"
        field().drop_vars("ndvi").to_netcdf(path, engine="h5netcdf")
        with h5py.File(path, "a") as file:
            if link == "link":
                file["ndvi"] = h5py.ExternalLink("secret.nc", "/ndvi")
            else:
                file.create_dataset("ndvi", (1, 3, 2), "f4", external=[(str(tmp_path / "secret.nc"), 0, 24)])
        grid = open_grid([made.entry(path)], names={"ndvi": ("ndvi",)}, years=[2018])
        assert made.keys(grid) == ["links"]


def test_a_store_that_would_run_programs_is_refused(tmp_path: Path, made: SimpleNamespace) -> None:
    field().to_zarr(tmp_path / "a.zarr", zarr_format=2, consolidated=False)
    metadata = tmp_path / "a.zarr" / "ndvi" / ".zarray"
    said = json.loads(metadata.read_text())
    metadata.write_text(json.dumps(said | {"filters": [{"id": "pickle", "protocol": 5}], "compressor": None}))

    class Program:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "ran",)

    for chunk in (tmp_path / "a.zarr" / "ndvi").glob("0*"):
        chunk.write_bytes(pickle.dumps(Program()))
    grid = open_grid([made.entry(tmp_path / "a.zarr")], names={"ndvi": ("ndvi",)}, years=[2018])
    assert made.keys(grid) == ["pickled"]
    assert not (tmp_path / "ran").exists()


def test_links_that_lead_out_of_the_folder_are_refused_where_a_run_is_confined(
    panel: Any, made: SimpleNamespace, tmp_path: Path
) -> None:
    away, home = tmp_path / "away", tmp_path / "home"
    for folder in (away, home):
        made.dataset(panel).to_zarr(folder / "a.zarr", consolidated=False)
    made.tif(away / "ndvi_2018.tif", panel.values[1, :1], panel)
    chunk = next((home / "a.zarr").rglob("c/*/*/*"))
    chunk.unlink()
    chunk.symlink_to(away / chunk.relative_to(home))
    (home / "ndvi_2018.tif").symlink_to(away / "ndvi_2018.tif")
    (home / "b.zarr").symlink_to(away / "a.zarr")
    for name in ("a.zarr", "b.zarr", "ndvi_2018.tif"):
        asked = {"names": {"ndvi": ("ndvi",)}, "years": [2018]}
        assert made.keys(open_grid([made.entry(home / name)], within=home, **asked)) == ["outside"], name
        assert made.keys(open_grid([made.entry(home / name)], **asked)) == [], name


@pytest.mark.parametrize("name", ["ndvi_2018 <b>$x$.tif", "ndvi\u202e_2018.tif", "{ndvi}_2018.tif", "=ndvi_2018.tif"])
def test_hostile_names_are_names(name: str, panel: Any, made: SimpleNamespace, tmp_path: Path) -> None:
    path = made.tif(tmp_path / name, panel.values[0, :1], panel)
    entry = GridEntry(((path, name),), series="ndvi")
    grid = open_grid([entry], names={"ndvi": ("ndvi",)}, years=[2018, 2019])
    assert made.keys(grid) == ["no_years"]
    assert name in grid.problems[0].message("zh")


def test_all_problems_are_told_at_once(panel: Any, made: SimpleNamespace, tmp_path: Path) -> None:
    good = made.tif(tmp_path / "lights_2018.tif", panel.values[0, :1], panel)
    small = made.tif(tmp_path / "ndvi_2018.tif", np.ones((1, 12, 11), np.float32), panel)
    (tmp_path / "roads_2018.tif").write_bytes(b"II*\x00")
    names = {n: (n,) for n in ("lights", "ndvi", "roads")}
    grid = open_grid([made.entry(good, small, tmp_path / "roads_2018.tif")], names=names, years=[2018])
    assert sorted(made.keys(grid)) == ["cannot_open", "other_size"]


def test_a_store_that_claims_to_be_endless_is_refused(tmp_path: Path, made: SimpleNamespace) -> None:
    field().to_zarr(tmp_path / "a.zarr", zarr_format=3, consolidated=False)
    for name, shape in (("ndvi", [1, 1 << 40, 2]), ("y", [1 << 40])):
        metadata = tmp_path / "a.zarr" / name / "zarr.json"
        metadata.write_text(json.dumps(json.loads(metadata.read_text()) | {"shape": shape}))
    grid = open_grid([made.entry(tmp_path / "a.zarr")], names={"ndvi": ("ndvi",)}, years=[2018])
    assert made.keys(grid) == ["too_large"]
