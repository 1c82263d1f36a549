"""Arithmetic on labelled arrays that refuses what has no value, naming every cell; missing in gives missing out."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import xarray as xr

from ouhe.errors import DataError
from ouhe.panel import where

__all__ = [
    "Report",
    "absolute",
    "divide",
    "exp",
    "log",
    "maximum",
    "mean",
    "minimum",
    "power",
    "refuse",
    "sqrt",
    "total",
]

_LARGEST_EXP = float(np.log(np.finfo(float).max))


class Report(Protocol):
    """What is done about cells a function cannot take: :func:`refuse` raises, a formula notes them and goes on.

    A function gives missing there, so that nothing that follows stumbles over the same cell.
    """

    def __call__(self, value: xr.DataArray, wrong: xr.DataArray, key: str, **params: int) -> None:
        """Tell `value`, and `params` of the message, for every cell that is `wrong`."""


def refuse(value: xr.DataArray, wrong: xr.DataArray, key: str, **params: int) -> None:
    """Raise one problem a cell that is `wrong`, naming where it stands and `value` there."""
    problems = where(value, wrong, key, **params)
    if problems:
        raise DataError(*problems)


def divide(a: xr.DataArray, b: xr.DataArray, *, report: Report = refuse) -> xr.DataArray:
    """Quotient a / b, the operator ``/`` of a formula.

    Parameters
    ----------
    a, b
        Arrays of the same labels.
    report
        What is done about cells without a quotient.

    Returns
    -------
    xarray.DataArray
        Their quotient, in units of `a` per unit of `b`.

    Raises
    ------
    DataError
        `b` is 0 where `a` is known.

    Examples
    --------
    >>> at = {"dims": ("region", "year"), "coords": {"region": ["a"], "year": [2020, 2021]}}
    >>> divide(xr.DataArray([[6.0, 1.0]], **at), xr.DataArray([[3.0, 4.0]], **at)).values.tolist()
    [[2.0, 0.25]]
    """
    wrong = (b == 0) & a.notnull()
    report(a, wrong, "derive.division_by_zero")
    return a / b.where(~wrong)


def power(a: xr.DataArray, b: xr.DataArray, *, report: Report = refuse) -> xr.DataArray:
    """Power a to the b, the operator ``**`` of a formula.

    Raises
    ------
    DataError
        0 to a negative power, or a negative number to a fraction.

    Examples
    --------
    >>> power(xr.DataArray([2.0, 3.0], dims="year"), xr.DataArray([2.0, -1.0], dims="year")).round(3).values.tolist()
    [4.0, 0.333]
    """
    wrong = ((a == 0) & (b < 0)) | ((a < 0) & (b % 1 != 0))
    report(a, wrong, "derive.power_undefined")
    return a.where(~wrong) ** b


def log(x: xr.DataArray, *, report: Report = refuse) -> xr.DataArray:
    """Natural logarithm ln x.

    Raises
    ------
    DataError
        A value is 0 or negative.

    Examples
    --------
    >>> log(xr.DataArray([1.0], dims="year")).item()
    0.0
    """
    report(x, x <= 0, "derive.log_not_positive")
    return xr.DataArray(np.log(x.where(~(x <= 0))))


def exp(x: xr.DataArray, *, report: Report = refuse) -> xr.DataArray:
    """Exponential e to the x.

    Raises
    ------
    DataError
        The result is too large for a number of double precision (x above about 709.8).

    Examples
    --------
    >>> exp(xr.DataArray([0.0], dims="year")).item()
    1.0
    """
    report(x, x > _LARGEST_EXP, "derive.exp_overflow")
    return xr.DataArray(np.exp(x.where(~(x > _LARGEST_EXP))))


def sqrt(x: xr.DataArray, *, report: Report = refuse) -> xr.DataArray:
    """Square root.

    Raises
    ------
    DataError
        A value is negative.

    Examples
    --------
    >>> sqrt(xr.DataArray([9.0], dims="year")).item()
    3.0
    """
    report(x, x < 0, "derive.root_of_negative")
    return xr.DataArray(np.sqrt(x.where(~(x < 0))))


def absolute(x: xr.DataArray) -> xr.DataArray:
    """Absolute value, ``abs(x)`` in a formula.

    Examples
    --------
    >>> absolute(xr.DataArray([-2.0], dims="year")).item()
    2.0
    """
    return abs(x)


def total(*series: xr.DataArray) -> xr.DataArray:
    """Sum of several series cell by cell, ``sum(a, b, …)`` in a formula; missing where one of them is.

    Examples
    --------
    >>> total(xr.DataArray([1.0, 2.0], dims="year"), xr.DataArray([3.0, np.nan], dims="year")).values.tolist()
    [4.0, nan]
    """
    result = series[0]
    for other in series[1:]:
        result = result + other
    return result


def mean(*series: xr.DataArray) -> xr.DataArray:
    """Plain mean of several series cell by cell; missing where one of them is.

    Examples
    --------
    >>> mean(xr.DataArray([1.0], dims="year"), xr.DataArray([3.0], dims="year")).item()
    2.0
    """
    return total(*series) / len(series)


def minimum(*series: xr.DataArray) -> xr.DataArray:
    """Smallest of several series cell by cell, ``min(a, b, …)`` in a formula; missing where one of them is.

    Examples
    --------
    >>> minimum(xr.DataArray([1.0], dims="year"), xr.DataArray([3.0], dims="year")).item()
    1.0
    """
    result = series[0]
    for other in series[1:]:
        result = xr.DataArray(np.minimum(result, other))
    return result


def maximum(*series: xr.DataArray) -> xr.DataArray:
    """Largest of several series cell by cell, ``max(a, b, …)`` in a formula; missing where one of them is.

    Examples
    --------
    >>> maximum(xr.DataArray([1.0], dims="year"), xr.DataArray([3.0], dims="year")).item()
    3.0
    """
    result = series[0]
    for other in series[1:]:
        result = xr.DataArray(np.maximum(result, other))
    return result
