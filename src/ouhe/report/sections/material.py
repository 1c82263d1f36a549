"""What sections are made from: results, their tables, findings and drawings, and short ways to put them into blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import pandas as pd
from typing_extensions import TypeVar as TypeVarWithDefault

from ouhe import text
from ouhe.figures.catalogue import Drawing
from ouhe.figures.years import chosen
from ouhe.report import methods
from ouhe.report.document import Block, Bullets, Cell, Column, Figure, Heading, Kind, Paragraph, Said
from ouhe.report.findings.catalogue import Numbered
from ouhe.report.findings.finding import Labels
from ouhe.report.wording import said
from ouhe.results.groups import NATION
from ouhe.results.measured import Measured
from ouhe.results.study_results import StudyResults

__all__ = ["MOST_NAMED", "MOST_ROWS", "Material", "abreast", "columns", "long", "records"]

#: Rows that a table of the report shows at most; ``tables/`` holds them all.
MOST_ROWS = 40

#: Regions that a cell names; more are counted.
MOST_NAMED = 40


Item = TypeVar("Item")
Results_co = TypeVarWithDefault("Results_co", bound=Measured, covariant=True, default=StudyResults)


@dataclass(frozen=True, eq=False)
class Material(Generic[Results_co]):
    """Everything a report is made from, in its language.

    Parameters
    ----------
    results
        Results of the study.
    found
        Findings, numbered.
    drawings
        Drawings that there are.
    """

    results: Results_co
    found: Sequence[Numbered]
    drawings: Sequence[Drawing]

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables as they are written into ``tables/``."""
        return self.results.tables()

    @cached_property
    def _steps(self) -> Mapping[str, tuple[Block, ...]]:
        return methods.steps(self.results)

    def step(self, name: str) -> tuple[Block, ...]:
        """What the study did at a step: a key of :data:`ouhe.report.methods.STEPS` or an analysis."""
        return self._steps.get(name, ())

    @property
    def systems(self) -> tuple[str, ...]:
        """Names of the systems."""
        return self.results.coupling.systems

    @cached_property
    def years(self) -> list[int]:
        """Years of the study."""
        return list(self.results.years)

    @cached_property
    def some_years(self) -> list[int]:
        """Years that stand for all in tables by region or class: those of the figures, or the first, last and two."""
        figures = self.results.settings.get("figures") or {}
        return chosen(self.years, figures.get("years"))

    @property
    def grouped(self) -> bool:
        """The study has groups."""
        return self.results.groups.means.sizes["group"] > 1

    @property
    def nation(self) -> str:
        """What all regions together are called."""
        return self.results.groups.label(NATION)

    def name(self, variable: str) -> str:
        """A variable as heads of tables and captions have it."""
        if variable in ("C", "T", "D"):
            return text.t(f"report.variable_{variable}")
        return text.t("report.variable_index", system=variable)

    @staticmethod
    def titled(variable: str) -> str:
        """A variable as captions have it that speak of it alone."""
        if variable in ("C", "T", "D"):
            return text.t(f"report.titled_{variable}")
        return text.t("report.variable_index", system=variable)

    @staticmethod
    def spoken(variable: str) -> str:
        """A variable in running text, without its symbol."""
        return Labels().variable(variable)

    def heading(self, level: int, key: str, *, anchor: str = "", **params: Any) -> Heading:
        """Heading with the text ``report.head_KEY``."""
        return Heading(level, text.t(f"report.head_{key}", **params), anchor or f"sec-{key}".replace("_", "-"))

    def paragraph(self, key: str, **params: object) -> Paragraph:
        """Paragraph with the text ``report.KEY``, its marks followed."""
        return Paragraph(said(f"report.{key}", **params))

    def absent(self, analysis: str, *, level: int = 1, key: str = "") -> Iterator[Block]:
        """Why an analysis that was asked for is not there, or nothing.

        Parameters
        ----------
        analysis
            Its key in the study file.
        level, key
            Level and key of its heading; the key of the analysis when left out.
        """
        problems = self.results.not_done.get(analysis, ())
        if problems:
            yield self.heading(level, key or analysis)
            yield self.paragraph("not_done")
            yield Bullets(tuple((p.message(self.results.language),) for p in problems))

    def findings(
        self, *modules: str, about: str | None = None, only: Sequence[str] = (), without: Sequence[str] = ()
    ) -> Iterator[Paragraph]:
        """Sentences of some modules as one paragraph, or nothing.

        Parameters
        ----------
        *modules
            Modules of findings, in their order.
        about
            Only those about this variable; about any when left out.
        only, without
            Beginnings of the names of rules that are wanted, all when left out, and of those that are not.
        """
        found = [n for module in modules for n in self.found if n.module == module]
        if about is not None:
            found = [n for n in found if n.finding.about == about]
        if only:
            found = [n for n in found if n.name.startswith(tuple(only))]
        told = tuple(Said(n.sentence, n.number, n.condition) for n in found if not n.name.startswith(tuple(without)))
        if told:
            yield Paragraph(told)

    def figures(self, name: str, part: str | None = None) -> Iterator[Figure]:
        """Drawings of a figure, with their captions."""
        for drawing in self.drawings:
            if drawing.figure == name and (part is None or drawing.part == part):
                about = self.titled(drawing.part) if drawing.part else ""
                caption = text.t(f"report.figure_{name}", part=about, first=self.years[0], last=self.years[-1])
                yield Figure(f"fig-{self.drawings.index(drawing) + 1}", caption, drawing.file)

    def figure_refs(self, name: str, part: str | None = None) -> str:
        """Anchor of the first drawing of a figure; "" where there is none."""
        return next((f.anchor for f in self.figures(name, part)), "")


