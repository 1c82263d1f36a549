"""Cut arrays into tiles of a size that stays in the cache, and work on these on several cores."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCK", "Tile", "alone", "cut", "run", "tiles", "workers"]

Array = NDArray[Any]
Tile = tuple[slice, ...]
R = TypeVar("R")

#: Numbers in a block: 512 KiB of float64, so that it and what is made of it stay in a core's own cache, and memory for
#: them is taken from what the process has rather than asked of the system each time.
BLOCK = 1 << 16

#: Most threads at a time: each holds blocks of its own, and more of them wait for memory rather than for a core.
MOST_WORKERS = 8

_here = threading.local()


@contextmanager
def alone() -> Iterator[None]:
    """Work on one core: whoever calls has given chunks to the others."""
    before = getattr(_here, "alone", False)
    _here.alone = True
    try:
        yield
    finally:
        _here.alone = before


def workers(pieces: int) -> int:
    """How many threads share so many pieces of work: no more than the cores this process may use, and than eight."""
    if getattr(_here, "alone", False):
        return 1
    # a container or a batch system may grant fewer cores than there are; not every system can tell
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(pieces, cores, MOST_WORKERS))


def tiles(shape: tuple[int, ...], most: int) -> list[Tile]:
    """Cut `shape` along its first axes into tiles of at most `most` numbers, in order."""
    if math.prod(shape) <= most:
        return [(slice(None),) * len(shape)]
    inner = math.prod(shape[1:])
    if inner <= most or len(shape) == 1:
        step = max(1, most // inner)
        rest = (slice(None),) * (len(shape) - 1)
        return [(slice(i, i + step), *rest) for i in range(0, shape[0], step)]
    return [(slice(i, i + 1), *rest) for i in range(shape[0]) for rest in tiles(shape[1:], most)]


def run(work: Callable[[Tile], R], supply: Sequence[Tile]) -> list[R]:
    """Do `work` on every tile; results in the tiles' order."""
    threads = workers(len(supply))
    if threads == 1:
        with np.errstate(all="ignore"):
            return [work(tile) for tile in supply]
    # one shared queue, so that a core that is busy elsewhere holds up no more than a block
    waiting = SimpleQueue[int]()
    for number in range(len(supply)):
        waiting.put(number)
    done: dict[int, R] = {}

    def pull() -> None:
        with np.errstate(all="ignore"), suppress(Empty):
            while True:
                number = waiting.get_nowait()
                done[number] = work(supply[number])

    with ThreadPoolExecutor(threads) as pool:
        for finished in [pool.submit(pull) for _ in range(threads)]:
            finished.result()
    return [done[number] for number in range(len(supply))]


def cut(array: Array, tile: Tile) -> Array:
    """Part of `array` at `tile`, whose axes are the array's last; an axis of length 1 has all places.

    Numbers come as float64, truth values as they are.
    """
    core = array.ndim - len(tile)
    part: list[slice] = [slice(None)] * core
    part += [s if n > 1 else slice(None) for s, n in zip(tile, array.shape[core:], strict=True)]
    there = array[tuple(part)]
    return there if there.dtype == np.bool_ else there.astype(np.float64, copy=False)
