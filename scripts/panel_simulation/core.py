"""Series that hang together by identities: population, area, GDP, forest and R&D, fitted to their entropies."""

from __future__ import annotations

import numpy as np

from panel_simulation.calibrate import counted, divergence, sharpen
from panel_simulation.profiles import provinces


def divergences(*series: np.ndarray) -> np.ndarray:
    """``1 - E`` of each of several series of shape (region, year)."""
    x = np.stack(series, axis=2)
    return divergence((x - x.min(axis=(0, 1))) / (x.max(axis=(0, 1)) - x.min(axis=(0, 1))))


def bend(series: np.ndarray, knobs: np.ndarray, *, size: np.ndarray) -> np.ndarray:
    """Stretch the gaps between provinces, tilt them towards large ones, and stretch growth, in logarithms.

    Knobs of 0 change nothing.
    """
    log, tilt = np.log(series), np.log(size)
    mean = log.mean(axis=0)
    parts = log - mean, tilt - tilt.mean(axis=0), np.broadcast_to(mean - mean.mean(), log.shape)
    return np.exp(log + np.tensordot(knobs, np.stack(parts), axes=1))


def fit(series: np.ndarray, wanted: np.ndarray, *, size: np.ndarray) -> np.ndarray:
    """Bend `series` as little as possible until it and its product with `size` have the wanted ``1 - E``."""

    def figures(knobs: np.ndarray) -> np.ndarray:
        bent = bend(series, knobs, size=size)
        return divergences(bent, bent * size)

    knobs = np.zeros(3)
    for _ in range(100):
        gap = wanted - figures(knobs)
        if np.abs(gap).max() < 1e-14:
            break
        slope = np.stack([figures(knobs + h) - figures(knobs - h) for h in 1e-5 * np.eye(3)]).T / 2e-5
        target = slope @ knobs + gap
        knobs = knobs + np.clip(slope.T @ np.linalg.solve(slope @ slope.T, target) - knobs, -0.1, 0.1)
    return bend(series, knobs, size=size)


def core(weights: dict[str, float], *, innovation_total: float) -> tuple[dict[str, np.ndarray], float]:
    """Values of the indicators that identities tie together.

    Population and area stay as they are, so the density's entropy fixes the sum of ``1 - E`` of the productivity
    system; GDP per head and R&D intensity are then bent until they and their products with population and GDP have
    the entropies that the printed weights ask for.

    Parameters
    ----------
    weights
        Printed weight of each indicator.
    innovation_total
        Sum of ``1 - E`` over the innovation system.

    Returns
    -------
    dict
        Indicator → values of shape (region, year).
    float
        Sum of ``1 - E`` over the productivity system.
    """
    known = provinces()
    people, area = known["population"], known["area"]
    density = people / area
    total = float(divergences(density)[0]) / weights["population_density"]
    wanted = total * np.array([weights["gdp_per_head"], weights["gdp"]])
    income = fit(known["gdp"] / people, wanted, size=people)
    gdp = income * people
    wanted = innovation_total * np.array([weights["rd_intensity"], weights["rd_expenditure"]])
    research = fit(known["rd"], wanted, size=gdp)
    cover = sharpened(known["forest"], total * weights["forest_cover"])
    return {
        "population_density": density,
        "gdp": gdp,
        "gdp_per_head": income * 1e4,
        "rd_intensity": research,
        "rd_expenditure": research * gdp * 100,
        "forest_cover": cover,
        "forest_area": cover * area,
        "universities": counted(known["colleges"], innovation_total * weights["universities"]),
        "energy_use": known["energy"],
        "electricity_use": known["electricity"],
    }, total


def sharpened(series: np.ndarray, wanted: float) -> np.ndarray:
    """Series between the same extremes, its normalised values raised to the power that gives ``1 - E``."""
    low, high = series.min(), series.max()
    y = (series - low) / (high - low)
    return low + sharpen(y[..., None], np.array([wanted]))[..., 0] * (high - low)
