"""Phillips and Sul's log-t test: whether regions approach one path, however far apart they start."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import xarray as xr
from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray

from ouhe.errors import DataError, OptionError
from ouhe.panel import where

__all__ = ["CRITICAL", "LEAST_YEARS", "Discard", "Smoothing", "checked", "log_t", "relative", "smooth", "statistics"]

Floats = NDArray[np.float64]

#: Share of the years that the regression leaves out at the beginning.
Discard = Annotated[float, Gt(0), Lt(0.8)]

#: Penalty of Hodrick and Prescott's filter; 0 does not filter.
Smoothing = Annotated[float, Ge(0)]

#: t at and below which convergence is rejected: one-sided 5 % of the normal distribution, as Phillips and Sul have it.
CRITICAL = -1.65

#: Fewest years that leave enough observations for the regression.
LEAST_YEARS = 6

#: Largest autocorrelation that a bandwidth is chosen for; nearer to 1 it has no bound.
LARGEST = 0.97


def smooth(x: xr.DataArray, *, smoothing: Smoothing = 400.0) -> xr.DataArray:
    r"""Trend of every series by Hodrick and Prescott's filter.

    .. math:: \min_\tau \sum_t (x_t - \tau_t)^2 + \lambda \sum_t (\tau_{t+1} - 2\tau_t + \tau_{t-1})^2

    Parameters
    ----------
    x
        Values with a dimension ``year``, evenly spaced; every other dimension is left alone.
    smoothing
        Penalty λ; 0 gives the values themselves.

    References
    ----------
    Hodrick R. J., Prescott E. C., "Postwar U.S. business cycles: an empirical investigation" (1997); λ = 400 for yearly
    data as Phillips and Sul (2007).

    Examples
    --------
    >>> line = xr.DataArray([1.0, 2.0, 3.0, 4.0], dims="year")
    >>> smooth(line).round(9).values.tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    if smoothing < 0:
        raise OptionError.of("converge.smoothing", value=smoothing)
    size = x.sizes["year"]
    if smoothing == 0 or size < 3:
        return x.astype(np.float64)
    second = np.diff(np.eye(size), n=2, axis=0)
    values = x.transpose(..., "year").to_numpy()
    trend = np.linalg.solve(np.eye(size) + smoothing * second.T @ second, values.reshape(-1, size).T).T
    return x.transpose(..., "year").copy(data=trend.reshape(values.shape)).transpose(*x.dims)


def relative(x: xr.DataArray) -> xr.DataArray:
    r"""Relative transition path: every region over the mean of all in the year, :math:`h_{it} = x_{it} / \bar x_t`.

    Examples
    --------
    >>> relative(xr.DataArray([1.0, 3.0], dims="region")).values.tolist()
    [0.5, 1.5]
    """
    return x / x.mean("region", skipna=False)


def log_t(x: xr.DataArray, *, discard: Discard = 0.3) -> xr.Dataset:
    r"""Phillips and Sul's regression, whose t is below −1.65 where the regions do not converge.

    .. math:: \ln\frac{H_1}{H_t} - 2 \ln\ln t = a + b \ln t + u_t, \quad t = [rT], \dots, T, \quad
              H_t = \frac1n\sum_i (h_{it} - 1)^2, \; h_{it} = \frac{x_{it}}{\bar x_t}

    Parameters
    ----------
    x
        Values ``(…, region, year)`` with positive means, usually smoothed; years evenly spaced, none missing.
    discard
        Share r of the years before the first that enters; Phillips and Sul take 0.3 for up to 50 years.

    Returns
    -------
    xarray.Dataset
        Without ``region`` and ``year``: ``b``, ``se``, ``t`` and ``p_value``, the probability Φ(t) of a smaller t.
        Missing where the regions of some year are all the same.

    Raises
    ------
    DataError
        Values are missing, a mean is not above 0, years are not evenly spaced or fewer than six; there is one region.
    OptionError
        `discard` leaves too few years.

    Notes
    -----
    The error of b comes from the long-run variance of the residuals times (X'X)⁻¹, with the quadratic spectral kernel
    and Andrews's automatic bandwidth for an AR(1), :math:`1.3221\,(\hat\alpha n)^{1/5}` with
    :math:`\hat\alpha = 4\hat\phi^2/(1 - \hat\phi)^4`, :math:`\hat\phi` kept within ±0.97. Sums are divided by n − 1, n
    being the number of residuals, as in the programs that follow Phillips and Sul's; those leave out the longest lag,
    with which no variance can be negative. Since H is the square of the coefficient of variation, b > 0 says that the
    regions draw nearer to one another, whatever their level.

    References
    ----------
    Phillips P. C. B., Sul D., "Transition modeling and econometric convergence tests" (2007). Andrews D. W. K.,
    "Heteroskedasticity and autocorrelation consistent covariance matrix estimation" (1991).

    Examples
    --------
    >>> t = np.arange(1, 21)
    >>> x = xr.DataArray([5 + 1 / t, 5 - 1 / t], dims=("region", "year"), coords={"year": t})  # H = 1 / (25 t²)
    >>> float(log_t(x)["b"]) > 1
    True
    """
    ordered = checked(x)
    rest = ordered.isel(region=0, year=0, drop=True)
    values = ordered.to_numpy().reshape(-1, *ordered.shape[-2:])
    found = statistics(_spread(values), discard)
    return xr.Dataset({k: rest.copy(data=v.reshape(rest.shape)) for k, v in found.items()})


