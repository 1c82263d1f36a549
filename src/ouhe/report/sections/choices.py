"""Appendix: which choice was made where the literature differs, and what the others would have given."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ouhe import text
from ouhe.report.document import Block, Bullets, Cell, Column, Table
from ouhe.report.sections.cells import count, number, p_value, words
from ouhe.report.sections.material import Material

__all__ = ["blocks"]


def blocks(m: Material) -> Iterator[Block]:
    """One table, and under it why some choices have no numbers."""
    if m.results.conventions is None:
        return
    table = m.tables["conventions"]
    yield m.heading(1, "choices")
    sizes = {"last": m.years[-1], "regions": m.results.coupling.D.sizes["region"], "cells": m.results.coupling.D.size}
    yield m.paragraph("choices_shown", table="tab-choices", **sizes)
    yield _table(table)
    largest = m.results.conventions.largest()
    # shares make every index smaller by the same large factor, which is scale and not sensitivity
    moved = [row for row in largest.values() if abs(row.change) > 0 and row.choice != "shares"]
    if moved:
        row = max(moved, key=lambda r: abs(r.change))
        chosen = m.results.conventions.chosen(row.step)
        said = {"step": text.t(f"conventions.step_{row.step}"), "choice": row.label.text()}
        about = {"chosen": chosen.label.text(), "own": chosen.mean_last, "other": row.mean_last}
        yield m.paragraph("choices_most", **said, **about, classes=int(row.classes_changed))
    noted = table[table["note"].astype(bool)]
    if len(noted):
        yield m.paragraph("choices_notes")
        lines = zip(noted["step"], noted["choice"], noted["note"], strict=True)
        yield Bullets(tuple((text.t("report.choice_note", step=s, choice=c, note=n),) for s, c, n in lines))


def _table(table: pd.DataFrame) -> Table:
    """A row a choice; the study's own is marked."""
    numbers = {
        "mean_D_last": number,
        "change": number,
        "classes_changed": count,
        "classes_changed_all": count,
        "rank_correlation": number,
        "I": number,
        "z": number,
        "p": p_value,
    }
    spatial = bool(table["I"].notna().any())
    shown = [c for c in numbers if spatial or c not in ("I", "z", "p")]
    columns = [Column(text.t("report.column_step"), "wide"), Column(text.t("report.column_choice"), "wide")]
    columns += [Column(text.t(f"report.column_{c}"), "number") for c in shown]
    rows: list[tuple[Cell, ...]] = []
    ruled = []
    before = ""
    for _, row in table.iterrows():
        if row["step"] != before and rows:
            ruled.append(len(rows))
        step = Cell(str(row["step"]), "" if row["step"] == before else str(row["step"]))
        choice = text.t("report.choice_made", choice=row["choice"]) if row["chosen"] else str(row["choice"])
        values = (float("nan") if pd.isna(row[c]) else float(row[c]) for c in shown)
        rows.append((step, words(choice), *(numbers[c](v) for c, v in zip(shown, values, strict=True))))
        before = row["step"]
    notes = (text.t("report.note_choices"),)
    return Table(
        "tab-choices",
        text.t("report.table_choices"),
        tuple(columns),
        tuple(rows),
        notes,
        "conventions",
        ruled=tuple(ruled),
    )
