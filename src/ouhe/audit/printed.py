"""Numbers as papers print them, and what each can have been before it was rounded."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ouhe.audit.interval import Interval
from ouhe.errors import DataError

__all__ = ["STARS", "Bound", "Printed"]

Bound = Literal["", "<", ">"]

_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?P<whole>\d{1,3}(?:,\d{3})+|\d*)(?:\.(?P<part>\d*))?(?:(?:e|[x×]10\^?)(?P<power>[-+]?\d+))?",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_BEFORE: Mapping[str, Bound] = {
    "<": "<", "p<": "<", "<=": "<", "≤": "<", "⩽": "<", "≦": "<", "小于": "<", "不足": "<", "低于": "<",
    "lessthan": "<",
    ">": ">", ">=": ">", "≥": ">", "⩾": ">", "≧": ">", "大于": ">", "超过": ">", "高于": ">", "morethan": ">",
}  # fmt: skip
_AFTER: Mapping[str, Bound] = {"以下": "<", "以内": "<", "orless": "<", "以上": ">", "ormore": ">"}

#: Signs that stand for stars.
STARS = "*＊∗⁎★☆"

#: Digits and powers of ten beyond which nothing is printed and floating point would overflow.
MOST_DIGITS, MOST_SHIFT = 40, 200


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as printed.

    Parameters
    ----------
    text
        What stands in the paper.
    value
        The number; 0.0603 for ``6.03%``.
    unit
        Unit in the last place that is printed: 0.001 for ``0.105``, 0.0001 for ``6.03%``.
    bound
        ``<`` or ``>`` where only a bound is printed (``<0.001``, ``0.05以下``).
    stars
        Stars behind the number.
    percent
        It is printed in per cent.

    Examples
    --------
    >>> Printed.of("０．１７６＊").interval.shown(decimals=4), Printed.of("０．１７６＊").stars
    ('[0.1755, 0.1765]', 1)
    >>> Printed.of("6.03％").value, Printed.of("−1,234.5").value, Printed.of("<0.001").interval.high
    (0.0603, -1234.5, 0.001)
    """

    text: str
    value: float
    unit: float
    bound: Bound = ""
    stars: int = 0
    percent: bool = False

    @classmethod
    def of(cls, text: str, *, percent: bool = False) -> Printed:
        """Number that `text` prints; `percent` where the paper says so elsewhere, in a column's head.

        Raises
        ------
        DataError
            `text` prints no number.
        """
        if _PLAIN.fullmatch(text) and not percent:  # nearly all numbers of a long table
            return cls(text, float(text), 10.0 ** -len(text.partition(".")[2]))
        if any(unicodedata.category(sign) == "No" for sign in text):  # a mark such as ² would become a digit
            raise DataError.of("audit.not_a_number", text=text)
        plain = "".join(unicodedata.normalize("NFKC", text).split())
        plain = plain.replace("−", "-").replace("–", "-").replace("—", "-").replace("‰", "")
        bare = plain.rstrip(STARS)
        stars = len(plain) - len(bare)
        if bare.startswith("(") and bare.endswith(")"):
            bare = bare[1:-1]
        bare, bound = _bound(bare)
        if bare.endswith("%"):
            bare, percent = bare[:-1], True
        found = _NUMBER.fullmatch(bare)
        digits = (found["whole"] or "") + (found["part"] or "") if found else ""
        if found is None or not 0 < len(digits) <= MOST_DIGITS or "‰" in text:
            raise DataError.of("audit.not_a_number", text=text)
        shift = int(found["power"] or 0) - (2 if percent else 0)
        if abs(shift) > MOST_SHIFT:
            raise DataError.of("audit.not_a_number", text=text)
        places = len(found["part"] or "") - shift
        value = float(f"{found['sign']}{(found['whole'] or '0').replace(',', '')}.{found['part'] or '0'}e{shift}")
        return cls(text.strip(), value, 10.0**-places, bound, stars, percent)

    @property
    def decimals(self) -> int:
        """Decimal places as printed, those of the percentage where it is one."""
        return max(0, round(-math.log10(self.unit)) - (2 if self.percent else 0))

    @property
    def interval(self) -> Interval:
        """What the number can have been: half a unit both ways, however halves were rounded."""
        if self.bound:
            return Interval(-math.inf, self.value) if self.bound == "<" else Interval(self.value, math.inf)
        half = self.unit / 2
        slack = 2.0**-50 * (abs(self.value) + half)  # 0.1235 is no binary number, and was rounded as one
        return Interval(self.value - half - slack, self.value + half + slack)

    def __str__(self) -> str:
        return self.text


def _bound(bare: str) -> tuple[str, Bound]:
    """What is left of a text behind the words of a bound, and which bound they mean."""
    folded = bare.lower()
    for words, bound in sorted(_BEFORE.items(), key=lambda w: -len(w[0])):
        if folded.startswith(words):
            return bare[len(words) :], bound
    for words, bound in _AFTER.items():
        if folded.endswith(words):
            return bare[: -len(words)], bound
    return bare, ""
