"""The rows of a yearbook table: which are regions, which are totals and notes, and which nobody knows."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ouhe.errors import Problem
from ouhe.read.reading import LeftOut, Match, Source
from ouhe.read.values import number, plain
from ouhe.read.workbook import Sheet
from ouhe.read.yearbook_layout import Layout
from ouhe.regions import Recognition, RegionSet
from ouhe.regions.names import name_key

__all__ = ["Rows", "read_rows"]

_NOTE = re.compile(r"[注*]|note|source|数据来源|资料来源|来源[::]", re.IGNORECASE)


@dataclass(frozen=True)
class Rows:
    """Rows of a table by what stands in the column of regions.

    Parameters
    ----------
    regions
        Region → its rows; more than one where it stands twice.
    left_out, matches, problems
        As in :class:`~ouhe.read.reading.Reading`.
    """

    regions: Mapping[str, tuple[int, ...]]
    left_out: tuple[LeftOut, ...]
    matches: tuple[Match, ...]
    problems: tuple[Problem, ...]


def read_rows(sheet: Sheet, layout: Layout, *, regions: RegionSet, aliases: Mapping[str, str], source: Source) -> Rows:
    """Sort the rows of a table; an unknown name beside figures, or among the regions, is a problem."""
    labels = {r: sheet.rows[r][layout.region_column] for r in range(layout.first_row, len(sheet.rows))}
    known = {r: regions.recognise(label, aliases) for r, label in labels.items() if plain(label)}
    last = max((r for r, found in known.items() if found.kind != "unknown"), default=-1)
    rows: dict[str, tuple[int, ...]] = {}
    left_out: list[LeftOut] = []
    matches: list[Match] = []
    problems: list[Problem] = []
    for row, label in labels.items():
        found, text = known.get(row), " ".join(plain(label).split())
        if found is not None and found.region is not None:
            rows[found.region] = (*rows.get(found.region, ()), row)
            if name_key(label) != name_key(found.region):
                matches.append(Match(text, found.region, found.how))
        elif found is not None and found.kind != "unknown":
            left_out.append(LeftOut(0, text, found.how, row))
        elif wrong := _wrong(found, label, _beside(sheet, layout, row), among=row < last):
            place = source.place(row, layout.region_column)
            problems.append(Problem(wrong, place, {"label": text, "nearest": regions.nearest(text)}))
        elif found is not None:
            left_out.append(LeftOut(0, text, "footer", row))
    return Rows(rows, tuple(left_out), tuple(dict.fromkeys(matches)), tuple(problems))


def _beside(sheet: Sheet, layout: Layout, row: int) -> list[object]:
    """Cells of a row that hold something, in the columns of figures."""
    data = (*(c.index for c in layout.columns), *layout.bare)
    return [cell for c in data if plain(cell := sheet.rows[row][c])]


def _wrong(found: Recognition | None, label: object, beside: Sequence[object], *, among: bool) -> str | None:
    """Key of the problem with a row whose name is empty or not known; None for notes and gaps."""
    figures = any(_is_figure(cell) for cell in beside)
    if found is None:
        return "yearbook.unlabelled_row" if figures else None
    suspicious = figures or (among and bool(beside))
    return "yearbook.unknown_region" if suspicious and (figures or not _NOTE.match(plain(label))) else None


def _is_figure(cell: object) -> bool:
    value = number(cell)
    return value is not None and not math.isnan(value)
