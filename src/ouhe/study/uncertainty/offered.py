"""What a study could have chosen instead: the levels of every choice, and those that cannot be combined with others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from ouhe import systems
from ouhe.errors import OuheError, Problem, StudyError, heard
from ouhe.results.conventions import Label
from ouhe.results.uncertainty import SAMPLED, Level
from ouhe.study.alternatives import Alternative, alternatives, label
from ouhe.study.check import Checked
from ouhe.study.prepare import prepare
from ouhe.study.schema import Study

__all__ = ["Offered", "missing_alternatives", "offered", "with_setting"]

#: Choices that follow from the literature, with the step of :mod:`~ouhe.study.alternatives` they are.
STEPS: Mapping[str, str] = {
    "normalise": "normalise",
    "weights": "weights",
    "aggregate": "aggregate",
    "rescale": "rescale",
    "coupling": "coupling",
}

#: Choices that make every index smaller the more cells there are: another scale, which classes of D do not have.
SCALES = frozenset({("normalise", "vector"), ("aggregate", "shares")})

#: Ways to fill what is missing; what one cannot fill is left to the study's own.
FILLED: tuple[Any, ...] = (
    "linear",
    {"method": "linear", "ends": "extrapolate"},
    "trend",
    "group-mean",
    "indicator-mean",
)


@dataclass(frozen=True, eq=False)
class Offered:
    """Choices with their levels.

    Parameters
    ----------
    levels
        Choice → its levels, the first being the study's own; of sampled choices that one alone.
    values
        Choice → what stands behind each level: a panel, a method, an indicator's place …
    drawn
        Choice → numbers of the levels that are drawn.
    """

    levels: Mapping[str, tuple[Level, ...]]
    values: Mapping[str, tuple[Any, ...]]
    drawn: Mapping[str, range]

    def without(self, gone: Mapping[str, Mapping[int, tuple[Problem, ...]]]) -> Offered:
        """The same, some levels refused; the others are numbered anew."""
        levels, values, drawn = dict(self.levels), dict(self.values), dict(self.drawn)
        for name, refused in gone.items():
            kept = [i for i in range(len(self.values[name])) if i not in refused]
            told = [self.levels[name][i] for i in kept]
            told += [replace(self.levels[name][i], refusals=why) for i, why in refused.items()]
            told += self.levels[name][len(self.values[name]) :]  # refused before
            levels[name], values[name] = tuple(told), tuple(self.values[name][i] for i in kept)
            drawn[name] = range(len(kept))
        return Offered(levels, values, drawn)


def missing_alternatives(study: Study) -> Iterator[tuple[Label, Study]]:
    """Ways to fill what is missing, the study's own first: each alone, then what the study does besides.

    Parameters
    ----------
    study
        The study.

    Yields
    ------
    tuple of Label and Study
        Name of the way, and the study with it.
    """
    own = study.missing.method
    yield Label("uncertainty.missing_own"), study
    told = study.missing.model_dump()
    for method in FILLED:
        first = study.replace(missing={**told, "method": [method]}).missing.method[0]
        if not own or first != own[0]:
            then = [m.model_dump() for m in own if m != first]
            changed = study.replace(missing={**told, "method": [method, *then]})
            yield label(first, f"uncertainty.missing_{first.method.replace('-', '_')}"), changed


def offered(checked: Checked, names: Sequence[str], *, draws: int) -> Offered:
    """Levels of the choices that are drawn.

    Parameters
    ----------
    checked
        The study.
    names
        The choices wanted, of :data:`~ouhe.results.uncertainty.CHOICES`.
    draws
        How many levels a sampled choice has.
    """
    study, x = checked.file.study, checked.prepared.x
    found = {step: _of_step(study, step) for step in STEPS}
    made: dict[str, tuple[list[Level], list[Any]]] = {
        "missing": _missing(checked) if "missing" in names else _own(x),
        **{name: _first(*found[step], every=name in names) for name, step in STEPS.items()},
        "leave-out": _left_out(x) if "leave-out" in names else _own(-1),
    }
    levels = {name: tuple(levels) for name, (levels, _) in made.items()}
    values = {name: tuple(values) for name, (_, values) in made.items()}
    drawn = {name: range(len(values[name])) for name in made}
    for name in SAMPLED:
        wanted = name in names
        possible = wanted and _samples(name, x)
        levels[name] = (_none(name) if not wanted or possible else replace(_none(name), refusals=_nothing(name)),)
        values[name], drawn[name] = (None,), range(1, draws + 1) if possible else range(1)
    return Offered(levels, values, drawn)


def with_setting(study: Study, name: str, value: Any) -> Study:
    """The study with a level of one of the steps.

    Parameters
    ----------
    study
        The study.
    name, value
        The choice, and what stands behind its level.
    """
    if name in ("rescale", "coupling"):
        key = "method" if name == "coupling" else "rescale"
        return study.replace(coupling={**study.coupling.model_dump(), key: value})
    return study.replace(**{name: value.model_dump()})


def _own(value: Any) -> tuple[list[Level], list[Any]]:
    return [Level(Label("uncertainty.as_is"), own=True)], [value]


def _none(name: str) -> Level:
    return Level(Label(f"uncertainty.sampled_{name}"), own=True)


def _nothing(name: str) -> tuple[Problem, ...]:
    return (Problem(f"uncertainty.nothing_{name}"),)


def _of_step(study: Study, step: str) -> tuple[list[Level], list[Any]]:
    """Levels of a step from the alternatives of the literature."""
    chosen = [a for a in alternatives(study) if a.step == step]
    kept = [a for a in chosen if a.chosen or (step, a.choice.partition("_")[0]) not in SCALES]
    levels = [Level(a.label, own=a.chosen) for a in kept]
    levels += [Level(a.label, refusals=(Problem("uncertainty.only_scales"),)) for a in chosen if a not in kept]
    return levels, [_value(step, a) for a in kept]


def _value(step: str, alternative: Alternative) -> Any:
    study = alternative.study
    values: dict[str, Callable[[], Any]] = {
        "normalise": lambda: study.normalise,
        "weights": lambda: study.weights,
        "aggregate": lambda: study.aggregate,
        "rescale": lambda: study.coupling.rescale,
        "coupling": lambda: study.coupling.method,
    }
    return values[step]()


def _first(levels: list[Level], values: list[Any], *, every: bool) -> tuple[list[Level], list[Any]]:
    """All levels, or the study's own alone."""
    return (levels, values) if every else (levels[:1], values[:1])


