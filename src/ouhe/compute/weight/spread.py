"""Weights from how values are spread and move together: CRITIC, coefficients of variation, principal components."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks, moments, systems
from ouhe.compute.weight.within import within
from ouhe.errors import DataError, OuheWarning
from ouhe.panel import pooled_dims

__all__ = ["critic", "principal", "variation"]

Array = NDArray[Any]

#: How far eigenvalues of a correlation matrix may differ by rounding.
ROUNDING = 1e-9


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
    return within(blocks.labelled(deviation * conflict * (conflict > 1e-12), y))


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
    return within(blocks.labelled(deviation / abs(average), x))


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
    return within(blocks.labelled(deviation.transpose(..., "indicator").copy(data=raw), y))


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
