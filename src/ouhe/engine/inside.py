"""Whether this thread is at work on a task, and so must not start threads of its own."""

from __future__ import annotations

import sys
import threading

__all__ = ["enter", "inside_task"]

_thread = threading.local()


def enter() -> None:
    """Mark this thread, for as long as it lives, as one that works on tasks."""
    _thread.at_work = True


def inside_task() -> bool:
    """Whether the caller runs in a task that :func:`ouhe.engine.collect` computes.

    Tasks share the cores among them already. Whoever would start threads works alone instead where this is true.

    Examples
    --------
    >>> import dask
    >>> from ouhe import engine
    >>> engine.inside_task(), engine.collect([dask.delayed(lambda: (engine.inside_task(),))()])
    (False, [(array(True),)])
    """
    if getattr(_thread, "at_work", False):
        return True
    # dask.distributed names the task in each thread that works on one; where dask is not loaded nobody does
    context = sys.modules.get("dask.context")
    return context is not None and getattr(context.thread_state, "key", None) is not None
