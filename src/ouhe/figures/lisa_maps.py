"""Clusters of local Moran in chosen years, side by side with one legend; a drawing a variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ouhe.figures import maps, quadrants, tiles, variables
from ouhe.figures.maps import BaseMap
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["draw", "frame"]

#: Colours of regions in no cluster, and of those without neighbours, which have no local Moran.
NOT_SIGNIFICANT, ALONE = "#f2f2f2", "#ffffff"


def frame(results: StudyResults, *, years: Sequence[int] | None = None) -> pd.DataFrame:
    """Table ``variable year region short tile_row tile_column cluster level corrected``.

    ``cluster`` is HH, LH, LL or HL where local Moran is significant, "none" where it is not, "alone" for a region
    without neighbours, and missing for a region that a map shows but the study has not; ``level`` and ``corrected``
    as :func:`ouhe.figures.quadrants.rows` has them.

    Parameters
    ----------
    results
        Results of a study with local Moran.
    years
        Years to show; first, last and two between when left out.
    """
    rows = quadrants.rows(results, years)
    rows["cluster"] = rows["cluster"].replace("", "none").mask(rows["quadrant"].eq(""), "alone")
    panel = ["variable", "year", "level", "corrected"]
    places = results.places.table.rename_axis("region").reset_index()
    grid = rows[panel].drop_duplicates().merge(places[["region", "short", "tile_row", "tile_column"]], how="cross")
    table = grid.merge(rows[["variable", "year", "region", "cluster"]], on=["variable", "year", "region"], how="left")
    return table[["variable", "year", "region", "short", "tile_row", "tile_column", "cluster", "level", "corrected"]]


def draw(frame: pd.DataFrame, style: Style, *, base_map: BaseMap | None = None) -> StyledFigure:
    """A map a year; letters say the cluster without colour. The legend counts each year's regions.

    Parameters
    ----------
    frame
        Rows of one variable of what :func:`frame` gives.
    style
        How it looks.
    base_map
        Boundaries; a tile grid without.
    """
    colours = {**quadrants.COLOURS, "none": NOT_SIGNIFICANT, "alone": ALONE}
    by_year = {int(y): dict(zip(*_held(frame[frame["year"] == y]), strict=True)) for y in frame["year"].unique()}
    counts = {c: [list(held.values()).count(c) for held in by_year.values()] for c in colours}
    if not any(counts["alone"]):
        del colours["alone"]
    return maps.panels(
        tiles.places_of(frame),
        {year: {r: colours[c] for r, c in held.items()} for year, held in by_year.items()},
        style=style,
        entries=[(_entry(c, counts[c], style), colour) for c, colour in colours.items()],
        title=_title(frame, style),
        base_map=base_map,
        marks={year: {r: c for r, c in held.items() if c in quadrants.COLOURS} for year, held in by_year.items()},
        notes=quadrants.chance(frame, sum(c != "alone" for c in next(iter(by_year.values())).values()), style),
    )


def _held(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Regions of a year that were studied, and their clusters."""
    studied = rows.dropna(subset="cluster")
    return studied["region"], studied["cluster"]


def _entry(cluster: str, counts: Sequence[int], style: Style) -> str:
    said = quadrants.name(cluster, style) if cluster in quadrants.COLOURS else style.t(f"figures.lisa_maps_{cluster}")
    return style.t("figures.lisa_maps_counted", cluster=said, counts=style.t("labels.comma").join(map(str, counts)))


def _title(frame: pd.DataFrame, style: Style) -> str:
    variable = variables.name(str(frame["variable"].iloc[0]), style)
    return style.t("figures.lisa_maps_title", variable=variable, significant=quadrants.significant(frame, style))
