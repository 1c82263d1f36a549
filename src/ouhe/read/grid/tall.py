"""What a tall Parquet table holds: its keys, the order of its rows, its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ouhe.errors import DataError, Place, Problem, did_you_mean, listed
from ouhe.read.grid import frame as frames
from ouhe.read.grid.entry import GridSource
from ouhe.read.grid.layers import Decoding, Layer, Survey, float_type
from ouhe.read.grid.naming import X_NAMES, Y_NAMES, Asked, named
from ouhe.read.grid.parquet import TallRaster
from ouhe.read.grid.table import Axis, Table, metadata
from ouhe.read.headers import REGION_HEADERS, YEAR_HEADERS, header_key
from ouhe.read.years import year_of

__all__ = ["Columns", "TallTable", "open_table", "survey_raster", "tall_columns"]

#: Rows in a row group from which reading a part of it costs more than it should, and those that no memory is for.
_LARGE, _TOO_LARGE = 1 << 23, 1 << 26

#: Years that a table may hold.
_MOST_YEARS = 300


@dataclass(frozen=True)
class Columns:
    """Columns of a table that hold indicators.

    Parameters
    ----------
    keys
        Id of the indicator → its column.
    types
        Id → type of its values.
    offered
        Names of all columns that are no keys.
    problems
        What is wrong with them.
    """

    keys: Mapping[str, str]
    types: Mapping[str, np.dtype[Any]]
    offered: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class TallTable:
    """A tall table and what its rows are.

    Parameters
    ----------
    table
        The table, its rows counted through.
    years
        Its years, in their order.
    columns
        Its columns.
    told
        What the user should know.
    """

    table: Table
    years: tuple[int, ...]
    columns: Columns
    told: tuple[Problem, ...] = ()

    @property
    def is_raster(self) -> bool:
        """Whether the keys are rows and columns of a raster."""
        return {"y", "x"} <= {a.role for a in self.table.axes}


def open_table(paths: Sequence[tuple[Path, str]], wanted: Asked, sources: Sequence[GridSource]) -> TallTable:
    """Open the parts of a tall table, in the order given.

    Parameters
    ----------
    paths
        Files, each with its name in messages.
    wanted
        What is asked for.
    sources
        State of the files.

    Raises
    ------
    DataError
        A file cannot be read, the parts have other columns, keys are missing, or the rows are in no regular order.
    """
    state = sum(s.size for s in sources), max(s.modified for s in sources)
    schemas, groups, rows = [], [], 0
    for part, (path, file) in enumerate(paths):
        footer = _footer(path, file, state)
        schemas.append(footer.schema.to_arrow_schema())
        for number in range(footer.num_row_groups):
            held = footer.row_group(number).num_rows
            if held:
                groups.append((part, number, rows))
            rows += held
    place = Place(paths[0][1])
    if not rows:
        raise DataError.of("gridded.no_rows", place)
    first = schemas[0]
    keys = _keys(first.names, wanted, place)
    columns = tall_columns(first, keys, wanted, place)
    _same_columns(schemas, paths, [*keys.values(), *columns.keys.values()])
    table = Table(tuple(str(p.resolve()) for p, _ in paths), tuple(f for _, f in paths), tuple(groups), rows, (), state)
    largest = int(np.diff(table.starts).max())
    if largest > _TOO_LARGE:
        raise DataError.of("gridded.row_group_too_large", place, rows=f"{largest:,}")
    said = Problem("gridded.row_group_large", place, {"rows": f"{largest:,}"})
    axes = _axes(table, keys, first, place)
    years = tuple(int(v) for a in axes if a.role == "year" for v in a.values)
    return TallTable(replace(table, axes=axes), years, columns, (said,) if largest > _LARGE else ())


def _footer(path: Path, file: str, state: tuple[int, int]) -> Any:
    try:
        return metadata(str(path.resolve()), state)
    except Exception as error:
        detail = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise DataError.of("gridded.cannot_open", Place(file), detail=detail) from error


def _keys(names: Sequence[str], wanted: Asked, place: Place) -> dict[str, str]:
    """Columns of the keys: that of years, and those of rows and columns or that of regions."""
    entry = wanted.entry
    problems = [
        Problem("gridded.no_column", place, {"column": c, "columns": listed(names), "nearest": did_you_mean(c, names)})
        for c in (entry.year, entry.region)
        if c is not None and c not in names
    ]
    if problems:
        raise DataError(*problems)
    found = {role: _usual(names, usual) for role, usual in (("y", Y_NAMES), ("x", X_NAMES))}
    year = entry.year or _usual(names, YEAR_HEADERS)
    region = entry.region or _usual(names, REGION_HEADERS)
    if year is None:
        raise DataError.of("gridded.no_year_column", place, columns=listed(names))
    if entry.region is None and found["y"] and found["x"]:
        return {"year": year, "y": found["y"], "x": found["x"]}
    if region is None:
        raise DataError.of("gridded.no_place_columns", place, columns=listed(names))
    return {"year": year, "region": region}


def _usual(names: Sequence[str], usual: frozenset[str]) -> str | None:
    """The only column under one of the usual names."""
    found = [n for n in names if header_key(n).casefold() in usual]
    return found[0] if len(found) == 1 else None


def tall_columns(schema: Any, keys: Mapping[str, str], wanted: Asked, place: Place) -> Columns:
    """Columns that the study asks for, and their types."""
    offered = [n for n in schema.names if n not in keys.values()]
    found = named([(n,) for n in offered], wanted, place)
    ids = {series: name for name, series in zip(offered, found.ids, strict=True) if series is not None}
    problems, types = list(found.problems), {}
    for series, name in ids.items():
        kind = _numbers(schema.field(name).type)
        if kind is None:
            said = {"layer": name, "type": str(schema.field(name).type)}
            problems.append(Problem("gridded.not_numbers", place, said))
        else:
            types[series] = kind
    return Columns({k: v for k, v in ids.items() if k in types}, types, tuple(offered), tuple(problems))


def _numbers(kind: Any) -> np.dtype[Any] | None:
    """Floating type of a column's values; None where they are no numbers."""
    import pyarrow as pa

    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return None
    return float_type(np.dtype(kind.to_pandas_dtype()))


