"""Coefficient of variation by year: one panel a variable, all regions and every group as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ouhe.figures import trends, variables
from ouhe.results.convergence import Convergence
from ouhe.results.groups import NATION
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]


def frame(results: StudyResults) -> pd.DataFrame:
    """Table ``variable group label nation year value``: coefficient of variation, all regions first.

    Parameters
    ----------
    results
        Results of a study with convergence.
    """
    found = results.analyses["convergence"]
    assert isinstance(found, Convergence)
    variation = found.dispersion["variation"].transpose("variable", "group", "year")
    table = variation.to_series().rename("value").reset_index().dropna(subset="value", ignore_index=True)
    table = table.assign(label=table["group"].map(found.label), nation=table["group"].eq(NATION))
    return table[["variable", "group", "label", "nation", "year", "value"]]


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """Lines by year.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    names = list(frame["variable"].unique())
    values = dict.fromkeys(names, style.t("figures.sigma_years_variation"))
    return trends.draw(frame, style, values=values, titles={n: variables.name(str(n), style) for n in names})
