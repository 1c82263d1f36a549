"""How the analyses of rasters are answered, from the grids that were written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from ouhe import text
from ouhe.compute import classify, density, lattice
from ouhe.results.autocorrelation import Moran
from ouhe.results.density import Density
from ouhe.results.lisa import QUADRANTS
from ouhe.results.raster_lisa import RasterLisa
from ouhe.results.study_results import Part
from ouhe.study.analyses import NeighboursChoice
from ouhe.study.schema import Study
from ouhe.study.space import name_of

__all__ = ["ANSWERS", "Asked", "local", "local_variables", "rule_of"]

#: What of a local Moran is written of every cell.
LOCAL = ("I", "p", "quadrant", "cluster")


@dataclass(frozen=True, eq=False)
class Asked:
    """What an analysis of rasters is made from.

    Parameters
    ----------
    x
        Variables and years it is asked of, ``(variable, year, y, x)`` or ``(variable, region, year)``.
    asked
        The analysis as the study asks for it.
    options
        Options of its method.
    study
        The study.
    maps
        Local Moran of the variables, as it was written; empty before that.
    """

    x: xr.DataArray
    asked: Any
    options: Mapping[str, Any]
    study: Study
    maps: xr.Dataset

    @property
    def weights(self) -> Sequence[NeighboursChoice]:
        """Spatial weights as the study asks for them, the main ones first."""
        return self.asked.weights()  # type: ignore[no-any-return]


def rule_of(choice: NeighboursChoice) -> Any:
    """Which cells of a raster are neighbours; common borders are those of the queen."""
    return choice.options().get("rule", "queen")


def moran(c: Asked) -> Moran:
    """Global Moran's I with analytic moments, for every set of weights."""
    how = {"variance": c.options["variance"]}
    found = [lattice.moran(c.x, rule=rule_of(w), **how) for w in c.weights]
    names = np.array([name_of(w, c.study.language) for w in c.weights], dtype=object)
    statistics = xr.concat(found, dim="neighbours").assign_coords(neighbours=xr.Variable("neighbours", names))
    permuted = xr.full_like(statistics["p_value"], np.nan)  # no cell is permuted
    return Moran(statistics.assign(p_sim=permuted), options={**how, "permutations": 0})


def local(c: Asked) -> xr.Dataset:
    """Local Moran of every cell, still to be computed, by the names that it has on disk."""
    how = {k: c.options[k] for k in ("significance", "correction", "quadrant_origin")}
    found: dict[str, xr.DataArray] = {}
    for i, stored in enumerate(map(str, c.x["stored"].to_numpy())):
        wanted: tuple[lattice.Name, ...] = ("statistic", "p_value", "quadrant", "significant")
        one = lattice.local(c.x.isel(variable=i, drop=True), rule=rule_of(c.weights[0]), only=wanted, **how)
        quadrant = one["quadrant"].astype(np.int16)
        cluster = quadrant.where(one["significant"] | (quadrant < 0), np.int16(0)).astype(np.int16)
        parts = {"I": one["statistic"].astype(c.x.dtype), "p": one["p_value"].astype(c.x.dtype)}
        parts |= {"quadrant": quadrant, "cluster": cluster}
        name = str(c.x["variable"].to_numpy()[i])
        found |= {at: _described(parts[part], part, name) for part, at in local_variables(stored).items()}
    return xr.Dataset(found)


def _described(values: xr.DataArray, part: str, variable: str) -> xr.DataArray:
    """Part of a local Moran with what its numbers mean, in the current language."""
    about: dict[str, Any] = {"long_name": text.t(f"labels.long_lisa_{part}", variable=variable)}
    if part in ("quadrant", "cluster"):
        none = text.t("labels.no_neighbours" if part == "quadrant" else "labels.not_significant")
        about |= {"flag_values": list(range(len(QUADRANTS))), "flag_meanings": [none, *QUADRANTS[1:]], "_FillValue": -1}
    else:
        about |= {"units": "1"}
    return values.drop_attrs().reset_coords(drop=True).assign_attrs(about)


def local_variables(stored: str) -> dict[str, str]:
    """Part of a local Moran → its name on disk, of a variable by its own name on disk."""
    return {part: f"lisa_{stored}_{part}" for part in LOCAL}


def lisa(c: Asked) -> RasterLisa:
    """How many cells stand in each quadrant, of the maps that were written."""
    counts: list[xr.Dataset] = []
    for stored in map(str, c.x["stored"].to_numpy()):
        at = local_variables(stored)
        every, significant = (_quadrants(c.maps[at[part]]) for part in ("quadrant", "cluster"))
        counts.append(xr.Dataset({"count": every, "significant": significant.where(significant["quadrant"] > 0, 0)}))
    whole = xr.concat(counts, dim="variable").assign_coords(variable=c.x["variable"].to_numpy())
    return RasterLisa(
        whole.transpose("variable", "year", "quadrant"), name_of(c.weights[0], c.study.language), c.options
    )


def _quadrants(codes: xr.DataArray) -> xr.DataArray:
    """Cells in each quadrant by year."""
    return classify.counts(codes, classes=len(QUADRANTS)).rename({"class": "quadrant"})


def densities(c: Asked) -> Density:
    """Kernel densities and the shape of their curves."""
    options = {k: v for k, v in c.options.items() if k != "prominence"}
    curves = density.estimate(c.x, **options)
    shape = density.shape(curves, c.x, prominence=c.asked.prominence)
    return Density(curves, shape, {**options, "prominence": c.asked.prominence})


#: Every analysis of rasters by its key in the study file.
ANSWERS: Mapping[str, Callable[[Asked], Part]] = {"moran": moran, "lisa": lisa, "density": densities}
