"""What readers of one language call the regions, groups, classes and spatial weights of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Names"]


@dataclass(frozen=True)
class Names:
    """Names in one language.

    Parameters
    ----------
    regions, short
        Region → its name, and its short name.
    groups
        Group → its name.
    classes
        Names of the classes, lowest first.
    weights
        Names of the spatial weights, in the order of the study.
    """

    regions: Mapping[str, str] = field(default_factory=dict)
    short: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """The names as plain data."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Names:
        """What :meth:`record` gave, as it was."""
        lists = {k: tuple(record[k]) for k in ("classes", "weights")}
        return cls(**{**record, **lists})
