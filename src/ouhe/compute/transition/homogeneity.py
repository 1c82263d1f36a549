"""Tests whether several transition matrices differ by more than chance."""

from __future__ import annotations

import numpy as np
import xarray as xr

__all__ = ["against_the_rest", "homogeneity"]

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
    from scipy.special import chdtrc

    counts = counts.astype(float)
    pooled, starts = counts.sum(over), counts.sum("to")
    cells, held = (pooled > 0).sum("to"), (starts > 0).sum(over)
    tested = (cells > 1) & (held > 1)
    df = ((cells - 1) * (held - 1)).where(tested, 0).sum("from")
    expected = starts * (pooled / pooled.sum("to").where(lambda rows: rows > 0))
    expected = expected.where(tested & (expected > 0))
    chi2 = ((counts - expected) ** 2 / expected).sum([over, "from", "to"])
    ratio = (counts / expected).where(counts > 0, 1.0)
    lr = 2.0 * (counts * np.log(ratio)).sum([over, "from", "to"])
    found = xr.Dataset(
        {
            "chi2": chi2,
            "lr": np.maximum(lr, 0.0),
            "p_chi2": xr.apply_ufunc(chdtrc, df, chi2),
            "p_lr": xr.apply_ufunc(chdtrc, df, np.maximum(lr, 0.0)),
            "sparse": (expected < FEW).sum([over, "from", "to"]) / expected.notnull().sum([over, "from", "to"]),
        }
    ).where(df > 0)
    return found.assign(df=df.astype(np.int64), n=counts.sum([over, "from", "to"]).astype(np.int64))


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
