"""Cells of one series that stand in one row or column of a sheet, and how they become numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ouhe.errors import Problem
from ouhe.read.headers import label
from ouhe.read.reading import COLUMNS, Source, cells
from ouhe.read.sheets import blank
from ouhe.read.values import number

__all__ = ["MOST_ALIKE", "Strip", "gather"]

#: How many problems of one kind are told one by one before the rest is counted.
MOST_ALIKE = 5
#: pandas' names of the kinds of columns in which no cell can be a truth value or a date.
_ALL_NUMBERS_OR_TEXTS = frozenset({"string", "floating", "integer", "mixed-integer-float", "empty"})
#: Cells that pandas would turn into numbers.
_NEVER_NUMBERS = (bool, np.bool_, dt.date, dt.time, dt.timedelta, np.datetime64, np.timedelta64)


@dataclass(frozen=True, eq=False)
class Strip:
    """Raw cells of one series, with what each of them is for.

    Parameters
    ----------
    series
        Id of the series.
    raw
        Object array of the cells.
    region, year, row, column
        One for each cell, or one for all.
    """

    series: str
    raw: np.ndarray
    region: np.ndarray | str
    year: np.ndarray | int
    row: np.ndarray | int
    column: np.ndarray | int


def gather(
    strips: Sequence[Strip], *, source: Source, tokens: Iterable[str] = ()
) -> tuple[pd.DataFrame, list[Problem]]:
    """Turn the strips of one sheet into its table of cells.

    Only empty cells and `tokens` are missing; anything else that is not a finite number is a problem with its place,
    and so is a region and year that stands twice for one series, whether or not the two agree. Of cells that stand
    twice the first is kept.

    Parameters
    ----------
    strips
        The sheet's cells.
    source
        The sheet, for the places of problems.
    tokens
        Texts that mean "missing".
    """
    known = tuple(tokens)
    tables: list[pd.DataFrame] = []
    wrong: list[tuple[Strip, int]] = []
    for strip in strips:
        values, bad = _numbers(strip.raw, known)
        wrong += [(strip, i) for i in bad]
        tables.append(_table(strip, values))
    table = pd.concat(tables, ignore_index=True) if tables else cells()
    table, twice = _once(table, source)
    return table, [*_not_numbers(wrong, source), *twice]


def _numbers(raw: np.ndarray, tokens: tuple[str, ...]) -> tuple[np.ndarray, list[int]]:
    """Values of cells, and the positions of those that are neither a finite number nor missing."""
    values = pd.to_numeric(pd.Series(raw, dtype=object), errors="coerce").to_numpy(dtype=float, copy=True)
    unsure = ~np.isfinite(values) | np.isin(values, [v for v in map(number, tokens) if v is not None])
    if pd.api.types.infer_dtype(raw, skipna=True) not in _ALL_NUMBERS_OR_TEXTS:
        unsure |= np.fromiter((isinstance(c, _NEVER_NUMBERS) for c in raw), bool, len(raw))
    bad: list[int] = []
    for i in np.flatnonzero(unsure)[~blank(raw[unsure])]:
        parsed = None if isinstance(raw[i], np.bool_) else number(raw[i], tokens)
        values[i] = np.nan if parsed is None else parsed
        if parsed is None:
            bad.append(int(i))
    return values, bad


def _table(strip: Strip, values: np.ndarray) -> pd.DataFrame:
    size = len(values)
    columns: dict[str, object] = {
        "region": strip.region,
        "year": strip.year,
        "series": strip.series,
        "value": values,
        "source": 0,
        "row": strip.row,
        "column": strip.column,
        "edition": -1,
    }
    return pd.DataFrame(
        {
            k: pd.Series(np.broadcast_to(np.asarray(v, dtype=COLUMNS[k]), size), dtype=COLUMNS[k])
            for k, v in columns.items()
        }
    )


def _not_numbers(wrong: list[tuple[Strip, int]], source: Source) -> list[Problem]:
    """Problems of cells that are not numbers; of cells with the same text the first ones, then how many more."""
    by_text: dict[str, list[tuple[Strip, int]]] = {}
    for strip, i in wrong:
        by_text.setdefault(" ".join(label(strip.raw[i]).split()), []).append((strip, i))
    problems: list[Problem] = []
    for said, found in by_text.items():
        for strip, i in found[:MOST_ALIKE]:
            at = {"region": _at(strip.region, i), "year": _at(strip.year, i), "name": strip.series, "value": said}
            place = source.place(int(_at(strip.row, i)), int(_at(strip.column, i)))
            problems.append(Problem(_why(said), place, at))
        if len(found) > MOST_ALIKE:
            more = {"value": said, "count": len(found) - MOST_ALIKE}
            problems.append(Problem("read.not_a_number_more", source.place(), more))
    return problems


def _why(said: str) -> str:
    """Text for a cell that is no number: figures with a mark must not be advised away as missing."""
    if said.startswith("="):
        return "read.formula_not_a_number"
    figures = any(c.isdigit() for c in said) and not said.startswith("#")
    return "read.marked_not_a_number" if figures else "read.not_a_number"


def _at(values: np.ndarray | str | int, i: int) -> Any:
    return values[i] if isinstance(values, np.ndarray) else values


def _once(table: pd.DataFrame, source: Source) -> tuple[pd.DataFrame, list[Problem]]:
    """Cells with every region, year and series once, and a problem for each row or column that repeats others."""
    codes = _codes(table)
    if not pd.Series(codes).duplicated().any():
        return table, []
    table = table.assign(key=codes)
    again = table["key"].duplicated()
    first = table.loc[~again]
    pairs = table.loc[again].merge(first, on="key", suffixes=("", "_first"), how="left")
    differs = (pairs["value"] != pairs["value_first"]) & ~(pairs["value"].isna() & pairs["value_first"].isna())
    by_row = pairs["row"] != pairs["row_first"]
    pairs = pairs.assign(differs=differs, line=pairs["row"].where(by_row, pairs["column"]), by_row=by_row)
    pairs = pairs.assign(line_first=pairs["row_first"].where(by_row, pairs["column_first"]))
    told = pairs.sort_values("differs", ascending=False, kind="stable").drop_duplicates(
        ["by_row", "line", "line_first"]
    )
    told = told.sort_values(["row", "column"], kind="stable")
    return first.drop(columns="key").reset_index(drop=True), _twice(told, source)


def _codes(table: pd.DataFrame) -> np.ndarray:
    """A number for each region, year and series."""
    codes = np.zeros(len(table), dtype=np.int64)
    for column in ("region", "year", "series"):
        part, names = pd.factorize(table[column])
        codes = codes * max(len(names), 1) + part
    return codes


def _twice(told: pd.DataFrame, source: Source) -> list[Problem]:
    problems = []
    for pair in told.head(MOST_ALIKE * 4).to_dict("records"):
        one = source.place(pair["row_first"], pair["column_first"])
        other = source.place(pair["row"], pair["column"])
        params = {
            "region": pair["region"],
            "year": pair["year"],
            "name": pair["series"],
            "first": one.cell,
            "value_first": _shown(pair["value_first"]),
            "second": other.cell,
            "value_second": _shown(pair["value"]),
        }
        problems.append(Problem("read.twice_differs" if pair["differs"] else "read.twice_same", other, params))
    if len(told) > MOST_ALIKE * 4:
        problems.append(Problem("read.twice_more", source.place(), {"count": len(told) - MOST_ALIKE * 4}))
    return problems


def _shown(value: float) -> str:
    return '""' if np.isnan(value) else f"{value:.15g}"
