"""Class of D of every region in chosen years, side by side with one legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ouhe.figures import classes, maps, tiles
from ouhe.figures.maps import BaseMap
from ouhe.figures.years import chosen
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]


def frame(results: StudyResults, *, years: Sequence[int] | None = None) -> pd.DataFrame:
    """Table ``year region short tile_row tile_column level label interval levels``.

    Regions that a map shows but the study has not come with a missing ``level``.

    Parameters
    ----------
    results
        Results of a study.
    years
        Years to show; the first, the last and two between when left out.

    Raises
    ------
    OptionError
        The study has no such year.
    """
    level = results.coupling.level.transpose("year", "region")
    shown = chosen(level["year"].to_numpy(), years)
    held = level.sel(year=shown).to_series().rename("level").reset_index()
    places = results.places.table.rename_axis("region").reset_index()
    grid = places[["region", "short", "tile_row", "tile_column"]].merge(pd.DataFrame({"year": shown}), how="cross")
    table = grid.merge(held, on=["region", "year"], how="left", validate="one_to_one")
    table = table.merge(classes.scheme(results), on="level", how="left", validate="many_to_one")
    table["levels"] = len(results.coupling.labels)
    columns = ["year", "region", "short", "tile_row", "tile_column", "level", "label", "interval", "levels"]
    return table.sort_values("year", kind="stable")[columns].reset_index(drop=True)


def draw(frame: pd.DataFrame, style: Style, *, base_map: BaseMap | None = None) -> StyledFigure:
    """A map a year.

    Parameters
    ----------
    frame
        What :func:`frame` gives.
    style
        How it looks.
    base_map
        Boundaries; a tile grid without.
    """
    colours = classes.colours(frame)
    colour_of = {
        int(year): {r: colours[int(k)] for r, k in zip(rows["region"], rows["level"], strict=True) if pd.notna(k)}
        for year, rows in ((y, frame[frame["year"] == y]) for y in frame["year"].unique())
    }
    entries = list(zip(classes.entries(frame), colours.values(), strict=True))
    title = style.t("figures.class_title")
    return maps.panels(tiles.places_of(frame), colour_of, style=style, entries=entries, title=title, base_map=base_map)
