"""Time kernel densities side by side with KDEpy and scipy.

Run ``OPENBLAS_NUM_THREADS=1 python benchmarks/density.py`` (``--quick`` for the smallest size). With more
threads the linear algebra in scipy's calls gains nothing, and waits where cores are busy: the same 65 curves took 17 to
1,000 ms, with one thread 17 to 21.

All contenders start from the same values, take Scott's bandwidth s n^(-1/5) of every curve and the same 512 points, and
are run in turn within every repeat, so that a busy moment of the machine hits all alike. ouhe takes all curves in one
call and finds bandwidths and points itself; the peers take one curve a call. ``FFTKDE`` bins on the 512 points, which
is what it is quick with; how far every contender is from scipy's exact sums is told beside its time. Exact sums of a
million values are run once.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from KDEpy import FFTKDE
from numpy.typing import NDArray
from scipy.stats import gaussian_kde
from timing import Row, main, rows, turns

import ouhe
from ouhe.compute import density

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """Shape of the values, regions first, and how often ouhe and KDEpy, and scipy, are measured."""

    shape: tuple[int, ...]
    repeats: int
    scipy_repeats: int


SIZES = (
    Size((31, 13, 5), 51, 51),
    Size((2850, 13, 5), 11, 3),
    Size((1_000_000, 1, 1), 7, 1),
)


def panel(shape: tuple[int, ...]) -> xr.DataArray:
    """Skewed values between 0 and 1, the same at every run."""
    return xr.DataArray(np.random.default_rng(7).beta(3, 6, shape), dims=("region", "year", "variable"))


def curves(x: xr.DataArray, ticks: Matrix) -> Iterator[tuple[Matrix, Matrix]]:
    """Values and points of one curve after the other."""
    for year in range(x.sizes["year"]):
        for variable in range(x.sizes["variable"]):
            yield x.values[:, year, variable], ticks[variable]


def by_ouhe(x: xr.DataArray) -> Matrix:
    """All curves in one call."""
    return density.estimate(x, bandwidth="scott")["density"].values.reshape(-1, 512)


def by_kdepy(x: xr.DataArray, ticks: Matrix) -> Matrix:
    """One curve a call, convolved on the points themselves."""
    return np.stack(
        [FFTKDE(bw=v.std(ddof=1) * len(v) ** -0.2).fit(v).evaluate(points) for v, points in curves(x, ticks)]
    )


def by_scipy(x: xr.DataArray, ticks: Matrix) -> Matrix:
    """One curve a call, every pair of value and point."""
    return np.stack([gaussian_kde(v)(points) for v, points in curves(x, ticks)])


def compared(size: Size) -> Iterator[Row]:
    """Contenders in turn; and how far each is from exact sums, in peaks."""
    x = panel(size.shape)
    ticks = density.estimate(x, bandwidth="scott")["x"].values
    found: dict[str, Matrix] = {}
    by: dict[str, Callable[[], Matrix]] = {
        "ouhe": lambda: by_ouhe(x),
        "KDEpy FFTKDE": lambda: by_kdepy(x, ticks),
        "scipy gaussian_kde": lambda: by_scipy(x, ticks),
    }
    # what the first repeat gives is kept, so that exact sums of a million values are made once
    calls = {name: lambda name=name, call=call: found.update({name: call()}) for name, call in by.items()}
    taken = turns(calls, dict(zip(by, (size.repeats, size.repeats, size.scipy_repeats), strict=True)))
    exact = found["scipy gaussian_kde"]
    peaks = exact.max(axis=1, keepdims=True)
    away = {name: {"error": float((np.abs(values - exact) / peaks).max())} for name, values in found.items()}
    if away["ouhe"]["error"] > 1e-6:
        raise SystemExit(f"ouhe is {away['ouhe']['error']:.1e} of the peak away from exact sums")
    shape = dict(zip(("regions", "years", "variables"), size.shape, strict=True))
    note = dict.fromkeys(list(by)[:2], "error")
    return rows("curves" if size.shape[1] > 1 else "curve", shape, taken, figures=away, note=note)


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """Every size."""
    with warnings.catch_warnings():
        # density beyond [0, 1] is told to a user, and not what is timed
        warnings.simplefilter("ignore", ouhe.OuheWarning)
        for size in SIZES[: 1 if asked.quick else None]:
            yield from compared(replace(size, repeats=5, scipy_repeats=5) if asked.quick else size)


if __name__ == "__main__":
    main(__doc__, measured, packages=("numpy", "xarray", "KDEpy", "scipy"))