def _missing(checked: Checked) -> tuple[list[Level], list[Any]]:
    """Panels as other ways to fill them give them."""
    levels, panels = _own(checked.prepared.x)
    if not bool((checked.prepared.data.values["filled_by"] > 0).any()):
        return [replace(levels[0], refusals=(Problem("uncertainty.nothing_missing"),))], panels
    _, *others = missing_alternatives(checked.file.study)
    refused = []
    for name, study in others:
        panel, why = _filled(checked, study)
        alike = next((i for i, p in enumerate(panels) if panel is not None and panel.equals(p)), None)
        if alike is not None:
            why = (Problem("uncertainty.same_values"),)
        if why or panel is None:
            refused.append(Level(name, refusals=why))
        else:
            levels.append(Level(name))
            panels.append(panel)
    return [*levels, *refused], panels


def _filled(checked: Checked, study: Study) -> tuple[xr.DataArray | None, tuple[Problem, ...]]:
    """The panel of a study that fills it otherwise, or why there is none."""
    try:
        with heard():  # about the data, which the study has told
            made = prepare(replace(checked.file, study=study), checked.gathered, checked.grouping)
        if made.problems:
            raise StudyError(*made.problems)
    except OuheError as error:
        return None, error.problems
    if list(made.x["indicator"].values) != list(checked.prepared.x["indicator"].values):
        return None, (Problem("uncertainty.other_indicators"),)
    return made.x, ()


def _left_out(x: xr.DataArray) -> tuple[list[Level], list[Any]]:
    """Every indicator that is not the only one of its system."""
    levels, places = _own(-1)
    system = systems.of_indicators(x)
    alone = []
    for place, (name, of) in enumerate(zip(x["name"].values, system, strict=True)):
        said = Label("uncertainty.left_out", {"indicator": str(name)})
        if (system == of).sum() > 1:
            levels.append(Level(said))
            places.append(place)
        else:
            alone.append(Level(said, refusals=(Problem("uncertainty.only_indicator", params={"system": str(of)}),)))
    return [*levels, *alone], places


def _samples(name: str, x: xr.DataArray) -> bool:
    """Whether there is anything to sample."""
    if name == "perturb":
        return bool((np.unique(systems.of_indicators(x), return_counts=True)[1] > 1).any())
    return name != "resample" or x.sizes["region"] > 1
