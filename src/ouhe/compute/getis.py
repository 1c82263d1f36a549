"""Getis and Ord's general G: whether high values, or low ones, stand together."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import sparse

from ouhe import permutations as tests
from ouhe.errors import DataError, check_choice
from ouhe.neighbours import Neighbours, Style
from ouhe.panel import where
from ouhe.permutations import Draws, Permutations, Progress, Randomness, Statistic

__all__ = ["general"]

Floats = NDArray[np.float64]


def general(
    x: xr.DataArray,
    w: Neighbours,
    *,
    style: Style = "binary",
    permutations: Permutations = 999,
    rng: Randomness = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    r"""Getis and Ord's general G of every variable and year at once.

    .. math:: G = \frac{\sum_i \sum_j w_{ij} x_i x_j}{\sum_i \sum_{j \ne i} x_i x_j}, \qquad E = \frac{S_0}{n(n - 1)}

    Parameters
    ----------
    x
        Values with a dimension ``region``, with a natural origin and none negative; every other dimension
        (``variable``, ``year`` …) is left alone. All finite.
    w
        Spatial weights of the same regions, in any order.
    style
        How the weights are scaled first: ``binary``, by which G is defined, counts every neighbour as 1, whatever `w`
        says; ``row`` scales rows to 1, so that every region counts alike, however many neighbours it has; ``raw``
        takes `w` as it is.
    permutations, rng, progress
        As in :func:`ouhe.compute.moran.univariate`.

    Returns
    -------
    xarray.Dataset
        With the dimensions of `x` but ``region``: ``statistic`` G, ``expected``, ``sd`` (under randomisation), ``z`` =
        (G − E) / sd, which is positive where high values stand together and negative where low ones do, ``p_value``
        2Φ(−\|z\|), and the two-sided ``p_sim``; ``n`` and ``few`` as there.

    Raises
    ------
    OptionError, DataError
        As :func:`ouhe.compute.moran.univariate`; and where values are negative, or fewer than two are above 0.

    Warns
    -----
    OuheWarning
        ``sd`` is 0, so that z and p are missing, as with weights that are all 1: binary inverse distances, for one.

    Notes
    -----
    With z = x − x̄, d_i = Σ_j (w_ij + w_ji) and D the denominator,

    .. math:: D^2\,\mathrm{Var}(G) = \mathrm{Var}(z'Wz) + \frac{\bar x^2 (S_2 - 4 S_0^2 / n) \sum z^2}{n - 1}
              + \frac{2 \bar x (4 S_0^2 - n S_2) \sum z^3}{n(n-1)(n-2)}

    which is the variance that Getis and Ord give, for weights of any kind, without the cancellation of theirs.

    References
    ----------
    Getis A., Ord J. K., "The analysis of spatial association by use of distance statistics", Geographical Analysis 24
    (1992).

    Examples
    --------
    >>> w = Neighbours.from_pairs([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")], list("abcde"))
    >>> x = xr.DataArray([1.0, 2.0, 4.0, 8.0, 16.0], dims="region", coords={"region": list("abcde")})
    >>> found = general(x, w, rng=1)
    >>> [round(float(found[k]), 4) for k in ("statistic", "expected", "z", "p_value", "p_sim")]
    [0.5484, 0.4, 0.9427, 0.3458, 0.4333]
    """
    check_choice("style", style, Style)
    w = w.aligned(x).styled(style)
    values = tests.columns(x, w.matrix)
    _check_signs(x)
    values = values / values.max(axis=0)
    mean, n, (s0, _, s2) = values.mean(axis=0), len(values), w.sums
    z = values - mean
    unit = np.einsum("iv,iv->v", values, values.sum(axis=0) - values)
    squares, cubes, fourths = (np.sum(z**power, axis=0) for power in (2, 3, 4))
    ends = np.asarray(w.matrix.sum(axis=0)).ravel() + np.asarray(w.matrix.sum(axis=1)).ravel()
    uneven = ends - ends.mean()
    # with x = z + x̄, products of x are those of z, x̄ times z as often as a region has links, and a constant
    products = tests.cross_products(w.matrix, z) + mean * (uneven @ z)
    spread = tests.cross_variance(n, w.sums, squares, fourths)
    spread += mean**2 * np.sum(uneven**2) * squares / (n - 1)
    spread += 2.0 * mean * (4.0 * s0 * s0 - n * s2) * cubes / (n * (n - 1) * (n - 2))
    draws = Draws.of(n, permutations, rng)
    # the mean stands in a row of its own, which stays, with a link to every region
    to_mean = sparse.csr_array(uneven[:, np.newaxis])
    links = sparse.block_array([[w.matrix, to_mean], [None, sparse.csr_array((1, 1))]], format="csr")
    centre = -s0 * squares / (n * (n - 1))
    p_sim = tests.p_values(links, np.vstack([z, mean]), draws, centre=centre, progress=progress)
    expected = np.full_like(unit, s0 / (n * (n - 1)))
    return tests.labelled(x, Statistic((mean**2 * s0 + products) / unit, expected, spread / unit**2, p_sim))


def _check_signs(x: xr.DataArray) -> None:
    """Refuse values of which G says nothing: negative ones, or no two above 0."""
    if (x < 0.0).any():
        raise DataError(*where(x, x < 0.0, "moran.negative"))
    positive = (tests.named(x) > 0.0).sum("region")
    if (positive < 2).any():
        raise DataError(*where(positive, positive < 2, "moran.one_positive"))
