"""From the tables and statements of a paper file to facts; whatever is not understood is told, all at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ouhe.audit import moran_tables, value_tables, weight_tables
from ouhe.audit.facts import Facts, Table, understood
from ouhe.audit.interval import Interval
from ouhe.audit.load import Loaded
from ouhe.audit.matrices import matrices
from ouhe.audit.naming import naming
from ouhe.audit.published import Grid, Published
from ouhe.audit.raw import read_raw
from ouhe.audit.schemes import levels
from ouhe.audit.tables import check_columns, open_table
from ouhe.errors import OuheError, StudyError

__all__ = ["Gathered", "gather"]

#: Kind of table → columns that it must have, and what reads it.
_KINDS: Mapping[str, tuple[tuple[str, ...], Callable[[Table, Facts], None]]] = {
    "weights": (("indicator", "weight"), weight_tables.weights),
    "dimension-weights": (("dimension", "weight"), weight_tables.dimension_weights),
    "moran": (("I",), moran_tables.moran),
    "values": (("region",), value_tables.values),
    "means": ((), value_tables.means),
    "growth": (("value",), value_tables.growth),
}


@dataclass(frozen=True, eq=False)
class Gathered:
    """Facts, and the files that they were read from."""

    published: Published
    sources: Mapping[str, str]


def gather(loaded: Loaded) -> Gathered:
    """Facts of a paper.

    Raises
    ------
    StudyError
        Files, columns, names or numbers that cannot be taken; all are told, with their places.
    """
    facts = Facts(naming(loaded))
    sources: dict[str, str] = {}
    for number, entry in enumerate(loaded.paper.tables):
        try:
            sheet = open_table(entry, number, loaded)
        except OuheError as error:
            facts.names.problems += error.problems
            continue
        if sheet.source:
            sources[sheet.source[0]] = sheet.source[1]
        needed, read = _KINDS[entry.kind]
        table = understood(entry, number, sheet, facts.names)
        lacking = list(check_columns(table.meanings, needed, sheet))
        facts.names.problems += lacking
        if not lacking:
            read(table, facts)
    for number, statement in enumerate(loaded.paper.statements):
        value_tables.statement(statement, loaded.document.place("statements", number), facts)
    published = _published(facts, sources)
    if facts.names.problems:
        raise StudyError(*facts.names.problems)
    return Gathered(published, sources)


def _published(facts: Facts, sources: dict[str, str]) -> Published:
    names, paper = facts.names, facts.names.loaded.paper
    held, named = matrices(names, sources)
    raw = read_raw(names, facts.weights, sources)
    return Published(
        count=names.count,
        years=paper.years,
        systems=tuple(paper.systems),
        sizes=names.sizes,
        members=names.members,
        names=names.labels,
        formulas=paper.formulas,
        levels=levels(paper.classes, names.loaded.lang),
        weights=tuple(facts.weights),
        dimension_weights=tuple(facts.dimension_weights),
        morans=tuple(facts.morans),
        means=tuple(facts.means),
        growths=tuple(facts.growths),
        labels=tuple(facts.labels),
        grid=_grid(facts),
        twice=tuple(facts.twice),
        matrices=held,
        matrix_named=named,
        lag_labels=paper.lag_labels,
        raw=raw,
        raw_where=paper.raw.path if paper.raw else "",
    )


def _grid(facts: Facts) -> Grid:
    """All values by region and year, regions in the order of the paper file."""
    present = {region for _, region, _ in facts.cells}
    regions = tuple(r for r in facts.names.regions.values() if r in present)
    years = tuple(sorted({year for _, _, year in facts.cells}))
    row, column = {r: i for i, r in enumerate(regions)}, {t: i for i, t in enumerate(years)}
    shape = (len(regions), len(years))
    low: dict[str, np.ndarray] = {}
    high: dict[str, np.ndarray] = {}
    texts: dict[str, np.ndarray] = {}
    where: dict[str, str] = {}
    for (variable, region, year), (printed, place) in facts.cells.items():
        if variable not in low:
            low[variable], high[variable] = np.full(shape, np.nan), np.full(shape, np.nan)
            texts[variable], where[variable] = np.full(shape, "", dtype=object), place
        i, t = row[region], column[year]
        ends = printed.interval
        low[variable][i, t], high[variable][i, t], texts[variable][i, t] = ends.low, ends.high, printed.text
    values = {v: Interval(low[v], high[v]) for v in low}
    return Grid(regions, years, values, texts, where)
