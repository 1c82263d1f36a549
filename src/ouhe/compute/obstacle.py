"""Obstacle degree: which indicators keep a region from the best value its system could have."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import blocks, systems
from ouhe.errors import DataError, OptionError, Problem
from ouhe.panel import where

__all__ = ["degrees", "heaviest", "of_dimensions"]

Array = NDArray[Any]


def degrees(y: xr.DataArray, w: xr.DataArray) -> xr.DataArray:
    r"""Share of each indicator in what a system lacks to its best possible value.

    .. math:: O_{ij} = \frac{w_j (1 - y_{ij})}{\sum_k w_k (1 - y_{ik})}

    with k over the indicators of the system of j. The sum below the line is 1 − U of the linear index.

    Parameters
    ----------
    y
        Normalised values ``(region, year, indicator)`` between 0 and 1, 1 the best, with the coordinate ``system_of``
        (one system without it). Places and any further dimensions are left alone.
    w
        Weights of the same indicators, none negative; a further dimension, such as ``draw``, is carried along.

    Returns
    -------
    xarray.DataArray
        Degrees ``(region, year, indicator)``, shares between 0 and 1 that sum to 1 within each system. Where a system
        lacks nothing, because every indicator with a weight is at 1, nothing is an obstacle and all its degrees are 0.
        Where a value of a system is missing, so are all degrees of the system there: shares of an unknown whole are
        unknown.

    Raises
    ------
    DataError
        A value lies outside 0 and 1, as z-scores do, or a weight is negative.

    References
    ----------
    The obstacle degree model (障碍度模型) as Ma and Lin (2021), "Evaluation of cultivated land use benefit and
    identification of obstacle factors based on the entropy weight TOPSIS model" (in Chinese), use it: contribution
    w_j, deviation 1 − y_ij. The R package ``mathmodels`` gives w_j (1 − y_ij), the share before it is divided, as
    ``obstacle_degree()``.

    Examples
    --------
    >>> y = xr.DataArray([[0.5, 0.75], [1.0, 0.2], [1.0, 1.0]], dims=("region", "indicator"))
    >>> degrees(y, xr.DataArray([0.5, 0.5], dims="indicator")).values.round(4)
    array([[0.6667, 0.3333],
           [0.    , 1.    ],
           [0.    , 0.    ]])
    """
    y, w = xr.align(y, w, join="exact", copy=False)
    problems = [*_outside(y), *_negative(w)]
    if problems:
        raise DataError(*problems)
    of = systems.of_indicators(y)
    members = [np.flatnonzero(of == name) for name in systems.names(y)]

    def work(a: Array, b: Array, out: Array) -> None:
        for m in members:
            lacking = b[m] * (1.0 - a[m])
            whole = lacking.sum(axis=0)
            out[m] = np.divide(lacking, whole, out=np.zeros_like(lacking), where=whole != 0.0)

    found = blocks.along("indicator", work, y.variable, w.variable, to="indicator", size=len(of))
    order = [*y.dims, *(d for d in w.dims if d not in y.dims)]
    return blocks.labelled(found.transpose(*order), y, w, name="obstacle_degree")


def of_dimensions(degrees: xr.DataArray) -> xr.DataArray:
    r"""Obstacle degree of each dimension of the indicator tree: the sum of its indicators'.

    .. math:: O_{id} = \sum_{j \in d} O_{ij}

    Parameters
    ----------
    degrees
        What :func:`degrees` gives, or means of it over regions, with the coordinate ``dimension_of`` (the system
        without it).

    Returns
    -------
    xarray.DataArray
        ``dimension`` in the place of ``indicator``, with the coordinates ``system_of`` and ``dimension_name``; a name
        that two systems share is told apart as ``"system > name"``, as for
        :func:`ouhe.compute.aggregate.dimensions`. Missing where a degree is missing.

    Examples
    --------
    >>> o = xr.DataArray([0.2, 0.5, 0.3], dims="indicator", coords={"dimension_of": ("indicator", ["a", "b", "a"])})
    >>> of_dimensions(o).to_series().to_dict()
    {'a': 0.5, 'b': 0.5}
    """
    system = systems.of_indicators(degrees)
    named = degrees["dimension_of"].values.astype(str) if "dimension_of" in degrees.coords else system
    pairs = list(zip(system.tolist(), named.tolist(), strict=True))
    nodes = list(dict.fromkeys(pairs))
    names = [d for _, d in nodes]
    members = [[i for i, p in enumerate(pairs) if p == node] for node in nodes]

    def work(a: Array, out: Array) -> None:
        for number, m in enumerate(members):
            out[number] = a[m].sum(axis=0)

    found = blocks.along("indicator", work, degrees.variable, to="dimension", size=len(nodes))
    new: dict[Hashable, Any] = {
        "dimension": np.array([f"{s} > {d}" if names.count(d) > 1 else d for s, d in nodes]),
        "system_of": ("dimension", np.array([s for s, _ in nodes])),
        "dimension_name": ("dimension", np.array(names)),
    }
    order = ["dimension" if d == "indicator" else d for d in degrees.dims]
    return blocks.labelled(found.transpose(*order), degrees, name="obstacle_degree", new=new)


def heaviest(degrees: xr.DataArray, *, count: int = 5) -> xr.Dataset:
    """Heaviest obstacles of every system in every place and year, in falling order.

    Parameters
    ----------
    degrees
        What :func:`degrees` gives, or means of it over regions.
    count
        Most obstacles that are taken.

    Returns
    -------
    xarray.Dataset
        ``position`` (where along ``indicator`` it stands, from 0; −1 where there is none) and ``degree`` (missing
        where there is none), with ``system`` and ``rank`` (from 1) in the place of ``indicator``. Equal degrees rank
        in the order of the indicators. A missing degree never ranks, nor does one of 0: it is no obstacle.

    Raises
    ------
    OptionError
        `count` is less than 1.

    Examples
    --------
    >>> found = heaviest(xr.DataArray([0.2, 0.5, 0.3, 0.0], dims="indicator"), count=2)
    >>> found["position"].values, found["degree"].values
    (array([[1, 2]], dtype=int32), array([[0.5, 0.3]]))
    """
    if count < 1:
        raise OptionError.of("obstacle.count", count=count)
    of, names = systems.of_indicators(degrees), systems.names(degrees)
    members = [np.flatnonzero(of == name) for name in names]
    size = min(count, max(map(len, members)))
    whole = degrees.chunk({"indicator": -1}) if degrees.chunks is not None else degrees
    position, degree = xr.apply_ufunc(
        lambda a: _ranked(a, members, size),
        whole.variable,
        input_core_dims=[["indicator"]],
        output_core_dims=[["system", "rank"]] * 2,
        dask="parallelized",
        output_dtypes=[np.int32, np.float64],
        dask_gufunc_kwargs={"output_sizes": {"system": len(names), "rank": size}},
    )
    new: dict[Hashable, Any] = {"system": np.array(names), "rank": np.arange(1, size + 1)}
    found = {"position": position, "degree": degree}
    return xr.Dataset({name: blocks.labelled(v, degrees, new=new) for name, v in found.items()})


def _ranked(a: Array, members: Sequence[Array], size: int) -> tuple[Array, Array]:
    """Positions and degrees ``(…, system, rank)`` of the `size` largest of each system."""
    shape = (*a.shape[:-1], len(members), size)
    position, degree = np.full(shape, -1, np.int32), np.full(shape, np.nan)
    for number, m in enumerate(members):
        part = a[..., m]
        first = np.argsort(-part, axis=-1, kind="stable")[..., :size]  # those missing sort last
        held = np.take_along_axis(part, first, axis=-1)
        counts = held > 0.0
        position[..., number, : first.shape[-1]] = np.where(counts, m[first], -1)
        degree[..., number, : first.shape[-1]] = np.where(counts, held, np.nan)
    return position, degree


def _outside(y: xr.DataArray) -> list[Problem]:
    """That values lie outside 0 and 1: how many, and the first of them; missing ones do not."""
    (found,) = blocks.sums(y.variable, y.dims, lambda a: (a < 0.0) | (a > 1.0))
    count = int(found.values)
    if not count:
        return []
    # a wrong normalisation is one thing wrong, however many cells show it
    return where(y, (y < 0.0) | (y > 1.0), "obstacle.outside", most=1, count=count, cells=y.size)[:1]


def _negative(w: xr.DataArray) -> list[Problem]:
    """One problem for each weight that is negative."""
    wrong = w < 0.0
    return where(w, wrong, "obstacle.negative_weight") if bool(wrong.any()) else []
