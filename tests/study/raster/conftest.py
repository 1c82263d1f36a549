"""A small raster study, in whatever format, and the same cells as regions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

STUDY = """\
title: A small raster
lang: en
years: [2018, 2020]
data: {path: cells.zarr, layout: grid}
systems:
  Effort:
    staff: {name: R&D staff, unit: persons, direction: positive}
    funds: {name: Funds, unit: yuan, direction: positive}
  Result:
    output:
      patents: {name: Patents, unit: items, direction: positive}
      waste: {name: Waste, unit: tons, direction: negative}
raster: {zones: zones.nc, zone_names: zones.csv}
analyses:
  moran: {neighbours: [contiguity, {method: lattice, rule: rook}]}
  lisa: {of: D}
figures: none
report: none
"""

INDICATORS, YEARS = ("staff", "funds", "patents", "waste"), (2018, 2019, 2020)
ROWS, COLUMNS = 40, 50


@dataclass(frozen=True, eq=False)
class Raster:
    """Layers ``(indicator, year, y, x)``, NaN outside, and zones ``(y, x)``."""

    x: xr.DataArray
    zones: xr.DataArray

    @property
    def inside(self) -> np.ndarray:
        return self.x.isel(indicator=0, year=0).notnull().to_numpy()

    @property
    def regions(self) -> xr.DataArray:
        """The cells that count as regions ``(region, year, indicator)``, row by row."""
        cells = self.x.to_numpy()[:, :, self.inside]
        names = [f"{r},{c}" for r, c in np.argwhere(self.inside)]
        panel = xr.DataArray(cells, dims=("indicator", "year", "region"), coords={"region": names, "year": list(YEARS)})
        return panel.assign_coords(indicator=list(INDICATORS)).transpose("region", "year", "indicator")

    def cells(self, values: xr.DataArray) -> np.ndarray:
        """Values of the cells that count ``(region, year)``."""
        return values.transpose("year", "y", "x").to_numpy()[:, self.inside].T


def made(dtype: str = "float64") -> Raster:
    rng = np.random.default_rng(6)
    y, x = np.linspace(1, -1, ROWS), np.linspace(-1, 1, COLUMNS)
    inside = np.hypot(*np.meshgrid(y, x, indexing="ij")) < 0.97
    slope = np.add.outer(y, x)
    layers = [rng.gamma(2.0, 3.0, (len(YEARS), ROWS, COLUMNS)) + np.exp(k * slope) for k in range(len(INDICATORS))]
    values = np.where(inside, np.stack(layers), np.nan).astype(dtype)
    coords = {
        "year": list(YEARS),
        "y": 500.0 + 1000.0 * np.arange(ROWS)[::-1],
        "x": 500.0 + 1000.0 * np.arange(COLUMNS),
    }
    panel = xr.DataArray(values, dims=("indicator", "year", "y", "x"), coords=coords)
    zones = np.add.outer(2 * (np.arange(ROWS) // 20), np.arange(COLUMNS) // 25) + 1
    spread = xr.DataArray(zones.astype(np.int16), dims=("y", "x"), coords={"y": coords["y"], "x": coords["x"]})
    return Raster(panel.assign_coords(indicator=list(INDICATORS)), spread)


def layers(raster: Raster) -> xr.Dataset:
    return xr.Dataset({i: raster.x.sel(indicator=i, drop=True) for i in INDICATORS})


def as_zarr(raster: Raster, folder: Path) -> str:
    chunks = {i: {"chunks": (1, 16, 32)} for i in INDICATORS}
    layers(raster).to_zarr(folder / "cells.zarr", mode="w", zarr_format=2, consolidated=False, encoding=chunks)
    return "cells.zarr"


def as_netcdf(raster: Raster, folder: Path) -> str:
    layers(raster).to_netcdf(folder / "cells.nc", engine="h5netcdf")
    return "cells.nc"


def as_geotiff(raster: Raster, folder: Path) -> str:
    import rasterio

    where = rasterio.Affine(1000.0, 0.0, 0.0, 0.0, -1000.0, 1000.0 * ROWS)
    about = {"driver": "GTiff", "dtype": "float64", "count": 1, "height": ROWS, "width": COLUMNS, "nodata": np.nan}
    for i in INDICATORS:
        for year in YEARS:
            with rasterio.open(folder / f"{i}_{year}.tif", "w", transform=where, **about) as file:
                file.write(raster.x.sel(indicator=i, year=year).to_numpy(), 1)
    return "'*.tif'"


def as_parquet(raster: Raster, folder: Path) -> str:
    table = layers(raster).transpose("y", "x", "year").to_dataframe(dim_order=["y", "x", "year"]).reset_index()
    table.to_parquet(folder / "cells.parquet", row_group_size=ROWS * len(YEARS) * 5, index=False)
    return "cells.parquet"


FORMATS: Mapping[str, Callable[[Raster, Path], str]] = {
    "zarr": as_zarr,
    "netcdf": as_netcdf,
    "geotiff": as_geotiff,
    "parquet": as_parquet,
}


def written(folder: Path, raster: Raster, how: str = "zarr") -> Path:
    """A study folder with the raster in one format; its study file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = FORMATS[how](raster, folder)
    raster.zones.to_dataset(name="zones").to_netcdf(folder / "zones.nc", engine="h5netcdf")
    pd.DataFrame({"code": [1, 2, 3, 4], "name": ["NW", "NE", "SW", "SE"]}).to_csv(folder / "zones.csv", index=False)
    (folder / "study.yml").write_text(STUDY.replace("cells.zarr", path), "utf-8")
    return folder / "study.yml"


@pytest.fixture(scope="session")
def raster() -> Raster:
    return made()


@pytest.fixture(scope="session")
def study_file(raster: Raster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("raster"), raster)
