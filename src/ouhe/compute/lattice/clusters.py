"""Local Moran of rasters: which cells stand among cells like them, by analytic moments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
import xarray as xr
from annotated_types import Gt, Lt
from numpy.typing import NDArray

from ouhe import blocks, permutations
from ouhe.blocks.tiles import Tile, run
from ouhe.compute.lattice import contiguity, discovery, layers
from ouhe.compute.lattice.contiguity import Rule
from ouhe.compute.lattice.layers import Raster
from ouhe.compute.lattice.points import NAMES, Name, Plan, Scale, points
from ouhe.errors import OptionError, Problem, choice_problems
from ouhe.permutations import Correction, QuadrantOrigin

__all__ = ["Precision", "local"]

Array = NDArray[Any]

#: Type of the numbers of the result.
Precision = Literal["float32", "float64"]


def local(
    x: xr.DataArray,
    *,
    rule: Rule = "queen",
    significance: Annotated[float, Gt(0), Lt(1)] = 0.05,
    correction: Correction | None = None,
    quadrant_origin: QuadrantOrigin = "zero",
    only: Sequence[Name] | None = None,
    dtype: Precision = "float64",
) -> xr.Dataset:
    r"""Local Moran's I of every cell of a raster of any size, its quadrant, and its p.

    .. math:: I_i = (n - 1)\,\frac{z_i \bar z_i}{\sum_j z_j^2}, \qquad
              \bar z_i = \frac{1}{k_i} \sum_{j \sim i} z_j

    Parameters
    ----------
    x
        Values ``(…, y, x)``, in memory or chunked; every dimension but these two (``variable``, ``year`` …) is left
        alone. With the coordinate ``inside`` (bool ``(y, x)``) only the cells where it is true are counted, and are
        neighbours; these must be finite.
    rule
        ``queen``: cells that share an edge or a corner are neighbours, up to eight; ``rook``: an edge, up to four.
    significance
        Largest p that counts as significant.
    correction
        ``benjamini-hochberg`` judges p by the false discovery rate over the cells of each layer.
    quadrant_origin
        A lag is high above 0 (``zero``) or above the mean of the lags (``mean_lag``).
    only
        Names of what is wanted of the result; all when left out. What is not asked for takes no memory.
    dtype
        Type of the numbers of the result; they are computed in float64.

    Returns
    -------
    xarray.Dataset
        With the dimensions of `x`, as :func:`ouhe.compute.lisa.local` has them with the same neighbours and analytic
        inference: ``value`` z_i, ``lag``, ``statistic`` I_i, ``expected``, ``sd``, ``p_value``, ``quadrant`` (int8:
        1 HH, 2 LH, 3 LL, 4 HL, 0 an isolate, −1 a cell that is not counted), ``significant`` (bool); with a correction
        ``p_adjusted``, but not of a chunked array: adjusting needs all p at once, while ``significant`` is exact
        without. An isolate has its value alone, a cell that is not counted nothing (NaN). Chunked where `x` is, and
        made chunk by chunk once the values are asked for.

    Raises
    ------
    OptionError
        An option is none of its choices or out of bounds, or ``p_adjusted`` is asked for without a correction or of a
        chunked array.
    DataError
        As :func:`ouhe.compute.lattice.moran`.

    Notes
    -----
    p is one-sided and folded, Φ(−\|I_i − E_i\| / sd), with the moments over all draws of neighbours from the other
    cells; as all k_i weights are 1/k_i,

    .. math:: E_i = -\frac{z_i^2}{n}, \qquad
              V_i = \frac{(n-1)^2 z_i^2}{n (n-2)}
                    \left(\frac{1}{k_i} - \frac{1}{n-1}\right)\left(1 - \frac{z_i^2}{n-1}\right)

    Of a chunked array, mean and variance are found in two walks over the chunks before the result is there, and with a
    correction some more count p. Every chunk of the result takes one row and column of cells from those beside it.

    References
    ----------
    As :func:`ouhe.compute.lisa.local`.

    Examples
    --------
    >>> x = xr.DataArray([[9.0, 8.0, 2.0], [8.0, 9.0, 1.0], [1.0, 2.0, 1.0]], dims=("y", "x"))
    >>> found = local(x, rule="rook")
    >>> found["statistic"].values.round(2)[0], found["quadrant"].values[0]
    (array([1.07, 0.51, 0.01]), array([1, 1, 3], dtype=int8))
    """
    names = _names(only, correction, lazy=_chunked(x))
    _check(rule, significance, correction, quadrant_origin, dtype)
    raster = Raster.of(x, rule)
    scale = _scale(raster, quadrant_origin, significance)
    plan = Plan(raster.count, rule, names, np.dtype(dtype))
    if _chunked(x):
        made = _lazily(raster, scale, plan, significance if correction else None)
    else:
        made = _in_memory(raster, scale, plan, significance if correction else None)
    found = xr.Dataset(made, coords=raster.x.coords).transpose(*raster.x.dims)
    return found if x.ndim > 2 else found.isel({layers.LAYER: 0}, drop=True)


def _chunked(x: xr.DataArray) -> bool:
    """Whether the values are chunked."""
    return x.chunks is not None


def _names(only: Sequence[Name] | None, correction: Correction | None, *, lazy: bool) -> tuple[Name, ...]:
    """What is wanted, in the order of the result."""
    absent = correction is None or lazy
    if only is None:
        return tuple(n for n in NAMES if not (n == "p_adjusted" and absent))
    problems = [p for name in only for p in choice_problems("only", name, Name)]
    if "p_adjusted" in only and absent:
        problems.append(Problem("lattice.adjusted" if correction is None else "lattice.adjusted_chunked"))
    if problems:
        raise OptionError(*problems)
    return tuple(n for n in NAMES if n in only)


def _check(rule: str, significance: float, correction: str | None, quadrant_origin: str, dtype: str) -> None:
    """Refuse options that are none of their choices or out of bounds."""
    problems = [
        *choice_problems("rule", rule, Rule),
        *choice_problems("quadrant_origin", quadrant_origin, QuadrantOrigin),
        *(choice_problems("correction", correction, Correction) if correction is not None else ()),
        *choice_problems("dtype", dtype, Precision),
    ]
    if not (isinstance(significance, int | float | np.number) and 0.0 < significance < 1.0):
        problems.append(Problem("lisa.significance", params={"value": significance}))
    if problems:
        raise OptionError(*problems)


def _scale(raster: Raster, origin: QuadrantOrigin, significance: float) -> Scale:
    """Numbers of every layer that make points of its values."""
    of = layers.extent(raster)
    sums = layers.sums(raster, of)
    deviation = np.sqrt(sums.squares / raster.count)
    kind = raster.x.dtype if np.issubdtype(raster.x.dtype, np.floating) else np.dtype(np.float64)
    largest = np.maximum(np.abs(of.low), np.abs(of.low + of.span))
    # digits are lost in the numbers as given, before the mean is taken off
    rounding = np.finfo(kind).eps * (np.maximum(of.mean, 1.0 - of.mean) + largest / of.span) / deviation
    centre = sums.lags / (raster.count - raster.isolates) / deviation
    level = np.full_like(centre, permutations.judged(significance))
    return Scale(*of, deviation, rounding, centre if origin == "mean_lag" else np.zeros_like(centre), level)


def _in_memory(raster: Raster, scale: Scale, plan: Plan, rate: float | None) -> dict[str, xr.Variable]:
    """Points of all cells of an array in memory, tile by tile."""
    laid = raster.x.variable.transpose(*raster.dims, "y", "x")
    values = blocks.in_memory(laid.data).reshape(-1, *laid.shape[-2:])
    first = plan if rate is None else _before_correction(plan)
    made: dict[Name, Array] = {n: np.empty(values.shape, first.type_of(n)) for n in first.names}
    if rate is not None and "p_value" in made:
        made["p_value"] = np.empty(values.shape)  # ranked before it is rounded to another type

    def work(tile: Tile) -> None:
        counted = contiguity.window(raster.degree, tile, fill=-1) >= 0
        for number, layer in enumerate(values):
            own = Scale(*(float(part[number]) for part in scale))
            near = contiguity.window(layer, tile, fill=0)
            for name, part in points(near, counted, own, first).items():
                made[name][number][tile] = part

    run(work, contiguity.tiles(*raster.degree.shape))
    if rate is not None:
        _correct(made, plan, rate)
    typed = {n: made[n].astype(plan.type_of(n), copy=False) for n in plan.names}
    return {n: xr.Variable(laid.dims, a.reshape(laid.shape)) for n, a in typed.items()}


def _before_correction(plan: Plan) -> Plan:
    """What must be there before p is corrected: p itself, and nothing that rests on the correction."""
    needed = plan.needs("p_value", "p_adjusted", "significant")
    names = [n for n in plan.names if n not in ("p_value", "p_adjusted", "significant")] + ["p_value"] * needed
    return Plan(plan.n, plan.rule, tuple(n for n in NAMES if n in names), plan.dtype)


def _correct(made: dict[Name, Array], plan: Plan, rate: float) -> None:
    """Adjust p, layer by layer, and judge by it."""
    if "p_value" not in made:
        return
    wanted = [n for n in plan.names if n in ("p_adjusted", "significant")]
    made |= {n: np.empty(made["p_value"].shape, plan.type_of(n)) for n in wanted}
    for number, p in enumerate(made["p_value"]):
        adjusted = permutations.adjusted(p.reshape(1, -1)).reshape(p.shape)
        if "significant" in wanted:
            made["significant"][number] = adjusted <= permutations.judged(rate)
        if "p_adjusted" in wanted:
            made["p_adjusted"][number] = adjusted


def _lazily(raster: Raster, scale: Scale, plan: Plan, rate: float | None) -> dict[str, xr.Variable]:
    """Points of all cells of a chunked array, once they are asked for."""
    if rate is not None and plan.needs("significant"):
        p = Plan(plan.n, plan.rule, ("p_value",), np.dtype(np.float64))
        tested = raster.count - raster.isolates
        lazy = _lazy_points(raster, scale, p)["p_value"]
        scale = scale._replace(level=discovery.largest(lazy, raster.dims, tested, significance=rate))
    return _lazy_points(raster, scale, plan)


def _lazy_points(raster: Raster, scale: Scale, plan: Plan) -> dict[str, xr.Variable]:
    """Every chunk is made once for all that is asked for, as one array of records."""
    from dask import array as da

    laid = raster.x.variable.transpose(*raster.dims, "y", "x")
    values, depth = laid.data, {laid.ndim - 2: 1, laid.ndim - 1: 1}
    numbers = np.zeros([*laid.shape[:-2], 1, 1], [(name, float) for name in Scale._fields])
    for name, part in zip(Scale._fields, scale, strict=True):
        numbers[name] = part.reshape(numbers.shape)
    counted = da.from_array(raster.degree >= 0, chunks=values.chunks[-2:])
    near = da.overlap.overlap(values, depth, dict.fromkeys(depth, 0))
    rim = da.overlap.overlap(counted, {0: 1, 1: 1}, {0: False, 1: False})
    kind = np.dtype([(name, plan.type_of(name)) for name in plan.names])
    axes = tuple(range(laid.ndim))
    of_layer = da.from_array(numbers, chunks=(*values.chunks[:-2], 1, 1))
    records = da.map_blocks(
        partial(_records, plan=plan, kind=kind),
        near,
        rim[(np.newaxis,) * (laid.ndim - 2)],
        of_layer,
        chunks=values.chunks,
        dtype=kind,
        meta=np.empty((0,) * len(axes), kind),
    )
    return {name: xr.Variable(laid.dims, records[name]) for name in plan.names}


def _records(near: Array, rim: Array, numbers: Array, *, plan: Plan, kind: np.dtype[Any]) -> Array:
    """Points of the cells of a chunk, which comes with a rim of one cell."""
    height, width = near.shape[-2] - 2, near.shape[-1] - 2
    out = np.empty((*near.shape[:-2], height, width), kind)
    flat, values = out.reshape(-1, height, width), near.reshape(-1, *near.shape[-2:])
    counted = rim.reshape(rim.shape[-2:])
    with np.errstate(all="ignore"):
        for rows, columns in contiguity.tiles(height, width):
            wide = slice(rows.start, rows.stop + 2), slice(columns.start, columns.stop + 2)
            for layer, made, own in zip(values, flat, numbers.ravel(), strict=True):
                part = points(layer[wide], counted[wide], Scale(*own.item()), plan)
                for name in plan.names:
                    made[name][rows, columns] = part[name]
    return out
