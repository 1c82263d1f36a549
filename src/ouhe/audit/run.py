"""From a paper file to verdicts."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ouhe.audit.checks import CHECKS
from ouhe.audit.gather import gather
from ouhe.audit.load import load
from ouhe.audit.verdict import CERTAINTIES, Audited, Checked

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
    found = gather(read)
    outcomes = {name: check(found.published) for name, check in CHECKS.items()}
    verdicts = [v for outcome in outcomes.values() for v in outcome.verdicts]
    return Audited(
        read.paper.title,
        read.paper.citation,
        read.paper.language,
        tuple(sorted(verdicts, key=lambda v: CERTAINTIES.index(v.certainty))),
        {name: Checked(o.count, o.agreed) for name, o in outcomes.items() if o.count},
        {name: o.reasons for name, o in outcomes.items() if o.reasons},
        {Path(path).name: hashlib.sha256(Path(path).read_bytes()).hexdigest(), **found.sources},
    )
