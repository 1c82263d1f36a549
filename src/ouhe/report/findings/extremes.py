"""Who stands out, and how a sentence names them: never more than a handful, ties told apart from winners."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe import text
from ouhe.errors import listed

__all__ = ["MOST", "Said", "annotated", "highest", "named"]

#: Most names in one sentence.
MOST = 5

#: Several names as a finding holds them: a tuple, or the first of them and how many more there are.
Said = tuple[str, ...] | str


def highest(values: NDArray[Any], count: int) -> NDArray[np.intp]:
    """Positions of the highest values, highest first; of values that tie for the last place all or none.

    Parameters
    ----------
    values
        Numbers; missing ones (NaN) never stand out.
    count
        How many are wanted. Where ties would name more than :data:`MOST`, only those above the tie are given, which
        may be none.

    Examples
    --------
    >>> highest(np.array([0.1, 0.9, 0.5, 0.5]), 2).tolist()
    [1, 2, 3]
    >>> highest(np.array([0.9] + 9 * [0.5]), 2).tolist(), highest(np.full(10, 0.5), 2).tolist()
    ([0], [])
    """
    known = np.flatnonzero(~np.isnan(values))
    count = min(count, known.size)
    if count < 1:
        return known[:0]
    order = known[np.argsort(-values[known], kind="stable")]
    bound = values[order[count - 1]]
    tied = order[values[order] >= bound]
    chosen: NDArray[np.intp] = tied if tied.size <= max(count, MOST) else order[values[order] > bound]
    return chosen


def named(names: Iterable[str]) -> Said:
    """Names for a sentence: all of a handful; of more, the first and how many are left.

    Examples
    --------
    >>> named("ab")
    ('a', 'b')
    >>> with text.use("en"):
    ...     named("abcdefgh")
    'a, b, c, d, e and 3 more'
    """
    all_names = tuple(names)
    return all_names if len(all_names) <= MOST else listed(all_names, most=MOST)


def annotated(names: Iterable[str], notes: Iterable[str]) -> tuple[str, ...]:
    """Each name with a note in brackets, in the current language.

    Examples
    --------
    >>> with text.use("en"):
    ...     annotated(["a", "b"], ["0.50", "0.25"])
    ('a (0.50)', 'b (0.25)')
    """
    return tuple(text.t("labels.with_options", label=n, options=o) for n, o in zip(names, notes, strict=True))
