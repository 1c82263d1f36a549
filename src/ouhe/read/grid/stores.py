"""Opening Zarr stores and NetCDF files without trusting them: metadata, and nothing from other files."""

from __future__ import annotations

import json
import warnings
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ouhe.errors import DataError, OuheError, Place, Problem
from ouhe.read.grid import frame as frames
from ouhe.read.grid.entry import GridSource
from ouhe.read.grid.layers import Decoding, Survey
from ouhe.read.grid.variable import NetcdfVariable, Variable, ZarrVariable

__all__ = ["Opened", "absent_chunks", "open_netcdf", "open_zarr"]

#: What NetCDF-4 stands in for numbers that were never written.
_NEVER_WRITTEN = 9.969209968386869e36


@dataclass(frozen=True, eq=False)
class Opened:
    """Metadata of a store: its variables undecoded, and what makes one of them readable."""

    data: xr.Dataset
    file: str
    path: Path
    kind: type[Variable]
    chunks: Mapping[Hashable, tuple[int, ...]]
    missing: Mapping[Hashable, tuple[float, ...]]
    source: GridSource

    @property
    def place(self) -> Place:
        """The store in messages."""
        return Place(self.file)


def open_zarr(path: Path, file: str, source: GridSource) -> Opened:
    """Open a Zarr store, format 2 or 3."""
    place = Place(file)
    _refuse_programs(path, place)
    data = _metadata(path, place, engine="zarr", consolidated=False)
    chunks = {
        name: tuple(v.encoding.get("chunks") or v.encoding.get("preferred_chunks", {}).values() or v.shape)
        for name, v in data.variables.items()
    }
    return Opened(data, file, path, ZarrVariable, chunks, {}, source)


def open_netcdf(path: Path, file: str, source: GridSource) -> Opened:
    """Open a NetCDF-4 file; what it links to in other files is refused."""
    place = Place(file)
    with path.open("rb") as begins:
        if begins.read(3) == b"CDF":
            raise DataError.of("gridded.netcdf_classic", place)
    chunks, missing = _inside_file(path, place)
    data = _metadata(path, place, engine="h5netcdf")
    return Opened(data, file, path, NetcdfVariable, chunks, missing, source)


def _metadata(path: Path, place: Place, **options: Any) -> xr.Dataset:
    """Metadata of a store, nothing decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with xr.open_dataset(path, chunks=None, decode_cf=False, create_default_indexes=False, **options) as data:
                frames.refuse_size(max(data.sizes.values(), default=0), 1, place)
                # values of coordinates are few, and are read while the file is open
                return data.assign_coords({n: data[n].load() for n in data.variables if data[n].ndim <= 1})
    except ImportError as error:
        raise OuheError.of("gridded.no_extra", place, package=error.name or str(error)) from error
    except OuheError:
        raise
    except Exception as error:
        detail = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise DataError.of("gridded.cannot_open", place, detail=detail) from error


def _refuse_programs(path: Path, place: Place) -> None:
    """Refuse a store one of whose codecs would run what is stored."""
    for name in (".zarray", "zarr.json", ".zmetadata"):
        for found in (path / name, *path.glob(f"*/{name}")):
            if not found.is_file():
                continue
            try:
                said = json.loads(found.read_text("utf-8"))
            except ValueError as error:
                raise DataError.of("gridded.cannot_open", place, detail=f"{found.name}: {error}") from error
            if "pickle" in set(_texts(said)):
                raise DataError.of("gridded.pickled", place, variable=found.parent.name)


def _texts(said: Any) -> Iterator[str]:
    """Every value of ``id`` and ``name`` in metadata."""
    if isinstance(said, dict):
        for key, value in said.items():
            if key in {"id", "name"} and isinstance(value, str):
                yield value.rpartition(".")[2].lower()
            yield from _texts(value)
    elif isinstance(said, list):
        for value in said:
            yield from _texts(value)


def _inside_file(path: Path, place: Place) -> tuple[dict[Hashable, tuple[int, ...]], dict[Hashable, tuple[float, ...]]]:
    """Chunks of each variable and what stands for numbers never written; links to other files are refused."""
    import h5py

    chunks: dict[Hashable, tuple[int, ...]] = {}
    missing: dict[Hashable, tuple[float, ...]] = {}
    try:
        with h5py.File(path, "r") as file:
            for name in file:
                if isinstance(file.get(name, getlink=True), h5py.ExternalLink):
                    raise DataError.of("gridded.links", place, variable=name)
                held = file[name]
                if not isinstance(held, h5py.Dataset):
                    continue
                if held.external is not None or held.is_virtual:
                    raise DataError.of("gridded.links", place, variable=name)
                chunks[name] = held.chunks or held.shape
                if held.dtype.kind == "f" and np.isclose(float(held.fillvalue), _NEVER_WRITTEN, rtol=1e-6, atol=0):
                    missing[name] = (float(held.fillvalue),)
    except OSError as error:
        raise DataError.of("gridded.cannot_open", place, detail=str(error).splitlines()[0][:200]) from error
    return chunks, missing


def absent_chunks(opened: Opened, found: Survey) -> Iterator[Problem]:
    """Go through the arrays of which chunks are not stored, where these count as a number and not as no data."""
    import zarr

    for source in dict.fromkeys(layer.source for layer in found.layers):
        array = zarr.open_array(store=str(opened.path), path=getattr(source, "key", ""), mode="r")
        fill = array.fill_value
        if fill is None or np.isnan(float(fill)) or float(fill) in getattr(source, "decoding", Decoding()).missing:
            continue
        absent = array.nchunks - array.nchunks_initialized
        if absent > 0:
            said = {"variable": getattr(source, "key", ""), "absent": absent, "chunks": array.nchunks, "fill": fill}
            yield Problem("gridded.absent_chunks", opened.place, said)
