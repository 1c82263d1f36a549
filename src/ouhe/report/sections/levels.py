"""Levels and trends of the indices: of all regions, of groups, and of single regions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ouhe import text
from ouhe.report.document import Block, Cell, Column, Table
from ouhe.report.sections.cells import growth, number
from ouhe.report.sections.material import Material, abreast, long
from ouhe.results.measured import Measured

__all__ = ["blocks", "means", "of_pairs"]

#: Columns of means that stand side by side.
ABREAST = 10


def blocks(m: Material) -> Iterator[Block]:
    """A part for every system."""
    yield m.heading(1, "levels")
    yield from m.step("groups")
    yield from m.step("gaps")
    figure = m.figure_refs("index_trends")
    if figure:
        yield m.paragraph("trends_shown", figure=figure)
    yield from m.figures("index_trends")
    for position, system in enumerate(m.systems, start=1):
        yield m.heading(2, "levels_of", anchor=f"sec-level-{position}", system=system)
        yield m.paragraph("means_shown", variable=m.spoken(system), table=f"tab-means-{position}")
        yield from means(m, (system,), f"tab-means-{position}")
        yield from m.findings("levels", about=system)
        yield from m.findings("groups", "gaps", about=system)
        yield from m.findings("regions", about=system)


def means(m: Material, variables: Sequence[str], anchor: str) -> Iterator[Table]:
    """Means of all regions and of the groups by year, their mean over the years and their growth.

    Parameters
    ----------
    m
        What the report is made from.
    variables
        Variables side by side.
    anchor
        Anchor of the first table.

    Yields
    ------
    Table
        One, or several where there are too many groups to stand side by side.
    """
    groups = list(map(str, m.results.groups.means["group"].to_numpy()))
    caption = text.t("report.table_means", variables=text.enumerated(m.name(v) for v in variables))
    pairs = [(v, g) for v in variables for g in groups]
    for here, own, said in abreast(pairs, ABREAST, anchor, caption):
        yield of_pairs(m, here, own, said, above=len(variables) > 1)


def of_pairs(
    m: Material[Measured], pairs: Sequence[tuple[str, str]], anchor: str, caption: str, *, above: bool
) -> Table:
    """A column for each variable and group, a row a year, at the end the mean and the growth.

    Parameters
    ----------
    m
        What the report is made from.
    pairs
        Variables and groups.
    anchor, caption
        Those of the table.
    above
        Variables stand over the groups, in the place of a single group.
    """
    x, rates = m.results.groups.means, m.results.groups.growth
    columns = [Column(text.t("report.column_year"))]
    if above and len({g for _, g in pairs}) == 1:
        columns += [Column(m.name(v), "number") for v, _ in pairs]
    else:
        columns += [Column(m.results.groups.label(g), "number", m.name(v) if above else "") for v, g in pairs]
    rows = [(Cell(y, str(y)), *(number(float(x.sel(variable=v, group=g, year=y))) for v, g in pairs)) for y in m.years]
    shown, cut = long(rows)
    ruled: tuple[int, ...] = ()
    if len(m.years) > 1:
        mean = tuple(number(float(x.sel(variable=v, group=g).mean("year"))) for v, g in pairs)
        rate = tuple(growth(float(rates.sel(variable=v, group=g))) for v, g in pairs)
        ruled = (len(shown),)
        head = (text.t("report.row_mean"), text.t("report.row_growth"))
        shown = (*shown, (Cell(None, head[0]), *mean), (Cell(None, head[1]), *rate))
    notes = (text.t("report.note_growth", first=m.years[0], last=m.years[-1]),) if ruled else ()
    return Table(anchor, caption, tuple(columns), shown, notes=(*notes, *cut), source="groups", ruled=ruled)
