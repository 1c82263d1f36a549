"""The report of an earlier run again, from its stored results."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ouhe import text
from ouhe.errors import OptionError, OuheError, OuheWarning, Place, did_you_mean, listed
from ouhe.figures.catalogue import FIGURES as KINDS
from ouhe.figures.catalogue import Drawing
from ouhe.figures.maps import BaseMap
from ouhe.output import store
from ouhe.output.drawing import Drawn, draw, style_of
from ouhe.output.folder import present
from ouhe.output.reporting import FIGURES, FORMATS, figures_for, folder_of_templates, rendered, templates_of
from ouhe.output.written import RECORD, replace
from ouhe.report.findings import catalogue as findings
from ouhe.results.raster_results import RasterResults
from ouhe.results.study_results import StudyResults
from ouhe.study.formats import ReportFormat
from ouhe.study.gather import Progress, silent
from ouhe.study.load import StudyFile
from ouhe.study.schema import Report, Study
from ouhe.study.space import base_map

__all__ = ["write_report"]


def write_report(
    folder: str | Path,
    *,
    lang: text.Lang | None = None,
    formats: Sequence[str] = (),
    templates: str | Path | None = None,
    to: str | Path | None = None,
    progress: Progress = silent,
) -> list[Path]:
    """Render the report of an earlier run again, without computing.

    Parameters
    ----------
    folder
        Output folder of a run.
    lang
        Language of the report; that of the study when left out. A report in another language is called
        ``report-LANG``.
    formats
        ``html``, ``docx``, ``markdown``, ``latex``; those of the study when left out.
    templates
        Folder of templates that replace ours.
    to
        Folder for the files; the output folder when left out.
    progress
        Called with a step, how much of it is done and how much there is.

    Returns
    -------
    list of pathlib.Path
        The files.

    Raises
    ------
    OuheError
        The folder is no output, a format is not known, or the files cannot be written.

    Warns
    -----
    OuheWarning
        The study's base map is no longer what it was, and maps are left out. A file that would be replaced has been
        changed since it was written, and is kept under another name.
    """
    unknown = [f for f in formats if f not in FORMATS]
    if unknown:
        near = did_you_mean(unknown[0], FORMATS)
        raise OptionError.of("output.report_format", format=unknown[0], near=near, known=listed(FORMATS))
    source = present(Path(folder))
    results = store.read(source, record_name=RECORD)
    record = json.loads((source / RECORD).read_text("utf-8"))
    study = Study.model_validate(results.settings).replace(lang=lang or results.language)
    file = StudyFile(study, (source / record["study_file"]).parent if record["study_file"] else source)
    asked = cast("tuple[ReportFormat, ...]", tuple(dict.fromkeys(formats)))
    wanted = asked or (study.report or Report()).formats
    name = "report" if study.language == results.language else f"report-{study.language}"
    given = folder_of_templates(Path(templates), Place()) if templates else templates_of(file, confined=False)
    target = Path(to) if to else source
    told = results.told_in(study.language)
    with tempfile.TemporaryDirectory() as scratch, text.use(study.language):
        again = _Again(results, told, file, tuple(Drawing(**d) for d in record["drawings"]), source / FIGURES)
        drawn = again.figures(figures_for(wanted), Path(scratch), progress)
        options: dict[str, Any] = {"formats": wanted, "templates": given, "name": name, "progress": progress}
        made = rendered(told, findings.find(told), drawn, target, **options)
        try:
            target.mkdir(parents=True, exist_ok=True)
            replace(target, made)
        except OSError as error:
            why = error.strerror or str(error)
            raise OuheError.of("output.cannot_write", Place(file=str(target)), why=why) from error
    return [target / f"{name}.{FORMATS[f].ending}" for f in wanted]


@dataclass(frozen=True)
class _Again:
    """Figures of an earlier run: as they lie there where they serve, else drawn again from the results."""

    results: StudyResults | RasterResults
    told: StudyResults | RasterResults
    file: StudyFile
    drawings: tuple[Drawing, ...]
    folder: Path

    def figures(self, needed: Sequence[str], scratch: Path, progress: Progress) -> Drawn:
        stored = Drawn((self.folder,), self.drawings)
        whole = all(len(stored.files(ending)) == len(self.drawings) for ending in needed)
        serves = not needed or (whole and self.told.language == self.results.language)
        if serves or not self.drawings or self.file.study.figures is False:
            return stored
        style = style_of(self.file, confined=False)
        if style is None:
            return stored
        base, only = self._base_map()
        figures = self.file.study.figures.model_copy(update={"only": only, "formats": tuple(needed)})
        again = StudyFile(self.file.study.model_copy(update={"figures": figures}), self.file.folder)
        return draw(self.told, again, style, scratch, base_map=base, progress=progress)

    def _base_map(self) -> tuple[BaseMap | None, tuple[str, ...]]:
        """The study's base map, and the figures that can be drawn with what there is of it."""
        only = tuple(dict.fromkeys(d.figure for d in self.drawings))
        if self.file.study.map is None or isinstance(self.results, RasterResults):
            return None, only
        try:
            return BaseMap.of(base_map(self.file, self.results.data.sources)), only
        except OuheError as error:
            warnings.warn(OuheWarning.of("output.map_gone", why=str(error)), stacklevel=4)
            return None, tuple(name for name in only if not KINDS[name].on_map)
