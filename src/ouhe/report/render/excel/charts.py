"""Which trends are charted, from the tables alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from ouhe import text
from ouhe.report.render.excel.told import shortened

__all__ = ["Chart", "Charts", "Line", "of"]

#: Longest name in a title, in letters.
MOST_TITLE = 60

#: Most groups, or variables, that a chart shows beside the nation.
MOST_LINES = 8


@dataclass(frozen=True)
class Line:
    """A series of a chart.

    Parameters
    ----------
    name
        As readers see it.
    values
        Values by year.
    number
        Which look it has: −1 the nation, −2 a line that only guides the eye, of a stack the place of the class.
    """

    name: str
    values: pd.Series[float]
    number: int


@dataclass(frozen=True)
class Chart:
    """What a chart shows.

    Parameters
    ----------
    title
        Its title.
    table
        Table that its numbers are from.
    axis
        What the vertical axis shows.
    lines
        The series.
    kind
        Lines by year, or columns on one another.
    classes
        Of a stack, the number of all classes, occurring or not.
    """

    title: str
    table: str
    axis: str
    lines: tuple[Line, ...]
    kind: Literal["lines", "stack"] = "lines"
    classes: int = 0

    @property
    def years(self) -> list[int]:
        """Years of the series, rising."""
        return sorted({int(y) for line in self.lines for y in line.values.index})


@dataclass(frozen=True)
class Charts:
    """Charts of a study, and what is said of those that are not drawn."""

    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = field(default=())


def of(tables: Mapping[str, pd.DataFrame]) -> Charts:
    """Charts that the tables allow, in the current language.

    Parameters
    ----------
    tables
        Tables by name; of ``groups`` the first group is all regions, of ``classes`` the first class the lowest.

    Examples
    --------
    >>> rows = [("All", 2019, "D", 0.4), ("All", 2020, "D", 0.5)]
    >>> groups = pd.DataFrame(rows, columns=["group", "year", "variable", "value"])
    >>> with text.use("en"):
    ...     [chart.title for chart in of({"groups": groups}).charts]
    ['Coordination degree D by group']
    """
    charts: list[Chart] = []
    notes = []
    trends = list(_trends(tables.get("groups", pd.DataFrame())))
    crowded = [c for c in trends if len(c.lines) > MOST_LINES + 1]
    if crowded:
        notes.append(text.t("excel.many_groups", count=len(crowded[0].lines) - 1, most=MOST_LINES))
    charts += [c for c in trends if c not in crowded]
    charts += _classes(tables.get("classes", pd.DataFrame()))
    for chart in _moran(tables.get("moran", pd.DataFrame())):
        if len(chart.lines) > MOST_LINES + 1:
            notes.append(text.t("excel.many_variables", count=len(chart.lines) - 1, most=MOST_LINES))
        else:
            charts.append(chart)
    shown = tuple(c for c in charts if len(c.years) > 1)
    return Charts(shown, tuple(notes) if shown else ())


def _trends(table: pd.DataFrame) -> Iterator[Chart]:
    """Means of groups: of the index of each system, then of C and of D."""
    if table.empty or not {"group", "year", "variable", "value"} <= set(table.columns):
        return
    variables = list(pd.unique(table["variable"]))
    systems = [v for v in variables if v not in ("C", "T", "D")]
    for variable in [*systems, *(v for v in ("C", "D") if v in variables)]:
        lines = _lines(table[table["variable"] == variable], by="group", value="value")
        numbered = tuple(Line(n, v, k - 1) for k, (n, v) in enumerate(lines))
        name = f"chart_{variable}" if variable in ("C", "D") else "chart_index"
        title = text.t(f"excel.{name}", system=shortened(variable, MOST_TITLE))
        yield Chart(title, "groups", text.t(f"excel.{name}_axis"), numbered)


def _classes(table: pd.DataFrame) -> Iterator[Chart]:
    """How many regions stand in each class; classes in which none ever stands are left out."""
    if table.empty or not {"class", "year", "count"} <= set(table.columns):
        return
    lines = _lines(table, by="class", value="count")
    shown = tuple(Line(n, v, k) for k, (n, v) in enumerate(lines) if v.sum() > 0)
    title, axis = text.t("excel.chart_classes"), text.t("excel.chart_classes_axis")
    yield Chart(title, "classes", axis, shown, kind="stack", classes=len(lines))


def _moran(table: pd.DataFrame) -> Iterator[Chart]:
    """Moran's I of each variable, and what is expected of it without autocorrelation."""
    if table.empty or not {"variable", "year", "I", "expected"} <= set(table.columns):
        return
    variables = _lines(table, by="variable", value="I")
    said = text.texts("excel", text.current())
    lines = [Line(said.get(f"variable_{n}", n), v, k) for k, (n, v) in enumerate(variables)]
    expected = table.drop_duplicates("year").set_index("year")["expected"].sort_index()
    lines.append(Line(text.t("excel.expected"), expected, -2))
    yield Chart(text.t("excel.chart_moran"), "moran", text.t("excel.chart_moran_axis"), tuple(lines))


def _lines(table: pd.DataFrame, *, by: str, value: str) -> list[tuple[str, pd.Series[float]]]:
    """Values by year of every name in a column, in the order in which they stand; two of one name are two."""
    again = table.groupby([by, "year"], sort=False, dropna=False).cumcount().rename("again")
    parts = table.groupby([by, again], sort=False, dropna=False)
    return [(str(name), part.set_index("year")[value].astype(float).sort_index()) for (name, _), part in parts]
