"""Run tasks on threads of this process."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ouhe.engine.graphs import Arrays, needed
from ouhe.engine.inside import enter

if TYPE_CHECKING:
    from dask.delayed import Delayed

__all__ = ["Threads"]

#: Tasks whose graphs are made at a time: enough that the pause between two lots is not felt, few enough to be small.
LOT = 256


@dataclass(frozen=True)
class Threads:
    """dask's threaded scheduler.

    Parameters
    ----------
    count
        Threads at a time.
    """

    count: int

    def run(self, tasks: Iterable[tuple[int, Delayed]], finished: Callable[[int, Arrays], None]) -> None:
        """Compute `tasks`, each with its number, and hand over what each gives as soon as it is there."""
        with ThreadPoolExecutor(self.count, "ouhe", initializer=enter) as pool:
            supply = iter(tasks)
            while lot := list(itertools.islice(supply, LOT)):
                _compute(lot, pool, finished)


def _compute(lot: list[tuple[int, Delayed]], pool: ThreadPoolExecutor, finished: Callable[[int, Arrays], None]) -> None:
    from dask.callbacks import Callback
    from dask.threaded import get

    numbers = {task.key: number for number, task in lot}

    def posttask(key: object, value: Arrays, *_: object) -> None:
        if key in numbers:
            finished(numbers[key], value)

    with Callback(posttask=posttask):
        get(needed([task for _, task in lot]), list(numbers), pool=pool)
