"""New study folders: the shipped demonstrations, and templates with a workbook to fill in."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path

from ouhe import regions, text
from ouhe.errors import OuheError, Place, Problem, did_you_mean
from ouhe.study import document
from ouhe.study.load import validate
from ouhe.study.schema import Study
from ouhe.templates import DEFAULT, shipped
from ouhe.templates.form import Entry, Outline, form
from ouhe.templates.workbook import render

__all__ = ["demo", "new"]

#: Name of the workbook to fill in, as the templates write it.
WORKBOOK = "data.xlsx"

_DATA_BLOCK = re.compile(r"^# >>> data\n.*?^# <<< data\n", re.MULTILINE | re.DOTALL)
_DEMO_DATA = "data:\n  - {path: panel.csv, layout: long}\n"


def demo(folder: Path, *, study: str = DEFAULT, lang: text.Lang | None = None) -> Path:
    """Put a shipped study and its panel into `folder`; returns the study file.

    Parameters
    ----------
    folder
        The study's folder; made where it is not there.
    study
        One of :func:`ouhe.templates.shipped`.
    lang
        Language of the study, and so of its outputs; the current one when left out.

    Raises
    ------
    OuheError
        There is no such study, or other files of these names stand there already.
    """
    lang = lang or text.current()
    edition = _edition(study, lang)
    content = _DATA_BLOCK.sub(_demo_data(study, lang), edition)
    panel = (files("ouhe.templates") / study / "panel.csv").read_bytes()
    option = "" if study == DEFAULT else f" --study {study}"
    _place(folder, {"study.yml": content.encode(), "panel.csv": panel}, taken="templates.demo_taken", option=option)
    return folder / "study.yml"


def new(folder: Path, *, template: str, lang: text.Lang) -> list[Path]:
    """Put a template's study file and its workbook to fill in into `folder`; returns the files.

    Parameters
    ----------
    folder
        The study's folder; made where it is not there.
    template
        One of :func:`ouhe.templates.shipped`.
    lang
        Language of the study and of the workbook.

    Raises
    ------
    OuheError
        There is no such template, or other files of these names stand there already.
    """
    content = _edition(template, lang)
    study, _ = validate(document.parse(content, file="study.yml"))
    workbook = render(form(_outline(study, lang)))
    return _place(folder, {"study.yml": content.encode(), WORKBOOK: workbook}, taken="output.taken")


def _demo_data(study: str, lang: text.Lang) -> str:
    """What stands in a study in the place of its own data: the panel that ships, and whether it is simulated."""
    about = tomllib.loads((files("ouhe.templates") / study / "about.toml").read_text("utf-8"))
    notice = f"simulated: true  # {text.t('labels.simulated', lang=lang)}\n" if about["simulated"] else ""
    return notice + _DEMO_DATA


def _edition(template: str, lang: text.Lang) -> str:
    """Text of a template's study file in one language.

    Raises
    ------
    OuheError
        There is no such template.
    """
    if template not in shipped():
        near = did_you_mean(template, shipped())
        raise OuheError.of("output.unknown_template", template=template, near=near, known=", ".join(shipped()))
    name = "study.yml" if lang == "zh" else f"study.{lang}.yml"
    return (files("ouhe.templates") / template / name).read_text("utf-8")


def _outline(study: Study, lang: text.Lang) -> Outline:
    """What the workbook is made from."""
    known = regions.load(study.regions.set)
    return Outline(
        title=study.title,
        lang=lang,
        regions=tuple(known.label(r, lang) for r in known.ids),
        years=study.years,
        entries=tuple(
            Entry(
                sheet=entry.sheet or "",
                region=entry.region or "",
                year=entry.year or "",
                columns=None if entry.columns is None else {series: h[0] for series, h in entry.columns.items()},
            )
            for entry in study.data
            if WORKBOOK in entry.path
        ),
        indicators=study.indicators,
        expressions={series: derivation.expression for series, derivation in study.derive.items()},
    )


def _place(folder: Path, contents: dict[str, bytes], *, taken: str, **said: str) -> list[Path]:
    """Write files that are not there yet; a file of the same name with other content stops everything."""
    standing = [n for n, c in contents.items() if (folder / n).exists() and (folder / n).read_bytes() != c]
    if standing:
        raise OuheError(*(Problem(taken, Place(file=str(folder / name)), said) for name in standing))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]
