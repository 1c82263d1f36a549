"""Which of several formulas a table of printed values follows, and which of its cells do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ouhe.audit.checks.outcome import MOST_LINES
from ouhe.audit.interval import Interval
from ouhe.audit.published import Grid
from ouhe.audit.verdict import Listed

__all__ = ["Followed", "cells", "followed"]

#: Share of the cells that must follow another formula before it is taken for the one that was used.
LIMITS = {"share": 0.9, "cells": 3}


@dataclass(frozen=True, eq=False)
class Followed:
    """What a table follows.

    Parameters
    ----------
    form
        Formula that it follows: the one expected, or another that nearly all cells follow.
    wrong
        Cells that do not follow `form`, the farthest first.
    count, agreed
        Cells that could be checked, and that follow the formula expected.
    """

    form: str
    wrong: list[tuple[int, int]]
    count: int
    agreed: int


def followed(printed: Interval, forms: Mapping[str, Interval], expected: str) -> Followed:
    """Which formula the printed values follow, `expected` wherever it can be."""
    known = ~np.isnan(printed.low) & ~np.isnan(forms[expected].low)
    apart = {name: known & (printed.apart(predicted) | np.isnan(predicted.low)) for name, predicted in forms.items()}
    count = int(known.sum())
    agreed = count - int(apart[expected].sum())
    best = min(forms, key=lambda name: (int(apart[name].sum()), name != expected))
    other = best != expected and count - int(apart[best].sum()) >= max(LIMITS["share"] * count, LIMITS["cells"])
    form = best if other and agreed < LIMITS["share"] * count else expected
    gap = np.maximum(printed.low - forms[form].high, forms[form].low - printed.high)
    wrong = [(int(i), int(t)) for i, t in np.argwhere(apart[form])]
    return Followed(form, sorted(wrong, key=lambda c: -gap[c]), count, agreed)


def cells(grid: Grid, wrong: list[tuple[int, int]]) -> Listed:
    """The first cells of a list, for a sentence."""
    return Listed(tuple(grid.cell(i, t) for i, t in wrong[:MOST_LINES]), len(wrong) - MOST_LINES)
