"""New study folders: the shipped demonstration, and templates with a workbook to fill in."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from ouhe import regions, text
from ouhe.errors import OuheError, Place, Problem, did_you_mean
from ouhe.study import document
from ouhe.study.load import validate
from ouhe.templates.form import form
from ouhe.templates.workbook import render

__all__ = ["demo", "new", "templates"]

#: Name of the workbook to fill in, as the templates write it.
WORKBOOK = "data.xlsx"

_DATA_BLOCK = re.compile(r"^# >>> data\n.*?^# <<< data\n", re.MULTILINE | re.DOTALL)
_DEMO_DATA = "simulated: true\ndata:\n  - {path: panel.csv, layout: long}\n"


def templates() -> tuple[str, ...]:
    """Names of the studies that ship."""
    return tuple(sorted(d.name for d in files("ouhe.templates").iterdir() if (d / "study.yml").is_file()))


def demo(folder: Path, *, study: str = "innovation-productivity") -> Path:
    """Put a shipped study and its panel into `folder`; returns the study file.

    Raises
    ------
    OuheError
        Other files of these names stand there already.
    """
    source = files("ouhe.templates") / study
    content = _DATA_BLOCK.sub(_DEMO_DATA, (source / "study.yml").read_text("utf-8"))
    _place(folder, {"study.yml": content.encode(), "panel.csv": (source / "panel.csv").read_bytes()})
    return folder / "study.yml"


def new(folder: Path, *, template: str, lang: text.Lang) -> list[Path]:
    """Put a template's study file and its workbook to fill in into `folder`; returns the files.

    Parameters
    ----------
    folder
        The study's folder; made where it is not there.
    template
        One of :func:`templates`.
    lang
        Language of the workbook's instructions.

    Raises
    ------
    OuheError
        There is no such template, or other files of these names stand there already.
    """
    if template not in templates():
        near = did_you_mean(template, templates())
        raise OuheError.of("output.unknown_template", template=template, near=near, known=", ".join(templates()))
    content = (files("ouhe.templates") / template / "study.yml").read_text("utf-8")
    read = document.parse(content, file="study.yml")
    study, _ = validate(read)
    known = regions.load(study.regions.set)
    asked = form(read.data, path=WORKBOOK, regions=known.ids, years=study.years)
    return _place(folder, {"study.yml": content.encode(), WORKBOOK: render(asked, lang=lang)})


def _place(folder: Path, contents: dict[str, bytes]) -> list[Path]:
    """Write files that are not there yet; a file of the same name with other content stops everything."""
    taken = [n for n, c in contents.items() if (folder / n).exists() and (folder / n).read_bytes() != c]
    if taken:
        raise OuheError(*(Problem("output.taken", Place(file=str(folder / name))) for name in taken))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]
