"""Chunks of a raster in a Zarr store, which is written chunk by chunk in any order.

Format 2, because the GDAL inside today's QGIS, and in rasterio, cannot read the codecs of format 3.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ouhe.output.grids.layout import Layout, Window

__all__ = ["ORDER", "STORE", "ZarrChunks", "create", "link", "linked", "told_by_cf", "values"]

#: Name of the store in the folder of a store of chunks.
STORE = "chunks.zarr"

#: Attribute that says in which order the variables of a store stand.
ORDER = "variables"


@dataclass(frozen=True)
class ZarrChunks:
    """Writes the chunks of several variables into a Zarr store.

    Parameters
    ----------
    folder
        Folder of the store of chunks.
    names
        The variables, in the order in which values come.
    """

    folder: Path
    names: tuple[str, ...]

    def write(self, number: tuple[int, ...], window: Window, *values: NDArray[Any]) -> None:  # noqa: ARG002 (as parts)
        """Write a chunk of every variable, each file whole or not at all."""
        import zarr

        for name, chunk in zip(self.names, values, strict=True):
            # a chunk of the sea alone is written too: its file says that it is finished
            array = zarr.open_array(self.folder / STORE / name, mode="r+")
            array.with_config({"write_empty_chunks": True})[window] = chunk

    def there(self, number: tuple[int, ...]) -> bool:
        """Whether a chunk is finished."""
        return all(_chunk(self.folder / STORE / name, number).is_file() for name in self.names)


def create(
    path: Path,
    layout: Layout,
    *,
    attributes: Mapping[str, Any] | None = None,
    besides: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Make a Zarr store without any chunk.

    Parameters
    ----------
    path
        Where; an earlier store there goes on to hold what it holds.
    layout
        Variables, chunks and coordinates.
    attributes
        Attributes of the store.
    besides
        Further attributes of variables, and of coordinates.
    """
    import numcodecs
    import zarr

    group = zarr.open_group(path, mode="a", zarr_format=2)
    # folders have no order
    group.update_attributes({**(attributes or {}), ORDER: [*group.attrs.get(ORDER, []), *layout.names]})
    extra = besides or {}
    # bits of numbers that lie close together are alike: faster to write than without compression is to read
    compressor = numcodecs.Blosc("lz4", 1, numcodecs.Blosc.BITSHUFFLE)
    for name in layout.names:
        told = told_by_cf(layout.attributes[name]) | dict(extra.get(name, {}))
        group.create_array(
            name,
            shape=layout.shape,
            chunks=_regular(layout),
            dtype=layout.types[name],
            fill_value=layout.no_value(name),
            compressors=compressor,
            attributes={"_ARRAY_DIMENSIONS": list(layout.dims), **told},
            overwrite=True,
        )
    for dim in layout.dims:
        labels = layout.labels(dim)
        told = {"_ARRAY_DIMENSIONS": [dim], **extra.get(dim, {})}
        whole: dict[str, Any] = {"chunks": labels.shape, "compressors": None, "fill_value": None, "overwrite": True}
        array = group.create_array(dim, shape=labels.shape, dtype=labels.dtype, attributes=told, **whole)
        array[:] = labels


def linked(source: Path, target: Path, layout: Layout, name: str) -> None:
    """Give a variable of a store the chunks of another store, without copying them where the disk can do so."""
    for number, _ in layout.windows():
        link(_chunk(source / STORE / name, number), _chunk(target / name, number))


def link(source: Path, target: Path) -> None:
    """Let a file stand in a second place, as the same file where the disk can do so, else as a copy."""
    with suppress(OSError):
        os.link(source, target)
        return
    shutil.copyfile(source, target)


def told_by_cf(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a variable as the CF conventions write them: names that are one text have no spaces."""
    told = {k: v for k, v in attributes.items() if k != "_FillValue"}
    for key in ("flag_meanings", "flag_colors"):
        if isinstance(told.get(key), list):
            told[key] = " ".join(str(v).replace(" ", "_") for v in told[key])
    return told


def _regular(layout: Layout) -> tuple[int, ...]:
    """Length of the chunks along each dimension.

    Raises
    ------
    ValueError
        Chunks before the last differ, or the last is longer: a defect of who cut them.
    """
    for dim, sizes in zip(layout.dims, layout.chunks, strict=True):
        if len(set(sizes[:-1])) > 1 or sizes[-1] > sizes[0]:
            raise ValueError(f"chunks along {dim} are not of one length: {sizes}")
    return tuple(sizes[0] for sizes in layout.chunks)


def _chunk(array: Path, number: tuple[int, ...]) -> Path:
    return array / ".".join(map(str, number))


def values(folder: Path, name: str) -> Any:
    """A variable of a store of chunks, read where it is asked."""
    import zarr

    return zarr.open_array(folder / STORE / name, mode="r")
