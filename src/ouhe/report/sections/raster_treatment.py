"""Appendix of a study of rasters: which files were read, and what a reader must know of them."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe import text
from ouhe.report.document import Block, Bullets, Table
from ouhe.report.sections.cells import number, words
from ouhe.report.sections.material import Material, columns, long, records
from ouhe.report.sections.treatment import HASH
from ouhe.results.measured import Gridded

__all__ = ["blocks"]


def blocks(m: Material[Gridded]) -> Iterator[Block]:
    """Sources and warnings."""
    yield m.heading(1, "treatment")
    yield _sources(m)
    told = [w.message(m.results.language) for w in m.results.warnings]
    told += [p.message(m.results.language) for problems in m.results.not_done.values() for p in problems]
    if told:
        yield m.paragraph("warnings_said")
        yield Bullets(tuple((line,) for line in told))


def _sources(m: Material[Gridded]) -> Table:
    rows = [
        (words(r["file"]), words(r["format"]), number(float(r["size"]) / 2**20, 1), words(str(r["sha256"])[:HASH]))
        for r in records(m.tables["sources"])
    ]
    shown, cut = long(rows)
    heads = columns(file="wide", format="text", size="number", sha256="text")
    notes = (text.t("report.note_hash_stores", count=HASH), *cut)
    return Table("tab-sources", text.t("report.table_sources"), heads, shown, notes, "sources")
