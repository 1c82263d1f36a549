"""Arrays of Zarr stores and NetCDF files, read a window at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe.errors import DataError, OuheError, Place
from ouhe.read.grid.layers import Decoding, Target

__all__ = ["NetcdfVariable", "Variable", "ZarrVariable", "reading"]


@contextmanager
def reading(file: str, name: str) -> Iterator[None]:
    """Tell of a file whose values cannot be read which one it is."""
    try:
        yield
    except (OuheError, MemoryError):
        raise
    except Exception as error:
        detail = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise DataError.of("gridded.cannot_read", Place(file), layer=name, detail=detail) from error


@dataclass(frozen=True)
class Variable:
    """Layers of one variable, whose dimensions may stand in any order.

    Parameters
    ----------
    path, file
        Where it lies, and its name in messages.
    key
        Name of the variable.
    dims
        What its dimensions are: ``y``, ``x``, ``year``, ``indicator``, in the order stored.
    stored
        Its shape.
    chunks
        Shape of what is stored together.
    layers
        Position of each layer along the dimensions other than y and x.
    labels
        What messages call each layer.
    kind
        Type of the stored numbers.
    values
        Type of the values.
    decoding
        How they are decoded.
    state
        Size and time of the last change, by which an opened store is known.
    """

    path: str
    file: str
    key: str
    dims: tuple[str, ...]
    stored: tuple[int, ...]
    chunks: tuple[int, ...]
    layers: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]
    kind: str
    values: str
    decoding: Decoding
    state: tuple[int, int] = (0, 0)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of layers, rows and columns."""
        return len(self.layers), self.stored[self.dims.index("y")], self.stored[self.dims.index("x")]

    @property
    def ndim(self) -> int:
        """Three."""
        return 3

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the decoded values."""
        return np.dtype(self.values)

    @property
    def preferred_chunks(self) -> dict[str, int]:
        """What is stored together."""
        return {d: n for d, n in zip(self.dims, self.chunks, strict=True) if d in {"y", "x", "year"}}

    def name(self, layer: int) -> str:
        """What messages call a layer."""
        return self.labels[layer]

    def __getitem__(self, key: tuple[slice, slice, slice]) -> NDArray[Any]:
        layers = range(*key[0].indices(self.shape[0]))
        y, x = (slice(*k.indices(n)) for k, n in zip(key[1:], self.shape[1:], strict=True))
        out = np.empty((1, len(layers), y.stop - y.start, x.stop - x.start), self.dtype)
        self.fill(out, [(layer, 0, t) for t, layer in enumerate(layers)], y, x)
        filled: NDArray[Any] = out[0]
        return filled

    def fill(self, out: NDArray[Any], targets: Sequence[Target], y: slice, x: slice) -> None:
        """Read a window of some layers into ``out[indicator, year]``."""
        with reading(self.file, self.name(targets[0][0])):
            for box in self._boxes(targets):
                self._fill_box(out, box, y, x)

    def _boxes(self, targets: Sequence[Target]) -> list[list[Target]]:
        """Layers that are read together: all, unless most of what lies between them is not wanted."""
        at = np.array([self.layers[layer] for layer, _, _ in targets]).reshape(len(targets), -1)
        span = int(np.prod(at.max(axis=0) - at.min(axis=0) + 1)) if at.size else 1
        return [list(targets)] if span <= 2 * len(targets) else [[t] for t in targets]

    def _fill_box(self, out: NDArray[Any], targets: list[Target], y: slice, x: slice) -> None:
        at = np.array([self.layers[layer] for layer, _, _ in targets], dtype=int).reshape(len(targets), -1)
        low, high = (at.min(axis=0), at.max(axis=0) + 1) if at.size else (at, at)
        others = iter(zip(low.tolist(), high.tolist(), strict=True)) if at.shape[1] else iter(())
        window = {"y": y, "x": x}
        key = tuple(window[d] if d in window else slice(*next(others)) for d in self.dims)
        whole = self._whole(out, targets, at)
        if whole is not None:
            self._read(key, whole)
            if not self.decoding.plain:
                self.decoding(whole, whole)
            return
        block = np.empty([k.stop - k.start for k in key], np.dtype(self.kind))
        self._read(key, block)
        front = [i for i, d in enumerate(self.dims) if d not in window]
        block = block.transpose(*front, self.dims.index("y"), self.dims.index("x"))
        for (_, i, t), position in zip(targets, at - low if at.shape[1] else at, strict=True):
            self.decoding(block[tuple(position.tolist())], out[i, t])

    def _whole(self, out: NDArray[Any], targets: list[Target], at: NDArray[Any]) -> NDArray[Any] | None:
        """Part of `out` that the box can be read into at once; None where it must be turned around or converted."""
        if self.dims[-2:] != ("y", "x") or np.dtype(self.kind) != out.dtype or len(self.dims) > 3:
            return None
        first = targets[0]
        straight = [(first[1], first[2] + n) for n in range(len(targets))]
        steps = at[:, 0] - at[0, 0] == np.arange(len(targets)) if at.shape[1] else np.ones(1, dtype=bool)
        if [t[1:] for t in targets] != straight or not steps.all():
            return None
        part: NDArray[Any] = out[first[1], first[2] : first[2] + len(targets)]
        part = part if at.shape[1] else part[0]
        return part if part.flags.c_contiguous else None

    def _read(self, key: tuple[slice, ...], out: NDArray[Any]) -> None:
        """Read stored numbers into `out`, which lies in one piece."""
        raise NotImplementedError


@dataclass(frozen=True)
class ZarrVariable(Variable):
    """Layers of an array of a Zarr store."""

    def _read(self, key: tuple[slice, ...], out: NDArray[Any]) -> None:
        from zarr.buffer.cpu import NDBuffer

        _zarr_array(self.path, self.key, self.state).get_basic_selection(key, out=NDBuffer(out))


@dataclass(frozen=True)
class NetcdfVariable(Variable):
    """Layers of a variable of a NetCDF file."""

    def _read(self, key: tuple[slice, ...], out: NDArray[Any]) -> None:
        import h5py

        with h5py.File(Path(self.path), "r") as file:
            file[self.key].read_direct(out, source_sel=key)


@lru_cache(maxsize=256)
def _zarr_array(path: str, key: str, state: tuple[int, int]) -> Any:  # noqa: ARG001 (a changed store is opened anew)
    """Array of a store, opened once in each process."""
    import zarr

    return zarr.open_array(store=path, path=key, mode="r")
