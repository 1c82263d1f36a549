"""Local Moran of rasters: which cells stand among cells like them, by analytic moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import xarray as xr
from annotated_types import Gt, Lt

from ouhe import permutations
from ouhe.compute.lattice.by_chunk import by_chunk
from ouhe.compute.lattice.contiguity import Rule
from ouhe.compute.lattice.extents import extent
from ouhe.compute.lattice.in_memory import in_memory
from ouhe.compute.lattice.points import NAMES, Name, Plan, Scale
from ouhe.compute.lattice.raster import LAYER, Raster
from ouhe.compute.lattice.rims import Rims
from ouhe.compute.lattice.sums import sums
from ouhe.errors import OptionError, Problem, choice_problems
from ouhe.permutations import Correction, QuadrantOrigin

__all__ = ["Precision", "local"]

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
        made = by_chunk(raster, rims, scale, plan, significance if correction else None)
    else:
        made = in_memory(raster, scale, plan, significance if correction else None)
    found = xr.Dataset(made, coords=raster.x.coords).transpose(*raster.x.dims)
    return found if x.ndim > 2 else found.isel({LAYER: 0}, drop=True)


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
    of = extent(raster)
    found, rims = sums(raster, of)
    deviation = np.sqrt(found.squares / raster.count)
    kind = raster.x.dtype if np.issubdtype(raster.x.dtype, np.floating) else np.dtype(np.float64)
    largest = np.maximum(np.abs(of.low), np.abs(of.low + of.span))
    # digits are lost in the numbers as given, before the mean is taken off
    rounding = np.finfo(kind).eps * (np.maximum(of.mean, 1.0 - of.mean) + largest / of.span) / deviation
    centre = found.lags / (raster.count - raster.isolates) / deviation
    level = np.full_like(centre, permutations.judged(significance))
    return Scale(*of, deviation, rounding, centre if origin == "mean_lag" else np.zeros_like(centre), level), rims
