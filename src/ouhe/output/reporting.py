"""The report of a study, as files: made with a run, or again from its stored results."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ouhe import text
from ouhe.errors import OptionError, OuheError, OuheWarning, Place, did_you_mean, listed
from ouhe.figures.catalogue import FIGURES, Drawing
from ouhe.figures.maps import BaseMap
from ouhe.output import store
from ouhe.output.drawing import Drawn, draw, style_of
from ouhe.output.folder import PARTIAL, RECORD, present
from ouhe.report import build
from ouhe.report.document import Document
from ouhe.report.findings import catalogue as findings
from ouhe.results.study_results import StudyResults
from ouhe.study.gather import Progress, silent
from ouhe.study.load import StudyFile
from ouhe.study.paths import Folder
from ouhe.study.schema import Report, Study
from ouhe.study.space import base_map

__all__ = ["FORMATS", "Rendering", "figures_for", "render", "templates_of", "write_report"]


@dataclass(frozen=True)
class Rendering:
    """A format of the report.

    Parameters
    ----------
    ending
        Ending of its file.
    figures
        Format of the figures that go into it; "" for none.
    make
        Makes its bytes of the document, its figures (name → path) and a folder of templates.
    """

    ending: str
    figures: str
    make: Callable[[Document, Mapping[str, Path], Path | None], bytes]


def _html(document: Document, figures: Mapping[str, Path], templates: Path | None) -> bytes:
    from ouhe.report.render.html import html

    return html(document, figures=figures, templates=templates).encode()


def _docx(document: Document, figures: Mapping[str, Path], templates: Path | None) -> bytes:
    from ouhe.report.render.docx import docx

    own = templates / "template.docx" if templates else None
    return docx(document, figures=figures, template=own if own and own.is_file() else None)


def _markdown(document: Document, figures: Mapping[str, Path], _templates: Path | None) -> bytes:
    from ouhe.report.render.markdown import markdown

    beside = {name: f"{path.parent.name}/{path.name}" for name, path in figures.items()}
    return markdown(document, figures=beside).encode()


def _latex(document: Document, _figures: Mapping[str, Path], _templates: Path | None) -> bytes:
    from ouhe.report.render.latex import latex

    return latex(document).encode()


#: Formats of the report by the names a study gives them; a new one stands here.
FORMATS: Mapping[str, Rendering] = {
    "html": Rendering("html", "svg", _html),
    "docx": Rendering("docx", "png", _docx),
    "markdown": Rendering("md", "svg", _markdown),
    "latex": Rendering("tex", "", _latex),
}


def figures_for(formats: Sequence[str]) -> tuple[str, ...]:
    """Formats of figures that reports of some formats need."""
    return tuple(dict.fromkeys(FORMATS[f].figures for f in formats if FORMATS[f].figures))


def templates_of(file: StudyFile, *, confined: bool) -> Path | None:
    """Folder of templates that a study names.

    Raises
    ------
    OuheError
        There is no such folder, or it lies outside the study's where that is refused.
    """
    wanted = file.study.report
    if wanted is False or wanted.templates is None:
        return None
    path, place = file.folder / wanted.templates, file.document.place("report", "templates")
    if Folder(file.folder, confined).refuses(path):
        raise OuheError.of("gather.outside", place, path=wanted.templates)
    return _folder_of_templates(path, place)


def _folder_of_templates(path: Path, place: Place) -> Path:
    if not path.is_dir():
        raise OuheError.of("output.no_templates", place, path=path.name)
    return path


def render(
    results: StudyResults,
    found: Sequence[findings.Numbered],
    drawn: Drawn,
    folder: Path,
    *,
    formats: Sequence[str],
    templates: Path | None = None,
    name: str = "report",
    progress: Progress = silent,
) -> list[Path]:
    """Write the report of results into `folder`, a file a format.

    Parameters
    ----------
    results
        The results, in the language of the report.
    found
        Their findings.
    drawn
        Their figures.
    folder
        Where the files go.
    formats
        Names of :data:`FORMATS`.
    templates
        Folder of templates that replace ours.
    name
        Name of the files without their endings.
    progress
        Told how many formats are done.
    """
    document = build.document(results, found, drawn.drawings)
    made = []
    for done, wanted in enumerate(formats):
        progress("report", done, len(formats))
        how = FORMATS[wanted]
        figures = drawn.files(how.figures) if how.figures else {}
        if wanted == "markdown":
            figures = _kept(figures, folder, name)
        path = folder / f"{name}.{how.ending}"
        _put(how.make(document, figures, templates), path)
        made.append(path)
    progress("report", len(formats), len(formats))
    return made


def _put(content: bytes, path: Path) -> None:
    """Write a file whole or not at all; one written at the same time by another program is as whole."""
    part = path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _kept(figures: Mapping[str, Path], folder: Path, name: str) -> dict[str, Path]:
    """Figures that a document links to must stay beside it."""
    kept = {}
    for figure, path in figures.items():
        if path.parent == folder / "figures":
            kept[figure] = path
            continue
        beside = folder / f"{name}-figures"
        beside.mkdir(exist_ok=True)
        kept[figure] = Path(shutil.copyfile(path, beside / path.name))
    return kept


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
        The study's base map is no longer what it was, and maps are left out.
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
    wanted = tuple(dict.fromkeys(formats)) or (study.report or Report()).formats
    name = "report" if study.language == results.language else f"report-{study.language}"
    given = _folder_of_templates(Path(templates), Place()) if templates else templates_of(file, confined=False)
    target = Path(to) if to else source
    told = results.told_in(study.language)
    with tempfile.TemporaryDirectory() as scratch, text.use(study.language):
        again = _Again(results, told, file, tuple(Drawing(**d) for d in record["drawings"]), source / "figures")
        drawn = again.figures(figures_for(wanted), Path(scratch), progress)
        try:
            target.mkdir(parents=True, exist_ok=True)
            if target.resolve() == source:
                _own(
                    source, [f"{name}.{FORMATS[f].ending}" for f in wanted], drawn, name, markdown="markdown" in wanted
                )
            options: dict[str, Any] = {"formats": wanted, "templates": given, "name": name, "progress": progress}
            return render(told, findings.find(told), drawn, target, **options)
        except OSError as error:
            why = error.strerror or str(error)
            raise OuheError.of("output.cannot_write", Place(file=str(target)), why=why) from error


def _own(source: Path, files: Sequence[str], drawn: Drawn, name: str, *, markdown: bool) -> None:
    """Note in ``run.json`` that files are ours before they are there, so that the next run may replace them."""
    record = json.loads((source / RECORD).read_text("utf-8"))
    kept = [f"{name}-figures/{d.file}.svg" for d in drawn.drawings] if markdown else []
    record["files"] = sorted({*record["files"], *files, *kept})
    _put((json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode(), source / RECORD)


@dataclass(frozen=True)
class _Again:
    """Figures of an earlier run: as they lie there where they serve, else drawn again from the results."""

    results: StudyResults
    told: StudyResults
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
        if self.file.study.map is None:
            return None, only
        try:
            return BaseMap.of(base_map(self.file, self.results.data.sources)), only
        except OuheError as error:
            warnings.warn(OuheWarning.of("output.map_gone", why=str(error)), stacklevel=4)
            return None, tuple(name for name in only if not FIGURES[name].on_map)
