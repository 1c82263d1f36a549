"""From a study file to a study: all that is wrong in its structure, with line, column and the nearest known name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from ouhe.errors import Problem, StudyError
from ouhe.study import complaints, document
from ouhe.study.document import Document
from ouhe.study.schema import LONG_FORMS, Study

__all__ = ["StudyFile", "load", "validate"]


@dataclass(frozen=True)
class StudyFile:
    """A study and where it came from.

    Parameters
    ----------
    study
        The study.
    folder
        Folder its paths start from.
    document
        The file's text with the place of every key.
    path
        The study file, None for a study made in a program.
    settings
        Settings laid over the file (``--set``).
    problems
        Problems in parts of the study that the data do not need to be read; the study then holds defaults there.
    """

    study: Study
    folder: Path
    document: Document = field(default_factory=lambda: Document({}))
    path: Path | None = None
    settings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def load(path: str | Path, *, settings: Sequence[str] = ()) -> StudyFile:
    """Study from the file at `path`.

    Parameters
    ----------
    path
        The study file.
    settings
        ``key.path=value`` settings that are laid over the file.

    Returns
    -------
    StudyFile
        The study. Problems in parts that have a default do not stop the reading, so that the data's problems can be
        told with them; they stand in `problems`.

    Raises
    ------
    StudyError
        The file cannot be read, or parts without a default are wrong.
    """
    path = Path(path)
    read = document.override(document.load(path), settings, opened=LONG_FORMS)
    study, problems = validate(read)
    return StudyFile(study, path.parent, read, path, tuple(settings), problems)


def validate(read: Document) -> tuple[Study, tuple[Problem, ...]]:
    """Study from plain data, and the problems of those parts that were replaced by their defaults."""
    try:
        return Study.model_validate(dict(read.data)), ()
    except ValidationError as error:
        details = error.errors(include_url=False)
        deeper = {d["loc"][:n] for d in details for n in range(len(d["loc"]))}
        told = [d for d in details if d["type"] != "too_short" or d["loc"] not in deeper]
        problems = tuple(p for detail in told for p in complaints.problems(detail, read, root=Study))
        wrong = {d["loc"][0] for d in details if d["loc"]}
        if not wrong or any(k in Study.model_fields and Study.model_fields[str(k)].is_required() for k in wrong):
            raise StudyError(*problems) from None
    try:
        return Study.model_validate({k: v for k, v in read.data.items() if k not in wrong}), problems
    except ValidationError:
        raise StudyError(*problems) from None
