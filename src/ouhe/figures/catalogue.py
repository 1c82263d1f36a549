"""The figures there are, by name, and drawing them one after another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module
from typing import TYPE_CHECKING

import pandas as pd

from ouhe.errors import OptionError, Place, Problem, did_you_mean
from ouhe.figures import tiles
from ouhe.figures.maps import BaseMap
from ouhe.figures.saving import file_name, glyphs_told
from ouhe.results.measured import Measured
from ouhe.results.study_results import StudyResults

if TYPE_CHECKING:
    from ouhe.figures.canvas import StyledFigure
    from ouhe.figures.style import Style

__all__ = ["FIGURES", "Drawing", "Kind", "drawings", "fitting", "left_out", "unknown"]


@dataclass(frozen=True)
class Kind:
    """A figure: module ``ouhe.figures.NAME`` with ``frame(results)`` and ``draw(frame, style)``.

    Parameters
    ----------
    analysis
        The analysis it shows, which a study may not have asked for; "" where every study has what it shows.
    within
        The part of that analysis it shows, which it may lack; "" where it always has what it shows.
    part
        The part of the results it shows, which a study may lack; "" where every study has what it shows.
    trend
        It shows how things change, which takes more than one year.
    each
        Column of the frame of which every value has a drawing of its own; "" for a single drawing.
    some_years
        It shows chosen years: ``frame`` takes ``years``.
    groups
        It shows how groups differ, of which a study may have fewer than two.
    on_map
        It shows regions in their places: ``draw`` takes ``base_map``, without which it needs a tile grid.
    regions, rasters
        It can be drawn of a study of regions, of a study of rasters.
    grid
        The grid of a study of rasters whose cells it shows, "" for none; ``*`` stands for any variable.
    means
        It shows means of these, of one of them at least.
    counts
        It shows how many stand in each class.
    """

    analysis: str = ""
    within: str = ""
    part: str = ""
    trend: bool = False
    each: str = ""
    some_years: bool = False
    groups: bool = False
    on_map: bool = False
    regions: bool = True
    rasters: bool = False
    grid: str = ""
    means: tuple[str, ...] = ()
    counts: bool = False


@dataclass(frozen=True)
class Drawing:
    """One drawing of a figure.

    Parameters
    ----------
    figure
        Name of the figure.
    part
        What it shows where a figure has several drawings: a system, a variable; "" else.
    file
        Name of its files without their endings, different for every drawing of a study.
    """

    figure: str
    part: str
    file: str


#: Every figure, in the order of a paper.
FIGURES: Mapping[str, Kind] = {
    "weights": Kind(each="system", rasters=True),
    "index_trends": Kind(trend=True, rasters=True, means=("index",)),
    "moran_years": Kind("moran", trend=True, rasters=True),
    "moran_scatter": Kind("lisa", each="variable", some_years=True),
    "lisa_maps": Kind("lisa", each="variable", some_years=True, on_map=True),
    "raster_clusters": Kind(
        "lisa", each="variable", some_years=True, regions=False, rasters=True, grid="lisa_*_cluster"
    ),
    "density_curves": Kind("density", some_years=True, rasters=True),
    "inequality_sources": Kind("inequality", trend=True, groups=True),
    "inequality_groups": Kind("inequality", trend=True, groups=True, each="variable"),
    "coupling_trends": Kind(trend=True, rasters=True, means=("C", "D")),
    "zone_means": Kind(groups=True, regions=False, rasters=True, means=("D",)),
    "coordination_heatmap": Kind(),
    "class_stack": Kind(rasters=True, counts=True),
    "class_maps": Kind(some_years=True, on_map=True),
    "raster_classes": Kind(some_years=True, regions=False, rasters=True, grid="class"),
    "sigma_years": Kind("convergence", trend=True),
    "beta_estimates": Kind("convergence", within="beta"),
    "club_paths": Kind("convergence", within="clubs"),
    "transition_matrix": Kind("transition", each="variable"),
    "transition_neighbours": Kind("transition", each="variable"),
    "uncertainty_intervals": Kind("uncertainty"),
    "rank_intervals": Kind("uncertainty"),
    "sensitivity": Kind("uncertainty"),
    "obstacles": Kind(part="obstacles", each="system"),
}


def fitting(results: Measured, *, only: Collection[str] | None = None, mapped: bool = False) -> list[str]:
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
    problems = unknown(only or ())
    lacking = {
        n: _told("figures.lacks_raster" if k.rasters else "figures.lacks_regions", n) for n, k in _others(results)
    }
    lacking |= left_out(results, mapped=mapped)
    problems += [lacking[n] for n in only or () if n in lacking and FIGURES[n].analysis not in results.not_done]
    if problems:
        raise OptionError(*problems)
    return [n for n in FIGURES if n not in lacking and (only is None or n in only)]


def _others(results: Measured) -> list[tuple[str, Kind]]:
    """Figures of the other kind of study: of regions, or of rasters."""
    of_regions = isinstance(results, StudyResults)
    return [(name, kind) for name, kind in FIGURES.items() if not (kind.regions if of_regions else kind.rasters)]


def unknown(names: Iterable[str], place: Place | None = None) -> list[Problem]:
    """One problem for each name that is no figure's."""
    known = ", ".join(FIGURES)
    told = [{"name": n, "near": did_you_mean(n, FIGURES), "known": known} for n in names if n not in FIGURES]
    return [Problem("figures.unknown_figure", place or Place(), params) for params in told]


