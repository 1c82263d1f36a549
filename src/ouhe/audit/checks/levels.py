"""Means as the paper prints them, or as its printed values by region give them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ouhe.audit.interval import Interval
from ouhe.audit.published import NATION, Published

__all__ = ["Level", "level", "of_values", "printed_level", "yearly"]


@dataclass(frozen=True, slots=True)
class Level:
    """A mean: what it can have been, as printed, and where."""

    value: Interval
    text: str
    where: str


def printed_level(p: Published, variable: str, scope: str, first: int, last: int) -> Level | None:
    """Mean that the paper prints."""
    m = p.mean_of.get((variable, scope, first, last))
    return Level(m.value.interval, m.value.text, m.where) if m else None


def of_values(p: Published, variable: str, scope: str, first: int, last: int) -> Level | None:
    """Mean of the printed values of all regions of a scope in all years of a period; None where one is missing."""
    grid = p.grid
    if variable not in grid:
        return None
    rows = _rows(p, scope)
    years = [i for i, y in enumerate(grid.years) if first <= y <= last]
    due = sum(first <= y <= last for y in p.years)
    if rows is None or not years or len(years) != due:
        return None
    held = grid.values[variable].take(np.ix_(rows, years))
    if np.isnan(held.low).any():
        return None
    found = held.mean()
    return Level(found, f"{found.middle:.4f}", grid.where[variable])


def _rows(p: Published, scope: str) -> list[int] | None:
    """Rows of the regions of a scope in the grid; None where it lacks one."""
    if scope == NATION:
        return list(range(p.count)) if len(p.grid.regions) == p.count else None
    members = (scope.removeprefix("region:"),) if scope.startswith("region:") else p.members.get(scope)
    if not members or not set(members) <= set(p.grid.regions):
        return None
    return [p.grid.regions.index(r) for r in members]


def level(p: Published, variable: str, scope: str, first: int, last: int) -> Level | None:
    """Mean as printed, else of the printed values."""
    printed = printed_level(p, variable, scope, first, last)
    return printed if printed is not None else of_values(p, variable, scope, first, last)


def yearly(p: Published, variable: str, scope: str, first: int, last: int) -> list[Interval]:
    """Means of every year of a period; empty where one is missing."""
    found = [level(p, variable, scope, y, y) for y in p.years if first <= y <= last]
    return [f.value for f in found if f is not None] if all(f is not None for f in found) else []
