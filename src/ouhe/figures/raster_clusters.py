"""Clusters of local Moran among the cells of a raster in chosen years; a drawing a variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ouhe.figures import quadrants, raster_maps, variables
from ouhe.figures.years import of_analysis
from ouhe.results.lisa import QUADRANTS

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style
    from ouhe.results.measured import Gridded

__all__ = ["draw", "frame"]

#: Colour of cells in no cluster.
NOT_SIGNIFICANT = "#f2f2f2"


def frame(results: Gridded, *, years: Sequence[int] | None = None) -> pd.DataFrame:
    """Table ``variable year row column code rows columns side stretch km cluster share cells level corrected``.

    ``cluster`` is HH, LH, LL or HL where local Moran is significant, else "none"; ``share`` is that of the year's cells
    in this cluster, ``cells`` how many are judged.

    Parameters
    ----------
    results
        Results of a study of rasters with local Moran.
    years
        Years to show; first, last and two between when left out.
    """
    lisa = results.analyses["lisa"]
    tables = []
    for variable in map(str, lisa.counts["variable"].to_numpy()):
        counts = lisa.counts.sel(variable=variable)
        shown = of_analysis(counts["year"].to_numpy(), years, results.years)
        codes = results.grids[f"lisa_{results.variable_of(variable)}_cluster"]
        table = raster_maps.rows(results, codes, shown, count=len(QUADRANTS))
        shares = pd.concat({year: _shares(counts.sel(year=year)) for year in shown}).rename("share")
        table = table.join(shares, on=["year", "code"]).assign(variable=variable)
        tables.append(table.assign(cells=int(counts["count"].sel(quadrant=slice(1, None)).sum("quadrant").max())))
    table = pd.concat(tables, ignore_index=True)
    table["cluster"] = pd.Categorical.from_codes(
        table["code"].to_numpy(dtype=np.int64), pd.Index(["none", *QUADRANTS[1:]])
    )
    level, corrected = lisa.options.get("significance"), bool(lisa.options.get("correction"))
    return table.assign(level=np.nan if level is None else float(level), corrected=corrected)


def _shares(counts: Any) -> pd.Series:
    """Share of each cluster of a year, by code; 0 is what is in none."""
    whole = float(counts["count"].sum())
    held = {int(q): float(n) for q, n in counts["significant"].to_series().items() if q}
    return pd.Series({0: whole - sum(held.values()), **held}) / whole


def draw(frame: pd.DataFrame, style: Style) -> StyledFigure:
    """A map a year; the legend says which share of the cells each cluster holds in each.

    Parameters
    ----------
    frame
        Rows of one variable of what :func:`frame` gives.
    style
        How it looks.
    """
    colours = {QUADRANTS.index(q): colour for q, colour in quadrants.COLOURS.items()} | {0: NOT_SIGNIFICANT}
    held = frame.drop_duplicates(["year", "code"]).set_index(["year", "code"])["share"]
    years = list(frame["year"].unique())
    entries = [_entry(code, [float(held.get((y, code), 0.0)) for y in years], style) for code in colours]
    variable = variables.name(str(frame["variable"].iloc[0]), style)
    said = quadrants.significant(frame, style)
    return raster_maps.panels(
        frame,
        colours,
        style=style,
        entries=entries,
        title=style.t("figures.raster_clusters_title", variable=variable, significant=said),
        notes=quadrants.chance(frame, int(frame["cells"].iloc[0]), style, of="cells"),
    )


def _entry(code: int, shares: Sequence[float], style: Style) -> str:
    said = quadrants.name(QUADRANTS[code], style) if code else style.t("figures.lisa_maps_none")
    told = style.t("labels.comma").join(f"{share:.1%}" for share in shares)
    return style.t("figures.lisa_maps_counted", cluster=said, counts=told)
