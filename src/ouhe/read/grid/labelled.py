"""What a Zarr store or a NetCDF file holds: which variables, dimensions, years and reference system."""

from __future__ import annotations

import itertools
import json
import warnings
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ouhe.errors import DataError, OuheError, Place, Problem, listed
from ouhe.read.grid import frame as frames
from ouhe.read.grid.entry import GridSource
from ouhe.read.grid.frame import Frame
from ouhe.read.grid.layers import Decoding, Layer, Survey, float_type
from ouhe.read.grid.naming import X_NAMES, Y_NAMES, Asked, named, of_file, parted
from ouhe.read.grid.variable import NetcdfVariable, Variable, ZarrVariable
from ouhe.read.headers import INDICATOR_HEADERS, YEAR_HEADERS
from ouhe.read.years import year_of

__all__ = ["survey_netcdf", "survey_zarr"]

#: What NetCDF-4 stands in for numbers that were never written.
_NEVER_WRITTEN = 9.969209968386869e36

_AXIS_NAMES = {"y": Y_NAMES, "x": X_NAMES, "year": YEAR_HEADERS | {"t"}, "indicator": INDICATOR_HEADERS | {"band"}}
_STANDARD_NAMES = {
    "y": {"latitude", "projection_y_coordinate", "grid_latitude"},
    "x": {"longitude", "projection_x_coordinate", "grid_longitude"},
    "year": {"time"},
    "indicator": set[str](),
}
_AXES = {"y": "Y", "x": "X", "year": "T", "indicator": ""}


@dataclass(frozen=True, eq=False)
class _Opened:
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
        return Place(self.file)


@dataclass(frozen=True, eq=False)
class _Field:
    """A variable on the grid, with what each of its dimensions is."""

    name: str
    dims: tuple[str, ...]
    variable: xr.Variable

    @property
    def single(self) -> bool:
        """Whether it holds one indicator, beside which a dimension of bands may have a single place."""
        return dict(zip(self.dims, self.variable.shape, strict=True)).get("indicator", 1) == 1


def survey_zarr(path: Path, file: str, wanted: Asked, source: GridSource) -> Survey:
    """Survey a Zarr store, format 2 or 3, that xarray or GDAL wrote."""
    place = Place(file)
    _refuse_programs(path, place)
    data = _opened(path, place, engine="zarr", consolidated=False)
    chunks = {
        name: tuple(v.encoding.get("chunks") or v.encoding.get("preferred_chunks", {}).values() or v.shape)
        for name, v in data.variables.items()
    }
    opened = _Opened(data, file, path, ZarrVariable, chunks, {}, source)
    found = _survey(opened, wanted)
    return replace(found, told=(*found.told, *_absent_chunks(opened, found)))


def survey_netcdf(path: Path, file: str, wanted: Asked, source: GridSource) -> Survey:
    """Survey a NetCDF-4 file; what it links to in other files is refused."""
    place = Place(file)
    with path.open("rb") as begins:
        if begins.read(3) == b"CDF":
            raise DataError.of("gridded.netcdf_classic", place)
    chunks, missing = _inside_file(path, place)
    data = _opened(path, place, engine="h5netcdf")
    return _survey(_Opened(data, file, path, NetcdfVariable, chunks, missing, source), wanted)


def _opened(path: Path, place: Place, **options: Any) -> xr.Dataset:
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


def _survey(opened: _Opened, wanted: Asked) -> Survey:
    """Find the layers that are asked for among the variables of a store."""
    fields = [f for name in sorted(map(str, opened.data.variables)) if (f := _field(opened.data, name)) is not None]
    if not fields:
        raise DataError.of("gridded.no_fields", opened.place, variables=_variables(opened.data))
    frame, slack, problems = _frame(opened, fields)
    named_here = _labels(fields, wanted)
    found = named(named_here, wanted, opened.place)
    ids = _only_one(opened, fields, wanted, found.ids, problems)
    problems += found.problems
    layers: list[Layer] = []
    for field, label, series in zip(fields, named_here, ids, strict=True):
        if series is not None and field.single:
            layers += _layers(opened, field, {(0,): (series, label[0])}, wanted, problems)
        elif "indicator" in field.dims:
            layers += _layers(opened, field, _along_indicator(opened, field, wanted, problems), wanted, problems)
    used = tuple(dict.fromkeys(str(getattr(layer.source, "key", "")) for layer in layers))
    source = replace(opened.source, used=used, unused=tuple(f.name for f in fields if f.name not in used))
    offered = tuple(dict.fromkeys(t for texts in named_here for t in texts))
    return Survey(tuple(layers), frame, offered, slack, source, tuple(problems))


def _variables(data: xr.Dataset) -> Any:
    return listed(f"{name} ({', '.join(map(str, v.dims))})" for name, v in data.variables.items()) or "-"


def _field(data: xr.Dataset, name: str) -> _Field | None:
    """Variable on the grid, or None where it has no rows and columns or something beside them, years and indicators."""
    variable = data.variables[name]
    dims = tuple(_role(data, d) for d in variable.dims)
    if "y" not in dims or "x" not in dims or len(set(dims)) != len(dims) or "" in dims:
        return None
    return _Field(name, dims, variable)


