"""Whole numbers that stand in the order of floating-point numbers of one type, one for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["keys_of", "values_of"]

Array = NDArray[Any]


def keys_of(values: Array, kind: np.dtype[Any]) -> Array:
    """Whole numbers in the order of the values, the same for both zeros.

    Parameters
    ----------
    values
        Finite numbers.
    kind
        Type whose keys are wanted: float32 or float64.

    Returns
    -------
    numpy.ndarray
        Unsigned whole numbers of the same size.

    Examples
    --------
    >>> keys = keys_of(np.array([-2.0, -0.0, 0.0, 1e-300]), np.dtype(float))
    >>> np.diff(keys.astype(object)) > 0
    array([ True, False,  True])
    """
    bits = 8 * kind.itemsize
    # both zeros are one value
    plain = np.add(values, 0.0, dtype=kind)
    signed = plain.view(f"i{kind.itemsize}")
    # of a negative number all bits turn, of another one the sign
    turned = (signed >> (bits - 1)).view(f"u{kind.itemsize}")
    turned |= turned.dtype.type(1 << (bits - 1))
    turned ^= plain.view(turned.dtype)
    return turned


def values_of(keys: Array, kind: np.dtype[Any]) -> Array:
    """Values of keys, in float64.

    Examples
    --------
    >>> kind = np.dtype(np.float32)
    >>> values_of(keys_of(np.array([-2.5, 0.0, 3.0]), kind), kind)
    array([-2.5,  0. ,  3. ])
    """
    sign = keys.dtype.type(1 << (8 * kind.itemsize - 1))
    plain: Array = np.where(keys & sign, keys ^ sign, ~keys).view(kind)
    return plain.astype(np.float64)
