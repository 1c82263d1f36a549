"""The spatial weights a study asks for: made from borders, coordinates, a series of the panel, or a file."""

from __future__ import annotations

import glob
import hashlib
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import xarray as xr

from ouhe import text
from ouhe.errors import OuheError, OuheWarning, Place, Problem, did_you_mean, heard, placed
from ouhe.neighbours import Neighbours
from ouhe.read.boundaries import Boundaries, read_boundaries
from ouhe.read.reading import Source
from ouhe.regions import RegionSet
from ouhe.results.space import Space
from ouhe.study.analyses import NeighboursChoice
from ouhe.study.load import StudyFile
from ouhe.study.methods import METHODS
from ouhe.study.paths import Folder
from ouhe.study.region_set import studied_regions

__all__ = ["Located", "base_map", "locate", "name_of"]


@dataclass(frozen=True, eq=False)
class Located:
    """Where the regions of a study are.

    Parameters
    ----------
    space
        The spatial weights, by name.
    boundaries
        The user's own base map, None where the study names none.
    sources
        Files that were read for them.
    outside
        Those of them that lie outside the study's folder.
    warnings, problems
        What a reader must know, and what is wrong.
    """

    space: Space = field(default_factory=Space)
    boundaries: Boundaries | None = None
    sources: tuple[Source, ...] = ()
    outside: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()


def name_of(choice: NeighboursChoice, lang: text.Lang) -> str:
    """Name of spatial weights: the study's own, or the method with its main option and whatever is not a default.

    Examples
    --------
    >>> from pydantic import TypeAdapter
    >>> from ouhe.study.methods import union
    >>> some = TypeAdapter(union("neighbours", NeighboursChoice))
    >>> name_of(some.validate_python("k-nearest"), "en")
    '4 nearest'
    >>> name_of(some.validate_python({"method": "k-nearest", "k": 5, "metric": "great-circle"}), "zh")
    '5 近邻（metric=great-circle）'
    """
    if choice.name:
        return choice.name
    given = choice.model_dump(exclude={"method", "name"})
    if "path" in given:
        given["path"] = Path(given["path"]).name
    key = f"labels.neighbours_{choice.method}".replace("-", "_")
    label = text.t(key, lang=lang, **given)
    told = set(re.findall(r"{(\w+)", text.texts("labels", lang)[key.removeprefix("labels.")]))
    other = choice.model_dump(exclude={"method", "name", *told}, exclude_defaults=True)
    said = ", ".join(f"{k}={v}" for k, v in other.items())
    return text.t("labels.with_options", lang=lang, label=label, options=said) if said else label


def locate(file: StudyFile, regions: RegionSet, values: xr.DataArray, *, confined: bool) -> Located:
    """Spatial weights and base map of a study; problems are collected.

    Parameters
    ----------
    file
        The study.
    regions
        The regions studied.
    values
        All series as used ``(region, year, series)``, for economic distances.
    confined
        Refuse paths that lead out of the study's folder.
    """
    files = _Files(file, Folder(file.folder, confined), regions)
    problems: list[Problem] = []
    weights: dict[str, Neighbours] = {}
    with heard() as told:
        try:
            files.open_map()
        except OuheError as error:
            problems += error.problems
        for choice in file.study.analyses.weights():
            place, name = _place(file, choice), name_of(choice, file.study.language)
            if name in weights:
                problems.append(Problem("space.name_twice", place, {"name": name}))
                continue
            try:
                with placed(place):
                    weights[name] = _made(choice, files, values, place).named(name)
            except OuheError as error:
                problems += error.problems
    return Located(
        space=Space(tuple(weights.values())),
        boundaries=files.map,
        sources=tuple(files.read),
        outside=tuple(files.outside),
        warnings=tuple(told),
        problems=tuple(problems),
    )


def base_map(file: StudyFile, sources: Sequence[Source]) -> Boundaries:
    """The study's own base map, as it was when the study was run.

    Parameters
    ----------
    file
        The study, which names a base map.
    sources
        Files that the run read.

    Raises
    ------
    OuheError
        The file is no longer there, or is another one now.
    """
    files = _Files(file, Folder(file.folder), studied_regions(file, Folder(file.folder)).kept)
    with heard():  # told when the study was run
        files.open_map()
    if files.map is None or (files.map.file, files.map.sha256) not in {(s.file, s.sha256) for s in sources}:
        raise OuheError.of("space.map_changed", file.document.place("map"))
    return files.map