def _role(data: xr.Dataset, dim: Hashable) -> str:
    """What a dimension is: its name says so, or the attributes of its coordinate."""
    attributes = data[dim].attrs if dim in data.variables else {}
    for role, names in _AXIS_NAMES.items():
        said = str(attributes.get("standard_name", "")) in _STANDARD_NAMES[role]
        axis = _AXES[role] != "" and attributes.get("axis") == _AXES[role]
        if str(dim).casefold() in names or said or axis:
            return role
    return ""


def _frame(opened: _Opened, fields: Sequence[_Field]) -> tuple[Frame | None, float, list[Problem]]:
    """Georeference that all variables of a store share."""
    data, field = opened.data, fields[0]
    axes = {d: field.variable.dims[field.dims.index(d)] for d in ("y", "x")}
    rows, columns = (field.variable.sizes[axes[d]] for d in ("y", "x"))
    attributes = _grid_mapping(data, fields)
    frames.refuse_size(rows, columns, opened.place)
    crs = _crs(attributes)
    centres = {d: data[axes[d]].values for d in axes if axes[d] in data.variables}
    problems = [
        Problem("gridded.uneven", opened.place, {"axis": str(axes[d])})
        for d, at in centres.items()
        if len(at) > 1 and not (np.issubdtype(at.dtype, np.number) and frames.even(at))
    ]
    if problems:
        return None, 0.0, problems
    if len(centres) == 2 and (rows > 1 or columns > 1):
        slack = max(frames.slack(at) for at in centres.values())
        return frames.from_centres(centres["y"], centres["x"], crs), slack, []
    if any(v.ndim == 2 and str(n).casefold() in Y_NAMES for n, v in data.variables.items()):
        return None, 0.0, [Problem("gridded.curved", opened.place)]
    transform = _transform(attributes)
    if transform is not None and (transform[1] or transform[3]):
        return None, 0.0, [Problem("gridded.rotated", opened.place)]
    return frames.from_transform(transform, rows=rows, columns=columns, crs=crs), 0.0, []


def _grid_mapping(data: xr.Dataset, fields: Sequence[_Field]) -> Mapping[str, Any]:
    """Attributes of the variable that describes the reference system; empty where there is none."""
    named_there = [str(f.variable.attrs.get("grid_mapping", "")).split(":")[0].strip() for f in fields]
    for name in (*named_there, "spatial_ref", "crs"):
        if name in data.variables:
            return data[name].attrs
    return {}


def _crs(attributes: Mapping[str, Any]) -> str:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    said = attributes.get("crs_wkt") or attributes.get("spatial_ref")
    try:
        if said:
            return str(CRS.from_user_input(str(said)).to_wkt())
        return str(CRS.from_cf(dict(attributes)).to_wkt()) if "grid_mapping_name" in attributes else ""
    except (CRSError, KeyError, ValueError, TypeError):
        return ""


def _transform(attributes: Mapping[str, Any]) -> frames.Affine | None:
    """Transform as GDAL writes it: corner, width, turn, corner, turn, height."""
    said = attributes.get("GeoTransform")
    numbers = [float(n) for n in said.split()] if isinstance(said, str) else []
    if len(numbers) != 6:
        return None
    c, a, b, f, d, e = numbers
    return a, b, c, d, e, f


def _labels(fields: Sequence[_Field], wanted: Asked) -> list[tuple[str, ...]]:
    """Names of each variable: its own, without the year in it, and its long name."""
    bare = [parted(f.name)[0] if wanted.years else "" for f in fields]
    long = [str(f.variable.attrs.get("long_name", "")) for f in fields]
    return [tuple(filter(None, (b or f.name, f.name, lo))) for f, b, lo in zip(fields, bare, long, strict=True)]


def _only_one(
    opened: _Opened, fields: Sequence[_Field], wanted: Asked, ids: Sequence[str | None], problems: list[Problem]
) -> list[str | None]:
    """Ids of the variables, where the study says that a file holds one indicator, or the file's own name does."""
    series = wanted.entry.series
    data = [i for i, f in enumerate(fields) if not _is_bounds(f)]
    if any(ids):
        return list(ids)
    if series is None:
        title = of_file(opened.file)[0]
        series = named([(title,)], wanted, opened.place).ids[0] if title and len(data) == 1 else None
    if series is None:
        return list(ids)
    if len(data) > 1:
        names = listed(fields[i].name for i in data)
        problems.append(Problem("gridded.not_one_layer", opened.place, {"series": series, "names": names}))
        return list(ids)
    return [series if i in data else None for i in range(len(fields))]


def _is_bounds(field: _Field) -> bool:
    return field.name.endswith(("_bnds", "_bounds")) or field.name in {"lat", "lon", "latitude", "longitude"}


