"""Growth over a span of years and the level it starts from: what every regression of convergence is made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe.errors import DataError, Problem
from ouhe.panel import where

__all__ = ["Spans", "not_positive", "spans"]

Floats = NDArray[np.float64]


class Spans(NamedTuple):
    """Growth a year and what explains it, by region and first year of the span.

    ``growth`` ``(…, n, P)`` and ``explained_by`` ``(…, k, n, P)``, the level's logarithm first; ``years``, the first
    years of the spans; ``rest``, an array that has the other dimensions.
    """

    growth: Floats
    explained_by: Floats
    years: NDArray[np.int64]
    rest: xr.DataArray


def not_positive(x: xr.DataArray) -> list[Problem]:
    """One problem for each value that has no logarithm, which names its region, year and value; missing ones have none.

    Examples
    --------
    >>> x = xr.DataArray([[0.0, 2.0]], dims=("region", "year"), coords={"region": ["a"], "year": [2020, 2021]})
    >>> not_positive(x)[0].params["at"]
    'a 2020'
    """
    return where(x, x <= 0.0, "converge.no_logarithm")


def logarithm(x: xr.DataArray) -> xr.DataArray:
    """Natural logarithm of values that all have one or are missing.

    Raises
    ------
    DataError
        Values are 0, negative or infinite; each is named.
    """
    wrong = [*not_positive(x), *where(x, x == np.inf, "converge.infinite")]
    if wrong:
        raise DataError(*wrong)
    return xr.DataArray(np.log(x))


def spans(x: xr.DataArray, controls: xr.DataArray | None, step: int) -> Spans:
    """Growth over `step` years a year, ln(x_{t+h} / x_t) / h, the level ln x_t, and the controls in the first year.

    Parameters
    ----------
    x
        Values above 0 ``(…, region, year)``.
    controls
        ``(control, region, year)``, as they enter; none when left out.
    step
        Length of a span h in years.

    Raises
    ------
    DataError
        A value has no logarithm; there are no two years `step` apart; the controls lack regions or years.
    """
    years = np.sort(x["year"].to_numpy().astype(np.int64))
    starts = years[np.isin(years + step, years)]
    if not len(starts):
        raise DataError.of("converge.no_span", step=step, count=len(years))
    logs = logarithm(x).transpose(..., "region", "year")
    first, last = (logs.sel(year=starts + h) for h in (0, step))
    level, growth = first.to_numpy(), (last.to_numpy() - first.to_numpy()) / step
    terms = level[..., None, :, :]
    if controls is not None and controls.sizes["control"]:
        given = _aligned(controls, x, starts)
        shape = (*level.shape[:-2], *given.shape)
        terms = np.concatenate([terms, np.broadcast_to(given, shape)], axis=-3)
    return Spans(growth, terms, starts, x.isel(region=0, year=0, drop=True))


def _aligned(controls: xr.DataArray, x: xr.DataArray, years: NDArray[np.int64]) -> Floats:
    """Controls ``(control, region, year)`` of the regions of `x` in some years."""
    absent = [r for r in map(str, x["region"].to_numpy()) if r not in set(map(str, controls["region"].to_numpy()))]
    absent += [str(y) for y in years if y not in controls["year"].to_numpy()]
    if absent:
        raise DataError(*(Problem("converge.no_control", params={"at": at}) for at in absent))
    chosen = controls.sel(region=x["region"], year=years).transpose("control", "region", "year")
    return np.asarray(chosen.to_numpy(), dtype=np.float64)
