"""β-convergence: whether regions that start lower grow faster."""

from __future__ import annotations

import warnings
from typing import Annotated

import numpy as np
import xarray as xr
from annotated_types import Ge
from numpy.typing import NDArray

from ouhe.compute.converge.growth import spans
from ouhe.compute.converge.speed import speed
from ouhe.compute.converge.within import fit
from ouhe.errors import DataError, OptionError, OuheWarning, Problem

__all__ = ["Step", "beta", "cross_section", "random_walk"]

Floats = NDArray[np.float64]

#: Years of a span of growth.
Step = Annotated[int, Ge(1)]

#: Share of the probability that an interval holds.
CONFIDENCE = 0.95

#: Clusters below which standard errors clustered by region are known to be too small.
FEW = 10


def beta(x: xr.DataArray, controls: xr.DataArray | None = None, *, step: Step = 1) -> xr.Dataset:
    r"""β from a panel regression of growth on the level, with effects of regions and of years.

    .. math:: \frac1h \ln\frac{x_{i,t+h}}{x_{it}} = \alpha + \beta \ln x_{it} + \gamma' z_{it} + \mu_i + \eta_t
              + \varepsilon_{it}

    Parameters
    ----------
    x
        Values above 0 ``(…, region, year)``; every other dimension is left alone. An observation with a missing value
        is left out.
    controls
        Controls z ``(control, region, year)`` as they enter the regression, for conditional β; none for absolute β.
    step
        Length of a span h in years. Spans longer than a year overlap, which the clustered errors allow for.

    Returns
    -------
    xarray.Dataset
        With the dimensions of `x` but ``region`` and ``year``: ``beta``, ``se``, ``t``, ``p_value``, ``low`` and
        ``high`` (95 %), ``speed``, ``speed_low``, ``speed_high``, ``half_life`` (:func:`speed`), ``r2`` (within),
        ``observations``, ``regions``, ``few`` (fewer than 10 regions, so that the errors are too small),
        ``random_walk``, the β to be expected where nothing converges; over ``control`` besides ``coefficient``,
        ``control_se``, ``control_t`` and ``control_p``. Missing where too few observations remain.

    Raises
    ------
    DataError
        A value has no logarithm; there are no two years `step` apart; there are too few regions; controls that the
        effects or other regressors determine are all named.
    OptionError
        `step` is less than 1.

    Warns
    -----
    OuheWarning
        Observations are left out because a value is missing.

    Notes
    -----
    Standard errors are clustered by region with the factor G/(G − 1) · (N − 1)/(N − K), where K counts the slopes, the
    effects of years and the constant, but not the effects of regions, which are nested in the clusters; t has G − 1
    degrees of freedom. It is what Stata's ``xtreg, fe vce(cluster)`` with dummies of years prints.

    Effects of regions bias β downwards where years are few (Nickell): with P years of growth and no convergence at all
    its probability limit is −3/(P + 1) (Harris and Tzavalis), not 0, for steps of one year without gaps; for others
    it follows from the covariances of a random walk in the same way. ``random_walk`` is this number, without controls.

    References
    ----------
    Barro R. J., Sala-i-Martin X., "Convergence" (1992). Islam N., "Growth empirics: a panel data approach" (1995).
    Nickell S., "Biases in dynamic models with fixed effects" (1981). Harris R. D. F., Tzavalis E., "Inference for unit
    roots in dynamic panels where the time dimension is fixed" (1999).

    Examples
    --------
    >>> logs = [[0.0, 0.5, 0.75], [1.0, 1.1, 1.2], [2.0, 1.9, 1.8], [3.0, 2.4, 2.2]]
    >>> years = {"year": [2020, 2021, 2022], "region": list("abcd")}
    >>> found = beta(np.exp(xr.DataArray(logs, dims=("region", "year"), coords=years)))
    >>> round(float(found["beta"]), 4), int(found["observations"]), round(float(found["random_walk"]), 4)
    (-0.5757, 8, -1.0)
    """
    from scipy.special import stdtr, stdtrit

    _check(x, step)
    names = [] if controls is None else list(map(str, controls["control"].to_numpy()))
    if x.sizes["region"] < len(names) + 3:
        raise DataError.of("converge.few_regions", count=x.sizes["region"], least=len(names) + 3)
    made = spans(x, controls, step)
    found = fit(made.growth.reshape(-1, *made.growth.shape[-2:]), _flat(made.explained_by))
    _tell(found.absorbed, names, found.observations, made.growth.shape[-2] * made.growth.shape[-1])
    freedom = np.maximum(found.regions - 1, 1)[:, None]
    se = np.sqrt(np.einsum("bkk->bk", found.covariance))
    se[se == 0.0] = np.nan  # a line through every point has no error to test against
    t = found.coefficients / se
    p, quantile = 2.0 * stdtr(freedom, -np.abs(t)), stdtrit(freedom, (1 + CONFIDENCE) / 2)
    shape = made.rest.shape

    def labelled(values: NDArray[np.generic]) -> xr.DataArray:
        return made.rest.copy(data=np.asarray(values).reshape(shape))

    level = {"beta": found.coefficients, "se": se, "t": t, "p_value": p}
    out = {k: labelled(v[:, 0]) for k, v in level.items()}
    width = labelled(quantile[:, 0]) * out["se"]
    out |= {"low": out["beta"] - width, "high": out["beta"] + width}
    out |= {str(k): v for k, v in speed(out["beta"], out["se"], labelled(quantile[:, 0]), step=step).items()}
    out |= {"r2": labelled(found.r2), "observations": labelled(found.observations), "regions": labelled(found.regions)}
    out["few"] = out["regions"] < FEW
    out["random_walk"] = xr.full_like(out["beta"], np.nan if names else random_walk(made.years, step))
    return xr.Dataset(out).merge(
        _of_controls({"coefficient": level["beta"], "se": se, "t": t, "p": p}, names, made.rest)
    )


