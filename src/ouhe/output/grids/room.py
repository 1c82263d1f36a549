"""Room on the disk: asked before writing, and told where it ends while writing."""

from __future__ import annotations

import errno
import math
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ouhe.blocks import workers
from ouhe.engine import size_told
from ouhe.errors import OuheError, Place
from ouhe.output.grids.layout import Layout

__all__ = ["FULL", "besides", "check", "expected", "is_full", "watched"]

#: What systems say where there is no room: the disk is full, the quota is used up, the file grew too large.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

#: Share of their size that numbers with a fraction, and whole numbers, take when stored: measured on D and classes.
FLOATS, INTEGERS = 0.9, 0.4

#: Bytes that the keys of a row take in a table made of a raster.
ROW = 2

#: Left free besides what is written, for the report and whatever else goes on.
SPARE = 1 << 20


def expected(layout: Layout, *, inside: float = 1.0) -> float:
    """How many bytes a store of chunks is going to take.

    Parameters
    ----------
    layout
        What it holds.
    inside
        Share of the cells that have a value; the others take next to nothing.
    """
    sizes = [(layout.bytes([n]), np.dtype(layout.types[n]).kind) for n in layout.names]
    return inside * sum(size * (FLOATS if kind == "f" else INTEGERS) for size, kind in sizes)


def besides(layout: Layout, stored: float, formats: Sequence[str]) -> float:
    """How many bytes formats are going to take besides the store that they are made of.

    Parameters
    ----------
    layout
        What the store holds.
    stored
        How many bytes it takes.
    formats
        The formats; see :func:`ouhe.output.grids.finish`.
    """
    sizes = sorted((layout.bytes([n]) for n in layout.names), reverse=True)
    # a GeoTIFF has overviews, each of a quarter of the one below, and is made of one that is not compressed
    tiff = 4 / 3 * (stored + sum(sizes[: workers(len(sizes))]))
    rows = stored + ROW * math.prod(layout.shape) if layout.is_raster else 0.0
    return sum({"netcdf": stored, "cog": tiff, "parquet": rows}.get(f, 0.0) for f in formats)


def check(folder: Path, needed: float) -> None:
    """Refuse to write where there is no room for it.

    Parameters
    ----------
    folder
        Where it is going to be written; it may not exist yet.
    needed
        Bytes that are going to be written.

    Raises
    ------
    OuheError
        The disk has less than that.
    """
    free = _free(folder)
    if free < needed + SPARE:
        told = {"needed": size_told(needed), "free": size_told(free)}
        raise OuheError.of("grids.no_room", Place(file=str(folder)), **told)


def is_full(folder: Path) -> bool:
    """Whether there is next to no room: libraries in C say that they could not write, but not why."""
    return _free(folder) < SPARE


@contextmanager
def watched(folder: Path, needed: float) -> Iterator[None]:
    """Tell of a full disk in the words of :func:`check`, and of anything else that keeps from writing.

    Parameters
    ----------
    folder, needed
        As in :func:`check`.

    Raises
    ------
    OuheError
        Something inside the block cannot be written.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in FULL
        told = {"needed": size_told(needed), "free": size_told(_free(folder)), "why": error.strerror or str(error)}
        key = "grids.disk_full" if full else "grids.cannot_write"
        raise OuheError.of(key, Place(file=str(folder)), **told) from error


def _free(folder: Path) -> int:
    """Bytes that may still be written in a folder, or in the nearest one around it that exists."""
    there = next(f for f in (folder.absolute(), *folder.absolute().parents) if f.is_dir())
    return shutil.disk_usage(there).free
