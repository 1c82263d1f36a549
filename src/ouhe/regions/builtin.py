"""The region sets that ship with the package."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from ouhe import text
from ouhe.errors import StudyError, did_you_mean
from ouhe.regions.custom import from_file
from ouhe.regions.names import Recognition, name_key, names_of, not_regions, shipped_table
from ouhe.regions.regionset import RegionSet

__all__ = ["builtin", "load", "unknown"]


def builtin() -> tuple[str, ...]:
    """Names of the region sets that ship with the package.

    Examples
    --------
    >>> builtin()
    ('china-provinces', 'china-provinces-34', 'us-states')
    """
    return tuple(_shipped_toml("sets.toml"))


def load(name_or_path: str | Path) -> RegionSet:
    """Region set by its name, or from a user's own file.

    Parameters
    ----------
    name_or_path
        One of :func:`builtin`, or the path of a CSV file (see :func:`~ouhe.regions.from_file`).

    Raises
    ------
    StudyError
        No such set and no such file.
    DataError
        The file is there but cannot be taken for a region set.

    Examples
    --------
    >>> load("china-provinces-34").ids[-3:]
    ('台湾', '香港', '澳门')
    """
    sets = _shipped_toml("sets.toml")
    if name_or_path in sets:
        return _shipped(str(name_or_path), sets[str(name_or_path)])
    path = Path(name_or_path)
    return from_file(path) if path.is_file() else unknown(name_or_path)


def unknown(name_or_path: str | Path) -> NoReturn:
    """Say that there is no such set and no such file.

    Raises
    ------
    StudyError
        Always.
    """
    path, sets = Path(name_or_path), builtin()
    if isinstance(name_or_path, Path) or path.suffix or len(path.parts) > 1:
        raise StudyError.of("regions.no_file", path=path.as_posix())
    name = str(name_or_path)
    raise StudyError.of("regions.unknown_set", name=name, nearest=did_you_mean(name, sets), known=", ".join(sets))


def _shipped(name: str, about: Mapping[str, Any]) -> RegionSet:
    """A set as ``sets.toml`` describes it, from the tables of its folder."""
    folder, without = about["folder"], frozenset(about["without"])
    family = _family(folder)
    table = family.drop(index=list(without))
    groupings = _shipped_toml(f"{folder}/groupings.toml")
    borders = {
        (a, b): kind
        for a, b, kind in shipped_table(f"{folder}/borders.csv").itertuples(index=False)
        if kind in about["borders"] and not {a, b} & without
    }
    return RegionSet(
        name=name,
        table=table,
        groupings={grouping: _members(group["groups"], order=table.index) for grouping, group in groupings.items()},
        labels={
            lang: {name: about[lang], **_labels(lang, family, about["names"][lang], groupings)}
            for lang in text.LANGUAGES
        },
        borders=tuple(borders),
        lookup=_lookup(folder, family, without=without),
        family=family,
        border_kinds=borders,
        nation=about["nation"],
        approval=about["approval"],
    )


def _shipped_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "data" / name).read_text("utf-8"))


def _family(folder: str) -> pd.DataFrame:
    """All regions of the table from which sets are taken."""
    table = shipped_table(f"{folder}/regions.csv").set_index("id")
    numbers = ("longitude", "latitude", "tile_row", "tile_column")
    return table.assign(**{c: pd.to_numeric(table[c]).astype(float) for c in numbers})


def _members(groups: Mapping[str, Any], *, order: pd.Index) -> dict[str, str]:
    """Region → group, in the order in which the groups are written, the regions of a group in that of the set."""
    return {r: group for group, about in groups.items() for r in order if r in about["members"]}


def _labels(lang: text.Lang, family: pd.DataFrame, column: str, groupings: Mapping[str, Any]) -> dict[str, str]:
    names = family.index if column == "id" else family[column]
    found = dict(zip(family.index, names, strict=True))
    for grouping, about in groupings.items():
        found[grouping] = about[lang]
        found |= {f"{grouping}/{group}": each[lang] for group, each in about["groups"].items()}
    return found


def _lookup(folder: str, family: pd.DataFrame, *, without: frozenset[str]) -> dict[str, Recognition]:
    found = not_regions("not-regions.csv", f"{folder}/not-regions.csv")
    outside = Recognition("other", None, "outside-the-set")
    aliases = shipped_table(f"{folder}/aliases.csv").itertuples(index=False)
    names: dict[str, Recognition] = {}
    for label, region, how in [*names_of(family), *aliases]:
        taken = outside if region in without else Recognition("region", region, how)
        names.setdefault(name_key(label), taken)
    return found | names
