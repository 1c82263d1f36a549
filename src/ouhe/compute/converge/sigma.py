"""σ-convergence: how far the regions of a year lie apart, and whether that falls."""

from __future__ import annotations

import warnings

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.errors import DataError, OptionError, OuheWarning

__all__ = ["dispersion", "trend"]

Floats = NDArray[np.float64]

#: Share of the squares of a series below which what a line leaves is rounding.
ROUNDING = 1e-20


def dispersion(x: xr.DataArray) -> xr.Dataset:
    r"""Coefficient of variation and standard deviation of the logarithms over the regions.

    .. math:: V = \frac{1}{\bar x}\sqrt{\frac1n\sum_i (x_i - \bar x)^2}, \quad
              \sigma = \sqrt{\frac1n\sum_i \Bigl(\ln x_i - \tfrac1n\sum_j \ln x_j\Bigr)^2}

    Parameters
    ----------
    x
        Values with a dimension ``region``; every other dimension is left alone.

    Returns
    -------
    xarray.Dataset
        Without ``region``: ``variation`` V, missing where the mean is not above 0, and ``sd_log`` σ, missing where a
        value has no logarithm. Both are missing where a value is.

    Raises
    ------
    DataError
        There are fewer than two regions.

    Warns
    -----
    OuheWarning
        Somewhere one of them does not exist.

    References
    ----------
    Barro R. J., Sala-i-Martin X., *Economic Growth* (2nd ed. 2004), chapter 11.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 2.0, 4.0], dims="region")
    >>> {k: round(float(v), 4) for k, v in dispersion(x).items()}  # √(14/9) / (7/3); ln 2 · √(2/3)
    {'variation': 0.5345, 'sd_log': 0.566}
    """
    if x.sizes["region"] < 2:
        raise DataError.of("converge.one_region", count=x.sizes["region"])
    mean = x.mean("region", skipna=False)
    variation = (x.std("region", ddof=0, skipna=False) / mean.where(mean > 0)).rename("variation")
    loggable = (x > 0).all("region")
    sd = xr.DataArray(np.log(x.where(loggable))).std("region", ddof=0, skipna=False)
    known = x.notnull().all("region")
    for found, key in ((variation, "converge.no_variation"), (sd, "converge.no_sd_log")):
        lacking = int((found.isnull() & known).sum())
        if lacking:
            warnings.warn(OuheWarning.of(key, count=lacking), stacklevel=2)
    return xr.Dataset({"variation": variation, "sd_log": sd})


def trend(y: xr.DataArray, *, lags: int = 0) -> xr.Dataset:
    r"""Line through a yearly series by ordinary least squares, and the test that it does not rise or fall.

    .. math:: y_t = a + b\,t + e_t, \qquad s_b^2 = \frac{T}{T - 2} \cdot
              \frac{\sum_t \sum_s k(t - s)\, \tau_t e_t\, \tau_s e_s}{\bigl(\sum_t \tau_t^2\bigr)^2}, \quad
              k(j) = \max\Bigl(0, 1 - \frac{|j|}{L + 1}\Bigr), \quad \tau_t = t - \bar t

    With `lags` L = 0 the usual :math:`s_b^2 = \sum e_t^2 / (T - 2) / \sum \tau_t^2` is taken instead.

    Parameters
    ----------
    y
        Values with a dimension ``year``; every other dimension is left alone.
    lags
        Lags L of Newey and West's standard error; 0 for the usual one.

    Returns
    -------
    xarray.Dataset
        Without ``year``: ``slope`` b a year, ``se``, ``t``, ``p_value`` (two-sided, t with T − 2 degrees of freedom)
        and ``autocorrelation``, that of the residuals one year apart. All are missing where a value is, t and p also
        where the line leaves nothing.

    Raises
    ------
    DataError
        There are fewer than three years.
    OptionError
        `lags` is negative, or not less than the number of years.

    Notes
    -----
    With the ten to twenty years of a study neither error is exact where neighbouring years are alike: the usual one is
    too small, and Newey and West's, whose lags few years cannot fill, is so as well. ``autocorrelation`` far above 0
    tells that p is too small.

    References
    ----------
    Newey W. K., West K. D., "A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent
    covariance matrix" (1987), with the factor T / (T − 2) for small samples.

    Examples
    --------
    >>> y = xr.DataArray([4.0, 2.0, 3.0, 1.0], dims="year", coords={"year": [2019, 2020, 2021, 2022]})
    >>> {k: round(float(v), 4) for k, v in trend(y).items()}  # e = .3 −.9 .9 −.3; s² = 1.8 / 2 / 5
    {'slope': -0.8, 'se': 0.4243, 't': -1.8856, 'p_value': 0.2, 'autocorrelation': -0.75}
    """
    from scipy.special import stdtr

    ordered = y.transpose(..., "year")
    times, values = ordered["year"].to_numpy().astype(np.float64), ordered.to_numpy().astype(np.float64)
    count = len(times)
    if count < 3:
        raise DataError.of("converge.few_years", count=count, least=3)
    if not 0 <= lags < count:
        raise OptionError.of("converge.lags", value=lags, most=count - 1)
    tau = times - times.mean()
    around = values - values.mean(axis=-1, keepdims=True)
    own = tau @ tau
    slope = around @ tau / own
    left = around - slope[..., None] * tau
    squares = np.sum(left**2, axis=-1)
    exact = squares <= ROUNDING * np.maximum(np.sum(values**2, axis=-1), np.finfo(float).tiny)
    variance = _newey_west(left * tau, lags) * count / (count - 2) / own**2 if lags else squares / (count - 2) / own
    error = np.where(exact, 0.0, np.sqrt(variance)) + 0.0 * slope  # missing where the slope is
    t = np.divide(slope, error, out=np.full_like(slope, np.nan), where=~exact)
    alike = np.divide(
        np.sum(left[..., 1:] * left[..., :-1], axis=-1), squares, out=np.full_like(slope, np.nan), where=~exact
    )
    found = {"slope": slope, "se": error, "t": t, "p_value": 2.0 * stdtr(count - 2, -np.abs(t))}
    rest = ordered.isel(year=0, drop=True)
    return xr.Dataset({k: rest.copy(data=v) for k, v in (found | {"autocorrelation": alike}).items()})


def _newey_west(scores: Floats, lags: int) -> Floats:
    """Sum of the products of scores ``(…, T)`` weighted by Bartlett's kernel."""
    total: Floats = np.sum(scores**2, axis=-1)
    for lag in range(1, lags + 1):
        total = total + 2.0 * (1.0 - lag / (lags + 1)) * np.sum(scores[..., lag:] * scores[..., :-lag], axis=-1)
    return total
