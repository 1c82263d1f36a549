"""The figures there are, by name, and drawing them one after another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pandas as pd

from ouhe.errors import OptionError, Problem, did_you_mean
from ouhe.figures.saving import file_name
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["FIGURES", "Kind", "drawings", "fitting"]


@dataclass(frozen=True)
class Kind:
    """A figure: module ``ouhe.figures.NAME`` with ``frame(results)`` and ``draw(frame, style)``.

    Parameters
    ----------
    applies
        Whether results have what it shows.
    each
        Column of the frame of which every value has a drawing of its own; "" for a single drawing.
    some_years
        It shows chosen years: ``frame`` takes ``years``.
    on_map
        It shows regions in their place: ``draw`` takes ``boundaries``.
    """

    applies: Callable[[StudyResults], bool]
    each: str = ""
    some_years: bool = False
    on_map: bool = False


def _several_years(results: StudyResults) -> bool:
    return results.coupling.D.sizes["year"] > 1


def _always(_results: StudyResults) -> bool:
    return True


#: Every figure, in the order of a paper.
FIGURES: Mapping[str, Kind] = {
    "weights": Kind(_always, each="system"),
    "index_trends": Kind(_several_years),
    "coupling_trends": Kind(_several_years),
    "coordination_heatmap": Kind(_always),
    "class_stack": Kind(_always),
    "class_maps": Kind(_always, some_years=True),
}


def fitting(results: StudyResults, only: Collection[str] | None = None) -> list[str]:
    """Names of the figures that `results` have something for.

    Parameters
    ----------
    results
        Results of a study.
    only
        The figures wanted; all when left out.

    Raises
    ------
    OptionError
        A name is not known; all are told.
    """
    unknown = [n for n in only or () if n not in FIGURES]
    if unknown:
        known = ", ".join(FIGURES)
        told = [{"name": n, "near": did_you_mean(n, FIGURES), "known": known} for n in unknown]
        raise OptionError(*(Problem("figures.unknown_figure", params=params) for params in told))
    return [n for n, kind in FIGURES.items() if (only is None or n in only) and kind.applies(results)]


def drawings(
    results: StudyResults,
    style: Style,
    *,
    only: Collection[str] | None = None,
    years: Sequence[int] | None = None,
    boundaries: Any = None,
) -> Iterator[tuple[str, StyledFigure]]:
    """Draw one figure after another.

    Parameters
    ----------
    results
        Results of a study.
    style
        How they look.
    only
        Names of the figures wanted; all that apply when left out.
    years
        Years of figures that show chosen ones; first, last and two between when left out.
    boundaries
        Boundaries of the user's own (:class:`ouhe.read.boundaries.Boundaries`) for maps; a tile grid without.

    Yields
    ------
    tuple of str and StyledFigure
        A file name, different for every drawing, and the drawing.

    Raises
    ------
    OptionError
        A figure or a year is not known.
    """
    taken: set[str] = set()
    for name in fitting(results, only):
        kind, module = FIGURES[name], import_module(f"ouhe.figures.{name}")
        frame = module.frame(results, years=years) if kind.some_years else module.frame(results)
        given = {"boundaries": boundaries} if kind.on_map else {}
        for part, rows in _parts(frame, kind.each):
            yield _free(file_name(f"{name}-{part}" if part else name), taken), module.draw(rows, style, **given)


def _parts(frame: pd.DataFrame, each: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of every drawing, in the order of the frame."""
    if not each:
        yield "", frame
        return
    for part in frame[each].unique():
        yield str(part), frame[frame[each] == part]


def _free(name: str, taken: set[str]) -> str:
    """`name`, numbered where another drawing has it; some systems do not tell capitals from small letters."""
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free.casefold())
    return free
