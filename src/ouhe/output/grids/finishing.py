"""Make files that other programs open of finished chunks."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any, Literal

from ouhe.blocks import workers
from ouhe.errors import OptionError, choice_problems
from ouhe.output.grids import room
from ouhe.output.grids.geotiff import write_tiff
from ouhe.output.grids.netcdf import write_netcdf
from ouhe.output.grids.parts import part_name
from ouhe.output.grids.spatial import MAPPING, Georeference, cf_mapping, coordinate_attributes
from ouhe.output.grids.storing import Stored
from ouhe.output.grids.tall import write_table
from ouhe.output.grids.zarr_store import create, link, linked

__all__ = ["Format", "finish"]

Format = Literal["zarr", "netcdf", "cog", "parquet"]

Attributes = Mapping[str, Any]


def finish(
    stored: Stored | Sequence[Stored],
    folder: Path,
    formats: Sequence[str],
    frame: Georeference | None = None,
    *,
    attributes: Attributes | None = None,
) -> list[Path]:
    """Write finished chunks in formats that other programs open.

    ``zarr`` gives ``grid.zarr``, ``netcdf`` gives ``grid.nc``, ``cog`` gives ``grid/VARIABLE.tif``, ``parquet`` gives
    ``grid.parquet/part-*.parquet``. Nothing is ever held whole in memory. The stores stay as they are; ``grid.zarr``
    and the parts of a table share their files, where the disk can do so.

    Parameters
    ----------
    stored
        The store, or several with the same dimensions, whose variables come together.
    folder
        Where the files come; made where it is absent.
    formats
        The formats; a table has only ``parquet``.
    frame
        Where a raster lies: ``crs`` as WKT and ``transform``.
    attributes
        What the data are: texts and whole numbers, which every format tells. ``simulated`` says that they are.

    Returns
    -------
    list of pathlib.Path
        What was written: files, and the folders ``grid.zarr`` and ``grid.parquet``.

    Raises
    ------
    OptionError
        There is no such format for these data.
    OuheError
        There is no room on the disk; nothing of the format that could not be written is then left.
    """
    stores = [stored] if isinstance(stored, Stored) else list(stored)
    _check_formats(stores, formats)
    told = dict(attributes or {})
    needed = sum(room.besides(s.layout, _size(s.folder), formats) for s in stores)
    room.check(folder, needed)
    with room.watched(folder, needed):
        folder.mkdir(parents=True, exist_ok=True)
        return [path for form in formats for path in _WRITERS[form](stores, folder, frame, told)]


def _check_formats(stores: Sequence[Stored], formats: Sequence[str]) -> None:
    known = Format if all(s.layout.is_raster for s in stores) else Literal["parquet"]
    problems = [p for form in formats for p in choice_problems("formats", form, known)]
    if problems:
        raise OptionError(*problems)


def _size(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


def _zarr(stores: Sequence[Stored], folder: Path, frame: Georeference | None, told: Attributes) -> list[Path]:
    import zarr

    path = folder / "grid.zarr"
    mapping = cf_mapping(frame)
    mapped = {"grid_mapping": MAPPING} if mapping else {}
    try:
        for s in stores:
            besides = {**coordinate_attributes(frame), **dict.fromkeys(s.layout.names, mapped)}
            create(path, s.layout, attributes={"Conventions": "CF-1.11", **told}, besides=besides)
            for name in s.layout.names:
                linked(s.folder, path, s.layout, name)
        if mapping:
            scalar = {"shape": (), "dtype": "i4", "fill_value": None, "compressors": None}
            zarr.open_group(path, mode="a").create_array(
                MAPPING, **scalar, attributes={"_ARRAY_DIMENSIONS": [], **mapping}
            )[...] = 0
        zarr.consolidate_metadata(path)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return [path]


def _netcdf(stores: Sequence[Stored], folder: Path, frame: Georeference | None, told: Attributes) -> list[Path]:
    path = folder / "grid.nc"
    write_netcdf({s.folder: s.layout for s in stores}, path, frame=frame, attributes=told)
    return [path]


def _cog(stores: Sequence[Stored], folder: Path, frame: Georeference | None, told: Attributes) -> list[Path]:
    (folder / "grid").mkdir(exist_ok=True)
    jobs = [(s, name, folder / "grid" / f"{name}.tif") for s in stores for name in s.layout.names]

    def write(job: tuple[Stored, str, Path]) -> Path:
        s, name, path = job
        write_tiff(s.folder, s.layout, name, path, frame=frame, attributes=told)
        return path

    try:
        with ThreadPoolExecutor(workers(len(jobs))) as pool:
            # each thread speaks the language of this one
            begun = [pool.submit(copy_context().run, write, job) for job in jobs]
            return [made.result() for made in begun]
    except BaseException:
        for _, name, path in jobs:
            for left in (path, path.with_name(f"{name}.tif.aux.xml")):
                left.unlink(missing_ok=True)
        raise


def _parquet(stores: Sequence[Stored], folder: Path, frame: Georeference | None, told: Attributes) -> list[Path]:  # noqa: ARG001 (one form)
    path = folder / "grid.parquet"
    path.mkdir()
    try:
        if stores[0].layout.is_raster:
            write_table({s.folder: s.layout for s in stores}, path, attributes=told)
        else:
            _parts(stores[0], path)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return [path]


def _parts(stored: Stored, folder: Path) -> None:
    for number in range(len(stored.layout.chunks[0])):
        link(stored.folder / part_name(number), folder / part_name(number))


_WRITERS = {"zarr": _zarr, "netcdf": _netcdf, "cog": _cog, "parquet": _parquet}
