"""Shares of the variance of results that each choice accounts for."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["shares"]

Array = NDArray[Any]

#: Samples of the bootstrap that tells the sampling error.
RESAMPLES = 100

#: Range of a value, relative to its size, below which it does not vary.
CONSTANT = 1e-12

#: Two-sided 95 % of the normal distribution.
Z = 1.959963984540054


def shares(values: xr.DataArray, *, choices: list[str], rng: np.random.Generator) -> xr.Dataset:
    r"""First-order and total shares of variance by choice (Sobol' indices).

    .. math:: S_i = \frac{\frac1N \sum_r y_{B,r}\,(y_{AB_i,r} - y_{A,r})}{\mathrm{Var}(y)}, \quad
              S_{Ti} = \frac{\frac1{2N} \sum_r (y_{A,r} - y_{AB_i,r})^2}{\mathrm{Var}(y)}

    The first-order share is what choice i explains alone, the total share what it explains alone and together with
    others.

    Parameters
    ----------
    values
        Results ``(draw, …)`` of the design of :func:`~ouhe.compute.robust.saltelli`, in its order. A row of the
        design in which a result is missing is left out as a whole.
    choices
        The choices of the design, in its order.
    rng
        Random numbers of the bootstrap.

    Returns
    -------
    xarray.Dataset
        Over ``(choice, …)``: ``first``, ``total``, and half the width of their 95 % intervals from 100 resamples of the
        rows, ``first_error`` and ``total_error``; ``rows`` counts the rows used. Missing where the result never varies.

    References
    ----------
    A. Saltelli et al., "Variance based sensitivity analysis of model output", Computer Physics Communications 181
    (2010), as SALib has the estimators and their errors.

    Examples
    --------
    >>> from ouhe.compute.robust import saltelli
    >>> design = saltelli({"a": [0, 1], "b": [0, 1]}, samples=256, rng=np.random.default_rng(1))
    >>> y = 2.0 * design.sel(choice="a", drop=True) + design.sel(choice="b", drop=True)
    >>> shares(y, choices=["a", "b"], rng=np.random.default_rng(1))["first"].values.round(1)
    array([0.8, 0.2])
    """
    rest = [d for d in values.dims if d != "draw"]
    y = values.transpose("draw", *rest).values
    y = y.reshape(len(y) // (len(choices) + 2), len(choices) + 2, *y.shape[1:])
    y = y[np.isfinite(y).all(axis=tuple(range(1, y.ndim)))]
    a, b = y[:, 0], y[:, -1]
    kept = {k: c for k, c in values.coords.items() if "draw" not in c.dims}
    found: dict[str, list[Array]] = {"first": [], "total": [], "first_error": [], "total_error": []}
    resampled = rng.integers(len(y), size=(RESAMPLES, len(y))) if len(y) else np.empty((0, 0), dtype=int)
    varies, a, b, y = _standardised(a, b, y)
    for i in range(len(choices)):
        for name, value in _of(a, y[:, i + 1], b, resampled).items():
            found[name].append(np.where(varies, value, np.nan))
    dims = ("choice", *rest)
    arrays = {name: (dims, np.stack(v) if v else np.empty((0, *y.shape[2:]))) for name, v in found.items()}
    names = np.array(choices, dtype=object)
    return xr.Dataset(arrays, coords={**kept, "choice": names}).assign(rows=len(y))


def _standardised(a: Array, b: Array, y: Array) -> tuple[Array, Array, Array, Array]:
    """Whether each result varies, and A, B and all rows with mean 0 and deviation 1, as the estimators want."""
    if not len(y):
        return np.zeros(y.shape[2:], dtype=bool), a, b, y
    size = np.abs(y).max(axis=(0, 1))
    varies = np.ptp(y, axis=(0, 1)) > CONSTANT * np.where(size > 0.0, size, 1.0)
    centre, spread = y.mean(axis=(0, 1)), np.where(varies, y.std(axis=(0, 1)), 1.0)
    a, b, y = ((v - centre) / spread for v in (a, b, y))
    return varies, a, b, y


def _of(a: Array, ab: Array, b: Array, resampled: Array) -> dict[str, Array]:
    """Shares of one choice and their errors."""
    if not len(a):
        return dict.fromkeys(("first", "total", "first_error", "total_error"), np.full(a.shape[1:], np.nan))
    from SALib.analyze import sobol

    errors: dict[str, list[Array]] = {"first_error": [], "total_error": []}
    constant = float(np.ptp(np.r_[a, b])) == 0.0  # nothing varies at all, and SALib would warn
    if constant:
        return dict.fromkeys(("first", "total", *errors), np.zeros(a.shape[1:]))
    for rows in resampled:
        errors["first_error"].append(sobol.first_order(a[rows], ab[rows], b[rows]))
        errors["total_error"].append(sobol.total_order(a[rows], ab[rows], b[rows]))
    found = {"first": sobol.first_order(a, ab, b), "total": sobol.total_order(a, ab, b)}
    return found | {name: Z * np.std(v, axis=0, ddof=1) for name, v in errors.items()}
