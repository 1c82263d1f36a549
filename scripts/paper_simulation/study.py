"""A random study, computed by the same functions as every study: what is true of a paper before it is printed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ouhe import regions
from ouhe.compute import aggregate, classify, couple, group, moran, normalise, weight
from ouhe.errors import OuheWarning
from ouhe.neighbours import Neighbours, contiguity, k_nearest

CHINA = regions.load("china-provinces")

#: Upper bounds of the classes a paper may use, by the name of the scheme.
CLASSES: Mapping[str, tuple[float, ...]] = {
    "nine-level": (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    "ten-level": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
}

COUPLING: Mapping[str, Callable[[xr.DataArray], xr.DataArray]] = {
    "standard": couple.standard,
    "wang": couple.wang,
    "fan": couple.fan,
}


@dataclass(frozen=True)
class Choices:
    """What a paper says of its method.

    Parameters
    ----------
    coupling
        Name in :data:`COUPLING`.
    contribution
        System → its share of T.
    classes
        Name in :data:`CLASSES`.
    sided
        Whether p is of two sides or of one.
    """

    coupling: str
    contribution: Mapping[str, float]
    classes: str
    sided: int


@dataclass(frozen=True)
class RandomStudy:
    """Everything of a random study, unrounded.

    Parameters
    ----------
    raw
        Raw values ``(region, year, indicator)`` with the coordinates ``system_of``, ``dimension_of``, ``direction``.
    choices
        What the paper says of its method.
    groups
        Region → group.
    weights_matrix
        Who is whose neighbour.
    provinces
        Whether the regions are the 31 provinces.
    weigh, coupled
        How weights, and C, T and D, are computed; a planted mistake puts another function in one's place.
    """

    raw: xr.DataArray
    choices: Choices
    groups: Mapping[str, str]
    weights_matrix: Neighbours
    provinces: bool
    weigh: Callable[[RandomStudy], xr.DataArray] = field(default=lambda s: weight.entropy(s.y))
    coupled: Callable[[RandomStudy], xr.Dataset] = field(default=lambda s: coupling_of(s, s.u))

    def but(self, **changes: object) -> RandomStudy:
        """The same study, computed otherwise from one step on."""
        return replace(self, **changes)  # type: ignore[arg-type]

    @cached_property
    def systems(self) -> list[str]:
        """Names of the systems."""
        return list(dict.fromkeys(self.raw["system_of"].values.tolist()))

    @cached_property
    def years(self) -> list[int]:
        """The years."""
        return [int(t) for t in self.raw["year"].values]

    @cached_property
    def y(self) -> xr.DataArray:
        """Normalised values."""
        return normalise.minmax(self.raw)

    @cached_property
    def w(self) -> xr.DataArray:
        """Weights of the indicators."""
        return self.weigh(self)

    @cached_property
    def u(self) -> xr.DataArray:
        """Indices."""
        return aggregate.linear(self.y, self.w)

    @cached_property
    def values(self) -> xr.Dataset:
        """C, T and D."""
        return self.coupled(self)

    @cached_property
    def variables(self) -> xr.DataArray:
        """The indices, C, T and D along one dimension ``variable``."""
        dims = ("region", "year", "variable")
        parts = [self.u.transpose("region", "year", "system").values]
        parts += [self.values[k].transpose("region", "year").values[..., None] for k in "CTD"]
        coords = {"region": self.raw["region"], "year": self.raw["year"], "variable": [*self.systems, *"CTD"]}
        return xr.DataArray(np.concatenate(parts, axis=2), dims=dims, coords=coords)

    @cached_property
    def level(self) -> xr.DataArray:
        """Class of every D."""
        return classify.classify(self.values["D"], upper=CLASSES[self.choices.classes])

    @cached_property
    def lagging(self) -> xr.DataArray:
        """System that lags."""
        return couple.lagging(self.u)

    @cached_property
    def means(self) -> xr.DataArray:
        """Means of the nation and of every group ``(scope, year, variable)``."""
        nation, groups = group.nation(self.variables), group.means(self.variables, self.groups)
        values = np.concatenate([nation.values[None], groups.values])
        coords = {
            "scope": ["nation", *groups["group"].values],
            "year": self.years,
            "variable": self.variables["variable"],
        }
        return xr.DataArray(values, dims=("scope", "year", "variable"), coords=coords)

    @cached_property
    def growth(self) -> xr.DataArray:
        """Growth of the means, a share a year."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OuheWarning)  # a mean of 0 has no growth; the paper then prints none
            return group.growth(self.means)

    @cached_property
    def moran(self) -> pd.DataFrame:
        """Moran's I of the indices and D: variable, year, I, z, p."""
        tested = self.variables.sel(variable=[*self.systems, "D"])
        found = moran.univariate(tested, self.weights_matrix, permutations=0)
        frame = found[["statistic", "z", "p_value"]].to_dataframe().reset_index()
        frame = frame.rename(columns={"statistic": "I", "p_value": "p"})
        if self.choices.sided == 1:
            frame["p"] = frame["p"] / 2
        return frame[["variable", "year", "I", "z", "p"]].dropna()


