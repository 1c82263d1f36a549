"""New study folders: the shipped demonstration, and templates with a workbook to fill in."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from ouhe import regions, text
from ouhe.errors import OuheError, Place, Problem, did_you_mean
from ouhe.study import document
from ouhe.study.load import validate
from ouhe.study.schema import Study
from ouhe.templates.form import Entry, Outline, form
from ouhe.templates.workbook import render

__all__ = ["demo", "new", "templates"]

#: Name of the workbook to fill in, as the templates write it.
WORKBOOK = "data.xlsx"

_DATA_BLOCK = re.compile(r"^# >>> data\n.*?^# <<< data\n", re.MULTILINE | re.DOTALL)
_DEMO_DATA = "simulated: true  # {notice}\ndata:\n  - {{path: panel.csv, layout: long}}\n"


def templates() -> tuple[str, ...]:
    """Names of the studies that ship."""
    return tuple(sorted(d.name for d in files("ouhe.templates").iterdir() if (d / "study.yml").is_file()))


def demo(folder: Path, *, study: str = "innovation-productivity", lang: text.Lang | None = None) -> Path:
    """Put a shipped study and its panel into `folder`; returns the study file.

    Parameters
    ----------
    folder
        The study's folder; made where it is not there.
    study
        One of :func:`templates`.
    lang
        Language of the study, and so of its outputs; the current one when left out.

    Raises
    ------
    OuheError
        Other files of these names stand there already.
    """
    lang = lang or text.current()
    notice = text.t("labels.simulated", lang=lang)
    content = _DATA_BLOCK.sub(_DEMO_DATA.format(notice=notice), _edition(study, lang))
    panel = (files("ouhe.templates") / study / "panel.csv").read_bytes()
    _place(folder, {"study.yml": content.encode(), "panel.csv": panel}, taken="templates.demo_taken")
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
        Language of the study and of the workbook.

    Raises
    ------
    OuheError
        There is no such template, or other files of these names stand there already.
    """
    if template not in templates():
        near = did_you_mean(template, templates())
        raise OuheError.of("output.unknown_template", template=template, near=near, known=", ".join(templates()))
    content = _edition(template, lang)
    study, _ = validate(document.parse(content, file="study.yml"))
    workbook = render(form(_outline(study, lang)))
    return _place(folder, {"study.yml": content.encode(), WORKBOOK: workbook}, taken="output.taken")


def _edition(template: str, lang: text.Lang) -> str:
    """Text of a template's study file in one language."""
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


def _place(folder: Path, contents: dict[str, bytes], *, taken: str) -> list[Path]:
    """Write files that are not there yet; a file of the same name with other content stops everything."""
    standing = [n for n, c in contents.items() if (folder / n).exists() and (folder / n).read_bytes() != c]
    if standing:
        raise OuheError(*(Problem(taken, Place(file=str(folder / name))) for name in standing))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]
