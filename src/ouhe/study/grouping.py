"""The groups of regions that a study asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ouhe import text
from ouhe.errors import Problem, did_you_mean, listed
from ouhe.regions import RegionSet
from ouhe.study.load import StudyFile

__all__ = ["Grouping", "grouping"]


#: Groups as a study names them: a grouping of the region set, or group → regions.
Asked = str | Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Grouping:
    """Region → group, the names of the groups by language, and what was wrong; regions may stand in no group.

    ``finer`` are the groups within these groups, level by level, and hold every region that has a group.
    """

    group_of: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[text.Lang, Mapping[str, str]] = field(default_factory=lambda: {lang: {} for lang in text.LANGUAGES})
    problems: tuple[Problem, ...] = ()
    finer: tuple[Grouping, ...] = ()

    @property
    def members(self) -> dict[str, tuple[str, ...]]:
        """Group → its regions."""
        groups = dict.fromkeys(self.group_of.values())
        return {g: tuple(r for r, of in self.group_of.items() if of == g) for g in groups}


def grouping(file: StudyFile, known: RegionSet) -> Grouping:
    """Groups of a study: a grouping of the region set, groups of its own, or none; and the groups within them."""
    asked, stated = file.study.groups, "groups" in file.document.data
    default = type(file.study).model_fields["groups"].default
    if asked is None or (asked == default and asked not in known.groupings and not stated):
        coarse = Grouping()  # the default grouping belongs to the provinces; other sets simply have none
    else:
        coarse = _resolved(asked, file, known, "groups")
    finer = _finer(coarse, file, known)
    return replace(coarse, finer=finer, problems=(*coarse.problems, *(p for level in finer for p in level.problems)))


def _resolved(asked: Asked, file: StudyFile, known: RegionSet, *at: str | int) -> Grouping:
    """Groups that stand at a place of the study file."""
    if isinstance(asked, str):
        return _named(asked, file, known, *at)
    return _own(asked, file, known, *at)


def _finer(coarse: Grouping, file: StudyFile, known: RegionSet) -> tuple[Grouping, ...]:
    """Groups within the groups, as the analysis of inequality names them; every region with a group has one."""
    chosen = file.study.analyses.inequality  # type: ignore[attr-defined]
    found = []
    for number, asked in enumerate(chosen.levels if chosen else ()):
        at = ("analyses", "inequality", "levels", number)
        level = _resolved(asked, file, known, *at)
        lacking = [known.label(r) for r in coarse.group_of if r not in level.group_of]
        problems = level.problems
        if lacking and not problems:
            params = {"regions": listed(lacking), "level": number + 2}
            problems = (Problem("gather.no_finer_group", file.document.place(*at), params),)
        if not (coarse.group_of or coarse.problems):
            problems = (Problem("gather.no_groups_to_divide", file.document.place(*at)),)
        found.append(replace(level, problems=problems))
    return tuple(found)


def _named(asked: str, file: StudyFile, known: RegionSet, *at: str | int) -> Grouping:
    if asked not in known.groupings:
        near = did_you_mean(asked, known.groupings)
        problem = Problem("gather.unknown_grouping", file.document.place(*at), {"grouping": asked, "near": near})
        return Grouping(problems=(problem,))
    group_of = {r: g for r, g in known.groupings[asked].items() if r in known.ids}
    groups = dict.fromkeys(group_of.values())
    labels = {lang: {g: known.group_label(asked, g, lang) for g in groups} for lang in text.LANGUAGES}
    return Grouping(group_of, labels)


def _own(asked: Mapping[str, tuple[str, ...]], file: StudyFile, known: RegionSet, *at: str | int) -> Grouping:
    group_of: dict[str, str] = {}
    problems = []
    for group, members in asked.items():
        place = file.document.place(*at, group)
        for member in members:
            region = known.recognise(member, file.study.region_aliases).region
            if region is None:
                problems.append(
                    Problem("gather.unknown_region", place, {"region": member, "near": known.nearest(member)})
                )
            elif region in group_of:
                problems.append(Problem("gather.region_in_two_groups", place, {"region": region}))
            else:
                group_of[region] = group
    return Grouping(group_of, {lang: {g: g for g in asked} for lang in text.LANGUAGES}, tuple(problems))
