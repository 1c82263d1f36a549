"""A finding: the rule that held, and the numbers it held for. The sentence is made from both."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

from ouhe import text
from ouhe.report.findings.listing import listing, valued
from ouhe.results.groups import NATION
from ouhe.results.measured import Measured

__all__ = ["Finding", "Labels", "apart", "condition", "numbers", "printed", "sentence"]


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
        Values of the sentence: numbers unrounded (but differences of printed numbers, see :func:`apart`), names as
        readers see them, several names as a tuple.
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
    def of(cls, results: Measured) -> Labels:
        """Labels of a study; cells of a raster have none."""
        return cls(getattr(results, "region_labels", {}), results.groups.labels)

    def region(self, region: object) -> str:
        """Name of a region."""
        return self.regions.get(str(region), str(region))

    def several(self, regions: Sequence[object]) -> tuple[str, ...]:
        """Labels of regions."""
        return tuple(map(self.region, regions))

    def group(self, group: object = NATION) -> str:
        """Name of a group, or of all regions."""
        return self.groups.get(str(group), str(group))

    def grouped(self, groups: Sequence[object], notes: Sequence[object] = ()) -> str:
        """Groups as the ones who are spoken of, each with what belongs to it.

        Examples
        --------
        >>> with text.use("en"):
        ...     Labels().grouped(["Eastern"], [0.5]), Labels().grouped(["Eastern", "Central"])
        ('the Eastern group (0.5)', 'the groups Eastern and Central')
        """
        called = [self.group(g) for g in groups]
        if len(called) == 1:
            called = [text.t("findings.one_group", name=called[0])]
        told = list(map(valued, called, notes)) if notes else called
        return listing(told) if len(told) == 1 else text.t("findings.groups", names=listing(told))

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


class Printed(float):
    """A number as sentences print it: with a true minus sign, none where nothing is left, and ``.1pp`` for points.

    Examples
    --------
    >>> f"{Printed(-0.25):.2f} {Printed(-1e-9):+.3f} {Printed(0.005):.1pp}"
    '−0.25 0.000 0.5'
    """

    def __format__(self, spec: str, /) -> str:
        points = spec.endswith("pp")
        said = format(self * 100, f"{spec[:-2]}f") if points else format(float(self), spec)
        if not re.search(r"[1-9a-z]", said):
            said = said.lstrip("+-")
        return said.replace("-", "−")


class _Probability(Printed):
    """A p value; one that rounds to nothing is told to be smaller than the last digit, as in tables."""

    def __format__(self, spec: str, /) -> str:
        said = super().__format__(spec)
        return f"<{said[:-1]}1" if said.startswith("0.0") and not float(said) else said


def printed(value: float, spec: str) -> str:
    """A number for a sentence.

    Examples
    --------
    >>> printed(-0.0123, ".2%")
    '−1.23%'
    """
    return format(Printed(value), spec)


def apart(first: float, last: float, digits: int = 3) -> float:
    """By how much two numbers differ as they are printed, so that a reader who takes one from the other finds it.

    Examples
    --------
    >>> apart(0.1046, 0.2004), round(0.2004 - 0.1046, 3)
    (0.095, 0.096)
    """
    return round(abs(round(last, digits) - round(first, digits)), digits)


def _for_print(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return text.enumerated(value)
    if isinstance(value, float):
        return _Probability(value) if name == "p" or name.startswith("p_") else Printed(value)
    return value


def sentence(finding: Finding) -> str:
    """The finding in words, in the current language."""
    module, _, name = finding.rule.partition(".")
    said = text.t(f"findings_{module}.{name}", **{k: _for_print(k, v) for k, v in finding.says.items()})
    said = re.sub(r"= <(?=0\.0+1)", "< ", said)
    return said[:1].upper() + said[1:] if text.current() == "en" else said


def condition(rule: str) -> str:
    """When a sentence is printed, thresholds included, in the current language."""
    module, _, name = rule.partition(".")
    limits: Mapping[str, Any] = import_module(f"ouhe.report.findings.{module}").LIMITS
    return text.t(f"findings_{module}.{name}_if", **{k: _for_print("", v) for k, v in limits.items()})


def numbers(finding: Finding) -> str:
    """What the sentence used, as JSON: names as written, numbers unrounded."""
    plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in finding.says.items()}
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, default=float)
