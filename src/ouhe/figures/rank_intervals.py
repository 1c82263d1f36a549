"""Rank of every region by D in the last year, with the interval that other choices give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ouhe.figures import interval_rows
from ouhe.results.study_results import StudyResults
from ouhe.results.uncertainty import Uncertainty

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``region label year value low median high level``, the first in rank on top.

    Parameters
    ----------
    results
        Results of a study with uncertainty.
    """
    found = results.analyses["uncertainty"]
    assert isinstance(found, Uncertainty)
    table = found.of_last("rank").assign(level=float(found.options["level"]))
    return table.assign(label=table["region"].map(lambda r: results.region_labels.get(r, r)))


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A row a region.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    from matplotlib.ticker import MaxNLocator

    with style.applied():
        label = style.t("figures.rank_intervals_rank", year=int(frame["year"].iloc[0]))
        figure, axes = interval_rows.draw(frame, style, xlabel=label, bands=[], said=[])
        axes.set_xlim(0.2, len(frame) + 0.8)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure
