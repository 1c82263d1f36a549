"""One small panel on a grid, written in every format."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xarray as xr

from ouhe.read.grid import Grid, GridEntry, open_grid

CRS = "EPSG:32650"
CELL = 1000.0
NAMES = {"lights": ("lights", "夜间灯光"), "ndvi": ("ndvi",)}
YEARS = [2018, 2019, 2020]


@dataclass(frozen=True)
class Panel:
    """Values ``(indicator, year, y, x)`` and where they lie."""

    values: np.ndarray
    y: np.ndarray
    x: np.ndarray

    @property
    def inside(self) -> np.ndarray:
        return ~np.isnan(self.values[0, 0])

    def data(self) -> xr.DataArray:
        coords = {"indicator": list(NAMES), "year": YEARS, "y": self.y, "x": self.x}
        return xr.DataArray(self.values, dims=("indicator", "year", "y", "x"), coords=coords)


@pytest.fixture(scope="session")
def panel() -> Panel:
    rng = np.random.default_rng(5)
    values = rng.gamma(2.0, 3.0, (2, 3, 13, 11)).astype(np.float32)
    values[:, :, rng.random((13, 11)) < 0.3] = np.nan
    return Panel(values, 4_000_000 - CELL * (np.arange(13) + 0.5), 500_000 + CELL * (np.arange(11) + 0.5))


def write_tif(
    path: Path,
    layers: np.ndarray,
    panel: Panel,
    *,
    described: list[str] | None = None,
    nodata: float | None = -9999.0,
    crs: str | None = CRS,
    transform: tuple[float, ...] | None = None,
    **options: Any,
) -> Path:
    """Layers ``(band, y, x)`` as a GeoTIFF file."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning
    from rasterio.transform import Affine

    a = transform or (CELL, 0.0, panel.x[0] - CELL / 2, 0.0, -CELL, panel.y[0] + CELL / 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = {"dtype": layers.dtype.name, "crs": crs, "nodata": nodata, "transform": Affine(*a), **options}
    count, rows, columns = layers.shape
    with (
        warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning),
        rasterio.open(path, "w", driver="GTiff", height=rows, width=columns, count=count, **settings) as file,
    ):
        file.write(layers if nodata is None or layers.dtype.kind != "f" else np.where(np.isnan(layers), nodata, layers))
        for band, text in enumerate(described or [], start=1):
            file.set_band_description(band, text)
    return path


def dataset(panel: Panel, *, dims: tuple[str, ...] = ("year", "y", "x")) -> xr.Dataset:
    """One variable an indicator, with a grid mapping."""
    import pyproj

    data = panel.data().transpose("indicator", *dims)
    held = xr.Dataset({name: data.sel(indicator=name, drop=True) for name in NAMES})
    held["spatial_ref"] = ((), 0, pyproj.CRS.from_user_input(CRS).to_cf())
    for name in NAMES:
        held[name].attrs["grid_mapping"] = "spatial_ref"
    return held


def table(panel: Panel, order: tuple[str, ...] = ("y", "x", "year")) -> pa.Table:
    """Rows of all cells, sorted by `order`."""
    data = panel.data().transpose("indicator", *order)
    grids = np.meshgrid(*(data[d].values for d in order), indexing="ij")
    keys = {d: g.ravel() for d, g in zip(order, grids, strict=True)}
    return pa.table(keys | {name: data.sel(indicator=name).values.ravel() for name in NAMES})


@pytest.fixture(scope="session")
def every_format(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Path, ...]]:
    """Files or folders of each format."""
    folder = tmp_path_factory.mktemp("formats")
    held = dataset(panel)
    chunks = {name: {"chunks": (2, 5, 4)} for name in NAMES}
    held.to_zarr(folder / "three.zarr", zarr_format=3, consolidated=False, encoding=chunks)
    held.to_zarr(folder / "two.zarr", zarr_format=2, consolidated=True, encoding=chunks)
    dataset(panel, dims=("x", "y", "year")).to_zarr(folder / "turned.zarr", consolidated=False)
    panel.data().to_dataset(name="all").to_zarr(folder / "one.zarr", zarr_format=2, consolidated=False)
    held.to_netcdf(folder / "all.nc", engine="h5netcdf", encoding={n: {"chunksizes": (1, 5, 4)} for n in NAMES})
    pq.write_table(table(panel), folder / "tall.parquet", row_group_size=50)
    years_first = table(panel, ("year", "y", "x"))
    (folder / "parts").mkdir()
    for n, start in enumerate(range(0, years_first.num_rows, 200)):
        pq.write_table(years_first.slice(start, 200), folder / "parts" / f"part-{n}.parquet", row_group_size=70)
    single = [
        write_tif(folder / "single" / f"{name}_{year}.tif", panel.values[i, t][None], panel)
        for i, name in enumerate(NAMES)
        for t, year in enumerate(YEARS)
    ]
    in_folders = [
        write_tif(folder / name / f"{year}.tif", panel.values[i, t][None], panel, nodata=None)
        for i, name in enumerate(NAMES)
        for t, year in enumerate(YEARS)
    ]
    by_year = [
        write_tif(folder / f"{name}.tif", panel.values[i], panel, described=[f"{y}年" for y in YEARS], tiled=True,
                  blockxsize=16, blockysize=16, compress="deflate")
        for i, name in enumerate(NAMES)
    ]  # fmt: skip
    by_name = [
        write_tif(folder / f"all_{year}.tif", panel.values[:, t], panel, described=["夜间灯光", "ndvi"])
        for t, year in enumerate(YEARS)
    ]
    both = ["ndvi_2018", "ndvi_2019", "ndvi_2020", "lights_2018", "lights_2019", "lights_2020"]
    stacked = write_tif(folder / "stack.tif", panel.values[::-1].reshape(6, 13, 11), panel, described=both)
    return {
        "zarr 3": (folder / "three.zarr",),
        "zarr 2": (folder / "two.zarr",),
        "zarr, dimensions turned": (folder / "turned.zarr",),
        "zarr, one variable": (folder / "one.zarr",),
        "netcdf": (folder / "all.nc",),
        "geotiff, a layer a file": tuple(single),
        "geotiff, a folder an indicator": tuple(in_folders),
        "geotiff, a band a year": tuple(by_year),
        "geotiff, a band an indicator": tuple(by_name),
        "geotiff, bands of both": (stacked,),
        "parquet": (folder / "tall.parquet",),
        "parquet, years first, in parts": (folder / "parts",),
    }


def entry(*paths: Path, **said: Any) -> GridEntry:
    """Entry whose files are called by their folder and name."""
    return GridEntry(tuple((p, f"{p.parent.name}/{p.name}") for p in paths), **said)


Opener = Callable[..., Grid]


@pytest.fixture
def opened() -> Opener:
    """Open files for the indicators and years of the panel."""

    def run(*paths: Path, said: Mapping[str, Any] | None = None, **options: Any) -> Grid:
        settings = {"names": NAMES, "years": YEARS} | options
        return open_grid([entry(*paths, **(said or {}))], **settings)

    return run


def keys(grid: Grid) -> list[str]:
    """What is wrong, by key."""
    return [p.key.removeprefix("gridded.") for p in grid.problems]


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """Makers of files, and what they hold."""
    return SimpleNamespace(
        NAMES=NAMES,
        YEARS=YEARS,
        CRS=CRS,
        CELL=CELL,
        tif=write_tif,
        dataset=dataset,
        table=table,
        entry=entry,
        keys=keys,
    )
