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
from ouhe.compute.lattice.layers import Raster, Rims
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
    correction some more count p. The rims of all chunks are kept from these, so that a chunk of the result is made of
    that chunk alone.

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
    scale, rims = _scale(raster, quadrant_origin, significance)
    plan = Plan(raster.count, rule, names, np.dtype(dtype))
    if _chunked(x):
        made = _lazily(raster, rims, scale, plan, significance if correction else None)
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


def _scale(raster: Raster, origin: QuadrantOrigin, significance: float) -> tuple[Scale, Rims]:
    """Numbers of every layer that make points of its values, and what lies along the rims of its chunks."""
    of = layers.extent(raster)
    sums, rims = layers.sums(raster, of)
    deviation = np.sqrt(sums.squares / raster.count)
    kind = raster.x.dtype if np.issubdtype(raster.x.dtype, np.floating) else np.dtype(np.float64)
    largest = np.maximum(np.abs(of.low), np.abs(of.low + of.span))
    # digits are lost in the numbers as given, before the mean is taken off
    rounding = np.finfo(kind).eps * (np.maximum(of.mean, 1.0 - of.mean) + largest / of.span) / deviation
    centre = sums.lags / (raster.count - raster.isolates) / deviation
    level = np.full_like(centre, permutations.judged(significance))
    return Scale(*of, deviation, rounding, centre if origin == "mean_lag" else np.zeros_like(centre), level), rims


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
            near = layers.deviations(contiguity.window(layer, tile, fill=0), counted, own.origin)
            for name, part in points(near, raster.degree[tile], own, first).items():
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


def _lazily(raster: Raster, rims: Rims, scale: Scale, plan: Plan, rate: float | None) -> dict[str, xr.Variable]:
    """Points of all cells of a chunked array, once they are asked for."""
    if rate is not None and plan.needs("significant"):
        p = Plan(plan.n, plan.rule, ("p_value",), np.dtype(np.float64))
        tested = raster.count - raster.isolates
        lazy = _lazy_points(raster, rims, scale, p)["p_value"]
        scale = scale._replace(level=discovery.largest(lazy, raster.dims, tested, significance=rate))
    return _lazy_points(raster, rims, scale, plan)


def _lazy_points(raster: Raster, rims: Rims, scale: Scale, plan: Plan) -> dict[str, xr.Variable]:
    """Every chunk is made once for all that is asked for, as one array of records, and from no other chunk."""
    from dask import array as da

    laid = raster.x.variable.transpose(*raster.dims, "y", "x")
    lead, (*layered, rows, columns) = laid.shape[:-2], laid.data.chunks
    one_each = (1,) * len(rows), (1,) * len(columns)
    wide = tuple(n + 2 for n in columns)
    numbers = np.zeros((*lead, 1, 1), [(name, float) for name in Scale._fields])
    for name, part in zip(Scale._fields, scale, strict=True):
        numbers[name] = part.reshape(numbers.shape)
    above, below, before, behind = (a.reshape(*lead, *a.shape[1:]) for a in rims.around())
    kind = np.dtype([(name, plan.type_of(name)) for name in plan.names])
    records = da.map_blocks(
        partial(_records, plan=plan, kind=kind),
        laid.data,
        da.from_array(raster.degree, chunks=(rows, columns))[(np.newaxis,) * len(lead)],
        *(da.from_array(a, chunks=(*layered, one_each[0], wide)) for a in (above, below)),
        *(da.from_array(a, chunks=(*layered, rows, one_each[1])) for a in (before, behind)),
        da.from_array(numbers, chunks=(*layered, 1, 1)),
        chunks=laid.data.chunks,
        dtype=kind,
        meta=np.empty((0,) * laid.ndim, kind),
    )
    return {name: xr.Variable(laid.dims, records[name]) for name in plan.names}


def _records(values: Array, degree: Array, *around: Array, plan: Plan, kind: np.dtype[Any]) -> Array:
    """Points of the cells of a chunk, from its values and what lies around it."""
    out = np.empty(values.shape, kind)
    height, width = degree.shape[-2:]
    degree = degree.reshape(height, width)
    layer, made, *sides, scales = (a.reshape(-1, *a.shape[-2:]) for a in (values, out, *around))
    with np.errstate(all="ignore"):
        for number, own in enumerate(scales.ravel()):
            scale = Scale(*own.item())
            padded = _surrounded(layer[number], degree, [side[number] for side in sides], scale)
            for rows, columns in contiguity.tiles(height, width):
                near = padded[rows.start : rows.stop + 2, columns.start : columns.stop + 2]
                for name, part in points(near, degree[rows, columns], scale, plan).items():
                    made[name][number, rows, columns] = part
    return out


def _surrounded(values: Array, degree: NDArray[np.int8], sides: Sequence[Array], scale: Scale) -> Array:
    """Deviations of a layer of a chunk, within those that lie above, below, left and right of it."""
    padded = np.empty((values.shape[0] + 2, values.shape[1] + 2))
    padded[1:-1, 1:-1] = layers.deviations(values, degree >= 0, scale.origin)
    above, below, before, behind = (side.ravel() for side in sides)
    padded[0], padded[-1], padded[1:-1, 0], padded[1:-1, -1] = above, below, before, behind
    return padded
