"""Rasters coloured by class, one panel a year, with one legend and, where that is honest, a scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ouhe.figures import legends, multiples, pixels
from ouhe.figures.ground import ground, round_length
from ouhe.figures.style import GREY, INK, PALE, SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style
    from ouhe.results.measured import Gridded

__all__ = ["panels", "rows"]

#: Narrowest map, in millimetres.
LEAST_MM = 60.0

#: Longest scale as a share of the map's width, and how far its ends and it stand under the map, in inches.
SCALE, UNDER = 0.3, 0.06


def rows(results: Gridded, codes: xr.DataArray, years: Sequence[int], *, count: int) -> pd.DataFrame:
    """Table ``year row column code rows columns side stretch km`` of chosen years, a row a pixel.

    ``stretch`` is the height of a pixel over its width, ``km`` the width of the map in kilometres, missing where
    lengths are not to be read from it.

    Parameters
    ----------
    results
        Results of a study of rasters.
    codes
        Codes ``(year, y, x)`` as :func:`ouhe.figures.pixels.rows` takes them.
    years
        Years to show.
    count
        How many codes there are.
    """
    grid = results.grid
    lies = ground(grid.crs, grid.transform, rows=grid.sizes["y"], columns=grid.sizes["x"])
    table = pixels.rows(codes, years, count=count)
    return table.assign(stretch=lies.stretch, km=lies.width / 1000.0)


def panels(
    frame: pd.DataFrame,
    colours: Mapping[int, str],
    *,
    style: Style,
    entries: Sequence[str],
    title: str,
    notes: Sequence[str] = (),
) -> StyledFigure:
    """A map a year.

    Parameters
    ----------
    frame
        What :func:`rows` gives.
    colours
        Code → colour, in the order of the legend.
    style
        How it looks.
    entries
        What each colour means.
    title
        What the colours show.
    notes
        Sentences under the maps.
    """
    from matplotlib.patches import Patch

    first = frame.iloc[0]
    shape, side = (int(first["rows"]), int(first["columns"])), int(first["side"])
    ratio = shape[0] / shape[1] * float(first["stretch"])
    merged = [style.t("figures.raster_maps_pixels", side=side)] if side > 1 else []
    with style.applied():
        years = [int(y) for y in frame["year"].unique()]
        figure, axes = multiples.figure(
            years, ratio=ratio, least_mm=LEAST_MM / max(1.0, ratio), style=style, notes=[*notes, *merged]
        )
        for panel, year in zip(axes, years, strict=True):
            _draw(panel, _image(frame[frame["year"] == year], shape, colours), float(first["stretch"]))
        handles = [Patch(facecolor=c, edgecolor=GREY) for c in colours.values()]
        legends.below(figure, handles, entries, title=title)
        if np.isfinite(first["km"]):
            _scale(figure, axes, float(first["km"]))
    return figure


def _image(rows: pd.DataFrame, shape: tuple[int, int], colours: Mapping[int, str]) -> NDArray[np.uint8]:
    """Pixels as red, green, blue and opacity; those without a code are transparent."""
    from matplotlib.colors import to_rgba

    palette = np.zeros((max(colours) + 1, 4))
    for code, colour in colours.items():
        palette[code] = to_rgba(colour)
    image = np.zeros((*shape, 4), dtype=np.uint8)
    image[rows["row"], rows["column"]] = np.round(palette * 255).astype(np.uint8)[rows["code"]]
    return image


def _draw(axes: Axes, image: NDArray[np.uint8], stretch: float) -> None:
    axes.imshow(image, aspect=stretch, interpolation="none")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, color=PALE)


def _scale(figure: StyledFigure, axes: Sequence[Axes], km: float) -> None:
    """A scale under the lowest map on the left, above the legend."""
    lowest = min(axes, key=lambda a: (round(a.get_position().y0, 6), a.get_position().x0))
    box, (wide, tall) = lowest.get_position(), figure.get_size_inches()
    width, height = box.width * wide, box.height * tall
    length = round_length(SCALE * km)
    end, top, bottom = length / km, -UNDER / height, -2 * UNDER / height
    look: dict[str, Any] = {"transform": lowest.transAxes, "clip_on": False}
    lowest.plot([0, 0, end, end], [top, bottom, bottom, top], **look, color=INK, linewidth=0.8)
    told = figure.style.t("figures.raster_maps_scale", km=f"{length:g}")
    lowest.text(end + 0.06 / width, bottom, told, **look, size=SMALL, va="baseline")
    figure.grow(2 * UNDER)
