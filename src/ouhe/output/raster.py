"""From a study of rasters to its output folder: computed chunk by chunk, and gone on with where it was interrupted."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ouhe import engine, text
from ouhe.errors import DataError, Problem, heard
from ouhe.figures.style import Style
from ouhe.output import grids, reporting, store, tables
from ouhe.output.drawing import Drawn, draw
from ouhe.output.folder import replaceable, replaced
from ouhe.output.looks import looks
from ouhe.output.written import RECORD, as_json, digests, put, relative
from ouhe.report.citing import citation
from ouhe.report.findings import catalogue as findings
from ouhe.report.render import excel
from ouhe.results.raster_results import RasterResults
from ouhe.study.gather import Progress
from ouhe.study.load import StudyFile
from ouhe.study.raster import Measured, RasterChecked, check_raster, compute_raster, fingerprint, local_maps, measured
from ouhe.study.raster.check import CODES, written
from ouhe.study.schema import Raster

__all__ = ["Announce", "Engines", "checked_raster", "unheard", "write_raster"]

#: Folders of an output that hold one value in many files.
STORES = ("grid.zarr/", "grid.parquet/")

#: Told what a user should know while a study runs.
Announce = Callable[[Problem], None]


def unheard(_said: Problem) -> None:
    """What nobody listens to."""


@dataclass(frozen=True)
class Engines:
    """What a study of rasters is computed with.

    Parameters
    ----------
    scheduler
        Address of a scheduler of ``dask.distributed``.
    workers
        Number of worker processes to start here.
    memory
        Memory that may be taken in all.
    announce
        Told what a user should know while the study runs.
    """

    scheduler: str | None = None
    workers: int | None = None
    memory: int | str | None = None
    announce: Announce = unheard

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of what was asked for."""
        return tuple(name for name in ("scheduler", "workers", "memory") if getattr(self, name) is not None)


@dataclass(frozen=True, eq=False)
class _Run:
    """A run: the study, how its output looks, what is told meanwhile, and the seconds that its steps take."""

    checked: RasterChecked
    style: Style | None
    templates: Path | None
    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long what stands in the block takes."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[step] = round(self.seconds.get(step, 0.0) + time.perf_counter() - started, 3)

    @property
    def formats(self) -> Sequence[str]:
        """Formats of the grids: those the study asks for, or what its kind is opened with."""
        asked = (self.checked.file.study.raster or Raster()).formats
        return asked or (("parquet",) if self.checked.grid.frame is None else ("zarr", "cog"))


@dataclass(frozen=True, eq=False)
class _Cells:
    """What was computed of every cell, on disk."""

    stores: tuple[grids.Stored, ...]
    cells: xr.Dataset
    maps: xr.Dataset


def checked_raster(
    file: StudyFile, *, confined: bool, progress: Progress
) -> tuple[RasterChecked, Style | None, Path | None]:
    """A study of rasters that is checked, how its figures look, its templates; the problems of all are told together.

    Parameters
    ----------
    file
        The study.
    confined
        Refuse paths that lead out of the study's folder.
    progress
        Called with a step, how much of it is done and how much there is.
    """
    style, templates, wrong = looks(file, confined=confined)
    return check_raster(file, confined=confined, progress=progress, problems=wrong), style, templates


