"""From the paths of a study to its grid, its zones and what must be derived, everything checked, nothing computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ouhe.compute import derive
from ouhe.errors import OuheError, Place, Problem
from ouhe.read.grid import Grid, GridEntry, Zones, open_grid, open_zones
from ouhe.study.gather import Progress
from ouhe.study.load import StudyFile
from ouhe.study.paths import Folder
from ouhe.study.schema import DataEntry, Raster, Study

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Gathered", "gather"]


@dataclass(frozen=True, eq=False)
class Gathered:
    """Grid of a study.

    Parameters
    ----------
    grid
        The layers, read when asked for; None where the paths lead nowhere.
    zones
        Zones of the cells, None where the study names none.
    derivations
        Ids that must be derived, in an order in which each finds its inputs.
    besides
        Files and stores of the mask, the zones and their names.
    outside
        Paths that lie outside the study's folder.
    warnings, problems
        What a reader must know, and what is wrong.
    """

    grid: Grid | None
    zones: Zones | None
    derivations: tuple[str, ...]
    besides: tuple[Path, ...]
    outside: tuple[str, ...]
    warnings: tuple[Problem, ...]
    problems: tuple[Problem, ...]


def gather(file: StudyFile, *, confined: bool, progress: Progress) -> Gathered:
    """Open all grids of a study.

    Parameters
    ----------
    file
        The study.
    confined
        Refuse paths that lead out of the study's folder.
    progress
        Told about every data entry.
    """
    study, folder = file.study, Folder(file.folder, confined)
    problems, warnings, outside = list[Problem](), list[Problem](), list[str]()
    entries: list[GridEntry] = []
    for i, entry in enumerate(study.data):
        progress("read", i, len(study.data))
        place = file.document.place("data", i, "path")
        paths, wrong = _paths(entry, folder, place)
        problems += wrong
        outside += [name for path, name in paths if not folder.holds(path)]
        if paths:
            entries.append(_entry(entry, paths, file.document.place("data", i)))
    series, derivations, wrong = _needed(file)
    problems += wrong
    mask, zones, zone_names, wrong = _besides(file, folder)
    problems += wrong
    besides = tuple(path for path in (mask, zones, zone_names) if isinstance(path, Path))
    outside += [folder.name(path) for path in besides if not folder.holds(path)]
    if problems:  # what is absent would be told once more, as lacking indicators
        return Gathered(None, None, derivations, besides, tuple(outside), (), tuple(problems))
    grid = open_grid(
        entries,
        names=series,
        years=study.years,
        mask=mask,
        within=file.folder if confined else None,
        dtype=study.raster.type if study.raster else None,
    )
    problems += grid.problems
    warnings += grid.told
    found = None
    if zones is not None and grid.frame is not None:
        try:
            found = open_zones(
                zones,
                zone_names,
                frame=grid.frame,
                file=folder.name(zones),
                of=grid.sources[0].file,
                within=file.folder if confined else None,
            )
            warnings += [*found.told, *_unzoned(found, grid, Place(folder.name(zones)))]
        except OuheError as error:
            problems += error.problems
    progress("read", len(study.data), len(study.data))
    return Gathered(grid, found, derivations, besides, tuple(outside), tuple(warnings), tuple(problems))


def _paths(entry: DataEntry, folder: Folder, place: Place) -> tuple[list[tuple[Path, str]], list[Problem]]:
    """Files and stores of an entry, each once, in a fixed order, and what is wrong with its paths."""
    found: dict[Path, str] = {}
    problems: list[Problem] = []
    for pattern in entry.path:
        files, wrong = folder.files(pattern, place, folders=True)
        found |= {path: folder.name(path) for path in files}
        problems += wrong
    return list(found.items()), problems


def _entry(entry: DataEntry, paths: list[tuple[Path, str]], place: Place) -> GridEntry:
    """What the study says about one entry, for the reader."""
    return GridEntry(
        paths=tuple(paths),
        columns=None if entry.columns is None else dict(entry.columns),
        year=entry.year,
        region=entry.region,
        fixed_year=entry.fixed_year,
        series=entry.series,
        place=place,
    )


def _needed(file: StudyFile) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...], list[Problem]]:
    """Series to read with the names they may have, series to derive in order, and what is wrong with formulas."""
    study = file.study
    problems: list[Problem] = []
    read: dict[str, None] = {}
    derived: dict[str, str] = {}
    pending = [i.id for i in study.indicators][::-1]
    while pending:
        series = pending.pop()
        if series in derived or series in read:
            continue
        if series not in study.derive:
            read[series] = None
            continue
        derived[series] = study.derive[series].expression
        place = file.document.place("derive", series)
        try:
            pending += reversed(derive.names(derived[series], place=place, target=series))
            if derive.looks_back(derived[series]):
                problems.append(Problem("raster.looks_back", place, {"series": series}))
        except OuheError as error:
            problems += error.problems
    if problems:
        return {}, (), problems
    try:
        order = derive.order(derived, places={k: file.document.place("derive", k) for k in derived})
    except OuheError as error:
        return {}, (), list(error.problems)
    return {series: _labels(study, series) for series in read}, tuple(order), problems


def _labels(study: Study, series: str) -> tuple[str, ...]:
    """Names under which a series may stand: its id, its name."""
    names = [i.name for i in study.indicators if i.id == series and i.name]
    return tuple(dict.fromkeys([series, *names]))


def _besides(file: StudyFile, folder: Folder) -> tuple[str | Path, Path | None, Path | None, list[Problem]]:
    """Mask, zones and their names as the study gives them, and what is wrong with their paths."""
    raster = file.study.raster or Raster()
    problems: list[Problem] = []

    def path(key: str) -> Path | None:
        given = getattr(raster, key)
        if given is None or (key == "mask" and given in ("same", "any")):
            return None
        files, wrong = folder.files(given, file.document.place("raster", key), folders=True)
        problems.extend(wrong)
        return files[0] if files else None

    mask, zones, names = path("mask"), path("zones"), path("zone_names")
    problems += _without_zones(file, raster)
    return mask or raster.mask, zones, names, problems


def _unzoned(zones: Zones, grid: Grid, place: Place) -> Iterator[Problem]:
    """Cells that count and lie in no zone."""
    bare = zones.codes.to_numpy() < 0
    count = int((bare if grid.inside is None else bare & grid.inside.to_numpy()).sum())
    if count:
        yield Problem("raster.no_zone", place, {"count": count, "counted": grid.inside_counts.counted})


def _without_zones(file: StudyFile, raster: Raster) -> Iterator[Problem]:
    if raster.zone_names is not None and raster.zones is None:
        yield Problem("raster.names_without_zones", file.document.place("raster", "zone_names"))
