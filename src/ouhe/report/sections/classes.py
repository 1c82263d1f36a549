"""Classes of coordination and lag types: how many regions stand where, and which."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe import text
from ouhe.report.document import Block, Column, Table
from ouhe.report.sections.cells import count, words
from ouhe.report.sections.material import MOST_NAMED, Material

__all__ = ["blocks"]


def blocks(m: Material) -> Iterator[Block]:
    """The scheme, counts by year, who stands where, and which system lags."""
    yield m.heading(1, "classes")
    yield from m.step("classes")
    yield m.paragraph("classes_shown", table="tab-classes", last=m.years[-1])
    yield _classes(m)
    yield from m.figures("class_stack")
    yield from m.findings("classes")
    yield from m.figures("class_maps")
    yield m.heading(2, "lags")
    yield from m.step("lag")
    yield m.paragraph("lags_shown", table="tab-lags")
    yield _lags(m)
    yield from m.findings("lags")


def _classes(m: Material) -> Table:
    """Interval of every class, how many regions stand in it, and which in the last year."""
    coupling, labels = m.results.coupling, m.results.region_labels
    counts = m.results.trends.counts
    level = coupling.level.sel(year=m.years[-1])
    rows = []
    for code, (label, upper) in enumerate(zip(coupling.labels, coupling.upper, strict=True)):
        lower = coupling.upper[code - 1] if code else 0.0
        interval = text.t("report.interval" if code else "report.interval_lowest", lower=lower, upper=upper)
        here = [labels.get(str(r), str(r)) for r in level["region"].to_numpy()[level.to_numpy() == code]]
        named = text.t("labels.comma").join(here) if len(here) <= MOST_NAMED else ""
        by_year = [count(float(counts.sel({"class": code}, drop=True).sel(year=y))) for y in m.some_years]
        rows.append(
            (words(label), words(interval), *by_year, words(named or (text.t("report.none") if not here else "…")))
        )
    columns = [Column(text.t("report.column_class")), Column(text.t("report.column_interval"))]
    columns += [Column(str(y), "number", text.t("report.above_count")) for y in m.some_years]
    columns.append(Column(text.t("report.column_members", year=m.years[-1]), "wide"))
    return Table("tab-classes", text.t("report.table_classes"), tuple(columns), tuple(rows), source="classes")


def _lags(m: Material) -> Table:
    """How many regions each system lags in."""
    coupling = m.results.coupling
    types = [(i, text.t("labels.lagging", system=s)) for i, s in enumerate(coupling.systems)]
    types.append((-1, text.t("labels.in_step")))
    rows = []
    for code, label in types:
        here = [float((coupling.lagging.sel(year=y) == code).sum()) for y in m.some_years]
        rows.append((words(label), *map(count, here)))
    columns = (Column(text.t("report.column_lag"), "wide"), *(Column(str(y), "number") for y in m.some_years))
    return Table("tab-lags", text.t("report.table_lags"), columns, tuple(rows), source="coupling")
