"""A study's report as one document: its sections in order, everything numbered, references at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from types import ModuleType

from ouhe import text
from ouhe.figures.catalogue import Drawing
from ouhe.report import references
from ouhe.report.document import Block, Document, Equation, Figure, Heading, Table
from ouhe.report.findings.catalogue import Numbered
from ouhe.report.sections import (
    choices,
    classes,
    convergence,
    coordination,
    distribution,
    evidence,
    inequality,
    levels,
    obstacles,
    obstacles_of_regions,
    opening,
    raster_classes,
    raster_grid,
    raster_levels,
    raster_space,
    raster_treatment,
    software,
    space,
    systems,
    transitions,
    treatment,
    uncertainty,
)
from ouhe.report.sections.material import Material
from ouhe.results.measured import Measured
from ouhe.results.study_results import StudyResults

__all__ = ["document"]

#: Sections in the order of a paper; a new one stands here.
SECTIONS: tuple[ModuleType, ...] = (
    opening,
    systems,
    levels,
    space,
    coordination,
    distribution,
    inequality,
    convergence,
    classes,
    transitions,
    obstacles,
    evidence,
    uncertainty,
)

#: Appendices, numbered by letters.
APPENDICES: tuple[ModuleType, ...] = (choices, obstacles_of_regions, treatment, software)

#: Sections and appendices of a study of rasters.
OF_RASTERS: tuple[ModuleType, ...] = (
    opening,
    systems,
    raster_grid,
    raster_levels,
    raster_space,
    distribution,
    raster_classes,
)
APPENDICES_OF_RASTERS: tuple[ModuleType, ...] = (raster_treatment, software)

#: Headings that have no number.
UNNUMBERED = frozenset({"sec-summary", "sec-references"})


def document(results: Measured, found: Sequence[Numbered], drawings: Sequence[Drawing]) -> Document:
    """The report of a study.

    Parameters
    ----------
    results
        Its results, in the language of the report.
    found
        Their findings.
    drawings
        Drawings that there are.

    Returns
    -------
    Document
        The report, everything numbered and referred to.
    """
    of_regions = isinstance(results, StudyResults)
    sections, appendices = (SECTIONS, APPENDICES) if of_regions else (OF_RASTERS, APPENDICES_OF_RASTERS)
    with text.use(results.language), text.of_cells(not of_regions):
        material = Material(results, found, drawings)
        main = _numbered((b for section in sections for b in section.blocks(material)), letters=False)
        after = _numbered((b for section in appendices for b in section.blocks(material)), letters=True)
        blocks = tuple(_counted([*main, *after]))
        whole = Document(
            title=results.title,
            lang=results.language,
            blocks=blocks,
            notice=text.t("labels.simulated") if results.simulated else "",
            about={
                "software": f"ouhe {results.versions['ouhe']}",
                "subject": text.t("report.subject", first=material.years[0], last=material.years[-1]),
            },
        )
        return replace(whole, blocks=(*blocks, *_references(whole)))


def _numbered(blocks: Iterable[Block], *, letters: bool) -> Iterator[Block]:
    """Headings with their numbers: 1, 1.1, or A, A.1."""
    counts = [0, 0, 0]
    for block in blocks:
        if isinstance(block, Heading) and block.anchor not in UNNUMBERED:
            counts[block.level - 1] += 1
            counts[block.level :] = [0] * (3 - block.level)
            first = chr(64 + counts[0]) if letters else str(counts[0])
            yield replace(block, number=".".join([first, *map(str, counts[1 : block.level])]))
        else:
            yield block


def _counted(blocks: Iterable[Block]) -> Iterator[Block]:
    """Tables, figures and equations with their numbers; an equation that stands there already is not repeated."""
    counts = dict.fromkeys((Table, Figure, Equation), 0)
    seen: set[str] = set()
    for block in blocks:
        if not isinstance(block, Table | Figure | Equation):
            yield block
        elif not (isinstance(block, Equation) and block.anchor in seen):
            counts[type(block)] += 1
            seen.add(block.anchor)
            yield replace(block, number=str(counts[type(block)]))


def _references(whole: Document) -> Iterator[Block]:
    """Everything cited, in the order in which it is."""
    cited = references.cited(whole.blocks)
    if cited:
        yield Heading(1, text.t("report.head_references"), "sec-references")
        yield references.listed(cited, whole.lang)