def checked(x: xr.DataArray) -> xr.DataArray:
    """Values ``(…, region, year)`` that a log-t test can be made of.

    Raises
    ------
    DataError
        As :func:`log_t`.
    """
    ordered = x.transpose(..., "region", "year").sortby("year")
    years = ordered["year"].to_numpy()
    problems = where(x, ~xr.DataArray(np.isfinite(x)), "converge.missing")
    if x.sizes["region"] < 2:
        raise DataError.of("converge.one_region", count=x.sizes["region"])
    if len(years) < LEAST_YEARS:
        raise DataError.of("converge.few_years_clubs", count=len(years), least=LEAST_YEARS)
    if len(set(np.diff(years).tolist())) > 1:
        raise DataError.of("converge.uneven_years")
    mean = x.mean("region")
    problems = problems or where(mean, mean <= 0, "converge.mean_not_positive")
    if problems:
        raise DataError(*problems)
    return ordered


def statistics(spread: Floats, discard: float) -> dict[str, Floats]:
    """Regressions of many sets of regions at once: H ``(B, T)`` → b, se, t, p ``(B,)``.

    Parameters
    ----------
    spread
        H by year.
    discard
        Share of the years left out.
    """
    from scipy.special import ndtr

    size = spread.shape[-1]
    first = max(int(np.floor(discard * size + 1e-9)), 2)
    if size - first + 1 < 4:
        raise OptionError.of("converge.discard", value=discard, count=size, left=max(size - first + 1, 0))
    times = np.arange(first, size + 1)
    whole = (spread[:, :1] > 0) & (spread[:, first - 1 :] > 0)
    ratio = np.where(whole, spread[:, :1], 1.0) / np.where(whole, spread[:, first - 1 :], 1.0)
    y = np.log(ratio) - 2.0 * np.log(np.log(times))
    x = np.log(times) - np.log(times).mean()
    own = x @ x
    around = y - y.mean(axis=1, keepdims=True)
    b = around @ x / own
    variance = _long_run_variance(around - b[:, None] * x)
    se = np.sqrt(variance / own)
    usable = whole.all(axis=1) & (se > 0)
    b, se = (np.where(usable, v, np.nan) for v in (b, se))
    t = b / se
    return {"b": b, "se": se, "t": t, "p_value": ndtr(t)}


def _spread(values: Floats) -> Floats:
    """H ``(B, T)`` of values ``(B, n, T)``."""
    h = values / values.mean(axis=1, keepdims=True)
    spread: Floats = np.mean((h - 1.0) ** 2, axis=1)
    return spread


def _long_run_variance(u: Floats) -> Floats:
    """Long-run variance of residuals ``(B, n)``, with Andrews's quadratic spectral kernel."""
    n = u.shape[1]
    before = np.sum(u[:, :-1] ** 2, axis=1)
    phi = np.sum(u[:, :-1] * u[:, 1:], axis=1) / np.where(before > 0, before, 1.0)
    phi = np.clip(phi, -LARGEST, LARGEST)
    bandwidth = 1.3221 * (4.0 * phi**2 / (1.0 - phi) ** 4 * n) ** 0.2
    lags = np.arange(1, n)
    far = 6.0 * np.pi / 5.0 * lags / np.maximum(bandwidth, 1e-12)[:, None]
    kernel = 3.0 / far**2 * (np.sin(far) / far - np.cos(far))
    products = np.stack([np.sum(u[:, :-j] * u[:, j:], axis=1) for j in lags], axis=1)
    variance: Floats = (np.sum(u**2, axis=1) + 2.0 * np.sum(kernel * products, axis=1)) / (n - 1)
    return np.maximum(variance, 0.0)
