"""Believable series before calibration: rough tables of the provinces, and indicators that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_simulation.targets import CHINA, YEARS, rows

S = np.linspace(0, 1, len(YEARS))
LOADINGS = ("size", "income", "research", "people", "growth")


@dataclass(frozen=True)
class Indicator:
    """One row of ``indicators.csv``.

    Parameters
    ----------
    id, system
        The indicator and the system it belongs to.
    weight
        Entropy weight printed in the paper.
    negative
        Less is better.
    low, high
        Smallest and largest value of the panel; NaN where the provinces' table gives the values.
    whole
        Counts: written as whole numbers.
    flexibility
        How willingly the indicator follows corrections of the index; 0 keeps it as it is.
    loadings
        Elasticities to GDP, GDP per head, R&D intensity and population, and growth of the logarithm over the period;
        of a negative indicator, those of what its largest value leaves.
    spread, drift
        Standard deviation of what is peculiar to a province, for good and from year to year.
    kin
        Indicator whose peculiarities it shares; its own when left out.
    """

    id: str
    system: str
    weight: float
    negative: bool
    low: float
    high: float
    whole: bool
    flexibility: float
    loadings: np.ndarray
    spread: float
    drift: float
    kin: str


def indicators() -> list[Indicator]:
    """All indicators in the order of the paper's tables 1 and 2."""
    return [
        Indicator(
            id=r["id"],
            system=r["system"],
            weight=float(r["weight"]),
            negative=r["direction"] == "negative",
            low=float(r["low"] or "nan"),
            high=float(r["high"] or "nan"),
            whole=r["whole"] == "1",
            flexibility=float(r["flexibility"]),
            loadings=np.array([float(r[k] or 0) for k in LOADINGS]),
            spread=float(r["spread"] or 0),
            drift=float(r["drift"] or 0),
            kin=r["kin"] or r["id"],
        )
        for r in rows("indicators.csv")
    ]


def provinces() -> dict[str, np.ndarray]:
    """Rough size of the provinces, each of shape (region, year), growing evenly from the first year to the last.

    Population in 10 000, area in 10 000 km² (shape (region, 1)), GDP in 100 million yuan, forest cover and R&D
    intensity in %, numbers of universities, energy in 10 000 t of coal equivalent, electricity in 100 million kWh.
    """
    table = {r["region"]: r for r in rows("provinces.csv")}
    names = [c.removesuffix("_2010") for c in rows("provinces.csv")[0] if c.endswith("_2010")]
    ends = {n: np.array([[float(table[r][f"{n}_{y}"]) for y in (2010, 2022)] for r in CHINA.ids]) for n in names}
    found = {n: np.exp(np.log(e) @ np.stack([1 - S, S])) for n, e in ends.items()}
    return {**found, "area": np.array([[float(table[r]["area"])] for r in CHINA.ids])}


def latent(
    indicator: Indicator, known: dict[str, np.ndarray], *, boost: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Series of an indicator between its `low` and `high`, from the provinces' size, income and research.

    Parameters
    ----------
    known
        ``gdp``, ``gdp_per_head``, ``rd`` and ``population``, each of shape (region, year).
    boost
        What is known to be peculiar to a province, in logarithms, shape (region,).

    Returns
    -------
    numpy.ndarray
        Shape (region, year), in the indicator's unit.
    """
    drivers = [np.log(known[k]) for k in ("gdp", "gdp_per_head", "rd", "population")]
    drivers.append(np.broadcast_to(S, drivers[0].shape))
    level = np.tensordot(indicator.loadings, np.stack(drivers), axes=1)
    level = level + (boost + indicator.spread * rng.normal(size=len(boost)))[:, None]
    level = level + indicator.drift * _smooth(rng.normal(size=level.shape))
    series = np.exp(level)
    unit = (series - series.min()) / (series.max() - series.min())
    return indicator.low + (1 - unit if indicator.negative else unit) * (indicator.high - indicator.low)


def _smooth(noise: np.ndarray) -> np.ndarray:
    """Noise that a year shares with its neighbours, of unit variance."""
    apart = np.subtract.outer(np.arange(noise.shape[1]), np.arange(noise.shape[1]))
    kernel = np.exp(-(apart**2) / 8.0)
    return noise @ (kernel / np.sqrt((kernel**2).sum(axis=0)))


def boosts(indicator_id: str) -> np.ndarray:
    """Logarithmic boosts of ``leaders.csv`` for one indicator, shape (region,)."""
    found = {r["region"]: float(r["log_boost"]) for r in rows("leaders.csv") if r["id"] == indicator_id}
    return np.array([found.get(r, 0.0) for r in CHINA.ids])
