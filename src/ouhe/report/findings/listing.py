"""Names in a sentence: all of a few, the first of many, and names with what belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ouhe import text

__all__ = ["MOST", "counted", "listing", "many", "spans", "valued"]

#: How many names a sentence holds at most.
MOST = 5


def listing(names: Sequence[object]) -> str:
    """The names, or the first of them with a word that there are others.

    Examples
    --------
    >>> with text.use("en"):
    ...     listing(["a", "b", "c"]), listing("abcdefgh")
    ('a, b and c', 'a, b, c, d, e and others')
    """
    # "and others" are more than one
    if len(names) <= MOST + 1:
        return text.enumerated(names) if names else ""
    return text.t("listing.others", names=text.t("labels.comma").join(map(str, names[:MOST])))


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
