"""What the simulated panel must return: the figures the paper prints."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ouhe import regions

FOLDER = Path(__file__).parent
YEARS = range(2010, 2023)
SYSTEMS = ("innovation", "productivity")
CHINA = regions.load("china-provinces")
GROUP_OF = np.array([CHINA.groupings["four-economic-regions"][r] for r in CHINA.ids])


@dataclass(frozen=True)
class IndexTargets:
    """Figures printed for the index of one system (section 3(4) of the paper).

    Parameters
    ----------
    first, last
        Mean of the 31 provinces in 2010 and in 2022.
    groups
        Mean of a region over all years.
    pace
        Growth of a region relative to the nation's. Not printed: chosen so that the gaps widen and the West
        overtakes the Northeast in productivity in 2021, as the paper says.
    """

    first: float
    last: float
    groups: dict[str, float]
    pace: dict[str, float]


PRINTED = {
    "innovation": IndexTargets(
        first=0.105,
        last=0.200,
        groups={"East": 0.231, "Central": 0.166, "West": 0.087, "Northeast": 0.116},
        pace={"East": 1.05, "Central": 1.2, "West": 0.85, "Northeast": 0.55},
    ),
    "productivity": IndexTargets(
        first=0.122,
        last=0.240,
        groups={"East": 0.235, "Central": 0.164, "West": 0.123, "Northeast": 0.135},
        pace={"East": 1.03, "Central": 1.05, "West": 1.0, "Northeast": 0.6},
    ),
}


def rows(name: str) -> list[dict[str, str]]:
    """Rows of one of the tables beside this file."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def moran_targets(system: str) -> np.ndarray:
    """Global Moran's I and its z by year (tables 4 and 5), shape (year, 2)."""
    return np.array([[float(r["I"]), float(r["z"])] for r in rows("moran.csv") if r["system"] == system])


def group_paths(targets: IndexTargets) -> dict[str, np.ndarray]:
    """Mean index of each region by year.

    A path is ``mean * (1 + pace * K * (s**p - q))`` with s from 0 to 1 and q the mean of ``s**p``, so that its mean
    over the years is exact whatever K and p are; these two then set the nation's first and last year.
    """
    size = {g: int((g == GROUP_OF).sum()) for g in targets.groups}
    level = sum(size[g] * m for g, m in targets.groups.items()) / sum(size.values())
    pull = sum(size[g] * m * targets.pace[g] for g, m in targets.groups.items()) / (level * sum(size.values()))
    growth = (targets.last - targets.first) / level
    shape = _shape((level - targets.first) / (targets.last - targets.first))
    return {g: m * (1 + targets.pace[g] / pull * growth * shape) for g, m in targets.groups.items()}


def _shape(mean: float) -> np.ndarray:
    """``s**p - mean`` over the years, with p such that it averages to zero."""
    s = np.linspace(0, 1, len(YEARS))
    low, high = 0.05, 20.0
    for _ in range(200):
        p = (low + high) / 2
        low, high = (p, high) if (s**p).mean() > mean else (low, p)
    return s**low - mean


def contiguity() -> np.ndarray:
    """Row-standardised matrix of common borders, 海南 joined to 广东."""
    at = {r: i for i, r in enumerate(CHINA.ids)}
    w = np.zeros((len(at), len(at)))
    for a, b in CHINA.borders:
        w[at[a], at[b]] = w[at[b], at[a]] = 1
    return w / w.sum(axis=1, keepdims=True)


WEIGHTS = contiguity()


def moran_i_z(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Moran's I under contiguity and its z under randomisation (Cliff & Ord 1981, eq. 1.44), and their gradients.

    Parameters
    ----------
    u
        Shape (region,).

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        I and z, and their derivatives by region, shape (2, region).
    """
    w, n = WEIGHTS, len(u)
    z = u - u.mean()
    squares, kurtosis = z @ z, n * (z**4).sum() / (z @ z) ** 2
    i, expected = z @ w @ z / squares, -1 / (n - 1)
    s0, s1 = w.sum(), ((w + w.T) ** 2).sum() / 2
    s2 = ((w.sum(axis=0) + w.sum(axis=1)) ** 2).sum()
    scale = (n - 1) * (n - 2) * (n - 3) * s0**2
    fall = ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2) / scale
    spread = np.sqrt(n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) / scale - kurtosis * fall - expected**2)
    by_i = _centred((w + w.T) @ z - 2 * i * z) / squares
    by_kurtosis = _centred(4 * n * z**3 / squares**2 - 4 * kurtosis * z / squares)
    by_z = by_i / spread + (i - expected) * fall * by_kurtosis / (2 * spread**3)
    return np.array([i, (i - expected) / spread]), np.stack([by_i, by_z])


def _centred(x: np.ndarray) -> np.ndarray:
    return x - x.mean()
