"""Spatial weights in a sheet: a square matrix with or without names, or a list of links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ouhe.errors import DataError, Problem, cell_name, listed
from ouhe.read.headers import label
from ouhe.read.links import Label, Links, numbering
from ouhe.read.reading import ReadOptions, Source
from ouhe.read.sheets import OpenSheet, blank
from ouhe.read.values import number
from ouhe.regions import RegionSet

__all__ = ["MOST_TOLD", "read_sheet"]

_PLAIN = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)

#: How many cells of one fault are named.
MOST_TOLD = 5


def read_sheet(sheet: OpenSheet, *, regions: RegionSet, options: ReadOptions) -> Links:
    """Links of a sheet.

    A list has three columns: region, neighbour, weight, under a header or not. Everything else is a matrix: its first
    row or column are labels where most of their cells are words, or where they number the regions.

    Parameters
    ----------
    sheet
        The opened sheet.
    regions, options
        The set of regions and the user's names for them, by which labels that are numbers are told from weights.

    Raises
    ------
    DataError
        The sheet holds nothing that could be a matrix.
    """
    part = _Part.of(sheet)
    if min(part.cells.shape) < 2:
        rows, columns = part.cells.shape
        params = {"rows": rows, "columns": columns, "regions": len(regions)}
        raise DataError.of("neighbours.wrong_size", sheet.source.place(), **params)
    return _list(part) if _is_list(part, regions, options) else _square(part, regions, options)


@dataclass(frozen=True, eq=False)
class _Part:
    """The cells of a sheet that hold anything, without notes above."""

    cells: NDArray[np.object_]
    source: Source
    top: int
    left: int
    second: tuple[str, ...]

    @classmethod
    def of(cls, sheet: OpenSheet) -> _Part:
        filled = ~blank(sheet.grid)
        rows, columns = np.flatnonzero(filled.any(axis=1)), np.flatnonzero(filled.any(axis=0))
        # lines of notes hold one cell that begins with #
        notes = [r for r in rows if filled[r].sum() == 1 and label(sheet.grid[r][filled[r]][0]).startswith("#")]
        rows = np.setdiff1d(rows, notes)
        if not len(rows):
            return cls(np.empty((0, 0), dtype=object), sheet.source, 0, 0, ())
        top, left = int(rows[0]), int(columns[0])
        second = sheet.labels[left : columns[-1] + 1]
        return cls(sheet.grid[top : rows[-1] + 1, left : columns[-1] + 1], sheet.source, top, left, second)

    def at(self, row: int, column: int) -> tuple[int, int]:
        """Row and column in the sheet."""
        return self.top + row, self.left + column

    def labels(self, texts: Sequence[str], at: Sequence[tuple[int, int]]) -> tuple[Label, ...]:
        """Texts with their places."""
        return tuple(Label(t, self.source.place(*self.at(*a))) for t, a in zip(texts, at, strict=True))


def _is_list(part: _Part, regions: RegionSet, options: ReadOptions) -> bool:
    """Whether a sheet is a list of links: three columns, the first two of words, and more rows than a matrix has."""
    if part.cells.shape[1] != 3:
        return False
    first = [label(c) for c in part.cells[0]]
    if any(not _is_word(t) for t in first[:2]):
        return False
    if _is_word(first[2]):  # a header, unless it names regions
        return all(regions.recognise(t, options.aliases).region is None for t in first)
    return number(first[2]) is not None and len(part.cells) > 3


def _list(part: _Part) -> Links:
    start = int(_is_word(label(part.cells[0, 2])))
    body = part.cells[start:]
    weights, problems = _numbers(body[:, 2:], part, start, 2)
    ends = [[label(c) for c in row] for row in body[:, :2]]
    problems += [
        Problem("neighbours.matrix_no_name", part.source.place(*part.at(start + i, j)))
        for i, pair in enumerate(ends)
        for j, text in enumerate(pair)
        if not text
    ]
    position: dict[str, int] = {}
    first: list[tuple[int, int]] = []
    for i, pair in enumerate(ends):
        for j, text in enumerate(pair):
            if text and text not in position:
                position[text] = len(first)
                first.append((start + i, j))
    named = part.labels(list(position), first)
    held = [i for i, pair in enumerate(ends) if all(pair) and weights[i, 0] != 0.0]
    return Links(
        shape=(len(position), len(position)),
        rows=named,
        columns=named,
        row=np.array([position[ends[i][0]] for i in held], dtype=np.int64),
        column=np.array([position[ends[i][1]] for i in held], dtype=np.int64),
        weight=weights[held, 0],
        place=lambda k: part.source.place(*part.at(start + held[k], 2)),
        whole=False,
        problems=tuple(problems),
    )


def _square(part: _Part, regions: RegionSet, options: ReadOptions) -> Links:
    height, width = part.cells.shape
    # the corner belongs to the labels only where the other side has none
    top = int(any(_are_labels(part.cells[0, i:], regions, options) for i in (0, 1)))
    side = int(_are_labels(part.cells[top:, 0], regions, options))
    weights, problems = _numbers(part.cells[top:, side:], part, top, side)
    beside = [label(c) for c in part.cells[top:, 0]]
    above = _column_texts(part, side, regions, options)
    row, column = np.nonzero(weights)
    return Links(
        shape=(height - top, width - side),
        rows=part.labels(beside, [(i, 0) for i in range(top, height)]) if side else None,
        columns=part.labels(above, [(0, j) for j in range(side, width)]) if top else None,
        row=row,
        column=column,
        weight=weights[row, column],
        place=lambda k: part.source.place(*part.at(top + int(row[k]), side + int(column[k]))),
        whole=True,
        problems=tuple(problems),
    )


def _column_texts(part: _Part, side: int, regions: RegionSet, options: ReadOptions) -> list[str]:
    """Texts above the columns; in Stata files, their labels where the variables are only numbered."""
    texts = [label(c) for c in part.cells[0, side:]]
    named = list(part.second[side:])
    if named and numbering(texts) is not None and _known(named, regions, options) == len(named):
        return named
    return texts


def _is_word(text: str) -> bool:
    return bool(text) and number(text) is None


def _known(texts: Sequence[str], regions: RegionSet, options: ReadOptions) -> int:
    """How many different regions the texts name."""
    return len({regions.recognise(t, options.aliases).region for t in texts} - {None})


def _are_labels(cells: NDArray[np.object_], regions: RegionSet, options: ReadOptions) -> bool:
    """Whether cells name or number regions; weights that happen to be whole numbers repeat themselves."""
    texts = [label(c) for c in cells]
    if 2 * sum(map(_is_word, texts)) > len(texts):
        return True
    if not all(t.isascii() and t.isdigit() for t in texts) or len(set(texts)) < len(texts):
        return False
    return numbering(texts) is not None or 2 * _known(texts, regions, options) > len(texts)


def _numbers(cells: NDArray[np.object_], part: _Part, top: int, left: int) -> tuple[NDArray[np.float64], list[Problem]]:
    """Weights of cells (0 where there is none), and the cells that are empty or no number."""
    values = _values(cells)
    empty = np.isnan(values)
    wrong = np.isinf(values)
    problems = []
    for i, j in np.argwhere(wrong)[:MOST_TOLD]:
        place = part.source.place(*part.at(top + int(i), left + int(j)))
        problems.append(Problem("neighbours.matrix_not_a_number", place, {"value": label(cells[i, j])[:60]}))
    if wrong.sum() > MOST_TOLD:
        more = {"count": int(wrong.sum()) - MOST_TOLD}
        problems.append(Problem("neighbours.matrix_not_a_number_more", part.source.place(), more))
    if empty.any():
        at = [part.at(top + int(i), left + int(j)) for i, j in np.argwhere(empty)[:MOST_TOLD]]
        params = {
            "count": int(empty.sum()),
            "cells": listed((cell_name(*a) for a in at), most=MOST_TOLD, count=int(empty.sum())),
        }
        problems.append(Problem("neighbours.matrix_blank", part.source.place(), params))
    return np.where(empty | wrong, 0.0, values), problems


def _values(cells: NDArray[np.object_]) -> NDArray[np.float64]:
    """Numbers of cells: NaN where one is empty, infinity where it is no number."""
    flat = cells.ravel().tolist()
    if set(map(type, flat)) <= {float, int}:
        return np.array(flat, dtype=np.float64).reshape(cells.shape)
    return np.array([_value(c) for c in flat], dtype=np.float64).reshape(cells.shape)


def _value(cell: object) -> float:
    # most cells of a text file are this plain, and there may be millions
    if type(cell) is str and _PLAIN.fullmatch(cell):
        return float(cell)
    value = number(cell)
    return np.inf if value is None else value
