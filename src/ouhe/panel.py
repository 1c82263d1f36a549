"""The labelled array that everything computes on: its dimensions, its coordinates, and the way in and out of tables.

A panel is one ``xarray.DataArray`` with the dimensions ``(region, year, indicator)``. The indicators carry, as
coordinates along ``indicator``, the tree they stand in (``system_of``, ``dimension_of``, ``path_of``) and what they
are (``name``, ``unit``, ``direction``, ``definition``). A raster has the pair ``(y, x)`` in the place of ``region``;
its coordinate ``inside`` says which cells count. The others (sea, no data) hold NaN and are never looked at.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Literal

import numpy as np
import pandas as pd
import xarray as xr
from annotated_types import Ge

from ouhe.errors import DataError, Place, Problem

__all__ = [
    "REGION_DIMS",
    "Direction",
    "Indicator",
    "NonNegative",
    "Status",
    "cell_count",
    "describe",
    "from_frame",
    "inside",
    "pooled_dims",
    "region_dims",
    "to_frame",
    "where",
]

Direction = Literal["positive", "negative"]

#: An option that is a number of 0 or more, which a study file is checked for.
NonNegative = Annotated[float, Ge(0)]

#: Dimensions that are places: regions by name, or the two axes of a raster.
REGION_DIMS = ("region", "y", "x")


class Status(IntEnum):
    """How a cell of a panel came by its value."""

    MISSING = 0
    READ = 1
    DERIVED = 2
    FILLED = 3


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of a system: what it measures and where in the tree it stands.

    Parameters
    ----------
    id
        Short name used in the study file and in tables.
    system
        System it belongs to.
    path
        Names of the nodes between the system and the indicator, from the top; may be empty.
    direction
        ``"positive"`` when more is better, ``"negative"`` when less is.
    name, unit, definition, source
        What a reader sees; `name` falls back on `id`.
    """

    id: str
    system: str
    path: tuple[str, ...] = ()
    direction: Direction = "positive"
    name: str = ""
    unit: str = ""
    definition: str = ""
    source: str = ""


def describe(x: xr.DataArray, indicators: Iterable[Indicator]) -> xr.DataArray:
    """Put the tree and the meaning of indicators on an array, in the order of `indicators`.

    Parameters
    ----------
    x
        Array with a dimension ``indicator`` that holds at least the ids of `indicators`.
    indicators
        The indicators to keep.

    Returns
    -------
    xarray.DataArray
        `x` cut to `indicators`, with the coordinates ``system_of``, ``dimension_of`` (first node of the path, or the
        system), ``path_of`` (nodes joined by ``" > "``), ``direction``, ``name``, ``unit`` and ``definition``.

    Examples
    --------
    >>> x = xr.DataArray([[[1.0]]], dims=("region", "year", "indicator"), coords={"indicator": ["gdp"]})
    >>> describe(x, [Indicator("gdp", "economy", ("size", "output"))]).path_of.item()
    'size > output'
    """
    chosen = list(indicators)
    columns: dict[str, list[str]] = {
        "system_of": [i.system for i in chosen],
        "dimension_of": [i.path[0] if i.path else i.system for i in chosen],
        "path_of": [" > ".join(i.path) for i in chosen],
        "direction": [i.direction for i in chosen],
        "name": [i.name or i.id for i in chosen],
        "unit": [i.unit for i in chosen],
        "definition": [i.definition for i in chosen],
    }
    coords: dict[Hashable, tuple[str, np.ndarray]] = {
        k: ("indicator", np.array(v, dtype=object)) for k, v in columns.items()
    }
    return x.sel(indicator=[i.id for i in chosen]).assign_coords(coords)


def region_dims(x: xr.DataArray | xr.Dataset) -> tuple[Hashable, ...]:
    """Dimensions of `x` that are places: ``("region",)``, or ``("y", "x")`` for a raster.

    Examples
    --------
    >>> region_dims(xr.DataArray(np.zeros((2, 3, 4)), dims=("y", "x", "year")))
    ('y', 'x')
    """
    return tuple(d for d in x.dims if d in REGION_DIMS)


def pooled_dims(x: xr.DataArray | xr.Dataset) -> tuple[Hashable, ...]:
    """Dimensions over which a panel is pooled: its regions and, where it has them, its years."""
    return (*region_dims(x), *(d for d in x.dims if d == "year"))


def inside(x: xr.DataArray) -> xr.Variable | None:
    """Which cells of a raster count, ``(y, x)``; None where all do.

    Examples
    --------
    >>> x = xr.DataArray([[1.0, np.nan]], dims=("y", "x"), coords={"inside": (("y", "x"), [[True, False]])})
    >>> inside(x).values
    array([[ True, False]])
    """
    return x.coords["inside"].variable if "inside" in x.coords else None


def cell_count(x: xr.DataArray, dims: Sequence[Hashable]) -> int:
    """Number of cells over some dimensions; of a raster, those that count.

    Examples
    --------
    >>> x = xr.DataArray(np.zeros((2, 1, 2)), dims=("year", "y", "x"), coords={"inside": (("y", "x"), [[True, False]])})
    >>> cell_count(x, ["year", "y", "x"])
    2
    """
    mask = inside(x)
    if mask is None:
        return math.prod(x.sizes[d] for d in dims)
    counted = int(mask.values.sum())
    return counted * math.prod(x.sizes[d] for d in dims if d not in mask.dims)


