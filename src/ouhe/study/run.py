"""The spine of a study: gather, prepare, measure, couple, group, analyse; it reads like the method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.compute import classify, gap, group, rank
from ouhe.errors import OuheError, Problem, heard, placed
from ouhe.regions import RegionSet
from ouhe.results.coupling import Coupling
from ouhe.results.groups import NATION, Groups
from ouhe.results.measurement import Measurement
from ouhe.results.names import Names
from ouhe.results.places import Places
from ouhe.results.raster_results import RasterResults
from ouhe.results.study_results import StudyResults
from ouhe.results.trends import Trends
from ouhe.study.check import Checked, check_panel
from ouhe.study.conventions import conventions
from ouhe.study.gather import Progress, silent
from ouhe.study.load import StudyFile, load
from ouhe.study.measuring import class_scheme, coupled, measure, variables
from ouhe.study.obstacles import obstacles
from ouhe.study.questions import analyse
from ouhe.study.software import versions
from ouhe.study.space import name_of

__all__ = ["compute", "run"]


def compute(checked: Checked, *, progress: Progress = silent) -> StudyResults:
    """Results of a checked study, in memory.

    Returns
    -------
    StudyResults
        Everything the study gave; :func:`ouhe.output.write` writes it.
    """
    file, prepared = checked.file, checked.prepared
    with text.use(file.study.language), heard() as told:
        progress("measure", 0, 1)
        measurement = measure(prepared.x, file.study, document=file.document)
        with placed(file.document.place("coupling")):
            coupling = coupled(measurement.index, file.study)
        x = variables(measurement, coupling)
        groups = _group(x, checked)
        trends = _trends(x, coupling, groups)
        progress("measure", 1, 1)
        possible, not_done = _possible(checked, measurement, coupling, groups)
        analyses, unanswered = analyse(x, checked, measurement, coupling, progress=progress)
        names = {lang: _names(checked, lang) for lang in text.LANGUAGES}
    return StudyResults(
        settings=file.study.model_dump(mode="json"),
        language=file.study.language,
        data=prepared.data,
        measurement=measurement,
        coupling=coupling,
        groups=groups,
        trends=trends,
        places=_places(checked.gathered.regions, names[file.study.language]),
        names=names,
        space=checked.located.space,
        analyses=analyses,
        not_done=not_done | unanswered,
        **possible,
        warnings=(*checked.warnings, *told),
        versions=versions(),
    )


def run(
    study: str | Path | StudyFile, *, settings: Sequence[str] = (), confined: bool = False
) -> StudyResults | RasterResults:
    """Run a study in memory; a study of rasters that does not fit there is for :func:`ouhe.output.write`.

    Parameters and errors as in :func:`check`.

    Returns
    -------
    StudyResults or RasterResults
        Everything the study gave.
    """
    file = study if isinstance(study, StudyFile) else load(study, settings=settings)
    if file.study.of_rasters:
        from ouhe.study.raster.run import run_raster

        return run_raster(file, confined=confined)
    return compute(check_panel(file, confined=confined))


def _possible(
    checked: Checked, measurement: Measurement, coupling: Coupling, groups: Groups
) -> tuple[dict[str, Any], dict[str, tuple[Problem, ...]]]:
    """Parts that the choices of a study may not allow, and why those are not there that are not."""
    made: dict[str, Callable[[], Any]] = {
        "obstacles": lambda: obstacles(measurement, groups),
        "conventions": lambda: conventions(checked, measurement, coupling),
    }
    found: dict[str, Any] = {}
    not_done: dict[str, tuple[Problem, ...]] = {}
    for name, make in made.items():
        try:
            with heard():  # what an alternative speaks against stands in its row
                found[name] = make()
        except OuheError as error:
            not_done[name] = error.problems
    return found, not_done


def _group(x: xr.DataArray, checked: Checked) -> Groups:
    """Means of all regions and of the groups for every variable, and their growth."""
    chosen = checked.grouping
    means = group.nation(x).expand_dims(group=[NATION])
    if chosen.group_of:
        of_groups = group.means(x, chosen.group_of, leave_out=True)
        means = xr.concat([means, of_groups], dim="group", coords="minimal", compat="override")
    means = means.transpose("variable", "group", "year")
    members = {NATION: tuple(map(str, x["region"].to_numpy())), **chosen.members}
    growth = group.growth(means) if means.sizes["year"] > 1 else means.isel(year=0, drop=True) * np.nan
    return Groups(means, growth, members, _group_names(checked, checked.file.study.language))


def _group_names(checked: Checked, lang: text.Lang) -> dict[str, str]:
    """What all regions and the groups are called; the nation is that of a whole set only."""
    nation = "labels.nation" if checked.gathered.regions.nation else "labels.all_regions"
    return {NATION: text.t(nation, lang=lang), **checked.grouping.labels[lang]}


def _names(checked: Checked, lang: text.Lang) -> Names:
    """What readers of a language call regions, groups, classes and spatial weights."""
    known, study = checked.gathered.regions, checked.file.study
    shown = known.shown.index
    return Names(
        regions={r: known.label(r, lang) for r in shown},
        short={r: known.short(r, lang) for r in shown},
        groups=_group_names(checked, lang),
        classes=class_scheme(study.classes, lang)[1],
        weights=tuple(name_of(w, lang) for w in study.analyses.weights()),
    )


def _trends(x: xr.DataArray, coupling: Coupling, groups: Groups) -> Trends:
    """Growth by year, gaps between groups and between regions, ranks, and regions by class."""
    several = x.sizes["year"] > 1
    with heard():  # a ratio to nothing is an empty cell, which the table's page explains
        gaps = {"regions": gap.between(x, over="region")}
        if groups.means.sizes["group"] > 2:
            gaps = {"groups": gap.between(groups.means.drop_sel(group=NATION), over="group"), **gaps}
    size = len(coupling.labels)
    return Trends(
        growth=group.yearly_growth(groups.means) if several else None,
        gaps=xr.concat(gaps.values(), dim="between").assign_coords(between=list(gaps)),
        ranks=rank.descending(x),
        counts=classify.counts(coupling.level, classes=size),
        moves=classify.moves(coupling.level, classes=size) if several else None,
        classes=coupling.labels,
        groups=groups.labels,
    )


def _places(known: RegionSet, names: Names) -> Places:
    """Names of the regions, and where they stand on a tile grid; also of those that a map shows without data."""
    shown = known.shown
    columns = {
        "label": [names.regions[r] for r in shown.index],
        "short": [names.short[r] for r in shown.index],
        "tile_row": shown["tile_row"].astype(float),
        "tile_column": shown["tile_column"].astype(float),
        "studied": shown.index.isin(known.ids),
    }
    return Places(pd.DataFrame(columns, index=shown.index))
