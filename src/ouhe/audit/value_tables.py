"""Tables of values by region and year, of means, of growth rates; and numbers that stand in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ouhe.audit.facts import At, Facts, Table
from ouhe.audit.paper import Statement
from ouhe.audit.published import DimensionWeight, Growth, Label, Mean, MoranRow, MoranTable
from ouhe.audit.tables import Row, missing
from ouhe.errors import Place
from ouhe.regions.names import name_key

__all__ = ["growth", "means", "statement", "values"]

_LABELS = ("class", "lag", "rank")


class _Cell(NamedTuple):
    """A cell with what its row, its column and the paper file say that it is of."""

    text: str
    column: str
    variable: str
    scope: str
    when: str


def _cells(row: Row, table: Table) -> Iterator[_Cell]:
    """Cells of a row that hold numbers."""
    entry = table.entry
    variable = row.get("variable") or entry.variable or ""
    scope = row.get("scope") or row.get("region") or entry.scope or ""
    when = row.get("year") or row.get("period") or entry.period or ""
    for column, cell in row.cells.items():
        kind, colon, rest = column.partition(":")
        if missing(cell) or not (column == "value" or (colon and kind in ("variable", "year", "scope"))):
            continue
        of = {"variable": variable, "scope": scope, "year": when} | ({kind: rest} if colon else {})
        yield _Cell(cell, column, of["variable"], of["scope"], of["year"])


def values(table: Table, facts: Facts) -> None:
    """Values by region and year, in long or wide form; rows of groups and of the nation are means."""
    names, region = facts.names, ""
    for row in table.rows():
        region = row.get("region") or region or table.entry.scope or ""
        if not region or all(missing(c) for m, c in row.cells.items() if m not in ("region", "year", "period")):
            continue
        for cell in _cells(row, table):
            variable, years = names.variable(cell.variable, row.place), names.period(cell.when, row.place)
            if variable is None or years is None:
                return  # told once: the rows below would say the same
            printed = names.printed(cell.text, row.place, percent=table.percent(cell.column))
            facts.value(variable, printed, At(region, years, row, table.where))
        _labels(region, row, table, facts)


def _labels(region: str, row: Row, table: Table, facts: Facts) -> None:
    """Class, lag type and rank of a region in a year."""
    said = [(kind, row.cells[kind].strip()) for kind in _LABELS if row.get(kind)]
    years = facts.names.period(row.get("year") or table.entry.period or "", row.place) if said else None
    if years is None or years.first != years.last or name_key(region) in facts.names.scopes:
        return
    found = facts.names.region(region, row.place)
    for kind, text in said if found else ():
        facts.labels.append(Label(kind, found, years.first, text, table.where))  # type: ignore[arg-type]


def means(table: Table, facts: Facts) -> None:
    """Means over groups or all regions, in long or wide form."""
    names = facts.names
    for row in table.rows():
        for cell in _cells(row, table):
            variable, scope = names.variable(cell.variable, row.place), names.scope(cell.scope, row.place)
            years = names.period(cell.when, row.place)
            printed = names.printed(cell.text, row.place, percent=table.percent(cell.column))
            if variable and scope and years and printed:
                facts.means.append(Mean(variable, scope, years.first, years.last, printed, table.where))


def growth(table: Table, facts: Facts) -> None:
    """Annual rates of growth."""
    names = facts.names
    for row in table.rows():
        for cell in _cells(row, table):
            printed = names.printed(cell.text, row.place, percent=table.percent("value"))
            variable, scope = names.variable(cell.variable, row.place), names.scope(cell.scope, row.place)
            years = names.period(cell.when, row.place)
            if printed and variable and scope and years:
                facts.growths.append(Growth(variable, scope, years.first, years.last, printed, table.where))


def statement(said: Statement, place: Place, facts: Facts) -> None:
    """A number in a sentence."""
    names, where = facts.names, said.where or str(place)
    printed = names.printed(said.value, place, percent=said.unit == "%")
    if printed is None:
        return
    if said.quantity == "dimension-weight":
        system = names.system(said.of, place)
        if system:
            facts.dimension_weights.append(DimensionWeight(system, said.scope or "", printed, where))
        return
    variable, years = names.variable(said.of, place), names.period(said.period or "", place)
    if variable is None or years is None:
        return
    if said.quantity == "moran":
        row = MoranRow(variable, said.period or "", printed, None, None, None, None, None, where)
        facts.morans.append(MoranTable((row,), None, None, None, where))
    elif said.quantity == "value":
        facts.value(variable, printed, At(said.scope or "", years, Row({}, place), where))
    else:
        _over_scope(said, Mean(variable, "", *years, printed, where), place, facts)


def _over_scope(said: Statement, found: Mean, place: Place, facts: Facts) -> None:
    """A mean or a rate of growth over a scope."""
    scope = facts.names.scope(said.scope or "", place)
    if scope is None:
        return
    of = (found.variable, scope, found.first, found.last, found.value, found.where)
    if said.quantity == "growth":
        facts.growths.append(Growth(*of))
    else:
        facts.means.append(Mean(*of))
