"""Kinds of shapes that words tell apart, as small numbers; the words are the texts' affair."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ouhe.errors import OptionError
from ouhe.panel import NonNegative

__all__ = ["course", "modality", "peakedness", "tail"]


def modality(peaks: xr.DataArray) -> xr.DataArray:
    """Whether a curve has one peak, two, or more.

    Parameters
    ----------
    peaks
        Numbers of peaks from :func:`shape`.

    Returns
    -------
    xarray.DataArray
        1 (single-peaked), 2 (double-peaked) or 3 (three peaks or more), int8.

    Examples
    --------
    >>> modality(xr.DataArray([1, 2, 5])).values
    array([1, 2, 3], dtype=int8)
    """
    return peaks.clip(max=3).astype(np.int8).rename("modality")


def tail(skewness: xr.DataArray, *, beyond: NonNegative = 0.5) -> xr.DataArray:
    """On which side a distribution has its long tail.

    Right-skewed is a long tail on the right, with the peak on the left. Some papers name the side of the peak
    instead, and call that left-skewed.

    Parameters
    ----------
    skewness
        Skewness from :func:`shape`.
    beyond
        Skewness up to which, in either direction, a distribution counts as symmetric.

    Returns
    -------
    xarray.DataArray
        −1 (left-skewed), 0 (about symmetric) or 1 (right-skewed), int8.

    Raises
    ------
    OptionError
        `beyond` is not a number of 0 or more.

    References
    ----------
    Bulmer, *Principles of Statistics* (1979), for the half as the end of about symmetric.

    Examples
    --------
    >>> tail(xr.DataArray([-0.8, 0.5, 0.6])).values
    array([-1,  0,  1], dtype=int8)
    """
    _check(beyond)
    return _sided(skewness, beyond).rename("tail")


def peakedness(kurtosis: xr.DataArray, *, beyond: NonNegative = 0.5) -> xr.DataArray:
    """Whether a distribution is sharper or flatter than a normal one of the same spread.

    Parameters
    ----------
    kurtosis
        Kurtosis b₂ from :func:`shape`, 3 for a normal distribution.
    beyond
        Distance from 3 up to which a distribution counts as about normal.

    Returns
    -------
    xarray.DataArray
        −1 (flat, platykurtic), 0 (about normal) or 1 (sharp, leptokurtic), int8.

    Raises
    ------
    OptionError
        `beyond` is not a number of 0 or more.

    Examples
    --------
    >>> peakedness(xr.DataArray([1.8, 3.2, 6.0])).values
    array([-1,  0,  1], dtype=int8)
    """
    _check(beyond)
    return _sided(kurtosis - 3.0, beyond).rename("peakedness")


def course(first: xr.DataArray, last: xr.DataArray, *, beyond: NonNegative = 0.05) -> xr.DataArray:
    r"""Whether a measure of shape, such as the height or the width of the main peak, falls, stays or rises.

    .. math:: \frac{\text{last} - \text{first}}{|\text{first}|}

    Parameters
    ----------
    first, last
        The measure in two years, with the same dimensions, nowhere missing.
    beyond
        Share of the first up to which a change counts as none.

    Returns
    -------
    xarray.DataArray
        −1 (falls), 0 (stays) or 1 (rises), int8.

    Raises
    ------
    OptionError
        `beyond` is not a number of 0 or more.

    Examples
    --------
    >>> course(xr.DataArray([2.0, 2.0, 2.0]), xr.DataArray([1.5, 2.1, 2.2])).values
    array([-1,  0,  1], dtype=int8)
    """
    _check(beyond)
    # 2.1 is a little more than 5 % above 2 in binary
    return _sided(last - first, beyond * abs(first) * (1.0 + 1e-12)).rename("course")


def _check(beyond: float) -> None:
    """Refuse a threshold that is none."""
    if not 0.0 <= beyond < np.inf:
        raise OptionError.of("density.beyond", value=beyond)


def _sided(value: xr.DataArray, limit: float | xr.DataArray) -> xr.DataArray:
    """Sign of a value where it lies beyond a limit, else 0."""
    return ((1 - 2 * (value < 0.0)) * (abs(value) > limit)).astype(np.int8)
