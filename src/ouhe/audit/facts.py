"""Facts as they are found, and a table under way: what its columns mean, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ouhe.audit.naming import Naming, Years
from ouhe.audit.paper import TableEntry
from ouhe.audit.printed import Printed
from ouhe.audit.published import DimensionWeight, Growth, Label, Mean, MoranTable, Weight
from ouhe.audit.tables import Row, Sheet, header_names, heading
from ouhe.regions.names import name_key

__all__ = ["At", "Facts", "Table", "understood"]


@dataclass(frozen=True, slots=True)
class At:
    """What a number is of: a region or scope as the paper calls it, and years; with its place in file and paper."""

    said: str
    years: Years
    row: Row
    where: str


@dataclass(eq=False)
class Facts:
    """Facts as they are found."""

    names: Naming
    weights: list[Weight] = field(default_factory=list)
    dimension_weights: list[DimensionWeight] = field(default_factory=list)
    morans: list[MoranTable] = field(default_factory=list)
    means: list[Mean] = field(default_factory=list)
    growths: list[Growth] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    cells: dict[tuple[str, str, int], tuple[Printed, str]] = field(default_factory=dict)
    twice: list[tuple[str, Printed, Printed, str, str]] = field(default_factory=list)

    def value(self, variable: str, printed: Printed | None, at: At) -> None:
        """Keep a value of a region in a year, or the mean of a scope."""
        if printed is None:
            return
        scope = self.names.scopes.get(name_key(at.said))
        if scope is None:
            region = self.names.region(at.said, at.row.place)
            if region is None:
                return
            if at.years.first == at.years.last:
                self._cell((variable, region, at.years.first), printed, at.where)
                return
            scope = f"region:{region}"
        self.means.append(Mean(variable, scope, at.years.first, at.years.last, printed, at.where))

    def _cell(self, key: tuple[str, str, int], printed: Printed, where: str) -> None:
        if key in self.cells:
            earlier, there = self.cells[key]
            self.twice.append((" ".join(map(str, key)), earlier, printed, there, where))
        else:
            self.cells[key] = (printed, where)


@dataclass(frozen=True)
class Table:
    """A table under way.

    Parameters
    ----------
    entry
        What the paper file says about it.
    sheet
        Its texts.
    meanings
        What each column holds: ``weight``, ``variable:C``, ``year:2010``, ``scope:nation``, ``other:…``.
    where
        Where it stands in the paper.
    """

    entry: TableEntry
    sheet: Sheet
    meanings: tuple[str, ...]
    where: str

    def rows(self) -> Iterator[Row]:
        """Rows by the meaning of their columns."""
        for texts, place in zip(self.sheet.rows, self.sheet.places, strict=True):
            yield Row(dict(zip(self.meanings, texts, strict=True)), place)

    def percent(self, column: str) -> bool:
        """Whether a column is in per cent, by the paper file or by its head."""
        if self.entry.unit == "%" or column not in self.meanings:
            return self.entry.unit == "%"
        head = self.sheet.header[self.meanings.index(column)]
        return "%" in head or "％" in head


def understood(entry: TableEntry, number: int, sheet: Sheet, names: Naming) -> Table:
    """A table with the meaning of each of its columns: what the paper file says, or the usual names."""
    said = {name_key(head): column for column, head in entry.columns.items()}
    heads = {name_key(h) for h in sheet.header}
    for column, head in entry.columns.items():
        if name_key(head) not in heads:
            names.tell("audit.no_such_head", sheet.place, column=column, head=head, header=", ".join(sheet.header))
    meanings = [_meaning(head, said, entry, names) for head in sheet.header]
    if meanings and not sheet.header[0].strip():  # the head above the names of rows is often left empty
        meanings[0] = "region" if entry.kind == "values" else "scope"
    twice = sorted({m for m in meanings if meanings.count(m) > 1 and not m.startswith("other:")})
    for column in twice:
        names.tell("audit.column_twice", sheet.place, column=column, header=", ".join(sheet.header))
    where = entry.where or str(names.loaded.document.place("tables", number))
    return Table(entry, sheet, tuple(meanings), where)


def _meaning(head: str, said: Mapping[str, str], entry: TableEntry, names: Naming) -> str:
    """What a column holds."""
    key = heading(head)
    usual = said.get(name_key(head)) or header_names("columns").get(key)
    if name_key(head) in said:
        named = said[name_key(head)]
        return f"variable:{names.variables[name_key(named)]}" if name_key(named) in names.variables else named
    year = key.removesuffix("年")
    if entry.kind in ("values", "means") and key in names.variables:
        return f"variable:{names.variables[key]}"
    if entry.kind in ("values", "means") and year.isdigit() and len(year) == 4:
        return f"year:{year}"
    if entry.kind == "means" and key in names.scopes:
        return f"scope:{names.scopes[key]}"
    if usual == "scope" and entry.kind == "values":
        return "region"
    return usual or f"other:{head}"