def from_frame(
    frame: pd.DataFrame,
    *,
    region: str = "region",
    year: str = "year",
    indicators: Iterable[str] | None = None,
) -> xr.DataArray:
    """Panel from a table with one row a region and year and one column an indicator.

    Parameters
    ----------
    frame
        The table.
    region, year
        Names of the columns that say where and when.
    indicators
        Columns to take, in order; all others when left out.

    Returns
    -------
    xarray.DataArray
        Float array ``(region, year, indicator)``; regions in order of appearance, years rising. A region and year
        that the table does not hold is missing (NaN).

    Raises
    ------
    DataError
        A column is missing or holds something other than numbers, or a region and year stands twice.

    Examples
    --------
    >>> table = pd.DataFrame({"region": ["a", "b"], "year": [2020, 2020], "gdp": [1.0, 2.0]})
    >>> from_frame(table).sel(region="b", year=2020, indicator="gdp").item()
    2.0
    """
    names = [c for c in frame.columns if c not in (region, year)] if indicators is None else list(indicators)
    absent = [c for c in (region, year, *names) if c not in frame.columns]
    problems = [Problem("panel.no_column", params={"column": c}) for c in absent]
    problems += [
        Problem("panel.not_numbers", params={"column": c})
        for c in (year, *names)
        if c not in absent and not pd.api.types.is_numeric_dtype(frame[c])
    ]
    if not problems:
        odd = frame.loc[frame[year].isna() | (frame[year] % 1 != 0), year]
        problems += [Problem("panel.not_a_year", params={"year": y}) for y in odd.unique()]
    if region not in absent and year not in absent:
        twice = frame.loc[frame.duplicated([region, year], keep="first"), [region, year]]
        problems += [Problem("panel.twice", params={"region": r, "year": y}) for r, y in twice.itertuples(index=False)]
    if problems:
        raise DataError(*problems)
    regions, years = list(dict.fromkeys(frame[region])), sorted(set(frame[year]))
    wide = frame.set_index([region, year])[names].reindex(pd.MultiIndex.from_product([regions, years]))
    values = wide.to_numpy(dtype=float).reshape(len(regions), len(years), len(names))
    return xr.DataArray(
        values,
        dims=("region", "year", "indicator"),
        coords={"region": regions, "year": [int(y) for y in years], "indicator": names},
    )


def to_frame(x: xr.DataArray, *, value: str = "value") -> pd.DataFrame:
    """Tidy table of an array: one column a dimension, in their order, and the value.

    Examples
    --------
    >>> x = xr.DataArray([[1.0, 2.0]], dims=("region", "year"), coords={"region": ["a"], "year": [2020, 2021]})
    >>> to_frame(x)
      region  year  value
    0      a  2020    1.0
    1      a  2021    2.0
    """
    plain = x.reset_coords(drop=True).rename(value)
    return plain.to_dataframe().reset_index()[[*map(str, x.dims), value]]


def where(x: xr.DataArray, wrong: xr.DataArray, key: str, *, most: int = 20, **params: object) -> list[Problem]:
    """One problem for each cell that is `wrong`, naming its labels and its value; after `most`, how many more.

    The text of `key` may use ``{at}`` (the labels) and ``{value}``. Cells outside a raster's study are never wrong.
    """
    mask = inside(x)
    there = (wrong if mask is None else wrong & mask).transpose(*x.dims)
    found: list[Problem] = []
    total = 0
    for first, flags in _chunk_by_chunk(there):
        total += int(flags.sum())
        cells = zip(*(index[: most - len(found)] for index in np.nonzero(flags)), strict=True)
        for position in [[a + int(i) for a, i in zip(first, cell, strict=True)] for cell in cells]:
            cell = x.isel(dict(zip(x.dims, position, strict=True)))
            labels = (
                str(cell[d].item()) if d in cell.coords else str(i) for d, i in zip(x.dims, position, strict=True)
            )
            found.append(Problem(key, Place(), {"at": " ".join(labels), "value": cell.compute().item(), **params}))
    if total > most:
        found.append(Problem("panel.and_more", params={"count": total - most}))
    return found


def _chunk_by_chunk(wrong: xr.DataArray) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """Where each chunk begins, and its values; one at a time, so that no more than a chunk comes into memory."""
    if wrong.chunks is None:
        yield (0,) * wrong.ndim, np.asarray(wrong.to_numpy())
        return
    bounds = [[0, *np.cumsum(sizes).tolist()] for sizes in wrong.chunks]
    for place in np.ndindex(*(len(b) - 1 for b in bounds)):
        part = {d: slice(b[i], b[i + 1]) for d, b, i in zip(wrong.dims, bounds, place, strict=True)}
        yield tuple(b[i] for b, i in zip(bounds, place, strict=True)), np.asarray(wrong.isel(part).to_numpy())
