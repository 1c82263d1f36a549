"""Tests whether several transition matrices differ by more than chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["against_the_rest", "homogeneity"]

Floats = NDArray[np.float64]

#: Expected count below which the χ² distribution of a cell is doubtful.
FEW = 5.0


def homogeneity(counts: xr.DataArray, *, over: str = "given") -> xr.Dataset:
    r"""Test that all matrices have the same transition probabilities, row by row.

    .. math::

       Q = \sum_m \sum_k \sum_l \frac{(n_{kl|m} - n_{k|m}\,p_{kl})^2}{n_{k|m}\,p_{kl}}, \qquad
       LR = 2 \sum_m \sum_k \sum_l n_{kl|m} \ln\frac{p_{kl|m}}{p_{kl}}, \qquad
       df = \sum_k (a_k - 1)(b_k - 1)

    a_k is the number of cells of row k that are above 0 in the pooled matrix, b_k the number of matrices in which
    moves start from k; rows with either below 2 say nothing and add nothing.

    Parameters
    ----------
    counts
        Counts ``(…, over, from, to)``.
    over
        Dimension of the matrices to compare.

    Returns
    -------
    xarray.Dataset
        Without `over`, ``from`` and ``to``: ``chi2`` Q and ``lr``, their degrees of freedom ``df``, ``p_chi2`` and
        ``p_lr`` from the χ² distribution, ``n`` moves, and ``sparse``, the share of the cells tested of which the
        expected count is below 5. Where df is 0 there is no test, and all but df and n are missing.

    Notes
    -----
    A row from which nobody moves at all adds nothing to the degrees of freedom; ``giddy`` 2.3.8 adds
    (0 − 1)(0 − 1) = 1.

    References
    ----------
    Bickenbach F., Bode E., "Evaluating the Markov property in studies of economic convergence", International
    Regional Science Review 26 (2003).
    Anderson T. W., Goodman L. A., "Statistical inference about Markov chains", Annals of Mathematical Statistics 28
    (1957).

    Examples
    --------
    Twenty moves from each of two classes under two conditions; 5 + 5 expected everywhere in the first row.

    >>> tables = xr.DataArray([[[8, 2], [5, 5]], [[2, 8], [5, 5]]], dims=("given", "from", "to"))
    >>> found = homogeneity(tables)
    >>> found["chi2"].item(), found["df"].item(), round(found["p_chi2"].item(), 4)
    (7.2, 2, 0.0273)
    """
    others = [d for d in counts.dims if d not in (over, "from", "to")]
    found = _tested(counts.transpose(*others, over, "from", "to").to_numpy().astype(np.float64))
    coords = {k: c for k, c in counts.coords.items() if set(c.dims) <= set(others)}
    return xr.Dataset({name: (others, value) for name, value in found.items()}, coords)


def _tested(n: Floats) -> dict[str, NDArray[Any]]:
    """Test of counts ``(…, matrix, from, to)``."""
    from scipy.special import chdtrc

    pooled, starts = n.sum(axis=-3), n.sum(axis=-1)
    cells, held = (pooled > 0.0).sum(axis=-1), (starts > 0.0).sum(axis=-2)
    tested = (cells > 1) & (held > 1)
    df = np.where(tested, (cells - 1) * (held - 1), 0).sum(axis=-1)
    rows = pooled.sum(axis=-1)
    p = pooled / np.where(rows > 0.0, rows, 1.0)[..., np.newaxis]
    expected = starts[..., np.newaxis] * (p * tested[..., np.newaxis])[..., np.newaxis, :, :]
    there = expected > 0.0
    divisor = np.where(there, expected, 1.0)
    chi2 = np.where(there, (n - expected) ** 2 / divisor, 0.0).sum(axis=(-3, -2, -1))
    ratio = np.where(there & (n > 0.0), n / divisor, 1.0)
    lr = np.maximum(2.0 * (n * np.log(ratio)).sum(axis=(-3, -2, -1)), 0.0)
    all_cells = there.sum(axis=(-3, -2, -1))
    sparse = (there & (expected < FEW)).sum(axis=(-3, -2, -1)) / np.maximum(all_cells, 1)
    statistics = {"chi2": chi2, "lr": lr, "p_chi2": chdtrc(df, chi2), "p_lr": chdtrc(df, lr), "sparse": sparse}
    found: dict[str, NDArray[Any]] = {name: np.where(df > 0, value, np.nan) for name, value in statistics.items()}
    return found | {"df": df.astype(np.int64), "n": n.sum(axis=(-3, -2, -1)).astype(np.int64)}


def against_the_rest(counts: xr.DataArray, *, over: str = "given") -> xr.Dataset:
    """Test of every matrix by itself against the pooled one.

    The pooled matrix holds the moves of the matrix tested; that both have the same probabilities means that those of
    the matrix and of all others together are the same, which is what is tested.

    Parameters
    ----------
    counts, over
        As in :func:`homogeneity`.

    Returns
    -------
    xarray.Dataset
        What :func:`homogeneity` gives, for every place along `over`.

    Notes
    -----
    Taking the pooled matrix as known instead, as ``giddy`` does, makes the contribution of row k to χ² smaller by the
    factor 1 − n_{k|m}/n_k, so that its p is too large.

    Examples
    --------
    >>> tables = xr.DataArray([[[8, 2], [5, 5]], [[2, 8], [5, 5]]], dims=("given", "from", "to"))
    >>> against_the_rest(tables)["chi2"].values
    array([7.2, 7.2])
    """
    counts = counts.astype(float)
    both = xr.concat([counts, counts.sum(over) - counts], dim="side", coords="minimal")
    found = homogeneity(both, over="side")
    return found.assign(n=counts.sum(["from", "to"]).astype(np.int64))
