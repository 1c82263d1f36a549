"""Theil's two indices, and how much of each lies between groups, between the groups within these, and within."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.compute.inequality import values
from ouhe.compute.inequality.entropy import divergences
from ouhe.errors import DataError, Problem, listed

__all__ = ["theil"]

Array = NDArray[Any]

#: Theil's T, with the shares of the whole as weights, and L, the mean logarithmic deviation.
INDICES = ("T", "L")


def theil(x: xr.DataArray, *levels: Mapping[str, str]) -> xr.Dataset:
    r"""Theil's T and L, and their parts by groups and by groups within groups.

    .. math::

       T = \frac1n \sum_i \frac{y_i}{\bar y} \ln\frac{y_i}{\bar y}
         = \sum_g s_g \ln\frac{\bar y_g}{\bar y}
         + \sum_g \sum_{f \subset g} s_f \ln\frac{\bar y_f}{\bar y_g} + \sum_f s_f T_f

       L = \frac1n \sum_i \ln\frac{\bar y}{y_i}
         = \sum_g p_g \ln\frac{\bar y}{\bar y_g}
         + \sum_g \sum_{f \subset g} p_f \ln\frac{\bar y_g}{\bar y_f} + \sum_f p_f L_f

    with :math:`p` the share of a group in the regions and :math:`s` that in the sum of the values; :math:`0 \ln 0 = 0`.

    Parameters
    ----------
    x
        Values ``(region, year, …)`` of 0 or more; every other dimension is carried. A region whose value is missing is
        left out of that year.
    *levels
        Region → group, from the coarsest grouping to the finest, each of which divides the groups of the one before.

    Returns
    -------
    xarray.Dataset
        Over the other dimensions of `x` and ``index`` (``T``, ``L``): ``theil``; with ``part`` besides, ``parts``:
        ``between_1`` between the groups of the first level, ``between_2`` between those of the second within these,
        and so on, and ``within`` the last; they add up to ``theil``. With ``group``, of the first level: ``n``;
        ``group_theil``, the index among a group's regions, and ``group_within``, what that adds to the whole. No unit.
        Missing where a distribution has a negative value, fewer than two values or none above 0; L where a value is 0.

    Raises
    ------
    DataError
        Regions have no group; a group of a finer level lies in several groups of the one before; values are infinite;
        or there is no distribution that can be measured.

    Warns
    -----
    OuheWarning
        Values are missing, or distributions cannot be measured.

    References
    ----------
    Theil, *Economics and Information Theory* (1967); Shorrocks, "The class of additively decomposable inequality
    measures", *Econometrica* 48 (1980); for groups within groups Akita, "Decomposing regional income inequality in
    China and Indonesia using two-stage nested Theil decomposition method", *The Annals of Regional Science* 37 (2003).

    Examples
    --------
    >>> x = xr.DataArray([1.0, 3.0, 2.0, 6.0], dims="region", coords={"region": ["a", "b", "c", "d"]})
    >>> found = theil(x, {"a": "west", "b": "west", "c": "east", "d": "east"})
    >>> found["theil"].sel(index="T").round(4).item(), found["parts"].sel(index="T").values.round(4).tolist()
    (0.1874, [0.0566, 0.1308])
    """
    named = [values.coded(x, level) for level in levels]
    _check_nested(x, levels)
    y = values.usable(x)
    size = len(named[0][0]) if named else 0
    parts = [*(f"between_{k}" for k in range(1, len(levels) + 1)), "within"]
    dims = {"index": len(INDICES), "group": size}
    shapes = ({"index": len(INDICES), "part": len(parts)}, dims, dims, {"group": size})
    kernel = partial(_stages, codes=[codes for _, codes in named], sizes=[len(names) for names, _ in named])
    split, among, adds, n = values.reduced(y, kernel, *shapes, width=2 + len(levels))
    found = {"theil": split.sum("part", skipna=False), "parts": split}
    coords: dict[str, Any] = {"index": list(INDICES), "part": parts}
    if named:
        found |= {"n": n, "group_theil": among, "group_within": adds}
        coords["group"] = named[0][0]
    kept = {k: v for k, v in x.coords.items() if not {"region", "y", "x"} & {*v.dims}}
    return xr.Dataset(found).assign_coords(coords).assign_coords(kept)


def _check_nested(x: xr.DataArray, levels: Sequence[Mapping[str, str]]) -> None:
    """Refuse a group of a finer level that several groups of the coarser one share."""
    regions = [str(r) for r in x["region"].values] if levels else []
    problems = []
    for number, (coarse, fine) in enumerate(itertools.pairwise(levels), start=2):
        over: dict[str, dict[str, None]] = {}
        for r in regions:
            over.setdefault(fine[r], {})[coarse[r]] = None
        several = {f: g for f, g in over.items() if len(g) > 1}
        problems += [
            Problem("inequality.not_nested", params={"group": f, "level": number, "within": listed(g)})
            for f, g in several.items()
        ]
    if problems:
        raise DataError(*problems)


def _stages(a: Array, codes: Sequence[Array], sizes: Sequence[int]) -> tuple[Array, ...]:
    """Parts of T and L, those of the groups of the first level, and how many regions each has."""
    a = a / values.scale(a)
    there = ~np.isnan(a)
    n = there.sum(axis=1, keepdims=True)
    mean = np.where(there, a, 0.0).sum(axis=1, keepdims=True) / n
    split, over = [], np.broadcast_to(mean, a.shape)
    for code, size in zip(codes, sizes, strict=True):
        inside = np.where(there, _means(a, code, size)[:, code], np.nan)
        split.append(_terms(inside, over, n, mean).sum(axis=2))
        over = inside
    split.append(_terms(a, over, n, mean).sum(axis=2))
    groups = _groups(a, codes[0], sizes[0], n, mean) if codes else (np.empty((len(a), 2, 0)),) * 2
    counts = _by_group(there, codes[0], sizes[0]) if codes else np.empty((len(a), 0))
    return (*map(_finite, (np.stack(split, axis=2), *groups)), counts.astype(float))


def _groups(a: Array, code: Array, size: int, n: Array, mean: Array) -> tuple[Array, Array]:
    """T and L among the regions of every group, and what they add to the whole."""
    own, held = _means(a, code, size), _by_group(~np.isnan(a), code, size)
    adds = _by_group(_terms(a, own[:, code], n, mean), code, size)
    weight = np.stack([held * own / (n * mean), held / n], axis=1)
    return values.divided(adds, weight), adds


def _terms(y: Array, mean: Array, n: Array, whole: Array) -> Array:
    """What every region adds to T and L about a mean of its own; 0 where its value is missing."""
    T, L = divergences(y, mean)
    terms = np.stack([T * mean / (n * whole), L / n], axis=1)
    missing = np.isnan(y) & (n > 0)
    return np.where(missing[:, np.newaxis], 0.0, terms)


def _means(a: Array, code: Array, size: int) -> Array:
    """Mean of every group; missing where it has no value."""
    return values.divided(_by_group(np.nan_to_num(a), code, size), _by_group(~np.isnan(a), code, size))


def _by_group(a: Array, code: Array, size: int) -> Array:
    """Sums over the regions of every group, the last axis."""
    order = np.argsort(code, kind="stable")
    starts = np.searchsorted(code[order], np.arange(size))
    total: Array = np.add.reduceat(a[..., order], starts, axis=-1, dtype=np.float64)
    return total


def _finite(a: Array) -> Array:
    """`a`, missing where it is infinite."""
    return np.where(np.isfinite(a), a, np.nan)
