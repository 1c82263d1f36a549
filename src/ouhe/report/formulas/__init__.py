"""Formulas by name: written once in LaTeX (``formulas.toml``), shipped as MathML and as Word's OMML besides.

``scripts/formulas.py`` makes ``rendered.json`` from ``formulas.toml``; a test tells when it must run again.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Formula", "formula", "names"]


@dataclass(frozen=True)
class Formula:
    """One formula in the three forms that documents take.

    Parameters
    ----------
    latex
        LaTeX, for display, without delimiters.
    mathml
        ``<math display="block">…</math>``.
    omml
        ``<m:oMath xmlns:m="…">…</m:oMath>``, Word's own.
    """

    latex: str
    mathml: str
    omml: str


@cache
def _all() -> dict[str, Formula]:
    folder = files(__package__)
    written = tomllib.loads((folder / "formulas.toml").read_text("utf-8"))
    rendered = json.loads((folder / "rendered.json").read_text("utf-8"))
    return {name: Formula(latex, **rendered[name]) for name, latex in written.items()}


def names() -> tuple[str, ...]:
    """Names of all formulas."""
    return tuple(_all())


def formula(name: str) -> Formula:
    r"""The formula of that name.

    Examples
    --------
    >>> formula("coordination").latex
    'D = \\sqrt{C \\cdot T}'
    """
    return _all()[name]
