"""A study of rasters read and checked as far as its metadata tell, nothing computed; all problems together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ouhe import text
from ouhe.errors import OuheError, Problem, StudyError, did_you_mean, listed
from ouhe.read.grid import Grid
from ouhe.study.gather import Progress, silent
from ouhe.study.load import StudyFile
from ouhe.study.questions import unanswerable, variables_of
from ouhe.study.raster.gather import Gathered, gather
from ouhe.study.raster.refused import refused
from ouhe.study.schema import Raster, Study

__all__ = ["RasterChecked", "check_raster", "written"]

#: Words in ``raster.write`` for what has no name of its own in tables.
CODES = ("class", "lag")


@dataclass(frozen=True, eq=False)
class RasterChecked:
    """A study whose grids were opened and fit one another, ready to be computed."""

    file: StudyFile
    gathered: Gathered
    grid: Grid

    @property
    def outside(self) -> tuple[str, ...]:
        """Files that are read from outside the study's folder."""
        return tuple(dict.fromkeys(self.gathered.outside))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What a reader must know, found so far."""
        return self.gathered.warnings

    def summary(self) -> str:
        """What was found, in a few lines of the current language."""
        study, sizes = self.file.study, self.grid.layout().sizes
        places = " × ".join(f"{sizes[d]:,}" for d in ("y", "x", "region") if d in sizes)
        said: dict[str, Any] = {"title": study.title, "first": study.years[0], "last": study.years[-1], "cells": places}
        said |= {"years": len(study.years), "indicators": len(study.indicators), "systems": len(study.systems)}
        lines = [text.t("cli.checked_rasters" if "y" in sizes else "cli.checked_rows", **said)]
        for source in self.grid.sources:
            about: dict[str, Any] = {"file": source.file, "format": source.format, "size": source.size / 2**20}
            lines.append(text.t("cli.checked_grid", **about))
        return "\n".join([*lines, text.t("cli.checked_fine_so_far")])


def check_raster(
    file: StudyFile,
    *,
    confined: bool = False,
    progress: Progress = silent,
    problems: Sequence[Problem] = (),
) -> RasterChecked:
    """Open and check everything of a study of rasters, compute nothing; values are checked while they are computed.

    Parameters
    ----------
    file
        The study.
    confined
        Refuse paths that lead out of the study's folder.
    progress
        Called with a step, how much of it is done and how much there is.
    problems
        What the caller found wrong before, to be told with the rest.

    Raises
    ------
    OuheError
        With all problems of the study and its grids together.
    """
    try:
        gathered = gather(file, confined=confined, progress=progress)
    except OuheError as error:
        raise StudyError(*problems, *file.problems, *error.problems) from error
    # data that do not fit one another say no more of what they are
    raster = gathered.grid is None or gathered.grid.keys is None
    found = [*problems, *file.problems, *gathered.problems, *refused(file, raster=raster)]
    found += [*_unwritten(file), *_unanswerable(file), *_uneven(file, gathered.grid)]
    if found or gathered.grid is None:
        raise StudyError(*_once(found))
    return RasterChecked(file, gathered, gathered.grid)


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """Problems, each told once."""
    found: list[Problem] = []
    for problem in problems:
        if problem not in found:
            found.append(problem)
    return found


def written(study: Study) -> tuple[str, ...]:
    """Variables that a study writes of every cell, by their names in tables, in their order.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    tuple of str
        Names of systems, ``C``, ``T``, ``D``, ``class`` and ``lag``.
    """
    every = [*study.systems, "C", "T", "D", *CODES]
    asked = (study.raster or Raster()).write
    if asked is None:
        return tuple(every)
    opened = {name for given in asked for name in (study.systems if given == "index" else [given])}
    return tuple(name for name in every if name in opened)


def _uneven(file: StudyFile, grid: Grid | None) -> Iterator[Problem]:
    """Areas that are asked for where cells are not even in degrees."""
    frame = grid.frame if grid is not None else None
    if frame is not None and (file.study.raster or Raster()).area_weights and frame.projected is not False:
        said = {"crs": frame.crs.split('"')[1] if '"' in frame.crs else "-"}
        yield Problem("raster.degrees_only", file.document.place("raster", "area_weights"), said)


def _unwritten(file: StudyFile) -> Iterator[Problem]:
    """Names under ``raster.write`` that there are none of."""
    known = ["index", *file.study.systems, "C", "T", "D", *CODES]
    for given in (file.study.raster or Raster()).write or ():
        if given not in known:
            said = {"variable": given, "near": did_you_mean(given, known), "known": listed(known)}
            yield Problem("raster.unknown_variable", file.document.place("raster", "write"), said)


def _unanswerable(file: StudyFile) -> Iterator[Problem]:
    """What is wrong with the analyses: also that they are asked of a variable that is not written."""
    yield from unanswerable(file, 4)
    there = written(file.study)
    for name, analysis in file.study.analyses.asked():
        for variable in variables_of(analysis, list(file.study.systems)):
            if variable in ("C", "T", "D", *file.study.systems) and variable not in there:
                said = {"analysis": name, "variable": variable}
                yield Problem("raster.not_written", file.document.place("raster", "write"), said)