def cross_section(x: xr.DataArray) -> xr.Dataset:
    r"""β from a regression over the regions of growth between the first and the last year on the first year's level.

    .. math:: \frac1H \ln\frac{x_{i,t_0+H}}{x_{i,t_0}} = \alpha + \beta \ln x_{i,t_0} + \varepsilon_i

    Parameters
    ----------
    x
        Values above 0 ``(…, region, year)``; a region that lacks the first or the last is left out.

    Returns
    -------
    xarray.Dataset
        As :func:`beta` gives it, without controls: ``r2`` is the usual one, ``random_walk`` 0. Standard errors are
        robust (HC1), t has n − 2 degrees of freedom.

    Raises
    ------
    DataError
        A value has no logarithm, there are fewer than two years or fewer than three regions.

    References
    ----------
    Barro R. J., Sala-i-Martin X., "Convergence across states and regions" (1991). MacKinnon J. G., White H., "Some
    heteroskedasticity-consistent covariance matrix estimators with improved finite sample properties" (1985), for HC1.

    Examples
    --------
    >>> x = np.exp(xr.DataArray([[0.0, 1.0], [1.0, 1.4], [2.0, 2.1]], dims=("region", "year"), coords={"year": [0, 2]}))
    >>> found = cross_section(x)  # growth .5 .2 .05 on 0 1 2: (.05 − .5) / 2; residuals .025 −.05 .025
    >>> [round(float(found[k]), 4) for k in ("beta", "se", "r2")]
    [-0.225, 0.0306, 0.9643]
    """
    from scipy.special import stdtr, stdtrit

    years = np.sort(x["year"].to_numpy().astype(np.int64))
    if len(years) < 2:
        raise DataError.of("converge.few_years", count=len(years), least=2)
    if x.sizes["region"] < 3:
        raise DataError.of("converge.few_regions", count=x.sizes["region"], least=3)
    length = int(years[-1] - years[0])
    made = spans(x.sel(year=years[[0, -1]]), None, length)
    y, z = made.growth[..., 0], made.explained_by[..., 0, :, 0]
    known = np.isfinite(y) & np.isfinite(z)
    n = known.sum(axis=-1)
    y, z = (_around(v, known, n) for v in (y, z))
    own, total = np.sum(z**2, axis=-1), np.sum(y**2, axis=-1)
    enough = (n > 2) & (own > 0)
    own = np.where(enough, own, np.nan)
    slope = np.sum(z * y, axis=-1) / own
    left = y - slope[..., None] * z
    se = np.sqrt(n / np.maximum(n - 2, 1) * np.sum((z * left) ** 2, axis=-1)) / own
    se = np.where(se > 0, se, np.nan)
    t, freedom = slope / se, np.maximum(n - 2, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = 1.0 - np.sum(left**2, axis=-1) / total
    values = {"beta": slope, "se": se, "t": t, "p_value": 2.0 * stdtr(freedom, -np.abs(t)), "r2": r2}
    counts = {"observations": n, "regions": n, "few": n < FEW, "random_walk": np.zeros(n.shape)}
    out = {k: made.rest.copy(data=np.asarray(v)) for k, v in (values | counts).items()}
    quantile = made.rest.copy(data=np.asarray(stdtrit(freedom, (1 + CONFIDENCE) / 2)))
    out |= {"low": out["beta"] - quantile * out["se"], "high": out["beta"] + quantile * out["se"]}
    return xr.Dataset(out).merge(speed(out["beta"], out["se"], quantile, step=length))


def random_walk(starts: NDArray[np.int64], step: int) -> float:
    r"""Limit of β, for ever more regions, where every logarithm is a random walk and effects of regions are taken out.

    .. math::

       \frac1h \operatorname{tr}\bigl(M \operatorname{Cov}(x_s,\ x_{t+h} - x_t)\bigr) \Big/
       \operatorname{tr}\bigl(M \operatorname{Cov}(x_s, x_t)\bigr),
       \quad M = I - \tfrac1P \iota \iota', \quad \operatorname{Cov}(x_s, x_t) = \min(s, t)

    Effects of years change nothing in it.

    Parameters
    ----------
    starts
        First years of the P spans.
    step
        Length of a span h in years.

    Examples
    --------
    >>> round(random_walk(np.arange(2010, 2021), 1), 4), round(random_walk(np.arange(2010, 2017), 5), 4)  # −3/12
    (-0.25, -0.1964)
    """
    at = (starts - starts.min()).astype(np.float64)
    if len(at) < 2:
        return float("nan")
    level = np.minimum.outer(at, at)
    growth = np.minimum.outer(at, at + step) - level
    left = [np.trace(v) - v.mean(axis=0).sum() for v in (growth, level)]
    return float(left[0] / left[1] / step)


def _around(v: Floats, known: NDArray[np.bool_], n: NDArray[np.int64]) -> Floats:
    """Values less the mean of those that are known, 0 where they are not."""
    filled = np.where(known, v, 0.0)
    return np.where(known, filled - (filled.sum(axis=-1) / np.maximum(n, 1))[..., None], 0.0)


def _check(x: xr.DataArray, step: int) -> None:
    if step < 1:
        raise OptionError.of("converge.step", value=step)
    if x.sizes["year"] < 3:
        raise DataError.of("converge.few_years", count=x.sizes["year"], least=3)


def _flat(terms: Floats) -> Floats:
    return terms.reshape(-1, *terms.shape[-3:])


def _tell(absorbed: NDArray[np.bool_], names: list[str], observations: NDArray[np.int64], cells: int) -> None:
    """Refuse controls that nothing is left of; tell of observations that are left out."""
    gone = np.flatnonzero(absorbed[observations > 0, 1:].any(axis=0))
    if len(gone):
        raise DataError(*(Problem("converge.absorbed", params={"control": names[i]}) for i in gone))
    lacking = int((cells - observations).sum())
    if lacking:
        warnings.warn(OuheWarning.of("converge.left_out", count=lacking, of=cells * len(observations)), stacklevel=3)


def _of_controls(values: dict[str, Floats], names: list[str], rest: xr.DataArray) -> xr.Dataset:
    """Coefficients of the controls ``(…, control)``."""
    if not names:
        return xr.Dataset()
    coords = {**{k: v for k, v in rest.coords.items() if k in rest.dims}, "control": np.array(names, dtype=object)}
    dims = (*rest.dims, "control")
    told = {k if k == "coefficient" else f"control_{k}": v[:, 1:].reshape(*rest.shape, -1) for k, v in values.items()}
    return xr.Dataset({k: xr.DataArray(v, dims=dims, coords=coords) for k, v in told.items()})
