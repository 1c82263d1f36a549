"""Time Dagum's decomposition and Theil's indices side by side with all pairs and with the package inequality.

Run ``python benchmarks/dagum.py`` (a script of its peer's name would hide the peer). Contenders start from the same
values and are run in turn within every repeat, so that a busy moment of the machine hits all alike. All pairs is the
definition word for word, vectorised year by year; it is what scripts that circulate do. The package inequality has no
Dagum; its Theil takes all years in one call, its Gini one year a call. Results are compared before anything is timed.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from ouhe.compute import inequality

with warnings.catch_warnings():
    # what the peer says while it is imported is not about this work
    warnings.simplefilter("ignore")
    from inequality.gini import Gini
    from inequality.theil import TheilD

#: Regions, years, groups, repeats.
SIZES = ((31, 13, 4, 31), (2850, 24, 4, 7), (2850, 24, 30, 5))


def panel(regions: int, years: int) -> xr.DataArray:
    """Skewed values, the same at every run."""
    values = np.random.default_rng(7).lognormal(sigma=0.8, size=(regions, years))
    coords = {"region": [f"r{i}" for i in range(regions)], "year": range(years)}
    return xr.DataArray(values, coords, ("region", "year"))


def all_pairs(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Parts within, between and from overlaps ``(year, part)``, by every pair of regions."""
    found = []
    for y in values.T:
        above = np.maximum(y[:, None] - y, 0.0)
        groups = codes.max() + 1
        sums = np.array([[above[np.ix_(codes == j, codes == h)].sum() for h in range(groups)] for j in range(groups)])
        whole = len(y) * y.sum()
        net, apart = np.abs(sums - sums.T), sums + sums.T
        upper = np.triu(np.ones_like(sums, dtype=bool), 1)
        found.append([np.trace(sums) / whole, net[upper].sum() / whole, (apart - net)[upper].sum() / whole])
    return np.array(found)


def timed(contenders: dict[str, Callable[[], Any]], repeats: int) -> dict[str, list[float]]:
    """Seconds of every contender, run in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, run in contenders.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def told(name: str, seconds: dict[str, list[float]]) -> None:
    """Medians and ranges, and how many times as long the others take, repeat by repeat."""
    ours, *others = seconds
    print(f"  {name}")
    for who, taken in seconds.items():
        low, middle, high = min(taken), statistics.median(taken), max(taken)
        line = f"    {who:<12} {1e3 * middle:10.1f} ms  ({1e3 * low:.1f} to {1e3 * high:.1f})"
        if who in others:
            ratio = [b / a for a, b in zip(seconds[ours], taken, strict=True)]
            line += f"  {statistics.median(ratio):8.1f} times ours ({min(ratio):.1f} to {max(ratio):.1f})"
        print(line)


def measure(regions: int, years: int, groups: int, repeats: int) -> None:
    """Compare and time one size."""
    x, codes = panel(regions, years), np.arange(regions) % groups
    by = dict(zip(x["region"].values, map(str, codes), strict=True))
    values = x.values
    print(f"{regions:,} regions × {years} years, {groups} groups")
    parts = inequality.dagum(x, by)[["within", "between", "transvariation"]].to_array().transpose("year", ...)
    print(f"  parts differ from all pairs by at most {np.abs(parts.values - all_pairs(values, codes)).max():.1e}")
    dagum = {"ouhe": lambda: inequality.dagum(x, by), "all pairs": lambda: all_pairs(values, codes)}
    told("Dagum", timed(dagum, repeats if groups < 10 else 3))
    theil = {"ouhe": lambda: inequality.theil(x, by), "inequality": lambda: TheilD(values, codes)}
    told("Theil T and L (ours), T (theirs), between and within", timed(theil, repeats))
    measures = {"ouhe": lambda: inequality.indices(x), "inequality": lambda: [Gini(v) for v in values.T]}
    told("seven measures (ours), Gini (theirs)", timed(measures, repeats))


if __name__ == "__main__":
    for size in SIZES:
        measure(*size)
