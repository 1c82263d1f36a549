"""Variables on a grid: what their dimensions are, which years they hold, where their cells lie."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from ouhe.errors import Problem
from ouhe.read.grid import frame as frames
from ouhe.read.grid.frame import Frame
from ouhe.read.grid.naming import X_NAMES, Y_NAMES
from ouhe.read.grid.stores import Opened
from ouhe.read.headers import INDICATOR_HEADERS, YEAR_HEADERS
from ouhe.read.years import year_of

__all__ = ["Field", "field_of", "frame_of", "text_of", "years_along"]

_AXIS_NAMES = {"y": Y_NAMES, "x": X_NAMES, "year": YEAR_HEADERS | {"t"}, "indicator": INDICATOR_HEADERS | {"band"}}
_STANDARD_NAMES = {
    "y": {"latitude", "projection_y_coordinate", "grid_latitude"},
    "x": {"longitude", "projection_x_coordinate", "grid_longitude"},
    "year": {"time"},
    "indicator": set[str](),
}
_AXES = {"y": "Y", "x": "X", "year": "T", "indicator": ""}


@dataclass(frozen=True, eq=False)
class Field:
    """A variable on the grid, with what each of its dimensions is."""

    name: str
    dims: tuple[str, ...]
    variable: xr.Variable

    @property
    def single(self) -> bool:
        """Whether it holds one indicator, beside which a dimension of bands may have a single place."""
        return dict(zip(self.dims, self.variable.shape, strict=True)).get("indicator", 1) == 1


def field_of(data: xr.Dataset, name: str) -> Field | None:
    """Variable on the grid, or None where it has no rows and columns or something beside them, years and indicators."""
    variable = data.variables[name]
    dims = tuple(_role(data, d) for d in variable.dims)
    if "y" not in dims or "x" not in dims or len(set(dims)) != len(dims) or "" in dims:
        return None
    return Field(name, dims, variable)


def _role(data: xr.Dataset, dim: Hashable) -> str:
    """What a dimension is: its name says so, or the attributes of its coordinate."""
    attributes = data[dim].attrs if dim in data.variables else {}
    for role, names in _AXIS_NAMES.items():
        said = str(attributes.get("standard_name", "")) in _STANDARD_NAMES[role]
        axis = _AXES[role] != "" and attributes.get("axis") == _AXES[role]
        if str(dim).casefold() in names or said or axis:
            return role
    return ""


def frame_of(opened: Opened, fields: Sequence[Field]) -> tuple[Frame | None, float, list[Problem]]:
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


def _grid_mapping(data: xr.Dataset, fields: Sequence[Field]) -> Mapping[str, Any]:
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


def years_along(data: xr.Dataset, dim: Hashable) -> list[int] | None:
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
    years = [year_of(_single_value(v)) for v in at.values]
    return None if None in years else [int(y) for y in years if y is not None]


def _single_value(value: Any) -> Any:
    return (
        text_of(value)
        if isinstance(value, bytes | np.bytes_)
        else value.item()
        if isinstance(value, np.generic)
        else value
    )


def text_of(value: object) -> str:
    """Text of a coordinate, which may be stored as bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
