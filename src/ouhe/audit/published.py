"""What a paper prints, as facts: each a printed number with what it is of and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from ouhe.audit.interval import Interval
from ouhe.audit.paper import Formulas
from ouhe.audit.printed import Printed
from ouhe.neighbours import Neighbours

__all__ = [
    "NATION",
    "DimensionWeight",
    "Grid",
    "Growth",
    "Label",
    "Level",
    "Mean",
    "MoranRow",
    "MoranTable",
    "Published",
    "Weight",
]

#: Scope of what holds for all regions.
NATION = "nation"


@dataclass(frozen=True, slots=True)
class Level:
    """One class of coordination: all D above `above`, up to `to`; `names` are what it is called, its own name first."""

    above: float
    to: float
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """Weight of an indicator."""

    system: str
    dimension: str
    indicator: str
    weight: Printed
    direction: Literal["+", "-", ""]
    where: str
    assigned: bool = False


@dataclass(frozen=True, slots=True)
class DimensionWeight:
    """Weight of a dimension, the sum of its indicators'."""

    system: str
    dimension: str
    weight: Printed
    where: str


@dataclass(frozen=True, slots=True)
class MoranRow:
    """Moran's I of a variable in a year; `year` is empty where none is named."""

    variable: str
    year: str
    statistic: Printed | None
    expected: Printed | None
    sd: Printed | None
    z: Printed | None
    p: Printed | None
    stars: int | None
    where: str

    @property
    def name(self) -> str:
        """The row as a sentence names it."""
        return " ".join(part for part in (self.variable, self.year) if part)


@dataclass(frozen=True)
class MoranTable:
    """A table of Moran's I.

    Parameters
    ----------
    rows
        Its rows.
    sided
        Whether its p are one- or two-sided, where the paper says so.
    variance
        What its z are based on, where the paper says so.
    stars
        p up to which there is a star, two, three, in this order; None where the paper does not say.
    where
        Where it stands.
    """

    rows: tuple[MoranRow, ...]
    sided: Literal["one", "two"] | None
    variance: Literal["randomisation", "normality"] | None
    stars: tuple[float, ...] | None
    where: str


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean of a variable over the regions of a scope and the years from `first` to `last`."""

    variable: str
    scope: str
    first: int
    last: int
    value: Printed
    where: str


@dataclass(frozen=True, slots=True)
class Growth:
    """Annual growth of the mean of a variable over a scope."""

    variable: str
    scope: str
    first: int
    last: int
    value: Printed
    where: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word or a rank that stands beside the values of a region and year."""

    kind: Literal["class", "lag", "rank"]
    region: str
    year: int
    text: str
    where: str


@dataclass(frozen=True, eq=False)
class Grid:
    """Printed values by region and year.

    Parameters
    ----------
    regions, years
        Labels of both dimensions.
    values
        Variable → what its values can have been, arrays ``(region, year)``, NaN where none is printed.
    texts
        Variable → the values as printed.
    where
        Variable → where they stand.
    """

    regions: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    values: Mapping[str, Interval] = field(default_factory=dict)
    texts: Mapping[str, np.ndarray] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)

    def cell(self, i: int, t: int) -> str:
        """A cell as a sentence names it."""
        return f"{self.regions[i]} {self.years[t]}"

    def __contains__(self, variable: str) -> bool:
        return variable in self.values


@dataclass(frozen=True, eq=False)
class Published:
    """All that a paper prints.

    Parameters
    ----------
    count
        Number of regions.
    years
        Years studied.
    systems
        Names of the systems.
    sizes
        Group → number of its regions.
    members
        Group → its regions, where they are named.
    names
        Scope → what a sentence calls it.
    nation
        Whether the groups together hold every region once.
    formulas
        What the paper prints as its formulas.
    levels
        Classes of D, lowest first; None where the paper names none.
    weights, dimension_weights, morans, means, growths, labels, grid
        What its tables and sentences print.
    matrices
        Name → spatial weights that the paper may have used; one where it says which.
    matrix_named
        Whether the paper says which.
    lag_labels
        Text of a lag type → system.
    raw
        Raw data ``(region, year)`` rows, one column an indicator; None where there are none.
    raw_where
        File of the raw data.
    """

    count: int
    years: tuple[int, ...]
    systems: tuple[str, ...]
    sizes: Mapping[str, int]
    members: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    formulas: Formulas
    levels: tuple[Level, ...] | None = None
    weights: tuple[Weight, ...] = ()
    dimension_weights: tuple[DimensionWeight, ...] = ()
    morans: tuple[MoranTable, ...] = ()
    means: tuple[Mean, ...] = ()
    growths: tuple[Growth, ...] = ()
    labels: tuple[Label, ...] = ()
    grid: Grid = field(default_factory=Grid)
    twice: tuple[tuple[str, Printed, Printed, str, str], ...] = ()
    matrices: Mapping[str, Neighbours] = field(default_factory=dict)
    matrix_named: bool = False
    lag_labels: Mapping[str, str] = field(default_factory=dict)
    raw: pd.DataFrame | None = None
    raw_where: str = ""

    @cached_property
    def mean_of(self) -> Mapping[tuple[str, str, int, int], Mean]:
        """Variable, scope, first and last year → the first mean that is printed of them."""
        return {(m.variable, m.scope, m.first, m.last): m for m in reversed(self.means)}

    @property
    def whole(self) -> bool:
        """Whether the groups together hold every region once."""
        return bool(self.sizes) and sum(self.sizes.values()) == self.count

    def contribution(self) -> dict[str, float] | None:
        """Contribution of every system to T, where the paper says it."""
        said = self.formulas.contribution
        if said == "equal":
            return dict.fromkeys(self.systems, 1.0 / len(self.systems))
        return dict(said) if isinstance(said, dict) else None

    def scope(self, scope: str) -> str:
        """What a sentence calls a scope."""
        return self.names.get(scope, scope)


def period(first: int, last: int) -> str:
    """Years as a sentence names them."""
    return str(first) if first == last else f"{first}–{last}"
