"""Class of D of every cell in chosen years, side by side with one legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ouhe.figures import classes, raster_maps
from ouhe.figures.years import chosen

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style
    from ouhe.results.measured import Gridded

__all__ = ["draw", "frame"]


def frame(results: Gridded, *, years: Sequence[int] | None = None) -> pd.DataFrame:
    """Table ``year row column code rows columns side stretch km level label interval levels``, a row a pixel.

    Parameters
    ----------
    results
        Results of a study of rasters, of which classes were written.
    years
        Years to show; the first, the last and two between when left out.

    Raises
    ------
    OptionError
        The study has no such year.
    """
    scheme = classes.scheme(results)
    shown = chosen(results.years, years)
    table = raster_maps.rows(results, results.grids["class"], shown, count=len(scheme))
    table["level"] = table["code"]
    code = table["code"].to_numpy(dtype=np.int64)
    for column in ("label", "interval"):
        table[column] = pd.Categorical.from_codes(code, pd.Index(scheme[column]))
    return table.assign(levels=len(scheme))


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A map a year.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    """
    title = style.t("figures.class_title")
    return raster_maps.panels(frame, classes.colours(frame), style=style, entries=classes.entries(frame), title=title)
