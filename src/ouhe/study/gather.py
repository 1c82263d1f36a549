"""From the paths of a study to one array of raw series, everything read, matched and left out on record."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from ouhe.errors import Place, Problem
from ouhe.read import read_entry
from ouhe.read.assemble import Assembled, assemble
from ouhe.read.reading import Reading, ReadOptions
from ouhe.regions import RegionSet
from ouhe.study import needs
from ouhe.study.load import StudyFile
from ouhe.study.paths import Folder
from ouhe.study.region_set import studied_regions
from ouhe.study.schema import DataEntry, Study

__all__ = ["Gathered", "Progress", "gather", "silent"]

#: Called with a step's name, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Gathered:
    """Raw series of a study.

    Parameters
    ----------
    regions
        The region set, cut to the regions studied.
    raw
        The series as read.
    derivations
        Ids that must be derived, in an order in which each finds its inputs.
    outside
        Paths that lie outside the study's folder.
    problems
        All problems found.
    """

    regions: RegionSet
    raw: Assembled
    derivations: tuple[str, ...]
    outside: tuple[str, ...]
    problems: tuple[Problem, ...]


def gather(file: StudyFile, *, confined: bool, progress: Progress) -> Gathered:
    """Read all data of a study.

    Parameters
    ----------
    file
        The study.
    confined
        Refuse paths that lead out of the study's folder.
    progress
        Told about every data entry.

    Raises
    ------
    OuheError
        The region set cannot be had, so nothing can be read.
    """
    study, folder = file.study, Folder(file.folder, confined)
    found = studied_regions(file, folder)
    readings: list[Reading] = []
    problems = [*file.problems, *found.problems]
    unknown = {str(p.params["alias"]) for p in found.problems if "alias" in p.params}
    outside: list[str] = (
        [] if found.source is None or folder.holds(folder.path / found.source.file) else [found.source.file]
    )
    unread = False
    for i, entry in enumerate(study.data):
        progress("read", i, len(study.data))
        paths, wrong = _paths(entry, folder, file.document.place("data", i, "path"))
        problems += wrong
        outside += [folder.name(p) for p in paths if not folder.holds(p)]
        named = [(p, folder.name(p)) for p in paths]
        reading = read_entry(
            named, layout=entry.layout, regions=found.full, options=_options(study, entry, unknown=unknown)
        )
        readings.append(reading)
        unread = unread or bool(wrong) or not {name for _, name in named} <= {s.file for s in reading.sources}
    progress("read", len(study.data), len(study.data))
    plan = needs.plan(file, readings, complete=not unread)
    years = needs.years(study, readings)
    raw = assemble(readings, regions=found.full, years=years, series=plan.series, editions=study.editions)
    if found.source is not None:
        raw = replace(raw, sources=(*raw.sources, found.source))
    return Gathered(found.kept, raw, plan.derivations, tuple(outside), (*problems, *plan.problems, *raw.problems))


def _paths(entry: DataEntry, folder: Folder, place: Place) -> tuple[list[Path], list[Problem]]:
    """Files of an entry, each once, in a fixed order, and what is wrong with its paths."""
    found: dict[Path, None] = {}
    problems: list[Problem] = []
    for pattern in entry.path:
        files, wrong = folder.files(pattern, place)
        found |= dict.fromkeys(files)
        problems += wrong
    return list(found), problems


def _options(study: Study, entry: DataEntry, *, unknown: Collection[str]) -> ReadOptions:
    """What the study says about one entry, for a reader; aliases that lead nowhere (`unknown`) were told before."""
    names: dict[str, tuple[str, ...]] | None = None
    if entry.columns is not None:
        names = dict(entry.columns)
    elif entry.series is None:
        names = needs.accepted_headers(study)
    return ReadOptions(
        names=names,
        required=entry.columns is not None,
        aliases={label: region for label, region in study.region_aliases.items() if label not in unknown},
        tokens=study.missing.tokens,
        sheet=entry.sheet,
        region=entry.region,
        year=entry.year,
        fixed_year=entry.fixed_year,
        series=entry.series,
    )
