"""Neighbours on the lattice of a raster, for rasters small enough for a matrix."""

from __future__ import annotations

import itertools

import numpy as np
import xarray as xr

from ouhe.errors import DataError, check_choice
from ouhe.neighbours.contiguity import Rule
from ouhe.neighbours.weights import Neighbours, Style
from ouhe.panel import inside

__all__ = ["lattice"]

#: Steps to half of a cell's neighbours; the other half steps back.
_EDGES, _CORNERS = ((0, 1), (1, 0)), ((1, 1), (1, -1))


def lattice(cells: xr.DataArray, *, rule: Rule = "queen", style: Style = "row") -> Neighbours:
    r"""Cells of a raster that touch are neighbours.

    .. math:: w_{ij} = 1 \text{ if i and j have an edge (rook), or an edge or a corner (queen), in common},
              \text{ else } 0

    Studies of rasters never make this matrix: :mod:`ouhe.compute.lattice` gives the same numbers by shifts.

    Parameters
    ----------
    cells
        Raster ``(y, x)``; cells that its coordinate ``inside`` says are none are left out.
    rule
        ``queen``: a common corner is enough; ``rook``: a common edge is needed.
    style
        How the weights are scaled.

    Returns
    -------
    Neighbours
        Weights of the cells, row by row, called ``"ROW,COLUMN"`` from 0.

    Raises
    ------
    OptionError
        There is no such rule or style.
    DataError
        What is given is no raster.

    Warns
    -----
    OuheWarning
        Cells have no neighbour.

    Examples
    --------
    >>> cells = xr.DataArray(np.zeros((2, 3)), dims=("y", "x"))
    >>> lattice(cells), lattice(cells, rule="rook")
    (Neighbours('lattice, queen': 6 regions, 11 pairs), Neighbours('lattice, rook': 6 regions, 7 pairs))
    """
    check_choice("rule", rule, Rule)
    if not isinstance(cells, xr.DataArray) or not {"y", "x"} <= set(cells.dims):
        raise DataError.of("neighbours.no_lattice")
    mask = inside(cells)
    shape = cells.sizes["y"], cells.sizes["x"]
    there = np.ones(shape, bool) if mask is None else mask.transpose("y", "x").to_numpy()
    pairs = []
    for dy, dx in _EDGES if rule == "rook" else (*_EDGES, *_CORNERS):
        here = there[: shape[0] - dy, max(0, -dx) : shape[1] - max(0, dx)]
        beside = there[dy:, max(0, dx) : shape[1] + min(0, dx)]
        rows, columns = np.nonzero(here & beside)
        columns = columns + max(0, -dx)
        pairs += [(f"{r},{c}", f"{r + dy},{c + dx}") for r, c in zip(rows, columns, strict=True)]
    ids = [f"{r},{c}" for r, c in itertools.product(*map(range, shape)) if there[r, c]]
    return Neighbours.from_pairs(pairs, ids, style=style, name=f"lattice, {rule}").telling_isolates()
