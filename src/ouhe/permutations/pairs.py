"""Sums over pairs of neighbours: how they come out under the permutations, and their variance over all of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ouhe import blocks
from ouhe.permutations.draws import Draws, Progress

__all__ = ["cross_products", "cross_variance", "normal_variance", "p_values"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Blocks between two reports of progress.
ROUND = 64

#: Rows from which on their columns do not all fit in a core's own cache.
MANY = 512

#: Difference between two sums, in parts of what their terms are expected to add up to, that is none but of rounding.
TIE = 1e-12


def cross_products(w: sparse.csr_array, z: Floats) -> Floats:
    r"""Cross products :math:`\sum_i \sum_j w_{ij} z_i z_j` of every column.

    Examples
    --------
    >>> cross_products(sparse.csr_array([[0.0, 1.0], [1.0, 0.0]]), np.array([[2.0], [3.0]]))
    array([12.])
    """
    products: Floats = np.einsum("iv,iv->v", z, w @ z)
    return products


def cross_variance(n: int, sums: tuple[float, float, float], squares: Floats, fourths: Floats) -> Floats:
    r"""Variance of the cross products over all permutations of values of mean 0 (Cliff & Ord 1981).

    .. math:: E[(z'Wz)^2] = m_2^2\,\frac{n[(n^2-3n+3)S_1 - nS_2 + 3S_0^2]
              - b_2[(n^2-n)S_1 - 2nS_2 + 6S_0^2]}{(n-1)(n-2)(n-3)}, \quad
              E[z'Wz] = -\frac{S_0 m_2}{n - 1}

    with m₂ = Σ z² / n and b₂ = Σ z⁴ / (n m₂²).

    Parameters
    ----------
    n
        Number of regions.
    sums
        S0, S1 and S2 of the weights.
    squares, fourths
        Σ z² and Σ z⁴ of every column.

    Returns
    -------
    numpy.ndarray
        A variance for every column; 0 where it is nothing but rounding, because all regions are alike to the weights;
        missing for fewer than four regions.

    Examples
    --------
    Four regions in a row, linked both ways, with the values −1.5, −0.5, 0.5 and 1.5:

    >>> cross_variance(4, (6.0, 12.0, 40.0), np.array([5.0]), np.array([10.25])).round(9)
    array([10.])
    """
    if n < 4:
        return np.full_like(squares, np.nan)
    s0, s1, s2 = sums
    b2 = n * fourths / squares**2
    even = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0 * s0)
    peaked = b2 * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0 * s0)
    second = (even - peaked) / ((n - 1) * (n - 2) * (n - 3))
    found = second - (s0 / (n - 1)) ** 2
    return np.where(found > TIE * np.abs(second), found, 0.0) * (squares / n) ** 2


def normal_variance(n: int, sums: tuple[float, float, float]) -> float:
    r"""Variance of Moran's I where the values are drawn from a normal distribution (Cliff & Ord 1981).

    .. math:: \frac{n^2 S_1 - n S_2 + 3 S_0^2}{(n^2 - 1) S_0^2} - \frac{1}{(n - 1)^2}

    Parameters
    ----------
    n
        Number of regions.
    sums
        S0, S1 and S2 of the weights.

    Returns
    -------
    float
        0 where it is nothing but rounding; missing for fewer than four regions.

    Examples
    --------
    >>> round(normal_variance(4, (6.0, 12.0, 40.0)), 4)
    0.1481
    """
    if n < 4:
        return np.nan
    s0, s1, s2 = sums
    second = (n * n * s1 - n * s2 + 3 * s0 * s0) / ((n * n - 1) * s0 * s0)
    found = second - (n - 1) ** -2
    return found if found > TIE * second else 0.0


def p_values(
    links: sparse.csr_array, values: Floats, draws: Draws, *, centre: Floats, progress: Progress | None = None
) -> Floats:
    r"""Two-sided permutation p of sums over links.

    .. math:: T = \sum_{(i,k)} q_{ik} a_i a_k, \qquad p = \frac{r + 1}{R + 1}, \quad
              r = \#\{|T_\pi - E| \ge |T - E|\}

    and p = r / n! where the permutations are all there are. Sums that differ by less than :data:`TIE` of what
    Σ \|q a a\| is expected to be count as equal: the same terms added in another order.

    Parameters
    ----------
    links
        q, in either direction or both; rows and columns are those of `values`.
    values
        a, a column a variable. The first ``draws.n`` rows are permuted, all others stay where they are.
    draws
        The permutations, shared by all columns.
    centre
        E of every column, the mean of T over all permutations.
    progress
        Called with the number of permutations done and of all.

    Returns
    -------
    numpy.ndarray
        p of every column; missing where there are no permutations.

    Examples
    --------
    A path of three regions: both orders in which the middle one lies in the middle are as extreme.

    >>> path = sparse.csr_array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    >>> p_values(path, np.array([[-1.0], [0.0], [1.0]]), Draws.of(3, 6), centre=np.array([-2 / 3]))
    array([0.33333333])
    """
    if not draws.count or not values.shape[1]:
        return np.full(values.shape[1], np.nan)
    order = _near(links)
    folded = _folded(links, order)
    typical = np.abs(values)
    typical[: draws.n] = np.sqrt(np.mean(values[: draws.n] ** 2, axis=0))
    size = cross_products(abs(folded), typical[order])
    observed = cross_products(folded, values[order])
    bounds = np.stack([centre, np.abs(observed - centre) - TIE * size])
    extreme = _over_blocks(_counter(folded, order, values, bounds), draws, progress)
    p: Floats = extreme / draws.count if draws.exact else (extreme + 1) / (draws.count + 1)
    return p


def _near(links: sparse.csr_array) -> Ints:
    """Order of the rows in which linked ones lie near one another, also in the processor's cache."""
    if links.shape[0] < MANY:
        return np.arange(links.shape[0])
    from scipy.sparse.csgraph import reverse_cuthill_mckee

    order: Ints = reverse_cuthill_mckee(links, symmetric_mode=False).astype(np.int64)
    return order


def _folded(links: sparse.csr_array, order: Ints) -> sparse.csr_array:
    """Rows in another order, and each pair once, with the weights of both directions added; the sums are the same."""
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    single = links.tocoo()
    ends = place[single.row], place[single.col]
    folded = sparse.coo_array((single.data, (np.minimum(*ends), np.maximum(*ends))), shape=links.shape)
    return folded.tocsr()


def _counter(links: sparse.csr_array, order: Ints, values: Floats, bounds: Floats) -> Callable[[Ints], Ints]:
    """Function that counts, by column, how many permutations of a block give a sum out of bounds."""
    from ouhe.permutations.kernel import WIDE, count_extreme

    # fresh arrays of fixed types, for which the loops are compiled once
    rows = (*(np.array(a, dtype=np.int64) for a in (links.indptr, links.indices)), np.array(links.data, dtype=float))
    pieces = np.array_split(np.arange(values.shape[1]), -(-values.shape[1] // WIDE))
    laid = [(np.ascontiguousarray(values[:, piece]), bounds[:, piece].copy()) for piece in pieces]
    return lambda block: np.concatenate([count_extreme(rows, order, part, block, ends) for part, ends in laid])


def _over_blocks(count: Callable[[Ints], Ints], draws: Draws, progress: Progress | None) -> Ints:
    """Sum of counts over all blocks of permutations, which several cores share."""

    def work(number: int) -> Ints:
        return count(draws.block(number))

    total: Ints = np.zeros(1, dtype=np.int64)
    with ThreadPoolExecutor(blocks.workers(draws.blocks)) as pool:
        for first in range(0, draws.blocks, ROUND):
            some = range(first, min(first + ROUND, draws.blocks))
            total = total + sum(pool.map(work, some) if len(some) > 1 else map(work, some))
            if progress:
                progress(min((first + ROUND) * draws.rows, draws.count), draws.count)
    return total
