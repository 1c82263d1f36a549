"""Convergence beside linearmodels and spreg: medians and ranges in seconds. Run: python benchmarks/convergence.py."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

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


def timed(run: Callable[[], Any]) -> list[float]:
    run()
    spent = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        spent.append(time.perf_counter() - start)
    return sorted(spent)


def main() -> None:
    small, large = panel(31, 13), panel(2850, 24)
    w, wide = ring(list(map(str, small["region"].values))), ring(list(map(str, large["region"].values)))
    cases: dict[str, tuple[Callable[[], Any], Callable[[], Any] | None]] = {
        "beta 31 x 13": (lambda: converge.beta(small), theirs(small)),
        "beta 2850 x 24": (lambda: converge.beta(large), theirs(large)),
        "beta 1000 draws of 31 x 13": (lambda: converge.beta(small.expand_dims(draw=1000)), None),
        "spatial lag 31 x 13": (lambda: converge.spatial(small, w), spreg_lag(small, w)),
        "spatial lag 2850 x 24": (lambda: converge.spatial(large, wide), None),
        "clubs 31 x 13": (lambda: converge.clubs(small), None),
        "clubs 2850 x 24": (lambda: converge.clubs(large), None),
    }
    print(f"{'':32}{'ours':>24}{'peer':>24}{'ratio':>8}")
    for name, (ours, peer) in cases.items():
        a = timed(ours)
        line = f"{name:32}{a[len(a) // 2]:9.4f} ({a[0]:.4f}–{a[-1]:.4f})"
        if peer is not None:
            b = timed(peer)
            line += f"{b[len(b) // 2]:9.4f} ({b[0]:.4f}–{b[-1]:.4f}){b[len(b) // 2] / a[len(a) // 2]:8.1f}"
        print(line)


if __name__ == "__main__":
    main()
