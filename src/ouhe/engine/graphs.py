"""Cut what a task needs out of the graph that all tasks share, and check what it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from dask.delayed import Delayed

__all__ = ["Arrays", "arrays", "named", "needed"]

#: More than any run has tasks; what is left of it has as many digits for all of them.
LAST = 2_000_000_000

Arrays = tuple[NDArray[Any], ...]


def named(task: Delayed, step: str, number: int) -> Delayed:
    """A task that gives what `task` does, checked and as arrays of its own, under a name that tells its place.

    Where nothing else decides, dask begins with the highest name; files are read fastest in their order.
    """
    from dask.delayed import delayed

    found: Delayed = delayed(arrays)(task, dask_key_name=f"{step}-{LAST - number}")
    return found


def needed(tasks: Sequence[Delayed]) -> dict[Any, Any]:
    """What `tasks` need of their graphs, and nothing else; the graphs may be those of ten thousand chunks."""
    from dask.optimization import cull

    graph: dict[Any, Any] = {}
    for task in tasks:
        shared: Mapping[Any, Any] = task.__dask_graph__()
        graph |= cull(shared, [task.key])[0]
    return graph


def arrays(given: object) -> Arrays:
    """What a task gave, as arrays of their own.

    A view would keep the whole chunk that it was cut from in memory.

    Raises
    ------
    TypeError
        It is no tuple, or something in it has no type of numbers or texts: a defect of who made the task.
    """
    if not isinstance(given, tuple):
        raise TypeError(f"a task gives a tuple of arrays, not {type(given).__name__}")
    own = tuple(np.array(a) for a in given)
    for array in own:
        if array.dtype.hasobject:
            raise TypeError(f"a task gives arrays of numbers or texts, not of {array.dtype}")
    return own
