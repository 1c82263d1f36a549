"""Arrays of any library that follows the Python array API: on a graphics card, say."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["chunked", "elsewhere", "in_memory", "namespace", "products", "taken", "there"]

Array = NDArray[Any]


def namespace(array: Any) -> Any:
    """Functions for `array`: numpy's, or those of the library it belongs to.

    Parameters
    ----------
    array
        An array of any library that follows the Python array API standard.

    Returns
    -------
    module
        Its namespace.

    References
    ----------
    Python array API standard, method ``__array_namespace__``.

    Examples
    --------
    >>> namespace(np.zeros(2)) is np
    True
    """
    if isinstance(array, np.ndarray | np.generic):
        return np
    if hasattr(array, "__array_namespace__"):
        return array.__array_namespace__()
    # CuPy follows the standard in its main module, which its arrays do not always tell
    return import_module(type(array).__module__.partition(".")[0])


def chunked(x: xr.Variable) -> bool:
    """Whether `x` is chunked, by dask; asking for its chunks would take longer."""
    return not isinstance(x.data, np.ndarray) and hasattr(x.data, "dask")


def elsewhere(x: xr.Variable) -> bool:
    """Whether `x` is an array of another library than numpy, in memory or on a device."""
    return not isinstance(x.data, np.ndarray) and not hasattr(x.data, "dask")


def in_memory(array: Any) -> Array:
    """Numpy's array of a small array of any library.

    Examples
    --------
    >>> in_memory(np.ones(2))
    array([1., 1.])
    """
    # CuPy does not hand over what lies on a device unasked
    return np.asarray(array.get() if hasattr(array, "get") else array)


def there(array: Array, like: Any) -> Any:
    """`array` in the library and on the device of `like`."""
    if isinstance(like, np.ndarray):
        return array
    xp = namespace(like)
    return xp.asarray(array if array.flags.writeable else array.copy(), device=like.device)


def products(a: Any, b: Any) -> Any:
    """Σ over the first axis of a·b; for numpy without an array of the products.

    Examples
    --------
    >>> products(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[10.0], [1.0]]))
    array([13., 24.])
    """
    if isinstance(a, np.ndarray):
        return np.einsum("j...,j...->...", a, b)
    return namespace(a).sum(a * b, axis=0)


def taken(a: Any, places: slice | Sequence[int]) -> Any:
    """Some places along the first axis.

    Examples
    --------
    >>> taken(np.array([1.0, 2.0, 3.0]), [0, 2])
    array([1., 3.])
    """
    if isinstance(places, slice) or isinstance(a, np.ndarray):
        return a[places, ...]
    xp = namespace(a)
    return xp.take(a, xp.asarray(list(places), device=a.device), axis=0)


def axes_of(x: xr.Variable, over: Sequence[Any]) -> tuple[int, ...]:
    """Axes of some dimensions of `x`."""
    return tuple(i for i, d in enumerate(x.dims) if d in over)
