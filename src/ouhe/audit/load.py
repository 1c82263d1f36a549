"""From the text of a paper file to its structure: all that is wrong in it, with line, column and the nearest name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ouhe import text
from ouhe.audit.paper import PaperFile
from ouhe.errors import Place, StudyError
from ouhe.study import complaints, document
from ouhe.study.document import Document

__all__ = ["Loaded", "load"]


@dataclass(frozen=True)
class Loaded:
    """A paper file and where it came from.

    Parameters
    ----------
    paper
        What stands in it.
    folder
        Folder its paths start from.
    document
        The file's text with the place of every key.
    lang
        Language in which what the paper file does not name itself is named.
    """

    paper: PaperFile
    folder: Path
    document: Document
    lang: text.Lang


def load(path: str | Path, *, lang: text.Lang | None = None) -> Loaded:
    """Paper file at `path`, to be told of in `lang`, or in its own language.

    Raises
    ------
    StudyError
        There is no such file, it is no YAML, or its structure is wrong; all problems are told.
    """
    path = Path(path)
    if not path.exists():
        raise StudyError.of("audit.no_file", Place(file=str(path)))
    read = document.load(path, numbers_as_written=True)
    try:
        paper = PaperFile.model_validate(dict(read.data))
    except ValidationError as error:
        details = error.errors(include_url=False)
        told = [p for detail in details for p in complaints.problems(detail, read, root=PaperFile)]
        raise StudyError(*told) from None
    return Loaded(paper, path.parent, read, lang or paper.language)
