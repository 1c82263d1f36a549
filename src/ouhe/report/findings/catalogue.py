"""All findings of a study, in the order of the report, numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import pandas as pd

from ouhe import text
from ouhe.report.findings.finding import Finding, condition, numbers, sentence
from ouhe.results.measured import Measured
from ouhe.results.study_results import StudyResults

__all__ = ["MODULES", "OF_RASTERS", "Numbered", "find", "table"]

#: Modules of findings, in the order of the report; a new one stands here, and in a section.
MODULES = (
    "weights",
    "levels",
    "groups",
    "gaps",
    "regions",
    "autocorrelation",
    "quadrants",
    "coupling",
    "classes",
    "lags",
    "transitions",
    "densities",
    "inequality",
    "convergence",
    "obstacles",
    "evidence",
    "robustness",
)

#: Those of them that speak of rasters too: of indicators, and of all cells or of zones.
OF_RASTERS = ("weights", "levels", "groups", "autocorrelation", "densities")


@dataclass(frozen=True)
class Numbered:
    """A finding, and what is printed of it.

    Parameters
    ----------
    number
        Its number, from 1.
    finding
        The rule and its values.
    sentence
        The sentence.
    condition
        When it is printed.
    """

    number: int
    finding: Finding
    sentence: str
    condition: str

    @property
    def module(self) -> str:
        """Module of its rule."""
        return self.finding.rule.partition(".")[0]

    @property
    def name(self) -> str:
        """Name of its rule within the module."""
        return self.finding.rule.partition(".")[2]


def find(results: Measured) -> tuple[Numbered, ...]:
    """Everything that the rules let be said of results, in their language."""
    of_regions = isinstance(results, StudyResults)
    modules = MODULES if of_regions else OF_RASTERS
    with text.use(results.language), text.of_cells(not of_regions):
        found = [f for name in modules for f in import_module(f"ouhe.report.findings.{name}").find(results)]
        told = [f for f in found if not _repeats(f)]
        return tuple(Numbered(n, f, sentence(f), condition(f.rule)) for n, f in enumerate(told, start=1))


def _repeats(finding: Finding) -> bool:
    """T is the mean of the indices: what groups and regions do in it was said of them."""
    return finding.about == "T" and finding.rule.partition(".")[0] in ("groups", "gaps", "regions")


def table(found: Sequence[Numbered]) -> pd.DataFrame:
    """Table ``number rule about sentence condition numbers``: each sentence with its rule and what it used."""
    columns = {
        "number": pd.Series([n.number for n in found], dtype="int64"),
        "rule": pd.Series([n.finding.rule for n in found], dtype=object),
        "about": pd.Series([n.finding.about for n in found], dtype=object),
        "sentence": pd.Series([n.sentence for n in found], dtype=object),
        "condition": pd.Series([n.condition for n in found], dtype=object),
        "numbers": pd.Series([numbers(n.finding) for n in found], dtype=object),
    }
    return pd.DataFrame(columns)
