"""The figures of a study, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ouhe.errors import OptionError, OuheError, Problem, placed
from ouhe.figures import catalogue, maps, saving
from ouhe.figures.style import Style
from ouhe.results.study_results import StudyResults
from ouhe.study.gather import Progress
from ouhe.study.load import StudyFile
from ouhe.study.paths import Folder

__all__ = ["draw", "style_of"]


def style_of(file: StudyFile, *, confined: bool) -> Style | None:
    """How the figures of a study look; None where it wants none.

    Parameters
    ----------
    file
        The study.
    confined
        Refuse a font outside the study's folder.

    Raises
    ------
    OuheError
        A figure or a year is not known, or the font cannot be had; all problems are told.
    """
    wanted, study = file.study.figures, file.study
    if wanted is False:
        return None
    problems = catalogue.unknown(wanted.only or (), file.document.place("figures", "only"))
    absent = [y for y in wanted.years or () if y not in study.years]
    place = file.document.place("figures", "years")
    ends = {"first": study.years[0], "last": study.years[-1]}
    problems += [Problem("figures.unknown_year", place, {"year": y, **ends}) for y in absent]
    font: Path | None = None
    if wanted.font is not None:
        found, wrong = Folder(file.folder, confined).files(wanted.font, file.document.place("figures", "font"))
        problems += wrong
        font = found[0] if found else None
    try:
        with placed(file.document.place("figures")):
            style = Style(
                lang=study.language, font=font, width_mm=wanted.width, dpi=wanted.dpi, simulated=study.simulated
            )
    except OptionError as error:
        problems += error.problems
    if problems:
        raise OuheError(*problems)
    return style


def draw(
    results: StudyResults, file: StudyFile, style: Style, folder: Path, *, boundaries: Any, progress: Progress
) -> dict[str, str]:
    """Draw what a study wants into `folder`, one figure after another.

    Returns
    -------
    dict
        Figures that could not be drawn, and why.
    """
    wanted = file.study.figures
    if wanted is False:
        return {}
    with placed(file.document.place("map")):
        base_map = None if boundaries is None else maps.BaseMap.of(boundaries)
    with placed(file.document.place("figures", "only")):
        names = catalogue.fitting(results, only=wanted.only, mapped=base_map is not None)
    drawn = catalogue.drawings(results, style, only=names, years=wanted.years, base_map=base_map)
    started: set[str] = set()
    progress("draw", 0, len(names))
    for name, figure in drawn:
        saving.save(figure, folder, name, formats=wanted.formats, dpi=wanted.dpi)
        started |= {n for n in names if name == n or name.startswith(f"{n}-")}
        progress("draw", len(started), len(names))
    lacking = catalogue.left_out(results, mapped=base_map is not None)
    return {name: problem.message() for name, problem in lacking.items()}
