"""Names of variables in figures, and numbers as figures print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ouhe.figures import labels

if TYPE_CHECKING:
    from ouhe.figures.style import Style

__all__ = ["name", "number", "p_value"]

#: Variables that have no name of the user's.
OWN = ("C", "T", "D")


def name(variable: str, style: Style) -> str:
    """Name of a variable: C, T and D in words, a system by its own name.

    Examples
    --------
    >>> from ouhe.figures.style import Style
    >>> name("D", Style(lang="en")), name("Innovation", Style(lang="en"))
    ('Coordination degree D', 'Innovation')
    """
    return style.t(f"figures.variable_{variable}") if variable in OWN else labels.plain(variable)


def number(value: float, decimals: int = 3) -> str:
    """A number with a minus sign, not a hyphen.

    Examples
    --------
    >>> number(-0.0333), number(0.1764, 2)
    ('−0.033', '0.18')
    """
    return f"{value:.{decimals}f}".replace("-", "−")


def p_value(p: float) -> str:
    """``p = 0.024``, or ``p < 0.001``.

    Examples
    --------
    >>> p_value(0.0239), p_value(0.00099)
    ('p = 0.024', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
