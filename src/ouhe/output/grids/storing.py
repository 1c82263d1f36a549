"""Compute a dataset chunk by chunk and store each chunk as it is finished, so that an interrupted run goes on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import engine
from ouhe.errors import OuheError, Place
from ouhe.output.grids import room
from ouhe.output.grids.fusing import chunk_tasks
from ouhe.output.grids.layout import RECORD, Layout, Window
from ouhe.output.grids.parts import Keys, PartChunks
from ouhe.output.grids.zarr_store import STORE, ZarrChunks, create

__all__ = ["Stored", "store_chunks"]

#: Longest side of a chunk of arrays that come in memory.
SIDE = 2048

#: Dimensions of what can be stored, in order.
DIMS = ("region", "year", "y", "x")

Writer = ZarrChunks | PartChunks


@dataclass(frozen=True)
class Stored:
    """A store of finished chunks.

    Parameters
    ----------
    folder
        Where it lies.
    layout
        What it holds.
    """

    folder: Path
    layout: Layout

    def open(self) -> xr.Dataset:
        """What is stored, read where it is asked; the chunks are those in which it was stored."""
        from ouhe.output.grids.reading import open_parts, open_zarr

        return open_zarr(self.folder / STORE) if self.layout.is_raster else open_parts(self.folder, self.layout.names)


def store_chunks(
    dataset: xr.Dataset, workspace: Path, *, keys: Keys | None = None, step: str = "write", formats: Sequence[str] = ()
) -> Stored:
    """Compute variables chunk by chunk and store each chunk as soon as it is finished.

    All variables of a chunk are computed and written in one task of :func:`ouhe.engine.collect`, so that what they
    share is computed once. A chunk is stored whole or not at all; chunks that the engine knows to be finished are
    left as they are.

    Parameters
    ----------
    dataset
        Variables with the dimensions ``(year, y, x)``, ``(y, x)`` or ``(region, year)``, the same for all. Attributes
        of variables are stored: ``long_name``, ``units``; for classes ``flag_values``, ``flag_meanings`` and
        ``flag_colors``. Those of the dataset stand in each part of a table.
    workspace
        Folder of the store. One that holds the same variables in the same chunks is gone on with; another is made anew.
    keys
        Keys of the rows of a table.
    step
        Name of the step, for progress.
    formats
        Formats that are going to be made of it, for which there must be room too; see :func:`finish`.

    Returns
    -------
    Stored
        The finished store.

    Raises
    ------
    OuheError
        There is no room for it, the disk filled up, or workers write where this machine does not see it.

    Examples
    --------
    >>> import tempfile
    >>> x = xr.DataArray(np.arange(12.0).reshape(1, 3, 4), dims=("year", "y", "x"), coords={"year": [2020]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     stored = store_chunks(xr.Dataset({"D": x.chunk(y=2)}), Path(folder) / "store")
    ...     float(stored.open().D.sum())
    66.0
    """
    ready = _chunked(dataset)
    layout = Layout.of(ready)
    stored = room.expected(layout, inside=float(dataset.inside.mean()) if "inside" in dataset.coords else 1.0)
    needed = stored + room.besides(layout, stored, formats)
    _prepare(workspace, layout, needed=needed)
    writer = _writer(workspace, layout, keys, dataset.attrs)
    places = list(layout.windows())
    variables = [ready[name].variable for name in layout.names]
    tasks = chunk_tasks(partial(_written, writer, needed), places, variables)
    engine.collect(tasks, step=step)
    _complete(writer, tasks, [number for number, _ in places])
    return Stored(workspace, layout)


def _chunked(dataset: xr.Dataset) -> xr.Dataset:
    """Variables in chunks that are the same for all, dimensions in order."""
    dims = [d for d in DIMS if d in next(iter(dataset.data_vars.values())).dims]
    if any(set(v.dims) != set(dims) for v in dataset.data_vars.values()):
        raise ValueError(f"variables of a store share their dimensions: {dict(dataset.sizes)}")
    ordered = dataset.drop_vars([n for n in dataset.coords if n not in dims]).transpose(*dims)
    if not ordered.chunks:
        return ordered.chunk({d: 1 if d == "year" and "y" in dims else SIDE if d in "yx" else -1 for d in dims})
    whole = ordered.unify_chunks() if len({v.data.chunks for v in _lazy(ordered)}) > 1 else ordered
    return whole.chunk({d: whole.chunks[d] for d in dims})


def _lazy(dataset: xr.Dataset) -> list[xr.DataArray]:
    return [v for v in dataset.data_vars.values() if v.chunks]


def _writer(workspace: Path, layout: Layout, keys: Keys | None, told: Mapping[Hashable, Any]) -> Writer:
    if layout.is_raster:
        return ZarrChunks(workspace, layout.names)
    if keys is None:
        raise ValueError("a table is stored with the keys of its rows")
    if len(layout.chunks[1]) > 1:
        raise ValueError("a table is stored with all years of a region in one chunk")
    attributes = {str(k): v for k, v in told.items()} | {"years": layout.years, "variables": layout.names}
    return PartChunks(workspace, layout.names, keys, attributes)


def _prepare(workspace: Path, layout: Layout, *, needed: float) -> None:
    """Have a store of this layout, without any chunk or with those of an interrupted run.

    Raises
    ------
    OuheError
        There is no room, or the folder holds something else.
    """
    told = layout.record()
    record = workspace / RECORD
    if record.is_file() and record.read_text("utf-8") == told:
        held = sum(f.stat().st_size for f in workspace.rglob("*") if f.is_file())
        room.check(workspace, needed - held)
        return
    if workspace.exists() and not record.is_file() and any(workspace.iterdir()):
        raise OuheError.of("grids.no_store", Place(file=str(workspace)))
    room.check(workspace, needed)
    new = workspace.with_name(f".{workspace.name}.new-{os.getpid()}")
    try:
        with room.watched(workspace, needed):
            new.mkdir(parents=True)
            if layout.is_raster:
                create(new / STORE, layout)
            (new / RECORD).write_text(told, "utf-8")
            shutil.rmtree(workspace, ignore_errors=True)
            new.rename(workspace)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _written(
    writer: Writer, needed: float, place: tuple[tuple[int, ...], Window], *values: NDArray[Any]
) -> tuple[NDArray[Any], ...]:
    """Write a chunk; give how many values of it there are."""
    number, window = place
    with room.watched(writer.folder, needed):
        writer.write(number, window, *values)
    return (np.array(values[0].size),)


def _complete(writer: Writer, tasks: Sequence[Any], numbers: Sequence[tuple[int, ...]]) -> None:
    """See that every chunk is there, and write again what somebody took away since it was finished.

    Raises
    ------
    OuheError
        Workers on other machines wrote somewhere else.
    """
    import dask

    lost = [task for task, number in zip(tasks, numbers, strict=True) if not writer.there(number)]
    if lost and not engine.current().local:
        raise OuheError.of("grids.not_shared", Place(file=str(writer.folder)))
    dask.compute(*lost, scheduler="threads")
