"""Moves between classes: the chain, its chain by neighbours with the tests, and the moves between quadrants."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ouhe import text
from ouhe.report.document import Block, Cell, Column, Table
from ouhe.report.sections.cells import count, number, p_value, share, words
from ouhe.report.sections.material import Material
from ouhe.results.transition import Transition

__all__ = ["blocks"]

#: Rules on neighbours and on quadrants, which stand with their tables.
AROUND = ("neighbours_", "rise_", "fall_")
QUADRANTS = ("quadrants_", "own_", "around_")

SHARES = ("stay", "up", "down", "first", "last", "long_run")


def blocks(m: Material) -> Iterator[Block]:
    """A part for every variable."""
    yield from m.absent("transition")
    found = m.results.analyses.get("transition")
    if not isinstance(found, Transition):
        return
    yield m.heading(1, "transition")
    yield from m.step("transition")
    for position, variable in enumerate(found.variables, start=1):
        if len(found.variables) > 1:
            yield m.heading(2, "transition_of", anchor=f"sec-transition-{position}", variable=m.name(variable))
        yield m.paragraph(
            "transition_shown", table=f"tab-transition-{position}", tests=f"tab-transition-tests-{position}"
        )
        yield _classes(m, variable, f"tab-transition-{position}")
        yield from m.findings("transitions", about=variable, without=(*AROUND, *QUADRANTS))
        yield from m.figures("transition_matrix", variable)
        yield _tests(m, variable, f"tab-transition-tests-{position}")
        yield from m.findings("transitions", about=variable, only=AROUND)
        yield from m.figures("transition_neighbours", variable)
        if found.quadrants(variable) is not None:
            anchor = f"tab-transition-quadrants-{position}"
            yield m.paragraph("transition_quadrants_shown", table=anchor)
            yield _quadrants(m, variable, anchor)
            yield from m.findings("transitions", about=variable, only=QUADRANTS)


def _of(m: Material, table: str, variable: str) -> pd.DataFrame:
    whole = m.tables[table]
    return whole[whole["variable"] == variable]


def _classes(m: Material, variable: str, anchor: str) -> Table:
    """How likely it is to stay, rise and fall in every class that occurs, and what share it holds."""
    table = _of(m, "transition_classes", variable)
    held = table[(table["count"] > 0) | (table["first"] > 0) | (table["last"] > 0)]
    empty = [str(c) for c in table["class"] if c not in set(held["class"])]
    rows = [
        (words(r["class"]), count(r["count"]), *(share(r[c]) for c in SHARES[:3]), _years(r["sojourn"]),
         *(share(r[c]) for c in SHARES[3:]))
        for _, r in held.iterrows()
    ]  # fmt: skip
    heads = ("class", "count", "stay", "up", "down", "sojourn", "first", "last", "long_run")
    columns = [Column(text.t(f"report.column_transition_{h}"), "text" if h == "class" else "number") for h in heads]
    notes = [text.t("report.note_transition")]
    if empty:
        notes.append(text.t("report.note_transition_empty", classes=text.enumerated(empty)))
    caption = text.t("report.table_transition", variable=m.name(variable))
    return Table(anchor, caption, tuple(columns), tuple(rows), notes=tuple(notes), source="transition_classes")


def _years(value: float) -> Cell:
    """Years, or a sign that nobody was seen to leave."""
    return Cell(None, "∞") if value == float("inf") else number(value, 1)


def _tests(m: Material, variable: str, anchor: str) -> Table:
    """Tests that matrices are the same."""
    table = _of(m, "transition_tests", variable)
    table = table[table["n"] > 0]
    rows = []
    for _, r in table.iterrows():
        said = r["neighbours_class"]
        name = text.t("report.transition_around", label=said) if said else str(r["test"])
        told = (number(r["chi2"], 2), p_value(r["p_chi2"]), number(r["lr"], 2), p_value(r["p_lr"]))
        rows.append((words(name), count(r["n"]), count(r["df"]), *told, share(r["sparse"], 0)))
    heads = ("test", "count", "df", "chi2", "p", "lr", "p", "sparse")
    columns = [Column(text.t(f"report.column_transition_{h}"), "wide" if h == "test" else "number") for h in heads]
    caption = text.t("report.table_transition_tests", variable=m.name(variable))
    notes = (text.t("report.note_transition_tests"),)
    return Table(anchor, caption, tuple(columns), tuple(rows), notes=notes, source="transition_tests")


def _quadrants(m: Material, variable: str, anchor: str) -> Table:
    """Probability and number of the moves between quadrants."""
    table = _of(m, "transition_quadrants", variable).set_index(["from", "to"])
    names = list(dict.fromkeys(table.index.get_level_values("from")))
    rows = []
    for start in names:
        cells = [words(start)]
        for end in names:
            row = table.loc[(start, end)]
            told = share(row["probability"])
            cells.append(Cell(told.value, text.t("report.transition_cell", share=told.shown, count=int(row["count"]))))
        rows.append(tuple(cells))
    columns = [Column(text.t("report.column_transition_from")), *(Column(n, "number") for n in names)]
    caption = text.t("report.table_transition_quadrants", variable=m.name(variable))
    notes = (text.t("report.note_transition_quadrants"),)
    return Table(anchor, caption, tuple(columns), tuple(rows), notes=notes, source="transition_quadrants")
