"""Rasters brought to the resolution of a figure before anything is drawn: a pixel stands for a square of cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

__all__ = ["MOST", "commonest", "rows"]

#: Most pixels along the longer side of a map.
MOST = 600

#: Cells that are read at a time.
AT_ONCE = 8_000_000


def rows(codes: xr.DataArray, years: Sequence[int], *, count: int, most: int = MOST) -> pd.DataFrame:
    """Table ``year row column code rows columns side``: a row a pixel that holds a counted cell.

    Parameters
    ----------
    codes
        Whole numbers ``(year, y, x)`` from 0 to `count` − 1; negative where a cell is not counted.
    years
        Years to show.
    count
        How many codes there are.
    most
        Most pixels along the longer side.

    Returns
    -------
    pandas.DataFrame
        ``row`` and ``column`` count from the corner where y is largest and x least; ``rows`` and ``columns`` are the
        pixels of the whole map, ``side`` the cells along a side of a pixel.
    """
    wide, tall = codes.sizes["x"], codes.sizes["y"]
    side = -(-max(tall, wide) // most)
    shown = []
    for year in years:
        code = _upright(commonest(codes.sel(year=year), side=side, count=count), codes)
        row, column = np.nonzero(code >= 0)
        held = {"year": year, "row": row, "column": column, "code": code[row, column]}
        shown.append(pd.DataFrame(held).astype({"row": np.int16, "column": np.int16}))
    table = pd.concat(shown, ignore_index=True)
    return table.assign(rows=-(-tall // side), columns=-(-wide // side), side=side)


def commonest(codes: xr.DataArray, *, side: int, count: int) -> NDArray[np.int16]:
    """Most frequent code of the counted cells of every square; the lowest of several, −1 where none is counted.

    Parameters
    ----------
    codes
        Whole numbers ``(y, x)``, read strip by strip.
    side
        Cells along a side of a square; squares at the edges may be smaller.
    count
        How many codes there are, from 0; negative ones are not counted.

    Examples
    --------
    >>> codes = xr.DataArray([[0, 2, -1], [2, 1, -1]], dims=("y", "x"))
    >>> commonest(codes, side=2, count=3)
    array([[ 2, -1]], dtype=int16)
    """
    codes = codes.transpose("y", "x")
    tall, wide = codes.sizes["y"], codes.sizes["x"]
    strip = max(1, AT_ONCE // (wide * side)) * side
    found = [_strip(np.asarray(codes[top : top + strip].data), side, count) for top in range(0, tall, strip)]
    return np.concatenate(found)


def _strip(codes: NDArray[Any], side: int, count: int) -> NDArray[np.int16]:
    """The commonest codes of whole rows of squares."""
    tall, wide = -(-codes.shape[0] // side), -(-codes.shape[1] // side)
    if side == 1:
        return np.where(codes < 0, -1, codes).astype(np.int16)
    row, column = (np.arange(n, dtype=np.int32) // side for n in codes.shape)
    place = (row[:, None] * wide + column) * np.int32(count + 1) + np.maximum(codes, -1) + 1
    times = np.bincount(place.ravel(), minlength=tall * wide * (count + 1)).reshape(tall, wide, count + 1)[..., 1:]
    return np.where(times.any(axis=-1), times.argmax(axis=-1), -1).astype(np.int16)


def _upright(pixels: NDArray[np.int16], codes: xr.DataArray) -> NDArray[np.int16]:
    """Pixels with the north on top and the west on the left."""
    if "y" in codes.coords and codes.sizes["y"] > 1 and float(codes["y"][0]) < float(codes["y"][-1]):
        pixels = pixels[::-1]
    if "x" in codes.coords and codes.sizes["x"] > 1 and float(codes["x"][0]) > float(codes["x"][-1]):
        pixels = pixels[:, ::-1]
    return pixels
