"""Spatial association: global statistics by year, quadrants of regions, and how they changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from ouhe import text
from ouhe.figures.years import of_analysis
from ouhe.report.document import Block, Cell, Column, Table
from ouhe.report.sections.cells import count, number, p_value, starred, words
from ouhe.report.sections.material import MOST_NAMED, Material, abreast, long
from ouhe.results.measured import Measured

__all__ = ["OTHERS", "blocks", "by_year"]

#: Analyses of all regions together, and the symbol of each.
GLOBAL = {"moran": "I", "bivariate_moran": "I", "geary": "c", "getis": "G"}

#: Beginnings of the rules of the other statistics, and of what is said of groups.
BEGINNING = {"bivariate_moran": "pair_", "geary": "geary_", "getis": "getis_"}
OTHERS = (*BEGINNING.values(), "within_", "few")

#: Variables side by side in a table.
ABREAST = 3


def blocks(m: Material) -> Iterator[Block]:
    """A part for every analysis there is."""
    asked = [name for name in GLOBAL if name in m.results.analyses]
    absent = [name for name in (*GLOBAL, "lisa") if name in m.results.not_done]
    if not asked and not absent and "lisa" not in m.results.analyses:
        return
    yield m.heading(1, "space")
    yield from m.step("neighbours")
    for name in asked:
        yield m.heading(2, name)
        yield from m.step(name)
        tables = list(by_year(m, name))
        yield m.paragraph("global_shown", table=tables[0].anchor)
        yield from tables
        if name == "moran":
            yield from m.figures("moran_years")
            for variable in m.tables["moran"]["variable"].drop_duplicates():
                yield from m.findings("autocorrelation", about=variable, without=OTHERS)
            yield from m.findings("autocorrelation", only=["few"])
            yield from _groups(m)
        else:
            yield from m.findings("autocorrelation", only=[BEGINNING[name]])
    if "lisa" in m.results.analyses:
        yield from _local(m)
    for name in absent:
        yield from m.absent(name, level=2)


def by_year(m: Material[Measured], name: str) -> Iterator[Table]:
    """The statistic, z and p of every variable by year, a few variables side by side.

    Parameters
    ----------
    m
        What the report is made from.
    name
        The analysis, a key of :data:`GLOBAL`.
    """
    table, symbol = m.tables[name], GLOBAL[name]
    lagged = "lagged" in table.columns
    keys = list(dict.fromkeys(zip(table["variable"], table["lagged"] if lagged else table["variable"], strict=True)))
    simulated = bool(table["p_sim"].notna().any())
    caption, first = text.t(f"report.table_{name}"), f"tab-{name}".replace("_", "-")
    for part, anchor, said in abreast(keys, ABREAST, first, caption):
        columns = [Column(text.t("report.column_year"))]
        for key in part:
            above = text.t("report.pair", variable=key[0], lagged=key[1]) if lagged else m.name(key[0])
            heads = (symbol, "z", "p", *(["p_sim"] if simulated else []))
            columns += [Column(text.t("report.column_p_sim") if h == "p_sim" else h, "number", above) for h in heads]
        rows = []
        for year in table["year"].drop_duplicates():
            cells = [Cell(int(year), str(year))]
            for key in part:
                at = (table["variable"] == key[0]) & (table["year"] == year)
                row = table[at & (table["lagged"] == key[1])].iloc[0] if lagged else table[at].iloc[0]
                cells += [starred(row[symbol], row["stars"]), number(row["z"]), p_value(row["p"])]
                cells += [p_value(row["p_sim"])] if simulated else []
            rows.append(tuple(cells))
        shown, cut = long(rows)
        main = m.results.analyses[name].neighbours[0]
        notes = (text.t("figures.stars"), text.t("report.note_weights_used", weights=main), *cut)
        yield Table(anchor, said, tuple(columns), shown, notes=notes, source=name)


def _groups(m: Material) -> Iterator[Block]:
    """Moran's I within every group, first and last year."""
    table = m.tables.get("moran_groups")
    if table is None or table.empty:
        return
    variables = list(table["variable"].drop_duplicates())
    yield m.paragraph("moran_groups_shown", table="tab-moran-groups")
    caption = text.t("report.table_moran_groups")
    for here, anchor, said in abreast(variables, ABREAST, "tab-moran-groups", caption):
        yield _of_groups(m, table, here, anchor, said)
    yield from m.findings("autocorrelation", only=["within_"])


def _of_groups(m: Material, table: pd.DataFrame, variables: Sequence[str], anchor: str, caption: str) -> Table:
    """A row a group, the first and the last year of some variables side by side."""
    ends = sorted({int(table["year"].min()), int(table["year"].max())})
    columns = [Column(text.t("report.column_group")), Column("n", "number")]
    columns += [Column(str(y), "number", m.name(v)) for v in variables for y in ends]
    rows = []
    for group in table["group"].drop_duplicates():
        of = table[table["group"] == group].set_index(["variable", "year"])
        told = [of.loc[(v, y)] for v in variables for y in ends]
        known = (starred(row["I"], row["stars"] if pd.notna(row["p"]) else "") for row in told)
        rows.append((words(group), count(float(of["n"].iloc[0])), *known))
    shown, cut = long(rows)
    notes = (text.t("figures.stars"), text.t("report.note_few"), *cut)
    return Table(anchor, caption, tuple(columns), shown, notes=notes, source="moran_groups")


def _local(m: Material) -> Iterator[Block]:
    """Quadrants of regions in some years."""
    yield m.heading(2, "lisa")
    yield from m.step("lisa")
    yield from m.findings("quadrants", only=["isolates"])
    table = m.tables["lisa"]
    for position, variable in enumerate(table["variable"].drop_duplicates(), start=1):
        anchor = f"tab-quadrants-{position}"
        yield m.paragraph("quadrants_shown", variable=m.spoken(variable), table=anchor)
        yield _quadrants(m, table[table["variable"] == variable], anchor, variable)
        yield from m.findings("quadrants", about=variable, without=["isolates"])
        yield from m.figures("moran_scatter", variable)
        yield from m.figures("lisa_maps", variable)


def _quadrants(m: Material, table: pd.DataFrame, anchor: str, variable: str) -> Table:
    """Who sits in which quadrant; significant regions are marked."""
    figures = m.results.settings.get("figures") or {}
    years = of_analysis(table["year"].drop_duplicates(), figures.get("years"), m.years)
    names = ("HH", "LH", "LL", "HL")
    rows = []
    for year in years:
        cells = [Cell(year, str(year))]
        for quadrant in names:
            here = table[(table["year"] == year) & (table["quadrant"] == quadrant)]
            cells.append(_members(here))
        rows.append(tuple(cells))
    columns = (
        Column(text.t("report.column_year")),
        *(Column(text.t(f"figures.quadrant_{q}"), "wide") for q in names),
    )
    notes = (text.t("report.note_quadrants"),)
    return Table(
        anchor, text.t("report.table_quadrants", variable=m.titled(variable)), columns, tuple(rows), notes, "lisa"
    )


def _members(here: pd.DataFrame) -> Cell:
    """How many regions, and which where they are few enough to be read."""
    marked = [f"{r}†" if s else str(r) for r, s in zip(here["region"], here["significant"], strict=True)]
    if not marked:
        return Cell(0, "0")
    named = text.t("labels.comma").join(marked) if len(marked) <= MOST_NAMED else ""
    shown = text.t("report.members", count=len(marked), names=named) if named else str(len(marked))
    return Cell(len(marked), shown)
