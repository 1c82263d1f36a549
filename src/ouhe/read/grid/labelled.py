"""Which layers the variables of a Zarr store or a NetCDF file hold."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ouhe.errors import DataError, Problem, listed
from ouhe.read.grid.entry import GridSource
from ouhe.read.grid.fields import Field, field_of, frame_of, text_of, years_along
from ouhe.read.grid.layers import Decoding, Layer, Survey, float_type
from ouhe.read.grid.naming import Asked, named, of_file, parted
from ouhe.read.grid.stores import Opened, absent_chunks, open_netcdf, open_zarr

__all__ = ["survey_netcdf", "survey_zarr"]


def survey_zarr(path: Path, file: str, wanted: Asked, source: GridSource) -> Survey:
    """Survey a Zarr store, format 2 or 3, that xarray or GDAL wrote."""
    opened = open_zarr(path, file, source)
    found = _survey(opened, wanted)
    return replace(found, told=(*found.told, *absent_chunks(opened, found)))


def survey_netcdf(path: Path, file: str, wanted: Asked, source: GridSource) -> Survey:
    """Survey a NetCDF-4 file."""
    return _survey(open_netcdf(path, file, source), wanted)


def _survey(opened: Opened, wanted: Asked) -> Survey:
    """Find the layers that are asked for among the variables of a store."""
    fields = [f for name in sorted(map(str, opened.data.variables)) if (f := field_of(opened.data, name)) is not None]
    if not fields:
        raise DataError.of("gridded.no_fields", opened.place, variables=_variables(opened.data))
    frame, slack, problems = frame_of(opened, fields)
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


def _labels(fields: Sequence[Field], wanted: Asked) -> list[tuple[str, ...]]:
    """Names of each variable: its own, without the year in it, and its long name."""
    bare = [parted(f.name)[0] if wanted.years else "" for f in fields]
    long = [str(f.variable.attrs.get("long_name", "")) for f in fields]
    return [tuple(filter(None, (b or f.name, f.name, lo))) for f, b, lo in zip(fields, bare, long, strict=True)]


def _only_one(
    opened: Opened, fields: Sequence[Field], wanted: Asked, ids: Sequence[str | None], problems: list[Problem]
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


def _is_bounds(field: Field) -> bool:
    return field.name.endswith(("_bnds", "_bounds")) or field.name in {"lat", "lon", "latitude", "longitude"}


def _along_indicator(
    opened: Opened, field: Field, wanted: Asked, problems: list[Problem]
) -> dict[tuple[int, ...], tuple[str, str]]:
    """Position along the dimension of indicators → the indicator, and its name in the file."""
    dim = field.variable.dims[field.dims.index("indicator")]
    if dim not in opened.data.variables:
        problems.append(Problem("gridded.no_indicator_names", opened.place, {"variable": field.name, "dim": str(dim)}))
        return {}
    texts = [(text_of(v),) for v in opened.data[dim].values]
    found = named(texts, wanted, opened.place)
    problems += found.problems
    return {(i,): (series, texts[i][0]) for i, series in enumerate(found.ids) if series is not None}


def _layers(
    opened: Opened,
    field: Field,
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


def _decoding(opened: Opened, field: Field, wanted: Asked) -> Decoding:
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


def _years(opened: Opened, field: Field, wanted: Asked, problems: list[Problem]) -> list[tuple[int, int]]:
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
    steps = years_along(opened.data, dim)
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
