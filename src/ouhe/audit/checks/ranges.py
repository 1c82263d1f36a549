"""Whether degrees and indices lie where they must."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ouhe.audit.checks.outcome import MOST_LINES, Outcome, nothing
from ouhe.audit.interval import Interval
from ouhe.audit.published import Published, period
from ouhe.audit.verdict import Listed, Verdict

__all__ = ["in_range"]


class _Number(NamedTuple):
    """A printed number and what it is of."""

    name: str
    value: Interval
    text: str
    where: str


def in_range(p: Published) -> Outcome:
    """Whether C and D lie in [0, 1]; T and the indices too, where they are weighted means of values in [0, 1]."""
    bounded = ["C", "D", *(("T", *p.systems) if p.formulas.index == "values" else ())]
    verdicts, count, agreed = [], 0, 0
    for variable in bounded:
        held = list(_numbers(p, variable))
        outside = [n for n in held if n.value.low > 1.0 or n.value.high < 0.0]
        count, agreed = count + len(held), agreed + len(held) - len(outside)
        if outside:
            lines = tuple(f"{variable} {n.name} = {n.text} ∉ [0, 1]" for n in outside[:MOST_LINES])
            names = [n.name for n in outside[:MOST_LINES]]
            says = {"variable": variable, "count": len(outside), "cells": Listed.of(names)}
            where = tuple(dict.fromkeys(n.where for n in outside))
            verdicts.append(Verdict("in_range", "out_of_range", "certain", where, (variable, *names), says, lines))
    return Outcome(tuple(verdicts), count, agreed) if count else nothing("in_range_none")


def _numbers(p: Published, variable: str) -> Iterator[_Number]:
    """Values by region and year, and means."""
    if variable in p.grid:
        values, texts, where = p.grid.values[variable], p.grid.texts[variable], p.grid.where[variable]
        for i, t in np.argwhere(~np.isnan(values.low)):
            yield _Number(p.grid.cell(i, t), values.take((i, t)), texts[i, t], where)
    for m in p.means:
        if m.variable == variable:
            yield _Number(f"{p.scope(m.scope)} {period(m.first, m.last)}", m.value.interval, m.value.text, m.where)
