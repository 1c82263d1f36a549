"""The rows of a yearbook table: which are regions, which are totals and notes, and which nobody knows."""

from __future__ import annotations

import math
import re

import numpy as np

from ouhe.read.labels import Recognised, recognise
from ouhe.read.reading import ReadOptions
from ouhe.read.sheets import OpenSheet
from ouhe.read.values import number, plain
from ouhe.read.yearbook_layout import Layout
from ouhe.regions import RegionSet

__all__ = ["recognise_rows"]

_NOTE = re.compile(r"[注*]|note|source|数据来源|资料来源|来源[::]", re.IGNORECASE)


def recognise_rows(sheet: OpenSheet, layout: Layout, *, regions: RegionSet, options: ReadOptions) -> Recognised:
    """Recognise the labels of the body; an unknown name beside figures, or among the regions, is a problem."""
    rows = range(layout.first_row, len(sheet.rows))
    labels = [sheet.rows[r][layout.region_column] for r in rows]
    known = [bool(plain(c)) and regions.recognise(c, options.aliases).kind != "unknown" for c in labels]
    last = max((i for i, is_known in enumerate(known) if is_known), default=-1)
    among = [i < last and not _NOTE.match(plain(c)) for i, c in enumerate(labels)]
    holds = np.array([_holds(sheet, layout, r, among=a) for r, a in zip(rows, among, strict=True)], dtype=np.bool_)
    at = [(r, layout.region_column) for r in rows]
    return recognise(labels, holds, at=at, source=sheet.source, regions=regions, options=options)


def _holds(sheet: OpenSheet, layout: Layout, row: int, *, among: bool) -> bool:
    """Whether a row holds figures or, `among` the regions and beside a name, a sign in the place of one."""
    beside = [cell for c in (*(c.index for c in layout.columns), *layout.bare) if plain(cell := sheet.rows[row][c])]
    named = bool(plain(sheet.rows[row][layout.region_column]))
    return any(map(_is_figure, beside)) or (among and named and bool(beside))


def _is_figure(cell: object) -> bool:
    value = number(cell)
    return value is not None and not math.isnan(value)
