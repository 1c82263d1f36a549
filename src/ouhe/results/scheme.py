"""The systems that are coupled and the classes of coordination: what tells the numbers of cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ouhe.results.names import Names

__all__ = ["Scheme"]


@dataclass(frozen=True)
class Scheme:
    """What the codes of classes and of lagging systems mean.

    Parameters
    ----------
    systems
        Names of the systems.
    labels
        Names of the classes, lowest first.
    upper
        Upper ends of the classes.
    """

    systems: tuple[str, ...]
    labels: tuple[str, ...]
    upper: tuple[float, ...]

    def record(self) -> dict[str, Any]:
        """The scheme as plain data."""
        return {"systems": list(self.systems), "labels": list(self.labels), "upper": list(self.upper)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Scheme:
        """What :meth:`record` gave, as it was."""
        return cls(**{name: tuple(record[name]) for name in ("systems", "labels", "upper")})

    def told_in(self, names: Names) -> Scheme:
        """The same with names of another language."""
        return replace(self, labels=names.classes)
