"""How the figures and the report of a study look, checked before anything is computed."""

from __future__ import annotations

from pathlib import Path

from ouhe.errors import OuheError, Problem
from ouhe.figures.style import Style
from ouhe.output import reporting
from ouhe.output.drawing import style_of
from ouhe.study.load import StudyFile

__all__ = ["looks"]


def looks(file: StudyFile, *, confined: bool) -> tuple[Style | None, Path | None, list[Problem]]:
    """How the figures of a study look, its folder of templates, and what is wrong with either.

    Parameters
    ----------
    file
        The study.
    confined
        Refuse a font or templates outside the study's folder.
    """
    style, templates, wrong = None, None, list[Problem]()
    try:
        style = style_of(file, confined=confined)
    except OuheError as error:
        wrong += error.problems
    try:
        templates = reporting.templates_of(file, confined=confined)
    except OuheError as error:
        wrong += error.problems
    return style, templates, wrong
