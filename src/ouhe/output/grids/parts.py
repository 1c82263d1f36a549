"""Chunks of a table in Parquet files, one part a chunk, with the keys of its rows."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from ouhe.output.grids.layout import Window

__all__ = ["ATTRIBUTES", "Keys", "PartChunks", "part_name", "write_part"]

#: Key of a file's metadata that tells what the table is.
ATTRIBUTES = b"ouhe"


class Keys(Protocol):
    """What says which row is which; workers read it where they write."""

    def read(self, regions: slice, /) -> Mapping[str, NDArray[Any]]:
        """Columns of the keys for some regions, all years of a region one after the other."""


@dataclass(frozen=True)
class PartChunks:
    """Writes the chunks of several variables with their keys into Parquet files.

    Parameters
    ----------
    folder
        Folder of the store of chunks.
    names
        The variables, in the order in which values come.
    keys
        The keys of all rows.
    """

    folder: Path
    names: tuple[str, ...]
    keys: Keys
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def write(self, number: tuple[int, ...], window: Window, *values: NDArray[Any]) -> None:
        """Write a part, whole or not at all."""
        columns = dict(self.keys.read(window[0]))
        columns |= {name: chunk.ravel() for name, chunk in zip(self.names, values, strict=True)}
        write_part(self.folder / part_name(number[0]), columns, self.attributes)

    def there(self, number: tuple[int, ...]) -> bool:
        """Whether a part is finished."""
        return (self.folder / part_name(number[0])).is_file()


def part_name(number: int) -> str:
    """Name of a part; parts in the order of their names are in the order of the rows."""
    return f"part-{number:05}.parquet"


def write_part(path: Path, columns: Mapping[str, NDArray[Any]], attributes: Mapping[str, Any]) -> None:
    """Write columns as a Parquet file, which appears whole or not at all.

    Parameters
    ----------
    path
        The file.
    columns
        Columns of equal length, none of which lacks a value.
    attributes
        What the table is, in the file's metadata.
    """
    import pyarrow as pa
    from pyarrow import parquet

    arrays = [pa.array(values) for values in columns.values()]
    # that nothing is missing is known, so it need not be looked for
    fields = [pa.field(name, a.type, nullable=False) for name, a in zip(columns, arrays, strict=True)]
    told = {ATTRIBUTES: json.dumps(attributes, ensure_ascii=False).encode()}
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=told))
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        few = _repeating(columns)
        parquet.write_table(table, new, compression="snappy", use_dictionary=few, row_group_size=len(table) or 1)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _repeating(columns: Mapping[str, NDArray[Any]]) -> Sequence[str]:
    """Columns of so few values that they are stored smaller, and no slower, as places in a list of them."""
    return [n for n, v in columns.items() if v.dtype.kind in "OUT" or (v.dtype.kind in "iub" and v.itemsize < 4)]
