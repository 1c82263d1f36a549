"""Terms y ln y of many values at once, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe.compiled import compiled

__all__ = ["y_log_y"]

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


def y_log_y(a: Array, offset: float, tiny: float) -> Array:
    r"""Terms (a + offset) · ln(a + offset + tiny), to two units in the last place; NaN where a + offset is negative.

    .. math:: \ln\left(m\,2^k\right) = k\ln 2 + 2\sum_{i \ge 0} \frac{r^{2i+1}}{2i+1}, \quad
              r = \frac{m-1}{m+1}, \quad \tfrac{1}{\sqrt 2} \le m < \sqrt 2

    As \|r\| ≤ 0.172, ten terms of the series are exact to the digits of a float.

    Parameters
    ----------
    a
        Values (float64, contiguous), of any shape.
    offset
        Number added to each.
    tiny
        Number added within the logarithm, which makes 0·ln 0 zero.

    Returns
    -------
    numpy.ndarray
        Terms, with the shape of `a`.

    Examples
    --------
    >>> y_log_y(np.array([0.0, 0.5, 1.0]), 0.0, 1e-300).round(4)
    array([-0.    , -0.3466,  0.    ])
    """
    out = np.empty_like(a)
    _terms(a.reshape(-1), offset, tiny, out.reshape(-1))
    return out


@compiled(divides=True)
def _terms(a: Array, offset: float, tiny: float, out: Array) -> None:
    m = np.empty(STEP)
    bits = m.view(np.int64)
    k_bits = np.empty(STEP, np.int64)
    k = k_bits.view(np.float64)
    for start in range(0, a.size, STEP):
        values, found = a[start : start + STEP], out[start : start + STEP]
        for i in range(values.size):
            m[i] = values[i] + offset + tiny
        for i in range(values.size):
            power = (bits[i] - ROOT_HALF) & POWER
            bits[i] -= power
            k_bits[i] = (power >> np.int64(52)) + LARGE_BITS
        for i in range(values.size):
            r = (m[i] - 1.0) / (m[i] + 1.0)
            w = r * r
            s = 1 / 13 + w * (1 / 15 + w * (1 / 17 + w * (1 / 19)))
            s = w * (1 / 3 + w * (1 / 5 + w * (1 / 7 + w * (1 / 9 + w * (1 / 11 + w * s)))))
            m[i] = (k[i] - LARGE) * LOG_2 + 2.0 * (r + r * s)
        for i in range(values.size):
            found[i] = (values[i] + offset) * m[i]
        for i in range(values.size):
            if values[i] + offset < 0.0:
                found[i] = np.nan
