"""Index of every system by year: the nation and the groups of regions, one panel a system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ouhe.figures import trends
from ouhe.results.measured import Measured

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]


def frame(results: Measured) -> pd.DataFrame:
    """Table ``variable group label nation year value``: means of the indices, variables being the systems.

    Parameters
    ----------
    results
        Results of a study.
    """
    return trends.of(results, results.coupling.systems)


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """Lines by year.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    value = style.t("figures.index_trends_value")
    return trends.draw(frame, style, values=dict.fromkeys(frame["variable"].unique(), value))