def coupling_of(study: RandomStudy, u: xr.DataArray) -> xr.Dataset:
    """C, T and D of indices, by what the paper says."""
    C = COUPLING[study.choices.coupling](u)
    T = couple.development(u, contribution=dict(study.choices.contribution))
    return xr.Dataset({"C": C, "T": T, "D": couple.coordination(C, T)})


def random_study(seed: int) -> RandomStudy:
    """The study of a seed: 8 to 40 regions, 3 to 15 years, 2 or 3 systems, 4 to 20 indicators, skewed values."""
    rng = np.random.default_rng([seed, 1])
    provinces = bool(rng.random() < 1 / 3)
    names = list(CHINA.ids) if provinces else [f"R{i + 1:02d}" for i in range(int(rng.integers(8, 41)))]
    place = _places(names, rng, provinces=provinces)
    systems = [f"S{i + 1}" for i in range(int(rng.integers(2, 4)))]
    raw = _raw(names, systems, place, rng)
    choices = Choices(
        coupling=str(rng.choice(list(COUPLING), p=[0.7, 0.15, 0.15])),
        contribution=_contribution(systems, rng),
        classes=str(rng.choice(list(CLASSES))),
        sided=int(rng.choice([2, 1], p=[0.75, 0.25])),
    )
    return RandomStudy(
        raw, choices, _groups(names, rng, provinces=provinces), _neighbours(place, rng, provinces=provinces), provinces
    )


@cache
def china() -> tuple[pd.DataFrame, Neighbours, dict[str, str]]:
    """What is the same in all studies of the provinces: places, common borders, groups."""
    return CHINA.table[["longitude", "latitude"]], contiguity(CHINA), dict(CHINA.groupings["four-economic-regions"])


def _places(names: list[str], rng: np.random.Generator, *, provinces: bool) -> pd.DataFrame:
    if provinces:
        return china()[0]
    points = {"longitude": rng.uniform(100, 120, len(names)), "latitude": rng.uniform(25, 40, len(names))}
    return pd.DataFrame(points, index=pd.Index(names, name="region"))


def _neighbours(place: pd.DataFrame, rng: np.random.Generator, *, provinces: bool) -> Neighbours:
    """Common borders of the provinces, or the nearest regions."""
    if provinces and rng.random() < 0.6:
        return china()[1]
    return k_nearest(place, k=int(rng.integers(3, 6)))


def _groups(names: list[str], rng: np.random.Generator, *, provinces: bool) -> dict[str, str]:
    """The four economic regions, or two to four groups of any sizes."""
    if provinces:
        return china()[2]
    count = int(rng.integers(2, 5))
    which = np.concatenate([np.arange(count), rng.integers(0, count, len(names) - count)])
    return {r: f"G{g + 1}" for r, g in zip(names, rng.permutation(which), strict=True)}


def _contribution(systems: list[str], rng: np.random.Generator) -> dict[str, float]:
    """Equal shares, or others with two decimals."""
    if rng.random() < 0.7 or len(systems) > 2:
        return dict.fromkeys(systems, 1 / len(systems))
    first = float(rng.choice([0.4, 0.6, 0.7]))
    return dict(zip(systems, (first, round(1 - first, 2)), strict=True))


def _raw(names: list[str], systems: list[str], place: pd.DataFrame, rng: np.random.Generator) -> xr.DataArray:
    """Skewed values: a level of each region that its neighbours share, a trend, and noise, all in logs."""
    years = int(rng.integers(2000, 2011)) + np.arange(int(rng.integers(3, 16)))
    count = int(rng.integers(max(4, 2 * len(systems)), 21))
    system = np.sort(
        np.concatenate([np.repeat(np.arange(len(systems)), 2), rng.integers(0, len(systems), count - 2 * len(systems))])
    )
    surface = _surface(place, rng)
    level = rng.uniform(0.2, 1.2, count) * (surface[:, None] + rng.normal(0, 0.7, (len(names), count)))
    trend = rng.normal(0.06, 0.04, count) * np.arange(len(years))[:, None]
    noise = rng.normal(0, rng.uniform(0.02, 0.2), (len(names), len(years), count))
    values = np.exp(rng.normal(3, 1.5, count) + level[:, None, :] + trend + noise)
    direction = np.where(rng.random(count) < 0.15, "negative", "positive")
    owned = [f"{systems[s]}D{int(rng.integers(1, 4))}" for s in system]
    dimension = _sorted_within(system, owned)
    return xr.DataArray(
        values,
        dims=("region", "year", "indicator"),
        coords={
            "region": names,
            "year": years,
            "indicator": [f"x{j + 1:02d}" for j in range(count)],
            "system_of": ("indicator", [systems[s] for s in system]),
            "dimension_of": ("indicator", dimension),
            "direction": ("indicator", direction),
        },
    )


def _sorted_within(system: NDArray[np.int64], owned: list[str]) -> list[str]:
    """Dimensions in rising order within each system, as tables print them."""
    return [d for _, d in sorted(zip(system.tolist(), owned, strict=True))]


def _surface(place: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.float64]:
    """A smooth surface over the map with some noise, standardised."""
    x, y = ((place[c] - place[c].mean()) / place[c].std() for c in ("longitude", "latitude"))
    a, b, c = rng.normal(0, 1, 3)
    surface = (a * x + b * y + c * x * y).to_numpy() + rng.normal(0, 1.0, len(place))
    return np.asarray((surface - surface.mean()) / surface.std())
