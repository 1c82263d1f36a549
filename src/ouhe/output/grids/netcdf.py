"""A raster as a NetCDF file by the CF conventions, written chunk by chunk."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ouhe.output.grids.layout import Layout
from ouhe.output.grids.spatial import MAPPING, Georeference, cf_mapping, coordinate_attributes
from ouhe.output.grids.zarr_store import told_by_cf, values

__all__ = ["write_netcdf"]

#: Longest side of a block of the file where a chunk is longer.
SIDE = 1024


def write_netcdf(
    stores: Mapping[Path, Layout], path: Path, *, frame: Georeference | None, attributes: Mapping[str, Any]
) -> None:
    """Write stores of chunks with the same coordinates as one NetCDF file.

    Parameters
    ----------
    stores
        Folder and layout of each store.
    path
        The file.
    frame
        Where the raster lies.
    attributes
        What the data are.

    Raises
    ------
    OSError
        It cannot be written; nothing of it is then left.
    """
    import h5netcdf

    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with _Unfailing(new) as raw:
            with h5netcdf.File(raw, "w") as file:
                file.attrs.update({"Conventions": "CF-1.11", **attributes})
                _write_frame(file, list(stores.values()), frame)
                for folder, layout in stores.items():
                    for name in layout.names:
                        variable = _variable(file, layout, name, mapped=bool(frame and frame.crs))
                        _fill(variable, folder, layout, name, raw)
            raw.tell_failure()
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


class _Unfailing(io.FileIO):
    """A file that keeps to itself what it cannot write, until it is asked: HDF5 crashes where a write fails."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w+")
        self._failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        left = memoryview(data).cast("B")
        whole = len(left)
        try:
            while len(left) and self._failure is None:
                left = left[super().write(left) :]
        except OSError as error:
            self._failure = error
        return whole

    def truncate(self, size: int | None = None, /) -> int:
        try:
            return super().truncate(size) if self._failure is None else 0
        except OSError as error:
            self._failure = error
            return 0

    @property
    def failed(self) -> bool:
        """Whether something could not be written."""
        return self._failure is not None

    def tell_failure(self) -> None:
        """Raise the error of the first write that failed, if any did."""
        if self._failure is not None:
            raise self._failure


def _write_frame(file: Any, layouts: list[Layout], frame: Georeference | None) -> None:
    """Write coordinates and projection."""
    told = coordinate_attributes(frame)
    for layout in layouts:
        for dim, length in zip(layout.dims, layout.shape, strict=True):
            if dim in file.dimensions:
                continue
            file.dimensions[dim] = length
            variable = file.create_variable(dim, (dim,), data=layout.labels(dim))
            variable.attrs.update(told.get(dim, {}))
    mapping = cf_mapping(frame)
    if mapping:
        file.create_variable(MAPPING, (), data=np.int32(0)).attrs.update(mapping)


def _variable(file: Any, layout: Layout, name: str, *, mapped: bool) -> Any:
    """A variable of the file, without values."""
    kind = np.dtype(layout.types[name])
    variable = file.create_variable(
        name,
        layout.dims,
        kind,
        fillvalue=kind.type(layout.no_value(name)),
        chunks=tuple(map(_block, layout.dims, layout.chunks)),
        compression="gzip",
        compression_opts=1,
        shuffle=True,
    )
    told = told_by_cf(layout.attributes[name])
    if "flag_values" in told:
        told["flag_values"] = np.array(told["flag_values"], kind)  # of the type of the variable, says CF
    variable.attrs.update(told | ({"grid_mapping": MAPPING} if mapped else {}))
    return variable


def _fill(variable: Any, folder: Path, layout: Layout, name: str, raw: _Unfailing) -> None:
    held = values(folder, name)
    for _, window in layout.windows():
        variable[window] = held[window]
        if raw.failed:
            return


def _block(dim: str, lengths: tuple[int, ...]) -> int:
    """Length of the file's own blocks along a dimension: a year, and a part of a chunk that divides it."""
    longest = lengths[0]
    if dim == "year" or longest <= SIDE:
        return 1 if dim == "year" else longest
    # blocks that lie across two chunks would be packed twice
    return next((n for n in range(SIDE, SIDE // 8, -1) if longest % n == 0), longest)
