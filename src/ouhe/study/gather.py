"""From the paths of a study to one array of raw series, everything read, matched and left out on record."""

from __future__ import annotations

import glob
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ouhe import regions
from ouhe.errors import OuheError, Problem, did_you_mean, placed
from ouhe.read import read_entry
from ouhe.read.assemble import Assembled, assemble
from ouhe.read.reading import Reading, ReadOptions
from ouhe.regions import RegionSet
from ouhe.study import needs
from ouhe.study.load import StudyFile
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
    study = file.study
    full = _region_set(file, confined=confined)
    problems = [*file.problems, *_check_regions(file, full)]
    readings: list[Reading] = []
    outside: list[str] = []
    unread = False
    for i, entry in enumerate(study.data):
        progress("read", i, len(study.data))
        paths, wrong = _paths(entry, file, confined=confined, position=i)
        problems += wrong
        outside += [str(p.resolve()) for p, _ in paths if not _inside(p, file.folder)]
        reading = read_entry(paths, layout=entry.layout, regions=full, options=_options(study, entry))
        readings.append(reading)
        unread = unread or bool(wrong) or not {name for _, name in paths} <= {s.file for s in reading.sources}
    progress("read", len(study.data), len(study.data))
    plan = needs.plan(file, readings, complete=not unread)
    years = needs.years(study, readings)
    raw = assemble(readings, regions=full, years=years, series=plan.series, editions=study.editions)
    kept = full.without(study.regions.without) if study.regions.without else full
    return Gathered(kept, raw, plan.derivations, tuple(outside), (*problems, *plan.problems, *raw.problems))


def _region_set(file: StudyFile, *, confined: bool) -> RegionSet:
    """The study's region set: built in, or a file beside the study."""
    name = file.study.regions.set
    with placed(file.document.place("regions", "set")):
        if name in regions.builtin() or not name.lower().endswith(".csv"):
            return regions.load(name)
        path = file.folder / name
        if confined and not _inside(path, file.folder):
            raise OuheError.of("gather.outside", path=name)
        return regions.from_file(path)


def _check_regions(file: StudyFile, known: RegionSet) -> list[Problem]:
    """Regions that a study names and its set does not hold."""
    aliases = known.check_aliases(file.study.region_aliases)
    problems = [replace(p, place=file.document.place("region_aliases", str(p.params["alias"]))) for p in aliases]
    for name in file.study.regions.without:
        if name not in known.ids:
            place = file.document.place("regions", "without")
            problems.append(Problem("gather.unknown_region", place, {"region": name, "near": known.nearest(name)}))
    return problems


def _options(study: Study, entry: DataEntry) -> ReadOptions:
    """What the study says about one entry, for a reader."""
    names: dict[str, tuple[str, ...]] | None = None
    if entry.columns is not None:
        names = dict(entry.columns)
    elif entry.series is None:
        names = needs.accepted_headers(study)
    return ReadOptions(
        names=names,
        required=entry.columns is not None,
        aliases=study.region_aliases,
        tokens=study.missing.tokens,
        sheet=entry.sheet,
        region=entry.region,
        year=entry.year,
        fixed_year=entry.fixed_year,
        series=entry.series,
    )


def _paths(
    entry: DataEntry, file: StudyFile, *, confined: bool, position: int
) -> tuple[list[tuple[Path, str]], list[Problem]]:
    """Files of an entry with their names for messages, in a fixed order."""
    found: list[tuple[Path, str]] = []
    problems: list[Problem] = []
    for pattern in entry.path:
        place = file.document.place("data", position, "path")
        if confined and not _inside(file.folder / pattern, file.folder):
            problems.append(Problem("gather.outside", place, {"path": pattern}))
            continue
        files = _matching(pattern, file.folder)
        if not files:
            problems.append(Problem("gather.no_file", place, {"path": pattern, "near": _near(pattern, file.folder)}))
        for path in files:
            if confined and not _inside(path, file.folder):
                problems.append(Problem("gather.outside", place, {"path": pattern}))
                break
            if path.is_file():
                found.append((path, _name(path, file.folder)))
            else:
                problems.append(Problem("gather.not_a_file", place, {"path": pattern}))
    return list(dict.fromkeys(found)), problems


def _matching(pattern: str, folder: Path) -> list[Path]:
    literal = folder / pattern
    if literal.exists():
        return [literal]
    return sorted(Path(p) for p in glob.glob(str(Path(glob.escape(str(folder))) / pattern), recursive=True))  # noqa: PTH207 (Path.glob refuses absolute patterns)


def _inside(path: Path, folder: Path) -> bool:
    """Whether `path` lies in `folder` after every link is followed."""
    return path.resolve().is_relative_to(folder.resolve())


def _name(path: Path, folder: Path) -> str:
    relative = path.relative_to(folder) if path.is_relative_to(folder) else path
    return relative.as_posix()


def _near(pattern: str, folder: Path) -> str:
    parent = (folder / pattern).parent
    names = [p.name for p in parent.iterdir()] if parent.is_dir() else []
    return did_you_mean(Path(pattern).name, names)
