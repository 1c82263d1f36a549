"""Cells of the report's tables: numbers as journals print them, and what is shown where there is none."""

from __future__ import annotations

import math

from ouhe import text
from ouhe.report.document import Cell

__all__ = ["count", "growth", "number", "p_value", "share", "significant", "starred", "words"]


def words(value: object) -> Cell:
    """Text.

    Examples
    --------
    >>> words("北京").shown
    '北京'
    """
    return Cell(str(value), str(value))


def number(value: float, digits: int = 3) -> Cell:
    """A number with a fixed count of digits after the point, and a minus sign that is no hyphen.

    Examples
    --------
    >>> number(0.0149).shown, number(-0.2).shown, number(float("nan")).value
    ('0.015', '−0.200', None)
    """
    if not math.isfinite(value):
        return Cell(None, text.t("report.none"))
    shown = f"{value:.{digits}f}"
    if float(shown) == 0:  # no sign where nothing is left
        shown = shown.removeprefix("-")
    return Cell(float(value), shown.replace("-", "−"))


def significant(value: float) -> Cell:
    """A number of any magnitude, to five digits.

    Examples
    --------
    >>> significant(0.00341).shown, significant(123456.0).shown
    ('0.00341', '123,456')
    """
    if not math.isfinite(value):
        return Cell(None, text.t("report.none"))
    shown = f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.5g}"
    return Cell(float(value), shown.replace("-", "−"))


def starred(value: float, stars: str, digits: int = 3) -> Cell:
    """A number with its stars.

    Examples
    --------
    >>> starred(0.176, "*").shown
    '0.176*'
    """
    cell = number(value, digits)
    return Cell(cell.value, cell.shown + (stars if cell.value is not None else ""))


def share(value: float, digits: int = 1) -> Cell:
    """A fraction in per cent.

    Examples
    --------
    >>> share(0.634).shown
    '63.4%'
    """
    cell = number(value * 100, digits)
    return Cell(cell.value, f"{cell.shown}%") if cell.value is not None else cell


def growth(value: float) -> Cell:
    """A growth rate in per cent with two digits.

    Examples
    --------
    >>> growth(0.0552).shown
    '5.52%'
    """
    return share(value, 2)


def count(value: float) -> Cell:
    """A whole number.

    Examples
    --------
    >>> count(12.0).shown, count(float("nan")).value
    ('12', None)
    """
    return Cell(int(value), f"{int(value):,}") if math.isfinite(value) else Cell(None, text.t("report.none"))


def p_value(value: float) -> Cell:
    """A p value with three digits; smaller ones are told as such.

    Examples
    --------
    >>> p_value(0.0024).shown, p_value(0.0001).shown
    ('0.002', '<0.001')
    """
    return Cell(float(value), "<0.001") if value < 0.0005 else number(value)
