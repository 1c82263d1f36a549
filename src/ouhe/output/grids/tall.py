"""A raster as a table: a row a cell and year, with its coordinates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.output.grids.layout import Layout, Window
from ouhe.output.grids.parts import ATTRIBUTES, part_name, write_part
from ouhe.output.grids.zarr_store import values

__all__ = ["open_table", "write_table"]


def write_table(stores: Mapping[Path, Layout], folder: Path, *, attributes: Mapping[str, Any]) -> None:
    """Write stores of chunks that are cut alike as Parquet files, one a chunk.

    Cells in which no variable has a value, those outside the study, have no row.

    Parameters
    ----------
    stores
        Folder and layout of each store.
    folder
        Where the files come.
    attributes
        What the data are.
    """
    first = next(iter(stores.values()))
    held = [(values(path, n), n, layout.no_value(n)) for path, layout in stores.items() for n in layout.names]
    # what a raster needs to be one again
    cells = {"dims": first.dims, "chunks": first.chunks, "labels": {d: first.labels(d).tolist() for d in first.dims}}
    cells["variables"] = {name: None if np.isnan(none) else none for _, name, none in held}
    for part, (_, window) in enumerate(first.windows()):
        columns = _rows(first, window, [(array[window], name, none) for array, name, none in held])
        told = attributes if part else {**attributes, "cells": cells}
        write_part(folder / part_name(part), columns, told)


def open_table(folder: Path) -> xr.Dataset:
    """The raster that a table was made of, a chunk a part, read where it is asked.

    Parameters
    ----------
    folder
        Folder of the parts.
    """
    from dask import array as da
    from pyarrow import parquet

    schema = parquet.read_schema(folder / part_name(0))
    cells = json.loads(schema.metadata[ATTRIBUTES])["cells"]
    labels = {dim: np.array(v) for dim, v in cells["labels"].items()}
    chunks = tuple(map(tuple, cells["chunks"]))
    variables = {}
    for name, none in cells["variables"].items():
        kind = np.dtype(schema.field(name).type.to_pandas_dtype())
        given = {"folder": folder, "variable": name, "none": np.nan if none is None else none, "labels": labels}
        meta = np.empty((0,) * len(chunks), kind)
        values = da.map_blocks(_cells, **given, chunks=chunks, dtype=kind, meta=meta)
        variables[name] = (tuple(cells["dims"]), values)
    years = {"year": labels["year"].astype(np.int32)} if "year" in labels else {}
    return xr.Dataset(variables, labels | years)


def _cells(
    block_info: Any, folder: Path, variable: str, none: float, labels: Mapping[str, NDArray[Any]]
) -> NDArray[Any]:
    """A chunk of a variable, from its part."""
    from pyarrow import parquet

    place = block_info[None]
    number = int(np.ravel_multi_index(place["chunk-location"], place["num-chunks"]))
    with parquet.ParquetFile(folder / part_name(number)) as file:
        rows = file.read([*labels, variable], use_threads=False)
    found: NDArray[Any] = np.full(place["chunk-shape"], none, place["dtype"])
    at = tuple(
        _positions(rows.column(dim).to_numpy(), here[start:stop])
        for (dim, here), (start, stop) in zip(labels.items(), place["array-location"], strict=True)
    )
    found[at] = rows.column(variable).to_numpy()
    return found


def _positions(values: NDArray[Any], labels: NDArray[Any]) -> NDArray[Any]:
    """Where values stand among labels, which rise or fall."""
    order = np.argsort(labels)
    positions: NDArray[Any] = order[np.searchsorted(labels, values, sorter=order)]
    return positions


def _rows(layout: Layout, window: Window, chunks: Sequence[tuple[NDArray[Any], str, float]]) -> dict[str, NDArray[Any]]:
    """Columns of the cells of a chunk that have a value."""
    kept = np.zeros(chunks[0][0].shape, bool)
    for chunk, _, none in chunks:
        kept |= chunk == chunk if np.isnan(none) else chunk != none  # noqa: PLR0124 (a value that lacks equals nothing)
    numbers = np.nonzero(kept)
    labels = [layout.labels(d)[w] for d, w in zip(layout.dims, window, strict=True)]
    columns = {d: v[n] for d, v, n in zip(layout.dims, labels, numbers, strict=True)}
    return columns | {name: chunk[kept] for chunk, name, _ in chunks}
