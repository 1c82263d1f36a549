"""From the grids of a study to what is known of every cell, lazily: nothing but weights is computed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ouhe import blocks, moments, text
from ouhe.compute import derive
from ouhe.errors import OuheError, placed
from ouhe.panel import describe, pooled_dims
from ouhe.results.scheme import Scheme
from ouhe.results.weighing import Weighing
from ouhe.study.measuring import coupled, measure
from ouhe.study.raster.check import RasterChecked, written
from ouhe.study.schema import Study

if TYPE_CHECKING:
    from ouhe.results.coupling import Coupling

__all__ = ["Measured", "measured"]

#: Codes of cells outside the study.
NO_CLASS, NO_LAG = -1, -2


@dataclass(frozen=True, eq=False)
class Measured:
    """What measuring the cells gave.

    Parameters
    ----------
    measurement
        Entropies and weights, in memory.
    coupling
        What the codes of classes and of lagging systems mean.
    cells
        What is written of every cell, as in :class:`~ouhe.results.raster_results.RasterResults`; still to be computed.
    """

    measurement: Weighing
    coupling: Scheme
    cells: xr.Dataset


def measured(checked: RasterChecked, *, chunks: Mapping[str, Any] | None = None) -> Measured:
    """Measure and couple the systems of a study of rasters.

    Parameters
    ----------
    checked
        The study and its grid.
    chunks
        Sizes of the windows that are read at a time; those of the files when None.

    Returns
    -------
    Measured
        Weights, and what is to be computed of every cell.

    Raises
    ------
    DataError
        The data do not allow a choice of the study, or cells that count have no value.
    """
    file, study = checked.file, checked.file.study
    read = checked.grid.chunked(chunks or checked.grid.layout().preferred_chunks)
    ends = checked.grid.extremes()
    if ends is not None:
        blocks.know_extremes(read.variable, *ends)
    x = _described(_derived(read, checked), study)
    try:
        measurement = measure(x, study, document=file.document)
    except OuheError:
        _look_closer(read, ends)
        raise
    entropy = measurement.entropy.compute()
    if np.isnan(entropy).any():
        _look_closer(read, ends)
    with placed(file.document.place("coupling")):
        coupling = coupled(measurement.index, study)
    scheme = Scheme(coupling.systems, coupling.labels, coupling.upper)
    weighing = Weighing(entropy, measurement.weight.compute())
    return Measured(weighing, scheme, _cells(measurement.index, coupling, study, x))


def _look_closer(read: xr.DataArray, ends: object) -> None:
    """Name the cells that are no numbers where footers, which do not tell them, were taken for the extremes."""
    if ends is not None:
        # the sum is another array, of which nothing is known
        moments.finite_extremes(read.copy(data=read.data + 0), pooled_dims(read))


def _derived(x: xr.DataArray, checked: RasterChecked) -> xr.DataArray:
    """Grid with the derived series appended, in the type of the data."""
    order, document = checked.gathered.derivations, checked.file.document
    if not order:
        return x
    known = {str(s): x.sel(indicator=s, drop=True) for s in x["indicator"].to_numpy()}
    for target in order:
        place, expression = document.place("derive", target), checked.file.study.derive[target].expression
        found = derive.evaluate(expression, known, place=place, target=target)
        known[target] = found.transpose(*(d for d in x.dims if d != "indicator")).astype(x.dtype)
    new = [known[target].expand_dims(indicator=[target]) for target in order]
    whole = xr.concat([x, *new], dim="indicator", coords="minimal", compat="override", join="override")
    return whole.chunk(indicator=-1).transpose(*x.dims).assign_coords({k: x[k] for k in x.coords if k != "indicator"})


def _described(x: xr.DataArray, study: Study) -> xr.DataArray:
    """Grid with the tree and the meaning of its indicators, in the order of the study."""
    ids = [i.id for i in study.indicators]
    held = [str(i) for i in x["indicator"].to_numpy()]
    ordered = x if held == ids else x.sel(indicator=ids)
    labels = xr.DataArray(np.zeros(len(ids)), dims="indicator", coords={"indicator": ids})
    return ordered.assign_coords(describe(labels, study.indicators).coords)


def _cells(index: xr.DataArray, coupling: Coupling, study: Study, x: xr.DataArray) -> xr.Dataset:
    """What is written of every cell, by the names that it has on disk."""
    kind = np.dtype((study.raster.type if study.raster else None) or x.dtype)
    dims = [d for d in x.dims if d != "indicator"]
    found: dict[str, xr.DataArray] = {}
    with text.use(study.language):
        for i, system in enumerate(coupling.systems):
            about = {"long_name": text.t("summary.index", system=system), "units": "1"}
            found[system] = index.sel(system=system, drop=True).astype(kind).assign_attrs(about).rename(f"U{i + 1}")
        for name in ("C", "T", "D"):
            about = {"long_name": text.t(f"labels.long_{name}"), "units": "1"}
            found[name] = getattr(coupling, name).astype(kind).assign_attrs(about).rename(name)
        found["class"] = _coded(coupling.level, "class", coupling.labels, first=0, outside=NO_CLASS)
        lags = [text.t("labels.in_step"), *(text.t("labels.lagging", system=s) for s in coupling.systems)]
        found["lag"] = _coded(coupling.lagging, "lag", lags, first=-1, outside=NO_LAG)
    chosen = [found[name].transpose(*dims) for name in written(study)]
    return xr.Dataset({str(a.name): a.reset_coords(drop=True) for a in chosen})


def _coded(codes: xr.DataArray, name: str, meanings: Sequence[str], *, first: int, outside: int) -> xr.DataArray:
    """Codes with what each of them means."""
    flags = {"flag_values": list(range(first, first + len(meanings))), "flag_meanings": list(meanings)}
    about = {"long_name": text.t(f"labels.long_{name}"), **flags, "_FillValue": outside}
    return codes.astype(np.int16).assign_attrs(about).rename(name)