class _Files:
    """Files beside a study, each read once, inside its folder where the run is confined."""

    def __init__(self, file: StudyFile, folder: Folder, regions: RegionSet) -> None:
        self.file, self.folder, self.regions = file, folder, regions
        self.read: list[Source] = []
        self.outside: list[str] = []
        self.map: Boundaries | None = None

    def path(self, given: str, place: Place) -> Path:
        found, problems = self.folder.files(given, place)
        if not problems and len(found) != 1:
            problems = [Problem("space.one_file", place, {"path": given, "count": len(found)})]
        if problems:
            raise OuheError(*problems)
        return found[0]

    def note(self, name: str, digest: str, layout: str, path: Path) -> None:
        self.read.append(Source(name, digest, layout=layout))
        if not self.folder.holds(path):
            self.outside.append(self.folder.name(path))

    def boundaries(self, given: str, name_column: str | None, place: Place, approval: str = "") -> Boundaries:
        path = self.path(given, place)
        parts = sorted(path.parent.glob(f"{glob.escape(path.stem)}.*")) if path.suffix.lower() == ".shp" else []
        refused = (self.folder.name(p) for p in parts if self.folder.refuses(p))
        outside = [Problem("gather.outside", place, {"path": part}) for part in refused]
        if outside:
            raise OuheError(*outside)
        aliases = self.file.study.region_aliases
        with placed(place):
            found = read_boundaries(
                path,
                self.regions,
                file=self.folder.name(path),
                name_column=name_column,
                aliases=aliases,
                approval=approval,
            )
        self.note(found.file, found.sha256, "boundaries", path)
        return found

    def open_map(self) -> None:
        """Read the study's base map, where it names one."""
        wanted, place = self.file.study.map, self.file.document.place("map")
        if wanted is None:
            return
        self.map = self.boundaries(wanted.boundaries, wanted.name_column, place, wanted.approval)
        if not wanted.approval and self.regions.approval:
            warnings.warn(OuheWarning.of("space.no_approval", file=self.map.file), stacklevel=2)

    def points(self, kind: str, place: Place) -> pd.DataFrame:
        """Where the regions are: coordinates of the region set, or centres of the base map's shapes."""
        if kind == "set":
            return self.regions.table[["longitude", "latitude"]]
        if self.map is None:
            raise OuheError(Problem("space.no_map", place))
        return self.map.centroids()


def _made(choice: NeighboursChoice, files: _Files, values: xr.DataArray, place: Place) -> Neighbours:
    """Weights of one choice."""
    make: Callable[..., Neighbours] = METHODS["neighbours"][choice.method]
    options, given = choice.options(), choice.model_dump()
    if choice.method == "contiguity":
        return make(files.regions, **options)
    if choice.method == "lattice":
        raise OuheError(Problem("neighbours.no_lattice", place))
    if choice.method == "boundaries":
        return make(files.boundaries(given["path"], given["name_column"], place), **options)
    if choice.method == "matrix":
        path = files.path(given["path"], place)
        name = files.folder.name(path)
        found = make(path, files.regions, file=name, aliases=files.file.study.region_aliases, **options)
        files.note(name, hashlib.sha256(path.read_bytes()).hexdigest(), "matrix", path)
        return found
    if choice.method == "economic":
        return make(_series(given["of"], values, place), **options)
    points = files.points(given["points"], place)
    if choice.method == "economic-geographic":
        return make(_series(given["of"], values, place), points, **options)
    return make(points, **options)


def _series(name: str, values: xr.DataArray, place: Place) -> xr.DataArray:
    """One series of the panel, by its id."""
    known = list(map(str, values["series"].to_numpy()))
    if name not in known:
        raise OuheError(Problem("space.no_series", place, {"series": name, "near": did_you_mean(name, known)}))
    return values.sel(series=name, drop=True)


def _place(file: StudyFile, choice: NeighboursChoice) -> Place:
    """Where a study names these weights."""
    for name, analysis in file.study.analyses.asked():
        if choice in analysis.weights():
            return file.document.place("analyses", name, "neighbours")
    return file.document.place("analyses")
