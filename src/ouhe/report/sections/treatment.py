"""Appendix: where the data come from, and what was left out, filled, matched or looks wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ouhe import text
from ouhe.report.document import Block, Bullets, Cell, Column, Table
from ouhe.report.sections.cells import count, significant, words
from ouhe.report.sections.material import Material, columns, long, records

__all__ = ["blocks"]

#: Characters of a file's SHA-256 that are shown; ``run.json`` has them all.
HASH = 16


def blocks(m: Material) -> Iterator[Block]:
    """Sources and, where there is anything, each thing that was done to the data."""
    yield m.heading(1, "treatment")
    panel = m.tables["panel"]
    counts = panel["status"].value_counts()
    said = {status: int(counts.get(status, 0)) for status in ("read", "derived", "filled")}
    yield m.paragraph("treatment_counts", **said)
    yield _sources(m)
    yield from _filled(m)
    yield from _left_out(m)
    yield from _matched(m)
    for name in ("editions", "suspicious"):
        yield from _rows(m, name)
    told = [w.message(m.results.language) for w in m.results.warnings]
    told += [p.message(m.results.language) for problems in m.results.not_done.values() for p in problems]
    if told:
        yield m.paragraph("warnings_said")
        yield Bullets(tuple((line,) for line in told))


def _sources(m: Material) -> Table:
    rows = [
        tuple(map(words, (r["file"], r["sheet"], r["layout"], r["sha256"][:HASH])))
        for r in records(m.tables["sources"])
    ]
    shown, cut = long(rows)
    heads = columns(file="wide", sheet="wide", layout="text", sha256="text")
    notes = (text.t("report.note_hash", count=HASH), *cut)
    return Table("tab-sources", text.t("report.table_sources"), heads, shown, notes, "sources")


def _filled(m: Material) -> Iterator[Block]:
    """How many values of each indicator were filled, by which method."""
    table = m.tables["missing"]
    if table.empty:
        yield m.paragraph("nothing_filled")
        return
    by = table.groupby(["indicator", "method"], sort=False).agg(
        count=("value", "size"), first=("year", "min"), last=("year", "max"), regions=("region", "nunique")
    )
    rows = [
        (words(r["indicator"]), words(r["method"]), count(r["count"]), count(r["regions"]), _period(r))
        for r in records(by.reset_index())
    ]
    shown, cut = long(rows)
    heads = columns(series="wide", method="text", values="number", regions="number", period="text")
    yield m.paragraph("filled_shown", table="tab-filled", count=len(table))
    yield Table("tab-filled", text.t("report.table_filled"), heads, shown, cut, "missing")


def _left_out(m: Material) -> Iterator[Block]:
    """Rows, columns and sheets that were recognised and not used, by reason."""
    table = m.tables["left_out"]
    if table.empty:
        yield m.paragraph("nothing_left_out")
        return
    by = table.groupby(["reason", "label"], sort=False, dropna=False).size().rename("times").reset_index()
    rows = [(words(r["reason"]), words(r["label"]), count(r["times"])) for r in records(by)]
    shown, cut = long(rows)
    heads = columns(reason="text", label="wide", times="number")
    yield m.paragraph("left_out_shown", table="tab-left-out", count=len(table))
    yield Table("tab-left-out", text.t("report.table_left_out"), heads, shown, cut, "left_out")


def _matched(m: Material) -> Iterator[Block]:
    """Names in the data that were matched to regions in another way than letter by letter."""
    table = m.tables["matches"]
    other = table[table["label"].astype(str) != table["region"].astype(str)]
    if other.empty:
        return
    rows = [tuple(map(words, (r["label"], r["region"], r["how"]))) for r in records(other)]
    shown, cut = long(rows)
    heads = columns(label="wide", region="text", how="text")
    yield m.paragraph("matched_shown", table="tab-matches", count=len(other))
    yield Table("tab-matches", text.t("report.table_matches"), heads, shown, cut, "matches")


def _rows(m: Material, name: str) -> Iterator[Block]:
    """A table as it is, where it has rows."""
    table = m.tables[name].drop(columns="simulated", errors="ignore")
    if table.empty:
        return
    numeric = {str(c): pd.api.types.is_float_dtype(table[c]) for c in table.columns}
    rows = [
        tuple(significant(float(v) if v != "" else float("nan")) if numeric[c] else words(v) for c, v in row.items())
        for row in records(table)
    ]
    shown, cut = long(rows)
    heads = tuple(Column(_head(c), "number" if of else "wide") for c, of in numeric.items())
    yield m.paragraph(f"{name}_shown", table=f"tab-{name}", count=len(table))
    yield Table(f"tab-{name}", text.t(f"report.table_{name}"), heads, shown, cut, name)


def _period(filled: dict[str, Any]) -> Cell:
    """First and last year of filled values."""
    ends = dict.fromkeys((filled["first"], filled["last"]))
    return words("–".join(map(str, ends)))


def _head(column: str) -> str:
    """Head of a column: a word for it where there is one."""
    known = text.texts("report", text.current())
    return known.get(f"column_{column}", column)
