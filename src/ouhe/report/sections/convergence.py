"""Whether regions become alike: dispersion by year, growth on level, and clubs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ouhe import text
from ouhe.report.document import Block, Cell, Column, Table
from ouhe.report.sections.cells import count, number, starred, words
from ouhe.report.sections.material import Material, long
from ouhe.results.convergence import Convergence

__all__ = ["blocks"]

#: Members that a row of the table of clubs names; of a larger club the table ``club_members`` names the others.
MOST_NAMED = 40

#: What is said of σ, of β and of clubs, by the beginnings of the rules.
SIGMA = ("sigma_", "logs_", "groups_")
BETA = ("beta_", "conditional_", "ends_", "within_", "neighbours_", "errors_")
CLUBS = ("one_club", "no_clubs", "clubs")


def blocks(m: Material) -> Iterator[Block]:
    """What was done, the tables of σ, β and clubs, their figures and what they show."""
    yield from m.absent("convergence")
    found = m.results.analyses.get("convergence")
    if not isinstance(found, Convergence):
        return
    yield m.heading(1, "convergence")
    yield from m.step("convergence")
    yield m.heading(2, "sigma")
    yield m.paragraph("sigma_shown", table="tab-sigma")
    yield _sigma(m)
    yield from m.figures("sigma_years")
    yield from _said(m, found, SIGMA)
    if found.beta is not None:
        yield m.heading(2, "beta")
        yield m.paragraph("beta_shown", table="tab-beta")
        yield _beta(m, found)
        yield from m.figures("beta_estimates")
        if found.spatial is not None:
            yield _spatial(m)
        yield from _said(m, found, BETA)
    if found.clubs is not None:
        yield m.heading(2, "clubs")
        yield m.paragraph("clubs_shown", table="tab-clubs")
        yield _clubs(m)
        yield from m.figures("club_paths")
        yield from _said(m, found, CLUBS)


def _said(m: Material, found: Convergence, rules: tuple[str, ...]) -> Iterator[Block]:
    for variable in found.variables:
        yield from m.findings("convergence", about=variable, only=rules)


def _by_variable(m: Material, table: pd.DataFrame) -> Iterator[tuple[Any, Cell, bool]]:
    """Rows, the name of the variable in the first of each, and whether that is one but the first of all."""
    before = None
    for _, row in table.iterrows():
        new = row["variable"] != before
        name = m.name(row["variable"])
        yield row, Cell(name, name if new else ""), new and before is not None
        before = row["variable"]


def _sigma(m: Material) -> Table:
    """Both measures in the first and the last year, with the test of their trend."""
    table = m.tables["sigma_trend"]
    by = ["variable", "group"]
    measures = list(table["measure"].drop_duplicates())
    parts = {k: table[table["measure"] == k].set_index(by) for k in measures}
    rows: list[tuple[Cell, ...]] = []
    ruled = []
    for row, name, new in _by_variable(m, parts[measures[0]].reset_index()):
        ruled += [len(rows)] if new else []
        told: list[Cell] = []
        for k in measures:
            one = parts[k].loc[(row["variable"], row["group"])]
            told += [
                number(one["first"]),
                number(one["last"]),
                starred(one["slope"], one["stars"], 4),
            ]
        rows.append((name, words(row["group"]), *told))
    first, last = (str(table[c].iloc[0]) for c in ("first_year", "last_year"))
    columns = [Column(text.t("report.column_variable"), "wide"), Column(text.t("report.column_group"))]
    for k in measures:
        labels = (first, last, text.t("report.column_slope"))
        columns += [Column(label, "number", above=k) for label in labels]
    shown, cut = long(rows)
    notes = (text.t("report.note_slope"), *cut)
    caption = text.t("report.table_sigma")
    kept = tuple(i for i in ruled if i < len(shown))
    return Table("tab-sigma", caption, tuple(columns), shown, notes=notes, source="sigma_trend", ruled=kept)


def _beta(m: Material, found: Convergence) -> Table:
    """β of every model, with its error in brackets, and the half-life of the first."""
    assert found.beta is not None
    table = m.tables["beta"]
    models = list(table["model"].drop_duplicates())
    parts = {k: table[table["model"] == k].set_index(["variable", "group"]) for k in models}
    rows: list[tuple[Cell, ...]] = []
    ruled = []
    for row, name, new in _by_variable(m, parts[models[0]].reset_index()):
        ruled += [len(rows)] if new else []
        told: list[Cell] = []
        for k in models:
            one = parts[k].loc[(row["variable"], row["group"])]
            error = [] if len(models) > 2 else [number(one["se"])]  # three models leave no room
            told += [starred(one["beta"], one["stars"]), *error, number(one["half_life"], 1)]
        rows.append((name, words(row["group"]), *told))
    columns = [Column(text.t("report.column_variable"), "wide"), Column(text.t("report.column_group"))]
    for k in models:
        error_head = [] if len(models) > 2 else [text.t("report.column_se")]
        heads = ("β", *error_head, text.t("report.column_half_life"))
        columns += [Column(head, "number", above=k) for head in heads]
    walk = float(found.beta["random_walk"].sel(model="absolute").max())
    notes = [text.t("report.note_beta")]
    if walk < 0:
        notes.append(text.t("report.note_random_walk", random_walk=number(walk).shown))
    shown, cut = long(rows)
    caption = text.t("report.table_beta")
    kept = tuple(i for i in ruled if i < len(shown))
    return Table("tab-beta", caption, tuple(columns), shown, notes=(*notes, *cut), source="beta", ruled=kept)


def _spatial(m: Material) -> Table:
    """ρ or λ, β, and the effects."""
    table = m.tables["beta_spatial"]
    several = len(table["model"].drop_duplicates()) > 1
    rows = []
    for row, name, _ in _by_variable(m, table):
        model = [words(row["model"])] if several else []
        told = [starred(row["rho"], row["rho_stars"]), number(row["rho_se"]), starred(row["beta"], row["stars"])]
        told += [number(row[c]) for c in ("se", "direct", "indirect", "total")]
        rows.append((name, *model, *told))
    symbol = "λ" if table["direct"].isna().all() else "ρ"
    heads = [symbol, text.t("report.column_se"), "β", text.t("report.column_se")]
    heads += [text.t(f"report.column_{c}") for c in ("direct", "indirect", "total")]
    columns = [Column(text.t("report.column_variable"), "wide")]
    columns += [Column(text.t("report.column_model"))] if several else []
    columns += [Column(head, "number") for head in heads]
    if symbol == "λ":  # errors have no effects
        columns, rows = columns[:-3], [r[:-3] for r in rows]
    dependence, weights = str(table["dependence"].iloc[0]), str(table["neighbours"].iloc[0])
    caption = text.t("report.table_beta_spatial", dependence=dependence)
    notes = (text.t("report.note_spatial", weights=weights),)
    return Table("tab-beta-spatial", caption, tuple(columns), tuple(rows), notes=notes, source="beta_spatial")


def _clubs(m: Material) -> Table:
    """The log-t test of all regions and of every club, and who belongs to it."""
    members = m.tables["club_members"].groupby(["variable", "club"], sort=False)["region"].apply(list)
    rows: list[tuple[Cell, ...]] = []
    ruled = []
    for row, name, new in _by_variable(m, m.tables["clubs"]):
        ruled += [len(rows)] if new else []
        who = members.get((row["variable"], row["club"]), [])
        named = text.t("labels.comma").join(who[:MOST_NAMED]) + (" …" if len(who) > MOST_NAMED else "")
        told = [count(row["regions"]), number(row["b"]), number(row["t"], 2)]
        rows.append((name, words(row["club"]), *told, words(named)))
    columns = [Column(text.t("report.column_variable"), "wide"), Column(text.t("report.column_club"))]
    columns += [Column(head, "number") for head in (text.t("report.column_n"), "b", "t")]
    columns.append(Column(text.t("report.column_club_regions"), "wide"))
    shown, cut = long(rows)
    notes = (text.t("report.note_clubs"), *cut)
    caption = text.t("report.table_clubs")
    kept = tuple(i for i in ruled if i < len(shown))
    return Table("tab-clubs", caption, tuple(columns), shown, notes=notes, source="clubs", ruled=kept)
