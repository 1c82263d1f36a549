"""What a study asks its user to fill in, as plain rows: every indicator, and every raw series behind one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ouhe.compute import derive
from ouhe.panel import Direction, Indicator
from ouhe.text import Lang, t

__all__ = ["Column", "Entry", "Form", "Outline", "Sheet", "form"]

_UNIT = re.compile(r"\s*[（(][^（）()]*[）)]$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One data entry of a study that reads the workbook.

    Parameters
    ----------
    sheet
        Name of the sheet.
    region, year
        Headers of the columns that say where and when.
    columns
        Raw series → header; None where the sheet holds the indicators.
    """

    sheet: str
    region: str
    year: str
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """What a workbook is made from: the part of a study that says which figures it needs.

    Parameters
    ----------
    title
        Title of the study.
    lang
        Language of the explanations.
    regions
        Names of the regions as they shall stand in the rows.
    years
        Years, rising.
    entries
        Data entries that read the workbook.
    indicators
        All indicators, in the order of the study.
    expressions
        Series → expression that derives it.
    """

    title: str
    lang: Lang
    regions: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    entries: tuple[Entry, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    expressions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Column:
    """One column to fill in: an indicator, or a raw series from which indicators are derived.

    Parameters
    ----------
    id
        Id in the study file.
    header
        Header of the column, which the study finds it by.
    name, unit, definition, source
        What a reader sees; empty where the study does not say.
    direction
        Whether more is better; None for a raw series.
    path
        System, dimension, element …; empty for a raw series.
    derivation
        Formula that stands in where the column is left blank, with names in the place of ids.
    used_for
        Names of the indicators that a raw series serves.
    """

    id: str
    header: str
    name: str = ""
    unit: str = ""
    definition: str = ""
    source: str = ""
    direction: Direction | None = None
    path: tuple[str, ...] = ()
    derivation: str = ""
    used_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet with a row for every region and year."""

    name: str
    region: str
    year: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A workbook to fill in.

    Parameters
    ----------
    title
        Title of the study.
    lang
        Language of the explanations.
    sheets
        Sheets to fill in.
    regions
        Names of the regions as they stand in the rows.
    years
        Years, rising.
    """

    title: str
    lang: Lang
    sheets: tuple[Sheet, ...] = ()
    regions: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


def form(outline: Outline) -> Form:
    """Form that asks for what an outline needs: one sheet for each entry, in its order.

    An entry without columns asks for the indicators, one with columns for the raw series it names.

    Parameters
    ----------
    outline
        What the study needs.

    Returns
    -------
    Form
        What to fill in.

    Raises
    ------
    StudyError
        An expression cannot be read.

    Examples
    --------
    >>> income = Indicator("income", "A", name="GDP per head", unit="yuan")
    >>> outline = Outline("t", "en", ("r",), (2020,), (Entry("s", "region", "year"),), (income,))
    >>> form(outline).sheets[0].columns[0].header
    'GDP per head (yuan)'
    """
    indicators = _indicators(outline)
    sheets = tuple(
        Sheet(e.sheet, e.region, e.year, indicators if e.columns is None else _raw(outline, e.columns))
        for e in outline.entries
    )
    return Form(outline.title, outline.lang, sheets, outline.regions, outline.years)


def _indicators(outline: Outline) -> tuple[Column, ...]:
    names = {i.id: i.name or i.id for i in outline.indicators}
    for entry in outline.entries:
        names |= {key: _without_unit(header) for key, header in (entry.columns or {}).items()}
    return tuple(
        Column(
            id=i.id,
            header=t("templates.header", lang=outline.lang, name=names[i.id], unit=i.unit) if i.unit else names[i.id],
            name=names[i.id],
            unit=i.unit,
            definition=i.definition,
            source=i.source,
            direction=i.direction,
            path=(i.system, *i.path),
            derivation=_readable(outline.expressions[i.id], names) if i.id in outline.expressions else "",
        )
        for i in outline.indicators
    )


def _raw(outline: Outline, columns: Mapping[str, str]) -> tuple[Column, ...]:
    uses = {
        i.name or i.id: derive.names(outline.expressions[i.id])
        for i in outline.indicators
        if i.id in outline.expressions
    }
    return tuple(
        Column(
            id=key,
            header=header,
            name=_without_unit(header),
            used_for=tuple(name for name, used in uses.items() if key in used),
        )
        for key, header in columns.items()
    )


def _readable(expression: str, names: Mapping[str, str]) -> str:
    """Formula with names in the place of ids."""
    ids = r"\b(?:" + "|".join(map(re.escape, derive.names(expression))) + r")\b"
    return re.sub(ids, lambda found: names.get(found[0], found[0]), expression)


def _without_unit(header: str) -> str:
    return _UNIT.sub("", header)
