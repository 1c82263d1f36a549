"""Sums over many values that entropies are made of, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe.compiled import compiled

__all__ = ["share_sums"]

Array = NDArray[Any]

#: Values at a time, so that what is between two steps stays in the fastest cache.
STEP = 512

LOG_2 = 0.6931471805599453

#: Bits of √½, and those of a float that say the power of two.
ROOT_HALF = np.int64(0x3FE6A09E667F3BCD)
POWER = np.int64(-(1 << 52))

#: A whole number added to its bits stands in the last digits of this large float.
LARGE = 6755399441055744.0
LARGE_BITS = np.int64(0x4338000000000000)


def share_sums(table: Array, counted: Array | None, *, offset: float, tiny: float) -> Array:
    r"""Sums of z and of z ln(z + tiny) along each row, z = y + offset; a negative z gives NaN.

    .. math:: \ln\left(m\,2^k\right) = k\ln 2 + 2\sum_{i \ge 0} \frac{r^{2i+1}}{2i+1}, \quad
              r = \frac{m-1}{m+1}, \quad \tfrac{1}{\sqrt 2} \le m < \sqrt 2

    As \|r\| ≤ 0.172, ten terms of the series are exact to the digits of a float.

    Parameters
    ----------
    table
        Values ``(row, column)`` of any floating type.
    counted
        Which columns count (bool); all where None.
    offset
        Number added to each value.
    tiny
        Number added within the logarithm, which makes 0·ln 0 zero.

    Returns
    -------
    numpy.ndarray
        ``(2, row)``, summed in float64.

    Examples
    --------
    >>> share_sums(np.array([[0.0, 0.5, 1.0]]), None, offset=0.0, tiny=1e-300).round(4)
    array([[ 1.5   ],
           [-0.3466]])
    """
    found = np.zeros((2, len(table)))
    _share_sums(table, np.ones(0, np.bool_) if counted is None else counted, (offset, tiny), found)
    return found


@compiled(divides=True)
def _logarithms(m: Array, bits: Array, k: Array, k_bits: Array) -> None:
    """Take the logarithms of `m`; `bits` and `k_bits` are views of the same memory as whole numbers."""
    for i in range(m.size):
        power = (bits[i] - ROOT_HALF) & POWER
        bits[i] -= power
        k_bits[i] = (power >> np.int64(52)) + LARGE_BITS
    for i in range(m.size):
        r = (m[i] - 1.0) / (m[i] + 1.0)
        w = r * r
        s = 1 / 13 + w * (1 / 15 + w * (1 / 17 + w * (1 / 19)))
        s = w * (1 / 3 + w * (1 / 5 + w * (1 / 7 + w * (1 / 9 + w * (1 / 11 + w * s)))))
        m[i] = (k[i] - LARGE) * LOG_2 + 2.0 * (r + r * s)


@compiled(divides=True)
def _share_sums(table: Array, counted: Array, added: tuple[float, float], found: Array) -> None:
    z, m, k = np.empty(STEP), np.empty(STEP), np.empty(STEP)
    bits, k_bits = m.view(np.int64), k.view(np.int64)
    offset, tiny = added
    # a sum a place in a step, because sums side by side are as quick as one and rounded less
    totals, spreads = np.empty(STEP), np.empty(STEP)
    for row in range(table.shape[0]):
        totals[:] = 0.0
        spreads[:] = 0.0
        for start in range(0, table.shape[1], STEP):
            values, counts = table[row, start : start + STEP], counted[start : start + STEP]
            n = values.size
            for i in range(n):
                z[i] = values[i] + offset
            for i in range(counts.size):
                z[i] = z[i] if counts[i] else 0.0
            for i in range(n):
                m[i] = z[i] + tiny
            _logarithms(m[:n], bits[:n], k[:n], k_bits[:n])
            for i in range(n):
                totals[i] += z[i]
                spreads[i] += z[i] * m[i]
            for i in range(n):
                if z[i] < 0.0:
                    spreads[i] = np.nan
        found[0, row] = totals.sum()
        found[1, row] = spreads.sum()
