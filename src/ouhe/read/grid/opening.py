"""Open the gridded data of a study: find every layer, check that all lie on one grid, and decide which cells count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ouhe.errors import OuheError, Place, Problem, did_you_mean, listed
from ouhe.read.grid.entry import GridEntry
from ouhe.read.grid.formats import Regions, survey
from ouhe.read.grid.frame import Frame, differences
from ouhe.read.grid.grid import Grid
from ouhe.read.grid.layers import Decoding, Layer, Survey
from ouhe.read.grid.mask import masked
from ouhe.read.grid.naming import asked
from ouhe.read.grid.parquet import Keys, TableStack
from ouhe.read.grid.stack import Piece, Stack
from ouhe.read.grid.tall import TallTable
from ouhe.read.grid.zones import open_mask

__all__ = ["open_grid"]

Found = dict[tuple[str, int], Layer]


def open_grid(
    entries: Sequence[GridEntry],
    *,
    names: Mapping[str, tuple[str, ...]],
    years: Sequence[int],
    mask: str | Path = "same",
    chunks: Mapping[str, int] | None = None,
    dtype: str | None = None,
    within: Path | None = None,
    tokens: Sequence[str] = (),
) -> Grid:
    """Open gridded data: Zarr stores, NetCDF and GeoTIFF files, or tall Parquet tables.

    Only metadata are read, and what the mask needs.

    Parameters
    ----------
    entries
        Files and what the study says about them.
    names
        Id of each indicator → names that it may have in the files.
    years
        Years of the study.
    mask
        Which cells are counted. ``"same"``: those with a value in the first layer, of which every other layer must
        have exactly the same; ``"any"``: those with a value in every layer, for which all are read once; or a raster
        file, in which 0 and no data are outside.
    chunks
        Sizes of the chunks of :attr:`Grid.x`; as stored when left out.
    dtype
        ``"float32"`` or ``"float64"``; when left out, what holds every layer: single precision unless a layer has
        double precision or whole numbers of more than 16 bits.
    within
        Folder that no link may lead out of.
    tokens
        Numbers that mean "no data" besides those that the files declare, as a study writes them.

    Returns
    -------
    Grid
        The data, or all problems that were found.

    Examples
    --------
    >>> import tempfile, xarray as xr
    >>> at = {"year": [2020], "y": [0.5], "x": [0.5, 1.5]}
    >>> data = xr.Dataset({"ndvi": (("year", "y", "x"), [[[0.2, np.nan]]])}, at)
    >>> path = Path(tempfile.mkdtemp()) / "green.nc"
    >>> _ = data.to_netcdf(path, engine="h5netcdf")
    >>> grid = open_grid([GridEntry(((path, "green.nc"),))], names={"ndvi": ("ndvi",)}, years=[2020])
    >>> grid.x.sizes["x"], grid.inside_counts
    (2, Counts(counted=1, outside=1))
    """
    missing = tuple(float(t) for t in tokens if _is_number(t))
    surveys = [s for e in entries for s in survey(asked(e, names, years, missing), within)]
    problems = [p for s in surveys for p in s.problems]
    told = [p for s in surveys for p in s.told]
    sources = tuple(s.source for s in surveys if s.source is not None)
    rest: dict[str, Any] = {"indicators": tuple(names), "years": tuple(years), "sources": sources, "chunks": chunks}
    tall = next((s.tall for s in surveys if isinstance(s, Regions)), None)
    if tall is not None:
        place = Place(", ".join(tall.table.files[:3]))
        problems += [Problem("gridded.table_alone", place)] if len(surveys) > 1 else []
        problems += [] if problems else _table_problems(tall, place, names, years)
        if problems:
            return Grid(None, problems=_each_once(problems), told=tuple(told), **rest)
        stacked = _table_stack(tall, names, years, dtype, Decoding(missing))
        return Grid(stacked, keys=Keys(tall.table, tuple(years)), told=tuple(told), **rest)
    layers, wrong = _layers(surveys)
    # a file that is not understood may hold what else seems to be absent
    if not problems:
        wrong += _absent(layers, surveys, names, years)
    frame, apart = _frame(surveys)
    problems += [*wrong, *apart]
    if problems or frame is None:
        return Grid(None, problems=_each_once(problems), told=tuple(told), **rest)
    frame, bare = _stated(frame, surveys)
    told += [*bare, *_undeclared(layers)]
    stack = _stack(layers, names, years, frame, dtype)
    try:
        stack, costs = _masked(stack, mask, frame, within)
    except OuheError as error:
        return Grid(None, problems=error.problems, told=tuple(told), **rest)
    if stack.outside is not None and (stack.outside.window(slice(None), slice(None))).all():
        nothing = Problem("gridded.all_outside", Place(stack.file_of(0, 0)))
        return Grid(None, problems=(nothing,), told=(*told, *costs), **rest)
    return Grid(stack, frame=frame, told=(*told, *costs), **rest)


def _is_number(token: str) -> bool:
    try:
        return bool(np.isfinite(float(token)))
    except ValueError:
        return False


def _each_once(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Problems without repetition; that nothing was found is one as well."""
    out: list[Problem] = []
    for problem in problems:
        if problem not in out:
            out.append(problem)
    return tuple(out) or (Problem("gridded.nothing"),)


