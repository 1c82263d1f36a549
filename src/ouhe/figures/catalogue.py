"""The figures there are, by name, and drawing them one after another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import pandas as pd

from ouhe.errors import OptionError, Place, Problem, did_you_mean
from ouhe.figures import tiles
from ouhe.figures.maps import BaseMap
from ouhe.figures.saving import file_name
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["FIGURES", "Kind", "drawings", "fitting", "left_out"]


def _nothing(_results: StudyResults) -> str:
    """It can always be drawn."""
    return ""


def _years(results: StudyResults) -> str:
    """There is no trend in one year."""
    return "" if results.coupling.D.sizes["year"] > 1 else "figures.lacks_years"


def _analysis(name: str) -> Callable[[StudyResults], str]:
    """It shows an analysis, which a study may not have asked for."""
    return lambda results: "" if name in results.analyses else f"figures.lacks_{name}"


def _moran_years(results: StudyResults) -> str:
    """It shows how global Moran changes."""
    return _analysis("moran")(results) or _years(results)


@dataclass(frozen=True)
class Kind:
    """A figure: module ``ouhe.figures.NAME`` with ``frame(results)`` and ``draw(frame, style)``.

    Parameters
    ----------
    lacks
        Text key of what results lack to draw it, "" where they lack nothing.
    each
        Column of the frame of which every value has a drawing of its own; "" for a single drawing.
    some_years
        It shows chosen years: ``frame`` takes ``years``.
    on_map
        It shows regions in their places: ``draw`` takes ``base_map``, without which it needs a tile grid.
    """

    lacks: Callable[[StudyResults], str] = _nothing
    each: str = ""
    some_years: bool = False
    on_map: bool = False


#: Every figure, in the order of a paper.
FIGURES: Mapping[str, Kind] = {
    "weights": Kind(each="system"),
    "index_trends": Kind(_years),
    "moran_years": Kind(_moran_years),
    "moran_scatter": Kind(_analysis("lisa"), each="variable", some_years=True),
    "lisa_maps": Kind(_analysis("lisa"), each="variable", some_years=True, on_map=True),
    "density_curves": Kind(_analysis("density"), some_years=True),
    "coupling_trends": Kind(_years),
    "coordination_heatmap": Kind(),
    "class_stack": Kind(),
    "class_maps": Kind(some_years=True, on_map=True),
}


def fitting(results: StudyResults, *, only: Collection[str] | None = None, mapped: bool = False) -> list[str]:
    """Names of the figures that can be drawn, in their order.

    Parameters
    ----------
    results
        Results of a study.
    only
        The figures wanted; all that can be drawn when left out.
    mapped
        There are boundaries, so that maps need no tile grid.

    Raises
    ------
    OptionError
        A wanted figure is not known or cannot be drawn; all are told.
    """
    known = ", ".join(FIGURES)
    problems = [
        Problem("figures.unknown_figure", Place(), {"name": n, "near": did_you_mean(n, FIGURES), "known": known})
        for n in only or ()
        if n not in FIGURES
    ]
    lacking = left_out(results, mapped=mapped)
    problems += [lacking[n] for n in only or () if n in lacking]
    if problems:
        raise OptionError(*problems)
    return [n for n in FIGURES if n not in lacking and (only is None or n in only)]


def left_out(results: StudyResults, *, mapped: bool = False) -> dict[str, Problem]:
    """Figures that cannot be drawn, and why.

    Parameters
    ----------
    results
        Results of a study.
    mapped
        There are boundaries, so that maps need no tile grid.
    """
    found = {}
    for name, kind in FIGURES.items():
        reason = kind.lacks(results)
        if not reason and kind.on_map and not mapped and not tiles.whole(results.places.table):
            reason = "figures.lacks_tiles"
        if reason:
            found[name] = Problem(reason, Place(), {"figure": name})
    return found


def drawings(
    results: StudyResults,
    style: Style,
    *,
    only: Collection[str] | None = None,
    years: Sequence[int] | None = None,
    base_map: BaseMap | None = None,
) -> Iterator[tuple[str, StyledFigure]]:
    """Draw one figure after another.

    Parameters
    ----------
    results
        Results of a study.
    style
        How they look.
    only
        Names of the figures wanted; all that can be drawn when left out.
    years
        Years of figures that show chosen ones; first, last and two between when left out.
    base_map
        Boundaries of the user's own for maps; a tile grid without.

    Yields
    ------
    tuple of str and StyledFigure
        A file name, different for every drawing, and the drawing.

    Raises
    ------
    OptionError
        A figure is not known or cannot be drawn, or the study has no such year.
    """
    taken: set[str] = set()
    for name in fitting(results, only=only, mapped=base_map is not None):
        kind, module = FIGURES[name], import_module(f"ouhe.figures.{name}")
        frame = module.frame(results, years=years) if kind.some_years else module.frame(results)
        given = {"base_map": base_map} if kind.on_map else {}
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
