"""Studies that ship as templates: a study file, a panel to try it with, and the workbook to fill in."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["DEFAULT", "shipped"]

#: The study of the paper, which is run where no other is asked for.
DEFAULT = "innovation-productivity"


def shipped() -> tuple[str, ...]:
    """Names of the studies that ship, in alphabetical order.

    Examples
    --------
    >>> shipped()
    ('innovation-productivity', 'us-states')
    """
    return tuple(sorted(d.name for d in files(__package__).iterdir() if (d / "study.yml").is_file()))
