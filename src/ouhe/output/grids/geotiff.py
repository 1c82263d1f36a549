"""A variable of a raster as a Cloud-optimised GeoTIFF: a band a year, tiles, overviews, the smallest first.

GDAL's own driver of that name puts all years of a tile into one block, so that a map of one year reads them all. Here
bands lie apart; the rest is as it must be: overviews before the full raster, all tags at the head of the file.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from ouhe import text
from ouhe.output.grids import room
from ouhe.output.grids.layout import Layout, Window
from ouhe.output.grids.spatial import Georeference, transform_of
from ouhe.output.grids.zarr_store import values

__all__ = ["gdal", "write_tiff"]

#: Side of a tile, as the specification of Cloud-optimised GeoTIFF recommends.
TILE = 512

#: Memory that GDAL keeps blocks in, in MiB.
CACHE = 64


def write_tiff(
    folder: Path, layout: Layout, name: str, path: Path, *, frame: Georeference | None, attributes: Mapping[str, Any]
) -> None:
    """Write a variable of a store of chunks as a Cloud-optimised GeoTIFF.

    Parameters
    ----------
    folder, layout
        The store.
    name
        The variable.
    path
        The file; beside it comes ``PATH.aux.xml`` with the names of classes, where the variable has any.
    frame
        Where the raster lies.
    attributes
        What the data are, which the file tells as tags.

    Raises
    ------
    OSError
        It cannot be written; nothing of it is then left.
    """
    plain, new = (path.with_name(f".{path.name}.{part}-{os.getpid()}.tif") for part in ("plain", "new"))
    try:
        with gdal():
            _write_plain(folder, layout, name, plain, frame=frame, attributes=attributes)
            _write_optimised(plain, new, whole=_is_whole(layout, name))
            _verify(new)
        names = _names(layout.attributes[name])
        if names:
            _write_names(path.with_name(f"{path.name}.aux.xml"), names, bands=max(1, len(layout.years)))
        new.replace(path)
    except OSError as error:
        if room.is_full(path.parent):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise
    finally:
        for left in (plain, new):
            left.unlink(missing_ok=True)


@contextlib.contextmanager
def gdal() -> Iterator[Any]:
    """Rasterio, its GDAL with little memory, whose errors are those of Python."""
    import rasterio
    import rasterio.windows
    from rasterio._err import CPLE_BaseError
    from rasterio.errors import RasterioError

    try:
        with rasterio.Env(GDAL_CACHEMAX=CACHE, GDAL_TIFF_OVR_BLOCKSIZE=TILE, GDAL_PAM_ENABLED="NO"):
            yield rasterio
    except (RasterioError, CPLE_BaseError) as error:
        raise OSError(str(error)) from error


def _is_whole(layout: Layout, name: str) -> bool:
    return np.dtype(layout.types[name]).kind != "f"


def _write_plain(
    folder: Path, layout: Layout, name: str, path: Path, *, frame: Georeference | None, attributes: Mapping[str, Any]
) -> None:
    """Write all bands without compression, chunk by chunk, and their overviews."""
    import rasterio
    from rasterio import Affine
    from rasterio.enums import Resampling

    rows, columns = layout.shape[-2:]
    transform, turned = transform_of(frame, layout)
    kind = np.dtype(layout.types[name])
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "height": rows,
        "width": columns,
        "count": max(1, len(layout.years)),
        # many programs do not know the smallest whole numbers
        "dtype": np.int16 if kind == np.int8 else kind.newbyteorder("="),
        "nodata": layout.no_value(name),
        "crs": frame.crs or None if frame else None,
        "transform": Affine(*transform),
        **_tiles(),
    }
    held = values(folder, name)
    with rasterio.open(path, "w", **profile) as file:
        for _, window in layout.windows():
            chunk = held[window]
            for band, plane in zip(_bands(layout, window), chunk.reshape(-1, *chunk.shape[-2:]), strict=True):
                file.write(plane[::-1] if turned else plane, band, window=_place(window, rows, turned=turned))
        for band, year in enumerate(layout.years, start=1):
            file.set_band_description(band, str(year))
        file.update_tags(**_tags(layout.attributes[name], attributes))
        # the most frequent class would be better, but GDAL gives 0 where no cell has any
        reduced = Resampling.nearest if _is_whole(layout, name) else Resampling.average
        factors = [2**n for n in range(1, 20) if max(rows, columns) > TILE * 2 ** (n - 1)]
        if factors:
            file.build_overviews(factors, reduced)


def _tiles() -> dict[str, Any]:
    return {"tiled": True, "blockxsize": TILE, "blockysize": TILE, "interleave": "band", "bigtiff": "IF_SAFER"}


def _bands(layout: Layout, window: Window) -> range:
    return range(window[0].start + 1, window[0].stop + 1) if len(layout.dims) > 2 else range(1, 2)


def _place(window: Window, rows: int, *, turned: bool) -> Any:
    from rasterio.windows import Window as Part

    y, x = window[-2:]
    top = rows - y.stop if turned else y.start
    return Part(x.start, top, x.stop - x.start, y.stop - y.start)


def _write_optimised(plain: Path, new: Path, *, whole: bool) -> None:
    """Copy a file with its overviews, in the order that reading over a network needs, compressed."""
    from rasterio import shutil

    # the predictor for fractions puts bytes of equal weight together, that for whole numbers stores differences
    packed = {"compress": "deflate", "zlevel": 1, "predictor": 2 if whole else 3, "num_threads": "ALL_CPUS"}
    shutil.copy(plain, new, driver="GTiff", copy_src_overviews=True, **_tiles(), **packed)


def _verify(path: Path) -> None:
    """See that all blocks stand in the file: what fails while it is closed is told to nobody.

    Raises
    ------
    OSError
        The file ends before its last block.
    """
    import rasterio

    size = path.stat().st_size
    with rasterio.open(path) as file:
        for band in range(1, file.count + 1):
            places = {"dm": "TIFF", "bidx": band}
            for row in range(-(-file.height // TILE)):
                for column in range(-(-file.width // TILE)):
                    start = file.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", **places)
                    length = file.get_tag_item(f"BLOCK_SIZE_{column}_{row}", **places)
                    if start is None or length is None or int(start) + int(length) > size:
                        raise OSError(f"{path.name} lacks blocks")


def _tags(told: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, str]:
    """Tags of a file, of which the description says first where data are simulated."""
    tags = {k: str(v) for k, v in attributes.items()}
    notice = [text.t("labels.simulated")] if attributes.get("simulated") else []
    title = [str(v) for v in (attributes.get("title"), told.get("long_name")) if v]
    tags |= {k: str(told[k]) for k in ("long_name", "units") if k in told}
    names = _names(told)
    if names:
        tags["classes"] = "; ".join(f"{value}: {label}" for value, label, _ in names)
    return tags | {"TIFFTAG_IMAGEDESCRIPTION": " · ".join(notice + title)} if notice + title else tags


def _names(told: Mapping[str, Any]) -> list[tuple[int, str, str]]:
    """Value, name and colour (may be empty) of each class of a variable."""
    codes = told.get("flag_values")
    if codes is None:
        return []
    labels, colours = (_listed(told.get(key, ())) for key in ("flag_meanings", "flag_colors"))
    return [(int(v), n, c) for v, n, c in zip(codes, labels, colours or [""] * len(labels), strict=True)]


def _listed(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else [str(v) for v in value]


def _write_names(path: Path, names: list[tuple[int, str, str]], *, bands: int) -> None:
    """Write what the classes are called, as the table beside a raster that QGIS and ArcGIS read."""
    # type and use of each column, as GDAL numbers them
    columns = [("Value", 0, 5), ("Class", 2, 2)]
    colours = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] if c else [] for _, _, c in names]
    if all(colours):
        columns += [("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8)]
    root = ET.Element("PAMDataset")
    for band in range(1, bands + 1):
        holder = ET.SubElement(root, "PAMRasterBand", band=str(band))
        table = ET.SubElement(holder, "GDALRasterAttributeTable", tableType="thematic")
        for index, (label, kind, use) in enumerate(columns):
            definition = ET.SubElement(table, "FieldDefn", index=str(index))
            for tag, value in (("Name", label), ("Type", kind), ("Usage", use)):
                ET.SubElement(definition, tag).text = str(value)
        for index, ((value, label, _), colour) in enumerate(zip(names, colours, strict=True)):
            row = ET.SubElement(table, "Row", index=str(index))
            for cell in (value, label, *(colour if all(colours) else [])):
                ET.SubElement(row, "F").text = str(cell)
    ET.indent(root)
    path.write_bytes(ET.tostring(root, encoding="utf-8"))
