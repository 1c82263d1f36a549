"""Compiling of loops to machine code; numba is imported only where a module of loops is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, overload

__all__ = ["compiled"]

Loops = Callable[..., Any]


@overload
def compiled(function: Loops) -> Loops: ...
@overload
def compiled(*, divides: bool) -> Callable[[Loops], Loops]: ...
def compiled(function: Loops | None = None, *, divides: bool = False) -> Loops | Callable[[Loops], Loops]:
    """Compile `function`, for later processes too where some folder can hold it; it lets other threads run.

    Parameters
    ----------
    function
        The loops.
    divides
        Division by zero gives ∞ or NaN, as in arrays, and no error; otherwise loops that divide go one by one. A
        product may be added without being rounded before.

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
    if function is None:
        return lambda later: _made(later, "numpy" if divides else "python")
    return _made(function, "python")


def _made(function: Loops, error_model: Literal["python", "numpy"]) -> Loops:
    from numba import njit

    fused: set[str] | bool = {"contract"} if error_model == "numpy" else False
    made: Loops
    try:
        made = njit(cache=True, nogil=True, error_model=error_model, fastmath=fused)(function)
    except RuntimeError:
        # numba finds no folder it may write to
        made = njit(nogil=True, error_model=error_model, fastmath=fused)(function)
    return made