def columns(**kinds: Kind) -> tuple[Column, ...]:
    """Columns with the heads ``report.column_NAME``.

    Examples
    --------
    >>> with text.use("en"):
    ...     columns(year="text", weight="number")
    (Column(label='Year', kind='text', above=''), Column(label='Weight', kind='number', above=''))
    """
    return tuple(Column(text.t(f"report.column_{name}"), kind) for name, kind in kinds.items())


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table by column, missing texts as ""."""
    told: list[dict[str, Any]] = table.astype(object).where(table.notna(), "").to_dict("records")  # type: ignore[assignment]
    return told


def abreast(items: Sequence[Item], most: int, anchor: str, caption: str) -> Iterator[tuple[Sequence[Item], str, str]]:
    """What stands side by side in a table, in as many tables as it takes, each with its anchor and caption.

    Parameters
    ----------
    items
        What the columns are made of.
    most
        How many stand side by side.
    anchor, caption
        Those of the first table.

    Examples
    --------
    >>> with text.use("en"):
    ...     list(abreast("abc", 2, "tab-x", "Means"))
    [('ab', 'tab-x', 'Means'), ('c', 'tab-x-2', 'Means (continued)')]
    """
    for part, start in enumerate(range(0, len(items), most), start=1):
        said = caption if part == 1 else text.t("report.continued", caption=caption)
        yield items[start : start + most], anchor if part == 1 else f"{anchor}-{part}", said


def long(
    rows: Sequence[tuple[Cell, ...]], *, most: int = MOST_ROWS
) -> tuple[tuple[tuple[Cell, ...], ...], tuple[str, ...]]:
    """The first and the last rows of a table that is too long for a page or two, and a note that says so.

    Parameters
    ----------
    rows
        All rows, in an order that makes both ends worth reading.
    most
        How many are shown.
    """
    if len(rows) <= most:
        return tuple(rows), ()
    half = most // 2
    gap = tuple(Cell(None, "…") for _ in rows[0])
    note = text.t("report.cut_rows", first=half, last=most - half, count=len(rows))
    return (*rows[:half], gap, *rows[half - most :]), (note,)
