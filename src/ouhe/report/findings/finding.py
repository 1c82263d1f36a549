"""A finding: the rule that held, and the numbers it held for. The sentence is made from both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

from ouhe import text
from ouhe.results.groups import NATION
from ouhe.results.study_results import StudyResults

__all__ = ["Finding", "Labels", "Names", "condition", "numbers", "sentence"]


@dataclass(frozen=True)
class Finding:
    """A rule that held.

    Parameters
    ----------
    rule
        ``module.name``: module of :mod:`ouhe.report.findings`, and the name of the sentence ``findings_MODULE.NAME``
        and of the condition ``findings_MODULE.NAME_if``, which states the threshold.
    about
        What it is about: a variable (a system, ``C``, ``T``, ``D``), as the results name it; "" for the whole study.
    says
        Values of the sentence: numbers unrounded, names as readers see them, several names as a tuple.
    """

    rule: str
    about: str
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Labels:
    """What readers call variables, regions and groups, in the current language.

    Parameters
    ----------
    regions, groups
        Id → name; an id that is absent is its own name.
    """

    regions: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, results: StudyResults) -> Labels:
        """Labels of a study."""
        return cls(results.region_labels, results.groups.labels)

    def region(self, region: object) -> str:
        """Name of a region."""
        return self.regions.get(str(region), str(region))

    def several(self, regions: Sequence[object]) -> tuple[str, ...]:
        """Labels of regions."""
        return tuple(map(self.region, regions))

    def group(self, group: object = NATION) -> str:
        """Name of a group, or of all regions."""
        return self.groups.get(str(group), str(group))

    def variable(self, variable: str) -> str:
        """A variable in running text: “the index of X”, “the coordination degree”.

        Examples
        --------
        >>> with text.use("en"):
        ...     Labels().variable("D"), Labels().variable("innovation")
        ('the coordination degree', 'the index of innovation')
        """
        if variable in ("C", "T", "D"):
            return text.t(f"findings.{variable}")
        return text.t("findings.index", system=variable)


#: Its name in modules that are being written.
Names = Labels


def sentence(finding: Finding) -> str:
    """The finding in words, in the current language."""
    module, _, name = finding.rule.partition(".")
    params: dict[str, Any] = {k: text.enumerated(v) if isinstance(v, tuple) else v for k, v in finding.says.items()}
    said = text.t(f"findings_{module}.{name}", **params)
    return said[:1].upper() + said[1:] if text.current() == "en" else said


def condition(rule: str) -> str:
    """When a sentence is printed, thresholds included, in the current language."""
    module, _, name = rule.partition(".")
    limits: Mapping[str, Any] = import_module(f"ouhe.report.findings.{module}").LIMITS
    return text.t(f"findings_{module}.{name}_if", **limits)


def numbers(finding: Finding) -> str:
    """What the sentence used, as JSON: names as written, numbers unrounded."""
    plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in finding.says.items()}
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, default=float)
