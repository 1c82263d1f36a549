"""Raw data of the indicators that a paper's weights were made from."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ouhe.audit.naming import Naming
from ouhe.audit.published import Weight
from ouhe.audit.tables import Sheet, header_names, heading, missing, open_file
from ouhe.errors import OuheError, Place, did_you_mean
from ouhe.regions.names import name_key

__all__ = ["read_raw"]


def read_raw(names: Naming, weights: Sequence[Weight], sources: dict[str, str]) -> pd.DataFrame | None:
    """Values by region and year, one column an indicator that has a weight; problems are kept in `names`."""
    said = names.loaded.paper.raw
    if said is None:
        return None
    at = names.loaded.document.place("raw")
    try:
        sheet = open_file(said.path, said.sheet, names.loaded, at)
    except OuheError as error:
        names.problems += error.problems
        return None
    assert sheet.source is not None
    sources[sheet.source[0]] = sheet.source[1]
    heads = {name_key(h): i for i, h in enumerate(sheet.header)}
    usual = {header_names("columns").get(heading(h)): i for i, h in reversed(list(enumerate(sheet.header)))}
    where = {
        kind: heads.get(name_key(asked)) if asked else usual.get(kind)
        for kind, asked in (("region", said.region), ("year", said.year))
    }
    for kind, position in where.items():
        if position is None:
            names.tell("audit.raw_no_column", at, column=kind, header=", ".join(sheet.header[:12]))
    columns = {}
    for weight in weights:
        head = said.columns.get(weight.indicator, weight.indicator)
        if name_key(head) in heads:
            columns[weight.indicator] = heads[name_key(head)]
        else:
            names.tell("audit.raw_no_indicator", at, indicator=head, near=did_you_mean(head, sheet.header))
    if None in where.values() or len(columns) < len(weights):
        return None
    return _values(sheet, columns, int(where["region"] or 0), int(where["year"] or 0), names)


def _values(sheet: Sheet, columns: dict[str, int], region: int, year: int, names: Naming) -> pd.DataFrame | None:
    before, years = len(names.problems), set(names.loaded.paper.years)
    found = []
    for row, place in zip(sheet.rows, sheet.places, strict=True):
        if not row[year].strip().isdigit() or int(row[year]) not in years:
            continue
        found.append({c: _number(row[i], c, place, names) for c, i in columns.items()})
        names.region(row[region], place)
    expected = names.count * len(years)
    if len(names.problems) == before and len(found) != expected:
        names.tell("audit.raw_rows", sheet.place, found=len(found), expected=expected, count=names.count)
    return pd.DataFrame(found) if len(names.problems) == before else None


def _number(cell: str, column: str, place: Place, names: Naming) -> float:
    try:
        return float("no number" if missing(cell) else cell.replace(",", ""))
    except ValueError:
        names.tell("audit.raw_not_a_number", place, column=column, text=cell)
        return float("nan")
