"""Gridded data larger than memory: rasters of indicators by year, and tall tables, read a window at a time.

:func:`open_grid` finds every layer that a study asks for in Zarr stores, NetCDF and GeoTIFF files or Parquet tables,
checks that they lie on one grid, and gives a lazy panel ``(indicator, year, y, x)``, or ``(indicator, region, year)``
for a table of regions.
"""

from ouhe.read.grid.entry import GridEntry, GridSource
from ouhe.read.grid.frame import Frame
from ouhe.read.grid.grid import Counts, Grid, Layout
from ouhe.read.grid.opening import open_grid
from ouhe.read.grid.parquet import Keys
from ouhe.read.grid.zones import Zones, open_mask, open_zones

__all__ = [
    "Counts",
    "Frame",
    "Grid",
    "GridEntry",
    "GridSource",
    "Keys",
    "Layout",
    "Zones",
    "open_grid",
    "open_mask",
    "open_zones",
]
