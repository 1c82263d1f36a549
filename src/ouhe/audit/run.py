"""From a paper file to verdicts."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ouhe import text
from ouhe.audit.checks import CHECKS
from ouhe.audit.gather import gather
from ouhe.audit.load import load
from ouhe.audit.verdict import CERTAINTIES, Audited, Checked

__all__ = ["run"]


def run(path: str | Path, *, lang: text.Lang | None = None) -> Audited:
    """Check what a paper prints.

    Parameters
    ----------
    path
        The paper file; tables stand in it, or in files beside it.
    lang
        Language in which groups, classes and spatial weights are named that the paper file does not name itself; the
        paper's when left out.

    Returns
    -------
    Audited
        Verdicts, what was checked and agreed, and what could not be checked and why.

    Raises
    ------
    StudyError, DataError
        The paper file or a table cannot be read; all problems at once, with their places.
    """
    read = load(path, lang=lang)
    found = gather(read)
    outcomes = {name: check(found.published) for name, check in CHECKS.items()}
    verdicts = [v for outcome in outcomes.values() for v in outcome.verdicts]
    return Audited(
        read.paper.title,
        read.paper.citation,
        read.lang,
        tuple(sorted(verdicts, key=lambda v: CERTAINTIES.index(v.certainty))),
        {name: Checked(o.count, o.agreed) for name, o in outcomes.items() if o.count},
        {name: o.reasons for name, o in outcomes.items() if o.reasons},
        {Path(path).name: hashlib.sha256(Path(path).read_bytes()).hexdigest(), **found.sources},
    )
