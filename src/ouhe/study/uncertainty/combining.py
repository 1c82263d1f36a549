"""Which levels of choices go together; those that stand in the way of others are left out, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.errors import OuheError, Problem, heard
from ouhe.study.measuring import coupled
from ouhe.study.schema import Study
from ouhe.study.uncertainty.offered import Offered, with_setting
from ouhe.study.uncertainty.staging import Staged, aggregated, whole_weights

__all__ = ["AXES", "combinable"]

#: Choices whose levels may exclude one another, in the order of the method.
AXES = ("missing", "normalise", "weights", "aggregate", "rescale", "coupling")


def combinable(study: Study, offered: Offered) -> Offered:
    """Levels of which every combination can be computed.

    A level that fails in the largest share of its combinations is left out, and so on until none fails; the study's own
    levels never are. What is left is a full product, in which choices are independent of one another.

    Parameters
    ----------
    study
        The study.
    offered
        Levels of its choices.

    Returns
    -------
    Offered
        Levels left, and those refused with what went wrong.
    """
    trials = _Trials(study, offered)
    trials.run()
    gone: dict[str, dict[int, tuple[Problem, ...]]] = {}
    for axis, level in _excluded(trials.failed):
        gone.setdefault(AXES[axis], {})[level] = trials.reason(axis, level)
    return offered.without(gone)


class _Trials:
    """Every combination tried: which failed, and why."""

    def __init__(self, study: Study, offered: Offered) -> None:
        self.study, self.offered = study, offered
        self.failed = np.zeros([len(offered.values[name]) for name in AXES], dtype=bool)
        self._why: dict[tuple[int, ...], tuple[Problem, ...]] = {}
        self._staged = Staged(offered)

    def run(self) -> None:
        """Try everything, each stage once for all that follow it alike."""
        for m, n in product(*map(range, self.failed.shape[:2])):
            try:
                x, y = self._staged(m, n)
            except OuheError as error:
                self._fail((m, n), error.problems)
            else:
                self._weigh((m, n), x, y)

    def reason(self, axis: int, level: int) -> tuple[Problem, ...]:
        """What went wrong at a level, as near to the study's own levels as it did."""
        told = [at for at in self._why if axis < len(at) and at[axis] == level] or list(self._why)
        return self._why[min(told, key=lambda at: (sum(i > 0 for i in at), at))]

    def _fail(self, at: tuple[int, ...], problems: tuple[Problem, ...]) -> None:
        """All combinations that begin with `at` failed for the same reason."""
        self.failed[at] = True
        self._why[at] = problems

    def _weigh(self, at: tuple[int, int], x: xr.DataArray, y: xr.DataArray) -> None:
        """Every way to weigh and to aggregate, all weights together."""
        weights: dict[int, xr.DataArray] = {}
        for w, choice in enumerate(self.offered.values["weights"]):
            try:
                weights[w] = whole_weights(choice, x, y)
            except OuheError as error:
                self._fail((*at, w), error.problems)
        if not weights:
            return
        stacked = xr.concat(list(weights.values()), "draw", coords="minimal", compat="override")
        for a, choice in enumerate(self.offered.values["aggregate"]):
            try:
                index = aggregated(choice, y, stacked, self.study)
            except OuheError as error:
                for w in weights:
                    self._fail((*at, w, a), error.problems)
            else:
                self._couple([(*at, w, a) for w in weights], index)

    def _couple(self, places: list[tuple[int, ...]], index: xr.DataArray) -> None:
        """Every way to couple indices, first those of all weights together."""
        for r, f in product(*map(range, self.failed.shape[4:])):
            changed = with_setting(self.study, "rescale", self.offered.values["rescale"][r])
            changed = with_setting(changed, "coupling", self.offered.values["coupling"][f])
            if _problems(changed, index):
                for draw, at in enumerate(places):
                    problems = _problems(changed, index.isel(draw=draw))
                    if problems:
                        self._fail((*at, r, f), problems)


def _problems(study: Study, index: xr.DataArray) -> tuple[Problem, ...]:
    try:
        with heard():
            coupled(index, study)
    except OuheError as error:
        return error.problems
    return ()


def _excluded(failed: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Axes and levels that are left out, until nothing fails."""
    kept = [list(range(n)) for n in failed.shape]
    while (part := failed[np.ix_(*kept)]).any():
        shares = [
            (part.take(place, axis=axis).mean(), axis, level)
            for axis, levels in enumerate(kept)
            for place, level in enumerate(levels)
            if level > 0
        ]
        _, axis, level = max(shares, key=lambda found: (found[0], found[1], -found[2]))
        kept[axis].remove(level)
        yield axis, level