def _layers(surveys: Sequence[Survey]) -> tuple[Found, list[Problem]]:
    """Layer of every indicator and year, and those that stand twice."""
    found: Found = {}
    problems = []
    for layer in (layer for s in surveys for layer in s.layers):
        before = found.setdefault((layer.indicator, layer.year), layer)
        if before is not layer:
            said = {
                "indicator": layer.indicator,
                "year": layer.year,
                "layer": layer.source.name(layer.position),
                "other": before.place.file,
                "other_layer": before.source.name(before.position),
            }
            problems.append(Problem("gridded.layer_twice", layer.place, said))
    return found, problems


def _absent(
    layers: Found, surveys: Sequence[Survey], names: Mapping[str, tuple[str, ...]], years: Sequence[int]
) -> Iterator[Problem]:
    """Go through the indicators that no file has, or not in every year."""
    offered = list(dict.fromkeys(o for s in surveys for o in s.offered))
    for indicator, accepted in names.items():
        has = [y for y in years if (indicator, y) in layers]
        files = list(dict.fromkeys(str(x.place.file) for (i, _), x in layers.items() if i == indicator))
        lacks = [y for y in years if y not in has]
        if not has:
            yield _unnamed(indicator, accepted, offered, Place())
        elif lacks:
            said = {"indicator": indicator, "years": listed(lacks), "has": listed(has)}
            yield Problem("gridded.no_years", Place(", ".join(files[:3])), said)


def _unnamed(indicator: str, accepted: Sequence[str], offered: Sequence[str], place: Place) -> Problem:
    """Problem of an indicator that nothing is named after, with what comes near."""
    near = did_you_mean(accepted[0] if accepted else indicator, offered)
    said = {"indicator": indicator, "accepted": listed(accepted or (indicator,)), "nearest": near}
    return Problem("gridded.no_indicator", place, said | {"offered": listed(offered) or "-"})


def _frame(surveys: Sequence[Survey]) -> tuple[Frame | None, list[Problem]]:
    """Grid of the first file, and what keeps the others from having the same."""
    framed = [s for s in surveys if s.frame is not None and s.layers]
    if not framed:
        return None, []
    first = framed[0]
    frame, of = first.frame, str(first.layers[0].place.file)
    problems: list[Problem] = []
    for one in framed:
        place = one.layers[0].place
        if frame is None or one.frame is None:
            continue
        if one is not first:
            problems += differences(frame, one.frame, place, of=of, slack=max(first.slack, one.slack))
        problems += _sizes(frame, one, place, of)
    return frame, problems


