"""Which cells of a raster are counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe import engine
from ouhe.errors import Place, Problem
from ouhe.read.grid.stack import Outside, Stack

__all__ = ["lacking", "masked", "windows"]

#: Bytes read at a time where a mask is made.
_MOST = 32 << 20


def windows(stack: Stack, layers: int) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of which `layers` layers are read at a time, whole blocks of what is stored together."""
    preferred = stack.preferred_chunks
    high, wide = (preferred[d] for d in ("y", "x"))
    rows, columns = stack.size
    most = max(1, _MOST // (stack.dtype.itemsize * layers))
    step_x = columns if high * columns <= most else min(columns, max(1, most // max(1, high * wide)) * wide)
    step_y = min(rows, max(1, most // (high * step_x)) * high)
    for y in range(0, rows, step_y):
        for x in range(0, columns, step_x):
            yield slice(y, min(y + step_y, rows)), slice(x, min(x + step_x, columns))


def same(stack: Stack) -> NDArray[np.bool_]:
    """Cells that have a value in the first layer."""
    inside = np.empty(stack.size, dtype=bool)
    plain = replace(stack, checked=False)
    for y, x in windows(stack, 1):
        inside[y, x] = ~np.isnan(plain[slice(0, 1), slice(0, 1), y, x][0, 0])
    return inside


def lacking(stack: Stack, y: slice, x: slice) -> tuple[NDArray[Any], ...]:
    """Cells of a window that any layer lacks, eight in a byte, and how many every layer lacks."""
    somewhere: NDArray[np.bool_] = np.zeros((y.stop - y.start, x.stop - x.start), dtype=bool)
    counts = np.empty(stack.shape[:2], dtype=np.int64)
    for i in range(len(stack.indicators)):  # one indicator at a time, because nothing else is needed of it
        nowhere = np.isnan(stack[slice(i, i + 1), slice(None), y, x][0])
        counts[i] = nowhere.sum(axis=(1, 2))
        somewhere |= nowhere.any(axis=0)
    return np.packbits(somewhere, axis=1), counts


def any_layer(stack: Stack) -> tuple[NDArray[np.bool_], tuple[Problem, ...]]:
    """Cells that have a value in every layer, and how many cells the layers cost.

    Every layer is read once.
    """
    import dask

    plain = replace(stack, checked=False)
    parts = list(windows(stack, len(stack.years)))
    found = engine.collect([dask.delayed(lacking, pure=False)(plain, y, x) for y, x in parts], step="mask")
    inside = np.empty(stack.size, dtype=bool)
    lost = np.zeros(stack.shape[:2], dtype=np.int64)
    for (y, x), (packed, counts) in zip(parts, found, strict=True):
        inside[y, x] = ~np.unpackbits(packed, axis=1, count=x.stop - x.start).view(bool)
        lost += counts
    return inside, tuple(_costs(stack, lost, int(inside.size - inside.sum())))


def _costs(stack: Stack, lost: NDArray[np.int64], outside: int) -> Iterator[Problem]:
    """Tell how many cells the layers of each indicator lack, where they do not all lack the same number."""
    if outside == 0 or (lost == outside).all():
        return
    for i, indicator in enumerate(stack.indicators):
        t = int(lost[i].argmax())
        said = {"least": f"{lost[i].min():,}", "most": f"{lost[i, t]:,}", "year": stack.years[t]}
        yield Problem(
            "gridded.layer_lacks",
            Place(stack.file_of(i, t)),
            said | {"indicator": indicator, "outside": f"{outside:,}"},
        )


def masked(stack: Stack, rule: str, given: NDArray[np.bool_] | None) -> tuple[Stack, tuple[Problem, ...]]:
    """Stack that knows which of its cells are counted.

    Parameters
    ----------
    stack
        All layers.
    rule
        ``same``, ``any`` or ``file``.
    given
        Cells that are counted, of a file.

    Returns
    -------
    tuple of Stack and tuple of Problem
        The stack, and what the user should know.
    """
    told: tuple[Problem, ...] = ()
    if rule == "any":
        inside, told = any_layer(stack)
    else:
        inside = same(stack) if given is None else given
    outside = None if inside.all() else Outside.of(inside, rule)
    return replace(stack, outside=outside), told
