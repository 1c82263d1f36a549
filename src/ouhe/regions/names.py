"""Names of regions as they stand in tables: one spelling for each, and what a label stands for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import pandas as pd

__all__ = ["Kind", "Recognition", "name_key", "names_of", "not_regions", "shipped_table"]

Kind = Literal["region", "national", "macro-region", "other", "unknown"]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a label in a table stands for.

    Parameters
    ----------
    kind
        ``region`` (of the set), ``national``, ``macro-region`` (东部地区, 京津冀), ``other`` (known, but not a region
        of the set: 国外, 新疆生产建设兵团) or ``unknown``.
    region
        Id of the region, None for any other kind.
    how
        The rule. For a region: ``id``, ``full-name``, ``english``, ``pinyin``, ``code``, ``abbreviation``,
        ``traditional``, ``alias`` or ``study-alias``; else ``national``, ``macro-region``, ``not-a-region``,
        ``outside-the-set`` (a region of the country that the set leaves out) or ``unknown``.
    """

    kind: Kind
    region: str | None
    how: str


def name_key(label: object) -> str:
    """Spelling in which names are compared: NFKC, no white space or invisible characters, case folded.

    Examples
    --------
    >>> name_key(" 北　 京 "), name_key("Inner Mongolia"), name_key(11.0)
    ('北京', 'innermongolia', '11')
    """
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    return _fold(str(label)) if not isinstance(label, bool) else ""


@lru_cache(maxsize=4096)
def _fold(label: str) -> str:
    plain = unicodedata.normalize("NFKC", label)
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) not in {"Cf", "Cc"}).casefold()


def shipped_table(name: str) -> pd.DataFrame:
    """One of the tables that ship with the package, every column as text."""
    with (files(__package__) / "data" / name).open("r", encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype=str, keep_default_na=False)


def names_of(table: pd.DataFrame) -> Iterable[tuple[str, str, str]]:
    """Every (label, region, rule) that a table of regions holds in its own columns; the first rule to name it holds."""
    rules = {"name_zh": "full-name", "name_en": "english", "pinyin": "pinyin", "code": "code"}
    for region in table.index:
        yield region, region, "id"
    for column, rule in rules.items():
        for region, label in table[column].items():
            if label:
                yield label, str(region), rule


def not_regions(*tables: str, cities: bool = True) -> dict[str, Recognition]:
    """Labels of totals, macro-regions and the like, by their key; `cities` keeps those printed beside provinces."""
    kinds: dict[str, tuple[Kind, str]] = {
        "national": ("national", "national"),
        "macro-region": ("macro-region", "macro-region"),
        "other": ("other", "not-a-region"),
    }
    if cities:
        kinds["city"] = ("other", "not-a-region")
    found: dict[str, Recognition] = {}
    for label, kind in pd.concat(map(shipped_table, tables)).itertuples(index=False):
        if kind in kinds:
            stands_for, how = kinds[kind]
            found[name_key(label)] = Recognition(stands_for, None, how)
    return found
