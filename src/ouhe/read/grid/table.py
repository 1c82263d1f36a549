"""Rows of tall Parquet tables, counted through and verified to come in a regular order of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe.errors import DataError, Place
from ouhe.read.grid.variable import reading

__all__ = ["Axis", "Table", "column", "metadata"]

#: Rows in one stretch from which a table is read stretch by stretch; shorter ones are cut out of what is read.
_STRETCH = 1024


@dataclass(frozen=True)
class Axis:
    """A key of a table.

    Parameters
    ----------
    role
        ``region``, ``year``, ``y`` or ``x``.
    key
        Name of its column.
    run
        Rows over which it keeps its value.
    size
        How many values it has.
    values
        Those of a year or of coordinates; empty for regions.
    slack
        By how much a coordinate may differ.
    kind
        Type of the column.
    """

    role: str
    key: str
    run: int
    size: int
    values: tuple[float, ...] = ()
    slack: float = 0.0
    kind: str = "int64"


@dataclass(frozen=True)
class Table:
    """A tall table in one or more files, whose rows are counted through.

    Parameters
    ----------
    paths, files
        Parts, and their names in messages.
    groups
        Part, number in it and first row of every row group.
    rows
        Number of rows.
    axes
        Keys from the one that changes last to the one that changes first.
    state
        Bytes and time of the last change.
    """

    paths: tuple[str, ...]
    files: tuple[str, ...]
    groups: tuple[tuple[int, int, int], ...]
    rows: int
    axes: tuple[Axis, ...] = ()
    state: tuple[int, int] = (0, 0)

    def __hash__(self) -> int:
        # the row groups of a large table are many, and are given by its files
        return hash((self.paths, self.state, self.rows, self.axes))

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """First row of every row group, and the end."""
        return np.array([*(start for _, _, start in self.groups), self.rows], dtype=np.int64)

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k != "starts"}

    def axis(self, role: str) -> Axis:
        """Key of a role."""
        return next(a for a in self.axes if a.role == role)

    def overlapping(self, start: int, stop: int) -> range:
        """Row groups that hold the rows from `start` to `stop`."""
        first = int(np.searchsorted(self.starts, start, side="right")) - 1
        return range(first, int(np.searchsorted(self.starts, stop, side="left")))

    def column(self, group: int, key: str) -> list[NDArray[Any]]:
        """Values of a column in a row group, in one or more pieces."""
        part, number, _ = self.groups[group]
        with reading(self.files[part], key):
            return column(self.paths[part], number, key, self.state)

    def value(self, row: int, key: str) -> Any:
        """Value of a column in one row."""
        group = self.overlapping(row, row + 1)[0]
        return np.concatenate(self.column(group, key))[row - self.starts[group]]

    def ends(self, key: str) -> tuple[float, float] | None:
        """Least and greatest value of a column, where the footers tell them of every row group and none is missing."""
        least, greatest = np.inf, -np.inf
        for part, number, _ in self.groups:
            footer = metadata(self.paths[part], self.state)
            told = footer.row_group(number).column(footer.schema.names.index(key)).statistics
            if told is None or not told.has_min_max or not told.has_null_count or told.null_count:
                return None
            least, greatest = min(least, float(told.min)), max(greatest, float(told.max))
        return least, greatest

    def largest(self, group: int, key: str) -> int | None:
        """Largest value of a column of whole numbers in a row group, where its footer tells."""
        part, number, _ = self.groups[group]
        footer = metadata(self.paths[part], self.state)
        told = footer.row_group(number).column(footer.schema.to_arrow_schema().get_field_index(key)).statistics
        return told.max if told is not None and told.has_min_max and isinstance(told.max, int) else None

    def file_of(self, group: int) -> str:
        """Name of the file that holds a row group."""
        return self.files[self.groups[group][0]]

    def box(self, window: Mapping[str, slice]) -> tuple[list[tuple[int, int]], tuple[int, ...], tuple[slice, ...]]:
        """Stretches of rows that cover a window, the shape of what they hold, and where in it the window lies."""
        asked = [slice(*window.get(a.role, slice(None)).indices(a.size)) for a in self.axes]
        split = 0
        for i, (axis, part) in enumerate(zip(self.axes, asked, strict=True)):
            held = part.stop - part.start
            if held < axis.size and held * axis.run >= _STRETCH:
                split = i
        starts = np.zeros(1, dtype=np.int64)
        for axis, part in zip(self.axes[:split], asked[:split], strict=True):
            starts = (starts[:, None] + np.arange(part.start, part.stop) * axis.run).ravel()
        run, cut = self.axes[split].run, asked[split]
        stretches = [(int(s) + cut.start * run, int(s) + cut.stop * run) for s in starts]
        shape = (*(p.stop - p.start for p in asked[: split + 1]), *(a.size for a in self.axes[split + 1 :]))
        return stretches, shape, (*(slice(None) for _ in asked[: split + 1]), *asked[split + 1 :])

    def read(self, stretches: Sequence[tuple[int, int]], keys: Sequence[str], out: NDArray[Any]) -> None:
        """Read the rows of some stretches into ``out[column, row]``, every row group once."""
        lengths = np.array([stop - start for start, stop in stretches])
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        needed = sorted({g for start, stop in stretches for g in self.overlapping(start, stop)})
        for group in needed:
            self._verify(group)
            cuts = list(self._cuts(group, stretches, offsets))
            for row, key in zip(out, keys, strict=True):
                at = 0
                # one column after another, so that no more than one is held twice
                for piece in self.column(group, key):
                    for begin, end, to in cuts:
                        low, high = max(begin, at), min(end, at + len(piece))
                        if low < high:
                            row[to + low - begin : to + high - begin] = piece[low - at : high - at]
                    at += len(piece)

    def _cuts(
        self, group: int, stretches: Sequence[tuple[int, int]], offsets: NDArray[np.int64]
    ) -> Iterator[tuple[int, int, int]]:
        """Parts of a row group that stretches take, and where they go."""
        low, high = int(self.starts[group]), int(self.starts[group + 1])
        for (start, stop), offset in zip(stretches, offsets[:-1], strict=True):
            begin, end = max(start, low), min(stop, high)
            if begin < end:
                yield begin - low, end - low, int(offset) + begin - start

    def _verify(self, group: int) -> None:
        if not _in_order(self, group):
            raise AssertionError  # _in_order raises

    def rows_at(self, group: int, key: str) -> NDArray[Any]:
        """Whole column of a row group in one piece."""
        pieces = self.column(group, key)
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


#: Rows after which keys repeat, up to which their repetition is laid out.
_PERIOD = 1 << 12


@lru_cache(maxsize=1 << 16)
def _in_order(table: Table, group: int) -> bool:
    """Verify the keys of a row group, once in each process.

    Raises
    ------
    DataError
        A row stands elsewhere than the regular order wants it.
    """
    start, stop = int(table.starts[group]), int(table.starts[group + 1])
    for axis in table.axes:
        found = table.rows_at(group, axis.key)
        wrong = _region_breaks(table, axis, group, found) if axis.role == "region" else _breaks(axis, start, found)
        if wrong is not None:
            order = ", ".join(a.key for a in table.axes)
            said = {"row": f"{start + wrong + 1:,}", "column": axis.key, "value": found[wrong], "order": order}
            raster = any(a.role == "y" for a in table.axes)
            key = "gridded.keys_break_raster" if raster else "gridded.keys_break"
            raise DataError.of(key, Place(table.file_of(group)), **said)
    return start < stop or table.rows == 0


def _breaks(axis: Axis, start: int, found: NDArray[Any]) -> int | None:
    """First row whose key is not what the order wants there."""
    period = axis.run * axis.size
    values = np.array(axis.values)
    if period <= _PERIOD and not axis.slack:
        # short periods repeat, which is compared faster than it is counted
        once = np.tile(np.repeat(values.astype(found.dtype), axis.run), _PERIOD // period + 1)
        turned = np.roll(once, -(start % period))
        times = -(-len(found) // len(turned))
        right = found == np.broadcast_to(turned, (times, len(turned))).reshape(-1)[: len(found)]
    else:
        expected = values[((start + np.arange(len(found))) // axis.run) % axis.size]
        with np.errstate(invalid="ignore"):
            right = np.abs(found - expected) <= axis.slack if axis.slack else found == expected
    return None if right.all() else int(np.argmin(right))


def _region_breaks(table: Table, axis: Axis, group: int, found: NDArray[Any]) -> int | None:
    """First row at which a region begins or ends elsewhere than it should, or comes in no rising order."""
    start, run = int(table.starts[group]), axis.run
    right = np.empty(len(found), dtype=bool)
    right[1:] = found[1:] == found[:-1]
    first = (-start) % run  # first row at which a region begins
    right[0] = start == 0 or _follows(table, axis, group, found[0], rises=first == 0)
    begins = found[first or run :: run]
    right[first or run :: run] = begins > found[(first or run) - 1 :: run][: len(begins)]
    block = run * axis.size
    if block < table.rows:  # year after year, each with the regions of the first
        row = start + np.arange(len(found))
        right |= row % block == 0
        right &= (row < block) | (found == _first_block(table, axis, row % block))
    return None if right.all() else int(np.argmin(right))


def _follows(table: Table, axis: Axis, group: int, value: Any, *, rises: bool) -> bool:
    """Whether the first row of a row group goes on from the row before it, as the footer tells or else the row."""
    if axis.run > 1:
        told = table.largest(group - 1, axis.key)
        if told is not None and bool(value > told if rises else value == told):
            return True
    before = table.rows_at(group - 1, axis.key)[-1]
    return bool(value > before if rises else value == before)


def _first_block(table: Table, axis: Axis, rows: NDArray[np.int64]) -> NDArray[Any]:
    """Regions of the first year at some rows."""
    groups = table.overlapping(int(rows.min()), int(rows.max()) + 1)
    held = np.concatenate([table.rows_at(g, axis.key) for g in groups])
    out: NDArray[Any] = held[rows - table.starts[groups[0]]]
    return out


@lru_cache(maxsize=1024)
def metadata(path: str, state: tuple[int, int]) -> Any:  # noqa: ARG001 (a changed file is opened anew)
    """Footer of a Parquet file, read once in each process."""
    import pyarrow.parquet as pq

    return pq.read_metadata(path)


def column(path: str, group: int, key: str, state: tuple[int, int]) -> list[NDArray[Any]]:
    """One column of a row group, in one or more pieces that lie in memory as the library decoded them."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, metadata=metadata(path, state), memory_map=False, pre_buffer=False) as file:
        read = file.read_row_group(group, columns=[key], use_threads=False)
    return [piece.to_numpy(zero_copy_only=False) for piece in read.column(0).chunks]
