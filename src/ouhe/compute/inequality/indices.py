"""Measures of inequality and of polarisation, one number a distribution."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import numpy as np
import xarray as xr
from annotated_types import Gt, Interval, MinLen
from numpy.typing import NDArray

from ouhe.compute.inequality import values
from ouhe.compute.inequality.entropy import divergences
from ouhe.errors import OptionError, OuheWarning, Problem

__all__ = ["MOST_SENSITIVE", "indices"]

Array = NDArray[Any]

#: Largest sensitivity with which Esteban and Ray's axioms hold.
MOST_SENSITIVE = 1.6

#: Measures that need no option, in the order of the kernel.
PLAIN = ("gini", "theil_T", "theil_L", "variation", "wolfson")


def indices(
    x: xr.DataArray,
    *,
    groups: Mapping[str, str] | None = None,
    aversion: Annotated[tuple[Annotated[float, Gt(0)], ...], MinLen(1)] = (0.5, 1.0),
    sensitivity: Annotated[float, Interval(ge=0, le=MOST_SENSITIVE)] = 1.3,
) -> xr.Dataset:
    r"""Measures of the inequality and the polarisation of the regions.

    .. math::

       G = \frac{\sum_i \sum_r |y_i - y_r|}{2 n^2 \bar y}, \quad
       T = \frac1n \sum_i \frac{y_i}{\bar y} \ln\frac{y_i}{\bar y}, \quad
       L = \frac1n \sum_i \ln\frac{\bar y}{y_i}, \quad
       \mathrm{CV} = \frac1{\bar y} \sqrt{\frac1n \sum_i (y_i - \bar y)^2}

       A_\varepsilon = 1 - \Big[\frac1n \sum_i \Big(\frac{y_i}{\bar y}\Big)^{1-\varepsilon}\Big]^{1/(1-\varepsilon)},
       \quad A_1 = 1 - \prod_i \Big(\frac{y_i}{\bar y}\Big)^{1/n}

       W = \frac{2 \bar y}{m}\big[1 - 2 L(\tfrac12) - G\big], \quad
       \mathrm{ER}_\alpha = \sum_j \sum_h p_j^{1+\alpha} p_h \frac{|\bar y_j - \bar y_h|}{\bar y}

    with :math:`m` the median, :math:`L(\frac12)` the share of the lower half of the regions in the sum (a region in the
    middle counts half), :math:`p_j` the share of group :math:`j` in the regions. All are the same whatever the unit of
    `x`, and 0 where all regions are alike. Wolfson's index is 1 where half of the regions have nothing and the others
    share the whole alike; some software leaves out its factor 2.

    Parameters
    ----------
    x
        Values ``(region, year, …)``, or ``(y, x, year, …)``, of 0 or more; every other dimension is carried. A region
        whose value is missing is left out of that year.
    groups
        Region → group, for polarisation between groups; None measures none.
    aversion
        Aversions to inequality :math:`\varepsilon` of Atkinson's index: the greater, the more the low end counts.
    sensitivity
        Sensitivity :math:`\alpha` of Esteban and Ray's index to how many regions a group holds, from 0 (twice the Gini
        coefficient of the groups' means) to 1.6.

    Returns
    -------
    xarray.Dataset
        Over the other dimensions of `x`: ``gini``, ``theil_T``, ``theil_L``, ``variation``, ``wolfson``,
        with ``aversion`` besides ``atkinson``, and with groups ``esteban_ray``. No unit. Missing where a distribution
        has a negative value, fewer than two values or none above 0; L where a value is 0, W where the median is 0.

    Raises
    ------
    OptionError
        An aversion is not above 0 or stands twice, or the sensitivity is out of its bounds.
    DataError
        Regions have no group; values are infinite; or there is no distribution that can be measured.

    Warns
    -----
    OuheWarning
        Values are missing, distributions cannot be measured, or a measure does not exist somewhere.

    References
    ----------
    Theil, *Economics and Information Theory* (1967); Atkinson, "On the measurement of inequality", *Journal of Economic
    Theory* 2 (1970); Wolfson, "When inequalities diverge", *American Economic Review* 84 (1994); Esteban and Ray, "On
    the measurement of polarization", *Econometrica* 62 (1994).

    Examples
    --------
    >>> found = indices(xr.DataArray([1.0, 2.0, 3.0, 6.0], dims="region"))
    >>> {k: v.values.round(4).tolist() for k, v in found.items() if k in ("gini", "theil_T", "atkinson")}
    {'gini': 0.3333, 'theil_T': 0.1874, 'atkinson': [0.0937, 0.1835]}
    """
    _check_options(aversion, sensitivity)
    coded = values.coded(x, groups) if groups is not None else None
    y = values.usable(x)
    measured = {"measure": len(PLAIN) + len(aversion)}
    (found,) = values.reduced(y, partial(_measured, aversion=tuple(map(float, aversion))), measured, width=4)
    told = {name: found.isel(measure=i) for i, name in enumerate(PLAIN)}
    rest = found.isel(measure=slice(len(PLAIN), None)).rename(measure="aversion")
    told["atkinson"] = rest.assign_coords(aversion=list(map(float, aversion)))
    if coded is not None:
        kernel = partial(_esteban_ray, codes=coded[1], size=len(coded[0]), sensitivity=sensitivity)
        (told["esteban_ray"],) = values.reduced(y, kernel, {}, width=1)
    for name in ("theil_L", "wolfson"):
        lacking = told[name].isnull() & told["gini"].notnull()
        if lacking.any():
            warnings.warn(OuheWarning.of(f"inequality.no_{name}", at=values.named(lacking, x)), stacklevel=2)
    return xr.Dataset(told)


def _check_options(aversion: object, sensitivity: object) -> None:
    """Refuse options there are not, all at once."""
    problems = []
    several = list(aversion) if isinstance(aversion, Sequence | np.ndarray) and not isinstance(aversion, str) else []
    if not several or not all(_number(v) and v > 0 for v in several) or len(set(several)) < len(several):
        problems.append(Problem("inequality.aversion", params={"value": str(aversion)}))
    if not _number(sensitivity) or not 0 <= float(sensitivity) <= MOST_SENSITIVE:  # type: ignore[arg-type]
        problems.append(Problem("inequality.sensitivity", params={"value": str(sensitivity), "most": MOST_SENSITIVE}))
    if problems:
        raise OptionError(*problems)


def _number(value: object) -> bool:
    """Whether `value` is a finite number."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(np.isfinite(value))


