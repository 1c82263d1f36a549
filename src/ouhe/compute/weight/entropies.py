"""Entropy weights: the more unevenly an indicator is spread, the more it counts."""

from __future__ import annotations

import math
import warnings
from functools import partial
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks, moments
from ouhe.compute.weight.within import within
from ouhe.errors import DataError, OuheWarning
from ouhe.panel import NonNegative, cell_count, inside, pooled_dims, region_dims, where

__all__ = ["Denominator", "entropy", "from_entropy", "information_entropy"]

#: What an entropy is divided by: the logarithm of the number of cells, or of regions.
Denominator = Literal["cells", "regions"]

Array = NDArray[Any]

#: Added inside a logarithm only: makes 0·ln 0 zero and changes no ordinary number.
TINY = float(np.finfo(np.float64).tiny)

#: Sums outside these bounds may have lost digits, so the values are scaled first.
SAFE = (1e-200, 1e300)

#: Numbers from which on a compiled loop saves more time than it takes to load.
MANY = 1 << 27


def entropy(y: xr.DataArray, *, offset: NonNegative = 0.0, denominator: Denominator = "cells") -> xr.DataArray:
    r"""Entropy weights: the more unevenly an indicator is spread, the more it counts.

    .. math:: w_j = \frac{1 - E_j}{\sum_k (1 - E_k)}

    with the information entropy E of :func:`information_entropy` and the sum over the indicators of the system.

    Parameters
    ----------
    y
        Normalised values ``(region, year, indicator)``, not negative. The coordinate ``system_of`` says which system
        an indicator belongs to; without it all belong to one.
    offset
        Number added to every value before shares are taken; it enters the weights only. Some software adds 1e-4 or
        1e-5 because it cannot take the logarithm of 0, which is not needed here.
    denominator
        ``"cells"`` divides by ln(nT), the number of values the shares run over, so that 0 ≤ E ≤ 1. ``"regions"``
        divides by ln n, as equation 4 is printed: E may exceed 1 and turn the weights around, hence a warning.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``, dimensionless.

    Raises
    ------
    DataError
        A value is missing, infinite or negative; an indicator is zero everywhere; or no indicator of a system varies.

    Warns
    -----
    OuheWarning
        With ``denominator="regions"``.

    References
    ----------
    Equations 3 to 5 of the paper; C. E. Shannon, "A mathematical theory of communication", 1948.

    Examples
    --------
    >>> y = xr.DataArray([[0.0, 1.0], [1.0, 1.0], [1.0, 0.5], [0.0, 1.0]], dims=("region", "indicator"))
    >>> entropy(y).values.round(4)
    array([0.9526, 0.0474])
    """
    return from_entropy(information_entropy(y, offset=offset, denominator=denominator))


def from_entropy(entropy: xr.DataArray) -> xr.DataArray:
    r"""Entropy weights from entropies that are known.

    .. math:: w_j = \frac{1 - E_j}{\sum_k (1 - E_k)}

    Parameters
    ----------
    entropy
        Entropy ``(indicator,)``, from :func:`information_entropy`.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``, dimensionless.

    Raises
    ------
    DataError
        No indicator of a system varies.

    Examples
    --------
    >>> from_entropy(xr.DataArray([0.5, 0.9], dims="indicator")).values.round(4)
    array([0.8333, 0.1667])
    """
    return within(1.0 - entropy)


