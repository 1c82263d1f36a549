"""Studies that ship: templates with a panel to try them with and a workbook to fill in, and one of rasters."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["DEFAULT", "GRID", "shipped"]

#: The study of the paper, which is run where no other is asked for.
DEFAULT = "innovation-productivity"

#: The study of rasters, whose data are made when it is asked for.
GRID = "national-grid"


def shipped() -> tuple[str, ...]:
    """Names of the studies that ship with a panel, in alphabetical order.

    Examples
    --------
    >>> shipped()
    ('innovation-productivity', 'us-states')
    """
    return tuple(sorted(d.name for d in files(__package__).iterdir() if (d / "panel.csv").is_file()))
