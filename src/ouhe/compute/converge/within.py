"""Least squares with effects of regions and of years and errors clustered by region, for many panels at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Fit", "fit"]

Floats = NDArray[np.float64]

#: Share of the squares of a regressor below which what the effects and the other regressors leave of it is rounding.
ABSORBED = 1e-10


class Fit(NamedTuple):
    """Coefficients ``(B, k)``, their covariance ``(B, k, k)``, and what they rest on ``(B,)``.

    ``absorbed`` ``(B, k)`` tells regressors that the effects and the regressors before them determine; where there is
    one, or where nothing is left to estimate a variance from, coefficients and covariance are missing.
    """

    coefficients: Floats
    covariance: Floats
    r2: Floats
    observations: NDArray[np.int64]
    regions: NDArray[np.int64]
    absorbed: NDArray[np.bool_]


def fit(y: Floats, regressors: Floats) -> Fit:
    """Two-way within regressions.

    Parameters
    ----------
    y
        ``(B, n, P)``; an observation that lacks `y` or a regressor is left out.
    regressors
        ``(B, k, n, P)``.
    """
    known = np.isfinite(y) & np.isfinite(regressors).all(axis=1)
    stacked = np.concatenate([regressors, y[:, None]], axis=1)
    left, year_effects = _swept(stacked, known)
    x, own = left[:, :-1], left[:, -1]
    observations, regions = known.sum(axis=(1, 2)), known.any(axis=2).sum(axis=1)
    absorbed = _absorbed(x, _raw_squares(stacked[:, :-1], known))
    k = x.shape[1]
    freedom = observations - regions - year_effects - k
    possible = ~absorbed.any(axis=1) & (freedom > 0) & (regions > k + 1)
    products = np.einsum("bkip,blip->bkl", x, x)
    products[~possible] = np.eye(k)
    inverse = np.linalg.inv(products)
    coefficients = np.einsum("bkl,blip,bip->bk", inverse, x, own)
    residuals = own - np.einsum("bk,bkip->bip", coefficients, x)
    scores = np.einsum("bkip,bip->bik", x, residuals)
    meat = np.einsum("bik,bil->bkl", scores, scores)
    factor = _small_sample(observations, regions, k + year_effects + 1)
    covariance = np.einsum("b,bkl,blm,bmn->bkn", factor, inverse, meat, inverse)
    total = np.sum(own**2, axis=(1, 2))
    r2 = 1.0 - np.divide(np.sum(residuals**2, axis=(1, 2)), total, out=np.full_like(total, np.nan), where=total > 0)
    coefficients[~possible], covariance[~possible], r2[~possible] = np.nan, np.nan, np.nan
    return Fit(coefficients, covariance, r2, observations, regions, absorbed)


def _swept(values: Floats, known: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.int64]]:
    """`values` ``(B, m, n, P)`` less their effects of regions and years, and how many effects of years there are.

    Means of regions are taken out, then the effects of the years that solve the normal equations of what is left,
    which is exact also where observations are missing.
    """
    w = known.astype(np.float64)
    held = np.maximum(w.sum(axis=2), 1.0)  # (B, n)
    v = np.where(known[:, None], values, 0.0)
    centred = _centred(v, w, held)
    normal = np.einsum("bp,pq->bpq", w.sum(axis=1), np.eye(w.shape[2])) - np.einsum("bip,biq,bi->bpq", w, w, 1.0 / held)
    effects = np.einsum("bmp,bpq->bmq", centred.sum(axis=2), np.linalg.pinv(normal, rcond=1e-10, hermitian=True))
    rank = np.linalg.matrix_rank(normal, tol=1e-8, hermitian=True)
    return _centred((v - effects[:, :, None, :]) * w[:, None], w, held), np.asarray(rank, dtype=np.int64)


def _centred(v: Floats, w: Floats, held: Floats) -> Floats:
    """Values less the means of their regions; 0 where there is no observation."""
    centred: Floats = (v - (v.sum(axis=3) / held[:, None])[..., None]) * w[:, None]
    return centred


def _raw_squares(x: Floats, known: NDArray[np.bool_]) -> Floats:
    """Squares ``(B, k)`` of the regressors around their means."""
    w = known[:, None].astype(np.float64)
    v = np.where(known[:, None], x, 0.0)
    mean = v.sum(axis=(2, 3)) / np.maximum(w.sum(axis=(2, 3)), 1.0)
    squares: Floats = np.sum(((v - mean[..., None, None]) * w) ** 2, axis=(2, 3))
    # a regressor that is nearly constant is so by rounding
    least: Floats = np.finfo(float).eps * np.sum(v**2, axis=(2, 3))
    return np.maximum(squares, least)


def _absorbed(x: Floats, raw: Floats) -> NDArray[np.bool_]:
    """Regressors ``(B, k)`` of which the effects and the regressors before them leave nothing (Gram and Schmidt)."""
    left = x.copy()
    found = np.zeros(raw.shape, dtype=bool)
    for i in range(x.shape[1]):
        own = np.sum(left[:, i] ** 2, axis=(1, 2))
        found[:, i] = own <= ABSORBED * raw[:, i]
        share = np.einsum("bip,bmip->bm", left[:, i], left[:, i + 1 :])
        share = np.where(found[:, i, None], 0.0, share / np.where(own > 0, own, 1.0)[:, None])
        left[:, i + 1 :] -= share[..., None, None] * left[:, i, None]
    return found


def _small_sample(observations: NDArray[np.int64], regions: NDArray[np.int64], parameters: NDArray[np.int64]) -> Floats:
    """G / (G − 1) · (N − 1) / (N − K): effects of regions, which are nested in the clusters, do not count in K."""
    clusters = regions / np.maximum(regions - 1, 1)
    factor: Floats = clusters * (observations - 1) / np.maximum(observations - parameters, 1)
    return factor
