"""Time kernel densities side by side with KDEpy and scipy.

Run ``OPENBLAS_NUM_THREADS=1 python benchmarks/density.py`` (``--quick`` without the million values). With more
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
import importlib.metadata
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from KDEpy import FFTKDE
from numpy.typing import NDArray
from scipy.stats import gaussian_kde

from ouhe.compute import density

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """Shape of the values, regions first, and how often ouhe and KDEpy, and scipy, are measured."""

    name: str
    shape: tuple[int, ...]
    repeats: int
    scipy_repeats: int


SIZES = (
    Size("31 regions × 13 years × 5 variables", (31, 13, 5), 51, 51),
    Size("2,850 regions × 13 years × 5 variables", (2850, 13, 5), 11, 3),
    Size("1,000,000 values, one curve", (1_000_000, 1, 1), 7, 1),
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


def measure(size: Size) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Milliseconds of every call, contenders taking turns; and how far each is from exact sums, in peaks."""
    x = panel(size.shape)
    ticks = density.estimate(x, bandwidth="scott")["x"].values
    calls: dict[str, tuple[Callable[[], Matrix], int]] = {
        "ouhe": (lambda: by_ouhe(x), size.repeats),
        "KDEpy FFTKDE": (lambda: by_kdepy(x, ticks), size.repeats),
        "scipy gaussian_kde": (lambda: by_scipy(x, ticks), size.scipy_repeats),
    }
    taken: dict[str, list[float]] = {name: [] for name in calls}
    found: dict[str, Matrix] = {}
    for repeat in range(size.repeats):
        for name, (call, repeats) in calls.items():
            if repeat < repeats:
                start = time.perf_counter()
                found[name] = call()
                taken[name].append(1e3 * (time.perf_counter() - start))
    exact = found["scipy gaussian_kde"]
    peaks = exact.max(axis=1, keepdims=True)
    away = {name: float((np.abs(values - exact) / peaks).max()) for name, values in found.items()}
    if away["ouhe"] > 1e-6:
        raise SystemExit(f"ouhe is {away['ouhe']:.1e} of the peak away from exact sums")
    return taken, away


def table(size: Size, taken: dict[str, list[float]], away: dict[str, float]) -> str:
    """Markdown table of one size."""
    ours = statistics.median(taken["ouhe"])
    lines = [f"### {size.name}", "", "| | repeats | median ms | range ms | ratio to ouhe | error, of the peak |"]
    lines.append("|---|---:|---:|---:|---:|---:|")
    for name, times in taken.items():
        middle = statistics.median(times)
        ends = f"{min(times):,.1f} – {max(times):,.1f}"
        lines.append(f"| {name} | {len(times)} | {middle:,.1f} | {ends} | {middle / ours:.2f} | {away[name]:.0e} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the million values")
    asked = parser.parse_args()
    versions = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("numpy", "xarray", "KDEpy", "scipy"))
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "not set")
    print(f"Python {platform.python_version()}, {versions}; {os.cpu_count()} cores, {platform.machine()}")
    print(f"OPENBLAS_NUM_THREADS {threads}\n")
    for size in SIZES[:2] if asked.quick else SIZES:
        print(table(size, *measure(size)), flush=True)


if __name__ == "__main__":
    main()
