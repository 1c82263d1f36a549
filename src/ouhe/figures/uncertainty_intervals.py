"""D of every region in the last year with the interval that other choices give it, over the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ouhe.figures import classes, interval_rows, variables
from ouhe.results.study_results import StudyResults
from ouhe.results.uncertainty import Uncertainty

if TYPE_CHECKING:
    from matplotlib.artist import Artist

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: How strong the colours of the classes are behind the intervals.
PALE_BANDS = 0.28


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``region label year value low median high level`` and the classes, highest D first.

    The classes that the intervals touch stand in its ``attrs``, as ``bands``: place, lower and upper end, name with its
    interval, and how many classes there are.

    Parameters
    ----------
    results
        Results of a study with uncertainty.
    """
    found = results.analyses["uncertainty"]
    assert isinstance(found, Uncertainty)
    table = found.of_last("D").assign(level=float(found.options["level"]))
    table["label"] = table["region"].map(lambda r: results.region_labels.get(r, r))
    low, high = float(table[["low", "value"]].to_numpy().min()), float(table[["high", "value"]].to_numpy().max())
    upper = results.coupling.upper
    lower, scheme = [0.0, *upper[:-1]], classes.scheme(results)
    said = [f"{label} {interval}" for label, interval in zip(scheme["label"], scheme["interval"], strict=True)]
    every = zip(range(len(upper)), lower, upper, said, strict=True)
    table.attrs["bands"] = [(*band, len(upper)) for band in every if band[2] >= low and band[1] <= high]
    return table


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A row a region.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    from matplotlib.patches import Patch

    from ouhe.figures.style import GREY, ordered

    bands = frame.attrs["bands"]
    colours = ordered(bands[0][4]) if bands else []
    handles: list[Artist] = [Patch(facecolor=colours[k], alpha=PALE_BANDS, edgecolor=GREY) for k, *_ in bands]
    with style.applied():
        label = f"{variables.name('D', style)} ({int(frame['year'].iloc[0])})"
        figure, axes = interval_rows.draw(frame, style, xlabel=label, bands=handles, said=[b[3] for b in bands])
        low, high = float(frame[["low", "value"]].to_numpy().min()), float(frame[["high", "value"]].to_numpy().max())
        room = 0.04 * ((high - low) or 0.1)
        for level, lower, upper, *_ in bands:
            axes.axvspan(lower, upper, color=colours[level], alpha=PALE_BANDS, linewidth=0, zorder=0)
        axes.set_xlim(max(0.0, low - room), high + room)
    return figure
