"""A set of regions as one value: its table, its groupings, its borders, and the matching of names to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from ouhe import text
from ouhe.errors import Place, Problem, StudyError, did_you_mean
from ouhe.regions.names import Recognition, name_key

__all__ = ["COLUMNS", "RegionSet"]

#: Columns of :attr:`RegionSet.table`; texts are "" and numbers NaN where not known.
COLUMNS = (
    "name_zh",
    "name_en",
    "short_zh",
    "short_en",
    "pinyin",
    "code",
    "capital",
    "longitude",
    "latitude",
    "tile_row",
    "tile_column",
)

_UNKNOWN = Recognition("unknown", None, "unknown")


@dataclass(frozen=True, eq=False)
class RegionSet:
    """A set of regions.

    Parameters
    ----------
    name
        Name of the set, or the file it came from.
    table
        One row a region, index = id, columns :data:`COLUMNS`; longitude and latitude (degrees, WGS84) are those of
        the capital, tile row and column its place in a tile grid, the short names what stands in a tile.
    groupings
        Grouping → region → group. A grouping may leave regions out.
    labels
        Language → key → label; keys are region ids, ``grouping``, ``grouping/group`` and the set's own name.
    borders
        Pairs of regions with a common border, each once.
    lookup
        Key of a name (:func:`~ouhe.regions.names.name_key`) → what it stands for.
    family
        Table as `table` of all regions that the set is taken from, those outside it too.
    border_kinds
        Pair of `borders` → ``land`` (or along a river), ``strait`` or ``corner``; empty where not known.
    nation
        The regions are those of a nation, so that their mean is called its mean.
    approval
        Maps of the regions are published with the number under which they were approved (审图号).

    Examples
    --------
    >>> from ouhe import regions
    >>> china = regions.load("china-provinces")
    >>> len(china.ids), len(china.borders), china.label("内蒙古", "en")
    (31, 69, 'Inner Mongolia')
    >>> china.recognise("北   京")
    Recognition(kind='region', region='北京', how='id')
    >>> china.recognise("东部地区").kind, china.recognise("江两").kind
    ('macro-region', 'unknown')
    """

    name: str
    table: pd.DataFrame
    groupings: Mapping[str, Mapping[str, str]] = field(repr=False)
    labels: Mapping[text.Lang, Mapping[str, str]] = field(repr=False)
    borders: tuple[tuple[str, str], ...] = field(repr=False)
    lookup: Mapping[str, Recognition] = field(repr=False)
    family: pd.DataFrame = field(repr=False)
    border_kinds: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)
    nation: bool = field(default=False, repr=False)
    approval: bool = field(default=False, repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the regions, in the set's order."""
        return tuple(self.table.index)

    @property
    def shown(self) -> pd.DataFrame:
        """Regions that a map shows: those of the set, and those outside it that have a place in the tile grid.

        Returns
        -------
        pd.DataFrame
            Index = id, in the order of the family; ``short_zh``, ``short_en``, ``tile_row`` and ``tile_column`` (NaN
            where not known), and ``studied``, which is False for the regions outside the set.

        Examples
        --------
        >>> from ouhe import regions
        >>> shown = regions.load("china-provinces").shown
        >>> len(shown), list(shown.index[~shown["studied"]])
        (34, ['台湾', '香港', '澳门'])
        """
        columns = ["short_zh", "short_en", "tile_row", "tile_column"]
        every = self.family[columns].assign(studied=self.family.index.isin(self.table.index))
        return every[every["studied"] | every[["tile_row", "tile_column"]].notna().all(axis=1)]

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"RegionSet({self.name!r}, {len(self)} regions, {len(self.borders)} borders)"

    def recognise(self, label: object, aliases: Mapping[str, str] | None = None) -> Recognition:
        """Say what `label` stands for; names must agree exactly but for white space, width and case.

        Parameters
        ----------
        label
            Text of a cell, or a code as a number.
        aliases
            The study's own names: label → region (any name of it). They win over the set's.

        Raises
        ------
        StudyError
            The alias that names `label` leads to no region of the set.

        Examples
        --------
        >>> from ouhe import regions
        >>> regions.load("china-provinces").recognise("内蒙占", {"内蒙占": "内蒙古"}).how
        'study-alias'
        """
        key = name_key(label)
        if aliases:
            for alias, region in aliases.items():
                if name_key(alias) == key:
                    return self._alias(alias, region)
        return self.lookup.get(key, _UNKNOWN)

    def _alias(self, alias: str, region: str) -> Recognition:
        found = self.lookup.get(name_key(region), _UNKNOWN)
        if found.region is None:
            raise StudyError(self._alias_problem(alias, region))
        return Recognition("region", found.region, "study-alias")

    def _alias_problem(self, alias: str, region: str) -> Problem:
        return Problem(
            "regions.alias_unknown", Place(), {"alias": alias, "region": region, "nearest": self.nearest(region)}
        )

    def check_aliases(self, aliases: Mapping[str, str]) -> list[Problem]:
        """One problem for each alias that leads to no region of the set."""
        return [
            self._alias_problem(alias, region)
            for alias, region in aliases.items()
            if self.lookup.get(name_key(region), _UNKNOWN).region is None
        ]

    def without(self, left_out: Collection[str]) -> RegionSet:
        """The set without some of its regions, which are from then on recognised as ``"other"``.

        Examples
        --------
        >>> from ouhe import regions
        >>> smaller = regions.load("china-provinces").without(["西藏"])
        >>> len(smaller), len(smaller.borders), smaller.recognise("西藏自治区").kind
        (30, 65, 'other')
        """
        gone = set(left_out)
        other = Recognition("other", None, "left-out")
        return replace(
            self,
            table=self.table.drop(index=[r for r in self.ids if r in gone]),
            groupings={k: {r: g for r, g in of.items() if r not in gone} for k, of in self.groupings.items()},
            borders=tuple(pair for pair in self.borders if not gone & set(pair)),
            border_kinds={pair: kind for pair, kind in self.border_kinds.items() if not gone & set(pair)},
            lookup={k: other if v.region in gone else v for k, v in self.lookup.items()},
            nation=self.nation and not gone,
        )

    def setting_aside(self, labels: Iterable[str]) -> RegionSet:
        """The set with `labels` recognised as ``"other"``: names that a study says are no regions.

        Examples
        --------
        >>> from ouhe import regions
        >>> regions.load("china-provinces").setting_aside(["全省"]).recognise("全 省").how
        'as-the-study-says'
        """
        other = Recognition("other", None, "as-the-study-says")
        return replace(self, lookup={**self.lookup, **{name_key(label): other for label in labels}})

    def nearest(self, label: object) -> str:
        """Part of a message that offers the nearest names, or an empty text.

        Examples
        --------
        >>> from ouhe import regions, text
        >>> with text.use("en"):
        ...     regions.load("china-provinces").nearest("内蒙占")
        '; did you mean "内蒙古"?'
        """
        known = [*self.ids, *(n for n in self.table["name_en"] if n), *(self.label(r, "zh") for r in self.ids)]
        return did_you_mean(str(label), dict.fromkeys(known))

    def label(self, region: str, lang: text.Lang | None = None) -> str:
        """Name of a region for readers of `lang`; its id where no other is known."""
        return self.labels[lang or text.current()].get(region, region)

    def short(self, region: str, lang: text.Lang | None = None) -> str:
        """Name of a region that fits a tile of a map: its short name, else the first characters of its name.

        Examples
        --------
        >>> from ouhe import regions
        >>> china = regions.load("china-provinces")
        >>> china.short("内蒙古", "zh"), china.short("内蒙古", "en")
        ('蒙', 'NM')
        """
        lang = lang or text.current()
        shorts = {of: self.family[f"short_{of}"].get(region, "") for of in text.LANGUAGES}
        name = self.labels[lang].get(region)
        if shorts[lang] or name:
            return shorts[lang] or _abridged(name or region)
        return "".join(shorts.values()) or _abridged(region)

    def group_label(self, grouping: str, group: str | None = None, lang: text.Lang | None = None) -> str:
        """Name of a grouping, or of one of its groups.

        Examples
        --------
        >>> from ouhe import regions
        >>> regions.load("china-provinces").group_label("four-economic-regions", "East", "zh")
        '东部地区'
        """
        key = grouping if group is None else f"{grouping}/{group}"
        return self.labels[lang or text.current()].get(key, group or grouping)


def _abridged(name: str) -> str:
    """As much of a name as fits a tile: two Chinese characters or three letters; a name of four letters stays whole."""
    if "\u2e80" <= name[:1] <= "\uffef":
        return name[:2]
    return name if len(name) <= 4 else name[:3]