def _measured(a: Array, aversion: tuple[float, ...]) -> tuple[Array]:
    """The measures of :data:`PLAIN`, then Atkinson's for every aversion."""
    y = np.sort(a, axis=1)  # missing values come last
    y = y / values.scale(y)
    n = np.sum(~np.isnan(y), axis=1, keepdims=True)
    mean = np.nansum(y, axis=1, keepdims=True) / n
    gini = _gini(y, n, mean)
    T, L = divergences(y, mean)
    off = (y - mean) / mean
    off = np.where(y == 0.0, -1.0, off - _mean(off)[:, np.newaxis])  # less what rounding the mean left
    found = [gini, _mean(T), _mean(L), np.sqrt(_mean(off**2)), _wolfson(y, n, mean, gini)]
    found += [_atkinson(off, e) for e in aversion]
    told = np.stack(found, axis=1)
    return (np.where(np.isfinite(told), told, np.nan),)


def _mean(a: Array) -> Array:
    """Mean of the values there are; infinite ones count."""
    there = ~np.isnan(a)
    mean: Array = np.where(there, a, 0.0).sum(axis=1) / there.sum(axis=1)
    return mean


def _gini(y: Array, n: Array, mean: Array) -> Array:
    """Gini coefficient of sorted values: every step to the next one parts those below from those above."""
    below = np.arange(1, y.shape[1])
    steps = np.nan_to_num(np.diff(y, axis=1))
    gini: Array = (steps * below * (n - below)).sum(axis=1) / (n**2 * mean)[:, 0]
    return gini


def _wolfson(y: Array, n: Array, mean: Array, gini: Array) -> Array:
    """Wolfson's polarisation of sorted values; missing where the median is 0."""
    middle = (n - 1) // 2, n // 2
    low, high = (np.take_along_axis(y, np.maximum(m, 0), axis=1) for m in middle)
    lower = np.clip(n / 2.0 - np.arange(y.shape[1]), 0.0, 1.0)  # a region in the middle counts half
    share = (lower * np.nan_to_num(y)).sum(axis=1) / (n * mean)[:, 0]
    return values.divided(2.0 * mean[:, 0] * (1.0 - 2.0 * share - gini), (low + high)[:, 0] / 2.0)


def _atkinson(off: Array, aversion: float) -> Array:
    """Atkinson's index of relative deviations: by how much the mean could fall, were it shared alike."""
    log = np.log1p(off)
    if aversion == 1.0:
        return -np.expm1(_mean(log))
    power = 1.0 - aversion
    least = np.fmin.reduce(log, axis=1, keepdims=True) if power < 0.0 else np.zeros((len(off), 1))
    of_least = np.where(np.isfinite(least), least, 0.0)  # where a value is 0, the rest does not matter
    mean_power = np.log1p(_mean(np.expm1(power * (log - of_least)))) / power
    return -np.expm1(of_least[:, 0] + mean_power)


def _esteban_ray(a: Array, codes: Array, size: int, sensitivity: float) -> tuple[Array]:
    """Esteban and Ray's polarisation between the means of groups."""
    y = a / values.scale(a)
    member = (codes[:, np.newaxis] == np.arange(size)).astype(np.float64)
    n = (~np.isnan(y)) @ member
    total = np.nan_to_num(y) @ member
    share = n / n.sum(axis=1, keepdims=True)
    means = np.nan_to_num(values.divided(total, n)) / (total.sum(axis=1) / n.sum(axis=1))[:, np.newaxis]
    apart = np.abs(means[:, :, np.newaxis] - means[:, np.newaxis])
    return (np.einsum("rj,rh,rjh->r", share ** (1.0 + sensitivity), share, apart),)
