"""Time convergence beside linearmodels and spreg.

Run ``python benchmarks/convergence.py``. Peers get their tables and arrays ready made.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from timing import Row, main, rows, turns

from ouhe.compute import converge
from ouhe.neighbours import Neighbours

#: Times that each is run after once unmeasured.
REPEATS = 5


def panel(regions: int, years: int) -> xr.DataArray:
    """Values that draw nearer to levels of their own."""
    rng = np.random.default_rng(1)
    own, logs = rng.normal(size=regions), [rng.normal(size=regions)]
    for _ in range(years - 1):
        logs.append(0.3 * own + 0.7 * logs[-1] + 0.1 * rng.normal(size=regions))
    names = [f"r{i}" for i in range(regions)]
    coords = {"region": names, "year": np.arange(2000, 2000 + years)}
    return xr.DataArray(np.exp(0.2 * np.array(logs).T), dims=("region", "year"), coords=coords)


def ring(names: list[str]) -> Neighbours:
    n = len(names)
    return Neighbours.from_pairs([(names[i], names[(i + d) % n]) for i in range(n) for d in (1, 2)], names)


def theirs(x: xr.DataArray) -> Callable[[], Any]:
    """The same regression of linearmodels, its table made beforehand."""
    from linearmodels.panel import PanelOLS

    logs = np.log(x)
    growth = logs.diff("year", label="lower").to_series().rename("y")
    table = growth.to_frame().assign(x=logs.isel(year=slice(None, -1)).to_series())
    table.index = pd.MultiIndex.from_tuples(table.index, names=["region", "year"])
    made = PanelOLS(table["y"], table[["x"]], entity_effects=True, time_effects=True)
    return lambda: made.fit(cov_type="clustered", cluster_entity=True)


def spreg_lag(x: xr.DataArray, w: Neighbours) -> Callable[[], Any]:
    """The spatial lag of spreg with dummies of the years, its arrays made beforehand."""
    from scipy.sparse import csr_matrix
    from spreg import panel_fe

    logs = np.log(x).to_numpy()
    y, level = np.diff(logs, axis=1), logs[:, :-1]
    n, periods = y.shape
    dummies = np.kron(np.eye(periods)[:, 1:], np.ones((n, 1)))
    design = np.column_stack([level.T.ravel(), dummies])
    means = np.tile(design.reshape(periods, n, -1).mean(axis=0), (periods, 1))
    weights = SimpleNamespace(n=n, sparse=csr_matrix(w.matrix), full=lambda: (w.matrix.toarray(), None))
    return lambda: panel_fe.BasePanel_FE_Lag(y.T.reshape(-1, 1), design - means, weights)


def cases() -> Iterator[tuple[str, dict[str, int], dict[str, Callable[[], Any]]]]:
    """Name, size and contenders of everything that is timed."""
    for regions, years in ((31, 13), (2850, 24)):
        x = panel(regions, years)
        w = ring(list(map(str, x["region"].values)))
        size = {"regions": regions, "years": years}
        yield "beta", size, {"ouhe": lambda x=x: converge.beta(x), "linearmodels": theirs(x)}
        if regions == 31:
            many = x.expand_dims(draw=1000)
            yield "beta_draws", size, {"ouhe": lambda x=many: converge.beta(x)}
        lag: dict[str, Callable[[], Any]] = {"ouhe": lambda x=x, w=w: converge.spatial(x, w)}
        yield "lag", size, lag | ({"spreg": spreg_lag(x, w)} if regions == 31 else {})
        yield "clubs", size, {"ouhe": lambda x=x: converge.clubs(x)}


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """Every case, run once unmeasured."""
    for name, size, calls in cases():
        if not (asked.quick and size["regions"] > 31):
            turns(calls, 1)
            yield from rows(name, size, turns(calls, 3 if asked.quick else REPEATS))


if __name__ == "__main__":
    main(__doc__, measured, packages=("numpy", "xarray", "linearmodels", "spreg"))
