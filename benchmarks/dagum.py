"""Time Dagum's decomposition and Theil's indices side by side with all pairs and with the package inequality.

Run ``python benchmarks/dagum.py`` (a script of its peer's name would hide the peer). Contenders start from the same
values and are run in turn within every repeat, so that a busy moment of the machine hits all alike. All pairs is the
definition word for word, vectorised year by year; it is what scripts that circulate do. The package inequality has no
Dagum; its Theil takes all years in one call, its Gini one year a call. Results are compared before anything is timed.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator

import numpy as np
import xarray as xr
from timing import Row, main, rows, turns

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


def compared(regions: int, years: int, groups: int, repeats: int) -> Iterator[Row]:
    """One size: Dagum, Theil's indices, measures without groups."""
    x, codes = panel(regions, years), np.arange(regions) % groups
    by = dict(zip(x["region"].values, map(str, codes), strict=True))
    values = x.values
    size = {"regions": regions, "years": years, "groups": groups}
    parts = inequality.dagum(x, by)[["within", "between", "transvariation"]].to_array().transpose("year", ...)
    np.testing.assert_allclose(parts, all_pairs(values, codes), atol=1e-12)
    dagum = {"ouhe": lambda: inequality.dagum(x, by), "all_pairs": lambda: all_pairs(values, codes)}
    yield from rows("dagum", size, turns(dagum, repeats if groups < 10 else min(3, repeats)))
    theil = {"ouhe": lambda: inequality.theil(x, by), "inequality": lambda: TheilD(values, codes)}
    yield from rows("theil", size, turns(theil, repeats), note={"ouhe": "theil_both", "inequality": "theil_one"})
    measures = {"ouhe": lambda: inequality.indices(x), "inequality": lambda: [Gini(v) for v in values.T]}
    taken = turns(measures, repeats)
    yield from rows("measures", size, taken, note={"ouhe": "seven", "inequality": "gini"})


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """Every size."""
    for regions, years, groups, repeats in SIZES[: 2 if asked.quick else None]:
        yield from compared(regions, years, groups, 2 if asked.quick else repeats)


if __name__ == "__main__":
    main(__doc__, measured, packages=("numpy", "xarray", "inequality"))
