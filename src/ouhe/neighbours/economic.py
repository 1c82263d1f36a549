"""Neighbours by likeness of their economies, alone or together with geographic distance."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pandas as pd
import xarray as xr
from annotated_types import Ge, Le
from numpy.typing import NDArray
from scipy import sparse

from ouhe.errors import DataError, OptionError, Problem, check_choice, listed
from ouhe.neighbours.distance import (
    Positive,
    all_pairs,
    both_ways,
    inverse_distance,
    is_number,
    powers,
    refuse_not_positive,
)
from ouhe.neighbours.points import Metric
from ouhe.neighbours.weights import Neighbours, Style
from ouhe.panel import where

__all__ = ["Form", "economic", "economic_geographic"]

#: How geographic and economic distance come together.
Form = Literal["product", "mean", "shares"]

#: Means that differ by less than this part of the largest are equal but for rounding.
_EQUAL = 1e-12


def economic(values: xr.DataArray, *, power: Positive = 1.0, style: Style = "row") -> Neighbours:
    r"""Every region is a neighbour of every other, the more alike their means the more.

    .. math:: w_{ij} = |\bar y_i - \bar y_j|^{-p}

    Parameters
    ----------
    values
        Series ``(region,)`` or ``(region, year)``, such as GDP per head; it is averaged over the years first.
    power
        p.
    style
        How the weights are scaled; ``raw`` leaves them in the unit of the series to the power of −p.

    Raises
    ------
    OptionError
        `power` is not above 0 or so high that weights vanish, or there are more than 10 million pairs.
    DataError
        A value is missing or infinite, there are other dimensions, or two regions have the same mean; all are named.

    References
    ----------
    Lin G., Long Z., Wu M., "A spatial econometric analysis of regional economic convergence in China: 1978–2002",
    China Economic Quarterly 4 (2005).

    Examples
    --------
    >>> y = xr.DataArray([1.0, 2.0, 5.0], dims="region", coords={"region": ["a", "b", "c"]})
    >>> economic(y).matrix.toarray()[0].tolist()
    [0.0, 0.8, 0.2]
    """
    refuse_not_positive("power", power)
    check_choice("style", style, Style)
    regions, means = _means(values)
    first, second = all_pairs(len(regions))
    gap = np.abs(means[first] - means[second])
    same = np.flatnonzero(gap <= _EQUAL * np.abs(means).max(initial=0.0))
    if len(same):
        pairs = (f"{regions[first[i]]}–{regions[second[i]]}" for i in same)
        raise DataError.of("neighbours.same_mean", count=len(same), pairs=listed(pairs))
    return both_ways(regions, (first, second), powers(gap, power), name="economic").styled(style)


def economic_geographic(
    values: xr.DataArray,
    points: pd.DataFrame,
    *,
    form: Form = "product",
    power: Positive = 1.0,
    geographic_share: Annotated[float, Ge(0), Le(1)] = 0.5,
    metric: Metric = "ellipsoidal",
    style: Style = "row",
) -> Neighbours:
    r"""Weights from geographic distance d and a series y together.

    .. math:: \text{product:}\quad w_{ij} = d_{ij}^{-p}\,|\bar y_i - \bar y_j|^{-1}

    .. math:: \text{mean:}\quad W = \varphi\,W^{d} + (1 - \varphi)\,W^{y}

    .. math:: \text{shares:}\quad w_{ij} = d_{ij}^{-p}\,\bar y_j / \bar y

    with W^d from inverse distances and W^y from :func:`economic`, both with rows that sum to 1.

    Parameters
    ----------
    values
        Series ``(region,)`` or ``(region, year)``, such as GDP per head; it is averaged over the years first.
    points
        Index = region, columns ``longitude`` and ``latitude`` in degrees (WGS84), of the same regions.
    form
        Which of the three formulas.
    power
        p of the geographic distance, in km.
    geographic_share
        φ of the form ``mean``.
    metric
        ``ellipsoidal`` (on WGS84) or ``great-circle`` (on a sphere).
    style
        How the weights are scaled.

    Raises
    ------
    OptionError
        There is no such form, an option is out of its bounds, or there are more than 10 million pairs.
    DataError
        As in :func:`economic` and :func:`~ouhe.neighbours.inverse_distance`; the regions of `values` and `points`
        differ; or, for ``shares``, a mean is not above 0.

    Notes
    -----
    Chinese studies call all three 经济地理 weights. *Product* and *mean* (经济地理嵌套矩阵, nested weights) are the two
    forms that tutorials for Stata give side by side (Zhang J., "Stata: how to generate spatial weights", lianxh.cn,
    2022); *shares* weighs what comes from a region by its part in the economy (Li J., Tan Q., Bai J., "A spatial
    econometric analysis of China's regional innovation production", Management World 2010/7).

    Examples
    --------
    >>> y = xr.DataArray([1.0, 2.0, 5.0], dims="region", coords={"region": ["a", "b", "c"]})
    >>> points = pd.DataFrame({"longitude": [0.0, 1.0, 2.0], "latitude": 0.0}, index=["a", "b", "c"])
    >>> economic_geographic(y, points).matrix.toarray()[0].round(4).tolist()
    [0.0, 0.8889, 0.1111]
    >>> economic_geographic(y, points, form="shares").matrix.toarray()[0].round(4).tolist()
    [0.0, 0.4444, 0.5556]
    """
    check_choice("form", form, Form)
    check_choice("style", style, Style)
    if not (is_number(geographic_share) and 0.0 <= geographic_share <= 1.0):
        raise OptionError.of("neighbours.share_outside", value=geographic_share)
    regions, means = _means(values)
    away = inverse_distance(points, power=power, metric=metric, style="raw").aligned(values)
    if form == "product":
        matrix = away.matrix * economic(values, style="raw").matrix
    elif form == "mean":
        alike = economic(values).matrix
        matrix = geographic_share * away.styled("row").matrix + (1.0 - geographic_share) * alike
    else:
        matrix = away.matrix @ sparse.diags_array(_shares(regions, means))
    return Neighbours(regions, sparse.csr_array(matrix), "raw", "economic-geographic").styled(style)


def _means(values: xr.DataArray) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Regions of a series and its means over the years."""
    other = [str(d) for d in values.dims if d not in {"region", "year"}]
    if other or "region" not in values.dims:
        raise DataError.of("neighbours.not_a_series", dims=listed(values.dims) or "-")
    held = values.compute()
    wrong = held.copy(data=~np.isfinite(held.to_numpy()))
    if wrong.any():
        raise DataError(*where(held, wrong, "neighbours.value_not_finite"))
    means = held.mean("year") if "year" in held.dims else held
    return tuple(str(r) for r in held["region"].values), means.to_numpy().astype(np.float64)


def _shares(regions: tuple[str, ...], means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Part of each region's mean in the mean of all."""
    low = np.flatnonzero(means <= 0.0)
    if len(low):
        said = listed(f"{regions[i]} ({means[i]:g})" for i in low)
        raise DataError(Problem("neighbours.mean_not_positive", params={"count": len(low), "regions": said}))
    shares: NDArray[np.float64] = means / means.mean()
    return shares
