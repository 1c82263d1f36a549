"""Compute many pieces of work and bring home what each gives, in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ouhe.engine.graphs import Arrays, arrays, needed
from ouhe.engine.inside import inside_task
from ouhe.engine.running import current

if TYPE_CHECKING:
    from dask.delayed import Delayed

__all__ = ["collect"]


def collect(tasks: Sequence[Delayed], *, step: str = "compute") -> list[Arrays]:
    """Compute tasks, each of which gives a tuple of small arrays, on the engine in force.

    The same bytes come back from every engine and any number of threads. Where the engine has a workspace, each
    finished task is written down there, and an interrupted run takes it from there when it is run again.

    Parameters
    ----------
    tasks
        Delayed calls; those of a run come in the same order every time.
    step
        Name of the step, for progress.

    Returns
    -------
    list of tuple of numpy.ndarray
        What each task gives, in the order of `tasks`, as arrays of their own.

    Raises
    ------
    Exception
        Whatever a task raises, as it is; the tasks that are left are not begun.
    OuheError
        The workers were lost, or what is finished cannot be written down.

    Examples
    --------
    >>> import dask
    >>> collect([dask.delayed(lambda n: (n,))(n) for n in range(3)])
    [(array(0),), (array(1),), (array(2),)]
    """
    if not inside_task():
        return current().collect(tasks, step=step)
    from dask.local import get_sync

    return [arrays(given) for given in get_sync(needed(tasks), [task.key for task in tasks])]
