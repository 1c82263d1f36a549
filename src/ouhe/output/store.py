"""Results as ``data.nc`` and ``run.json``, and back, without computing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe.errors import OuheError, Place, Problem
from ouhe.read.reading import LeftOut, Match, Source
from ouhe.results.coupling import Coupling
from ouhe.results.data import Data
from ouhe.results.groups import Groups
from ouhe.results.measurement import Measurement
from ouhe.results.study_results import StudyResults

__all__ = ["FORMAT", "arrays", "read", "record"]

#: Version of the stored form; a reader refuses what it does not know.
FORMAT = 1


def arrays(results: StudyResults) -> dict[str, xr.Dataset]:
    """All labelled arrays of a run, one dataset a part."""
    m, c, g = results.measurement, results.coupling, results.groups
    measured = xr.Dataset({"x": m.x, "y": m.y, "entropy": m.entropy, "weight": m.weight, "index": m.index})
    coupled = xr.Dataset({"C": c.C, "T": c.T, "D": c.D, "level": c.level, "lagging": c.lagging})
    grouped = xr.Dataset({"means": g.means, "growth": g.growth})
    return {
        "data": results.data.values,
        "measurement": measured,
        "coupling": coupled,
        "groups": grouped,
    }


def write_arrays(results: StudyResults, path: Path) -> None:
    """Write ``data.nc``: a NetCDF file with one group a part."""
    attributes = {
        "title": results.title,
        "simulated": int(results.simulated),
        "software": f"ouhe {results.versions['ouhe']}",
    }
    xr.Dataset(attrs=attributes).to_netcdf(path, engine="h5netcdf")
    for name, part in arrays(results).items():
        part.to_netcdf(path, mode="a", group=name, engine="h5netcdf")


def record(results: StudyResults) -> dict[str, Any]:
    """Everything about a run that is no array, as plain data for ``run.json``."""
    d, c, g = results.data, results.coupling, results.groups
    return {
        "format": FORMAT,
        "title": results.title,
        "simulated": results.simulated,
        "language": results.language,
        "study": dict(results.settings),
        "seed": results.settings["seed"],
        "versions": dict(results.versions),
        "warnings": [_problem(p) for p in results.warnings],
        "inputs": [asdict(s) for s in d.sources],
        "left_out": [asdict(x) for x in d.left_out],
        "matches": [asdict(m) for m in d.matches],
        "editions": _rows(d.editions),
        "suspicious": _rows(d.suspicious),
        "derived": dict(d.derived),
        "dropped": list(d.dropped),
        "fill_methods": list(d.fill_methods),
        "classes": {"labels": list(c.labels), "upper": list(c.upper)},
        "systems": list(c.systems),
        "region_labels": dict(results.region_labels),
        "groups": {"members": {k: list(v) for k, v in g.members.items()}, "labels": g.labels},
    }


def read(folder: Path) -> StudyResults:
    """Results of an earlier run, from its output folder.

    Raises
    ------
    OuheError
        The folder is no output, or was written in a form this version does not know.
    """
    try:
        told = json.loads((folder / "run.json").read_text("utf-8"))
        if told.get("format") != FORMAT:
            raise OuheError.of("output.other_format", Place(file=str(folder)), found=told.get("format"), known=FORMAT)
        parts = {k: _open(folder / "data.nc", k) for k in ("data", "measurement", "coupling", "groups")}
    except (OSError, ValueError, AttributeError) as error:
        raise OuheError.of("output.not_output", Place(file=str(folder)), why=str(error)) from error
    return _results(told, parts)


def _open(path: Path, group: str) -> xr.Dataset:
    with xr.open_dataset(path, group=group, engine="h5netcdf") as dataset:
        return dataset.load()


def _results(told: Mapping[str, Any], parts: Mapping[str, xr.Dataset]) -> StudyResults:
    m, c, g = parts["measurement"], parts["coupling"], parts["groups"]
    per_indicator = {
        v: ("indicator", m[v].to_numpy()) for v in m.coords if m[v].dims == ("indicator",) and v != "indicator"
    }
    along = {v: m[v] for v in ("x", "y", "entropy", "weight")}
    data = Data(
        values=parts["data"],
        sources=tuple(Source(**s) for s in told["inputs"]),
        left_out=tuple(LeftOut(**x) for x in told["left_out"]),
        matches=tuple(Match(**x) for x in told["matches"]),
        fill_methods=tuple(told["fill_methods"]),
        editions=_frame(told["editions"]),
        suspicious=_frame(told["suspicious"]),
        derived=told["derived"],
        dropped=tuple(told["dropped"]),
    )
    return StudyResults(
        settings=told["study"],
        language=told["language"],
        data=data,
        measurement=Measurement(**{k: v.assign_coords(per_indicator) for k, v in along.items()}, index=m["index"]),
        coupling=Coupling(
            **{k: c[k] for k in ("C", "T", "D", "level", "lagging")},
            labels=tuple(told["classes"]["labels"]),
            upper=tuple(told["classes"]["upper"]),
            systems=tuple(told["systems"]),
        ),
        groups=Groups(
            g["means"],
            g["growth"],
            {k: tuple(v) for k, v in told["groups"]["members"].items()},
            told["groups"]["labels"],
        ),
        region_labels=told["region_labels"],
        warnings=tuple(Problem(w["key"], Place(**w["place"]), w["params"]) for w in told["warnings"]),
        versions=told["versions"],
    )


def _problem(problem: Problem) -> dict[str, Any]:
    params = {k: v.item() if isinstance(v, np.generic) else v for k, v in problem.params.items()}
    return {"key": problem.key, "place": asdict(problem.place), "params": params, "message": problem.message()}


def _rows(table: pd.DataFrame) -> dict[str, Any]:
    """A table as columns, with their types, so that it comes back as it was."""
    plain = table.astype(object).where(table.notna(), None)
    return {
        "columns": {str(c): plain[c].tolist() for c in table.columns},
        "types": {str(c): str(t) for c, t in table.dtypes.items()},
    }


def _frame(stored: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(stored["columns"]).astype(stored["types"])
