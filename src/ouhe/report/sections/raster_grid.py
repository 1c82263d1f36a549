"""The raster: where its cells lie, which are counted, and in which files every one of them can be looked up."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe import text
from ouhe.report.document import Block, Cell, Column, Table
from ouhe.report.sections.cells import words
from ouhe.report.sections.material import Material
from ouhe.results.measured import Extent, Gridded

__all__ = ["blocks"]

#: Where the grids of a format lie in the output.
FILES = {"zarr": "grid.zarr", "cog": "grid/*.tif (GeoTIFF)", "netcdf": "grid.nc", "parquet": "grid.parquet/"}

#: Symbols of units of length.
UNITS = {"metre": "m", "kilometre": "km"}


def blocks(m: Material[Gridded]) -> Iterator[Block]:
    """A table of the grid, and the files."""
    yield m.heading(1, "grid")
    yield m.paragraph("grid_shown", table="tab-grid")
    yield _table(m)
    variables = text.enumerated(_written(m))
    formats = (m.results.settings.get("raster") or {}).get("formats") or (
        ("zarr", "cog") if m.results.grid.is_raster else ("parquet",)
    )
    key = "grids_written" if "cog" in formats else "grids_kept"
    yield m.paragraph(key, variables=variables, formats=text.enumerated(FILES[f] for f in formats))


def _written(m: Material[Gridded]) -> list[str]:
    """What is known of every cell, as readers call it; maps of local Moran go under the analysis."""
    called = {m.results.variable_of(s): m.name(s) for s in (*m.systems, "C", "T", "D")}
    called |= {"class": text.t("report.column_class"), "lag": text.t("report.column_lag")}
    found = [called[str(name)] for name in m.results.grids if str(name) in called]
    local = any(str(name).startswith("lisa_") for name in m.results.grids)
    return [*found, *([text.t("report.head_lisa")] if local else [])]


def _table(m: Material[Gridded]) -> Table:
    """Size, cell, reference system, cells counted and outside."""
    grid = m.results.grid
    whole = grid.counted + grid.outside
    told = {"shape" if grid.is_raster else "rows": " × ".join(f"{n:,}" for n in grid.sizes.values())}
    if grid.is_raster:
        told |= _on_the_ground(grid)
    told["counted"] = f"{grid.counted:,} ({grid.counted / whole:.1%})"
    told["outside"] = f"{grid.outside:,} ({grid.outside / whole:.1%})"
    if grid.dtype:
        told["type"] = grid.dtype
    rows: list[tuple[Cell, ...]] = [(words(text.t(f"report.grid_{name}")), words(said)) for name, said in told.items()]
    columns = (Column(text.t("report.column_property")), Column(text.t("report.column_content"), "wide"))
    return Table("tab-grid", text.t("report.table_grid"), columns, tuple(rows), source="grid")


def _on_the_ground(grid: Extent) -> dict[str, str]:
    """Size of a cell and reference system, as far as they are known."""
    none = text.t("report.grid_none")
    name, unit = none, ""
    if grid.crs:
        import pyproj

        system = pyproj.CRS.from_user_input(grid.crs)
        authority = system.to_authority()
        name = f"{system.name} ({':'.join(authority)})" if authority else system.name
        unit = system.axis_info[0].unit_name
        unit = text.t("report.grid_degrees") if system.is_geographic else UNITS.get(unit, unit)
    size = none
    if grid.transform is not None:
        across, down = abs(grid.transform[0]), abs(grid.transform[4])
        size = text.t("report.grid_units", width=f"{across:,.10g}", height=f"{down:,.10g}", unit=unit).strip()
    return {"size": size, "crs": name}
