"""The rasters of the made-up country as files, written window by window, so that they may be larger than memory."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ouhe import text
from ouhe.errors import OuheError
from ouhe.templates.landscape.country import NAMES, Country
from ouhe.templates.landscape.indicators import INDICATORS, values

__all__ = ["FORMATS", "Format", "store_indicators", "store_provinces"]

Format = Literal["zarr", "geotiff"]

#: Formats of the indicators → where they lie in the folder.
FORMATS: dict[Format, str] = {"zarr": "indicators.zarr", "geotiff": "indicators"}

#: Rows and columns of a window, which is a chunk of what is stored.
WINDOW = 256

#: Called with how many windows are done and how many there are.
Progress = Callable[[int, int], None]

Window = tuple[slice, slice]


def store_indicators(
    country: Country, years: Sequence[int], folder: Path, *, form: Format = "zarr", progress: Progress | None = None
) -> None:
    """Write every indicator of every year.

    Parameters
    ----------
    country
        The country.
    years
        Years, rising.
    folder
        Where :data:`FORMATS` of `form` goes.
    form
        ``zarr``: one store, a variable an indicator; ``geotiff``: a file an indicator, a band a year.
    progress
        Told how many windows are done.

    Raises
    ------
    OuheError
        The extra ``grid`` is not installed.
    """
    _require("zarr" if form == "zarr" else "rasterio")
    target = folder / FORMATS[form]
    with ExitStack() as stack:
        put = _zarr(country, years, target) if form == "zarr" else _geotiffs(country, years, target, stack)
        windows = list(_windows(country))
        for done, (rows, columns) in enumerate(windows, start=1):
            for name, array in values(country, years, rows, columns):
                put(name, (rows, columns), array)
            if progress:
                progress(done, len(windows))


def store_provinces(country: Country, folder: Path, *, lang: text.Lang) -> None:
    """Write ``provinces.tif``, the number of every cell's province (0 outside), and ``provinces.csv``, their names.

    Parameters
    ----------
    country
        The country.
    folder
        Where they go.
    lang
        Language of the names.

    Raises
    ------
    OuheError
        The extra ``grid`` is not installed.
    """
    _require("rasterio")
    with ExitStack() as stack:
        raster = stack.enter_context(_tif(country, folder / "provinces.tif", count=1, dtype="int16", nodata=0))
        for rows, columns in _windows(country):
            raster.write(country.province(rows, columns), 1, window=_placed(rows, columns))
    lines = ["code,name", *(f"{code},{name}" for code, name in enumerate(NAMES[lang], start=1))]
    (folder / "provinces.csv").write_text("\n".join(lines) + "\n", "utf-8")


def _require(module: str) -> None:
    if find_spec(module) is None:
        raise OuheError.of("templates.no_grid", module=module)


def _windows(country: Country) -> Iterator[Window]:
    tall, wide = country.shape
    for top in range(0, tall, WINDOW):
        for left in range(0, wide, WINDOW):
            yield slice(top, min(top + WINDOW, tall)), slice(left, min(left + WINDOW, wide))


def _zarr(country: Country, years: Sequence[int], target: Path) -> Callable[[str, Window, Any], None]:
    """An empty store with its coordinates, and how a window of an indicator is put into it."""
    import zarr

    said = text.t("labels.simulated", lang="en")
    group = zarr.create_group(target, zarr_format=3, attributes={"Conventions": "CF-1.11", "comment": said})
    wkt = country.crs
    left, top = country.transform[2], country.transform[5]
    about = {"crs_wkt": wkt, "spatial_ref": wkt, "GeoTransform": f"{left} {country.cell} 0.0 {top} 0.0 {-country.cell}"}
    along = {"units": "m", "long_name": "northing", "standard_name": "projection_y_coordinate"}
    across = {"units": "m", "long_name": "easting", "standard_name": "projection_x_coordinate"}
    coordinates: dict[str, tuple[NDArray[Any], dict[str, str]]] = {
        "year": (np.array(years, dtype=np.int32), {"long_name": "year"}),
        "y": (country.y, along),
        "x": (country.x, across),
    }
    for name, (at, attributes) in coordinates.items():
        held = group.create_array(
            name, shape=at.shape, chunks=at.shape, dtype=at.dtype, dimension_names=[name], attributes=attributes
        )
        held[:] = at
    group.create_array("spatial_ref", shape=(), dtype="int64", attributes=about)
    shape, chunks = (len(years), *country.shape), (len(years), WINDOW, WINDOW)
    for name, indicator in INDICATORS.items():
        attributes = {"long_name": indicator.long_name, "units": indicator.units, "grid_mapping": "spatial_ref"}
        attributes["coordinates"] = "spatial_ref"
        group.create_array(
            name,
            shape=shape,
            chunks=chunks,
            dtype="float32",
            fill_value=float("nan"),
            dimension_names=["year", "y", "x"],
            attributes=attributes | {"comment": said},
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the format has no word on it yet, but all that read the store know it
        zarr.consolidate_metadata(target)

    def put(name: str, window: Window, array: Any) -> None:
        group[name][(slice(None), *window)] = array

    return put


def _geotiffs(
    country: Country, years: Sequence[int], target: Path, stack: ExitStack
) -> Callable[[str, Window, Any], None]:
    """An empty GeoTIFF an indicator, its bands named by year, and how a window is put into it."""
    target.mkdir(parents=True)
    said = text.t("labels.simulated", lang="en")
    rasters = {}
    for name, indicator in INDICATORS.items():
        made = _tif(country, target / f"{name}.tif", count=len(years), dtype="float32", nodata=float("nan"))
        raster = rasters[name] = stack.enter_context(made)
        raster.descriptions = tuple(map(str, years))
        raster.units = [indicator.units] * len(years)
        raster.update_tags(TIFFTAG_IMAGEDESCRIPTION=indicator.long_name, simulated=said)

    def put(name: str, window: Window, array: Any) -> None:
        rasters[name].write(array, window=_placed(*window))

    return put


def _tif(country: Country, path: Path, *, count: int, dtype: str, nodata: float) -> Any:
    import rasterio

    tall, wide = country.shape
    return rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=tall,
        width=wide,
        count=count,
        dtype=dtype,
        nodata=nodata,
        crs=country.crs,
        transform=rasterio.Affine(*country.transform),
        tiled=True,
        blockxsize=WINDOW,
        blockysize=WINDOW,
        compress="deflate",
        predictor=3 if dtype == "float32" else 2,
        bigtiff="if_safer",
    )


def _placed(rows: slice, columns: slice) -> Any:
    from rasterio.windows import Window as Placed

    return Placed.from_slices(rows, columns)
