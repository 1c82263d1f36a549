"""Opening map files without trusting them: only the formats that are expected, and only the file that is named."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ouhe.decoding import decode
from ouhe.errors import DataError, OuheError, OuheWarning, Place, Problem, did_you_mean, listed
from ouhe.read.bounds import LARGEST

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

__all__ = ["MapFile", "open_map"]

#: Ending → what the file begins with. The library would otherwise take a file for any of a hundred formats, some of
#: which are lists of other files and addresses to read.
_FORMATS = {
    ".geojson": b"{",
    ".json": b"{",
    ".shp": b"\x00\x00\x27\x0a",
    ".gpkg": b"SQLite format 3\x00",
}
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


@dataclass(frozen=True, eq=False)
class MapFile:
    """Features of a map file.

    Parameters
    ----------
    frame
        One row a feature, its geometry in the column ``geometry``.
    sha256
        Digest of the file's bytes, or of the parts of a shapefile.
    """

    frame: GeoDataFrame
    sha256: str


def open_map(path: Path, *, file: str, layer: str | None = None) -> MapFile:
    """Open a GeoJSON file, a shapefile or a GeoPackage.

    Parameters
    ----------
    path
        The file.
    file
        Its name in messages.
    layer
        Layer of a file that holds more than one.

    Raises
    ------
    DataError
        There is no such file, it is of another kind, too large, damaged, holds several layers, or no geometry.
    OuheError
        geopandas is not installed.

    Warns
    -----
    OuheWarning
        What the library warns of while it reads.
    """
    try:
        import geopandas as gpd
        from shapely.errors import ShapelyError
    except ImportError as error:
        raise OuheError.of("neighbours.no_geopandas", Place(file)) from error
    place = Place(file)
    suffix = path.suffix.lower()
    parts = _parts(path, place)
    # a text may be in another encoding than the format demands
    content = decode(parts[0], place)[0].lstrip().encode() if suffix.endswith("json") else None
    if not (parts[0] if content is None else content).startswith(_FORMATS[suffix]):
        raise DataError.of("neighbours.map_content", place, ending=suffix)
    encoding = _dbf_encoding(path) if suffix == ".shp" else None
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            source: Any = path.resolve() if content is None else io.BytesIO(content)
            names = list(map(str, gpd.list_layers(path.resolve() if content is None else content)["name"]))
            frame = gpd.read_file(source, engine="pyogrio", layer=_layer(names, layer, place), encoding=encoding)
    except (RuntimeError, ValueError, OSError, ShapelyError) as error:
        raise DataError.of("neighbours.map_damaged", place, reason=str(error).splitlines()[0]) from error
    for warning in {str(w.message): w for w in caught}:
        warnings.warn(OuheWarning(Problem("neighbours.map_told", place, {"said": warning})), stacklevel=2)
    if "geometry" not in frame.columns or not len(frame):
        raise DataError.of("neighbours.map_empty", place)
    _refuse_false_degrees(frame, place)
    return MapFile(frame, hashlib.sha256(b"".join(parts)).hexdigest())


def _refuse_false_degrees(frame: Any, place: Place) -> None:
    """Coordinates that are said to be degrees and cannot be: metres, or latitude before longitude."""
    if frame.crs is None or not frame.crs.is_geographic:
        return
    west, south, east, north = (float(bound) for bound in frame.total_bounds)
    if west < -181 or east > 361 or south < -90.1 or north > 90.1:
        bounds = f"{west:g} … {east:g}, {south:g} … {north:g}"
        raise DataError.of("neighbours.map_not_degrees", place, crs=frame.crs.name, bounds=bounds)


def _parts(path: Path, place: Place) -> list[bytes]:
    """Bytes of the file, and of what belongs to it."""
    suffix = path.suffix.lower()
    if suffix not in _FORMATS:
        raise DataError.of("neighbours.map_kind", place, ending=suffix or path.name, known=listed(_FORMATS))
    if not path.is_file():
        raise DataError.of("neighbours.map_no_file", place)
    beside = [path, *_beside(path)] if suffix == ".shp" else [path]
    try:
        size = sum(p.stat().st_size for p in beside)
        if size > LARGEST:
            raise DataError.of("neighbours.map_too_large", place, size=size >> 20, limit=LARGEST >> 20)
        parts = [p.read_bytes() for p in beside]
    except OSError as error:
        raise DataError.of("read.unreadable", place, detail=error.strerror or str(error)) from error
    lacking = {".shx", ".dbf"} - {p.suffix.lower() for p in beside} if suffix == ".shp" else set()
    if lacking:
        raise DataError.of("neighbours.map_parts", place, parts=listed(sorted(lacking)))
    return parts


def _beside(path: Path) -> list[Path]:
    """The other parts of a shapefile, in the order of their kinds."""
    found = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem == path.stem and p != path and p.is_file()}
    return [found[s] for s in _SHAPEFILE_PARTS[1:] if s in found]


def _layer(names: list[str], asked: str | None, place: Place) -> int:
    """Position of the layer to read; a layer of a text may have no name of its own."""
    if asked is not None:
        if asked not in names:
            offers = {"layers": listed(names), "nearest": did_you_mean(asked, names)}
            raise DataError.of("neighbours.map_no_layer", place, layer=asked, **offers)
        return names.index(asked)
    if len(names) != 1:
        raise DataError.of("neighbours.map_layers", place, layers=listed(names) or "-")
    return 0


def _dbf_encoding(path: Path) -> str | None:
    """Encoding of a shapefile's names where it does not say so itself: UTF-8 where they are, else GB18030."""
    beside = {p.suffix.lower(): p for p in _beside(path)}
    if ".cpg" in beside:
        return None
    table = beside[".dbf"].read_bytes()
    # bytes 8 and 9 hold the length of the header, the records follow
    records = table[int.from_bytes(table[8:10], "little") :]
    try:
        records.decode("utf-8")
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"
