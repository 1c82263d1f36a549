"""Years, as cells that are one and as texts that name some."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np

from ouhe.read.values import plain

__all__ = ["any_year_in", "year_of", "years_in"]

_YEARS = range(1800, 2100)
_YEAR = re.compile(r"(\d{4})(?:\.0+)?(?:年度?)?|(\d{4})[-/.]\d{1,2}[-/.]\d{1,2}(?:T?[\d:.]+)?")
_ONE = r"(?:18|19|20)\d\d"
_BOUND = re.compile(rf"\(\s*({_ONE})\s*年?\s*\)|(?<!\d)({_ONE})\s*年")
_ANY = re.compile(rf"(?<![\d.])({_ONE})(?!\.?\d)")
_RANGE = re.compile(rf"{_ONE}\s*年?\s*[-–—~～至]\s*(?:{_ONE}|\d\d(?!\d))")


def year_of(cell: object) -> int | None:
    """Year from 1800 to 2099 that a cell is, or None: 2022, 2022.0, "2022", "2022年", "2022年度", or a date.

    Examples
    --------
    >>> year_of("2022年"), year_of(2022.0), year_of("2022-12-31"), year_of("2022Q1"), year_of("12345")
    (2022, 2022, 2022, None, None)
    """
    if cell is None or isinstance(cell, bool | np.bool_):
        return None
    if isinstance(cell, dt.date):
        return cell.year
    if isinstance(cell, int | float | np.integer | np.floating):
        return int(cell) if cell in _YEARS else None
    found = _YEAR.fullmatch("".join(plain(cell).split()))
    year = int(found[1] or found[2]) if found else 0
    return year if year in _YEARS else None


def years_in(text: str) -> tuple[int, ...]:
    """Single years that a title or name gives; those marked as years hold alone, and a range of years gives none.

    Examples
    --------
    >>> years_in("1-4 各地区R&D人员(2010年)"), years_in("type-amount-2019"), years_in("R&D (2015-2020)")
    ((2010,), (2019,), ())
    """
    text = plain(text)
    if _RANGE.search(text):
        return ()
    return _found(text, _BOUND) or _found(text, _ANY)


def any_year_in(text: str) -> tuple[int, ...]:
    """Every year that stands in a text, ranges or not.

    Examples
    --------
    >>> any_year_in("中国科技统计年鉴—2014")
    (2014,)
    """
    return _found(plain(text), _ANY)


def _found(text: str, pattern: re.Pattern[str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(next(filter(None, found.groups()))) for found in pattern.finditer(text)))
