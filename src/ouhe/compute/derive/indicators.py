"""Indicators made of several series or years: ratios, growth, and the Theil index of the industrial structure."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ouhe.compute.derive.arithmetic import Report, divide, refuse, total

__all__ = ["growth", "lag", "per_head", "ratio", "theil"]


def ratio(a: xr.DataArray, b: xr.DataArray, *, report: Report = refuse) -> xr.DataArray:
    """Ratio of two series, a / b: a share, an intensity, a productivity.

    Raises
    ------
    DataError
        `b` is 0 where `a` is known.

    Examples
    --------
    >>> ratio(xr.DataArray([1.0], dims="year"), xr.DataArray([4.0], dims="year")).item()
    0.25
    """
    return divide(a, b, report=report)


def per_head(a: xr.DataArray, population: xr.DataArray, *, report: Report = refuse) -> xr.DataArray:
    """Amount per person, a / population, in units of `a` per unit of `population` (which is often 10 000 people).

    Raises
    ------
    DataError
        `population` is 0 or negative where `a` is known.

    Examples
    --------
    >>> per_head(xr.DataArray([10.0], dims="year"), xr.DataArray([4.0], dims="year")).item()
    2.5
    """
    wrong = (population <= 0) & a.notnull()
    report(population, wrong, "derive.population_not_positive")
    return a / population.where(~wrong)


def lag(x: xr.DataArray, *, years: int = 1) -> xr.DataArray:
    """Value `years` calendar years earlier, x_{t−years}; missing where the array does not hold that year.

    Parameters
    ----------
    x
        Array with a dimension ``year`` whose labels are calendar years; gaps between them are kept.
    years
        How many years back.

    Examples
    --------
    >>> x = xr.DataArray([1.0, 2.0, 4.0], dims="year", coords={"year": [2018, 2019, 2021]})
    >>> lag(x).values.tolist(), lag(x, years=2).values.tolist()
    ([nan, 1.0, nan], [nan, nan, 2.0])
    """
    return x.assign_coords(year=x["year"] + years).reindex(year=x["year"].values)


def growth(x: xr.DataArray, *, periods: int = 1, report: Report = refuse) -> xr.DataArray:
    """Growth over `periods` calendar years, x_t / x_{t−periods} − 1, as a fraction.

    Parameters
    ----------
    x
        Array with a dimension ``year`` whose labels are calendar years.
    periods
        Length of the span in years; the rate is for the whole span, not a year's.
    report
        What is done about cells without a rate.

    Raises
    ------
    DataError
        The earlier value is 0 or negative, from which no rate can be taken.

    Examples
    --------
    >>> x = xr.DataArray([2.0, 3.0, 6.0], dims="year", coords={"year": [2018, 2019, 2020]})
    >>> growth(x).values.tolist()
    [nan, 0.5, 1.0]
    """
    earlier = lag(x, years=periods)
    wrong = (earlier <= 0) & x.notnull()
    report(earlier, wrong, "derive.base_not_positive")
    return x / earlier.where(~wrong) - 1


def theil(*series: xr.DataArray, report: Report = refuse) -> xr.DataArray:
    r"""Theil index of the industrial structure: how far output and employment are spread differently over sectors.

    .. math:: TL = \sum_k \frac{Y_k}{Y} \ln\left(\frac{Y_k}{Y} \Big/ \frac{L_k}{L}\right)

    with 0·ln 0 = 0. It is 0 when labour is equally productive in every sector, and larger the less it is.

    Parameters
    ----------
    *series
        Output of the sectors Y_1, …, Y_K, then employment of the same sectors L_1, …, L_K; any units, for only
        shares enter.
    report
        What is done about cells without an index; :func:`refuse` raises at the first kind.

    Returns
    -------
    xarray.DataArray
        The index, without unit.

    Raises
    ------
    DataError
        A total is 0 or negative, a sector is negative, or a sector has output and no employment.

    References
    ----------
    Gan, Zheng and Yu (2011), Economic Research Journal 46(5), 4-16: 产业结构合理化.

    Examples
    --------
    >>> y1, y2, l1, l2 = (xr.DataArray([v], dims="year") for v in (1.0, 3.0, 2.0, 2.0))
    >>> round(theil(y1, y2, l1, l2).item(), 6)
    0.130812
    """
    output, employment = series[: len(series) // 2], series[len(series) // 2 :]
    Y, L = total(*output), total(*employment)
    report(Y, Y <= 0, "derive.theil_total_output")
    report(L, L <= 0, "derive.theil_total_employment")
    terms = []
    for k, (y, employed) in enumerate(zip(output, employment, strict=True), start=1):
        idle = (y > 0) & (employed == 0)
        report(y, y < 0, "derive.theil_negative_output", sector=k)
        report(employed, employed < 0, "derive.theil_negative_employment", sector=k)
        report(y, idle, "derive.theil_no_employment", sector=k)
        worked = employed.where(~(idle | (employed < 0)))
        terms.append(_theil_term(y.where(~(y < 0)) / Y.where(~(Y <= 0)), worked / L.where(~(L <= 0))))
    return total(*terms)


def _theil_term(output: xr.DataArray, employment: xr.DataArray) -> xr.DataArray:
    """Share times the logarithm of the quotient of the shares, 0 where the output share is 0 and both are known."""
    counts = output > 0
    term = output * np.log((output / employment).where(counts, 1.0))
    return xr.DataArray(term.where(output.notnull() & employment.notnull()))
