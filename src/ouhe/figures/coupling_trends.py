"""Coupling degree C and coordination degree D by year: the nation and the groups of regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ouhe.figures import trends, variables
from ouhe.results.measured import Measured

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]


def frame(results: Measured) -> pd.DataFrame:
    """Table ``variable group label nation year value``: means of C and of D.

    Parameters
    ----------
    results
        Results of a study.
    """
    return trends.of(results, ("C", "D"))


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """Lines by year, a panel for C and one for D.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    titles = {v: variables.name(v, style) for v in ("C", "D")}
    values = {v: style.t(f"figures.coupling_trends_{v}") for v in titles}
    return trends.draw(frame, style, values=values, titles=titles)
