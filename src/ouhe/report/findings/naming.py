"""Who is named in a sentence, and how: all of a few, the first of many, and names with what belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe import text

__all__ = ["MOST", "annotated", "both", "counted", "highest", "listing", "many", "spans", "valued"]

#: How many names a sentence holds at most.
MOST = 5


def listing(names: Iterable[object]) -> str:
    """The names, or the first of them with a word that there are others.

    Examples
    --------
    >>> with text.use("en"):
    ...     listing(["a", "b", "c"]), listing("abcdefgh")
    ('a, b and c', 'a, b, c, d, e and others')
    """
    # "and others" are more than one
    every = tuple(names)
    if len(every) <= MOST + 1:
        return text.enumerated(every) if every else ""
    return text.t("listing.others", names=text.t("labels.comma").join(map(str, every[:MOST])))


def many(names: Sequence[object]) -> str:
    """The end of the name of a rule whose sentence gives a number instead of so many names.

    Examples
    --------
    >>> many("abc"), many("abcdefgh")
    ('', '_many')
    """
    return "" if len(names) <= MOST + 1 else "_many"


def spans(chosen: Iterable[int], years: Sequence[int]) -> str:
    """Some years of a study, three and more that follow one another as a span.

    Parameters
    ----------
    chosen
        The years to name.
    years
        All years of the study, rising.

    Examples
    --------
    >>> with text.use("en"):
    ...     spans([2010, 2012, 2014, 2018], [2010, 2012, 2014, 2016, 2018])
    '2010–2014 and 2018'
    """
    wanted = set(chosen)
    runs: list[list[int]] = [[]]
    for year in years:
        if year in wanted:
            runs[-1].append(year)
        elif runs[-1]:
            runs.append([])
    found: list[object] = []
    for run in runs:
        found += [text.t("listing.span", first=run[0], last=run[-1])] if len(run) > 2 else run
    return listing(found)


def counted(label: object, count: int) -> str:
    """A label with a number of regions.

    Examples
    --------
    >>> with text.use("zh"):
    ...     counted("甲", 3)
    '甲（3 个）'
    """
    return text.t("listing.counted", label=label, count=count)


def valued(label: object, value: object) -> str:
    """A label with what belongs to it.

    Examples
    --------
    >>> with text.use("en"):
    ...     valued("a", "0.12")
    'a (0.12)'
    """
    return text.t("listing.valued", label=label, value=value)


def annotated(labels: Iterable[object], values: Iterable[object]) -> tuple[str, ...]:
    """Labels, each with what belongs to it.

    Examples
    --------
    >>> with text.use("en"):
    ...     annotated(["a", "b"], ["0.50", "0.25"])
    ('a (0.50)', 'b (0.25)')
    """
    return tuple(valued(n, v) for n, v in zip(labels, values, strict=True))


def both(first: object, second: object) -> str:
    """Two values that belong to one label.

    Examples
    --------
    >>> with text.use("zh"):
    ...     both("C = 0.9", "D = 0.4")
    'C = 0.9，D = 0.4'
    """
    return text.t("listing.both", first=first, second=second)


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
