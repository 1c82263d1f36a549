"""The index of every region and year: the printed figures, by the smallest and smoothest shifts of believable ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panel_simulation.calibrate import shifted
from panel_simulation.targets import (
    CHINA,
    GROUP_OF,
    PRINTED,
    YEARS,
    group_paths,
    moran_i_z,
    moran_targets,
    rows,
)

#: Price of a shift that changes from year to year, relative to that of a shift that stays.
SMOOTHNESS = 60.0
MEMBERS = np.array([g == GROUP_OF for g in dict.fromkeys(GROUP_OF)], dtype=float)
MEANS = MEMBERS / MEMBERS.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Response:
    """What a shift of the indicators does to the index of every region and year.

    Parameters
    ----------
    y
        Normalised indicators before any shift, shape (region, year, indicator).
    weights, flexibility
        Of each indicator.
    """

    y: np.ndarray
    weights: np.ndarray
    flexibility: np.ndarray

    def index(self, shift: np.ndarray) -> np.ndarray:
        """Index after a shift of shape (region, year)."""
        return shifted(self.y, self.flexibility, shift) @ self.weights

    def slope(self, shift: np.ndarray) -> np.ndarray:
        """Derivative of the index with respect to the shift."""
        moved = shifted(self.y, self.flexibility, shift)
        return (moved * (1 - moved) * self.flexibility) @ self.weights


def index_surface(system: str, response: Response) -> np.ndarray:
    """Index of every region and year that meets all printed figures and is near to that of the given indicators.

    Each year's means by region follow :func:`group_paths`; its Moran's I and z under randomisation are those of
    :func:`moran_targets`. Among all shifts that give these, the sum over the regions of ``stiffness * (|c|² +
    SMOOTHNESS * |change of c from year to year|²)`` is least, c being what a shift exceeds that of ``shifts.csv`` by
    (Gauss-Newton with equality constraints).

    Parameters
    ----------
    system
        One of :data:`~panel_simulation.targets.SYSTEMS`.
    response
        The indicators before calibration, and how they follow shifts.

    Returns
    -------
    numpy.ndarray
        Shape (region, year).
    """
    wanted = _wanted(system)
    start, cheapness = _preferences(system)
    shift = start
    for _ in range(600):
        figures, slope = _figures(response.index(shift))
        slope = slope * response.slope(shift).T[:, None, :]
        gap = wanted - figures
        step = start + _cheapest(slope, gap, so_far=shift - start, cheapness=cheapness) - shift
        size = np.abs(step).max()
        if np.abs(gap).max() < 1e-13 and size < 1e-10:
            return response.index(shift)
        shift = shift + step * min(0.3, 0.1 / size)
    raise RuntimeError(f"no index of {system} meets all targets: {np.abs(gap).max():.1e} are left")


def _wanted(system: str) -> np.ndarray:
    """Means of the regions, Moran's I and z by year, shape (year, 6)."""
    paths = group_paths(PRINTED[system])
    return np.hstack([np.stack([paths[g] for g in dict.fromkeys(GROUP_OF)], axis=1), moran_targets(system)])


def _preferences(system: str) -> tuple[np.ndarray, np.ndarray]:
    """Preferred shifts, shape (region, year), and what it costs to leave them, inverted: (region, year, year)."""
    change = np.diff(np.eye(len(YEARS)), axis=0)
    price = np.eye(len(YEARS)) + SMOOTHNESS * change.T @ change
    known = {r["region"]: r for r in rows("shifts.csv") if r["system"] == system}
    shift = [float(known[r]["shift"]) if r in known else 0.0 for r in CHINA.ids]
    stiffness = [float(known[r]["stiffness"]) if r in known else 1.0 for r in CHINA.ids]
    return np.outer(shift, np.ones(len(YEARS))), np.stack([np.linalg.inv(s * price) for s in stiffness])


def _figures(index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Figures of every year, shape (year, 6), and their derivatives by region, shape (year, 6, region)."""
    moran = [moran_i_z(u) for u in index.T]
    figures = [np.concatenate([MEANS @ u, m]) for u, (m, _) in zip(index.T, moran, strict=True)]
    return np.stack(figures), np.stack([np.vstack([MEANS, slope]) for _, slope in moran])


def _cheapest(slope: np.ndarray, gap: np.ndarray, *, so_far: np.ndarray, cheapness: np.ndarray) -> np.ndarray:
    """Cheapest of the shifts, shape (region, year), that close the gap to first order when `so_far` is made already."""
    years, kinds, regions = slope.shape
    spread = np.zeros((years, kinds, regions, years))
    spread[np.arange(years), :, :, np.arange(years)] = slope
    jacobian = spread.reshape(years * kinds, regions, years)
    directions = np.einsum("rst,krt->krs", cheapness, jacobian)
    normal = np.einsum("krs,lrs->kl", directions, jacobian)
    wanted = gap.ravel() + np.einsum("krt,rt->k", jacobian, so_far)
    return np.einsum("krs,k->rs", directions, np.linalg.solve(normal, wanted))
