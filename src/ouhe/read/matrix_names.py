"""Which regions the rows and columns of somebody's weights are for: by their names, or as the user says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ouhe.errors import OptionError, Place, Problem, did_you_mean, listed
from ouhe.read.links import Label, Links, numbering
from ouhe.read.reading import ReadOptions
from ouhe.regions import RegionSet

__all__ = ["Asked", "Matched", "Order", "match"]

#: Whose rows a file without names holds: those of the region set in its order, or of the regions listed.
Order = Literal["as-listed"] | Sequence[str]

#: How a region outside the study is recognised; its row and column are cut, and told.
_OUTSIDE = frozenset({"outside-the-set", "left-out"})


@dataclass(frozen=True, eq=False)
class Asked:
    """What is known about the file beside its content.

    Parameters
    ----------
    file
        Its name in messages.
    regions, options
        The set of regions and the user's names for them.
    order
        Whose rows a file without names holds.
    """

    file: str
    regions: RegionSet
    options: ReadOptions
    order: Order | None = None

    @property
    def place(self) -> Place:
        """The file."""
        return Place(self.file)


@dataclass(frozen=True, eq=False)
class _Side:
    """What the labels of the rows or of the columns mean.

    `at` is the position in the region set where they are names (−1: outside it), and the position in some order where
    they only number; without labels it is None.
    """

    named: bool
    at: NDArray[np.int64] | None
    outside: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, eq=False)
class Matched:
    """Which regions rows and columns are for.

    Parameters
    ----------
    rows, columns
        Position of each in the region set, −1 outside it; None where that is not known.
    outside
        Regions that are known but not studied.
    notices
        Text keys of what is to be told.
    problems
        What is wrong with the names.
    """

    rows: NDArray[np.int64] | None
    columns: NDArray[np.int64] | None
    outside: tuple[str, ...]
    notices: tuple[str, ...]
    problems: tuple[Problem, ...]


def _side(labels: tuple[Label, ...] | None, asked: Asked, *, once: bool) -> _Side:
    """Recognise labels; `once`: every region has one."""
    if labels is None:
        return _Side(named=False, at=None)
    regions = asked.regions
    found = [regions.recognise(x.text, asked.options.aliases) for x in labels]
    rank = numbering([x.text for x in labels])
    # the numbers 11 to 15 are codes of provinces too, so a numbering is one of regions only where all of it is
    if rank is not None and len({f.region for f in found} - {None}) < len(labels):
        return _Side(named=False, at=rank)
    position = {r: i for i, r in enumerate(regions.ids)}
    first: dict[str, Label] = {}
    outside: list[str] = []
    problems: list[Problem] = []
    for x, f in zip(labels, found, strict=True):
        if f.region is None and f.how in _OUTSIDE:
            outside.append(x.text)
        elif not x.text:
            problems.append(Problem("neighbours.matrix_no_name", x.place))
        elif f.region is None:
            nearest = regions.nearest(x.text)
            problems.append(Problem("neighbours.matrix_unknown", x.place, {"label": x.text[:60], "nearest": nearest}))
        elif once and f.region in first:
            params = {"region": f.region, "first": first[f.region].place, "label": first[f.region].text}
            problems.append(Problem("neighbours.matrix_twice", x.place, params))
        else:
            first[f.region] = x
    at = np.array([-1 if f.region is None else position[f.region] for f in found], dtype=np.int64)
    return _Side(named=True, at=at, outside=tuple(outside), problems=tuple(problems))


def match(links: Links, asked: Asked) -> Matched:
    """Find the region of every row and column.

    Parameters
    ----------
    links
        What the file says.
    asked
        What is known besides.

    Raises
    ------
    OptionError
        `order` is given for a file that names its regions, or is no order.
    """
    rows = _side(links.rows, asked, once=links.whole)
    columns = rows if links.columns is links.rows else _side(links.columns, asked, once=links.whole)
    if not rows.named and not columns.named:
        return _ordered(links, rows, columns, asked)
    if asked.order is not None:
        raise OptionError.of("neighbours.order_not_needed", asked.place)
    height, width = links.shape
    problems = [*rows.problems, *(() if columns is rows else columns.problems)]
    notices = []
    if not (rows.named and columns.named):
        if height != width:
            problems.append(_wrong_size(links, asked, len(asked.regions)))
            return Matched(None, None, (), (), tuple(problems))
        notices.append("neighbours.matrix_one_side")
    names = rows if rows.named else columns
    at = [s.at if s.named else _taken(names.at, s.at) for s in (rows, columns)]
    if links.whole:
        sides = [("neighbours.matrix_rows_missing", rows), ("neighbours.matrix_columns_missing", columns)]
        held = sides[:1] if columns is rows else sides
        problems += [p for key, s in held if s.named for p in _missing(key, s.at, asked)]
        notices += _order_notices(at[0], at[1])
    outside = tuple(dict.fromkeys((*rows.outside, *columns.outside)))
    return Matched(at[0], at[1], outside, tuple(notices), tuple(problems))


def _taken(regions: NDArray[np.int64] | None, rank: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    """Regions in the order of the other side, or as the numbers of this side say."""
    return regions if rank is None or regions is None else regions[rank]


def _ordered(links: Links, rows: _Side, columns: _Side, asked: Asked) -> Matched:
    """Regions of a file without names, which only the user can tell."""
    height, width = links.shape
    if asked.order is None:
        first = listed(asked.regions.ids[:3])
        params = {"rows": height, "columns": width, "regions": len(asked.regions), "first": first}
        return Matched(None, None, (), (), (Problem("neighbours.matrix_no_order", asked.place, params),))
    listed_at, outside, problems = _order_positions(asked.order, asked)
    if not problems and links.shape != (len(listed_at), len(listed_at)):
        problems.append(_wrong_size(links, asked, len(listed_at)))
    if problems:
        return Matched(None, None, (), (), tuple(problems))
    at = [listed_at if s.at is None else listed_at[s.at] for s in (rows, columns)]
    return Matched(at[0], at[1], outside, (), ())


def _order_positions(order: Order, asked: Asked) -> tuple[NDArray[np.int64], tuple[str, ...], list[Problem]]:
    """Positions of the regions that the user lists, those outside the set, and what is wrong with the list."""
    if isinstance(order, str):
        if order != "as-listed":
            raise OptionError.of("neighbours.order_unknown", value=order, nearest=did_you_mean(order, ["as-listed"]))
        return np.arange(len(asked.regions)), (), []
    side = _side(tuple(Label(str(x), asked.place) for x in order), asked, once=True)
    if not side.named or side.at is None:
        return np.arange(0), (), [Problem("neighbours.order_numbers", asked.place)]
    problems = [*side.problems, *_missing("neighbours.order_missing", side.at, asked)]
    return side.at, side.outside, problems


def _wrong_size(links: Links, asked: Asked, expected: int) -> Problem:
    params = {"rows": links.shape[0], "columns": links.shape[1], "regions": expected}
    return Problem("neighbours.wrong_size", asked.place, params)


def _missing(key: str, at: NDArray[np.int64] | None, asked: Asked) -> Iterator[Problem]:
    held = set() if at is None else set(at.tolist())
    absent = [r for i, r in enumerate(asked.regions.ids) if i not in held]
    if absent:
        yield Problem(key, asked.place, {"count": len(absent), "regions": listed(absent)})


def _order_notices(rows: NDArray[np.int64] | None, columns: NDArray[np.int64] | None) -> list[str]:
    if rows is None or columns is None:
        return []
    if not np.array_equal(rows, columns):
        return ["neighbours.matrix_sides_differ"]
    inside = rows[rows >= 0]
    return ["neighbours.matrix_reordered"] if (np.diff(inside) < 0).any() else []
