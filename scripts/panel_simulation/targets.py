"""What the simulated panel must return: the figures the paper prints, and the index of every region and year."""

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
        pace={"East": 1.0, "Central": 1.15, "West": 1.0, "Northeast": 0.65},
    ),
    "productivity": IndexTargets(
        first=0.122,
        last=0.240,
        groups={"East": 0.235, "Central": 0.164, "West": 0.123, "Northeast": 0.135},
        pace={"East": 0.93, "Central": 1.05, "West": 1.13, "Northeast": 0.72},
    ),
}


def rows(name: str) -> list[dict[str, str]]:
    """Rows of one of the tables beside this file."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def moran_targets(system: str) -> np.ndarray:
    """Global Moran's I and its z by year (tables 4 and 5), shape (year, 2)."""
    return np.array([[float(r["I"]), float(r["z"])] for r in rows("moran.csv") if r["system"] == system])


def tilt(system: str) -> np.ndarray:
    """Logarithmic shift of a province's index, from the first to the last year, shape (region, year).

    The paper says who leads and who lags (section 4(2)); some drift makes the printed Moran's I easier to meet.
    """
    ends = {r["region"]: (float(r["first"]), float(r["last"])) for r in rows("tilts.csv") if r["system"] == system}
    return np.array([np.linspace(*ends.get(r, (0.0, 0.0)), len(YEARS)) for r in CHINA.ids])


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


def index_surface(system: str, start: np.ndarray) -> np.ndarray:
    """Index of every region and year that meets all printed figures and is near to `start`.

    Parameters
    ----------
    system
        One of :data:`SYSTEMS`.
    start
        Index of the uncalibrated panel, shape (region, year).

    Returns
    -------
    numpy.ndarray
        Shape (region, year). Each year's means by region follow :func:`group_paths`; its Moran's I and z under
        randomisation are those of :func:`moran_targets`, met by shifts that follow those of the year before.
    """
    paths = group_paths(PRINTED[system])
    start = start * np.exp(tilt(system))
    surface = np.empty_like(start)
    for group, path in paths.items():
        of = group == GROUP_OF
        surface[of] = start[of] / start[of].mean(axis=0) * path
    shift = np.zeros(len(surface))
    for t, moran in enumerate(moran_targets(system)):
        shift = _shift(surface[:, t], moran, near=shift)
        surface[:, t] *= np.exp(shift)
    return surface


def _shift(u: np.ndarray, moran: np.ndarray, *, near: np.ndarray) -> np.ndarray:
    """Logarithmic shifts of `u`, nearest to `near`, that keep its means by region and give I and z (Gauss-Newton)."""
    groups = np.array([g == GROUP_OF for g in dict.fromkeys(GROUP_OF)], dtype=float)
    wanted = np.concatenate([groups @ u, moran])
    now = np.log(u) + near
    for _ in range(200):
        gap = wanted - _figures(now, groups)
        if np.abs(gap).max() < 1e-13:
            return now - np.log(u)
        slope = np.stack([_figures(now + h, groups) - _figures(now - h, groups) for h in 1e-5 * np.eye(len(u))]) / 2e-5
        step = np.linalg.lstsq(slope.T, gap, rcond=None)[0]
        now = now + step * min(1.0, 0.1 / np.abs(step).max())
    raise RuntimeError(f"no index has Moran's I and z of {moran}")


def _figures(log_u: np.ndarray, groups: np.ndarray) -> np.ndarray:
    u = np.exp(log_u)
    return np.concatenate([groups @ u, moran_i_z(u)])


def contiguity() -> np.ndarray:
    """Row-standardised matrix of common borders, 海南 joined to 广东."""
    at = {r: i for i, r in enumerate(CHINA.ids)}
    w = np.zeros((len(at), len(at)))
    for a, b in CHINA.borders:
        w[at[a], at[b]] = w[at[b], at[a]] = 1
    return w / w.sum(axis=1, keepdims=True)


WEIGHTS = contiguity()


def moran_i_z(u: np.ndarray) -> np.ndarray:
    """Moran's I under contiguity and its z under randomisation (Cliff & Ord 1981, eq. 1.44)."""
    w, n = WEIGHTS, len(u)
    z = u - u.mean()
    i = z @ w @ z / (z @ z)
    s1 = ((w + w.T) ** 2).sum() / 2
    s2 = ((w.sum(axis=0) + w.sum(axis=1)) ** 2).sum()
    s0, b2 = w.sum(), n * (z**4).sum() / (z @ z) ** 2
    expected = -1 / (n - 1)
    spread = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) - b2 * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = spread / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    return np.array([i, (i - expected) / np.sqrt(variance)])