def _along_indicator(
    opened: _Opened, field: _Field, wanted: Asked, problems: list[Problem]
) -> dict[tuple[int, ...], tuple[str, str]]:
    """Position along the dimension of indicators → the indicator, and its name in the file."""
    dim = field.variable.dims[field.dims.index("indicator")]
    if dim not in opened.data.variables:
        problems.append(Problem("gridded.no_indicator_names", opened.place, {"variable": field.name, "dim": str(dim)}))
        return {}
    texts = [(_text(v),) for v in opened.data[dim].values]
    found = named(texts, wanted, opened.place)
    problems += found.problems
    return {(i,): (series, texts[i][0]) for i, series in enumerate(found.ids) if series is not None}


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _layers(
    opened: _Opened,
    field: _Field,
    indicators: Mapping[tuple[int, ...], tuple[str, str]],
    wanted: Asked,
    problems: list[Problem],
) -> list[Layer]:
    """Layers of a variable that the study asks for."""
    if not indicators:
        return []
    values = _values_type(field.variable)
    if values is None:
        said = {"layer": field.name, "type": str(field.variable.dtype)}
        problems.append(Problem("gridded.not_numbers", opened.place, said))
        return []
    years = _years(opened, field, wanted, problems)
    front = [d for d in field.dims if d not in {"y", "x"}]
    pairs = [
        (at, series, label, t, year)
        for (at, (series, label)), (t, year) in itertools.product(indicators.items(), years)
    ]
    positions = [tuple(at[0] if d == "indicator" else t for d in front) for at, _, _, t, _ in pairs]
    decoding = _decoding(opened, field, wanted)
    source = opened.kind(
        path=str(opened.path.resolve()),
        file=opened.file,
        key=field.name,
        dims=field.dims,
        stored=tuple(field.variable.shape),
        chunks=tuple(opened.chunks.get(field.name, field.variable.shape)),
        layers=tuple(positions),
        labels=tuple(f"{label} {year}" for _, _, label, _, year in pairs),
        kind=str(field.variable.dtype),
        values=str(values),
        decoding=decoding,
        state=(opened.source.size, opened.source.modified),
    )
    return [
        Layer(source, n, series, year, opened.place, bool(decoding.missing))
        for n, (_, series, _, _, year) in enumerate(pairs)
    ]


def _values_type(variable: xr.Variable) -> np.dtype[Any] | None:
    """Type of the values; what is packed into more than 16 bits, or is to be shifted, takes double precision."""
    return float_type(np.dtype(variable.dtype))


def _decoding(opened: _Opened, field: _Field, wanted: Asked) -> Decoding:
    attributes = field.variable.attrs
    missing = [
        float(number)
        for key in ("_FillValue", "missing_value")
        if key in attributes
        for number in np.ravel(attributes[key])
        if np.issubdtype(np.asarray(number).dtype, np.number)
    ]
    if not missing:
        missing = list(opened.missing.get(field.name, ()))
    return Decoding(
        missing=tuple(dict.fromkeys([*missing, *wanted.missing])),
        scale=float(np.ravel(attributes.get("scale_factor", 1.0))[0]),
        offset=float(np.ravel(attributes.get("add_offset", 0.0))[0]),
        unsigned=str(attributes.get("_Unsigned", "")).lower() == "true" and field.variable.dtype.kind == "i",
    )


def _years(opened: _Opened, field: _Field, wanted: Asked, problems: list[Problem]) -> list[tuple[int, int]]:
    """Position and year of every step of a variable that the study asks for."""
    if "year" not in field.dims:
        year = parted(field.name)[1] if wanted.years else None
        year = year or wanted.entry.fixed_year or of_file(opened.file)[1]
        if year is None and wanted.years is None:
            return [(0, 0)]
        if year is None:
            problems.append(Problem("gridded.no_year", opened.place, {"layer": field.name}))
            return []
        return [(0, year)] if wanted.wants(year) else []
    dim = field.variable.dims[field.dims.index("year")]
    steps = _steps(opened.data, dim)
    if steps is None:
        problems.append(Problem("gridded.dim_without_years", opened.place, {"dim": str(dim)}))
        return []
    twice = sorted({y for y in steps if steps.count(y) > 1 and wanted.wants(y)})
    if twice:
        said = {"dim": str(dim), "years": listed(twice), "count": steps.count(twice[0])}
        problem = Problem("gridded.steps_within_years", opened.place, said)
        if problem not in problems:
            problems.append(problem)
        return []
    return [(t, y) for t, y in enumerate(steps) if wanted.wants(y)]


def _steps(data: xr.Dataset, dim: Hashable) -> list[int] | None:
    """Year of every step along a dimension; None where a step is no year."""
    if dim not in data.variables:
        return None
    at = data[dim].variable
    if " since " in str(at.attrs.get("units", "")):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                decoded = xr.decode_cf(xr.Dataset({str(dim): at}))[dim]
            return [int(y) for y in decoded.dt.year.values]
        except Exception:  # noqa: BLE001 (a calendar that nobody knows is told as no year)
            return None
    years = [year_of(_step_value(v)) for v in at.values]
    return None if None in years else [int(y) for y in years if y is not None]


def _step_value(value: Any) -> Any:
    return (
        _text(value)
        if isinstance(value, bytes | np.bytes_)
        else value.item()
        if isinstance(value, np.generic)
        else value
    )


def _absent_chunks(opened: _Opened, found: Survey) -> Iterator[Problem]:
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
