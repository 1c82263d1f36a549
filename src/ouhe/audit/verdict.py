"""What a check says, and what all checks of a paper say together."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ouhe import text
from ouhe.errors import Place, Problem

__all__ = ["CERTAINTIES", "Audited", "Certainty", "Checked", "Listed", "Verdict", "Word"]

#: ``certain``: no values that round to the printed ones agree. ``likely``: they could agree, but hardly would, or the
#: paper does not say what was assumed. ``question``: the paper leaves open what its authors should tell.
Certainty = Literal["certain", "likely", "question"]
CERTAINTIES: tuple[Certainty, ...] = ("certain", "likely", "question")


@dataclass(frozen=True, slots=True)
class Word:
    """A value of a sentence that is itself a text, by its key, so that it reads in every language."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return text.t(self.key, **self.params)


@dataclass(frozen=True, slots=True)
class Listed:
    """A value of a sentence that names several things, which every language lists in its own way.

    Parameters
    ----------
    names
        What is named.
    more
        How many are not named.
    """

    names: tuple[str, ...]
    more: int = 0

    @classmethod
    def of(cls, names: Iterable[str]) -> Listed:
        """List of all names."""
        return cls(tuple(names))

    def __str__(self) -> str:
        shown = text.t("labels.comma").join(self.names)
        return text.t("errors.and_more", names=shown, more=self.more) if self.more > 0 else shown


@dataclass(frozen=True)
class Verdict:
    """One thing that does not agree, or that the paper leaves open.

    Parameters
    ----------
    check
        The check that found it, a key of :data:`ouhe.audit.checks.CHECKS`.
    kind
        What it found; the sentence is the text ``audit_verdicts.KIND``.
    certainty
        How sure it is.
    where
        Where the numbers stand, as a reader of the paper looks for them, or in the paper file.
    about
        What it is about: variables, regions, years.
    says
        Values of the sentence.
    arithmetic
        Lines of arithmetic, in signs that need no language, each with the printed numbers and what follows.

    Examples
    --------
    >>> verdict = Verdict("growth", "growth_periods", "certain", ("section 3",), ("innovation",),
    ...     {"variable": "innovation", "scope": "nation", "printed": "6.03 %", "rate": "5.52 %", "from": "0.105",
    ...      "to": "0.200", "first": 2010, "last": 2022, "periods": 12, "other": 11})
    >>> "11" in verdict.sentence("en")
    True
    """

    check: str
    kind: str
    certainty: Certainty
    where: tuple[Place | str, ...]
    about: tuple[str, ...]
    says: Mapping[str, Any]
    arithmetic: tuple[str, ...] = ()

    def sentence(self, lang: text.Lang | None = None) -> str:
        """What is wrong, in `lang`."""
        with text.use(lang):
            values: dict[str, Any] = {k: str(v) if isinstance(v, Word | Listed) else v for k, v in self.says.items()}
            return _filled(text.texts("audit_verdicts", text.current())[self.kind], values)

    def places(self) -> tuple[str, ...]:
        """Where it stands, as texts."""
        return tuple(str(place) for place in self.where)


def _filled(template: str, values: Mapping[str, Any]) -> str:
    """Template with its values, a space where a Latin letter or digit would stand close to a Chinese character."""
    found = ""
    for literal, name, spec, _ in string.Formatter().parse(template):
        for part in (literal, format(values[name], spec or "") if name else ""):
            found += " " * _crowded(found[-1:], part[:1]) + part
    return found


def _crowded(before: str, after: str) -> bool:
    """Whether two characters want a space between them."""
    return any("一" <= a <= "鿿" and b.isascii() and b.isalnum() for a, b in ((before, after), (after, before)))


@dataclass(frozen=True, slots=True)
class Checked:
    """How much of one check was done.

    Parameters
    ----------
    count
        How many numbers, or sets of numbers, were checked.
    agreed
        How many of them agree.
    """

    count: int
    agreed: int


@dataclass(frozen=True)
class Audited:
    """What was found in a paper.

    Parameters
    ----------
    title, citation
        The paper.
    lang
        Language of the paper file.
    verdicts
        What does not agree, the surest first, and in the order of the checks.
    checked
        Check → how much was checked and agreed, for the checks that found something to check.
    not_checked
        Check → why there was nothing to check, or what could not be.
    sources
        Files that were read, by their names in the paper file, with their digests.
    """

    title: str
    citation: str
    lang: text.Lang
    verdicts: tuple[Verdict, ...] = ()
    checked: Mapping[str, Checked] = field(default_factory=dict)
    not_checked: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def of(self, certainty: Certainty) -> tuple[Verdict, ...]:
        """Verdicts of one certainty."""
        return tuple(v for v in self.verdicts if v.certainty == certainty)
