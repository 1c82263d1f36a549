"""β-convergence among neighbours: a spatial lag of growth, or of the errors, by maximum likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import sparse

from ouhe.compute.converge.growth import spans
from ouhe.compute.converge.regression import CONFIDENCE, Step
from ouhe.compute.converge.speed import speed
from ouhe.errors import DataError, check_choice
from ouhe.neighbours import Neighbours
from ouhe.panel import where

__all__ = ["Dependence", "spatial"]

Floats = NDArray[np.float64]

#: What depends on the neighbours: growth itself (SAR), or the errors (SEM).
Dependence = Literal["lag", "error"]

#: Share of non-zero weights above which a full matrix is faster than a sparse one.
DENSE = 0.2


def spatial(
    x: xr.DataArray,
    w: Neighbours,
    controls: xr.DataArray | None = None,
    *,
    dependence: Dependence = "lag",
    step: Step = 1,
) -> xr.Dataset:
    r"""β of a panel regression with effects of regions and years and a spatial lag of growth or of the errors.

    .. math:: g_t = \rho W g_t + \beta \ln x_t + Z_t \gamma + \mu + \eta_t \iota + \varepsilon_t
              \quad\text{or}\quad
              g_t = \beta \ln x_t + Z_t \gamma + \mu + \eta_t \iota + u_t,\; u_t = \lambda W u_t + \varepsilon_t

    Parameters
    ----------
    x
        Values above 0 ``(…, region, year)``, none missing; every other dimension is left alone.
    w
        Spatial weights of the same regions, in any order. An isolate has a lag of 0.
    controls, step
        As in :func:`ouhe.compute.converge.beta`; none missing.
    dependence
        ``lag`` for a spatial lag of growth, ``error`` for one of the errors.

    Returns
    -------
    xarray.Dataset
        With the dimensions of `x` but ``region`` and ``year``: ``beta``, ``se``, ``z``, ``p_value``, ``low``, ``high``,
        ``speed``, ``speed_low``, ``speed_high``, ``half_life``; ``rho`` (λ for errors) with ``rho_se``, ``rho_z`` and
        ``rho_p``; for ``lag`` the ``direct``, ``indirect`` and ``total`` effect of the level, missing for ``error``;
        ``log_likelihood`` (up to a constant), ``observations``, ``regions``. Tests are of the normal distribution.

    Raises
    ------
    DataError
        A value is missing or has no logarithm; there are fewer than two spans or four regions; a control is determined
        by the effects; regions of `x` and `w` differ.
    OptionError
        There is no such dependence.

    Notes
    -----
    The likelihood is concentrated in ρ, which is sought where |ρ| times the largest row sum of |W| is below 1. The
    effects of regions take one period away, those of years one region where every row of W sums to 1: with P periods
    the variance is divided by (n − 1)(P − 1), and ln|I − ρW| less ln(1 − ρ) enters P − 1 times, as Lee and Yu's
    transformation has it. Software that takes the effects for regressors divides by nP and keeps ln(1 − ρ), which
    draws ρ downwards by about (1 + ρ)/n. Other weights (isolates, sums that differ) have no such transformation: n
    stays, and with it the bias.

    References
    ----------
    Elhorst J. P., *Spatial Econometrics: From Cross-Sectional Data to Spatial Panels* (2014), chapter 3. Lee L., Yu J.,
    "Estimation of spatial autoregressive panel data models with fixed effects" (2010). Rey S. J., Montouri B. D., "US
    regional income convergence: a spatial econometric perspective" (1999).

    Examples
    --------
    >>> w = Neighbours.from_pairs([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")], list("abcde"))
    >>> rng = np.random.default_rng(1)
    >>> logs = rng.normal(size=(5, 8)).cumsum(axis=1)
    >>> x = np.exp(xr.DataArray(logs, dims=("region", "year"), coords={"region": list("abcde"), "year": range(8)}))
    >>> found = spatial(x, w)
    >>> bool(found["beta"] < 0), bool(abs(found["rho"]) < 1)
    (True, True)
    """
    check_choice("dependence", dependence, Dependence)
    missing = where(x, x.isnull(), "converge.missing_spatial", most=1, count=int(x.isnull().sum()))
    if missing:
        raise DataError(missing[0])
    if x.sizes["region"] < 4:
        raise DataError.of("converge.few_regions", count=x.sizes["region"], least=4)
    aligned = w.aligned(x)
    made = spans(x, controls, step)
    if len(made.years) < 2:
        raise DataError.of("converge.few_spans", count=len(made.years), step=step)
    if not np.isfinite(made.explained_by).all():
        raise DataError.of("converge.missing_control", count=int((~np.isfinite(made.explained_by)).sum()))
    lattice = _Lattice.of(aligned)
    growth = made.growth.reshape(-1, *made.growth.shape[-2:])
    terms = made.explained_by.reshape(-1, *made.explained_by.shape[-3:])
    estimate = _lag if dependence == "lag" else _error
    rows = [estimate(y, z, lattice) for y, z in zip(growth, terms, strict=True)]
    out = xr.Dataset({k: made.rest.copy(data=np.array([r[k] for r in rows]).reshape(made.rest.shape)) for k in rows[0]})
    return _told(out, step).assign(
        observations=xr.full_like(out["beta"], growth[0].size, dtype=np.int64),
        regions=xr.full_like(out["beta"], x.sizes["region"], dtype=np.int64),
    )


def _told(out: xr.Dataset, step: int) -> xr.Dataset:
    """Tests, intervals and speeds besides."""
    from scipy.special import ndtr, ndtri

    quantile = float(ndtri((1 + CONFIDENCE) / 2))
    z, rho_z = out["beta"] / out["se"], out["rho"] / out["rho_se"]
    tests = {"z": z, "p_value": 2 * z.copy(data=ndtr(-abs(z.to_numpy())))}
    tests |= {"rho_z": rho_z, "rho_p": 2 * z.copy(data=ndtr(-abs(rho_z.to_numpy())))}
    tests |= {"low": out["beta"] - quantile * out["se"], "high": out["beta"] + quantile * out["se"]}
    return out.assign(tests).merge(speed(out["beta"], out["se"], quantile, step=step))


@dataclass(frozen=True, eq=False)
class _Lattice:
    """Weights W ``(n, n)``, where ρ may lie, and ln|I − ρW|.

    Where every row sums to 1, effects of years take away the vector of ones, an eigenvector with the eigenvalue 1: what
    is left has n − 1 regions, and 1 − ρ is no part of the determinant.
    """

    matrix: sparse.csr_array
    bound: float
    standardised: bool

    @classmethod
    def of(cls, w: Neighbours) -> _Lattice:
        largest = float(np.asarray(abs(w.matrix).sum(axis=1)).max())
        if largest == 0:
            raise DataError.of("converge.no_neighbours", name=w.name)
        sums = np.asarray(w.matrix.sum(axis=1)).ravel()
        return cls(w.matrix, 1.0 / largest, bool(np.allclose(sums, 1.0, rtol=0.0, atol=1e-9)))

    @property
    def size(self) -> int:
        return int(self.matrix.shape[0])

    @property
    def left(self) -> int:
        """Regions that effects of years leave."""
        return self.size - self.standardised

    def log_determinant(self, rho: float) -> float:
        """ln|I − ρW| of what effects of years leave."""
        return self._whole(rho) - (math.log(1.0 - rho) if self.standardised else 0.0)

    def _whole(self, rho: float) -> float:
        if self.matrix.nnz > DENSE * self.size**2 or self.size < 100:
            return float(np.linalg.slogdet(np.eye(self.size) - rho * self.matrix.toarray())[1])
        from scipy.sparse.linalg import splu

        factors = splu(sparse.csc_matrix(sparse.eye_array(self.size) - rho * self.matrix))
        return float(np.log(np.abs(factors.U.diagonal())).sum())

    def sought(self, loss: Callable[[float], float]) -> float:
        """ρ where `loss`, minus the concentrated log-likelihood, is least."""
        from scipy.optimize import minimize_scalar

        edge = self.bound * (1 - 1e-9)
        # the likelihood may have several peaks: look at a grid first
        grid = np.linspace(-edge, edge, 21)
        best = int(np.argmin([loss(r) for r in grid]))
        ends = (float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)]))
        return float(minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-10 * self.bound}).x)

    def traces(self, rho: float) -> tuple[Floats, float, float, Floats]:
        """G = W(I − ρW)⁻¹, tr G and tr GG + tr G'G of what effects of years leave of it, and the inverse itself."""
        inverse = np.linalg.inv(np.eye(self.size) - rho * self.matrix.toarray())
        g = np.asarray(self.matrix @ inverse)
        left = g - g.mean(axis=0) if self.standardised else g
        return g, float(np.trace(left)), float(np.sum(left * left.T) + np.sum(left * left)), inverse


def _swept(z: Floats, ones: Floats) -> Floats:
    """Values ``(…, n, P)`` less effects of regions and of years, which stand in region i with the factor `ones` i."""
    centred = z - z.mean(axis=-1, keepdims=True)
    share = np.einsum("i,...ip->...p", ones, centred) / (ones @ ones)
    swept: Floats = centred - ones[:, None] * share[..., None, :]
    return swept


def _columns(x: Floats) -> Floats:
    """Regressors ``(k, n, P)`` as a matrix ``(n P, k)``; those that nothing is left of are refused."""
    flat = x.reshape(len(x), -1).T
    if np.linalg.matrix_rank(flat / np.maximum(np.linalg.norm(flat, axis=0), 1e-300), tol=1e-7) < len(x):
        raise DataError.of("converge.absorbed_spatial")
    return flat


def _lag(y: Floats, terms: Floats, lattice: _Lattice) -> dict[str, float]:
    """Spatial lag of growth: y ``(n, P)``, regressors ``(k, n, P)``."""
    n, periods = lattice.left, y.shape[1] - 1
    ones = np.ones(len(y))
    _refuse_absorbed(terms, ones)
    x = _columns(_swept(terms, ones))
    own, lagged = (_swept(v, ones).ravel() for v in (y, lattice.matrix @ y))
    inverse = np.linalg.inv(x.T @ x)
    b0, b1 = inverse @ (x.T @ own), inverse @ (x.T @ lagged)
    e0, e1 = own - x @ b0, lagged - x @ b1

    def loss(rho: float) -> float:
        return _loss(e0 - rho * e1, n, periods, lattice.log_determinant(rho))

    rho = lattice.sought(loss)
    b, left = b0 - rho * b1, e0 - rho * e1
    variance = float(left @ left) / (n * periods)
    g, trace, traces, multiplier = lattice.traces(rho)
    centred = y - y.mean(axis=1, keepdims=True)
    fitted = centred - rho * (lattice.matrix @ centred) - left.reshape(y.shape)  # with the effects of years
    h = _swept(g @ fitted, ones).ravel()
    k = len(b)
    information = np.zeros((k + 2, k + 2))
    information[:k, :k] = x.T @ x / variance
    information[:k, k] = information[k, :k] = x.T @ h / variance
    information[k, k] = periods * traces + h @ h / variance
    information[k, k + 1] = information[k + 1, k] = periods * trace / variance
    information[k + 1, k + 1] = n * periods / (2 * variance**2)
    se = np.sqrt(np.diag(np.linalg.inv(information)))
    direct, total = float(np.trace(multiplier) / len(y) * b[0]), float(multiplier.sum() / len(y) * b[0])
    return {
        "beta": float(b[0]), "se": float(se[0]), "rho": rho, "rho_se": float(se[k]),
        "direct": direct, "indirect": total - direct, "total": total, "log_likelihood": -loss(rho),
    }  # fmt: skip


def _error(y: Floats, terms: Floats, lattice: _Lattice) -> dict[str, float]:
    """Spatial lag of the errors: y ``(n, P)``, regressors ``(k, n, P)``."""
    n, periods = lattice.left, y.shape[1] - 1
    _refuse_absorbed(terms, np.ones(len(y)))
    lagged, lagged_terms = lattice.matrix @ y, np.stack([lattice.matrix @ z for z in terms])
    row_sums = np.asarray(lattice.matrix.sum(axis=1)).ravel()

    def filtered(rho: float) -> tuple[Floats, Floats, Floats, Floats]:
        ones = 1.0 - rho * row_sums
        x = _columns(_swept(terms - rho * lagged_terms, ones))
        own = _swept(y - rho * lagged, ones).ravel()
        b = np.asarray(np.linalg.solve(x.T @ x, x.T @ own), dtype=np.float64)
        return x, own, b, own - x @ b

    def loss(rho: float) -> float:
        return _loss(filtered(rho)[-1], n, periods, lattice.log_determinant(rho))

    rho = lattice.sought(loss)
    x, _, b, left = filtered(rho)
    variance = float(left @ left) / (n * periods)
    _, trace, traces, _ = lattice.traces(rho)
    of_rho = np.array([[traces, trace / variance], [trace / variance, n / (2 * variance**2)]]) * periods
    none = float("nan")
    return {
        "beta": float(b[0]), "se": float(np.sqrt(variance * np.linalg.inv(x.T @ x)[0, 0])),
        "rho": rho, "rho_se": float(np.sqrt(np.linalg.inv(of_rho)[0, 0])),
        "direct": none, "indirect": none, "total": none, "log_likelihood": -loss(rho),
    }  # fmt: skip


def _loss(left: Floats, n: int, periods: int, log_determinant: float) -> float:
    """Minus the log-likelihood, concentrated in ρ, up to a constant."""
    return n * periods / 2 * math.log(float(left @ left)) - periods * log_determinant


def _refuse_absorbed(terms: Floats, ones: Floats) -> None:
    """Refuse regressors that the effects determine but for rounding."""
    raw = terms - terms.mean(axis=(1, 2), keepdims=True)
    scale = np.maximum(np.sum(raw**2, axis=(1, 2)), np.finfo(float).eps * np.sum(terms**2, axis=(1, 2)))
    if (np.sum(_swept(terms, ones) ** 2, axis=(1, 2)) <= 1e-10 * scale).any():
        raise DataError.of("converge.absorbed_spatial")
