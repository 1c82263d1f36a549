"""The regression of the spatial lag on the value, whose t some papers print in the place of Moran's z."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ouhe import permutations as tests
from ouhe.neighbours import Neighbours

__all__ = ["slope"]

#: Share of the lag's squares below which what a regression leaves is rounding.
ROUNDING = 1e-12


def slope(x: xr.DataArray, w: Neighbours) -> xr.Dataset:
    r"""Slope of the spatial lag on the value by ordinary least squares, with its t: the line of Moran's scatter plot.

    .. math:: (Wz)_i = a + b z_i + e_i, \quad t = \frac{b}{\sqrt{\sum e^2 / (n - 2) / \sum z^2}}, \quad
              z_i = x_i - \bar x

    Parameters
    ----------
    x
        Values with a dimension ``region``; every other dimension is left alone. All finite.
    w
        Spatial weights of the same regions, in any order.

    Returns
    -------
    xarray.Dataset
        With the dimensions of `x` but ``region``: ``slope`` b, ``t``, and ``p_value``, the two-sided p of t with
        n − 2 degrees of freedom. t and p are missing where the values determine their lag, so that nothing is left.

    Raises
    ------
    DataError
        As :func:`ouhe.compute.moran.univariate`.

    Notes
    -----
    Where every row of W sums to 1, b is Moran's I. Its t is no test of it: the lags of neighbouring regions share
    values, so that their errors are not independent, and b is expected at −1/(n − 1), not at 0.

    References
    ----------
    Anselin L., "The Moran scatterplot as an ESDA tool to assess local instability in spatial association" (1996), for
    the slope.

    Examples
    --------
    >>> w = Neighbours.from_pairs([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")], list("abcde"))
    >>> x = xr.DataArray([1.0, 2.0, 4.0, 8.0, 16.0], dims="region", coords={"region": list("abcde")})
    >>> {k: round(float(v), 4) for k, v in slope(x, w).items()}
    {'slope': 0.4335, 't': 2.0458, 'p_value': 0.1333}
    """
    from scipy.special import stdtr

    w = w.aligned(x)
    values = tests.columns(x, w.matrix)
    z = tests.deviations(values)
    lag = w.matrix @ z
    lag -= lag.mean(axis=0)
    own, spread = np.einsum("iv,iv->v", z, z), np.einsum("iv,iv->v", lag, lag)
    b = np.einsum("iv,iv->v", z, lag) / own
    left = np.einsum("iv,iv->v", lag - b * z, lag - b * z)
    freedom = len(z) - 2
    error = np.sqrt(left / freedom / own)
    t = np.divide(b, error, out=np.full_like(b, np.nan), where=left > ROUNDING * spread)
    found = {"slope": b, "t": t, "p_value": 2.0 * stdtr(freedom, -np.abs(t))}
    rest = x.isel(region=0, drop=True)
    return xr.Dataset({name: rest.copy(data=v.reshape(rest.shape)) for name, v in found.items()})
