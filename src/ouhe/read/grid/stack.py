"""All layers of a study as one array ``(indicator, year, y, x)`` that reads a window at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe.errors import DataError, Place, Problem
from ouhe.read.grid.layers import LayerSource, Target

__all__ = ["Outside", "Piece", "Stack", "lazy"]


#: Layers of a window that are told one by one.
_MOST_TOLD = 10


@dataclass(frozen=True)
class Piece:
    """Layers of one source and where they stand in a stack."""

    source: LayerSource
    targets: tuple[Target, ...]
    file: str

    def within(self, indicators: range, years: range) -> list[Target]:
        """Layers that a part of the stack takes, by their place in that part."""
        return [
            (layer, i - indicators.start, t - years.start)
            for layer, i, t in self.targets
            if i in indicators and t in years
        ]


@dataclass(frozen=True, eq=False)
class Outside:
    """Cells that are not counted, eight of them in a byte.

    Parameters
    ----------
    packed
        Bits of the rows.
    columns
        Number of columns.
    rule
        ``same`` where every layer must lack these cells and no others, ``any`` where they were found among all layers,
        ``file`` where they were given.
    """

    packed: NDArray[np.uint8] = field(repr=False)
    columns: int
    rule: str

    def window(self, y: slice, x: slice) -> NDArray[np.bool_]:
        """Cells of a window that are not counted."""
        return np.unpackbits(self.packed[y], axis=1, count=self.columns)[:, x].view(bool)

    @classmethod
    def of(cls, inside: NDArray[np.bool_], rule: str) -> Outside:
        """Pack the cells that are not `inside`."""
        return cls(np.packbits(~inside, axis=1), inside.shape[1], rule)


@dataclass(frozen=True, eq=False)
class Stack:
    """Array-like over all layers; picklable, and opened where it is read.

    Parameters
    ----------
    indicators, years
        Labels of the first two dimensions.
    size
        Number of rows and columns.
    kind
        Type of the values.
    pieces
        Sources; together they hold every indicator in every year once.
    outside
        Cells that are not counted; None where all are.
    checked
        Refuse layers without value where a cell is counted.
    """

    indicators: tuple[str, ...]
    years: tuple[int, ...]
    size: tuple[int, int]
    kind: str
    pieces: tuple[Piece, ...]
    outside: Outside | None = None
    checked: bool = True

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Numbers of indicators, years, rows and columns."""
        return len(self.indicators), len(self.years), *self.size

    @property
    def ndim(self) -> int:
        """Four."""
        return 4

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values."""
        return np.dtype(self.kind)

    @property
    def preferred_chunks(self) -> dict[str, int]:
        """What most of the layers store together; every indicator."""
        counts: dict[tuple[tuple[str, int], ...], int] = {}
        for piece in self.pieces:
            stored = tuple(sorted(piece.source.preferred_chunks.items()))
            counts[stored] = counts.get(stored, 0) + len(piece.targets)
        most = dict(max(counts.items(), key=lambda held: held[1])[0])
        sizes = {"year": len(self.years), "y": self.size[0], "x": self.size[1]}
        return {"indicator": len(self.indicators)} | {d: min(most.get(d, 1), n) for d, n in sizes.items()}

    def __getitem__(self, key: tuple[slice, slice, slice, slice]) -> NDArray[Any]:
        """Read a window of some indicators and years.

        Raises
        ------
        DataError
            A file cannot be read, or layers lack values where cells are counted.
        """
        chosen, years, y, x = (slice(*k.indices(n)) for k, n in zip(key, self.shape, strict=True))
        ranges = range(chosen.start, chosen.stop), range(years.start, years.stop)
        out = np.empty((len(ranges[0]), len(ranges[1]), y.stop - y.start, x.stop - x.start), self.dtype)
        for piece in self.pieces:
            targets = piece.within(*ranges)
            if targets:
                piece.source.fill(out, targets, y, x)
        if self.checked:
            self._check(out, (chosen.start, years.start), y, x)
        return out

    def _check(self, out: NDArray[Any], first: tuple[int, int], y: slice, x: slice) -> None:
        """Compare what is lacking with the cells that are not counted, and leave no values there."""
        outside = None if self.outside is None else self.outside.window(y, x)
        if outside is not None and not outside.any():
            outside = None
        problems = [
            problem
            for (i, t) in np.ndindex(out.shape[:2])
            for problem in self._compared(out[i, t], outside, (first[0] + i, first[1] + t), y, x)
        ]
        if len(problems) > _MOST_TOLD:
            more = Problem("gridded.more_layers", Place(), {"count": len(problems) - _MOST_TOLD})
            problems = [*problems[:_MOST_TOLD], more]
        if problems:
            raise DataError(*problems)
        if outside is not None and self.outside is not None and self.outside.rule != "same":
            out[:, :, outside] = np.nan

    def _compared(
        self, layer: NDArray[Any], outside: NDArray[np.bool_] | None, at: tuple[int, int], y: slice, x: slice
    ) -> Iterator[Problem]:
        """What is wrong with a window of one layer."""
        if outside is None:
            # a NaN makes the least value NaN, which is found faster than every NaN
            if layer.size and np.isnan(layer.min()):
                yield self._told("gridded.lacks", np.isnan(layer), at, y, x)
            return
        if self.outside is not None and self.outside.rule == "any":
            return
        lacking = np.isnan(layer)
        if self.outside is not None and self.outside.rule == "same":
            if np.array_equal(lacking, outside):
                return
            if (outside & ~lacking).any():
                yield self._told("gridded.more_than_first", outside & ~lacking, at, y, x)
        if (lacking & ~outside).any():
            yield self._told("gridded.lacks", lacking & ~outside, at, y, x)

    def _told(self, key: str, where: NDArray[np.bool_], at: tuple[int, int], y: slice, x: slice) -> Problem:
        """Problem of a layer, with how many cells it is about and the first of them."""
        row, column = np.unravel_index(int(np.argmax(where)), where.shape)
        said = {"indicator": self.indicators[at[0]], "year": self.years[at[1]], "count": f"{int(where.sum()):,}"}
        cell = {"row": y.start + int(row) + 1, "column": x.start + int(column) + 1}
        window = {"rows": f"{y.start + 1}–{y.stop}", "columns": f"{x.start + 1}–{x.stop}"}
        rule = "same" if self.outside is None else self.outside.rule
        first = f"{self.indicators[0]} {self.years[0]}"
        suffix = "" if rule == "same" else "_in_mask"
        return Problem(f"{key}{suffix}", Place(self.file_of(*at)), said | cell | window | {"first": first})

    def file_of(self, indicator: int, year: int) -> str:
        """Name of the file that holds a layer."""
        return next(p.file for p in self.pieces if any(t[1:] == (indicator, year) for t in p.targets))


def lazy(stack: Any, chunks: tuple[tuple[int, ...], ...], *, name: str) -> Any:
    """Dask array over an array-like whose windows are read one a task.

    Parameters
    ----------
    stack
        The array-like.
    chunks
        Sizes of the chunks along each dimension.
    name
        What tells this array from any other: the state of its files.
    """
    import dask.array as da

    digest = hashlib.sha256(repr((name, chunks)).encode()).hexdigest()[:32]
    meta: NDArray[Any] = np.empty((0,) * stack.ndim, stack.dtype)
    return da.from_array(stack, chunks=chunks, name=f"grid-{digest}", asarray=False, fancy=False, meta=meta)


def cut(sizes: Mapping[str, int], dims: tuple[str, ...], chunks: Mapping[str, Any]) -> tuple[tuple[int, ...], ...]:
    """Sizes of chunks along every dimension; indicators are never cut."""
    out: list[tuple[int, ...]] = []
    for dim in dims:
        whole, asked = sizes[dim], chunks.get(dim, sizes[dim])
        if dim == "indicator":
            out.append((whole,))
        elif isinstance(asked, tuple):
            out.append(asked)
        else:
            step = max(1, min(int(asked) if asked > 0 else whole, whole))
            out.append((*([step] * (whole // step)), *([whole % step] if whole % step else [])))
    return tuple(out)
