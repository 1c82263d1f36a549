"""Points of the Moran scatter plot of an array in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import permutations
from ouhe.blocks.tiles import Tile, run
from ouhe.compute.lattice import contiguity
from ouhe.compute.lattice.extents import deviations
from ouhe.compute.lattice.points import NAMES, Name, Plan, Scale, points
from ouhe.compute.lattice.raster import Raster

__all__ = ["in_memory"]

Array = NDArray[Any]


def in_memory(raster: Raster, scale: Scale, plan: Plan, rate: float | None) -> dict[str, xr.Variable]:
    """Points of all cells, tile by tile.

    Parameters
    ----------
    raster
        The raster.
    scale
        Numbers of every layer.
    plan
        What is asked for.
    rate
        False discovery rate by which p is judged; None where p itself is.

    Returns
    -------
    dict
        Name → variable with the dimensions that are not places, y and x.
    """
    laid = raster.x.variable.transpose(*raster.dims, "y", "x")
    values = laid.values.reshape(-1, *laid.shape[-2:])
    first = plan if rate is None else _before_correction(plan)
    made: dict[Name, Array] = {n: np.empty(values.shape, first.type_of(n)) for n in first.names}
    if rate is not None and "p_value" in made:
        made["p_value"] = np.empty(values.shape)  # ranked before it is rounded to another type

    def work(tile: Tile) -> None:
        counted = contiguity.window(raster.degree, tile, fill=-1) >= 0
        for number, layer in enumerate(values):
            own = Scale(*(float(part[number]) for part in scale))
            near = deviations(contiguity.window(layer, tile, fill=0), counted, own.origin)
            for name, part in points(near, raster.degree[tile], own, first).items():
                made[name][number][tile] = part

    run(work, contiguity.tiles(*raster.degree.shape))
    if rate is not None:
        _correct(made, plan, rate)
    typed = {n: made[n].astype(plan.type_of(n), copy=False) for n in plan.names}
    return {n: xr.Variable(laid.dims, a.reshape(laid.shape)) for n, a in typed.items()}


def _before_correction(plan: Plan) -> Plan:
    """What must be there before p is corrected: p itself, and nothing that rests on the correction."""
    needed = plan.needs("p_value", "p_adjusted", "significant")
    names = [n for n in plan.names if n not in ("p_value", "p_adjusted", "significant")] + ["p_value"] * needed
    return Plan(plan.n, plan.rule, tuple(n for n in NAMES if n in names), plan.dtype)


def _correct(made: dict[Name, Array], plan: Plan, rate: float) -> None:
    """Adjust p, layer by layer, and judge by it."""
    if "p_value" not in made:
        return
    wanted = [n for n in plan.names if n in ("p_adjusted", "significant")]
    made |= {n: np.empty(made["p_value"].shape, plan.type_of(n)) for n in wanted}
    for number, p in enumerate(made["p_value"]):
        adjusted = permutations.adjusted(p.reshape(1, -1)).reshape(p.shape)
        if "significant" in wanted:
            made["significant"][number] = adjusted <= permutations.judged(rate)
        if "p_adjusted" in wanted:
            made["p_adjusted"][number] = adjusted
