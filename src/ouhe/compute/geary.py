"""Geary's c: whether neighbours differ less from one another than any two regions do."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import sparse

from ouhe import permutations as tests
from ouhe.errors import check_choice
from ouhe.neighbours import Neighbours
from ouhe.permutations import Draws, Permutations, Progress, Randomness, Statistic, Variance

__all__ = ["c"]

Floats = NDArray[np.float64]


def c(
    x: xr.DataArray,
    w: Neighbours,
    *,
    variance: Variance = "randomisation",
    permutations: Permutations = 999,
    rng: Randomness = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    r"""Geary's c of every variable and year at once; below 1 where neighbours are alike.

    .. math:: c = \frac{n - 1}{2 S_0} \frac{\sum_i \sum_j w_{ij} (x_i - x_j)^2}{\sum_i (x_i - \bar x)^2}, \qquad E = 1

    Parameters
    ----------
    x
        Values with a dimension ``region``; every other dimension (``variable``, ``year`` …) is left alone. All finite.
    w
        Spatial weights of the same regions, in any order.
    variance, permutations, rng, progress
        As in :func:`ouhe.compute.moran.univariate`.

    Returns
    -------
    xarray.Dataset
        With the dimensions of `x` but ``region``: ``statistic`` c, ``expected``, ``sd``, ``z`` = (c − E) / sd, which
        is negative where neighbours are alike, ``p_value`` 2Φ(−\|z\|), and the two-sided ``p_sim``; ``n`` and ``few``
        as there.

    Raises
    ------
    OptionError, DataError
        As :func:`ouhe.compute.moran.univariate`.

    Warns
    -----
    OuheWarning
        ``sd`` is 0, so that z and p are missing.

    Notes
    -----
    Under normality Var(c) = [(2S1 + S2)(n − 1) − 4S0²] / [2(n + 1)S0²]; under randomisation, with the kurtosis b2,

    .. math:: \frac{(n-1) S_1 [n^2-3n+3-(n-1)b_2] - \frac14 (n-1) S_2 [n^2+3n-6-(n^2-n+2)b_2]
              + S_0^2 [n^2-3-(n-1)^2 b_2]}{n(n-2)(n-3) S_0^2}

    References
    ----------
    Geary R. C., "The contiguity ratio and statistical mapping", The Incorporated Statistician 5 (1954). Cliff A. D.,
    Ord J. K., *Spatial Processes: Models and Applications* (1981).

    Examples
    --------
    >>> w = Neighbours.from_pairs([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")], list("abcde"))
    >>> x = xr.DataArray([1.0, 2.0, 4.0, 8.0, 16.0], dims="region", coords={"region": list("abcde")})
    >>> found = c(x, w, rng=1)
    >>> [round(float(found[k]), 4) for k in ("statistic", "expected", "z", "p_value", "p_sim")]
    [0.3159, 1.0, -2.1448, 0.032, 0.0167]
    """
    check_choice("variance", variance, Variance)
    w = w.aligned(x)
    values = tests.columns(x, w.matrix)
    z, n, s0 = tests.deviations(values), len(values), w.sums.s0
    squares = np.einsum("iv,iv->v", z, z)
    unit = 2.0 * s0 * squares / (n - 1)  # the sum of squared differences at which c is 1
    if variance == "normality":
        spread = np.full_like(unit, _normal_variance(n, w.sums))
    else:
        spread = _random_variance(n, w.sums, n * np.einsum("iv,iv,iv,iv->v", z, z, z, z) / squares**2)
    draws = Draws.of(n, permutations, rng)
    ends = np.asarray(w.matrix.sum(axis=0)).ravel() + np.asarray(w.matrix.sum(axis=1)).ravel()
    differences = ends @ z**2 - 2.0 * tests.cross_products(w.matrix, z)
    # a squared difference is two squares less twice the product, so a link of each region with itself carries them
    links = sparse.csr_array(sparse.diags_array(ends) - 2.0 * w.matrix)
    p_sim = tests.p_values(links, z, draws, centre=unit, progress=progress)
    return tests.labelled(x, Statistic(differences / unit, np.ones_like(unit), spread, p_sim))


def _normal_variance(n: int, sums: tuple[float, float, float]) -> float:
    """Variance of c where the values are drawn from a normal distribution."""
    s0, s1, s2 = sums
    parts = ((2.0 * s1 + s2) * (n - 1), 4.0 * s0 * s0)
    found = parts[0] - parts[1]
    return found / (2.0 * (n + 1) * s0 * s0) if found > 1e-12 * parts[0] else 0.0


def _random_variance(n: int, sums: tuple[float, float, float], b2: Floats) -> Floats:
    """Variance of c over all permutations of values with the kurtosis `b2`."""
    s0, s1, s2 = sums
    first = (n - 1) * s1 * (n * n - 3 * n + 3 - (n - 1) * b2)
    second = (n - 1) * s2 * (n * n + 3 * n - 6 - (n * n - n + 2) * b2) / 4.0
    third = s0 * s0 * (n * n - 3 - (n - 1) ** 2 * b2)
    found = first - second + third
    size = np.abs(first) + np.abs(second) + np.abs(third)
    return np.where(found > 1e-12 * size, found, 0.0) / (n * (n - 2) * (n - 3) * s0 * s0)
