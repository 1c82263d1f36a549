"""What a study file may say that means nothing for rasters: refused with its line and the reason, never passed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ouhe.errors import Problem, listed
from ouhe.results.raster_results import RasterResults
from ouhe.study import methods
from ouhe.study.analyses import Analysis, NeighboursChoice
from ouhe.study.load import StudyFile
from ouhe.study.schema import Raster, Study

__all__ = ["UNUSED", "refused"]

#: Keys that speak of named regions, of readings of yearbooks or of maps of shapes.
UNUSED = ("regions", "region_aliases", "leave_out_rows", "editions", "missing", "groups", "map", "constant")

#: Keys of a data entry that do so.
_UNUSED_OF_ENTRY = ("sheet",)

#: What an analysis of rasters takes, of all that an analysis takes.
_TAKEN = {
    "moran": {"of", "years", "neighbours", "variance"},
    "lisa": {"of", "years", "neighbours", "inference", "significance", "correction", "quadrant_origin"},
    "density": {"of", "years", "kernel", "bandwidth", "points", "reflect", "bounds", "exact_up_to", "prominence"},
}


def refused(file: StudyFile, *, raster: bool) -> Iterator[Problem]:
    """What a study of rasters may not say.

    Parameters
    ----------
    file
        The study.
    raster
        The data are rasters; False for a table with regions.
    """
    for key in UNUSED:
        if _said(file, key):
            yield Problem(f"raster.no_{key}", file.document.place(key))
    for i, entry in enumerate(file.study.data):
        for key in _UNUSED_OF_ENTRY:
            if getattr(entry, key) is not None:
                yield Problem("raster.no_key_of_data", file.document.place("data", i, key), {"key": key})
    for target, derivation in file.study.derive.items():
        if derivation.if_absent:
            yield Problem("raster.if_absent", file.document.place("derive", target, "if_absent"), {"series": target})
    yield from _analyses(file, raster=raster)
    if not raster:
        yield from _of_rasters_only(file)


def _said(file: StudyFile, key: str) -> bool:
    """Whether a study says something at a key: in its file, or in a program."""
    default: Any = Study.model_fields[key].get_default()
    if file.document.data:
        return file.document.data.get(key) not in (None, "none", "error", [], {})
    return bool(getattr(file.study, key) != default)


def _analyses(file: StudyFile, *, raster: bool) -> Iterator[Problem]:
    offered = [name for name in RasterResults.ANALYSES if raster or name == "density"]
    for name, analysis in file.study.analyses.asked():
        place = file.document.place("analyses", name)
        if name not in offered:
            key = "raster.no_analysis" if raster else "raster.no_analysis_of_tables"
            yield Problem(key, place, {"analysis": name, "offered": listed(offered)})
            continue
        for option in sorted(analysis.model_fields_set - _TAKEN[name]):
            said = {"analysis": name, "option": option, "taken": listed(sorted(_TAKEN[name]))}
            yield Problem("raster.no_option", file.document.place("analyses", name, option), said)
        if name == "lisa" and "inference" in analysis.model_fields_set and _option(analysis, "inference") != "analytic":
            yield Problem("raster.analytic_only", file.document.place("analyses", name, "inference"))
        for choice in analysis.weights():
            if not _cells(choice):
                said = {"method": choice.method}
                yield Problem("raster.no_neighbours", file.document.place("analyses", name, "neighbours"), said)


def _option(analysis: Analysis, name: str) -> Any:
    return getattr(analysis, name)


def _cells(choice: NeighboursChoice) -> bool:
    """Whether cells of a raster can be neighbours by a choice: on the lattice; common borders mean the same."""
    return choice.method in ("lattice", methods.DEFAULTS["neighbours"]) and choice.options()["style"] == "row"


def _of_rasters_only(file: StudyFile) -> Iterator[Problem]:
    """What a table with regions has no use for."""
    raster = file.study.raster or Raster()
    for key in ("mask", "zones", "zone_names", "area_weights"):
        if key in raster.model_fields_set and getattr(raster, key):
            yield Problem("raster.of_rasters_only", file.document.place("raster", key), {"key": key})
    for written in raster.formats or ():
        if written != "parquet":
            said = {"format": written}
            yield Problem("raster.tables_are_parquet", file.document.place("raster", "formats"), said)