def _same_columns(schemas: Sequence[Any], paths: Sequence[tuple[Path, str]], needed: Sequence[str]) -> None:
    """Refuse parts that lack a column, or have it in another type."""
    problems = []
    for schema, (_, file) in zip(schemas[1:], paths[1:], strict=True):
        for name in needed:
            at = schema.get_field_index(name)
            found = str(schema.field(at).type) if at >= 0 else "-"
            expected = str(schemas[0].field(name).type)
            if found != expected:
                said = {"column": name, "type": found, "expected": expected, "other": paths[0][1]}
                problems.append(Problem("gridded.part_differs", Place(file), said))
    if problems:
        raise DataError(*problems)


def _axes(table: Table, keys: Mapping[str, str], schema: Any, place: Place) -> tuple[Axis, ...]:
    """Keys in the order in which they change, from the first rows; the rest of the rows is verified as it is read."""
    for role, column in keys.items():
        kind = schema.field(column).type
        if role != "region" and _numbers(kind) is None:
            raise DataError.of("gridded.not_numbers", place, layer=column, type=str(kind))
    runs = {role: _run(table, column) for role, column in keys.items()}
    axes, whole = [], table.rows
    for role in sorted(keys, key=lambda role: -runs[role]):
        size, rest = divmod(whole, runs[role])
        if rest or not size:
            raise _no_order(table, keys, runs, place)
        kind = np.dtype(table.rows_at(0, keys[role]).dtype).str
        axes.append(_placed(table, Axis(role, keys[role], runs[role], size, kind=kind), place))
        whole = runs[role]
    if whole != 1:
        raise _no_order(table, keys, runs, place)
    return tuple(axes)


def _no_order(table: Table, keys: Mapping[str, str], runs: Mapping[str, int], place: Place) -> DataError:
    key = "gridded.table_not_whole" if "y" in keys else "gridded.years_not_whole"
    return DataError.of(
        key, place, rows=f"{table.rows:,}", order=", ".join(keys[r] for r in sorted(keys, key=lambda r: -runs[r]))
    )


def _run(table: Table, key: str) -> int:
    """Rows at the beginning of a table over which a key keeps its value."""
    first, before = None, 0
    for group in range(len(table.groups)):
        found = table.rows_at(group, key)
        first = found[0] if first is None else first
        other = found != first
        if other.any():
            return before + int(np.argmax(other))
        before += len(found)
    return table.rows


def _placed(table: Table, axis: Axis, place: Place) -> Axis:
    """Key with its years, or with coordinates in equal steps between the first and the last."""
    if axis.role == "region":
        return axis
    if axis.role == "year":
        if axis.size > _MOST_YEARS:
            raise DataError.of("gridded.years_not_whole", place, rows=f"{table.rows:,}", order=axis.key)
        cells = [table.value(i * axis.run, axis.key) for i in range(axis.size)]
        wrong = [c for c in cells if year_of(c.item() if isinstance(c, np.generic) else c) is None]
        if wrong:
            raise DataError.of("read.not_a_year", place, value=wrong[0])
        return replace(axis, values=tuple(float(c) for c in cells))
    first, last = (float(table.value(row, axis.key)) for row in (0, (axis.size - 1) * axis.run))
    step = (last - first) / (axis.size - 1) if axis.size > 1 else 0.0
    unsure = frames.slack(np.array([first, last], dtype=np.dtype(axis.kind)))
    line = tuple(np.linspace(first, last, axis.size).tolist())
    return replace(axis, values=line, slack=max(frames.TOLERANCE * abs(step), unsure))


def survey_raster(opened: TallTable, wanted: Asked, source: GridSource) -> Survey:
    """Layers of a table whose keys are the rows, columns and years of a raster."""
    axes = {a.role: a for a in opened.table.axes}
    y, x = (np.array(axes[d].values) for d in ("y", "x"))
    columns = opened.columns
    pairs = [(s, t, year) for s in columns.keys for t, year in enumerate(opened.years) if wanted.wants(year)]
    place = Place(opened.table.files[0])
    layers: tuple[Layer, ...] = ()
    if pairs:
        tall = TallRaster(
            opened.table,
            tuple(columns.keys[s] for s, _, _ in pairs),
            tuple(t for _, t, _ in pairs),
            tuple(str(columns.types[s]) for s, _, _ in pairs),
            tuple(f"{columns.keys[s]} {year}" for s, _, year in pairs),
            Decoding(wanted.missing),
        )
        layers = tuple(Layer(tall, n, s, year, place, nodata=True) for n, (s, _, year) in enumerate(pairs))
    slack = max(axes["y"].slack, axes["x"].slack)
    return Survey(layers, frames.from_centres(y, x), columns.offered, slack, source, columns.problems, opened.told)
