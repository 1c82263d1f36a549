"""Which format a file or folder has, and what it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ouhe.errors import DataError, OuheError, Place
from ouhe.read.grid.entry import DIGESTED, GridSource, recorded
from ouhe.read.grid.layers import Survey
from ouhe.read.grid.naming import Asked
from ouhe.read.grid.tall import TallTable, open_table, survey_raster

__all__ = ["Regions", "format_of", "survey"]

_ENDINGS = {
    ".tif": "geotiff",
    ".tiff": "geotiff",
    ".nc": "netcdf",
    ".nc4": "netcdf",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_STORES = ("zarr.json", ".zgroup", ".zarray", ".zmetadata")


@dataclass(frozen=True)
class Regions(Survey):
    """A table of regions: no layers, but columns."""

    tall: TallTable | None = None


def format_of(path: Path, place: Place) -> str:
    """Format of a file or folder: ``zarr``, ``netcdf``, ``geotiff`` or ``parquet``.

    Raises
    ------
    DataError
        It has none of them, or does not exist.
    """
    if path.is_dir():
        if any((path / name).is_file() for name in _STORES):
            return "zarr"
        if any(path.glob("*.parquet")):
            return "parquet"
        raise DataError.of("gridded.unknown_folder", place)
    if not path.is_file():
        raise DataError.of("gridded.no_file", place)
    if path.suffix.lower() not in _ENDINGS:
        key = (
            "gridded.packed"
            if path.suffix.lower() in {".zip", ".gz", ".tar", ".tgz", ".7z", ".rar"}
            else "gridded.unknown_format"
        )
        raise DataError.of(key, place, ending=path.suffix or path.name)
    return _ENDINGS[path.suffix.lower()]


def survey(wanted: Asked, within: Path | None) -> list[Survey]:
    """Survey all files of an entry, in the order of their names; what is wrong with one of them keeps none back."""
    digest = _small(wanted)
    found: list[Survey] = []
    parts: list[tuple[Path, str]] = []
    for path, file in sorted(wanted.entry.paths, key=lambda p: p[1]):
        try:
            kind = format_of(path, Place(file))
            if kind == "parquet":
                parts += [(path, file)] if path.is_file() else [(p, f"{file}/{p.name}") for p in path.glob("*.parquet")]
            else:
                found.append(_one(path, file, wanted, within, digest=digest))
        except OuheError as error:
            found.append(Survey(problems=error.problems))
    if parts:
        try:
            parts.sort(key=lambda p: _counted(p[1]))
            found.append(_table(parts, wanted, within, digest=digest))
        except OuheError as error:
            found.append(Survey(problems=error.problems))
    return found


def _counted(name: str) -> list[tuple[str, int]]:
    """Key that sorts part-2 before part-10.

    Examples
    --------
    >>> sorted(["part-10", "part-2"], key=_counted)
    ['part-2', 'part-10']
    """
    return [(text, int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d*)", name)]


def _small(wanted: Asked) -> bool:
    """Whether the files of an entry are few and small enough for digests."""
    return sum(p.stat().st_size for p, _ in wanted.entry.paths if p.is_file()) <= DIGESTED


def _one(path: Path, file: str, wanted: Asked, within: Path | None, *, digest: bool) -> Survey:
    kind = format_of(path, Place(file))
    source = recorded(path, file, format=kind, within=within, digest=digest)
    if kind == "geotiff":
        from ouhe.read.grid.geotiff import survey_geotiff

        return survey_geotiff(path, file, wanted, source)
    from ouhe.read.grid.labelled import survey_netcdf, survey_zarr

    return (survey_zarr if kind == "zarr" else survey_netcdf)(path, file, wanted, source)


def _table(parts: Sequence[tuple[Path, str]], wanted: Asked, within: Path | None, *, digest: bool) -> Survey:
    """Survey the parts of one table."""
    sources = [recorded(p, f, format="parquet", within=within, digest=digest and len(parts) == 1) for p, f in parts]
    opened = open_table(parts, wanted, sources)
    whole = sources[0]
    used = tuple(opened.columns.keys.values())
    unused = tuple(c for c in opened.columns.offered if c not in used)
    file = parts[0][1] if len(parts) == 1 else f"{parts[0][1]} … {parts[-1][1]}"
    size, modified = sum(s.size for s in sources), max(s.modified for s in sources)
    whole = GridSource(file, "parquet", size, modified, whole.sha256, used, unused)
    if opened.is_raster:
        return survey_raster(opened, wanted, whole)
    columns = opened.columns
    return Regions((), None, columns.offered, 0.0, whole, columns.problems, opened.told, opened)
