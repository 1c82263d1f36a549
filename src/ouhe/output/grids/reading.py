"""What was written, read where it is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.errors import OuheError, Place
from ouhe.output.grids.geotiff import gdal
from ouhe.output.grids.parts import ATTRIBUTES
from ouhe.output.grids.spatial import MAPPING
from ouhe.output.grids.tall import open_table
from ouhe.output.grids.zarr_store import ORDER

__all__ = ["open_parts", "open_zarr", "read_back"]


#: Longest side of a chunk of what is read of a GeoTIFF: whole tiles.
SIDE = 2048


def read_back(folder: Path) -> xr.Dataset:
    """What :func:`ouhe.output.grids.finish` wrote into a folder, read where it is asked.

    Parameters
    ----------
    folder
        The folder.

    Returns
    -------
    xarray.Dataset
        The variables with their types and codes as they were stored; cells without a value as there.

    Raises
    ------
    OuheError
        No format that can be read lies there.
    """
    if (folder / "grid.zarr").is_dir():
        return open_zarr(folder / "grid.zarr")
    if (folder / "grid.nc").is_file():
        with xr.open_dataset(folder / "grid.nc", engine="h5netcdf", chunks={}, mask_and_scale=False) as dataset:
            return dataset.drop_vars(MAPPING, errors="ignore")
    tiffs = sorted((folder / "grid").glob("*.tif"))
    if tiffs:
        return xr.Dataset({path.stem: _open_tiff(path) for path in tiffs})
    parts = sorted((folder / "grid.parquet").glob("part-*.parquet"))
    if parts:
        return open_table(parts[0].parent) if "cells" in _told(parts[0]) else open_parts(parts[0].parent)
    raise OuheError.of("grids.nothing", Place(file=str(folder)))


def open_zarr(path: Path) -> xr.Dataset:
    """The variables of a Zarr store, in its chunks."""
    # what lacks a value is a number here, so that classes stay whole numbers
    dataset = xr.open_dataset(path, engine="zarr", consolidated=False, chunks={}, mask_and_scale=False)
    order: list[str] = dataset.attrs.pop(ORDER)
    return dataset[order]


def open_parts(folder: Path, names: Sequence[str] | None = None) -> xr.Dataset:
    """Variables of a table, a chunk a part, with the dimensions ``(region, year)``.

    Parameters
    ----------
    folder
        Folder of the parts.
    names
        The variables; those the parts tell of when left out.
    """
    import dask
    from dask import array as da
    from pyarrow import parquet

    paths = sorted(folder.glob("part-*.parquet"))
    told = _told(paths[0])
    years = told["years"]
    schema = parquet.read_schema(paths[0])
    read = dask.delayed(_column, pure=True)
    lengths = [parquet.read_metadata(path).num_rows // len(years) for path in paths]
    variables = {}
    for name in told["variables"] if names is None else names:
        kind = schema.field(name).type.to_pandas_dtype()
        blocks = [
            da.from_delayed(read(path, name, len(years)), (length, len(years)), kind)
            for path, length in zip(paths, lengths, strict=True)
        ]
        variables[name] = (("region", "year"), da.concatenate(blocks))
    return xr.Dataset(variables, coords={"year": np.array(years, np.int32)})


def _told(path: Path) -> dict[str, Any]:
    from pyarrow import parquet

    told: dict[str, Any] = json.loads(parquet.read_schema(path).metadata[ATTRIBUTES])
    return told


def _column(path: Path, name: str, years: int) -> NDArray[Any]:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        values: NDArray[Any] = file.read([name], use_threads=False).column(0).to_numpy()
    return values.reshape(-1, years)


def _open_tiff(path: Path) -> xr.DataArray:
    from dask import array as da

    bands = _Bands.of(path)
    chunks = da.core.normalize_chunks((1, SIDE, SIDE), bands.shape)
    none = np.empty((0, 0, 0), bands.dtype)
    # no array that is sliced: dask would push what is taken of it, strides and all, into the reading
    values = da.map_blocks(_chunk, bands=bands, chunks=chunks, dtype=bands.dtype, meta=none)
    if not all(y.isdigit() for y in bands.described):
        return xr.DataArray(values[0], bands.coords, ("y", "x"))
    years = np.array(bands.described, np.int32)
    return xr.DataArray(values, {"year": years, **bands.coords}, ("year", "y", "x"))


@dataclass(frozen=True)
class _Bands:
    """Bands of a GeoTIFF, of which a window is read where it is asked."""

    path: Path
    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    described: tuple[str, ...]
    transform: tuple[float, ...]

    @classmethod
    def of(cls, path: Path) -> Self:
        with gdal() as rasterio, rasterio.open(path) as file:
            described = tuple(d or "" for d in file.descriptions)
            return cls(path, (file.count, *file.shape), np.dtype(file.dtypes[0]), described, tuple(file.transform)[:6])

    @property
    def coords(self) -> dict[str, NDArray[Any]]:
        """Centres of the cells."""
        a, _, c, _, e, f = self.transform
        return {"y": f + e * (np.arange(self.shape[1]) + 0.5), "x": c + a * (np.arange(self.shape[2]) + 0.5)}

    def window(self, place: tuple[slice, ...]) -> NDArray[Any]:
        """The values at a place."""
        bands, *cells = ((s.start, s.stop) for s in place)
        with gdal() as rasterio, rasterio.open(self.path) as file:
            part = rasterio.windows.Window.from_slices(*cells)
            values: NDArray[Any] = file.read(list(range(bands[0] + 1, bands[1] + 1)), window=part)
        return values


def _chunk(block_info: Any, bands: _Bands) -> NDArray[Any]:
    return bands.window(tuple(slice(*ends) for ends in block_info[None]["array-location"]))
