"""The study under many draws of its choices at once: indices, C, T and D of every draw, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import systems
from ouhe.compute import classify, couple, robust
from ouhe.errors import Problem, heard
from ouhe.study.measuring import class_scheme
from ouhe.study.methods import METHODS
from ouhe.study.schema import Study
from ouhe.study.uncertainty.offered import Offered
from ouhe.study.uncertainty.staging import BLOCK, Staged, aggregated, drawn_weights, in_parts

__all__ = ["Block", "Evaluation", "Samples"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Samples:
    """What stands behind the numbers of sampled levels, from 1 on.

    Parameters
    ----------
    perturb, contribution
        Uniform numbers ``(level, indicator)`` and ``(level, system)``.
    resample
        Places of the regions drawn with replacement ``(level, region)``.
    """

    perturb: Array
    contribution: Array
    resample: Array

    @classmethod
    def drawn(cls, draws: int, x: xr.DataArray, system_count: int, rng: np.random.Generator) -> Samples:
        """Samples for a number of levels of the panel `x`."""
        regions = x.sizes["region"]
        return cls(
            perturb=rng.random((draws, x.sizes["indicator"])),
            contribution=rng.random((draws, system_count)),
            resample=rng.integers(regions, size=(draws, regions)),
        )


@dataclass(frozen=True, eq=False)
class Block:
    """Some draws and what they gave: indices ``(draw, region, year, system)``; C, T, D, class ``(draw, region, year)``.

    Of a draw that was not possible everything is missing, and its classes are −1.
    """

    draws: slice
    index: xr.DataArray
    C: xr.DataArray
    T: xr.DataArray
    D: xr.DataArray
    level: xr.DataArray


@dataclass(eq=False)
class Evaluation:
    """A study that can be had under any levels of its choices.

    Parameters
    ----------
    study
        The study.
    offered
        Levels of its choices, of which every combination can be computed.
    samples
        What stands behind sampled levels.
    weight_variation, contribution_variation
        Coefficients of variation of a weight and of a contribution of average size; of contributions None where all are
        equally probable.
    """

    study: Study
    offered: Offered
    samples: Samples
    weight_variation: float
    contribution_variation: float | None
    refused: dict[str, tuple[Problem, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._staged = Staged(self.offered)
        self._upper, _ = class_scheme(self.study.classes, self.study.language)

    def __call__(self, levels: xr.DataArray) -> Iterator[Block]:
        """Blocks of draws in their order.

        Parameters
        ----------
        levels
            Levels ``(draw, choice)``.
        """
        x: xr.DataArray = self.offered.values["missing"][0]
        of_one = 8 * x.sizes["region"] * x.sizes["year"] * (len(self.study.systems) + 4)
        step = max(1, 2 * BLOCK // of_one)
        columns = {str(name): levels.sel(choice=name).values for name in levels["choice"].values}
        for start in range(0, levels.sizes["draw"], step):
            draws = slice(start, min(start + step, levels.sizes["draw"]))
            yield self._block(draws, {name: column[draws] for name, column in columns.items()})

    def _block(self, draws: slice, levels: Mapping[str, Array]) -> Block:
        """Indices of a block of draws, and what is made of them."""
        count = draws.stop - draws.start
        levels = {name: levels.get(name, np.zeros(count, dtype=np.int64)) for name in self.offered.values}
        x: xr.DataArray = self.offered.values["missing"][0]
        shape = (count, x.sizes["region"], x.sizes["year"], len(self.study.systems))
        dims = ("draw", "region", "year", "system")
        coords = {"region": x["region"], "year": x["year"], "system": list(self.study.systems)}
        index = xr.DataArray(np.full(shape, np.nan), dims=dims, coords=coords)
        for rows, (m, n) in _groups(levels, "missing", "normalise"):
            at_rows = {name: column[rows] for name, column in levels.items()}
            index.values[rows] = self._indices(m, n, at_rows)
        return self._coupled(draws, index, levels)

    def _indices(self, m: int, n: int, levels: Mapping[str, Array]) -> Array:
        """Indices ``(draw, region, year, system)`` of draws that share filling and scaling."""
        x, y = self._staged(m, n)
        weight = self._weights(x, y, levels)
        found = np.full((len(weight), y.sizes["region"], y.sizes["year"], len(self.study.systems)), np.nan)
        possible = np.asarray(~np.isnan(weight).any(axis=1))
        for alike, (a,) in _groups(levels, "aggregate"):
            rows = alike[possible[alike]]
            if len(rows):
                w = xr.DataArray(weight[rows], dims=("draw", "indicator"), coords=_along(y, "indicator"))
                made = aggregated(self.offered.values["aggregate"][a], y, w, self.study)
                found[rows] = made.transpose("draw", "region", "year", "system").values
        return found

    def _weights(self, x: xr.DataArray, y: xr.DataArray, levels: Mapping[str, Array]) -> Array:
        """Weights ``(draw, indicator)``, each distinct one taken once, then perturbed."""
        found = np.empty((len(levels["weights"]), y.sizes["indicator"]))
        left_out = np.asarray(self.offered.values["leave-out"])
        for rows, (w,) in _groups(levels, "weights"):
            settings = np.stack([levels["leave-out"][rows], levels["resample"][rows]], axis=1)
            distinct, place = np.unique(settings, axis=0, return_inverse=True)
            resampled = distinct[:, 1] > 0
            of_each = np.empty((len(distinct), y.sizes["indicator"]))
            why: dict[int, tuple[Problem, ...]] = {}
            for part in (np.flatnonzero(~resampled), np.flatnonzero(resampled)):
                if len(part):
                    regions = self.samples.resample[distinct[part, 1] - 1] if resampled[part[0]] else None
                    choice = self.offered.values["weights"][w]
                    of_each[part], refused = drawn_weights(choice, x, y, left_out[distinct[part, 0]], regions)
                    why |= {int(part[draw]): problems for draw, problems in refused.items()}
            found[rows] = of_each[place.ravel()]
            for distinct_place, problems in why.items():
                self._refuse(problems, int((place.ravel() == distinct_place).sum()))
        return self._perturbed(found, systems.of_indicators(y), levels["perturb"])

    def _refuse(self, problems: tuple[Problem, ...], draws: int) -> None:
        """Count draws that were refused, and keep the first reason of its kind."""
        first, before = self.refused.get(problems[0].key, (problems[0], 0))
        self.refused[problems[0].key] = first, before + draws

    def _perturbed(self, weight: Array, system: Array, level: Array) -> Array:
        """Weights with those of perturbed draws drawn around them."""
        rows = np.flatnonzero((level > 0) & ~np.isnan(weight).any(axis=1))
        for name in dict.fromkeys(system.tolist()):
            at = np.ix_(rows, np.flatnonzero(system == name))
            uniform = self.samples.perturb[np.ix_(level[rows] - 1, np.flatnonzero(system == name))]
            weight[at] = robust.dirichlet(weight[at], uniform, variation=self.weight_variation)
        return weight

    def _coupled(self, draws: slice, index: xr.DataArray, levels: Mapping[str, Array]) -> Block:
        """C, T, D and classes of all draws that have indices."""
        plain = index.isel(system=0, drop=True)
        found = {name: plain.copy(data=np.full(plain.shape, np.nan)) for name in ("C", "T", "D")}
        level = plain.copy(data=np.full(plain.shape, -1, dtype=np.int16))
        possible = ~np.isnan(index.values[:, 0, 0, 0])
        for rows, (r, f) in _groups(levels, "rescale", "coupling"):
            if not possible[rows].any():
                continue

            def couple_alike(part: Array, r: int = r, f: int = f) -> dict[str, xr.DataArray]:
                return self._coupled_alike(index.isel(draw=part), r, f, levels["contribution"][part])

            for part, made, problems in in_parts(rows[possible[rows]], couple_alike):
                if made is None:
                    self._refuse(problems, len(part))
                    index.values[part] = np.nan
                    continue
                for name, values in found.items():
                    values.values[part] = made[name].values
                level.values[part] = made["level"].values
        return Block(draws, index, found["C"], found["T"], found["D"], level)

    def _coupled_alike(self, index: xr.DataArray, r: int, f: int, level: Array) -> dict[str, xr.DataArray]:
        """C, T and D of draws that share stretching and form."""
        bounds = self.offered.values["rescale"][r]
        u = couple.rescale(index, low=bounds[0], high=bounds[1]) if bounds else index
        with heard():
            C = METHODS["coupling"][self.offered.values["coupling"][f]](u)
        T = self._development(u, level)
        D = couple.coordination(C, T)
        found = {"C": C, "T": T, "D": D, "level": classify.classify(D, upper=self._upper)}
        return {name: v.transpose("draw", "region", "year") for name, v in found.items()}

    def _development(self, u: xr.DataArray, level: Array) -> xr.DataArray:
        """T with the contributions of every draw."""
        own = self.study.coupling.contribution
        if not (level > 0).any():
            return couple.development(u, contribution=own)
        names = list(self.study.systems)
        share = np.array([own[s] for s in names]) if own else np.full(len(names), 1.0 / len(names))
        shares = np.tile(share / share.sum(), (len(level), 1))
        rows = np.flatnonzero(level > 0)
        uniform = self.samples.contribution[level[rows] - 1]
        if self.contribution_variation is None:
            shares[rows] = _uniform_shares(uniform)
        else:
            shares[rows] = robust.dirichlet(shares[rows], uniform, variation=self.contribution_variation)
        T: xr.DataArray = xr.dot(
            u, xr.DataArray(shares, dims=("draw", "system"), coords={"system": names}), dim="system"
        )
        return T


def _uniform_shares(uniform: Array) -> Array:
    """Shares of which all are equally probable, from uniform numbers: exponential ones over their sum."""
    found = -np.log1p(-uniform)
    return np.asarray(found / found.sum(axis=-1, keepdims=True))


def _groups(levels: Mapping[str, Array], *names: str) -> Iterator[tuple[Array, tuple[int, ...]]]:
    """Draws that share the levels of some choices, in the order of the levels."""
    columns = np.stack([levels[name] for name in names], axis=1)
    distinct, place = np.unique(columns, axis=0, return_inverse=True)
    for number, setting in enumerate(distinct):
        yield np.flatnonzero(place.ravel() == number), tuple(map(int, setting))


def _along(x: xr.DataArray, dim: str) -> dict[Any, Any]:
    """Coordinates of `x` along one dimension."""
    return {k: c for k, c in x.coords.items() if c.dims == (dim,)}
