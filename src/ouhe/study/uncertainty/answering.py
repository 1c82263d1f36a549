"""The uncertainty of a study: draws of its choices together and alone, and what they say."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.compute import rank, robust
from ouhe.errors import DataError
from ouhe.results.uncertainty import CHOICES, SAMPLED, TARGETS, Uncertainty
from ouhe.study.uncertainty.combining import combinable
from ouhe.study.uncertainty.evaluating import Block, Evaluation, Samples
from ouhe.study.uncertainty.offered import Offered, offered

if TYPE_CHECKING:
    from ouhe.study.answers import Context

__all__ = ["uncertainty"]

Array = NDArray[Any]

#: Bytes of all draws beyond which they are kept in a file while they are needed.
IN_MEMORY = 2**30


def uncertainty(c: Context) -> Uncertainty:
    """Draw the choices of a study, together and each alone, and tell what depends on them.

    Parameters
    ----------
    c
        What the analysis is made from.

    Raises
    ------
    DataError
        No draw was possible; the reasons are told.
    """
    asked = c.asked
    evaluation = _prepared(c)
    levels = {name: numbers for name, numbers in evaluation.offered.drawn.items() if len(numbers) > 1}
    rng = c.rng()
    drawn = robust.drawn({name: evaluation.offered.drawn[name] for name in CHOICES}, draws=asked.draws, rng=rng)
    for name in (s for s in SAMPLED if s in levels):  # every draw has a sample of its own
        drawn.loc[{"choice": name}] = np.array(levels[name])
    last = _Last.of(c)
    whole = _Whole.collected(c, evaluation(drawn), asked.draws)
    if not whole.counted:
        raise DataError(*(problem for problem, _ in evaluation.refused.values()))
    refused = tuple(evaluation.refused.values())
    shares = _shares(evaluation, levels, asked.samples, last, rng)
    options = {
        **{k: getattr(asked, k) for k in ("draws", "samples", "weight_cv", "contribution_cv", "save_draws")},
        **c.options,
        "choices": [name for name in CHOICES if name in asked.choices],
    }
    return Uncertainty(
        intervals=whole.summary(c, **c.options),
        shares=shares,
        alone=_alone(evaluation, levels, last, **c.options),
        levels=evaluation.offered.levels,
        drawn={name: len(numbers) for name, numbers in evaluation.offered.drawn.items()},
        refused=refused,
        counted=whole.counted,
        labels=c.coupling.labels,
        options=options,
        draws=xr.Dataset({"D": whole.of("D"), "level": drawn}) if asked.save_draws else None,
    )


def _prepared(c: Context) -> Evaluation:
    """The study with levels of its choices that go together."""
    asked, study = c.asked, c.study
    found: Offered = combinable(study, offered(c.checked, asked.choices, draws=asked.draws))
    samples = Samples.drawn(asked.draws, c.measurement.x, len(study.systems), c.rng())
    even = asked.contribution_cv == "uniform"
    return Evaluation(study, found, samples, asked.weight_cv, None if even else asked.contribution_cv)


@dataclass(frozen=True, eq=False)
class _Whole:
    """All variables under all draws."""

    values: xr.DataArray
    tally: xr.DataArray
    counted: int

    @classmethod
    def collected(cls, c: Context, blocks: Iterable[Block], draws: int) -> _Whole:
        """Keep what is asked of every block, and count classes."""
        names = list(dict.fromkeys([*map(str, c.x["variable"].to_numpy()), "D"]))
        years = c.x["year"].to_numpy()
        shape = (len(names), draws, c.x.sizes["region"], len(years))
        values = xr.DataArray(
            _room(shape),
            dims=("variable", "draw", "region", "year"),
            coords={"variable": np.array(names, dtype=object), "region": c.x["region"], "year": years},
        )
        classes = len(c.coupling.labels)
        tally = np.zeros((classes, c.x.sizes["region"], len(years)), dtype=np.int64)
        counted = 0
        for block in blocks:
            for place, name in enumerate(names):
                found = getattr(block, name) if name in ("C", "T", "D") else block.index.sel(system=name)
                values.values[place, block.draws] = found.sel(year=years).values
            level = block.level.sel(year=years).values
            counted += int((level[:, 0, 0] >= 0).sum())
            for k in range(classes):
                tally[k] += (level == k).sum(axis=0)
            c.progress(block.draws.stop, draws)
        kept = {"class": np.arange(classes), "region": c.x["region"], "year": years}
        return cls(values, xr.DataArray(tally, dims=("class", "region", "year"), coords=kept), counted)

    def of(self, variable: str) -> xr.DataArray:
        """Draws of one variable ``(draw, region, year)``."""
        return self.values.sel(variable=variable, drop=True)

    def summary(self, c: Context, *, level: float) -> xr.Dataset:
        """Intervals of the variables and of ranks, and probabilities of classes."""
        names = list(map(str, self.values["variable"].to_numpy()))
        # one variable after the other, because quantiles copy what they are of
        parts = [robust.interval(self.of(name), level=level) for name in names]
        found = xr.concat(parts, "variable").assign_coords(variable=np.array(names, dtype=object))
        own = c.coupling.D.sel(year=c.x["year"]).transpose("region", "year").reset_coords(drop=True)
        # year by year, because ranks of all years would take as much memory again
        D = [self.of("D").sel(year=[year]) for year in own["year"].to_numpy()]
        ranks = xr.concat([robust.interval(_ranks(d), "attained", level=level) for d in D], "year")
        next_one = xr.concat([robust.above_next(d, own.sel(year=d["year"])) for d in D], "year")
        of_ranks: dict[str, Any] = {f"rank_{k}": v.transpose("region", "year") for k, v in ranks.items()}
        return found.assign(
            point=_points(c, own),
            rank=_ranks(own),
            **of_ranks,
            above_next=next_one.transpose("region", "year"),
            level=c.coupling.level.sel(year=c.x["year"]).transpose("region", "year").reset_coords(drop=True),
            probability=self.tally / self.counted,
        )


def _points(c: Context, D: xr.DataArray) -> xr.DataArray:
    """Variables asked for as the study has them, and D."""
    x = c.x.transpose("variable", "region", "year").reset_coords(drop=True)
    if "D" in x["variable"].values:
        return x
    return xr.concat([x, D.expand_dims(variable=np.array(["D"], dtype=object))], "variable")


def _room(shape: tuple[int, ...]) -> Array:
    """Room for numbers, in a file where memory would be too small a place."""
    size = 8 * int(np.prod(shape))
    if size <= IN_MEMORY:
        return np.full(shape, np.nan)
    with tempfile.TemporaryFile() as file:  # the mapping keeps the file alive, and its end frees it
        return np.memmap(file, dtype=np.float64, shape=shape, mode="w+")


def _ranks(D: xr.DataArray) -> xr.DataArray:
    """Ranks by D; of a draw that was not possible they are missing, which is told elsewhere."""
    possible = D.notnull()
    ranks = rank.descending(D.fillna(0.0))
    return ranks.where(possible)


@dataclass(frozen=True, eq=False)
class _Last:
    """The last year as the study has it, for what draws change in it."""

    year: int
    D: xr.DataArray
    ranks: xr.DataArray
    level: xr.DataArray

    @classmethod
    def of(cls, c: Context) -> _Last:
        """The last of the years asked for."""
        year = int(c.x["year"][-1])
        D, level = (v.sel(year=year).reset_coords(drop=True) for v in (c.coupling.D, c.coupling.level))
        return cls(year, D, _ranks(D), level)

    def changes(self, evaluation: Evaluation, levels: xr.DataArray) -> xr.Dataset:
        """Of every draw: D, its mean, mean and largest shift of ranks, and the share of regions in another class."""
        found = []
        for block in evaluation(levels):
            D, level = (v.sel(year=self.year, drop=True) for v in (block.D, block.level))
            moved = abs(_ranks(D) - self.ranks)
            possible = (level >= 0).all("region")
            found.append(
                xr.Dataset(
                    {
                        "D": D,
                        "mean_D": D.mean("region", skipna=False),
                        "rank_shift": moved.mean("region", skipna=False),
                        "largest_shift": moved.max("region", skipna=False),
                        "classes_changed": (level != self.level).mean("region").where(possible),
                    }
                )
            )
        return xr.concat(found, "draw")


def _shares(
    evaluation: Evaluation, levels: dict[str, range], samples: int, last: _Last, rng: np.random.Generator
) -> xr.Dataset:
    """Shares of variance by choice: of mean D, of the mean shift of ranks, and of D of every region."""
    names = list(levels) if samples else []
    found = xr.Dataset({k: ("draw", np.empty(0)) for k in TARGETS})
    found = found.assign(D=last.D.expand_dims(draw=0))
    if names:
        found = last.changes(evaluation, robust.saltelli(levels, samples=samples, rng=rng))
    targets = xr.concat([found[k] for k in TARGETS], "target").assign_coords(target=np.array(TARGETS, dtype=object))
    national = robust.shares(targets.transpose("draw", "target"), choices=names, rng=rng)
    regional = robust.shares(found["D"], choices=names, rng=rng).drop_vars("rows")
    return national.merge(regional.rename({k: f"region_{k}" for k in regional.data_vars}))


def _alone(evaluation: Evaluation, levels: dict[str, range], last: _Last, *, level: float) -> xr.Dataset:
    """Each choice by itself, all else as the study has it."""
    if not levels:
        return _none(last)
    design = robust.alone(levels)
    found = last.changes(evaluation, design)
    parts = []
    for name in levels:
        mine = found.isel(draw=np.flatnonzero(design["varied"].values == name))
        mean = robust.interval(mine["mean_D"], "attained", level=level)
        D = robust.interval(mine["D"], "attained", level=level)
        parts.append(
            xr.Dataset(
                {
                    "mean_low": mean["low"],
                    "mean_high": mean["high"],
                    "shift": mine["rank_shift"].mean("draw"),
                    "largest_shift": mine["largest_shift"].mean("draw"),
                    "classes_changed": mine["classes_changed"].mean("draw"),
                    "D_low": D["low"],
                    "D_high": D["high"],
                }
            )
        )
    return xr.concat(parts, "varied").assign_coords(varied=np.array(list(levels), dtype=object))


def _none(last: _Last) -> xr.Dataset:
    """What no choice by itself gives, because none varies."""
    empty = {k: ("varied", np.empty(0)) for k in ("mean_low", "mean_high", "shift", "largest_shift", "classes_changed")}
    regional = {k: last.D.expand_dims(varied=0) for k in ("D_low", "D_high")}
    return xr.Dataset({**empty, **regional}, coords={"varied": np.array([], dtype=object)})
