"""Zones and masks: one layer of whole numbers on the grid of the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.errors import DataError, Place, Problem, listed
from ouhe.read.delimited import open_delimited
from ouhe.read.grid.entry import GridEntry
from ouhe.read.grid.formats import survey
from ouhe.read.grid.frame import Frame, differences
from ouhe.read.grid.mask import windows
from ouhe.read.grid.naming import Asked
from ouhe.read.grid.stack import Piece, Stack
from ouhe.read.headers import header_key, label

__all__ = ["Zones", "open_mask", "open_zones"]

_CODES = frozenset({"code", "id", "zone", "value", "编码", "代码", "编号", "区划代码", "行政区划代码"})
_NAMES = frozenset({"name", "label", "名称", "地区", "省份", "region", "province"})


@dataclass(frozen=True, eq=False)
class Zones:
    """Zones of a raster.

    Parameters
    ----------
    codes
        Code of each cell's zone ``(y, x)``, int32; -1 where there is none.
    names
        Code → name, in the order of the codes.
    told
        What the user should know: codes without name, names without cells.
    """

    codes: xr.DataArray = field(repr=False)
    names: Mapping[int, str]
    told: tuple[Problem, ...] = ()


def open_zones(
    path: str | Path,
    names: str | Path | None = None,
    *,
    frame: Frame | None,
    file: str | None = None,
    of: str = "",
    within: Path | None = None,
) -> Zones:
    """Open a raster of zones.

    Parameters
    ----------
    path
        GeoTIFF, NetCDF or Zarr with a single layer of whole numbers from 0; no data is no zone.
    names
        CSV with the columns ``code`` and ``name``; where left out, zones are named by their codes.
    frame
        Georeference of the study, which the zones must have too.
    file
        Name of the raster in messages.
    of
        What messages call the study's data.
    within
        Folder that no link may lead out of.

    Raises
    ------
    DataError
        The files cannot be read, the grid is another, or a code is no whole number or stands twice among the names.
    """
    path = Path(path)
    place = Place(file or path.name)
    values = _single(path, place, frame, of, within)
    codes = np.full(values.shape, -1, dtype=np.int32)
    held = ~np.isnan(values)
    numbers = values[held]
    wrong = numbers[(numbers != np.floor(numbers)) | (numbers < 0) | (numbers > np.iinfo(np.int32).max)]
    if len(wrong):
        raise DataError.of("gridded.zone_no_code", place, values=listed(f"{v:g}" for v in np.unique(wrong)[:5]))
    codes[held] = numbers.astype(np.int32)
    found = [int(c) for c in np.unique(codes[held])]
    if not found:
        raise DataError.of("gridded.no_zones", place)
    said, told = ({}, []) if names is None else _names(Path(names), found)
    coords = {} if frame is None else {"y": frame.y, "x": frame.x}
    array = xr.DataArray(codes, dims=("y", "x"), coords=coords)
    return Zones(array, {c: said.get(c, str(c)) for c in found}, tuple(told))


def _names(path: Path, found: list[int]) -> tuple[dict[int, str], list[Problem]]:
    """Names of zones from a table, and what does not fit."""
    place = Place(path.name)
    rows = [r for r in open_delimited(path, file=path.name).rows if any(map(str.strip, r))]
    heads = [header_key(c).casefold() for c in rows[0]] if rows else []
    at = [next((i for i, h in enumerate(heads) if h in usual), None) for usual in (_CODES, _NAMES)]
    if at[0] is None or at[1] is None or at[0] == at[1]:
        raise DataError.of("gridded.zone_names_header", place, columns=listed(rows[0] if rows else ()) or "-")
    out: dict[int, str] = {}
    taken: set[str] = set()
    problems = []
    for number, row in enumerate(rows[1:], start=2):
        code, name = (label(row[i]) if i is not None and i < len(row) else "" for i in at)
        here = Place(path.name, line=number)
        if not code.isdecimal() or not name:
            problems.append(Problem("gridded.zone_name_row", here, {"code": code, "name": name}))
        elif int(code) in out:
            problems.append(Problem("gridded.zone_twice", here, {"code": code}))
        elif name in taken:
            problems.append(Problem("gridded.zone_name_twice", here, {"name": name, "code": code}))
        else:
            out[int(code)] = name
            taken.add(name)
    if problems:
        raise DataError(*problems)
    bare = [c for c in found if c not in out]
    idle = [f"{c} {n}" for c, n in out.items() if c not in set(found)]
    told = [Problem("gridded.zones_without_names", place, {"codes": listed(bare), "count": len(bare)})] if bare else []
    told += [Problem("gridded.names_without_zones", place, {"names": listed(idle), "count": len(idle)})] if idle else []
    return out, told


def open_mask(
    path: str | Path, *, frame: Frame | None, file: str | None = None, of: str = "", within: Path | None = None
) -> NDArray[np.bool_]:
    """Open a raster that says which cells are counted: those with a number other than 0.

    Parameters
    ----------
    path
        GeoTIFF, NetCDF or Zarr with a single layer.
    frame
        Georeference that it must have.
    file, of, within
        As in :func:`open_zones`.

    Returns
    -------
    numpy.ndarray
        True where a cell is counted ``(y, x)``.

    Raises
    ------
    DataError
        The file cannot be read, has another grid, or no cell is left.
    """
    path = Path(path)
    place = Place(file or path.name)
    values = _single(path, place, frame, of, within)
    inside: NDArray[np.bool_] = ~np.isnan(values) & (values != 0)
    if not inside.any():
        raise DataError.of("gridded.mask_empty", place)
    return inside


def _single(path: Path, place: Place, frame: Frame | None, of: str, within: Path | None) -> NDArray[np.float64]:
    """Values of a file's only layer."""
    name = "layer"
    entry = GridEntry(((path, str(place.file)),), series=name)
    found = survey(Asked({name: (name,)}, None, entry), within)
    problems = [p for s in found for p in s.problems]
    if problems:
        raise DataError(*problems)
    layers = [layer for s in found for layer in s.layers]
    if len(layers) != 1 or found[0].frame is None:
        raise DataError.of("gridded.not_single", place, count=len(layers))
    if frame is not None:
        problems = list(differences(frame, found[0].frame, place, of=of, slack=found[0].slack))
        if problems:
            raise DataError(*problems)
    source = layers[0].source
    piece = Piece(source, ((layers[0].position, 0, 0),), str(place.file))
    stack = Stack((name,), (0,), source.shape[1:], "float64", (piece,), None, checked=False)
    values = np.empty(stack.size)
    for y, x in windows(stack, 1):
        values[y, x] = stack[slice(0, 1), slice(0, 1), y, x][0, 0]
    return values
