"""Compiling of loops to machine code; numba is imported only where a module of loops is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["compiled"]


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function`, for later processes too where some folder can hold it; it lets other threads run.

    Examples
    --------
    >>> @compiled
    ... def total(n):
    ...     found = 0
    ...     for i in range(n):
    ...         found += i
    ...     return found
    >>> total(5)
    10
    """
    from numba import njit

    made: Callable[..., Any]
    try:
        made = njit(cache=True, nogil=True)(function)
    except RuntimeError:
        # numba finds no folder it may write to
        made = njit(nogil=True)(function)
    return made
