"""From what is known of every cell to what is told of the whole: means, growth, classes, analyses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from ouhe import text
from ouhe.compute import classify, gap, group, zonal
from ouhe.errors import OuheError, Problem, heard, placed
from ouhe.results.extent import Extent
from ouhe.results.groups import NATION, Groups
from ouhe.results.names import Names
from ouhe.results.raster_results import RasterResults
from ouhe.results.raster_trends import RasterTrends
from ouhe.results.study_results import Part
from ouhe.study.analyses import Analysis
from ouhe.study.gather import Progress, silent
from ouhe.study.load import StudyFile
from ouhe.study.measuring import class_scheme
from ouhe.study.questions import variables_of
from ouhe.study.raster.answers import ANSWERS, Asked, local
from ouhe.study.raster.check import RasterChecked, check_raster
from ouhe.study.raster.measured import Measured, measured
from ouhe.study.raster.refused import UNUSED
from ouhe.study.schema import Raster
from ouhe.study.software import versions
from ouhe.study.space import name_of

__all__ = ["compute_raster", "fingerprint", "local_maps", "run_raster"]


def run_raster(file: StudyFile, *, confined: bool = False, progress: Progress = silent) -> RasterResults:
    """Run a study of rasters in memory, for grids that are small enough.

    Parameters
    ----------
    file
        The study.
    confined
        Refuse paths that lead out of the study's folder.
    progress
        Called with a step, how much of it is done and how much there is.

    Raises
    ------
    OuheError
        The study or its data are wrong.
    """
    checked = check_raster(file, confined=confined, progress=progress)
    with text.use(file.study.language), heard() as told:
        found = measured(checked)
        cells = found.cells.compute()
        maps = local_maps(checked, found, cells)
    maps = maps.compute() if maps is not None else xr.Dataset()
    return compute_raster(checked, found, cells, maps, told=tuple(told), progress=progress)


def compute_raster(
    checked: RasterChecked,
    found: Measured,
    cells: xr.Dataset,
    maps: xr.Dataset,
    *,
    told: tuple[Problem, ...] = (),
    progress: Progress = silent,
) -> RasterResults:
    """Results of a study of rasters, from what was computed of every cell.

    Parameters
    ----------
    checked
        The study and its grid.
    found
        Weights, and what the codes mean.
    cells, maps
        What was written of every cell, and local Moran; lazily read, or in memory.
    told
        Warnings that came up before.
    progress
        Called with a step, how much of it is done and how much there is.
    """
    study = checked.file.study
    with text.use(study.language), heard() as later:
        x = _variables(checked, found, cells)
        groups = _groups(x, checked)
        trends = _trends(cells, checked, found, groups)
        analyses, not_done = _analyses(x, checked, maps, progress=progress)
    counted, outside = checked.grid.inside_counts
    sizes, dtype = checked.grid.layout().sizes, checked.grid.layout().dtype
    frame, sources = checked.grid.frame, checked.grid.sources
    return RasterResults(
        settings={k: v for k, v in study.model_dump(mode="json").items() if k not in UNUSED},
        language=study.language,
        grid=Extent(
            sizes={d: sizes[d] for d in ("y", "x", "region") if d in sizes},
            counted=counted,
            outside=outside,
            crs=frame.crs if frame is not None else "",
            transform=frame.transform if frame is not None else None,
            dtype=str(dtype),
            mask=(study.raster or Raster()).mask if frame is not None else "",
            sources=tuple(replace(s, used=tuple(sorted(s.used)), unused=tuple(sorted(s.unused))) for s in sources),
        ),
        measurement=found.measurement,
        coupling=found.coupling,
        groups=groups,
        trends=trends,
        grids=xr.merge([cells, maps], compat="override", join="override"),
        names={lang: _names(checked, lang) for lang in text.LANGUAGES},
        analyses=analyses,
        not_done=not_done,
        warnings=(*checked.warnings, *told, *(p for p in later if p not in told)),
        versions=versions(grids=True),
    )


def fingerprint(checked: RasterChecked, chunks: Mapping[str, Any]) -> str:
    """What the numbers of a run depend on, so that an interrupted one goes on only where all of it is the same.

    Parameters
    ----------
    checked
        The study and its grid: its settings, and the size and time of every file.
    chunks
        Sizes of the windows.
    """
    study = checked.file.study
    besides = [path for given in checked.gathered.besides for path in (given, *sorted(given.rglob("*")))]
    states = [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in besides]
    made_with = {k: v for k, v in versions(grids=True).items() if k in ("ouhe", "numpy", "xarray", "dask", "zarr")}
    # stores list what they hold in any order
    files = [[s.file, s.format, s.size, s.modified, s.sha256, sorted(s.used)] for s in checked.grid.sources]
    told = [study.model_dump(mode="json"), files, states, dict(chunks), made_with]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def _inside(checked: RasterChecked, cells: xr.Dataset | xr.DataArray) -> Any:
    """The same with the cells that count marked."""
    inside = checked.grid.inside
    return cells if inside is None else cells.assign_coords(inside=inside)


def _variables(checked: RasterChecked, found: Measured, cells: xr.Dataset) -> xr.DataArray:
    """Indices, C, T and D that were written, as one array ``(variable, …)``; ``stored`` is their name on disk."""
    names = {f"U{i + 1}": system for i, system in enumerate(found.coupling.systems)} | {k: k for k in "CTD"}
    stored = [name for name in names if name in cells]
    if not stored:
        return xr.DataArray(np.empty((0, len(checked.file.study.years))), dims=("variable", "year"))
    parts = [cells[name].drop_attrs().rename(None) for name in stored]
    x = xr.concat(parts, dim="variable", coords="minimal", compat="override", join="override")
    x = x.assign_coords(variable=[names[s] for s in stored], stored=("variable", np.array(stored, dtype=object)))
    return _inside(checked, x.assign_coords(year=list(checked.file.study.years)))  # type: ignore[no-any-return]


def _groups(x: xr.DataArray, checked: RasterChecked) -> Groups:
    """Means of all cells and of the zones for every variable, and their growth."""
    zones, weights = checked.gathered.zones, _areas(checked)
    means = _nation(x, weights).expand_dims(group=[NATION])
    members: dict[str, tuple[str, ...]] = {NATION: ()}
    if zones is not None:
        found = zonal.means(x, zones.codes, names=zones.names, weights=weights)
        ids = [str(code) for code in found["code"].to_numpy()]
        of_zones = found["mean"].drop_vars("code").rename(zone="group").assign_coords(group=ids)
        means = xr.concat([means, of_zones], dim="group", coords="minimal", compat="override")
        members |= dict.fromkeys(ids, ())
    means = means.drop_vars("stored", errors="ignore").transpose("variable", "group", "year").compute()
    growth = group.growth(means) if means.sizes["year"] > 1 else means.isel(year=0, drop=True) * np.nan
    return Groups(means, growth, members, _group_names(checked, checked.file.study.language))


def _nation(x: xr.DataArray, weights: xr.DataArray | None) -> xr.DataArray:
    """Mean of all cells that count."""
    if weights is None:
        return group.nation(x)
    everywhere = xr.DataArray(np.zeros((x.sizes["y"], x.sizes["x"]), np.int32), dims=("y", "x"))
    return zonal.means(x, everywhere, weights=weights)["mean"].isel(zone=0, drop=True)


def _areas(checked: RasterChecked) -> xr.DataArray | None:
    """Weight of every row of cells by their area; None where all count the same."""
    frame = checked.grid.frame
    if frame is None or not (checked.file.study.raster or Raster()).area_weights:
        return None
    return xr.DataArray(np.cos(np.deg2rad(frame.y)), dims="y")


def _group_names(checked: RasterChecked, lang: text.Lang) -> dict[str, str]:
    whole = "labels.all_cells" if checked.grid.frame is not None else "labels.all_regions"
    zones = checked.gathered.zones
    named = {} if zones is None else {str(code): name for code, name in zones.names.items()}
    return {NATION: text.t(whole, lang=lang), **named}


def _names(checked: RasterChecked, lang: text.Lang) -> Names:
    """What readers of a language call groups, classes and spatial weights."""
    study = checked.file.study
    return Names(
        groups=_group_names(checked, lang),
        classes=class_scheme(study.classes, lang)[1],
        weights=tuple(name_of(w, lang) for w in study.analyses.weights()),
    )


def _trends(cells: xr.Dataset, checked: RasterChecked, found: Measured, groups: Groups) -> RasterTrends:
    """Growth by year, gaps between zones, and cells by class and by lagging system."""
    several, size = groups.means.sizes["year"] > 1, len(found.coupling.labels)
    there = _inside(checked, cells.assign_coords(year=list(checked.file.study.years)))
    gaps = None
    if groups.means.sizes["group"] > 2:
        between = gap.between(groups.means.drop_sel(group=NATION), over="group")
        gaps = between.expand_dims(between=["groups"])
    counts = moves = lags = None
    if "class" in cells:
        counts = classify.counts(there["class"], classes=size)
        moves = classify.moves(there["class"], classes=size) if several else None
    if "lag" in cells:
        systems = len(found.coupling.systems)
        lags = classify.counts(there["lag"] + 1, classes=systems + 1).rename({"class": "lag"})
        lags = lags.assign_coords(lag=np.arange(-1, systems))
    return RasterTrends(
        growth=group.yearly_growth(groups.means) if several else None,
        gaps=gaps,
        counts=counts,
        moves=moves,
        lags=lags,
        classes=found.coupling.labels,
        systems=found.coupling.systems,
        groups=groups.labels,
    )


def _asked(x: xr.DataArray, checked: RasterChecked, maps: xr.Dataset) -> Iterator[tuple[str, Asked]]:
    """Every analysis of a study with what it is made from."""
    study = checked.file.study

    def asked(analysis: Analysis) -> Asked:
        wanted = x.sel(variable=variables_of(analysis, list(study.systems)))
        wanted = wanted.sel(year=list(analysis.years)) if analysis.years else wanted
        return Asked(wanted, analysis, analysis.options(), study, maps)

    yield from ((name, asked(analysis)) for name, analysis in study.analyses.asked())


def local_maps(checked: RasterChecked, found: Measured, cells: xr.Dataset) -> xr.Dataset | None:
    """Local Moran of every cell, still to be computed; None where a study does not ask for it.

    Parameters
    ----------
    checked
        The study and its grid.
    found
        What measuring gave.
    cells
        What was written of every cell.
    """
    x = _variables(checked, found, cells)
    for name, asked in _asked(x, checked, xr.Dataset()):
        if name == "lisa":
            with placed(checked.file.document.place("analyses", name)):
                return local(asked)
    return None


def _analyses(
    x: xr.DataArray, checked: RasterChecked, maps: xr.Dataset, *, progress: Progress
) -> tuple[dict[str, Part], dict[str, tuple[Problem, ...]]]:
    """Answers to the questions of a study; one that cannot be answered is left out, and the rest stands."""
    found: dict[str, Part] = {}
    not_done: dict[str, tuple[Problem, ...]] = {}
    every = list(_asked(x, checked, _inside(checked, maps)))
    for done, (name, asked) in enumerate(every):
        progress("analyse", done, len(every))
        try:
            with placed(checked.file.document.place("analyses", name)):
                found[name] = ANSWERS[name](asked)
        except OuheError as error:
            not_done[name] = error.problems
    if every:
        progress("analyse", len(every), len(every))
    return found, not_done
