"""Global Moran's I of rasters, whose neighbours are the cells around a cell."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ouhe import permutations
from ouhe.compute.lattice import contiguity
from ouhe.compute.lattice.contiguity import Rule
from ouhe.compute.lattice.extents import extent
from ouhe.compute.lattice.raster import LAYER, Raster
from ouhe.compute.lattice.sums import sums
from ouhe.errors import check_choice
from ouhe.permutations import Statistic, Variance

__all__ = ["moran"]


def moran(x: xr.DataArray, *, rule: Rule = "queen", variance: Variance = "randomisation") -> xr.Dataset:
    r"""Moran's I of every layer of a raster, of any size, at once.

    .. math:: I = \frac{n}{S_0} \frac{\sum_i z_i \bar z_i}{\sum_i z_i^2}, \quad
              \bar z_i = \frac{1}{k_i} \sum_{j \sim i} z_j, \quad z_i = x_i - \bar x, \qquad E = -\frac{1}{n - 1}

    The cells j ~ i around a cell are its neighbours, with equal weights that sum to 1. They are summed by shifting the
    raster against itself: there is no matrix of weights.

    Parameters
    ----------
    x
        Values ``(…, y, x)``, in memory or chunked; every dimension but these two (``variable``, ``year`` …) is left
        alone. With the coordinate ``inside`` (bool ``(y, x)``) only the cells where it is true are counted, and are
        neighbours; these must be finite.
    rule
        ``queen``: cells that share an edge or a corner are neighbours, up to eight; ``rook``: an edge, up to four.
    variance
        ``randomisation``: the values are given and any of them may stand in any cell; ``normality``: they are drawn
        from a normal distribution.

    Returns
    -------
    xarray.Dataset
        With the dimensions of `x` but ``y`` and ``x``: ``statistic`` I, ``expected`` E, ``sd``, ``z`` and ``p_value``
        as :func:`ouhe.compute.moran.univariate` has them with the same neighbours; besides ``n``, the number of cells
        that are counted, ``few``, whether they are below 20, and ``isolates``, how many have no neighbour.

    Raises
    ------
    OptionError
        An option is none of its choices.
    DataError
        `x` has no dimensions ``y`` and ``x``, fewer than four cells are counted, none of them has a neighbour, a value
        is missing or infinite, or a layer does not vary; all are named.

    Warns
    -----
    OuheWarning
        ``sd`` is 0, so that z and p are missing: all cells are neighbours of one another.

    Notes
    -----
    Chunked arrays are read twice, chunk by chunk: for the mean, and for the sums. Sums are taken in float64, tile by
    tile in an order that the number of cores does not change. Isolates count among the n cells, and their lag as 0. S1
    and S2 follow from the shape of what is counted: with r_i = 1/k_i and c_i = Σ_{j~i} r_j, S0 is the number of cells
    with neighbours, S1 = Σ r_i (1 + c_i) and S2 = Σ (1 + c_i)² over these.

    References
    ----------
    Moran P. A. P., "Notes on continuous stochastic phenomena", Biometrika 37 (1950). Cliff A. D., Ord J. K., *Spatial
    Processes: Models and Applications* (1981).

    Examples
    --------
    >>> x = xr.DataArray([[1.0, 2.0, 3.0], [2.0, 3.0, 5.0]], dims=("y", "x"))
    >>> found = moran(x, rule="rook")
    >>> [round(float(found[k]), 4) for k in ("statistic", "expected", "z", "p_value")]
    [0.3155, -0.2, 2.0719, 0.0383]
    """
    check_choice("rule", rule, Rule)
    check_choice("variance", variance, Variance)
    raster = Raster.of(x, rule)
    found = _tested(raster, variance)
    made = permutations.labelled(raster.x, found, count=raster.count).drop_vars("p_sim")
    made = made.assign(isolates=raster.isolates)
    return made if x.ndim > 2 else made.isel({LAYER: 0}, drop=True)


def _tested(raster: Raster, variance: Variance) -> Statistic:
    """Moran's I of every layer."""
    found, _ = sums(raster, extent(raster))
    n = raster.count
    weights = contiguity.weight_sums(raster.degree, raster.rule)
    unit = weights[0] / n * found.squares  # the cross product at which I is 1
    if variance == "normality":
        spread = np.full_like(unit, permutations.normal_variance(n, weights))
    else:
        spread = permutations.cross_variance(n, weights, found.squares, found.fourths) / unit**2
    nothing = np.full_like(unit, np.nan)
    return Statistic(found.cross / unit, np.full_like(unit, -1.0 / (n - 1)), spread, nothing)
