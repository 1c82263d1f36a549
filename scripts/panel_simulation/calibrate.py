"""Entropies and index surfaces of normalised indicators, brought to their targets by the least visible changes."""

from __future__ import annotations

import numpy as np


def normalise(x: np.ndarray, *, negative: np.ndarray) -> np.ndarray:
    """Min-max over regions and years (eq. 1 and 2); `x` has the shape (region, year, indicator)."""
    low, high = x.min(axis=(0, 1)), x.max(axis=(0, 1))
    return np.where(negative, high - x, x - low) / (high - low)


def divergence(y: np.ndarray) -> np.ndarray:
    """``1 - E`` of each indicator, the entropy E over all regions and years with ``1/ln(nT)`` (eq. 3 and 4)."""
    p = y / y.sum(axis=(0, 1))
    inside = np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(axis=(0, 1))
    return 1 + inside / np.log(y.shape[0] * y.shape[1])


def sharpen(y: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Raise each indicator to the power that gives its entropy: ``y**a`` keeps 0, 1 and every rank.

    Parameters
    ----------
    y
        Normalised indicators, shape (region, year, indicator).
    wanted
        ``1 - E`` of each.
    """
    low, high = np.full(y.shape[2], 0.05), np.full(y.shape[2], 20.0)
    for _ in range(80):
        a = np.sqrt(low * high)
        above = divergence(y**a) > wanted
        low, high = np.where(above, low, a), np.where(above, a, high)
    return y ** np.sqrt(low * high)


def counted(series: np.ndarray, wanted: float) -> np.ndarray:
    """Whole numbers between the extremes of `series`, sharpened so that their ``1 - E`` is nearest to `wanted`."""
    low, high = series.min(), series.max()
    unit = (series - low) / (high - low)
    tried = [np.round(low + unit**a * (high - low)) for a in np.geomspace(0.3, 3, 2000)]
    missed = [abs(divergence(((t - low) / (high - low))[..., None])[0] - wanted) for t in tried]
    return tried[int(np.argmin(missed))]


def shifted(y: np.ndarray, flexibility: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Multiply the odds ``y/(1-y)`` of each indicator by ``exp(flexibility * shift)``, the shift by region and year."""
    factor = np.exp(flexibility * shift[..., None])
    return y * factor / (1 - y + y * factor)


def lift(y: np.ndarray, *, weights: np.ndarray, flexibility: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Shift all indicators of a region and year so that their weighted sum is the index (Newton's method).

    Values of 0 and 1 stay, and so do the extremes that the min-max rests on.
    """
    correction = np.zeros(index.shape)
    for _ in range(60):
        moved = shifted(y, flexibility, correction)
        gap = index - moved @ weights
        if np.abs(gap).max() < 1e-14:
            return moved
        slope = (moved * (1 - moved) * flexibility) @ weights
        correction = correction + np.clip(gap / slope, -0.5, 0.5)
    worst = np.unravel_index(np.abs(gap).argmax(), gap.shape)
    raise RuntimeError(f"the index cannot be met in region and year number {worst}: {gap[worst]:.1e} are left")
