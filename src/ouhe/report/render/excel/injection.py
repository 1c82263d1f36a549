"""Texts that a spreadsheet would run as a formula."""

from __future__ import annotations

__all__ = ["would_run"]

#: First characters that make a spreadsheet take a text for a formula; the full-width ones do in East Asia.
SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

#: What a spreadsheet may pass over before it looks for a formula.
BEFORE = " \u00a0\u3000\ufeff\"'"


def would_run(said: str) -> bool:
    """Whether a spreadsheet may take a text for a formula, also behind spaces and quotes.

    Source: OWASP, CSV Injection.

    Examples
    --------
    >>> would_run("=cmd()"), would_run("  ＠SUM(1)"), would_run("R&D - a note")
    (True, True, False)
    """
    return said.lstrip(BEFORE).startswith(SIGNS)
