"""A user's own region set, from a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ouhe.decoding import decode
from ouhe.errors import DataError, Place, Problem, did_you_mean
from ouhe.regions.names import Recognition, name_key, names_of, not_regions
from ouhe.regions.regionset import COLUMNS, RegionSet

__all__ = ["from_file"]

_TEXTS = ("name_zh", "name_en", "short_zh", "short_en", "pinyin", "code", "capital")
_NUMBERS = {"longitude": 180.0, "latitude": 90.0, "tile_row": float("inf"), "tile_column": float("inf")}


def from_file(path: str | Path) -> RegionSet:
    r"""Region set from a CSV file in UTF-8, UTF-16 or GB18030.

    Parameters
    ----------
    path
        A table with one row a region. The column ``id`` is needed; known besides are ``name_zh``, ``name_en``,
        ``short_zh``, ``short_en`` (what stands in a tile of a map; no names by which a region is recognised),
        ``pinyin``, ``code``, ``aliases`` (separated by ``|``), ``capital``, ``longitude``, ``latitude`` (degrees),
        ``tile_row``, ``tile_column`` and ``neighbours`` (ids with a common border, separated by ``|``; one of the two
        regions need name the other). Every other column is a grouping that holds the region's group; an empty cell
        leaves the region out of it.

    Raises
    ------
    DataError
        The file cannot be read, has no column ``id``, an id is empty or stands twice, a name belongs to two regions,
        a coordinate is not a number or off the globe, or a neighbour is no id of the file. All problems are told
        together.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "cities.csv"
    ...     _ = file.write_text("id,aliases,belt\n大连,大连市|Dalian,coast\n吉林市,,inland\n", encoding="utf-8")
    ...     cities = from_file(file)
    >>> cities.ids, cities.recognise("dalian").region, cities.groupings["belt"]["吉林市"]
    (('大连', '吉林市'), '大连', 'inland')
    """
    path = Path(path)
    raw = _read(path)
    if "id" not in raw.columns:
        raise DataError.of("regions.no_id_column", Place(file=path.name), columns=", ".join(map(str, raw.columns)))
    table, problems = _typed(raw, path.name)
    lookup, clashes = _lookup(table, raw, path.name)
    borders, unknown = _borders(raw, path.name)
    problems = [*_wrong_ids(raw["id"], path.name), *problems, *clashes, *unknown]
    if problems:
        raise DataError(*problems)
    own = [c for c in raw.columns if c not in {"id", "aliases", "neighbours", *COLUMNS}]
    return RegionSet(
        name=path.name,
        table=table,
        groupings={c: {r: g for r, g in zip(raw["id"], raw[c], strict=True) if g} for c in own},
        labels={
            "zh": {r: n for r, n in zip(raw["id"], table["name_zh"], strict=True) if n},
            "en": {r: n for r, n in zip(raw["id"], table["name_en"], strict=True) if n},
        },
        borders=borders,
        lookup=lookup,
        family=table,
    )


def _read(path: Path) -> pd.DataFrame:
    place = Place(file=path.name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError.of("regions.unreadable", place, reason=str(error.strerror)) from error
    content, _ = decode(data, place)
    return _table(content, place)


def _table(content: str, place: Place) -> pd.DataFrame:
    """Rows that hold anything, all as text, indexed by their line in the file."""
    reader = csv.reader(io.StringIO(content), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise DataError.of("regions.not_a_table", place, reason=str(error)) from error
    rows = {line: row for line, row in lines if any(row)}
    wrong = [
        Problem("regions.row_length", replace(place, line=line), {"found": len(row), "expected": len(header)})
        for line, row in rows.items()
        if len(row) != len(header)
    ]
    wrong += [
        Problem("regions.column_twice", place, {"column": c})
        for c in sorted({h for h in header if header.count(h) > 1})
    ]
    if wrong:
        raise DataError(*wrong)
    return pd.DataFrame.from_dict(rows, orient="index", columns=header, dtype=object)


def _wrong_ids(ids: pd.Series, file: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for line, region in zip(ids.index, ids, strict=True):
        place = Place(file=file, line=int(line))
        if not region:
            yield Problem("regions.empty_id", place)
        elif region in seen:
            yield Problem("regions.id_twice", place, {"id": region, "line": seen[region]})
        seen.setdefault(region, int(line))


def _typed(raw: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    problems: list[Problem] = []
    table = pd.DataFrame(index=raw["id"])
    for column in COLUMNS:
        given = raw[column] if column in raw.columns else pd.Series("", index=raw.index)
        if column in _TEXTS:
            table[column] = given.to_numpy()
            continue
        numbers = pd.to_numeric(given.replace("", None), errors="coerce").astype(float)
        wrong = given[(given.ne("") & numbers.isna()) | numbers.abs().gt(_NUMBERS[column])]
        problems += [
            Problem("regions.not_a_coordinate", Place(file=file, line=line), {"column": column, "value": value})
            for line, value in zip(wrong.index.tolist(), wrong, strict=True)
        ]
        table[column] = numbers.to_numpy()
    return table, problems


def _borders(raw: pd.DataFrame, file: str) -> tuple[tuple[tuple[str, str], ...], list[Problem]]:
    """Pairs of neighbours, each once whichever of the two names the other, in the order of the file."""
    ids = list(raw["id"])
    position = {region: i for i, region in enumerate(ids)}
    pairs: set[tuple[int, int]] = set()
    problems: list[Problem] = []
    given = raw["neighbours"] if "neighbours" in raw.columns else pd.Series("", index=raw.index)
    for line, region, said in zip(raw.index.tolist(), ids, given, strict=True):
        for neighbour in filter(None, map(str.strip, said.split("|"))):
            about = {"region": region, "neighbour": neighbour}
            if neighbour == region:
                problems.append(Problem("regions.own_neighbour", Place(file=file, line=line), {"region": region}))
            elif neighbour not in position:
                about["nearest"] = did_you_mean(neighbour, ids)
                problems.append(Problem("regions.unknown_neighbour", Place(file=file, line=line), about))
            else:
                one, other = sorted((position[region], position[neighbour]))
                pairs.add((one, other))
    return tuple((ids[one], ids[other]) for one, other in sorted(pairs)), problems


def _lookup(table: pd.DataFrame, raw: pd.DataFrame, file: str) -> tuple[dict[str, Recognition], list[Problem]]:
    names = list(names_of(table))
    if "aliases" in raw.columns:
        names += [
            (alias, region, "alias")
            for region, aliases in zip(raw["id"], raw["aliases"], strict=True)
            for alias in aliases.split("|")
        ]
    found: dict[str, Recognition] = {}
    problems: list[Problem] = []
    for label, region, how in names:
        key = name_key(label)
        known = found.setdefault(key, Recognition("region", region, how)) if key else None
        if known is not None and known.region != region:
            params = {"label": label, "first": known.region, "second": region}
            problems.append(Problem("regions.name_of_two", Place(file=file), params))
    return not_regions("not-regions.csv", "china/not-regions.csv", cities=False) | found, problems
