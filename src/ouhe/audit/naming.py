"""Which variable, region, scope and year a text of a paper file means; what is not understood becomes a problem."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from ouhe import regions, text
from ouhe.audit.load import Loaded
from ouhe.audit.printed import Printed
from ouhe.audit.published import NATION
from ouhe.audit.tables import header_names, missing
from ouhe.errors import OuheError, Place, Problem, did_you_mean, listed
from ouhe.regions import RegionSet
from ouhe.regions.names import name_key

__all__ = ["Naming", "naming"]

_YEARS = re.compile(r"(?P<first>\d{4})年?(?:\D+(?P<last>\d{4})年?)?")


class Years(NamedTuple):
    """First and last year of a period."""

    first: int
    last: int


@dataclass(eq=False)
class Naming:
    """Names that the paper file knows, and what was wrong so far.

    Parameters
    ----------
    loaded
        The paper file.
    known
        The region set; None where only names or a number are given.
    regions
        Regions, in order; those of a number of regions are taken as they come.
    count
        How many there are.
    variables, scopes
        Spelling as compared → variable or scope.
    sizes, members, labels
        Of the groups, and what sentences call them.
    problems
        What was wrong.
    """

    loaded: Loaded
    known: RegionSet | None = None
    regions: dict[str, str] = field(default_factory=dict)
    count: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _told: set[tuple[object, ...]] = field(default_factory=set, init=False, repr=False)

    def tell(self, key: str, place: Place, **params: object) -> None:
        """Keep a problem, once however many cells have it."""
        said = (key, *((k, str(v)) for k, v in params.items()))
        if said not in self._told:
            self._told.add(said)
            self.problems.append(Problem(key, place, params))

    def variable(self, name: str, place: Place) -> str | None:
        """Variable that a name means."""
        found = self.variables.get(name_key(name))
        if not name:
            self.tell("audit.no_variable", place)
        elif found is None:
            known = list(dict.fromkeys([*self.loaded.paper.systems, "C", "T", "D"]))
            near = did_you_mean(name, known)
            self.tell("audit.unknown_variable", place, name=name, known=listed(known), near=near)
        return found

    def system(self, name: str, place: Place) -> str | None:
        """System that a name means; the only one where none is named."""
        systems = tuple(self.loaded.paper.systems)
        if not name and len(systems) == 1:
            return systems[0]
        found = self.variables.get(name_key(name))
        if found not in systems:
            self.tell("audit.unknown_system", place, name=name, known=listed(systems), near=did_you_mean(name, systems))
            return None
        return found

    def region(self, name: str, place: Place) -> str | None:
        """Region that a name means."""
        if self.known is not None:
            found = self.known.recognise(name, self.loaded.paper.region_aliases).region
            found = found if found in self.regions else None
        else:
            key = name_key(self.loaded.paper.region_aliases.get(name, name))
            if (
                key not in self.regions
                and self.loaded.paper.regions.count is not None
                and len(self.regions) < self.count
            ):
                self.regions[key] = name
            found = self.regions.get(key)
        if found is None:
            near = self.known.nearest(name) if self.known else did_you_mean(name, self.regions.values())
            self.tell("audit.unknown_region", place, name=name, near=near)
        return found

    def scope_or_none(self, name: str) -> str | None:
        """Scope that a name means; None where it means none."""
        return self.scopes.get(name_key(name)) if name else NATION

    def scope(self, name: str, place: Place) -> str | None:
        """Scope that a name means: the nation, or a group."""
        found = self.scope_or_none(name)
        if found is None:
            known = [self.labels[NATION], *self.sizes]
            self.tell("audit.unknown_scope", place, name=name, known=listed(known), near=did_you_mean(name, known))
        return found

    def period(self, said: str, place: Place) -> Years | None:
        """Years that a text means; all years where it is empty."""
        years = self.loaded.paper.years
        if not said:
            return Years(years[0], years[-1])
        found = _YEARS.fullmatch(said.strip())
        if found is None:
            self.tell("audit.not_a_period", place, text=said)
            return None
        first = int(found["first"])
        last = int(found["last"] or first)
        if first not in years or last not in years or first > last:
            self.tell("audit.outside_years", place, text=said, first=years[0], last=years[-1])
            return None
        return Years(first, last)

    def year(self, said: str, place: Place) -> int | None:
        """Year that a text means; the only one where it is empty."""
        found = self.period(said, place)
        if found is not None and found.first != found.last:
            self.tell("audit.one_year", place, text=said)
            return None
        return found.first if found else None

    def printed(self, cell: str, place: Place, *, percent: bool = False) -> Printed | None:
        """Number that a cell prints; None where it holds none."""
        if missing(cell):
            return None
        try:
            return Printed.of(cell, percent=percent)
        except OuheError as error:
            self.problems += [Problem(p.key, place, p.params) for p in error.problems]
            return None


def naming(loaded: Loaded) -> Naming:
    """Names that a paper file knows."""
    found = Naming(loaded)
    _regions(found)
    _variables(found)
    _scopes(found)
    for label, system in loaded.paper.lag_labels.items():
        found.system(system, loaded.document.place("lag_labels", label))
    return found


def _regions(out: Naming) -> None:
    said, place = out.loaded.paper.regions, out.loaded.document.place("regions")
    if said.set is not None:
        try:
            path = out.loaded.folder / said.set
            known = regions.load(path if said.set not in regions.builtin() and path.is_file() else said.set)
        except OuheError as error:
            out.problems += [Problem(p.key, place, p.params) for p in error.problems]
            return
        unknown = [r for r in said.without if r not in known.ids]
        for name in unknown:
            out.tell("audit.unknown_region", place, name=name, near=known.nearest(name))
        out.known = known.without([r for r in said.without if r not in unknown]) if said.without else known
        out.regions = {r: r for r in out.known.ids}
    elif said.names is not None:
        out.regions = {name_key(r): r for r in said.names}
    out.count = said.count or len(out.regions)


def _variables(out: Naming) -> None:
    paper = out.loaded.paper
    out.variables = dict(header_names("variables"))
    for number, (system, others) in enumerate(paper.systems.items(), start=1):
        out.variables.setdefault(f"u{number}", system)
        for name in (system, *others):
            out.variables[name_key(name)] = system


def _scopes(out: Naming) -> None:
    paper, place = out.loaded.paper, out.loaded.document.place("groups")
    out.scopes = dict(header_names("scopes")) | {name_key(n): NATION for n in paper.nation}
    out.labels = {NATION: paper.nation[0] if paper.nation else text.t("labels.nation", lang=out.loaded.lang)}
    out.scopes[name_key(out.labels[NATION])] = NATION
    if isinstance(paper.groups, str):
        _built_in(out, paper.groups, place)
        return
    for group, members in (paper.groups or {}).items():
        at = out.loaded.document.place("groups", group)
        if isinstance(members, int):
            out.sizes[group] = members
        else:
            named = [r for r in (out.region(name, at) for name in members) if r is not None]
            out.members[group], out.sizes[group] = tuple(named), len(members)
        out.scopes[name_key(group)], out.labels[group] = group, group
    taken = [r for held in out.members.values() for r in held]
    for name in sorted({r for r in taken if taken.count(r) > 1}):
        out.tell("audit.region_in_two_groups", place, region=name)
    if out.sizes and sum(out.sizes.values()) > out.count:
        out.tell("audit.groups_too_large", place, sum=sum(out.sizes.values()), count=out.count)


def _built_in(out: Naming, asked: str, place: Place) -> None:
    if out.known is None or asked not in out.known.groupings:
        known = out.known.groupings if out.known else ()
        out.tell("audit.unknown_grouping", place, name=asked, near=did_you_mean(asked, known))
        return
    members: dict[str, list[str]] = {}
    for region, group in out.known.groupings[asked].items():
        if region in out.regions:
            members.setdefault(group, []).append(region)
    out.members = {g: tuple(held) for g, held in members.items()}
    out.sizes = {g: len(held) for g, held in members.items()}
    for group in members:
        spelled = [group, *(out.known.group_label(asked, group, lang) for lang in text.LANGUAGES)]
        for name in spelled:
            for short in (name, name.removesuffix("地区"), name.removesuffix("区域")):
                out.scopes.setdefault(name_key(short), group)
        out.labels[group] = spelled[1 + text.LANGUAGES.index(out.loaded.lang)]
