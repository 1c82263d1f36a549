"""How far the results depend on choices: intervals, probabilities of classes, ranks, and what matters most."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ouhe import text
from ouhe.report.document import Block, Bullets, Cell, Column, Table
from ouhe.report.sections.cells import count, number, share, words
from ouhe.report.sections.material import Material, long
from ouhe.results.uncertainty import TARGETS, Uncertainty, choice_name

__all__ = ["blocks"]


def blocks(m: Material) -> Iterator[Block]:
    """What was drawn, the intervals of the last year, and the sensitivity to every choice."""
    found = m.results.analyses.get("uncertainty")
    yield from m.absent("uncertainty")
    if not isinstance(found, Uncertainty):
        return
    yield m.heading(1, "uncertainty")
    yield from m.step("uncertainty")
    yield from _refused(m, found)
    yield m.paragraph("uncertainty_shown", table="tab-uncertainty")
    yield _intervals(m, found)
    yield from m.findings("robustness", without=("choice",))
    yield from m.figures("uncertainty_intervals")
    yield from m.figures("rank_intervals")
    if found.varied:
        yield m.paragraph("sensitivity_shown", table="tab-sensitivity")
        yield _sensitivity(found)
        yield from m.findings("robustness", only=("choice",))
        yield from m.figures("sensitivity")


def _refused(m: Material, found: Uncertainty) -> Iterator[Block]:
    """Levels that are not drawn and draws that failed, with the reasons."""
    table = m.tables["uncertainty_choices"]
    noted = table[table["note"].astype(bool)]
    lines = zip(noted["choice"], noted["level"], noted["note"], strict=True)
    told = [(text.t("report.choice_note", step=s, choice=c, note=n),) for s, c, n in lines]
    if told:
        yield m.paragraph("uncertainty_refused")
        yield Bullets(tuple(told))
    if found.refused:
        yield m.paragraph("uncertainty_failed", count=found.impossible, draws=found.options["draws"])
        yield Bullets(tuple((f"{problem.message()} ({times})",) for problem, times in found.refused))


def _intervals(m: Material, found: Uncertainty) -> Table:
    """A row a region: D and rank with their intervals, class and its probability."""
    last = found.intervals.isel(year=-1)
    own = last["probability"].isel({"class": last["level"].astype(int)}).to_series()
    level = pd.Series([found.labels[int(k)] for k in last["level"].values], index=last["region"].values)
    ranks, D = (found.of_last(v).set_index("region") for v in ("rank", "D"))
    rows: list[tuple[Cell, ...]] = []
    for region in map(str, ranks.index):
        of_D = [number(float(D[k][region])) for k in ("value", "low", "high")]
        places = [count(float(ranks[k][region])) for k in ("value", "low", "high")]
        rows.append(
            (
                words(m.results.region_labels.get(region, region)),
                *of_D,
                *places,
                words(level[region]),
                number(float(own[region]), 2),
            )
        )
    shown, notes = long(rows)
    above = (m.name("D"), text.t("report.column_rank"))
    columns = [Column(text.t("report.column_region"), "wide")]
    for head in above:
        columns += [Column(text.t(f"report.column_{k}"), "number", head) for k in ("study", "low", "high")]
    columns += [Column(text.t("report.column_class")), Column(text.t("report.column_probability"), "number")]
    said = text.t("report.note_uncertainty", level=f"{found.options['level']:.0%}", draws=found.counted)
    caption = text.t("report.table_uncertainty", year=int(last["year"]))
    return Table("tab-uncertainty", caption, tuple(columns), shown, (said, *notes), "uncertainty")


def _sensitivity(found: Uncertainty) -> Table:
    """A row a choice: what it alone changes, and its shares of the variance of mean D and of the shift of ranks."""
    rows = []
    given = bool(found.shares.sizes["choice"])
    for name in found.varied:
        alone = found.alone.sel(varied=name)
        cells = [number(float(alone["mean_low"])), number(float(alone["mean_high"])), number(float(alone["shift"]), 2)]
        cells.append(share(float(alone["classes_changed"])))
        for target in TARGETS if given else ():
            of = found.shares.sel(choice=name, target=target)
            cells += [_with_error(float(of[k]), float(of[f"{k}_error"])) for k in ("first", "total")]
        rows.append((words(choice_name(name)), *cells))
    columns = [Column(text.t("report.column_choice"), "wide")]
    alone_head = text.t("report.column_alone")
    keys = ("mean_D_low", "mean_D_high", "rank_shift", "share_changed")
    columns += [Column(text.t(f"report.column_{k}"), "number", alone_head) for k in keys]
    for target in TARGETS if given else ():
        head = text.t("report.column_variance", about=text.t(f"uncertainty.target_{target}"))
        columns += [Column(text.t(f"report.column_{k}"), "number", head) for k in ("first_order", "total_order")]
    notes = (text.t("report.note_sensitivity"),) if given else ()
    return Table(
        "tab-sensitivity", text.t("report.table_sensitivity"), tuple(columns), tuple(rows), notes, "sensitivity"
    )


def _with_error(value: float, error: float) -> Cell:
    """A share with half the width of its interval."""
    cell = number(value, 2)
    return cell if cell.value is None else Cell(cell.value, f"{cell.shown} ± {error:.2f}")
