"""A raster as a table: a row a cell and year, with its coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe.output.grids.layout import Layout, Window
from ouhe.output.grids.parts import part_name, write_part
from ouhe.output.grids.zarr_store import values

__all__ = ["write_table"]


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
    for part, (_, window) in enumerate(first.windows()):
        columns = _rows(first, window, [(array[window], name, none) for array, name, none in held])
        write_part(folder / part_name(part), columns, attributes)


def _rows(layout: Layout, window: Window, chunks: Sequence[tuple[NDArray[Any], str, float]]) -> dict[str, NDArray[Any]]:
    """Columns of the cells of a chunk that have a value."""
    kept = np.zeros(chunks[0][0].shape, bool)
    for chunk, _, none in chunks:
        kept |= chunk == chunk if np.isnan(none) else chunk != none  # noqa: PLR0124 (a value that lacks equals nothing)
    numbers = np.nonzero(kept)
    labels = [layout.labels(d)[w] for d, w in zip(layout.dims, window, strict=True)]
    columns = {d: v[n] for d, v, n in zip(layout.dims, labels, numbers, strict=True)}
    return columns | {name: chunk[kept] for chunk, name, _ in chunks}
