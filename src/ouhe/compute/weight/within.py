"""Weights sum to 1 within every system."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks, systems
from ouhe.errors import DataError, Problem

__all__ = ["per_indicator", "within"]

Array = NDArray[Any]


def per_indicator(y: xr.DataArray, values: Array) -> xr.DataArray:
    """Values along ``indicator`` with the coordinates `y` has there."""
    return blocks.labelled(xr.Variable("indicator", values), y, name="weight")


def within(raw: xr.DataArray) -> xr.DataArray:
    """Divide by the sum within each system, refusing systems without any information."""
    shares = systems.share_within(raw)
    if np.isnan(shares.values).any():
        lost = shares.isnull().any([d for d in shares.dims if d != "indicator"]).values
        nothing = dict.fromkeys(systems.of_indicators(raw)[lost].tolist())
        raise DataError(*(Problem("compute.no_information", params={"system": s}) for s in nothing))
    return shares.rename("weight")
