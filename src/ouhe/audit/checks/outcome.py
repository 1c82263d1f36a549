"""What one check hands back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ouhe.audit.verdict import Verdict
from ouhe.errors import Problem

__all__ = ["MOST_LINES", "Outcome", "joined", "nothing"]

#: How many lines of arithmetic a verdict shows, and how many cells it names.
MOST_LINES = 6


@dataclass(frozen=True)
class Outcome:
    """What one check found.

    Parameters
    ----------
    verdicts
        What does not agree.
    count, agreed
        How many numbers were checked, and how many agree.
    reasons
        Why something could not be checked.
    """

    verdicts: tuple[Verdict, ...] = ()
    count: int = 0
    agreed: int = 0
    reasons: tuple[Problem, ...] = ()


def nothing(key: str, **params: Any) -> Outcome:
    """Outcome of a check that had nothing to check; `key` of ``audit_checks`` says why."""
    return Outcome(reasons=(Problem(f"audit_checks.{key}", params=params),))


def joined(outcomes: Iterable[Outcome]) -> Outcome:
    """Several outcomes of one check as one."""
    held = list(outcomes)
    return Outcome(
        tuple(v for o in held for v in o.verdicts),
        sum(o.count for o in held),
        sum(o.agreed for o in held),
        _once(held),
    )


def _once(held: list[Outcome]) -> tuple[Problem, ...]:
    found: list[Problem] = []
    for outcome in held:
        found += [r for r in outcome.reasons if r not in found]
    return tuple(found)
