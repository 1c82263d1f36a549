"""The data of ``scale.py``: a table of region-years of any size, the same as a raster, and outputs compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

NAMES = [f"i{j}" for j in range(10)]
YEARS = 10
BOUNDS = np.array([0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])

#: Grid of a store with a tenth as many cells as rows.
SHAPES = {1_000: (10, 10), 10_000: (25, 40), 100_000: (100, 100), 1_000_000: (250, 400)}
SHAPES |= {10_000_000: (1000, 1000), 100_000_000: (2500, 4000)}


def group(n: int) -> int:
    """Rows of a row group."""
    return max(min(1_000_000, n // 10), YEARS)


def made(n: int, folder: Path) -> Path:
    """Write a table of skewed values, the same at every run, one row group after the other."""
    path, rng, writer = folder / f"p{n}.parquet", np.random.default_rng(7), None
    for first in range(0, n, group(n)):
        place = np.arange(first, min(first + group(n), n))
        keys = {"region": (place // YEARS).astype(np.int32), "year": (2011 + place % YEARS).astype(np.int16)}
        values = {c: rng.standard_exponential(len(place), dtype=np.float32) for c in NAMES}
        table = pa.table(keys | values)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="snappy")
        writer.write_table(table, row_group_size=group(n))
    assert writer is not None
    writer.close()
    return path


def gridded(table: Path, folder: Path) -> Path:
    """The same values as a Zarr store of layers by year, y and x, in chunks of as many values as a row group."""
    import zarr

    file = pq.ParquetFile(table)
    n = file.metadata.num_rows
    high, wide = SHAPES[n]
    path = folder / f"p{n}.zarr"
    root = zarr.create_group(str(path))
    coordinates = {
        "year": np.arange(2011, 2011 + YEARS),
        "y": np.arange(high, 0, -1.0) * 1e3,
        "x": np.arange(wide) * 1e3,
    }
    for name, values in coordinates.items():
        root.create_array(name, data=values, dimension_names=(name,))
    strip = max(group(n) // YEARS // wide, 1)
    shape, chunks = (YEARS, high, wide), (YEARS, strip, wide)
    for name in NAMES:
        # as light as snappy, which Parquet has
        light = zarr.codecs.BloscCodec(cname="lz4", clevel=1, shuffle="noshuffle")
        options: dict[str, Any] = {"dtype": "float32", "dimension_names": ("year", "y", "x"), "compressors": light}
        root.create_array(name, shape=shape, chunks=chunks, **options)
    done = 0
    for part in slices(table, strip * wide * YEARS, NAMES):
        regions = part.num_rows // YEARS // wide
        for name in NAMES:
            values = part.column(name).to_numpy().reshape(regions, wide, YEARS)
            root[name][:, done : done + regions] = np.moveaxis(values, 2, 0)
        done += regions
    return path


def slices(path: Path, length: int, columns: list[str]) -> Iterator[pa.Table]:
    """Tables of `length` rows of a file or of a folder of parts, in order."""
    held: list[pa.Table] = []
    for file in sorted(path.glob("*.parquet")) if path.is_dir() else [path]:
        for batch in pq.ParquetFile(file, memory_map=False).iter_batches(length, columns=columns):
            held.append(pa.Table.from_batches([batch]))
            if sum(t.num_rows for t in held) >= length:
                whole = pa.concat_tables(held).combine_chunks()
                yield whole.slice(0, length)
                held = [whole.slice(length)]
    if sum(t.num_rows for t in held):
        yield pa.concat_tables(held).combine_chunks()


def outputs(path: Path, length: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Region, year, D and class of an output, `length` rows at a time, in the order of the table."""
    if path.suffix != ".zarr":
        columns = ["region", "year", "D", "class"]
        for part in slices(path, length, columns):
            yield tuple(part.column(name).to_numpy() for name in columns)
        return
    import zarr

    root = zarr.open_group(str(path), mode="r")
    _, high, wide = root["D"].shape
    strip = max(length // YEARS // wide, 1)
    for y in range(0, high, strip):
        D, level = (np.moveaxis(root[name][:, y : y + strip], 0, 2).ravel() for name in ("D", "class"))
        place = np.arange(len(D)) + y * wide * YEARS
        yield (place // YEARS).astype(np.int32), (2011 + place % YEARS).astype(np.int16), D, level


def compared(one: Path, other: Path, n: int) -> dict[str, float]:
    """How many D, and classes, differ at all; stop where it is by more than one unit in the last place of D."""
    rounded = classes = seen = 0
    length = max(SHAPES[n][1] * YEARS, 1_000_000 // (SHAPES[n][1] * YEARS) * SHAPES[n][1] * YEARS)
    for mine, theirs in zip(outputs(one, length), outputs(other, length), strict=True):
        kinds = [[str(column.dtype) for column in each] for each in (mine, theirs)]
        assert kinds[0] == kinds[1] == ["int32", "int16", "float32", "int16"], kinds
        np.testing.assert_array_equal(mine[0], theirs[0])
        np.testing.assert_array_equal(mine[1], theirs[1])
        unit = np.spacing(np.maximum(mine[2], theirs[2]))
        away = np.abs(mine[2] - theirs[2])
        assert (away <= unit).all(), f"D differs by {away.max():g}"
        near = np.abs(mine[2][:, None] - BOUNDS).min(axis=1) <= unit if (mine[3] != theirs[3]).any() else False
        assert ((mine[3] == theirs[3]) | near).all(), "classes differ away from bounds"
        rounded += int((away > 0).sum())
        classes += int((mine[3] != theirs[3]).sum())
        seen += len(away)
    assert seen == n, f"{seen} rows of {n}"
    return {"rounded": rounded, "classes": classes}