def write_raster(
    file: StudyFile, target: Path, *, engines: Engines, confined: bool, progress: Progress
) -> tuple[RasterResults, Path]:
    """Run a study of rasters and write everything it gives into a folder.

    Parameters
    ----------
    file
        The study.
    target
        Where the output goes. Beside it, in ``.NAME.unfinished``, stands what is finished while the study runs.
    engines
        What it is computed with.
    confined
        Refuse paths that lead out of the study's folder.
    progress
        Called with a step, how much of it is done and how much there is.

    Returns
    -------
    RasterResults
        What the study gave.
    pathlib.Path
        The output folder.

    Raises
    ------
    OuheError
        The study or its data are wrong, or the folder cannot be written; nothing is then written, and what was
        finished stays beside it for the next run.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    checked, style, templates = checked_raster(file, confined=confined, progress=progress)
    run = _Run(checked, style, templates, progress)
    run.seconds["read"] = round(time.perf_counter() - clock, 3)
    replaceable(target)
    workspace = target.resolve().with_name(f".{target.resolve().name}.unfinished")
    asked: dict[str, Any] = {"scheduler": engines.scheduler, "workers": engines.workers, "memory": engines.memory}
    with (
        _forgotten_where_data_are_wrong(workspace),
        text.use(file.study.language),
        engine.started(**asked, workspace=workspace, progress=progress, announce=engines.announce) as here,
    ):
        plan = _plan(run)
        engines.announce(plan.problem())
        here.resume(fingerprint(checked, plan.chunks))
        results, cells = _computed(run, plan.chunks, workspace)
        with heard() as kept, replaced(target) as new:
            results, told = _written(results, cells, run, new)
            told |= {
                "settings": list(file.settings),
                "outside": list(checked.outside),
                "started": started.isoformat(timespec="seconds"),
                "study_file": relative(file.path, target),
                "plan": plan.record(),
                "files": digests(new, stores=STORES),
                "kept": [],
                "seconds": run.seconds,
            }
            put(as_json(told), new / RECORD)
        for stored in cells.stores:
            shutil.rmtree(stored.folder, ignore_errors=True)
    return replace(results, grids=grids.read_back(target), warnings=(*results.warnings, *kept)), target


@contextmanager
def _forgotten_where_data_are_wrong(workspace: Path) -> Iterator[None]:
    """Keep nothing of a run whose data are wrong: other data are another run."""
    try:
        yield
    except DataError:
        shutil.rmtree(workspace, ignore_errors=True)
        raise


def _plan(run: _Run) -> engine.Plan:
    """Chunks that fit the memory; of a table, whole groups of rows."""
    sizes, dtype, stored = run.checked.grid.layout()
    whole = any(source.format == "parquet" for source in run.checked.grid.sources)
    options: dict[str, Any] = {"preferred_chunks": stored, "smallest": stored if whole else None}
    return engine.plan(sizes, dtype.itemsize, outputs=_bytes(run), **options)


def _bytes(run: _Run) -> int:
    """Bytes that are written of every cell and year."""
    study, layout = run.checked.file.study, run.checked.grid.layout()
    number = np.dtype((study.raster or Raster()).type or layout.dtype).itemsize
    names = written(study)
    return sum(2 if name in CODES else number for name in names)


def _computed(run: _Run, chunks: Any, workspace: Path) -> tuple[RasterResults, _Cells]:
    """Measure, compute and store every cell, then what is told of the whole."""
    with heard() as told:
        with run.timed("measure"):
            found = measured(run.checked, chunks=chunks)
        cells = _stored(run, found, workspace)
    with run.timed("analyse"):
        results = compute_raster(run.checked, found, cells.cells, cells.maps, told=tuple(told), progress=run.progress)
    return results, cells


def _stored(run: _Run, found: Measured, workspace: Path) -> _Cells:
    """Compute and store every cell, then the local Moran of what was stored."""
    keys, study = run.checked.grid.keys, run.checked.file.study
    told = found.cells.assign_attrs(title=study.title, simulated=int(study.simulated))
    with run.timed("store"):
        stored = grids.store_chunks(told, workspace / "grids", keys=keys, step="store", formats=run.formats)
    cells = stored.open()
    with run.timed("local"):
        maps = local_maps(run.checked, found, cells)
        if maps is None:
            return _Cells((stored,), cells, xr.Dataset())
        second = grids.store_chunks(maps, workspace / "local", step="local", formats=run.formats)
    return _Cells((stored, second), cells, second.open())


def _written(results: RasterResults, cells: _Cells, run: _Run, new: Path) -> tuple[RasterResults, dict[str, Any]]:
    """Everything but the record, in a folder; the results with what drawing told, and what the record says of it."""
    run.progress("write", 0, 1)
    with run.timed("finish"):
        attributes = {"title": results.title, "simulated": int(results.simulated)}
        attributes |= {"software": f"ouhe {results.versions['ouhe']}"}
        grids.finish(cells.stores, new, run.formats, run.checked.grid.frame, attributes=attributes)
    with run.timed("write"):
        found = findings.find(results)
        made = results.tables() | {"findings": results.marked(findings.table(found))}
        notice = text.t("labels.simulated") if results.simulated else ""
        tables.write_csv(made, new / "tables")
        excel.write_workbook(made, new / "tables.xlsx", title=results.title, notice=notice)
        store.write_arrays(results, new)
    run.progress("write", 1, 1)
    study = run.checked.file.study
    formats = study.report.formats if study.report else ()
    with tempfile.TemporaryDirectory() as scratch:
        with run.timed("draw"), heard() as told:
            drawn = _drawn(results, run, new / reporting.FIGURES, (Path(scratch), reporting.figures_for(formats)))
        # the report tells what drawing told, as it does when it is made again
        results = replace(results, warnings=(*results.warnings, *told))
        with run.timed("report"):
            options: dict[str, Any] = {"formats": formats, "templates": run.templates, "progress": run.progress}
            pages = reporting.rendered(results, found, drawn, new, **options) if formats else {}
            for name, page in pages.items():
                put(page, new / name)
    return results, store.record(results) | {
        "cite": citation(results, results.language).record(),
        "drawings": [asdict(d) for d in drawn.drawings],
        "not_drawn": {p.params["figure"]: p.message() for p in drawn.lacking},
    }


def _drawn(results: RasterResults, run: _Run, folder: Path, besides: tuple[Path, Sequence[str]]) -> Drawn:
    """The figures of a study; none where it wants none."""
    if run.style is None:
        return Drawn()
    options: dict[str, Any] = {"base_map": None, "progress": run.progress, "besides": besides}
    return draw(results, run.checked.file, run.style, folder, **options)