def left_out(results: Measured, *, mapped: bool = False) -> dict[str, Problem]:
    """Figures of studies of this kind that cannot be drawn, and why.

    Parameters
    ----------
    results
        Results of a study.
    mapped
        There are boundaries, so that maps need no tile grid.
    """
    others = dict(_others(results))
    reasons = {name: _lacking(kind, results, mapped=mapped) for name, kind in FIGURES.items() if name not in others}
    return {name: _told(reason, name) for name, reason in reasons.items() if reason}


def _told(reason: str, name: str) -> Problem:
    return Problem(reason, Place(), {"figure": name, "analysis": FIGURES[name].analysis})


def _lacking(kind: Kind, results: Measured, *, mapped: bool) -> str:
    """Text key of what results lack to draw a figure, "" where they lack nothing."""
    if kind.analysis and kind.analysis not in results.analyses:
        return "figures.lacks_answer" if kind.analysis in results.not_done else "figures.lacks_analysis"
    if not isinstance(results, StudyResults) and (reason := _lacking_of_raster(kind, results)):
        return reason
    lacking = {
        "figures.lacks_part": kind.within and getattr(results.analyses[kind.analysis], kind.within) is None,
        "obstacle.lacks": kind.part and getattr(results, kind.part, None) is None,
        "figures.lacks_years": kind.trend and len(results.years) < 2,
        "figures.lacks_groups": kind.groups and results.groups.means.sizes["group"] < 3,  # all regions, and two groups
        "figures.lacks_tiles": kind.on_map and not mapped and not _tiled(results),
    }
    return next((key for key, true in lacking.items() if true), "")


def _lacking_of_raster(kind: Kind, results: Measured) -> str:
    """Text key of a grid, or of counts and means made of it, that a study of rasters did not have written."""
    grid = getattr(results, "grid", None)
    if kind.grid and grid is not None and not grid.is_raster:
        return "figures.lacks_map"
    written = getattr(results, "grids", {})
    if kind.grid and not any(fnmatchcase(str(name), kind.grid) for name in written):
        return "figures.lacks_grid"
    means = {*map(str, results.groups.means["variable"].to_numpy())}
    means |= {"index"} if means.intersection(results.coupling.systems) else set()
    lacking = (kind.means and not means.intersection(kind.means)) or (kind.counts and results.trends.counts is None)
    return "figures.lacks_grid" if lacking else ""


def _tiled(results: Measured) -> bool:
    return isinstance(results, StudyResults) and tiles.whole(results.places.table)


def drawings(
    results: Measured,
    style: Style,
    *,
    only: Collection[str] | None = None,
    years: Sequence[int] | None = None,
    base_map: BaseMap | None = None,
) -> Iterator[tuple[Drawing, StyledFigure]]:
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
    tuple of Drawing and StyledFigure
        Which drawing it is, and the drawing.

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
            file = _free(file_name(f"{name}-{part}" if part else name), taken)
            with glyphs_told(file):
                drawn = module.draw(rows, style, **given)
            yield Drawing(name, part, file), drawn


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
