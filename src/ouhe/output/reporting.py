"""The report of a study as files of its formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ouhe.errors import OuheError, Place, listed
from ouhe.output.drawing import Drawn
from ouhe.report import build
from ouhe.report.document import Document
from ouhe.report.findings.catalogue import Numbered
from ouhe.results.measured import Measured
from ouhe.study.formats import ReportFormat
from ouhe.study.gather import Progress, silent
from ouhe.study.load import StudyFile
from ouhe.study.paths import Folder

__all__ = ["FORMATS", "Rendering", "figures_for", "folder_of_templates", "rendered", "templates_of"]


#: Name of a template for Word.
WORD = "template.docx"

#: Folder of the figures of an output.
FIGURES = "figures"


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

    own = templates / WORD if templates else None
    return docx(document, figures=figures, template=own if own and own.is_file() else None)


def _markdown(document: Document, figures: Mapping[str, Path], _templates: Path | None) -> bytes:
    from ouhe.report.render.markdown import markdown

    beside = {name: f"{path.parent.name}/{path.name}" for name, path in figures.items()}
    return markdown(document, figures=beside).encode()


def _latex(document: Document, _figures: Mapping[str, Path], _templates: Path | None) -> bytes:
    from ouhe.report.render.latex import latex

    return latex(document).encode()


#: Formats of the report by the names a study gives them.
FORMATS: Mapping[ReportFormat, Rendering] = {
    "html": Rendering("html", "svg", _html),
    "docx": Rendering("docx", "png", _docx),
    "markdown": Rendering("md", "svg", _markdown),
    "latex": Rendering("tex", "", _latex),
}


def figures_for(formats: Sequence[ReportFormat]) -> tuple[str, ...]:
    """Formats of figures that reports of some formats need."""
    return tuple(dict.fromkeys(FORMATS[f].figures for f in formats if FORMATS[f].figures))


def templates_of(file: StudyFile, *, confined: bool) -> Path | None:
    """Folder of templates that a study names.

    Parameters
    ----------
    file
        The study.
    confined
        Refuse a folder outside the study's.

    Returns
    -------
    pathlib.Path or None
        The folder; None where it names none.

    Raises
    ------
    OuheError
        There is no such folder, it holds no template, or it lies outside the study's where that is refused.
    """
    wanted = file.study.report
    if wanted is False or wanted.templates is None:
        return None
    path, place = file.folder / wanted.templates, file.document.place("report", "templates")
    if Folder(file.folder, confined).refuses(path):
        raise OuheError.of("gather.outside", place, path=wanted.templates)
    return folder_of_templates(path, place)


def folder_of_templates(path: Path, place: Place) -> Path:
    """A folder of templates, looked at before anything is made.

    Parameters
    ----------
    path
        The folder.
    place
        Where it is named.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    OuheError
        There is no such folder, or nothing in it has the name of a template.
    """
    if not path.is_dir():
        raise OuheError.of("output.no_templates", place, path=path.name)
    known = sorted([WORD, *(f.name for f in files("ouhe.report").joinpath("templates").iterdir())])
    if not any((path / name).is_file() for name in known):
        raise OuheError.of("output.no_template_there", place, path=path.name, known=listed(known))
    return path


def rendered(
    results: Measured,
    found: Sequence[Numbered],
    drawn: Drawn,
    folder: Path,
    *,
    formats: Sequence[ReportFormat],
    templates: Path | None = None,
    name: str = "report",
    progress: Progress = silent,
) -> dict[str, bytes]:
    """The report of results, a file a format.

    Parameters
    ----------
    results
        The results, in the language of the report.
    found
        Their findings.
    drawn
        Their figures.
    folder
        Where the files go; nothing is written yet.
    formats
        Names of :data:`FORMATS`.
    templates
        Folder of templates that replace ours.
    name
        Name of the files without their endings.
    progress
        Told how many formats are done.

    Returns
    -------
    dict of str to bytes
        Name of a file → its content; figures that a format links to, and that do not lie in ``figures`` beside it,
        are among them.
    """
    document = build.document(results, found, drawn.drawings)
    made: dict[str, bytes] = {}
    for done, wanted in enumerate(formats):
        progress("report", done, len(formats))
        how = FORMATS[wanted]
        figures = drawn.files(how.figures) if how.figures else {}
        if wanted == "markdown":
            figures, beside = _linked(figures, folder, name)
            made |= beside
        made[f"{name}.{how.ending}"] = how.make(document, figures, templates)
    progress("report", len(formats), len(formats))
    return made


def _linked(figures: Mapping[str, Path], folder: Path, name: str) -> tuple[dict[str, Path], dict[str, bytes]]:
    """Paths of figures from a document that links to them, and those of them that must come with it."""
    links: dict[str, Path] = {}
    beside: dict[str, bytes] = {}
    for figure, path in figures.items():
        stays = path.parent == folder / FIGURES
        links[figure] = Path(FIGURES if stays else f"{name}-figures") / path.name
        if not stays:
            beside[links[figure].as_posix()] = path.read_bytes()
    return links, beside
