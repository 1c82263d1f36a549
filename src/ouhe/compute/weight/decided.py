"""Weights that do not depend on the data: equal ones, and those decided beforehand."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import xarray as xr

from ouhe import systems
from ouhe.compute.weight.within import per_indicator, within
from ouhe.errors import OptionError, Problem

__all__ = ["equal", "given"]


def equal(y: xr.DataArray) -> xr.DataArray:
    """Equal weights within each system.

    Parameters
    ----------
    y
        Normalised values, as in :func:`entropy`; only their indicators matter.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``.

    Examples
    --------
    >>> equal(xr.DataArray([[0.0, 0.5, 1.0, 0.2]], dims=("region", "indicator"))).values
    array([0.25, 0.25, 0.25, 0.25])
    """
    return within(per_indicator(y, np.ones(y.sizes["indicator"])))


def given(y: xr.DataArray, *, weights: Mapping[str, float], rescale: bool = False) -> xr.DataArray:
    """Weights decided beforehand, by experts or a published table.

    Parameters
    ----------
    y
        Normalised values, as in :func:`entropy`; only their indicators matter.
    weights
        Weight of every indicator, by its id; positive.
    rescale
        Divide by the sum within each system. Otherwise the sums must be 1 to within 1e-6.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``.

    Raises
    ------
    OptionError
        An indicator has no weight, a weight has no indicator or is not positive, or weights do not sum to 1; all are
        told.

    Examples
    --------
    >>> y = xr.DataArray([[0.2, 0.4]], dims=("region", "indicator"), coords={"indicator": ["a", "b"]})
    >>> given(y, weights={"a": 0.25, "b": 0.75}).values
    array([0.25, 0.75])
    """
    ids = [str(i) for i in y["indicator"].values]
    problems = [Problem("compute.no_weight", params={"indicator": i}) for i in ids if i not in weights]
    problems += [Problem("compute.weight_of_nothing", params={"indicator": i}) for i in weights if i not in ids]
    problems += [
        Problem("compute.weight_not_positive", params={"indicator": i, "value": w})
        for i, w in weights.items()
        if not 0.0 < w < math.inf
    ]
    if not problems:
        raw = per_indicator(y, np.array([float(weights[i]) for i in ids]))
        if rescale:
            return within(raw)
        sums = dict(zip(systems.names(raw), systems.sums_within(raw).tolist(), strict=True))
        problems = [
            Problem("compute.weights_sum", params={"system": s, "sum": total})
            for s, total in sums.items()
            if abs(total - 1.0) > 1e-6
        ]
    if problems:
        raise OptionError(*problems)
    return raw