def _stated(frame: Frame, surveys: Sequence[Survey]) -> tuple[Frame, list[Problem]]:
    """Frame with the reference system that any file states, and which files state none."""
    framed = [(s.frame, s.layers[0].place.file) for s in surveys if s.frame is not None and s.layers]
    stated = [(one.crs, file) for one, file in framed if one.crs]
    bare = list(dict.fromkeys(str(file) for one, file in framed if not one.crs))
    if not stated or not bare:
        return frame, []
    (crs, file), *_ = stated
    frame = Frame(crs, frame.transform, frame.y, frame.x)
    said = {"count": len(bare), "files": listed(bare), "other": file, "crs": frame.called}
    return frame, [Problem("gridded.crs_undeclared", Place(bare[0]), said)]


def _sizes(frame: Frame, one: Survey, place: Place, of: str) -> Iterator[Problem]:
    """Layers of a file that have not the size of its own grid."""
    for source in dict.fromkeys(layer.source for layer in one.layers):
        if one.frame is not None and source.shape[1:] != one.frame.shape:
            said = {"rows": source.shape[1], "columns": source.shape[2], "y": frame.shape[0], "x": frame.shape[1]}
            yield Problem("gridded.other_size", place, {**said, "other": of})


def _undeclared(layers: Found) -> Iterator[Problem]:
    """Tell of files that do not say which values mean no data, among files that do."""
    files: dict[str, bool] = {}
    for layer in layers.values():
        files[str(layer.place.file)] = files.get(str(layer.place.file), True) and layer.nodata
    bare = [f for f, declared in files.items() if not declared]
    if bare and len(bare) < len(files):
        said = {"files": listed(bare), "count": len(bare), "other": next(f for f in files if files[f])}
        yield Problem("gridded.nodata_undeclared", Place(bare[0]), said)


def _stack(
    layers: Found, names: Mapping[str, tuple[str, ...]], years: Sequence[int], frame: Frame, dtype: str | None
) -> Stack:
    """All layers in their places."""
    targets: dict[Any, list[tuple[int, int, int]]] = {}
    files: dict[Any, str] = {}
    for i, indicator in enumerate(names):
        for t, year in enumerate(years):
            layer = layers[indicator, year]
            targets.setdefault(layer.source, []).append((layer.position, i, t))
            files[layer.source] = str(layer.place.file)
    pieces = tuple(Piece(source, tuple(held), files[source]) for source, held in targets.items())
    kind = dtype or str(np.result_type(*(source.dtype for source in targets)))
    return Stack(tuple(names), tuple(years), frame.shape, kind, pieces)


def _masked(stack: Stack, mask: str | Path, frame: Frame, within: Path | None) -> tuple[Stack, tuple[Problem, ...]]:
    if mask in ("same", "any"):
        return masked(stack, str(mask), None)
    given = open_mask(mask, frame=frame, of=stack.file_of(0, 0), within=within)
    return masked(stack, "file", given)


def _table_problems(
    tall: TallTable, place: Place, names: Mapping[str, tuple[str, ...]], years: Sequence[int]
) -> Iterator[Problem]:
    """Go through the indicators and years that a table of regions lacks."""
    for indicator, accepted in names.items():
        if indicator not in tall.columns.keys:
            yield _unnamed(indicator, accepted, tall.columns.offered, place)
    lacks = [y for y in years if y not in tall.years]
    if lacks:
        yield Problem("gridded.no_years_in_table", place, {"years": listed(lacks), "has": listed(tall.years)})


def _table_stack(
    tall: TallTable, names: Mapping[str, tuple[str, ...]], years: Sequence[int], dtype: str | None, decoding: Decoding
) -> TableStack:
    """All columns of a table of regions."""
    steps = tuple(tall.years.index(y) for y in years)
    kind = dtype or str(np.result_type(*(tall.columns.types[i] for i in names)))
    return TableStack(tall.table, tuple(tall.columns.keys[i] for i in names), steps, kind, decoding)
