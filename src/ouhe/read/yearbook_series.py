"""The series of a yearbook table: which columns belong together, what they are called, and which ones a study means."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ouhe.errors import Problem
from ouhe.read.headers import printed_key
from ouhe.read.reading import ReadOptions, Source
from ouhe.read.series import shown_headers
from ouhe.read.values import plain
from ouhe.read.yearbook_headers import HeaderColumn, HeaderText, header_text
from ouhe.read.yearbook_layout import Layout
from ouhe.read.years import year_of

__all__ = ["Series", "bare_title", "choose", "matching", "series_of"]

_TABLE_NUMBER = re.compile(r"^(?:表\s*)?\d+(?:\s*[-‐‑–—.]\s*\d+)+\s*")
_TITLE_YEAR = re.compile(r"\s*\(\s*(?:19|20)\d\d\s*年?\s*\)\s*$|\s*(?:19|20)\d\d年\s*$")
_LEVEL = re.compile(r"\s*[>＞]\s*")


@dataclass(frozen=True)
class Series:
    """Columns of one thing, one for each year, or a single one for the year of the sheet.

    Parameters
    ----------
    name
        Its name in the table: headers from the widest down, joined by ``" > "``.
    columns
        Year (None: the sheet's) → column.
    levels
        Its headers; the title where the columns are headed by years alone.
    implied
        Header it stands under without a cell that says so.
    unit
        Its unit, "" where the table does not say.
    titles
        Keys of the title in full, for a series that is named by it.
    """

    name: str
    columns: Mapping[int | None, int]
    levels: tuple[HeaderText, ...]
    implied: HeaderText | None
    unit: str
    titles: frozenset[str] = frozenset()

    @property
    def first(self) -> int:
        """Its first column."""
        return min(self.columns.values())

    @property
    def path(self) -> str:
        """Name with the header it is implied to stand under."""
        under = self.implied and not self.name.startswith(f"{self.implied.name} > ")
        return f"{self.implied.name} > {self.name}" if self.implied and under else self.name


def bare_title(title: str) -> str:
    """Title without the number of the table and without its year.

    Examples
    --------
    >>> bare_title("1-8  各地区R&D经费投入强度"), bare_title("7-7国内专利申请受理数 (2010年)")
    ('各地区R&D经费投入强度', '国内专利申请受理数')
    """
    return _TITLE_YEAR.sub("", _TABLE_NUMBER.sub("", plain(title))).strip()


def series_of(layout: Layout) -> list[Series]:
    """Series of a table, in the order of their columns."""
    groups: dict[tuple[str, ...], list[tuple[int | None, HeaderColumn, tuple[HeaderText, ...]]]] = defaultdict(list)
    for column in layout.columns:
        year, levels = _dated(column)
        groups[tuple(level.whole for level in levels)].append((year, column, levels))
    found = []
    for members in groups.values():
        years = [year for year, _, _ in members]
        together = None not in years and len(set(years)) == len(years)
        parts = [members] if together else [[m] for m in members]
        found += [_series(part, layout) for part in parts]
    return _told_apart(sorted(found, key=lambda s: s.first))


def _dated(column: HeaderColumn) -> tuple[int | None, tuple[HeaderText, ...]]:
    years = [y for level in column.levels if (y := year_of(level.whole)) is not None]
    return (years[-1] if years else None), tuple(x for x in column.levels if year_of(x.whole) is None)


def _series(members: Sequence[tuple[int | None, HeaderColumn, tuple[HeaderText, ...]]], layout: Layout) -> Series:
    _, column, levels = members[0]
    implied = column.implied if column.implied and year_of(column.implied.whole) is None else None
    titles: frozenset[str] = frozenset()
    if not levels:
        levels = (header_text([bare_title(layout.title)]),)
        title = plain(layout.title)
        titles = frozenset(
            {printed_key(title), printed_key(_TABLE_NUMBER.sub("", title)), printed_key(_TITLE_YEAR.sub("", title))}
        )
    own = next((level.unit for level in reversed(levels) if level.unit), "")
    return Series(
        name=" > ".join(level.name for level in levels),
        columns={year: c.index for year, c, _ in members},
        levels=levels,
        implied=implied,
        unit=own or _unit_left(layout),
        titles=titles,
    )


def _unit_left(layout: Layout) -> str:
    """Unit of the columns that name none: the only one of the unit line that no column names."""
    named = {level.unit for column in layout.columns for level in column.levels}
    left = [unit for unit in layout.units if unit not in named] if len(layout.units) > 1 else layout.units
    return left[0] if len(left) == 1 else ""


def _told_apart(found: Sequence[Series]) -> list[Series]:
    """Series with names that differ: the Latin part of a header, then the header it stands under, where they do not."""
    for longer in (_with_latin, _with_implied):
        count = Counter(s.name for s in found)
        found = [longer(s) if count[s.name] > 1 else s for s in found]
    return list(found)


def _with_latin(series: Series) -> Series:
    return _renamed(series, " > ".join(level.whole for level in series.levels))


def _with_implied(series: Series) -> Series:
    return _renamed(series, series.path)


def _renamed(series: Series, name: str) -> Series:
    return replace(series, name=name)


def matching(name: str, among: Sequence[Series]) -> list[Series]:
    """Series that `name` may mean; those it names in full are preferred to those of which it names the last header.

    Parameters
    ----------
    name
        A header's text, or a path of headers joined by ``>``.
    among
        Series of a table.
    """
    wanted = [printed_key(level) for level in _LEVEL.split(name)]
    if not all(wanted):
        return []
    return [s for s in among if "".join(wanted) in _full_keys(s)] or [s for s in among if _ends_with(s, wanted)]


def _full_keys(series: Series) -> set[str]:
    """Keys of the whole path, with and without the Latin parts."""
    if len(series.levels) == 1:
        keys = series.levels[0].keys | series.titles
        return {*keys, *(k.removeprefix("各地区") for k in keys)}
    names = "".join(printed_key(level.name) for level in series.levels)
    return {names, "".join(printed_key(level.whole) for level in series.levels)}


def _ends_with(series: Series, wanted: Sequence[str]) -> bool:
    *above, last = wanted
    if last not in series.levels[-1].keys:
        return False
    parents = [level.keys for level in series.levels[:-1]]
    if series.implied:
        # A total's header is cut short as often as not: R&D人员 for R&D人员全时当量.
        short = {printed_key(series.implied.name)[: len(a)] for a in above}
        parents.insert(0, series.implied.keys | short)
    remaining = iter(parents)
    return all(any(level in keys for keys in remaining) for level in above)


def choose(
    offered: Sequence[Series], *, source: Source, row: int, options: ReadOptions
) -> tuple[list[tuple[str, Series]], list[Problem]]:
    """Choose the series that a study asks for, each with its id.

    Parameters
    ----------
    offered
        Series of a table.
    source, row
        The sheet and the last row of its header, for messages.
    options
        The study's names; without any, every series is taken under its own name.
    """
    if options.series is not None and len(offered) == 1:
        return [(options.series, offered[0])], []
    if options.names is None and options.series is not None:
        params = {"series": options.series, "headers": _shown(offered, row)}
        return [], [Problem("read.not_one_series", source.place(), params)]
    if options.names is None:
        return _all(offered, source, row)
    chosen, problems = [], []
    for series, texts in options.names.items():
        fitting = list({s.first: s for text in texts or (series,) for s in matching(text, offered)}.values())
        if len(fitting) == 1:
            chosen.append((series, fitting[0]))
        elif fitting:
            problems.append(_several(series, fitting, source, row))
    return chosen, problems


def _all(offered: Sequence[Series], source: Source, row: int) -> tuple[list[tuple[str, Series]], list[Problem]]:
    same: dict[str, list[Series]] = defaultdict(list)
    for series in offered:
        same[series.name].append(series)
    chosen = [(name, members[0]) for name, members in same.items() if len(members) == 1]
    wrong = [_several(name, members, source, row) for name, members in same.items() if len(members) > 1]
    return chosen, wrong


def _several(series: str, fitting: Sequence[Series], source: Source, row: int) -> Problem:
    return Problem("read.several_headers", source.place(), {"series": series, "headers": _shown(fitting, row)})


def _shown(offered: Sequence[Series], row: int) -> str:
    return shown_headers((s.path, (row, s.first)) for s in offered)
