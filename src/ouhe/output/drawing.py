"""The figures of a study, as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ouhe.errors import OptionError, OuheError, Problem, placed
from ouhe.figures import catalogue, saving
from ouhe.figures.catalogue import Drawing
from ouhe.figures.maps import BaseMap
from ouhe.figures.style import Style
from ouhe.results.measured import Measured
from ouhe.study.gather import Progress
from ouhe.study.load import StudyFile
from ouhe.study.paths import Folder

__all__ = ["Drawn", "draw", "style_of"]


@dataclass(frozen=True)
class Drawn:
    """Figures as files.

    Parameters
    ----------
    folders
        Where the files lie.
    drawings
        The drawings, in the order of a paper.
    lacking
        Figures that could not be drawn, and why.
    """

    folders: tuple[Path, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    lacking: tuple[Problem, ...] = ()

    def files(self, ending: str) -> dict[str, Path]:
        """Name of a drawing's files → the one with this ending, where it lies."""
        every = [(d.file, folder / f"{d.file}.{ending}") for d in self.drawings for folder in self.folders]
        return {name: path for name, path in every if path.is_file()}


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
    results: Measured,
    file: StudyFile,
    style: Style,
    folder: Path,
    *,
    base_map: BaseMap | None,
    progress: Progress,
    besides: tuple[Path, Sequence[str]] | None = None,
) -> Drawn:
    """Draw what a study wants into `folder`, one figure after another.

    Parameters
    ----------
    results
        Results of the study.
    file
        The study.
    style
        How the figures look.
    folder
        Where the files go, in the formats of the study.
    base_map
        The user's own base map.
    progress
        Told how many figures are done.
    besides
        Another folder, and formats that are needed there and that the study does not want.
    """
    wanted = file.study.figures
    if wanted is False:
        return Drawn()
    with placed(file.document.place("figures", "only")):
        names = catalogue.fitting(results, only=wanted.only, mapped=base_map is not None)
    made: list[Drawing] = []
    extra = tuple(f for f in besides[1] if f not in wanted.formats) if besides else ()
    progress("draw", 0, len(names))
    for drawing, figure in catalogue.drawings(results, style, only=names, years=wanted.years, base_map=base_map):
        saving.save(figure, folder, drawing.file, formats=wanted.formats, dpi=wanted.dpi)
        if besides and extra:
            saving.save(figure, besides[0], drawing.file, formats=extra, dpi=wanted.dpi)
        made.append(drawing)
        progress("draw", len({d.figure for d in made}), len(names))
    lacking = catalogue.left_out(results, mapped=base_map is not None)
    return Drawn((folder, besides[0]) if besides else (folder,), tuple(made), tuple(lacking.values()))
