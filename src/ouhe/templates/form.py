"""What a study asks its user to fill in, as plain rows: every indicator, and every raw series behind one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Column", "Form", "Sheet", "form"]


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
        As the study file says it; empty for a raw series.
    path
        System, dimension, element …; empty for a raw series.
    derivation
        Formula that stands in where the column is left blank.
    used_for
        Names of the indicators that a raw series serves.
    """

    id: str
    header: str
    name: str = ""
    unit: str = ""
    definition: str = ""
    source: str = ""
    direction: str = ""
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
    sheets
        Sheets to fill in; indicators first.
    regions
        Names of the regions as they stand in the rows.
    years
        Years, rising.
    """

    title: str
    sheets: tuple[Sheet, ...]
    regions: tuple[str, ...]
    years: tuple[int, ...]


def form(study: Mapping[str, Any], *, path: str, regions: Sequence[str], years: Sequence[int]) -> Form:
    """Form for those data entries of a study that read the workbook at `path`.

    An entry without ``columns`` asks for the indicators, one with ``columns`` for the raw series it names.

    Parameters
    ----------
    study
        Content of a study file, as plain mappings, lists and texts.
    path
        Path of the workbook as the study file writes it.
    regions
        Names of the regions.
    years
        Years of the study.

    Returns
    -------
    Form
        One sheet for each entry, in the order of the study file.

    Examples
    --------
    >>> study = {
    ...     "title": "t",
    ...     "data": [{"path": "d.xlsx", "sheet": "s", "region": "region", "year": "year"}],
    ...     "systems": {"A": {"income": {"name": "GDP per head", "unit": "yuan", "direction": "positive"}}},
    ... }
    >>> form(study, path="d.xlsx", regions=["r"], years=[2020]).sheets[0].columns[0].header
    'GDP per head（yuan）'
    """
    indicators = tuple(_indicators(study))
    sheets = tuple(
        Sheet(
            name=entry["sheet"],
            region=entry["region"],
            year=entry["year"],
            columns=_raw(study, entry["columns"], indicators) if "columns" in entry else indicators,
        )
        for entry in study["data"]
        if entry["path"] == path
    )
    return Form(study["title"], sheets, tuple(regions), tuple(years))


def _indicators(study: Mapping[str, Any]) -> Iterator[Column]:
    leaves = list(_leaves(study["systems"], ()))
    names = {key: leaf.get("name", key) for key, _, leaf in leaves}
    for entry in study["data"]:
        names |= {key: _without_unit(header) for key, header in entry.get("columns", {}).items()}
    for key, path, leaf in leaves:
        name, unit = leaf.get("name", key), leaf.get("unit", "")
        yield Column(
            id=key,
            header=f"{name}（{unit}）" if unit else name,
            name=name,
            unit=unit,
            definition=leaf.get("definition", ""),
            source=leaf.get("source", ""),
            direction=leaf["direction"],
            path=path,
            derivation=_readable(_expression(study, key), names),
        )


def _leaves(
    branch: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...], Mapping[str, Any]]]:
    """Indicators below a branch, each with its path; an indicator may be given by its direction alone."""
    for key, child in branch.items():
        if isinstance(child, str):
            yield key, path, {"direction": child}
        elif isinstance(child.get("direction"), str):
            yield key, path, child
        else:
            yield from _leaves(child, (*path, key))


def _expression(study: Mapping[str, Any], key: str) -> str:
    derivation = study.get("derive", {}).get(key, "")
    return str(derivation if isinstance(derivation, str) else derivation["expression"])


def _identifiers(expression: str) -> list[str]:
    return re.findall(r"[^\W\d]\w*", expression)


def _readable(expression: str, names: Mapping[str, str]) -> str:
    """Formula with names in the place of ids."""
    return re.sub(r"[^\W\d]\w*", lambda found: names.get(found[0], found[0]), expression)


def _without_unit(header: str) -> str:
    return re.sub(r"[（(][^（）()]*[）)]$", "", header)


def _raw(study: Mapping[str, Any], columns: Mapping[str, str], indicators: Sequence[Column]) -> tuple[Column, ...]:
    uses = {i.name: _identifiers(_expression(study, i.id)) for i in indicators}
    return tuple(
        Column(
            id=key,
            header=header,
            name=_without_unit(header),
            used_for=tuple(name for name, found in uses.items() if key in found),
        )
        for key, header in columns.items()
    )
