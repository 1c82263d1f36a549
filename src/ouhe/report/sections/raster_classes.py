"""Classes of coordination and lagging systems of a raster: which share of the cells stands where."""

from __future__ import annotations

from collections.abc import Iterator

from ouhe import text
from ouhe.report.document import Block, Column, Table
from ouhe.report.sections.cells import count, share, words
from ouhe.report.sections.material import Material
from ouhe.results.measured import Gridded

__all__ = ["blocks"]


def blocks(m: Material[Gridded]) -> Iterator[Block]:
    """The scheme, shares by year, maps, and which system lags."""
    if m.results.trends.counts is not None:
        yield m.heading(1, "classes")
        yield from m.step("classes")
        yield m.paragraph("classes_shown", table="tab-classes", last=m.years[-1])
        yield _classes(m)
        yield from m.figures("class_stack")
        yield from m.figures("raster_classes")
    if m.results.trends.lags is not None:
        yield m.heading(2 if m.results.trends.counts is not None else 1, "lags")
        yield from m.step("lag")
        yield m.paragraph("lags_shown", table="tab-lags")
        yield _lags(m)


def _classes(m: Material[Gridded]) -> Table:
    """Interval of every class, its share of the cells in some years, and its cells in the last."""
    scheme, counts, last = m.results.coupling, m.results.trends.counts, m.years[-1]
    assert counts is not None
    rows = []
    for code, (label, upper) in enumerate(zip(scheme.labels, scheme.upper, strict=True)):
        lower = scheme.upper[code - 1] if code else 0.0
        interval = text.t("report.interval" if code else "report.interval_lowest", lower=lower, upper=upper)
        here = counts.sel({"class": code})
        shares = [share(float(here.sel(year=y)) / float(counts.sel(year=y).sum())) for y in m.some_years]
        rows.append((words(label), words(interval), *shares, count(float(here.sel(year=last)))))
    columns = [Column(text.t("report.column_class")), Column(text.t("report.column_interval"))]
    columns += [Column(str(y), "number", text.t("report.above_share")) for y in m.some_years]
    columns.append(Column(text.t("report.column_cells", year=last), "number"))
    return Table("tab-classes", text.t("report.table_classes"), tuple(columns), tuple(rows), source="classes")


def _lags(m: Material[Gridded]) -> Table:
    """Which share of the cells each system lags in."""
    lags = m.results.trends.lags
    assert lags is not None
    named = [(i, text.t("labels.lagging", system=s)) for i, s in enumerate(m.systems)]
    rows = []
    for code, label in (*named, (-1, text.t("labels.in_step"))):
        here = lags.sel(lag=code)
        shares = [share(float(here.sel(year=y)) / float(lags.sel(year=y).sum())) for y in m.some_years]
        rows.append((words(label), *shares))
    columns = (Column(text.t("report.column_lag"), "wide"), *(Column(str(y), "number") for y in m.some_years))
    return Table("tab-lags", text.t("report.table_lags"), columns, tuple(rows), source="lags")
