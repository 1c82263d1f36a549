"""From a paper file to verdicts."""

from __future__ import annotations

from pathlib import Path

from ouhe.audit.load import load
from ouhe.audit.verdict import Audited

__all__ = ["run"]


def run(path: str | Path) -> Audited:
    """Check what a paper prints.

    Parameters
    ----------
    path
        The paper file; tables stand in it, or in files beside it.

    Returns
    -------
    Audited
        Verdicts, what was checked and agreed, and what could not be checked and why.

    Raises
    ------
    StudyError, DataError
        The paper file or a table cannot be read; all problems at once, with their places.
    """
    read = load(path)
    return Audited(read.paper.title, read.paper.citation, read.paper.language)
