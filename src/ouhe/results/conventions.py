"""What other choices of the literature would have given: one row a choice, with the headline numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.errors import Problem
from ouhe.results.names import Names

__all__ = ["NUMBERS", "STEPS", "Conventions", "Label", "Row", "in_short"]

#: Steps at which the literature differs, in the order of the method.
STEPS = (
    "normalise",
    "weights",
    "denominator",
    "offset",
    "aggregate",
    "rescale",
    "coupling",
    "neighbours",
    "statistic",
)

#: Numbers of a row, in the order of the table → their column in it.
NUMBERS: Mapping[str, str] = {
    "mean_last": "mean_D_last",
    "mean": "mean_D",
    "change": "change",
    "classes_changed": "classes_changed",
    "classes_changed_all": "classes_changed_all",
    "rank_correlation": "rank_correlation",
    "moran": "I",
    "z": "z",
    "p": "p",
}

_COUNTS = ("classes_changed", "classes_changed_all")


@dataclass(frozen=True)
class Label:
    """Name of a choice as data, told in the language of the reader.

    Parameters
    ----------
    key
        Key of its text.
    params
        Values for the text.
    options
        Options besides, that are not what the method takes by itself; as a study file writes them.
    parts
        Names of the choices that it combines, which the text takes as ``{parts}``.

    Examples
    --------
    >>> entropy, critic = Label("conventions.weights_entropy"), Label("conventions.weights_critic")
    >>> with text.use("en"):
    ...     Label("conventions.weights_mean", parts=(entropy, critic)).text()
    ...     Label("labels.neighbours_k_nearest", {"k": 5}, {"metric": "great-circle"}).text()
    'mean of entropy and CRITIC'
    '5 nearest (metric=great-circle)'
    """

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Label, ...] = ()

    def text(self) -> str:
        """The name in the current language."""
        params = dict(self.params)
        if self.parts:
            params["parts"] = text.enumerated(part.text() for part in self.parts)
        label = text.t(self.key, **params)
        said = ", ".join(f"{k}={v}" for k, v in self.options.items())
        return text.t("labels.with_options", label=label, options=said) if said else label

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Label:
        """What :func:`dataclasses.asdict` gave, as it was."""
        return cls(**{**record, "parts": tuple(map(cls.from_record, record["parts"]))})


@dataclass(frozen=True)
class Row:
    """One choice at one step, all else as the study has it.

    Parameters
    ----------
    step
        One of :data:`STEPS`.
    choice
        Short name of the choice: its method, where there is one.
    label
        Its name for a reader.
    chosen
        It is the study's own.
    mean_last, mean
        Mean D over the regions, of the last year and of all years.
    change
        `mean_last` less that of the study.
    classes_changed, classes_changed_all
        Regions whose class in the last year is another than in the study, and cells of region and year.
    rank_correlation
        Spearman's correlation of D in the last year with the study's.
    moran, z, p
        Moran's I of D in the last year, its z (or t) and two-sided p.
    refusals
        Why it has no numbers; empty where it has.
    warnings
        What the numbers speak against.

    All numbers are missing (NaN) where they do not exist.
    """

    step: str
    choice: str
    label: Label
    chosen: bool = False
    mean_last: float = math.nan
    mean: float = math.nan
    change: float = math.nan
    classes_changed: float = math.nan
    classes_changed_all: float = math.nan
    rank_correlation: float = math.nan
    moran: float = math.nan
    z: float = math.nan
    p: float = math.nan
    refusals: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def note(self) -> str:
        """Why it has no numbers, or what speaks against it, in the current language."""
        said = [text.t("conventions.refused", why=in_short(self.refusals))] if self.refusals else []
        return text.t("conventions.then").join([*said, *(w.message() for w in self.warnings)])


@dataclass(frozen=True, eq=False)
class Conventions:
    """The study under the other choices of the literature, each changing one step alone.

    Parameters
    ----------
    rows
        Step by step, in the order of :data:`STEPS`; the study's own choice is the first of its step.
    """

    rows: tuple[Row, ...]

    @property
    def steps(self) -> dict[str, tuple[Row, ...]]:
        """Step → its rows; steps that the study does not have are absent."""
        found = dict.fromkeys(row.step for row in self.rows)
        return {step: tuple(row for row in self.rows if row.step == step) for step in found}

    def chosen(self, step: str) -> Row:
        """The study's own choice at a step.

        Raises
        ------
        KeyError
            The study does not have this step.
        """
        return next(row for row in self.steps[step] if row.chosen)

    def largest(self) -> dict[str, Row]:
        """Step → the alternative that moves mean D of the last year most; the first of those that move it alike.

        Steps that no alternative could be computed for are absent, and so are those after D, which leave it as it is.
        """
        moved = [
            row for row in self.rows if not (row.chosen or row.refusals or row.step in {"neighbours", "statistic"})
        ]
        steps = dict.fromkeys(row.step for row in moved)
        return {step: max((r for r in moved if r.step == step), key=lambda row: abs(row.change)) for step in steps}

    def arrays(self) -> xr.Dataset:
        """Labelled arrays, to be stored."""
        return xr.Dataset({name: ("row", np.array([getattr(r, name) for r in self.rows], float)) for name in NUMBERS})

    def record(self) -> dict[str, Any]:
        """Everything that is no array, as plain data."""
        told = [
            {
                "step": row.step,
                "choice": row.choice,
                "label": asdict(row.label),
                "chosen": row.chosen,
                "refusals": [p.record() for p in row.refusals],
                "warnings": [p.record() for p in row.warnings],
            }
            for row in self.rows
        ]
        return {"conventions": told}

    @classmethod
    def from_stored(cls, arrays: xr.Dataset, record: Mapping[str, Any]) -> Conventions:
        """What :meth:`arrays` and :meth:`record` gave, as it was."""
        numbers = arrays[list(NUMBERS)].to_dataframe().to_dict("records")
        rows = [
            Row(
                step=told["step"],
                choice=told["choice"],
                label=Label.from_record(told["label"]),
                chosen=told["chosen"],
                refusals=tuple(map(Problem.from_record, told["refusals"])),
                warnings=tuple(map(Problem.from_record, told["warnings"])),
                **{str(k): float(v) for k, v in values.items()},
            )
            for told, values in zip(record["conventions"], numbers, strict=True)
        ]
        return cls(tuple(rows))

    def told_in(self, _names: Names, _renamed: Mapping[str, str]) -> Conventions:
        """The same: its names are told in the language of the reader."""
        return self

    def tables(self) -> dict[str, pd.DataFrame]:
        """Table ``conventions``, a row a choice, in the current language; its columns are those of :class:`Row`.

        ``step choice chosen mean_D_last mean_D change classes_changed classes_changed_all rank_correlation I z p note``
        """
        table = pd.DataFrame(
            {
                "step": [text.t(f"conventions.step_{row.step}") for row in self.rows],
                "choice": [row.label.text() for row in self.rows],
                "chosen": [row.chosen for row in self.rows],
                **{column: np.array([getattr(r, k) for r in self.rows], float) for k, column in NUMBERS.items()},
                "note": [row.note for row in self.rows],
            }
        )
        return {"conventions": table.astype(dict.fromkeys(_COUNTS, "Int64"))}


def in_short(problems: tuple[Problem, ...]) -> str:
    """The first problem, and how many more there are, those counted that are not told one by one."""
    first, *rest = problems
    if "at" in first.params:  # a region stands there by its id, which is a word of one language: the rest will do
        at = re.sub(r"^.*?(?=\b\d{4}\b)", "", str(first.params["at"]))
        first = Problem(first.key, first.place, {**first.params, "at": at})
    more = sum(p.params["count"] if p.key == "panel.and_more" else 1 for p in rest)
    return text.t("conventions.and_more", first=first.message(), more=more) if more else first.message()
