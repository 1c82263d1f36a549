"""Results as ``data.nc`` and ``run.json``, and back, without computing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from ouhe.errors import OuheError, Place
from ouhe.output import grids
from ouhe.results.raster_results import RasterResults
from ouhe.results.study_results import StudyResults

__all__ = ["FORMAT", "read", "record", "write_arrays"]

#: Version of the stored form; a reader refuses what it does not know.
FORMAT = 3

ARRAYS = "data.nc"


def write_arrays(results: StudyResults | RasterResults, folder: Path) -> None:
    """Write ``data.nc``: a NetCDF file with one group a part of the results."""
    software = f"ouhe {results.versions['ouhe']}"
    attributes = {"title": results.title, "simulated": int(results.simulated), "software": software}
    parts = {name: part.arrays() for name, part in results.parts().items()}
    tree = xr.DataTree.from_dict({"/": xr.Dataset(attrs=attributes), **parts})
    # made in memory and written at once: HDF5 does not tell of a full disk
    (folder / ARRAYS).write_bytes(tree.to_netcdf(engine="h5netcdf"))


def record(results: StudyResults | RasterResults) -> dict[str, Any]:
    """Everything about a run that is no array, as plain data for ``run.json``."""
    return {"format": FORMAT, **results.record()}


def read(folder: Path, *, record_name: str) -> StudyResults | RasterResults:
    """Results of an earlier run, from its output folder.

    Parameters
    ----------
    folder
        The output folder.
    record_name
        Name of the file that :func:`record` went into.

    Raises
    ------
    OuheError
        The folder is no output, or was written in a form this version does not know.
    """
    place = Place(file=str(folder))
    try:
        told = json.loads((folder / record_name).read_text("utf-8"))
        if told.get("format") != FORMAT:
            raise OuheError.of("output.other_format", place, found=told.get("format"), known=FORMAT)
        if told.get("kind") == "raster":
            return _read_raster(folder, told)
        possible = [name for name in StudyResults.POSSIBLE if name not in told["not_done"]]
        names = [*StudyResults.PARTS, *possible, *told["analyses"]]
        return StudyResults.from_stored(told, {name: _open(folder / ARRAYS, name) for name in names})
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise OuheError.of("output.not_output", place, why=f"{type(error).__name__}: {error}") from error


def _read_raster(folder: Path, told: Mapping[str, Any]) -> RasterResults:
    names = [*RasterResults.PARTS, *told["analyses"]]
    arrays = {name: _open(folder / ARRAYS, name) for name in names}
    return RasterResults.from_stored(told, arrays, grids.read_back(folder))


def _open(path: Path, group: str) -> xr.Dataset:
    with xr.open_dataset(path, group=group, engine="h5netcdf") as dataset:
        return dataset.load()
