"""What a file says about who is linked to whom, before it is known which regions its labels mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ouhe.errors import Place, Problem

__all__ = ["Label", "Links", "numbering"]

_NUMBERED = re.compile(r"(.*?)(\d+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Label:
    """What stands for a region in a file, and where."""

    text: str
    place: Place


@dataclass(frozen=True, eq=False)
class Links:
    """Links as a file states them.

    Parameters
    ----------
    shape
        Number of rows and columns.
    rows, columns
        Labels of the rows and columns; None where the file has none.
    row, column, weight
        Links whose weight is not 0.
    place
        Where the link at a position stands.
    whole
        Every region must have a row and a column, as in a matrix; a list may leave out those that have no link.
    problems
        What could not be taken.
    """

    shape: tuple[int, int]
    rows: tuple[Label, ...] | None
    columns: tuple[Label, ...] | None
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    weight: NDArray[np.float64]
    place: Callable[[int], Place]
    whole: bool
    problems: tuple[Problem, ...] = ()


def numbering(texts: Sequence[str]) -> NDArray[np.int64] | None:
    """Positions that labels give when they only number: 1 to n or 0 to n − 1, each once, behind the same letters.

    Examples
    --------
    >>> numbering(["v1", "v2", "v3"]), numbering(["2", "0", "1"]), numbering(["11", "12"])
    (array([0, 1, 2]), array([2, 0, 1]), None)
    """
    parts = [_NUMBERED.fullmatch(t) for t in texts]
    if len({p[1] for p in parts if p}) != 1 or None in parts:
        return None
    numbers = np.array([int(p[2]) for p in parts if p], dtype=object)
    for start in (0, 1):
        if sorted(numbers) == list(range(start, start + len(numbers))):
            return (numbers - start).astype(np.int64)
    return None
