"""The groups of regions that a study asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ouhe import text
from ouhe.errors import Problem, did_you_mean
from ouhe.regions import RegionSet
from ouhe.study.load import StudyFile

__all__ = ["Grouping", "grouping"]


@dataclass(frozen=True)
class Grouping:
    """Region → group, the names of the groups by language, and what was wrong; regions may stand in no group."""

    group_of: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[text.Lang, Mapping[str, str]] = field(default_factory=lambda: {lang: {} for lang in text.LANGUAGES})
    problems: tuple[Problem, ...] = ()

    @property
    def members(self) -> dict[str, tuple[str, ...]]:
        """Group → its regions."""
        groups = dict.fromkeys(self.group_of.values())
        return {g: tuple(r for r, of in self.group_of.items() if of == g) for g in groups}


def grouping(file: StudyFile, known: RegionSet) -> Grouping:
    """Groups of a study: a grouping of the region set, groups of its own, or none."""
    asked = file.study.groups
    if asked is None:
        return Grouping()
    if isinstance(asked, str):
        return _named(asked, file, known)
    return _own(asked, file, known)


def _named(asked: str, file: StudyFile, known: RegionSet) -> Grouping:
    if asked not in known.groupings:
        if "groups" not in file.document.data and asked == type(file.study).model_fields["groups"].default:
            return Grouping()  # the default grouping belongs to the provinces; other sets simply have none
        near = did_you_mean(asked, known.groupings)
        return Grouping(
            problems=(
                Problem("gather.unknown_grouping", file.document.place("groups"), {"grouping": asked, "near": near}),
            )
        )
    group_of = {r: g for r, g in known.groupings[asked].items() if r in known.ids}
    groups = dict.fromkeys(group_of.values())
    labels = {lang: {g: known.group_label(asked, g, lang) for g in groups} for lang in text.LANGUAGES}
    return Grouping(group_of, labels)


def _own(asked: Mapping[str, tuple[str, ...]], file: StudyFile, known: RegionSet) -> Grouping:
    group_of: dict[str, str] = {}
    problems = []
    for group, members in asked.items():
        place = file.document.place("groups", group)
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
