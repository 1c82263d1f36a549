"""Say how much each indicator counts in its system: weights that are positive and sum to 1 within every system."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks, moments, systems
from ouhe.errors import DataError, OptionError, OuheWarning, Problem
from ouhe.panel import NonNegative, cell_count, inside, pooled_dims, region_dims, where

__all__ = [
    "Denominator",
    "critic",
    "entropy",
    "equal",
    "from_entropy",
    "given",
    "information_entropy",
    "mean",
    "principal",
    "product",
    "variation",
]

#: What an entropy is divided by: the logarithm of the number of cells, or of regions.
Denominator = Literal["cells", "regions"]

Array = NDArray[Any]

#: Added inside a logarithm only: makes 0·ln 0 zero and changes no ordinary number.
TINY = float(np.finfo(np.float64).tiny)

#: How far eigenvalues of a correlation matrix may differ by rounding.
ROUNDING = 1e-9

#: Sums outside these bounds may have lost digits, so the values are scaled first.
SAFE = (1e-200, 1e300)


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
    return _within(1.0 - entropy)


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
    return _within(_per_indicator(y, np.ones(y.sizes["indicator"])))


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
        raw = _per_indicator(y, np.array([float(weights[i]) for i in ids]))
        if rescale:
            return _within(raw)
        sums = dict(zip(systems.names(raw), systems.sums_within(raw).tolist(), strict=True))
        problems = [
            Problem("compute.weights_sum", params={"system": s, "sum": total})
            for s, total in sums.items()
            if abs(total - 1.0) > 1e-6
        ]
    if problems:
        raise OptionError(*problems)
    return raw


def critic(y: xr.DataArray) -> xr.DataArray:
    r"""CRITIC weights: contrast of an indicator times its conflict with the others of its system.

    .. math:: w_j \propto s_j \sum_k (1 - r_{jk})

    with the standard deviation s over all regions and years (the sample's or the population's gives the same
    weights) and Pearson's correlation r.

    Parameters
    ----------
    y
        Normalised values, as in :func:`entropy`; negative ones are allowed.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``.

    Raises
    ------
    DataError
        A value is missing or infinite, an indicator never varies, or all indicators of a system move as one.

    References
    ----------
    D. Diakoulaki, G. Mavrotas, L. Papayannakis, "Determining objective weights in multiple criteria problems: the
    CRITIC method", Computers & Operations Research 22 (1995).

    Examples
    --------
    >>> y = xr.DataArray([[0.0, 0.0], [0.5, 1.0], [1.0, 0.0]], dims=("region", "indicator"))
    >>> critic(y).values.round(4)
    array([0.4641, 0.5359])
    """
    deviation, correlation = moments.correlation(y, pooled_dims(y))
    system = systems.of_indicators(y)
    same = xr.Variable(("indicator", "other"), (system[:, None] == system).astype(float))
    conflict = ((1.0 - correlation) * same).sum("other")
    # below the rounding of a correlation there is no conflict
    return _within(blocks.labelled(deviation * conflict * (conflict > 1e-12), y))


def variation(x: xr.DataArray) -> xr.DataArray:
    r"""Weights by the coefficient of variation of the *raw* values.

    .. math:: w_j \propto s_j / |\bar x_j|

    The sample's and the population's standard deviation give the same weights.

    Parameters
    ----------
    x
        Raw values ``(region, year, indicator)``, before normalisation.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``.

    Raises
    ------
    DataError
        A value is missing or infinite, an indicator has the mean 0, or no indicator of a system varies.

    Examples
    --------
    >>> x = xr.DataArray([[1.0, 100.0], [3.0, 140.0]], dims=("region", "indicator"))
    >>> variation(x).values.round(4)
    array([0.75, 0.25])
    """
    average, deviation = moments.mean_and_deviation(x, pooled_dims(x), ddof=1)
    centred = abs(average) <= 1e-12 * deviation
    if centred.any():
        raise DataError(*moments.refused(x, average, centred, "compute.mean_zero"))
    return _within(blocks.labelled(deviation / abs(average), x))


def principal(y: xr.DataArray) -> xr.DataArray:
    r"""Weights from principal components of the correlations within each system.

    .. math:: w_j \propto \sum_{c:\ \lambda_c > 1} \frac{\lambda_c}{\sum_d \lambda_d}\,|l_{jc}|, \quad
              l_{jc} = v_{jc}\sqrt{\lambda_c}

    The sum over d takes the same components. Components with equal eigenvalues have no directions of their own, so
    each counts with the root mean square of their loadings; then the order of the indicators changes nothing. Where
    no eigenvalue exceeds 1 by more than rounding, no indicator is correlated with another: the weights are equal.

    Parameters
    ----------
    y
        Normalised values, as in :func:`entropy`; negative ones are allowed.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``.

    Raises
    ------
    DataError
        A value is missing or infinite, or an indicator never varies.

    Warns
    -----
    OuheWarning
        The indicators of a system are not correlated, so that their weights are equal.

    References
    ----------
    Kaiser's rule for the number of components: H. F. Kaiser, Educational and Psychological Measurement 20 (1960).

    Examples
    --------
    >>> y = xr.DataArray([[0.0, 0.0, 1.0], [0.5, 0.6, 0.0], [1.0, 1.0, 0.9]], dims=("region", "indicator"))
    >>> principal(y).values.round(3)
    array([0.434, 0.441, 0.125])
    """
    deviation, correlation = moments.correlation(y, pooled_dims(y))
    square = correlation.transpose(..., "indicator", "other").values
    raw = np.empty(square.shape[:-1])
    for system in systems.names(y):
        at = np.flatnonzero(systems.of_indicators(y) == system)
        strength, correlated = _component_strength(square[..., at[:, None], at])
        if len(at) > 1 and not correlated.all():
            warnings.warn(OuheWarning.of("compute.no_correlation", system=system), stacklevel=2)
        raw[..., at] = strength
    return _within(blocks.labelled(deviation.transpose(..., "indicator").copy(data=raw), y))


def mean(weights: Sequence[xr.DataArray]) -> xr.DataArray:
    """Plain mean of several weights of the same indicators.

    Parameters
    ----------
    weights
        At least one, each ``(indicator,)``.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``.

    Raises
    ------
    OptionError
        There is none.

    Examples
    --------
    >>> a = xr.DataArray([0.2, 0.8], dims="indicator")
    >>> mean([a, a[::-1].copy(data=[0.4, 0.6])]).values.round(2)
    array([0.3, 0.7])
    """
    first, *rest = _aligned(weights)
    return sum(rest, first) / len(weights)


def product(weights: Sequence[xr.DataArray]) -> xr.DataArray:
    r"""Product of several weights of the same indicators, made to sum to 1 again within each system.

    .. math:: w_j \propto \prod_m w_{mj}

    Parameters
    ----------
    weights
        At least one, each ``(indicator,)``.

    Returns
    -------
    xarray.DataArray
        Weights ``(indicator,)``.

    Raises
    ------
    OptionError
        There is none.
    DataError
        In some system every product is 0.

    Examples
    --------
    >>> a = xr.DataArray([0.2, 0.8], dims="indicator")
    >>> product([a, a]).values.round(4)
    array([0.0588, 0.9412])
    """
    first, *rest = _aligned(weights)
    return _within(math.prod(rest, start=first))


def _aligned(weights: Sequence[xr.DataArray]) -> tuple[xr.DataArray, ...]:
    """Return the weights, once there is at least one and all are of the same indicators."""
    if not weights:
        raise OptionError.of("compute.no_weights")
    return xr.align(*weights, join="exact")


def _per_indicator(y: xr.DataArray, values: Array) -> xr.DataArray:
    """Values along ``indicator`` with the coordinates `y` has there."""
    return blocks.labelled(xr.Variable("indicator", values), y, name="weight")


def _within(raw: xr.DataArray) -> xr.DataArray:
    """Divide by the sum within each system, refusing systems without any information."""
    shares = systems.share_within(raw)
    if np.isnan(shares.values).any():
        lost = shares.isnull().any([d for d in shares.dims if d != "indicator"]).values
        nothing = dict.fromkeys(systems.of_indicators(raw)[lost].tolist())
        raise DataError(*(Problem("compute.no_information", params={"system": s}) for s in nothing))
    return shares.rename("weight")


def _share_sums(y: xr.DataArray, offset: float) -> tuple[xr.Variable, xr.Variable, xr.Variable]:
    """Σ y and Σ y ln y of each indicator, and whether they tell its entropy: they may have left the safe range.

    A missing, infinite or negative value shows too, as a sum that is no number.
    """

    def y_log_y(a: Array) -> Array:
        xp = blocks.namespace(a)
        out: Array = xp.log(a + (offset + TINY))
        out *= a + offset if offset else a
        return out

    own = (lambda a: a + offset) if offset else None
    total, spread = blocks.sums(y.variable, pooled_dims(y), own, y_log_y, inside=inside(y))
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


def _component_strength(correlation: Array) -> tuple[Array, Array]:
    """Σ over the components kept of |loading| · variance for ``(…, k, k)`` correlations, and whether any is kept."""
    values, vectors = np.linalg.eigh(correlation)
    kept = values > 1.0 + ROUNDING
    variance = np.where(kept, values, 0.0)
    # within an eigenspace the solver's choice of vectors depends on the order of the indicators; their mean does not
    space = np.cumsum(np.diff(values, axis=-1, prepend=values[..., :1]) > ROUNDING, axis=-1)
    alike = (space[..., :, None] == space[..., None, :]).astype(float)
    squares = vectors**2 @ (alike / alike.sum(axis=-1, keepdims=True))
    strength: Array = (np.sqrt(squares) * variance[..., None, :] ** 1.5).sum(axis=-1)
    correlated: Array = np.any(kept, axis=-1, keepdims=False)
    return np.where(correlated[..., None], strength, 1.0), correlated
