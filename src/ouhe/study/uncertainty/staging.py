"""Stages of a study under drawn levels: scaled values, weights of many draws, indices of many draws."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import systems
from ouhe.errors import OuheError, Problem, heard
from ouhe.study.methods import COMBINATIONS, METHODS, ON_RAW, Choice
from ouhe.study.schema import Study
from ouhe.study.uncertainty.offered import Offered

__all__ = ["BLOCK", "Staged", "aggregated", "drawn_weights", "in_parts", "whole_weights"]

Array = NDArray[Any]

#: Bytes that the values of a block of draws take at most; what is made from them takes a few times as much.
BLOCK = 32 * 2**20

#: Bytes of scaled values that are kept for when they are needed again.
KEPT = 256 * 2**20


class Staged:
    """Values filled and scaled in every way, made when they are first asked for."""

    def __init__(self, offered: Offered) -> None:
        self._offered = offered
        self._kept: OrderedDict[tuple[int, int], xr.DataArray] = OrderedDict()

    def __call__(self, missing: int, normalise: int) -> tuple[xr.DataArray, xr.DataArray]:
        """Values in their units and scaled, of one way of filling and one of scaling."""
        x: xr.DataArray = self._offered.values["missing"][missing]
        at = missing, normalise
        if at not in self._kept:
            choice: Choice = self._offered.values["normalise"][normalise]
            with heard():
                self._kept[at] = METHODS["normalise"][choice.method](x, **choice.options())
            while len(self._kept) > max(1, KEPT // x.nbytes):
                self._kept.popitem(last=False)
        return x, self._kept[at]


def whole_weights(choice: Choice, x: xr.DataArray, y: xr.DataArray) -> xr.DataArray:
    """Weights of all indicators from all regions.

    Parameters
    ----------
    choice
        The way of weighting.
    x, y
        Values in their units, and scaled.
    """
    with heard():  # what speaks against an alternative stands in the table of conventions
        return _weighed(choice, x, y, y["indicator"].values.astype(str))


def aggregated(choice: Choice, y: xr.DataArray, weight: xr.DataArray, study: Study) -> xr.DataArray:
    """Indices of all systems ``(region, year, draw, system)`` from scaled values and weights ``(draw, indicator)``.

    Parameters
    ----------
    choice
        The way of aggregating.
    y, weight
        Scaled values, and weights.
    study
        The study, for the order of its systems.
    """
    with heard():
        index: xr.DataArray = METHODS["aggregate"][choice.method](y, weight, **choice.options())
    return index.sel(system=list(study.systems))


def drawn_weights(
    choice: Choice, x: xr.DataArray, y: xr.DataArray, left_out: Array, regions: Array | None
) -> tuple[Array, dict[int, tuple[Problem, ...]]]:
    """Weights of many draws, each system by itself.

    Parameters
    ----------
    choice
        The way of weighting.
    x, y
        Values in their units, and scaled ``(region, year, indicator)``.
    left_out
        Place of the indicator left out ``(draw,)``, −1 where none is.
    regions
        Places of the regions that weights are taken from ``(draw, region)``; None where it is all of them.

    Returns
    -------
    numpy.ndarray
        Weights ``(draw, indicator)``, 0 for what is left out; missing where there are none.
    dict
        Draw → why it has none.
    """
    work = _Weighing(choice, x, y, regions)
    found = np.zeros((len(left_out), y.sizes["indicator"]))
    refused: dict[int, tuple[Problem, ...]] = {}
    system = systems.of_indicators(y)
    with heard():
        for name in systems.names(y):
            members = np.flatnonzero(system == name)
            inside = np.isin(left_out, members)
            for rows in (np.flatnonzero(~inside), np.flatnonzero(inside)):
                if len(rows):
                    kept = np.array([members[members != left] for left in left_out[rows]])
                    refused |= _fill(found, rows, kept, work)
    for draw in refused:
        found[draw] = np.nan
    return found, refused


@dataclass(frozen=True, eq=False)
class _Weighing:
    """A way of weighting, what it is taken from, and the regions of every draw."""

    choice: Choice
    x: xr.DataArray
    y: xr.DataArray
    regions: Array | None

    def of(self, kept: Array, regions: Array | None) -> Array:
        """Weights ``(draw, indicator)`` of the indicators kept and the regions drawn; of one draw errors name both."""
        ids = self.y["indicator"].values.astype(str)
        if len(kept) == 1:
            places: dict[str, Any] = {"indicator": kept[0]} | ({} if regions is None else {"region": regions[0]})
            found = _weighed(self.choice, self.x.isel(places), self.y.isel(places), ids[kept[0]])
            return np.asarray(found.values)[None]
        found = _weighed(self.choice, _cut(self.x, kept, regions), _cut(self.y, kept, regions), ids[kept])
        wide = found.broadcast_like(xr.DataArray(np.empty(kept.shape), dims=("draw", "indicator")))
        return np.asarray(wide.transpose("draw", "indicator").values)


def _fill(found: Array, rows: Array, kept: Array, work: _Weighing) -> dict[int, tuple[Problem, ...]]:
    """Put the weights of the indicators `kept` of a system into the rows of `found`; draws that have none, and why."""
    if work.regions is None and (kept == kept[0]).all():  # one for all
        ((_, weights, problems),) = in_parts(np.arange(1), lambda _: work.of(kept[:1], None))
        if weights is not None:
            found[np.ix_(rows, kept[0])] = weights
        return dict.fromkeys(map(int, rows), problems) if weights is None else {}
    refused: dict[int, tuple[Problem, ...]] = {}

    def of(places: Array) -> Array:
        return work.of(kept[places], None if work.regions is None else work.regions[rows[places]])

    step = max(1, BLOCK // (8 * work.y.sizes["region"] * work.y.sizes["year"] * kept.shape[1]))
    for start in range(0, len(rows), step):
        for places, weights, problems in in_parts(np.arange(start, min(start + step, len(rows))), of):
            if weights is None:
                refused |= dict.fromkeys(map(int, rows[places]), problems)
            else:
                found[rows[places][:, None], kept[places]] = weights
    return refused


def in_parts(places: Array, work: Callable[[Array], Any]) -> Iterator[tuple[Array, Any | None, tuple[Problem, ...]]]:
    """What draws give together; where one of them is refused, what halves of them do, down to the one alone.

    Parameters
    ----------
    places
        Numbers of the draws.
    work
        Does the work for some of them.

    Yields
    ------
    tuple
        Draws, what they gave, and, where that is nothing, why.
    """
    todo = [places]
    while todo:
        some = todo.pop()
        try:
            found = work(some)
        except OuheError as error:
            if len(some) == 1:
                yield some, None, error.problems
            else:
                todo += np.array_split(some, 2)[::-1]
        else:
            yield some, found, ()


def _cut(values: xr.DataArray, kept: Array, regions: Array | None) -> xr.DataArray:
    """Values of drawn regions and indicators ``(draw, region, year, indicator)``, without labels."""
    a = values.transpose("region", "year", "indicator").values
    if regions is None:
        cut = np.moveaxis(a[:, :, kept], 2, 0)
    else:
        cut = a[regions[:, :, None, None], np.arange(a.shape[1])[:, None], kept[:, None, None, :]]
    return xr.DataArray(cut, dims=("draw", "region", "year", "indicator"))


def _weighed(choice: Choice, x: xr.DataArray, y: xr.DataArray, ids: Array) -> xr.DataArray:
    """Weights by a choice, also of draws, in which weights given beforehand keep their proportions."""
    if choice.method in COMBINATIONS:
        parts = [_weighed(part, x, y, ids) for part in choice.parts()]
        parts = list(xr.broadcast(*parts, exclude=("indicator",)))
        combined: xr.DataArray = COMBINATIONS[choice.method](parts)
        return combined
    if choice.method == "given":
        of = choice.options()["weights"]
        raw = np.array([of.get(i, np.nan) for i in ids.ravel()]).reshape(ids.shape)
        kept = {k: c for k, c in y.coords.items() if c.dims == ("indicator",)}
        like = xr.DataArray(raw, dims=("draw", "indicator")[2 - ids.ndim :], coords=kept)
        whole = not choice.options()["rescale"] and bool((abs(systems.sums_within(like) - 1.0) <= 1e-6).all())
        return like if whole else systems.share_within(like)
    found: xr.DataArray = METHODS["weights"][choice.method](x if choice.method in ON_RAW else y, **choice.options())
    return found
