"""The speed at which a coefficient of convergence closes gaps."""

from __future__ import annotations

import numpy as np
import xarray as xr

__all__ = ["speed"]


def speed(beta: xr.DataArray, se: xr.DataArray, quantile: xr.DataArray | float, *, step: int = 1) -> xr.Dataset:
    r"""Speed of convergence and half-life that follow from β, with an interval by the delta method.

    .. math:: \lambda = -\frac{\ln(1 + \beta h)}{h}, \quad s_\lambda = \frac{s_\beta}{1 + \beta h}, \quad
              \lambda \pm q s_\lambda, \quad \tau = \frac{\ln 2}{\lambda}

    Parameters
    ----------
    beta, se
        Coefficient of the level's logarithm in a regression of growth a year over `step` years, and its standard error.
    quantile
        Quantile q of the interval, such as 1.96.
    step
        Length of a span h in years.

    Returns
    -------
    xarray.Dataset
        ``speed`` λ a year, ``speed_low`` and ``speed_high``, missing where βh is not above −1; ``half_life`` τ in
        years, missing where λ is not above 0.

    References
    ----------
    Barro R. J., Sala-i-Martin X., "Convergence" (1992), equation 10.

    Examples
    --------
    >>> found = speed(xr.DataArray(-0.05), xr.DataArray(0.01), 1.96)  # −ln 0.95; 0.01 / 0.95; ln 2 / 0.0513
    >>> [round(float(found[k]), 4) for k in ("speed", "speed_low", "speed_high", "half_life")]
    [0.0513, 0.0307, 0.0719, 13.5134]
    """
    left = 1.0 + beta * step
    inside = left.where(left > 0)
    found = xr.DataArray(-np.log(inside) / step)
    width = quantile * se / inside
    half = np.log(2.0) / found.where(found > 0)
    return xr.Dataset({"speed": found, "speed_low": found - width, "speed_high": found + width, "half_life": half})
