"""Which series of a file a study asks for, under which header, and in which unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from ouhe.errors import Place, Problem, cell_name, did_you_mean
from ouhe.read.headers import REGION_HEADERS, UNIT_HEADERS, YEAR_HEADERS, choose, header_key
from ouhe.read.reading import LeftOut, Reading, ReadOptions, Source
from ouhe.read.units import split_unit

__all__ = ["Asked", "all_found", "ask", "shown_headers"]

_NOT_SERIES = REGION_HEADERS | YEAR_HEADERS | UNIT_HEADERS
_MOST_SHOWN = 12


@dataclass(frozen=True)
class Asked:
    """Series that a study takes from a sheet.

    Parameters
    ----------
    series
        (position of the header, id of the series).
    units
        Unit of a series, where its header says it.
    left_out, problems
        Headers that were not asked for, and names that several headers fit.
    """

    series: tuple[tuple[int, str], ...]
    units: dict[str, str]
    left_out: tuple[LeftOut, ...]
    problems: tuple[Problem, ...]


def ask(
    headers: Sequence[tuple[str, ...]], at: Sequence[tuple[int, int]], *, source: Source, options: ReadOptions
) -> Asked:
    """Choose from the headers of a sheet those that a study names, or all of them where it names none.

    Parameters
    ----------
    headers
        Texts of each header: the header itself first, then another name of it (the label of a Stata variable).
    at
        Row and column of each.
    source, options
        The sheet, and the study's names.
    """
    if options.series is not None:
        return _only(options.series, headers, at, source, options)
    if options.names is None:
        return _all(headers, at, source)
    chosen = choose(headers, options.names)
    taken = {i for i, _ in chosen.series} | {i for _, positions in chosen.several for i in positions}
    left_out = tuple(
        LeftOut(0, texts[0], "not-asked", at[i][0]) for i, texts in enumerate(headers) if i not in taken and texts[0]
    )
    problems = tuple(_several(name, positions, headers, at, source) for name, positions in chosen.several)
    return Asked(chosen.series, _units(chosen.series, headers), left_out, problems)


def _only(
    series: str,
    headers: Sequence[tuple[str, ...]],
    at: Sequence[tuple[int, int]],
    source: Source,
    options: ReadOptions,
) -> Asked:
    """The one series that the study says is there: the only header, or the one that bears its id or names."""
    candidates = _all(headers, at, source).series
    if len(candidates) == 1:
        chosen = ((candidates[0][0], series),)
        return Asked(chosen, _units(chosen, headers), (), ())
    names = {series: (series, *((options.names or {}).get(series, ())))}
    asked = ask(headers, at, source=source, options=replace(options, names=names, series=None))
    if asked.series or asked.problems or not candidates:
        return asked
    shown = shown_headers((headers[i][0], at[i]) for i, _ in candidates)
    problem = Problem("read.not_one_series", source.place(), {"series": series, "headers": shown})
    return replace(asked, problems=(problem,))


def _all(headers: Sequence[tuple[str, ...]], at: Sequence[tuple[int, int]], source: Source) -> Asked:
    """Every header under its own text; those of further region, year and unit columns are left out."""
    keys = [header_key(texts[0]) for texts in headers]
    count = Counter(keys)
    series = tuple(
        (i, texts[0].strip())
        for i, texts in enumerate(headers)
        if keys[i] and count[keys[i]] == 1 and keys[i].casefold() not in _NOT_SERIES
    )
    twice = {k: tuple(i for i, key in enumerate(keys) if key == k) for k, n in count.items() if k and n > 1}
    problems = tuple(_several(headers[p[0]][0], p, headers, at, source) for p in twice.values())
    left_out = tuple(
        LeftOut(0, texts[0], "not-asked", at[i][0])
        for i, texts in enumerate(headers)
        if keys[i].casefold() in _NOT_SERIES
    )
    return Asked(series, _units(series, headers), left_out, problems)


def _units(series: Sequence[tuple[int, str]], headers: Sequence[tuple[str, ...]]) -> dict[str, str]:
    units: dict[str, str] = {}
    for i, name in series:
        unit = next((u for u in (split_unit(t)[1] for t in headers[i]) if u), "")
        if unit:
            units[name] = unit
    return units


def _several(
    name: str,
    positions: Sequence[int],
    headers: Sequence[tuple[str, ...]],
    at: Sequence[tuple[int, int]],
    source: Source,
) -> Problem:
    shown = shown_headers((headers[i][0], at[i]) for i in positions)
    return Problem("read.several_headers", source.place(), {"series": name, "headers": shown})


def shown_headers(headers: Iterable[tuple[str, tuple[int, int]]]) -> str:
    """Headers with their cells, for a message.

    Examples
    --------
    >>> shown_headers([("GDP", (0, 2)), ("人口", (0, 3))])
    'C1 "GDP", D1 "人口"'
    """
    return ", ".join(f'{cell_name(*at)} "{said}"' for said, at in headers)


def all_found(
    reading: Reading, *, options: ReadOptions, place: Place, settled: Collection[str] = frozenset()
) -> Reading:
    """Add a problem for each series that the study names, the data must hold, and a reading does not.

    Parameters
    ----------
    reading
        What was read of a file, or of all files of an entry.
    options
        The study's names, and whether they are required.
    place
        The file or files, for the problems.
    settled
        Series that were found although no cell could be read of them.
    """
    if not options.required or options.names is None:
        return reading
    held = {*settled, *reading.cells["series"].unique()} | {p.params.get("series") for p in reading.problems}
    offered = list(dict.fromkeys(x.label for x in reading.left_out if x.reason == "not-asked"))
    missing = [
        Problem(
            "read.no_series",
            place,
            {
                "series": name,
                "accepted": ", ".join(f'"{t}"' for t in texts) or f'"{name}"',
                "offered": ", ".join(offered[:_MOST_SHOWN]) or "-",
                "nearest": did_you_mean(texts[0] if texts else name, offered),
            },
        )
        for name, texts in options.names.items()
        if name not in held
    ]
    return replace(reading, problems=(*reading.problems, *missing))
