"""From a study to its output folder."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ouhe import text
from ouhe.errors import OptionError, Problem, heard, placed
from ouhe.figures.maps import BaseMap
from ouhe.figures.style import Style
from ouhe.output import reporting, store, tables
from ouhe.output.drawing import Drawn, draw
from ouhe.output.folder import present, replaced
from ouhe.output.looks import looks
from ouhe.output.raster import Announce, Engines, checked_raster, unheard, write_raster
from ouhe.output.reporting import FIGURES
from ouhe.output.written import RECORD, as_json, digests, put, relative
from ouhe.report.citing import citation
from ouhe.report.findings import catalogue as findings
from ouhe.report.render import excel
from ouhe.results.raster_results import RasterResults
from ouhe.results.study_results import StudyResults
from ouhe.study.check import Checked, check_panel
from ouhe.study.gather import Progress, silent
from ouhe.study.load import StudyFile
from ouhe.study.load import load as load_study
from ouhe.study.raster import RasterChecked
from ouhe.study.run import compute

__all__ = ["checked", "load", "write"]


def write(
    study: str | Path | StudyFile,
    folder: str | Path | None = None,
    *,
    settings: Sequence[str] = (),
    confined: bool = False,
    progress: Progress = silent,
    scheduler: str | None = None,
    workers: int | None = None,
    memory: int | str | None = None,
    announce: Announce = unheard,
) -> tuple[StudyResults | RasterResults, Path]:
    """Run a study and write everything it gives into a folder.

    Parameters
    ----------
    study
        The study file, or a loaded one.
    folder
        Where the output goes; ``NAME-output`` beside the study file when left out. An earlier output there is
        replaced, and stays whole until the new one is; files of it that were changed since are kept, and told.
    settings
        ``key.path=value`` settings laid over the file.
    confined
        Refuse paths that lead out of the study's folder.
    progress
        Called with a step, how much of it is done and how much there is.
    scheduler, workers, memory
        For a study of rasters: the address of a scheduler of ``dask.distributed``, or how many worker processes to
        start, and the memory that may be taken, such as ``2GiB``. See :func:`ouhe.engine.started`.
    announce
        Told what a user should know while a study of rasters runs: what it will need, that it goes on.

    Returns
    -------
    StudyResults or RasterResults
        What the study gave.
    pathlib.Path
        The output folder.

    Raises
    ------
    OuheError
        The study or its data are wrong, or the folder cannot be written; nothing is then written.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    file = study if isinstance(study, StudyFile) else load_study(study, settings=settings)
    target = Path(folder) if folder is not None else _beside(file)
    engines = Engines(scheduler, workers, memory, announce)
    if file.study.of_rasters:
        return write_raster(file, target, engines=engines, confined=confined, progress=progress)
    if engines.asked:
        raise OptionError(*(Problem("engine.no_need", params={"option": name}) for name in engines.asked))
    ready, style, templates = _checked(file, confined=confined, progress=progress)
    read_seconds = time.perf_counter() - clock
    results = compute(ready, progress=progress)
    computed_seconds = time.perf_counter() - clock - read_seconds
    with heard() as kept, replaced(target) as new, text.use(results.language):
        progress("write", 0, 1)
        found = findings.find(results)
        made = results.tables() | {"findings": results.marked(findings.table(found))}
        notice = text.t("labels.simulated") if results.simulated else ""
        tables.write_csv(made, new / "tables")
        excel.write_workbook(made, new / "tables.xlsx", title=results.title, notice=notice)
        store.write_arrays(results, new)
        progress("write", 1, 1)
        drawing_clock = time.perf_counter()
        formats = file.study.report.formats if file.study.report else ()
        with tempfile.TemporaryDirectory() as scratch:
            besides = Path(scratch), reporting.figures_for(formats)
            with heard() as told_later:
                drawn = _drawn(results, ready, style, new / FIGURES, besides=besides, progress=progress)
            reporting_clock = time.perf_counter()
            # the report tells what drawing told, as it does when it is made again
            results = replace(results, warnings=(*results.warnings, *told_later))
            options: dict[str, Any] = {"formats": formats, "templates": templates, "progress": progress}
            for name, page in reporting.rendered(results, found, drawn, new, **options).items():
                put(page, new / name)
        told = store.record(results) | {
            "cite": citation(results, results.language).record(),
            "settings": list(file.settings),
            "outside": list(ready.outside),
            "started": started.isoformat(timespec="seconds"),
            "study_file": relative(file.path, target),
            "drawings": [asdict(d) for d in drawn.drawings],
            "not_drawn": {p.params["figure"]: p.message() for p in drawn.lacking},
            "files": digests(new),
            "kept": [],
            "seconds": {
                "read": round(read_seconds, 3),
                "compute": round(computed_seconds, 3),
                "draw": round(reporting_clock - drawing_clock, 3),
                "report": round(time.perf_counter() - reporting_clock, 3),
            },
        }
        put(as_json(told), new / RECORD)
    return replace(results, warnings=(*results.warnings, *kept)), target


def checked(
    study: str | Path,
    *,
    settings: Sequence[str] = (),
    confined: bool = False,
    progress: Progress = silent,
) -> Checked | RasterChecked:
    """Read and check everything that :func:`write` would, its figures too, and compute nothing.

    Parameters and errors as in :func:`write`.
    """
    file = load_study(study, settings=settings)
    if file.study.of_rasters:
        return checked_raster(file, confined=confined, progress=progress)[0]
    return _checked(file, confined=confined, progress=progress)[0]


def _checked(file: StudyFile, *, confined: bool, progress: Progress) -> tuple[Checked, Style | None, Path | None]:
    """A study whose data are checked, how its figures look, its templates; the problems of all are told together."""
    style, templates, wrong = looks(file, confined=confined)
    return check_panel(file, confined=confined, progress=progress, problems=wrong), style, templates


def _drawn(
    results: StudyResults,
    ready: Checked,
    style: Style | None,
    folder: Path,
    *,
    besides: tuple[Path, Sequence[str]],
    progress: Progress,
) -> Drawn:
    """The figures of a study; none where it wants none."""
    if style is None:
        return Drawn()
    with placed(ready.file.document.place("map")):
        base = None if ready.located.boundaries is None else BaseMap.of(ready.located.boundaries)
    return draw(results, ready.file, style, folder, base_map=base, progress=progress, besides=besides)


def load(folder: str | Path) -> StudyResults | RasterResults:
    """Results of an earlier run, from its output folder, without computing.

    Parameters
    ----------
    folder
        An output folder of :func:`write` or ``ouhe run``.

    Raises
    ------
    OuheError
        The folder is no output.
    """
    return store.read(present(Path(folder)), record_name=RECORD)


def _beside(file: StudyFile) -> Path:
    stem = file.path.stem if file.path else "study"
    return file.folder / f"{stem}-output"
