"""Tables of Moran's I, with z, p and stars."""

from __future__ import annotations

from collections.abc import Mapping

from ouhe.audit.facts import Facts, Table
from ouhe.audit.printed import STARS, Printed
from ouhe.audit.published import MoranRow, MoranTable
from ouhe.audit.tables import Row, missing
from ouhe.regions.names import name_key

__all__ = ["moran"]

_NUMBERS = ("I", "expected", "sd", "z", "p")


def moran(table: Table, facts: Facts) -> None:
    """Rows of a table of Moran's I."""
    names, rows = facts.names, []
    for row in table.rows():
        said = row.get("variable") or table.entry.variable or ""
        numbers = {k: names.printed(row.get(k), row.place) for k in _NUMBERS}
        if not any(numbers.values()):
            continue
        stars = _stars(row, numbers, facts, table)
        year = row.get("year") or table.entry.period or ""
        if year and names.period(year, row.place) is None:
            continue  # what is wrong with it was told
        where = f"{table.where}, {year}" if year else table.where
        statistic = numbers.pop("I")
        variable = names.variables.get(name_key(said), said)
        rows.append(MoranRow(variable, year, statistic, **numbers, stars=stars, where=where))
    if rows:
        entry = table.entry
        explained = _thresholds(entry.stars or names.loaded.paper.stars)
        facts.morans.append(MoranTable(tuple(rows), entry.sided, entry.variance, explained, table.where))


def _stars(row: Row, numbers: Mapping[str, Printed | None], facts: Facts, table: Table) -> int | None:
    """How many stars a row has; None where the table shows none at all."""
    if "stars" in row.cells:
        said = "".join(row.cells["stars"].split())
        if said.strip(STARS) and not missing(said):
            facts.names.tell("audit.not_stars", row.place, text=row.cells["stars"])
        return sum(said.count(star) for star in STARS)
    columns = [table.meanings.index(k) for k in ("I", "z", "p") if k in table.meanings]
    if not any(star in cells[i] for star in STARS for cells in table.sheet.rows for i in columns):
        return None
    return max((n.stars for n in numbers.values() if n is not None), default=0)


def _thresholds(said: Mapping[str, float] | None) -> tuple[float, ...] | None:
    """Greatest p of one star, of two, of three; a number of stars that is not used has the p of the next."""
    if not said:
        return None
    limits = {len(stars): p for stars, p in said.items()}
    return tuple(max(p for count, p in limits.items() if count >= k) for k in range(1, max(limits) + 1))