def information_entropy(
    y: xr.DataArray,
    *,
    offset: float = 0.0,
    denominator: Denominator = "cells",
    undefined: Literal["refuse", "missing"] = "refuse",
) -> xr.DataArray:
    r"""Information entropy of each indicator: 1 when all its values are equal, 0 when a single one is not zero.

    .. math:: E = -\frac{1}{\ln N}\sum p \ln p = \frac{\ln S - L/S}{\ln N}, \quad
              p = y/S,\ S = \sum y,\ L = \sum y \ln y,\ 0\ln 0 = 0

    Parameters
    ----------
    y, offset, denominator
        As in :func:`entropy`; N is the number of cells nT, or of regions n.
    undefined
        What becomes of an indicator that has no entropy, because a value is missing, infinite or negative, all are
        zero or there is a single one: ``"refuse"`` raises, ``"missing"`` gives NaN for it, as a table beside weights
        of another kind wants.

    Returns
    -------
    xarray.DataArray
        Entropy ``(indicator,)``, dimensionless.

    Raises
    ------
    DataError
        An indicator has no entropy, and `undefined` is ``"refuse"``; cells or indicators are named.

    Warns
    -----
    OuheWarning
        With ``denominator="regions"``.

    References
    ----------
    Equations 3 and 4 of the paper, with ln(nT): with the printed ln n the entropy of even indicators exceeds 1.

    Examples
    --------
    >>> y = xr.DataArray([[0.0, 1.0], [1.0, 1.0], [1.0, 1.0], [0.0, 1.0]], dims=("region", "indicator"))
    >>> information_entropy(y).values.round(4)
    array([0.5, 1. ])
    """
    cells = cell_count(y, pooled_dims(y) if denominator == "cells" else region_dims(y))
    if cells < 2:
        if undefined == "missing":
            return xr.full_like(_has_shares(y, offset), np.nan, dtype=float).rename("entropy")
        raise DataError.of("compute.single_cell")
    total, spread, told = _share_sums(y, offset)
    if not told.all():
        if undefined == "missing":
            return _entropy_where_defined(y, offset, denominator)
        _refuse_shares(y, offset)
        _, high = blocks.extremes(y.variable, pooled_dims(y), inside=inside(y))
        total, spread, _ = _share_sums((y.astype(float) + offset) / (high + offset), 0.0)
    found = (np.log(total.values) - spread.values / total.values) / math.log(cells)
    # rounding only: the entropy of equal values is 1, of a single one 0
    bounded = xr.Variable(total.dims, found.clip(0.0, 1.0 if denominator == "cells" else None))
    entropies = blocks.labelled(bounded, y, name="entropy")
    if denominator == "regions":
        _warn_regions(entropies)
    return entropies


def _share_sums(y: xr.DataArray, offset: float) -> tuple[xr.Variable, xr.Variable, xr.Variable]:
    """Σ y and Σ y ln y of each indicator, and whether they tell its entropy: they may have left the safe range.

    A missing, infinite or negative value shows too, as a sum that is no number.
    """

    def y_log_y(a: Array) -> Array:
        xp = blocks.namespace(a)
        out: Array = xp.log(a + (offset + TINY))
        out *= a + offset if offset else a
        return out

    by_rows = None
    if y.size >= MANY:
        from ouhe.compute.weight import terms

        by_rows = partial(terms.share_sums, offset=offset, tiny=TINY)
    own = (lambda a: a + offset) if offset else None
    total, spread = blocks.sums(y.variable, pooled_dims(y), own, y_log_y, inside=inside(y), by_rows=by_rows)
    return total, spread, (total > SAFE[0]) & (total < SAFE[1]) & (abs(spread) < SAFE[1])


def _entropy_where_defined(y: xr.DataArray, offset: float, denominator: Denominator) -> xr.DataArray:
    """Entropy of the indicators that have one, NaN for the others."""
    defined = _has_shares(y, offset)
    if not defined.any():
        return xr.full_like(defined, np.nan, dtype=float).rename("entropy")
    # a stand-in, because the others are computed together with what has no entropy
    known = y if defined.all() else y.where(defined, 1.0 - offset)
    return information_entropy(known, offset=offset, denominator=denominator).where(defined)


def _has_shares(y: xr.DataArray, offset: float) -> xr.DataArray:
    """Whether all values of an indicator are finite and not negative, and one of them is positive."""
    low, high = blocks.extremes(y.variable, pooled_dims(y), inside=inside(y))
    return blocks.labelled((low + offset >= 0) & (high + offset > 0) & (high < np.inf), y)


def _refuse_shares(y: xr.DataArray, offset: float) -> None:
    """Raise for values that have no shares: missing, infinite, negative, or zero throughout."""
    low, high = moments.finite_extremes(y, pooled_dims(y))
    if (low + offset < 0).any():
        raise DataError(*where(y, y + offset < 0, "compute.negative_share"))
    if (high + offset <= 0).any():
        raise DataError(*moments.refused(y, high, high + offset <= 0, "compute.all_zero"))


def _warn_regions(found: xr.DataArray) -> None:
    """Tell that ln n is the printed form, and which indicators have an entropy above 1 with it."""
    warnings.warn(OuheWarning.of("compute.entropy_regions"), stacklevel=3)
    above = (found > 1.0).any([d for d in found.dims if d != "indicator"])
    if above.any():
        ids = [str(i) for i in found["indicator"].values[above.values]]
        names = ", ".join(ids[:8]) + (f" … ({len(ids)})" if len(ids) > 8 else "")
        warnings.warn(OuheWarning.of("compute.entropy_above_one", indicators=names), stacklevel=3)
