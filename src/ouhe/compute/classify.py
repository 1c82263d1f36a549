"""Put the coordination degree into classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks
from ouhe.errors import DataError, OptionError
from ouhe.panel import where

__all__ = ["classify"]

Array = NDArray[Any]

#: How far a degree may leave [0, last bound] by rounding, also that of float32.
ROUNDING = 1e-6


def classify(d: xr.DataArray, *, upper: Sequence[float]) -> xr.DataArray:
    r"""Class of each value: intervals open below and closed above; the lowest holds 0 too.

    .. math:: \text{class} = \min\{i: D \le \text{upper}_i\}

    Parameters
    ----------
    d
        Coordination degrees, of any dimensions, in [0, last of `upper`].
    upper
        Upper bounds of the classes, rising, above 0.

    Returns
    -------
    xarray.DataArray
        Place of the class in `upper`, from 0 (int16), with the dimensions of `d`.

    Raises
    ------
    OptionError
        The bounds do not rise or are not above 0.
    DataError
        A value is missing, negative or above the last bound; cells are named.

    References
    ----------
    Table 3 of the paper.

    Examples
    --------
    >>> d = xr.DataArray([0.0, 0.2, 0.21, 1.0], dims="region")
    >>> classify(d, upper=[0.2, 0.5, 1.0]).values
    array([0, 0, 1, 2], dtype=int16)
    """
    bounds = np.asarray(upper, dtype=float)
    if not (bounds.size and bounds[0] > 0.0 and (np.diff(bounds) > 0.0).all() and np.isfinite(bounds).all()):
        raise OptionError.of("compute.bounds", bounds=", ".join(f"{b:g}" for b in bounds))
    last = float(bounds[-1])

    def codes(a: Array, *, out: Array) -> None:
        if not ((a >= -ROUNDING) & (a <= last + ROUNDING)).all():
            raise DataError.of("compute.degree_outside", at="D", value=float(a.max()), bound=last)
        out[...] = np.searchsorted(bounds, np.minimum(a, last), side="left")

    try:
        return d.copy(deep=False, data=blocks.cells(codes, d.variable, dtype=np.dtype(np.int16)).data).rename("class")
    except DataError:
        # a block does not know its labels
        right = (d >= -ROUNDING) & (d <= last + ROUNDING)
        raise DataError(*where(d, ~right, "compute.degree_outside", bound=last)) from None
