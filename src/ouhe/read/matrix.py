"""Spatial weights that somebody else made: a matrix, a list of links, or a GAL file, matched to regions by name."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ouhe.errors import DataError, OuheWarning, Place, Problem, check_choice, listed
from ouhe.neighbours import Neighbours, Style
from ouhe.read.gal import read_gal
from ouhe.read.links import Links
from ouhe.read.matrix_names import Asked, Matched, Order, match
from ouhe.read.matrix_sheet import MOST_TOLD, read_sheet
from ouhe.read.reading import ReadOptions
from ouhe.read.sheets import OpenSheet, blank, open_sheets
from ouhe.regions import RegionSet

__all__ = ["read_matrix"]

#: How far weights may differ by rounding in the file.
_ROUNDING = 1e-6


def read_matrix(
    path: str | Path,
    regions: RegionSet,
    *,
    file: str | None = None,
    aliases: Mapping[str, str] | None = None,
    sheet: str | None = None,
    order: Order | None = None,
    allow_negative: bool = False,
    style: Style = "row",
    name: str | None = None,
) -> Neighbours:
    r"""Spatial weights from a file: CSV, XLSX and other workbooks, Stata, or GAL.

    A table is a square matrix, or a list with the columns region, neighbour and weight. Rows and columns are matched
    to regions by their names and put in the order of the region set. A matrix that names its rows or its columns
    only is taken to have both in one order. Nothing tells whose rows a matrix without names holds, or one that only
    numbers them, so `order` must say it. In a list, a region that is not named has no neighbours.

    Parameters
    ----------
    path
        The file; one that ends in ``.gal`` is a GAL file, any other a table.
    regions
        The regions studied.
    file
        Its name in messages; the path's own when left out.
    aliases
        Names in the file → region, besides those of the set.
    sheet
        The sheet of a workbook that holds more than one.
    order
        ``"as-listed"`` (the order of the region set) or the regions in the order of the file.
    allow_negative
        Take weights below 0.
    style
        How the weights are scaled; ``raw`` leaves them as they stand.
    name
        What tables and figures call these weights; the file's name when left out.

    Returns
    -------
    Neighbours
        Weights of all regions of the set, in its order.

    Raises
    ------
    DataError
        The file cannot be read; has another size than there are regions; names no regions and no `order` is given;
        names regions that are unknown, missing or doubled; holds cells that are empty or no number, weights below 0,
        a diagonal that is not 0, a link twice, or no link at all. All problems are told together.
    OptionError
        `order` is given for a file that names its regions, or there is no such style.

    Warns
    -----
    OuheWarning
        Regions outside the set were cut; rows and columns stand in another order than the set's, or than each other;
        only one of them is named; links lead one way only, or have two weights; regions have no neighbour.

    Examples
    --------
    >>> import tempfile
    >>> from ouhe import regions
    >>> china = regions.load("china-provinces").without(regions.load("china-provinces").ids[3:])
    >>> path = Path(tempfile.mkdtemp()) / "touch.csv"
    >>> _ = path.write_text("地区,北京,天津,河北\n北京市,0,1,1\n天津市,1,0,1\n河北省,1,1,0\n", encoding="utf-8")
    >>> read_matrix(path, china)
    Neighbours('touch': 3 regions, 3 pairs)
    """
    check_choice("style", style, Style)
    path = Path(path)
    file = path.name if file is None else file
    asked = Asked(file, regions, ReadOptions(aliases=aliases or {}, sheet=sheet), order)
    links = _links(path, asked)
    matched = match(links, asked)
    placed = _placed(links, matched)
    problems = [*links.problems, *matched.problems, *_wrong(links, matched, asked, allow_negative=allow_negative)]
    if not links.whole or path.suffix.lower() == ".gal":
        problems += _twice(links, placed, asked)
    if problems:
        raise DataError(*problems)
    kept = (placed >= 0).all(axis=0)
    ends, weights = placed[:, kept], links.weight[kept]
    matrix = sparse.coo_array((weights, (ends[0], ends[1])), shape=(len(regions), len(regions))).tocsr()
    if not matrix.nnz:
        raise DataError.of("neighbours.matrix_no_links", Place(file))
    raw = Neighbours(regions.ids, matrix, "raw", path.stem if name is None else name)
    _tell(raw, matched, file)
    return raw.styled(style)


def _links(path: Path, asked: Asked) -> Links:
    if path.suffix.lower() == ".gal":
        return read_gal(path, file=asked.file)
    sheets = open_sheets(path, file=asked.file, options=asked.options)
    return read_sheet(_only(sheets, asked.file), regions=asked.regions, options=asked.options)


def _only(sheets: list[OpenSheet], file: str) -> OpenSheet:
    """The one sheet that holds anything."""
    held = [s for s in sheets if s.grid.size and not blank(s.grid).all()]
    if not held:
        raise DataError.of("errors.empty_file", Place(file))
    if len(held) > 1:
        raise DataError.of("neighbours.matrix_several_sheets", Place(file), sheets=listed(s.name for s in held))
    return held[0]


def _placed(links: Links, matched: Matched) -> NDArray[np.int64]:
    """Region of both ends of every link ``(2, links)``; −1 outside the set or where not known."""
    if matched.rows is None or matched.columns is None:
        return np.full((2, len(links.weight)), -1, dtype=np.int64)
    return np.stack([matched.rows[links.row], matched.columns[links.column]])


def _wrong(links: Links, matched: Matched, asked: Asked, *, allow_negative: bool) -> Iterator[Problem]:
    """Go through what is wrong with the weights themselves."""
    below = np.flatnonzero(links.weight < 0.0)
    if len(below) and not allow_negative:
        yield Problem("neighbours.matrix_negative", asked.place, _said(links, below))
    placed = _placed(links, matched)
    if matched.rows is None:  # whose rows these are is not known, but where the diagonal lies
        own = np.flatnonzero((links.row == links.column) & (links.shape[0] == links.shape[1]))
    else:  # a region that stands twice would meet itself off the diagonal
        own = np.flatnonzero((placed[0] == placed[1]) & (placed[0] >= 0) & (not matched.problems))
    if len(own):
        yield Problem("neighbours.matrix_diagonal", asked.place, _said(links, own))


def _twice(links: Links, placed: NDArray[np.int64], asked: Asked) -> Iterator[Problem]:
    """Go through links that a list holds twice, under whatever names."""
    first: dict[tuple[int, int], int] = {}
    for k, (i, j) in enumerate(placed.T.tolist()):
        if min(i, j) < 0:
            continue
        before = first.setdefault((i, j), k)
        if before != k:
            ids = asked.regions.ids
            said = {"region": ids[i], "neighbour": ids[j], "first": links.place(before)}
            yield Problem("neighbours.matrix_pair_twice", links.place(k), said)


def _said(links: Links, at: NDArray[np.int64]) -> dict[str, object]:
    places = [links.place(int(k)) for k in at[:MOST_TOLD]]
    return {"count": len(at), "cells": listed((p.cell or p for p in places), most=MOST_TOLD, count=len(at))}


def _tell(weights: Neighbours, matched: Matched, file: str) -> None:
    """Warn of what was done and of what looks wrong."""

    def tell(key: str, **params: object) -> None:
        warnings.warn(OuheWarning(Problem(key, Place(file), params)), stacklevel=4)

    if matched.outside:
        tell("neighbours.matrix_outside", count=len(matched.outside), regions=listed(matched.outside))
    for key in matched.notices:
        tell(key)
    one_way = _pairs(weights.styled("binary").matrix - weights.styled("binary").matrix.T, weights, positive=True)
    if one_way:
        tell("neighbours.matrix_one_way", count=len(one_way), pairs=listed(one_way))
    sums = np.asarray(weights.matrix.sum(axis=1)).ravel()
    scaled = np.abs(sums[weights.degrees > 0] - 1.0) <= _ROUNDING
    if not scaled.all():
        unequal = _pairs(_differing(weights), weights, positive=False)
        if unequal:
            tell("neighbours.matrix_unequal", count=len(unequal), pairs=listed(unequal))
    if weights.isolates:
        tell("neighbours.isolates", count=len(weights.isolates), regions=listed(weights.isolates), name=weights.name)


def _differing(weights: Neighbours) -> sparse.csr_array:
    """Where both of two regions are neighbours with different weights."""
    w = weights.matrix
    both = weights.styled("binary").matrix.multiply(weights.styled("binary").matrix.T)
    gap = abs(w - w.T).multiply(both).tocsr()
    gap.data[gap.data <= _ROUNDING * np.abs(w.data).max()] = 0.0
    return sparse.csr_array(sparse.triu(gap))


def _pairs(found: sparse.csr_array, weights: Neighbours, *, positive: bool) -> list[str]:
    """Pairs of regions where an array is above 0, or is not 0."""
    cells = found.tocoo()
    held = cells.data > 0.0 if positive else cells.data != 0.0
    return [f"{weights.regions[i]}–{weights.regions[j]}" for i, j in zip(cells.row[held], cells.col[held], strict=True)]
