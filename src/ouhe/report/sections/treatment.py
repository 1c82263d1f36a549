"""Appendix: where the data come from, and what was left out, filled, matched or looks wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ouhe import text
from ouhe.report.document import Block, Bullets, Column, Table
from ouhe.report.sections.cells import count, number, words
from ouhe.report.sections.material import Material, long

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
    table = m.tables["sources"]
    rows = [
        tuple(map(words, (r.file, r.sheet or "", r.layout, str(r.sha256)[:HASH])))
        for r in table.fillna("").itertuples()
    ]
    shown, cut = long(rows)
    heads = {"file": "wide", "sheet": "wide", "layout": "text", "sha256": "text"}
    columns = tuple(Column(text.t(f"report.column_{h}"), k) for h, k in heads.items())  # type: ignore[arg-type]
    notes = (text.t("report.note_hash", count=HASH), *cut)
    return Table("tab-sources", text.t("report.table_sources"), columns, shown, notes, "sources")


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
        (words(i), words(method), count(r["count"]), count(r["regions"]), words(f"{r['first']}–{r['last']}"))
        for (i, method), r in by.iterrows()
    ]
    shown, cut = long(rows)
    kinds = {"series": "wide", "method": "text", "values": "number", "regions": "number", "period": "text"}
    columns = tuple(Column(text.t(f"report.column_{h}"), k) for h, k in kinds.items())  # type: ignore[arg-type]
    yield m.paragraph("filled_shown", table="tab-filled", count=len(table))
    yield Table("tab-filled", text.t("report.table_filled"), columns, shown, cut, "missing")


def _left_out(m: Material) -> Iterator[Block]:
    """Rows, columns and sheets that were recognised and not used, by reason."""
    table = m.tables["left_out"]
    if table.empty:
        yield m.paragraph("nothing_left_out")
        return
    by = table.groupby(["reason", "label"], sort=False, dropna=False).size()
    rows = [(words(reason), words(label), count(float(n))) for (reason, label), n in by.items()]
    shown, cut = long(rows)
    kinds = {"reason": "text", "label": "wide", "times": "number"}
    columns = tuple(Column(text.t(f"report.column_{h}"), k) for h, k in kinds.items())  # type: ignore[arg-type]
    yield m.paragraph("left_out_shown", table="tab-left-out", count=len(table))
    yield Table("tab-left-out", text.t("report.table_left_out"), columns, shown, cut, "left_out")


def _matched(m: Material) -> Iterator[Block]:
    """Names in the data that were matched to regions in another way than letter by letter."""
    table = m.tables["matches"]
    other = table[table["label"].astype(str) != table["region"].astype(str)]
    if other.empty:
        return
    rows = [tuple(map(words, r)) for r in other[["label", "region", "how"]].itertuples(index=False)]
    shown, cut = long(rows)
    kinds = {"label": "wide", "region": "text", "how": "text"}
    columns = tuple(Column(text.t(f"report.column_{h}"), k) for h, k in kinds.items())  # type: ignore[arg-type]
    yield m.paragraph("matched_shown", table="tab-matches", count=len(other))
    yield Table("tab-matches", text.t("report.table_matches"), columns, shown, cut, "matches")


def _rows(m: Material, name: str) -> Iterator[Block]:
    """A table as it is, where it has rows."""
    table = m.tables[name].drop(columns="simulated", errors="ignore")
    if table.empty:
        return
    numeric = {c: pd.api.types.is_float_dtype(table[c]) for c in table.columns}
    rows = [
        tuple(number(float(v), 2) if numeric[c] else words("" if pd.isna(v) else v) for c, v in row.items())
        for _, row in table.iterrows()
    ]
    shown, cut = long(rows)
    columns = tuple(Column(_head(str(c)), "number" if numeric[c] else "wide") for c in table.columns)
    yield m.paragraph(f"{name}_shown", table=f"tab-{name}", count=len(table))
    yield Table(f"tab-{name}", text.t(f"report.table_{name}"), columns, shown, cut, name)


def _head(column: str) -> str:
    """Head of a column: a word for it where there is one."""
    known = text.texts("report", text.current())
    return known.get(f"column_{column}", column)
