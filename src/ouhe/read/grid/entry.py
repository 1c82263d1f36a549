"""What a study says about gridded data, and what was read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ouhe.errors import DataError, Place

__all__ = ["DIGESTED", "GridEntry", "GridSource", "recorded"]

#: Bytes of the files of an entry up to which their digests are taken: more are known by size and time.
DIGESTED = 64 << 20


@dataclass(frozen=True)
class GridEntry:
    """A data entry of a study whose layout is a grid.

    Parameters
    ----------
    paths
        Files and folders (Zarr stores, folders with parts of a Parquet table), each with its name in messages.
    columns
        Id of an indicator → the names it has in the files; those of the study when None.
    year, region
        Name of the dimension or column that says when, and of the column of a table that says where.
    fixed_year
        Year of everything in the files, where neither they nor their names say it.
    series
        Id of the one indicator that the files hold, where neither they nor their names say it.
    place
        Where the entry stands in the study.
    """

    paths: tuple[tuple[Path, str], ...]
    columns: Mapping[str, tuple[str, ...]] | None = None
    year: str | None = None
    region: str | None = None
    fixed_year: int | None = None
    series: str | None = None
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class GridSource:
    """One file or store that was read.

    Parameters
    ----------
    file
        Path as the study gives it, with ``/``.
    format
        ``zarr``, ``netcdf``, ``geotiff`` or ``parquet``.
    size
        Bytes, of a store those of all its files.
    modified
        Time of the last change, in nanoseconds since 1970.
    sha256
        Digest of the file's bytes; None for stores, and for files of an entry that has more than 64 MiB in all,
        which `size` and `modified` stand for.
    used, unused
        Layers, variables or columns that were read, and those that were not.
    """

    file: str
    format: str
    size: int
    modified: int
    sha256: str | None = None
    used: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Plain data for a record of the run."""
        return asdict(self)


def recorded(path: Path, file: str, *, format: str, within: Path | None, digest: bool) -> GridSource:  # noqa: A002
    """State of a file or of a folder with everything below it.

    Parameters
    ----------
    path
        File or folder.
    file
        Its name in messages.
    format
        What it was taken for.
    within
        Folder that no link may lead out of; None allows links.
    digest
        Take the digest of a file.

    Raises
    ------
    DataError
        A link leads out of the folder, or nothing can be read there.
    """
    place = Place(file)
    try:
        if path.is_dir():
            size, modified = _walked(path, place, within)
            return GridSource(file, format, size, modified)
        _confine(path, place, within)
        state = path.stat()
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if digest else None
    except OSError as error:
        raise DataError.of("read.unreadable", place, detail=error.strerror or str(error)) from error
    return GridSource(file, format, state.st_size, state.st_mtime_ns, sha256)


def _walked(folder: Path, place: Place, within: Path | None) -> tuple[int, int]:
    """Bytes of all files below a folder, and when the last of them was changed."""
    size, modified = 0, folder.stat().st_mtime_ns
    _confine(folder, place, within)
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            if path.is_symlink():
                _confine(path, place, within)
        for name in files:
            state = Path(root, name).stat()
            size, modified = size + state.st_size, max(modified, state.st_mtime_ns)
    return size, modified


def _confine(path: Path, place: Place, within: Path | None) -> None:
    if within is not None and not path.resolve().is_relative_to(within.resolve()):
        raise DataError.of("gridded.outside", place, path=path.name)
