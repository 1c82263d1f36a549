"""Whom a sentence names, and how: all of a few, the first of many, ties told apart from winners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ouhe import text

__all__ = ["ALL", "MOST", "counted", "highest", "listing", "many", "noted", "spans", "valued"]

#: How many names a sentence holds where there are more of them.
MOST = 5

#: Up to how many names a sentence holds all of them: others are more than one.
ALL = MOST + 1


def listing(names: Iterable[object], *, most: int = ALL) -> str:
    """The names, or the first of them and how many there are besides.

    Parameters
    ----------
    names
        The names.
    most
        Up to how many are all listed.

    Examples
    --------
    >>> with text.use("en"):
    ...     listing(["a", "b", "c"]), listing("abcdefgh")
    ('a, b and c', 'a, b, c, d, e and 3 others')
    """
    every = list(names)
    if len(every) <= most:
        return text.enumerated(every) if every else ""
    first = text.t("labels.comma").join(map(str, every[:MOST]))
    return text.t("listing.others", names=first, more=len(every) - MOST)


def many(names: Sequence[object], *, most: int = ALL) -> str:
    """The end of the name of a rule whose sentence gives a number instead of so many names.

    Parameters
    ----------
    names
        The names.
    most
        Up to how many are named.

    Examples
    --------
    >>> many("abc"), many("abcdefgh")
    ('', '_many')
    """
    return "" if len(names) <= most else "_many"


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
    if len(found) <= ALL:
        return listing(found)
    return text.t("listing.others_of_years", names=text.t("labels.comma").join(map(str, found[:MOST])))


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


def noted(labels: Iterable[object], values: Iterable[object]) -> tuple[str, ...]:
    """Each label with what belongs to it.

    Examples
    --------
    >>> with text.use("en"):
    ...     noted(["a", "b"], ["0.50", "0.25"])
    ('a (0.50)', 'b (0.25)')
    """
    return tuple(valued(label, value) for label, value in zip(labels, values, strict=True))


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
