"""Where a raster lies on the Earth, as each format says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ouhe.output.grids.layout import Layout

__all__ = ["MAPPING", "Georeference", "cf_mapping", "coordinate_attributes", "transform_of"]

#: Name of the variable that holds the projection, by the CF conventions as GDAL and rioxarray write them.
MAPPING = "spatial_ref"


class Georeference(Protocol):
    """Where a raster lies: projection and grid."""

    @property
    def crs(self) -> str:
        """The projection as WKT; empty where it is not known."""

    @property
    def transform(self) -> tuple[float, ...] | None:
        """The six numbers of an affine transformation from cells to coordinates, row by row; None for none."""


def cf_mapping(frame: Georeference | None) -> dict[str, Any]:
    """Attributes of the variable that holds the projection; none where no projection is known."""
    if frame is None or not frame.crs:
        return {}
    from pyproj import CRS

    told = CRS.from_user_input(frame.crs).to_cf() | {"spatial_ref": frame.crs}
    if frame.transform is not None:
        a, b, c, d, e, f = frame.transform
        told["GeoTransform"] = " ".join(f"{v!r}" for v in map(float, (c, a, b, f, d, e)))
    return {k: list(v) if isinstance(v, tuple) else v for k, v in told.items()}


def coordinate_attributes(frame: Georeference | None) -> Mapping[str, Mapping[str, str]]:
    """Attributes of the coordinates ``y``, ``x`` and ``year``, by the CF conventions."""
    told: dict[str, dict[str, str]] = {"year": {"long_name": "year"}}
    if frame is None or not frame.crs:
        return told | {"y": {"axis": "Y"}, "x": {"axis": "X"}}
    from pyproj import CRS

    axes = {axis["axis"].lower(): axis for axis in CRS.from_user_input(frame.crs).cs_to_cf() if "axis" in axis}
    return told | {dim: {k: str(v) for k, v in axes.get(dim, {"axis": dim.upper()}).items()} for dim in ("y", "x")}


def transform_of(frame: Georeference | None, layout: Layout) -> tuple[tuple[float, ...], bool]:
    """Transformation of a raster whose first row is the northernmost, and whether rows must be turned for that.

    Parameters
    ----------
    frame
        Where the raster lies; where that is not known, the labels of its rows and columns tell.
    layout
        The raster.
    """
    given = frame.transform if frame and frame.transform else _by_labels(layout)
    a, b, c, d, e, f = given
    return ((a, b, c, d, -e, f + e * layout.shape[-2]), True) if e > 0 else ((a, b, c, d, e, f), False)


def _by_labels(layout: Layout) -> tuple[float, ...]:
    """Transformation by the centres of the first and the last cell."""
    y, x = (layout.labels(dim) for dim in ("y", "x"))
    down, across = ((v[-1] - v[0]) / (len(v) - 1) if len(v) > 1 else 1.0 for v in (y, x))
    return (across, 0.0, x[0] - across / 2, 0.0, down, y[0] - down / 2)
