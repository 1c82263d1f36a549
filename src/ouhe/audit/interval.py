"""What a number can have been: a closed interval, and arithmetic that never loses a value."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

__all__ = ["Interval", "total"]

#: A number, or an array of numbers; all operations broadcast.
Numbers = Any


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    r"""Closed interval, or an array of them; results are widened by a unit in the last place, so that nothing is lost.

    .. math:: x \in [a, b],\ y \in [c, d] \Rightarrow x \circ y \in [\min, \max]\{a \circ c, a \circ d, b \circ c,
              b \circ d\}

    Parameters
    ----------
    low, high
        Ends, numbers or arrays of one shape; NaN in both where nothing is known.

    References
    ----------
    Moore R. E., *Interval Analysis* (1966).

    Examples
    --------
    >>> first, last = Interval(0.1045, 0.1055), Interval(0.1995, 0.2005)
    >>> growth = (last / first) ** (1 / 12) - 1
    >>> round(growth.low, 4), round(growth.high, 4)
    (0.0545, 0.0558)
    >>> growth.meets(Interval(0.06025, 0.06035))
    False
    """

    low: Numbers
    high: Numbers

    def __add__(self, other: Interval | Numbers) -> Interval:
        other = _interval(other)
        return _outward(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval | Numbers) -> Interval:
        other = _interval(other)
        return _outward(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval | Numbers) -> Interval:
        other = _interval(other)
        return _hull(self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high)

    def __truediv__(self, other: Interval | Numbers) -> Interval:
        """Quotient; everything, from −∞ to ∞, where the divisor can be 0."""
        other = _interval(other)
        if type(other.low) is type(other.high) is float:
            if other.low <= 0.0 <= other.high:
                return Interval(-math.inf, math.inf)
            return _hull(*(a / b for a in (self.low, self.high) for b in (other.low, other.high)))
        nothing = np.less_equal(other.low, 0.0) & np.greater_equal(other.high, 0.0)
        divisor = np.where(nothing, 1.0, other.low), np.where(nothing, 1.0, other.high)
        with np.errstate(over="ignore"):
            found = _hull(*(a / b for a in (self.low, self.high) for b in divisor))
        return Interval(np.where(nothing, -np.inf, found.low)[()], np.where(nothing, np.inf, found.high)[()])

    def __radd__(self, other: Numbers) -> Interval:
        return self.__add__(other)

    def __rsub__(self, other: Numbers) -> Interval:
        return self.__neg__().__add__(other)

    def __rmul__(self, other: Numbers) -> Interval:
        return self.__mul__(other)

    def __rtruediv__(self, other: Numbers) -> Interval:
        return _interval(other).__truediv__(self)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __pow__(self, power: float) -> Interval:
        """Power of what is not negative; what is below 0 counts as 0."""
        a, b = np.maximum(self.low, 0.0), np.maximum(self.high, 0.0)
        with np.errstate(divide="ignore", over="ignore"):
            ends = np.power(a, power), np.power(b, power)
        return _outward(*(ends if power >= 0 else ends[::-1])).above(0.0)

    def sqrt(self) -> Interval:
        """Square root of what is not negative; what is below 0 counts as 0."""
        return _outward(np.sqrt(np.maximum(self.low, 0.0)), np.sqrt(np.maximum(self.high, 0.0))).above(0.0)

    def log(self) -> Interval:
        """Natural logarithm of what is positive."""
        with np.errstate(divide="ignore"):
            return _outward(np.log(np.maximum(self.low, 0.0)), np.log(np.maximum(self.high, 0.0)))

    def above(self, bound: float) -> Interval:
        """The part from `bound` on."""
        return Interval(np.maximum(self.low, bound), np.maximum(self.high, bound))

    def below(self, bound: float) -> Interval:
        """The part up to `bound`."""
        return Interval(np.minimum(self.low, bound), np.minimum(self.high, bound))

    def sum(self) -> Interval:
        """Sum over all elements of an array of intervals."""
        n = np.size(self.low)
        slack = 2.0**-50 * n * float(np.sum(np.maximum(np.abs(self.low), np.abs(self.high))))
        return Interval(float(np.sum(self.low)) - slack, float(np.sum(self.high)) + slack)

    def mean(self) -> Interval:
        """Mean over all elements of an array of intervals."""
        return self.sum() / np.size(self.low)

    def take(self, index: Any) -> Interval:
        """Elements of an array of intervals."""
        return Interval(self.low[index], self.high[index])

    def meets(self, other: Interval | Numbers) -> Any:
        """Whether a value lies in both."""
        other = _interval(other)
        return _plain(np.less_equal(self.low, other.high) & np.less_equal(other.low, self.high))

    def apart(self, other: Interval | Numbers) -> Any:
        """Whether no value lies in both; false where something is not known."""
        other = _interval(other)
        return _plain(np.greater(self.low, other.high) | np.greater(other.low, self.high))

    def __contains__(self, value: float) -> bool:
        return bool(self.low <= value <= self.high)

    def meet(self, other: Interval) -> Interval | None:
        """What lies in both of two single intervals; None where nothing does."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Interval(low, high) if low <= high else None

    @property
    def middle(self) -> Numbers:
        """Midpoint."""
        return (self.low + self.high) / 2

    def shown(self, *, decimals: int = 3, percent: bool = False) -> str:
        """The interval as arithmetic shows it, its ends rounded outward.

        Examples
        --------
        >>> Interval(0.05452, 0.05581).shown(decimals=2, percent=True)
        '[5.45 %, 5.59 %]'
        """
        scale = 100.0 if percent else 1.0
        step = 10.0**decimals
        low = np.floor(float(self.low) * scale * step + 1e-7) / step
        high = np.ceil(float(self.high) * scale * step - 1e-7) / step
        unit = " %" if percent else ""
        ends = [f"{end:.{decimals}f}".replace("-", "−") + unit for end in (low + 0.0, high + 0.0)]
        return f"[{ends[0]}, {ends[1]}]"


def total(terms: Iterable[Interval]) -> Interval:
    """Sum of intervals.

    Examples
    --------
    >>> 1.0 in total([Interval(0.3, 0.4), Interval(0.5, 0.7)])
    True
    """
    found = Interval(0.0, 0.0)
    for term in terms:
        found = found + term
    return found


def _interval(value: Interval | Numbers) -> Interval:
    return value if isinstance(value, Interval) else Interval(value, value)


def _hull(*ends: Numbers) -> Interval:
    """Interval from the least to the greatest of four results."""
    a, b, c, d = ends
    if type(a) is type(b) is type(c) is type(d) is float:
        return _outward(min(ends), max(ends))
    return _outward(np.minimum(np.minimum(a, b), np.minimum(c, d)), np.maximum(np.maximum(a, b), np.maximum(c, d)))


def _outward(low: Numbers, high: Numbers) -> Interval:
    if type(low) is type(high) is float:
        return Interval(math.nextafter(low, -math.inf), math.nextafter(high, math.inf))
    return Interval(_plain(np.nextafter(low, -np.inf)), _plain(np.nextafter(high, np.inf)))


def _plain(value: Any) -> Any:
    """A Python number or truth value where it is no array."""
    return cast("Any", value).item() if np.ndim(value) == 0 and hasattr(value, "item") else value
