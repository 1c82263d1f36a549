"""Dagum's decomposition of the Gini coefficient by groups: within, between, and where the groups overlap."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.compute.inequality import values
from ouhe.errors import DataError

__all__ = ["dagum"]

Array = NDArray[Any]


def dagum(x: xr.DataArray, groups: Mapping[str, str]) -> xr.Dataset:
    r"""Gini coefficient of the regions, and how much of it groups make.

    .. math::

       G = \frac{\sum_i \sum_r |y_i - y_r|}{2 n^2 \bar y} = G_w + G_{nb} + G_t, \qquad
       G_{jh} = \frac{\sum_i \sum_r |y_{ji} - y_{hr}|}{n_j n_h (\bar y_j + \bar y_h)}

       G_w = \sum_j G_{jj} p_j s_j, \quad
       G_{nb} = \sum_j \sum_{h<j} G_{jh} (p_j s_h + p_h s_j) D_{jh}, \quad
       G_t = \sum_j \sum_{h<j} G_{jh} (p_j s_h + p_h s_j) (1 - D_{jh})

    with :math:`p_j = n_j / n`, :math:`s_j = n_j \bar y_j / (n \bar y)` and the relative affluence
    :math:`D_{jh} = (d_{jh} - p_{jh}) / (d_{jh} + p_{jh})`, where, of two groups with :math:`\bar y_j > \bar y_h`,
    :math:`d_{jh}` is the mean over all pairs of :math:`\max(y_{ji} - y_{hr}, 0)` and :math:`p_{jh}` that of
    :math:`\max(y_{hr} - y_{ji}, 0)`. Pairs are never listed: every step from one value to the next greater one adds its
    length for each pair of a region above and one below, so that the work grows as the sorting does.

    Parameters
    ----------
    x
        Values ``(region, year, …)`` of 0 or more; every other dimension is carried. A region whose value is missing is
        left out of that year.
    groups
        Region → group, of which there must be two or more. Regions that `x` does not hold may stand there.

    Returns
    -------
    xarray.Dataset
        Over the other dimensions of `x`: ``gini`` and its parts ``within``, ``between`` (net of the overlap) and
        ``transvariation``, which add up to it. With ``group`` besides: ``n`` and ``mean`` (in the unit of `x`),
        ``group_gini`` :math:`G_{jj}` and ``group_within``, its contribution. With ``group`` and ``other``, both ways:
        ``pair_gini`` :math:`G_{jh}` (on the diagonal :math:`G_{jj}`), ``affluence`` :math:`D_{jh}`, 0 where the means
        are equal, and the contributions ``pair_between`` and ``pair_transvariation``. All but `n` and `mean` have no
        unit. Missing where a distribution has a negative value, fewer than two values or none above 0, and for groups
        without a value; :math:`G_{jj}` is missing where all values of a group are 0.

    Raises
    ------
    DataError
        Regions have no group or there is one group only; values are infinite; or there is no distribution that can be
        measured.

    Warns
    -----
    OuheWarning
        Values are missing, or distributions cannot be measured.

    References
    ----------
    Dagum, "A new approach to the decomposition of the Gini income inequality ratio", *Empirical Economics* 22 (1997).

    Examples
    --------
    >>> x = xr.DataArray([1.0, 3.0, 2.0, 6.0], dims="region", coords={"region": ["a", "b", "c", "d"]})
    >>> parts = dagum(x, {"a": "west", "b": "west", "c": "east", "d": "east"})
    >>> [round(parts[k].item(), 4) for k in ("gini", "within", "between", "transvariation")]
    [0.3333, 0.125, 0.1667, 0.0417]
    >>> round(parts["pair_gini"].sel(group="west", other="east").item(), 4)
    0.4167
    """
    names, codes = values.coded(x, groups)
    if len(names) < 2:
        raise DataError.of("inequality.one_group", group=names[0])
    y = values.usable(x)
    size = len(names)
    both = {"group": size, "other": size}
    kernel = partial(_pairs, codes=codes, size=size)
    above, n, total = values.reduced(y, kernel, both, {"group": size}, {"group": size}, width=size)
    coords = {"group": names, "other": names}
    return _parts(above, n, total).assign_coords(coords).assign_coords(_labels(x))


def _labels(x: xr.DataArray) -> dict[Any, Any]:
    """Coordinates of `x` that have nothing to do with its regions."""
    return {k: v for k, v in x.coords.items() if "region" not in v.dims}


def _pairs(a: Array, codes: Array, size: int) -> tuple[Array, Array, Array]:
    """Sums of max(y_ji − y_hr, 0) over the pairs of regions of two groups, regions and sums of every group."""
    scale = values.scale(a)
    order = np.argsort(a, axis=1, kind="stable")  # missing values come last
    y = np.take_along_axis(a, order, axis=1) / scale
    there = ~np.isnan(y)
    member = (codes[order][..., np.newaxis] == np.arange(size)) & there[..., np.newaxis]
    below = np.cumsum(member, axis=1, dtype=np.float64)
    n = below[:, -1]
    steps = np.nan_to_num(np.diff(y, axis=1))[..., np.newaxis]
    higher = (n[:, np.newaxis] - below[:, :-1]) * steps
    above = np.einsum("rig,rih->rgh", higher, below[:, :-1])  # the same digits on any number of cores
    total = np.einsum("rig,ri->rg", member, np.nan_to_num(y))
    return above * scale[..., np.newaxis], n, total * scale


def _parts(above: xr.DataArray, n: xr.DataArray, total: xr.DataArray) -> xr.Dataset:
    """Coefficients and contributions from the sums of the pairs."""
    turned = above.rename(group="other", other="group").transpose(*above.dims)
    whole = n.sum("group") * total.sum("group")
    whole = whole.where(whole > 0.0)
    n_other, total_other = (v.rename(group="other") for v in (n, total))
    apart, net = above + turned, abs(above - turned)
    same = xr.DataArray(np.eye(n.sizes["group"], dtype=bool), dims=("group", "other"))
    scale = n_other * total + n * total_other
    pair = apart / scale.where(scale > 0.0)
    within = apart.where(same, 0.0).sum("other") / 2 / whole
    between = (net / whole).where(~same, 0.0)
    crossing = ((apart - net) / whole).where(~same, 0.0)
    parts = {
        "within": within.sum("group", skipna=False),
        # every pair stands twice
        "between": between.sum(("group", "other"), skipna=False) / 2,
        "transvariation": crossing.sum(("group", "other"), skipna=False) / 2,
    }
    found = {
        "gini": parts["within"] + parts["between"] + parts["transvariation"],
        **parts,
        "n": n,
        "mean": total / n.where(n > 0.0),
        "group_gini": pair.where(same, 0.0).sum("other", skipna=False),
        "group_within": within,
        "pair_gini": pair,
        "affluence": (net / apart.where(apart > 0.0)).where((apart > 0.0) | pair.isnull(), 0.0),
        "pair_between": between,
        "pair_transvariation": crossing,
    }
    return xr.Dataset({k: v.transpose(*n.dims[:-1], ...) for k, v in found.items()})
