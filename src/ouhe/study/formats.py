"""Formats that a study may ask for, by the names it gives them."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["AUDITS", "FIGURES", "REPORTS", "FigureFormat", "GridFormat", "ReportFormat"]

#: Formats of the report.
ReportFormat = Literal["html", "docx", "markdown", "latex"]

#: Formats of figures.
FigureFormat = Literal["svg", "pdf", "png"]

#: Formats of what is written for every cell of a raster, or every row of a table.
GridFormat = Literal["zarr", "cog", "netcdf", "parquet"]

REPORTS: tuple[ReportFormat, ...] = get_args(ReportFormat)
FIGURES: tuple[FigureFormat, ...] = get_args(FigureFormat)

#: Formats of the report on a published paper, which has no tables of one's own for LaTeX to take over.
AUDITS: tuple[ReportFormat, ...] = ("html", "docx", "markdown")
