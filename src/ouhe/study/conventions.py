"""The same study under the other choices of the literature: what each would have made of D, of classes and of I."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import xarray as xr

from ouhe.compute import rank
from ouhe.errors import OuheError, Problem, heard
from ouhe.results.conventions import Conventions, Row
from ouhe.results.coupling import Coupling
from ouhe.results.measurement import Measurement
from ouhe.study.alternatives import Alternative, alternatives
from ouhe.study.check import Checked
from ouhe.study.measuring import aggregated, coupled, measure, weights
from ouhe.study.schema import Study
from ouhe.study.spatial_alternatives import Spatial

__all__ = ["conventions"]


def conventions(checked: Checked, measurement: Measurement, coupling: Coupling) -> Conventions:
    """Headline numbers of a study under the other choices at every step where the literature differs.

    Parameters
    ----------
    checked
        The study, its regions and spatial weights.
    measurement, coupling
        What measuring and coupling gave.

    Returns
    -------
    Conventions
        A row a choice. A choice that cannot be computed has its reasons in the place of numbers; what it warns of,
        and the study does not, stands in its row.
    """
    study = checked.file.study
    choices = alternatives(study)
    trials = _trials(choices, study, measurement, coupling)
    made: list[Coupling] = [trial.found for trial in trials if trial.found is not None]
    D = xr.concat([c.D for c in made], "variant", coords="minimal", compat="override")
    level = xr.concat([c.level for c in made], "variant", coords="minimal", compat="override")
    headlines = _headlines(D, level, coupling)
    spatial = Spatial.of(checked)
    if spatial is not None:
        headlines = [h | s for h, s in zip(headlines, spatial.tested(D.isel(year=-1, drop=True)), strict=True)]
    rest = iter(headlines)
    rows = [_row(c, t, next(rest) if t.found is not None else {}) for c, t in zip(choices, trials, strict=True)]
    if spatial is not None:
        rows += spatial.rows(coupling.D.isel(year=-1, drop=True), rows[0])
    return Conventions(tuple(rows))


@dataclass(frozen=True, eq=False)
class _Trial:
    """What became of an attempt: its result, or why there is none, and the warnings on the way."""

    found: Any = None
    refusals: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def _tried(work: Callable[[], Any]) -> _Trial:
    """Do something that may be refused."""
    try:
        with heard() as told:
            found = work()
    except OuheError as error:
        return _Trial(refusals=error.problems)
    return _Trial(found, warnings=tuple(told))


def _row(choice: Alternative, trial: _Trial, headline: Mapping[str, Any]) -> Row:
    """Row of one choice, from its numbers and what its attempt told."""
    warnings = (*trial.warnings, *headline.get("warnings", ()))
    numbers = {k: v for k, v in headline.items() if k != "warnings"}
    about = (choice.step, choice.choice, choice.label, choice.chosen)
    return Row(*about, **numbers, refusals=trial.refusals, warnings=warnings)


def _trials(choices: Sequence[Alternative], study: Study, measurement: Measurement, coupling: Coupling) -> list[_Trial]:
    """C, T and D under every choice; what the study itself warns of is no news of an alternative."""
    weighted, usual = _weighted(choices, study, measurement)
    found = []
    for place, choice in enumerate(choices):
        index = weighted.get(place, _Trial())
        if choice.chosen:
            found.append(_Trial(coupling))
        elif index.refusals:
            found.append(index)
        else:
            trial = _tried(partial(_coupled, choice, measurement, index.found))
            told = (w for w in (*index.warnings, *trial.warnings) if w not in usual)
            found.append(replace(trial, warnings=tuple(told)))
    return found


def _coupled(choice: Alternative, measurement: Measurement, index: xr.DataArray | None) -> Coupling:
    """C, T and D under a choice, from the first stage that it changes; `index` where it is known."""
    if choice.stage == "normalise":
        index = measure(measurement.x, choice.study).index
    elif choice.stage == "aggregate":
        index = aggregated(measurement.y, measurement.weight, choice.study)
    return coupled(measurement.index if index is None else index, choice.study)


def _weighted(
    choices: Sequence[Alternative], study: Study, measurement: Measurement
) -> tuple[dict[int, _Trial], tuple[Problem, ...]]:
    """Indices under other weights by the place of the choice, and what the study itself warns of.

    Other weights are one more dimension of the weights, so that all indices come of one sum.
    """
    known: dict[str, xr.DataArray] = {}
    x, y = measurement.x, measurement.y
    own = _tried(partial(weights, study.weights, x, y, known=known))
    trials = {
        place: _tried(partial(weights, choice.study.weights, x, y, known=known))
        for place, choice in enumerate(choices)
        if choice.stage == "weights" and not choice.chosen
    }
    usable = [place for place, trial in trials.items() if trial.found is not None]
    several = [measurement.weight, *(trials[place].found for place in usable)]
    with heard() as told:
        stacked = xr.concat(several, "variant", coords="minimal", compat="override")
        indices = aggregated(measurement.y, stacked, study)
    for k, place in enumerate(usable, start=1):
        trials[place] = replace(trials[place], found=indices.isel(variant=k))
    return trials, (*own.warnings, *told)


def _headlines(D: xr.DataArray, level: xr.DataArray, own: Coupling) -> list[dict[str, Any]]:
    """Means, changes and the correlation of ranks of every variant, beside those of the study."""
    others = level != own.level
    now = D.isel(year=-1).mean("region")
    found = {
        "mean_last": now,
        "mean": D.mean(("region", "year")),
        "change": now - own.D.isel(year=-1).mean("region"),
        "classes_changed": others.isel(year=-1).sum("region"),
        "classes_changed_all": others.sum(("region", "year")),
        "rank_correlation": _rank_correlation(D.isel(year=-1), own.D.isel(year=-1)),
    }
    return [{k: float(v[i]) for k, v in found.items()} for i in range(D.sizes["variant"])]


def _rank_correlation(a: xr.DataArray, b: xr.DataArray) -> xr.DataArray:
    """Spearman's correlation over the regions: Pearson's of the ranks, equal values sharing their mean rank."""
    a, b = (rank.descending(v.drop_vars("year"), ties="mean") for v in (a, b))
    a, b = (v - v.mean("region") for v in (a, b))
    size = ((a * a).sum("region") * (b * b).sum("region")) ** 0.5
    correlation: xr.DataArray = (a * b).sum("region") / size.where(size > 0.0)
    return correlation
