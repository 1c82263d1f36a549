"""The spine of a study: gather, prepare, measure, couple, group; it reads like the method."""

from __future__ import annotations

import platform
import tomllib
import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe import regions, text
from ouhe.compute import aggregate, classify, couple, group, weight
from ouhe.errors import OuheWarning, Problem, placed
from ouhe.regions import RegionSet
from ouhe.results.coupling import Coupling
from ouhe.results.groups import NATION, Groups
from ouhe.results.measurement import Measurement
from ouhe.results.places import Places
from ouhe.results.study_results import StudyResults
from ouhe.study.check import Checked, check
from ouhe.study.document import Document
from ouhe.study.gather import Progress, silent
from ouhe.study.grouping import Grouping
from ouhe.study.load import StudyFile
from ouhe.study.methods import COMBINATIONS, METHODS, ON_RAW, Choice
from ouhe.study.schema import Classes, Study

__all__ = ["class_scheme", "compute", "measure", "run"]


def compute(checked: Checked, *, progress: Progress = silent) -> StudyResults:
    """Results of a checked study, in memory.

    Returns
    -------
    StudyResults
        Everything the study gave; :func:`ouhe.output.write` writes it.
    """
    file, prepared = checked.file, checked.prepared
    with text.use(file.study.language), _heard() as heard:
        progress("measure", 0, 1)
        measurement = measure(prepared.x, file.study, document=file.document)
        with placed(file.document.place("coupling")):
            coupling = _couple(measurement.index, file.study)
        whole = file.study.regions.set in regions.builtin() and not file.study.regions.without
        nation = text.t("labels.nation" if whole else "labels.all_regions")
        groups = _group(measurement, coupling, checked.grouping, nation)
        progress("measure", 1, 1)
    return StudyResults(
        settings=file.study.model_dump(mode="json"),
        language=file.study.language,
        data=prepared.data,
        measurement=measurement,
        coupling=coupling,
        groups=groups,
        places=_places(checked.gathered.regions, file.study.language),
        warnings=(*prepared.warnings, *heard),
        versions=_versions(),
    )


def run(study: str | Path | StudyFile, *, settings: Sequence[str] = (), confined: bool = False) -> StudyResults:
    """Run a study in memory.

    Parameters and errors as in :func:`check`.

    Returns
    -------
    StudyResults
        Everything the study gave.
    """
    return compute(check(study, settings=settings, confined=confined))


def measure(x: xr.DataArray, study: Study, *, document: Document | None = None) -> Measurement:
    """Normalise, weigh and aggregate the indicators of a study.

    Parameters
    ----------
    x
        Indicators ``(region, year, indicator)`` with their coordinates (:func:`ouhe.panel.describe`).
    study
        The study, for its methods.
    document
        The study file, for the places of what goes wrong.
    """
    at = document or Document({})
    with placed(at.place("normalise")):
        y = _apply("normalise", study.normalise)(x)
    with placed(at.place("weights")):
        w = _weights(study.weights, x, y)
    with placed(at.place("aggregate")):
        index = _apply("aggregate", study.aggregate)(y, w).sel(system=list(study.systems))
    how = study.weights.options() if study.weights.method == "entropy" else {}
    entropy = weight.information_entropy(y, **how, undefined="missing")
    return Measurement(x, y, entropy, w, index, aggregate.dimensions(y, w))


def _apply(stage: Any, choice: Choice) -> Callable[..., xr.DataArray]:
    """Function of a choice with its options set."""
    function, options = METHODS[stage][choice.method], choice.options()
    return lambda *arrays: function(*arrays, **options)


def _weights(choice: Choice, x: xr.DataArray, y: xr.DataArray) -> xr.DataArray:
    if choice.method in COMBINATIONS:
        combined: xr.DataArray = COMBINATIONS[choice.method]([_weights(part, x, y) for part in choice.parts()])
        return combined
    return _apply("weights", choice)(x if choice.method in ON_RAW else y)


def _couple(index: xr.DataArray, study: Study) -> Coupling:
    """C, T and D of the indices, the class of every D and the system that lags."""
    chosen = study.coupling
    u = couple.rescale(index, low=chosen.rescale[0], high=chosen.rescale[1]) if chosen.rescale else index
    C = _apply("coupling", chosen)(u)
    T = couple.development(u, contribution=chosen.contribution)
    D = couple.coordination(C, T)
    upper, labels = class_scheme(study.classes, study.language)
    return Coupling(
        C=C,
        T=T,
        D=D,
        level=classify.classify(D, upper=upper),
        lagging=couple.lagging(u, in_step=chosen.in_step),
        labels=labels,
        upper=upper,
        systems=tuple(study.systems),
    )


def class_scheme(classes: Classes, lang: text.Lang) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Upper ends and names of the classes, lowest first."""
    if classes.levels is not None:
        return tuple(level.upper for level in classes.levels), tuple(level.label for level in classes.levels)
    schemes = tomllib.loads((files("ouhe.study") / "classes.toml").read_text("utf-8"))
    scheme = schemes[str(classes.scheme)]
    return tuple(scheme["upper"]), tuple(scheme[lang])


def _group(measurement: Measurement, coupling: Coupling, chosen: Grouping, nation: str) -> Groups:
    """Means of all regions, called `nation`, and of the groups for every index, C, T and D, and their growth."""
    parts = [measurement.index.rename(system="variable").drop_vars("variable"), coupling.C, coupling.T, coupling.D]
    names = [*coupling.systems, "C", "T", "D"]
    parts = [p if "variable" in p.dims else p.expand_dims("variable") for p in parts]
    x = xr.concat(parts, dim="variable", coords="minimal", compat="override").assign_coords(variable=names)
    means = group.nation(x).expand_dims(group=[NATION])
    if chosen.group_of:
        of_groups = group.means(x, chosen.group_of, leave_out=True)
        means = xr.concat([means, of_groups], dim="group", coords="minimal", compat="override")
    means = means.transpose("variable", "group", "year")
    members = {NATION: tuple(map(str, x["region"].to_numpy())), **chosen.members}
    growth = group.growth(means) if means.sizes["year"] > 1 else means.isel(year=0, drop=True) * np.nan
    return Groups(means, growth, members, {NATION: nation, **chosen.labels})


def _places(known: RegionSet, lang: text.Lang) -> Places:
    """Names of the regions studied, and where they stand on a tile grid."""
    table = known.table
    label = [known.label(r, lang) for r in known.ids]
    shown = pd.DataFrame({"label": label, "short": label, "studied": True}, index=table.index)
    return Places(shown.join(table[["tile_row", "tile_column"]].astype(float)))


@contextmanager
def _heard() -> Any:
    """Collect the warnings that methods give, as problems."""
    collected: list[Problem] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", OuheWarning)
        yield collected
    for warning in caught:
        if isinstance(warning.message, OuheWarning):
            if warning.message.problem not in collected:
                collected.append(warning.message.problem)
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)


def _versions() -> dict[str, str]:
    return {
        "ouhe": version("ouhe"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "xarray": xr.__version__,
    }
