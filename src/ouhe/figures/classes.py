"""Classes of D in figures: their order, the values they hold, and their colours."""

from __future__ import annotations

import pandas as pd

from ouhe.figures.style import ordered
from ouhe.results.measured import Measured

__all__ = ["colours", "entries", "scheme"]


def scheme(results: Measured) -> pd.DataFrame:
    """Table ``level label interval levels``: every class, lowest first.

    Parameters
    ----------
    results
        Results of a study.
    """
    upper, names = results.coupling.upper, results.coupling.labels
    lower = [0.0, *upper[:-1]]
    # the lowest class holds 0 too
    intervals = [f"{'(' if i else '['}{lo:g}, {up:g}]" for i, (lo, up) in enumerate(zip(lower, upper, strict=True))]
    levels = range(len(names))
    return pd.DataFrame({"level": levels, "label": names, "interval": intervals, "levels": len(names)})


def colours(frame: pd.DataFrame) -> dict[int, str]:
    """Colour of every class of a frame, lowest first; a class has the same one whichever others occur.

    Parameters
    ----------
    frame
        Table with ``level`` and ``levels``.
    """
    held = frame.dropna(subset="level")
    palette = ordered(int(held["levels"].max()))
    return {int(level): palette[int(level)] for level in sorted(held["level"].unique())}


def entries(frame: pd.DataFrame) -> list[str]:
    """Name and interval of every class of a frame, lowest first, for a legend.

    Parameters
    ----------
    frame
        Table with ``level``, ``label`` and ``interval``.
    """
    held = frame.dropna(subset="level").drop_duplicates("level").sort_values("level")
    return [f"{row.label} {row.interval}" for row in held.itertuples()]
