"""From a paper file to the folder that tells what its numbers say of one another."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pandas as pd

from ouhe import __version__, audit, text
from ouhe.audit import Audited
from ouhe.audit.report import document, numbered
from ouhe.errors import OptionError, OuheError, Place, Problem, did_you_mean, listed
from ouhe.output import tables
from ouhe.output.folder import replaced
from ouhe.output.reporting import FORMATS
from ouhe.output.written import RECORD, as_json, digests, put
from ouhe.study.formats import AUDITS, ReportFormat

__all__ = ["example", "write_audit"]


def write_audit(
    paper: str | Path,
    folder: str | Path | None = None,
    *,
    lang: text.Lang | None = None,
    formats: Sequence[ReportFormat] = ("html", "docx"),
) -> tuple[Audited, Path]:
    """Check what a paper prints, and write what was found into a folder.

    Parameters
    ----------
    paper
        The paper file.
    folder
        Where the output goes; ``NAME-audit`` beside the paper file when left out. An earlier output there is replaced,
        and stays whole until the new one is; files of it that were changed since are kept, and a warning tells them.
    lang
        Language of the report; that of the paper file when left out.
    formats
        Formats of the report, of :data:`ouhe.study.formats.AUDITS`.

    Returns
    -------
    Audited
        What was found.
    pathlib.Path
        The folder.

    Raises
    ------
    OuheError
        The paper file or a table is wrong, a format is not known, or the folder cannot be written; nothing is then
        written.
    """
    unknown = [f for f in formats if f not in AUDITS]
    if unknown:
        near = did_you_mean(unknown[0], AUDITS)
        raise OptionError.of("output.report_format", format=unknown[0], near=near, known=listed(AUDITS))
    started, clock = datetime.now(UTC), time.perf_counter()
    path = Path(paper)
    found = audit.run(path, lang=lang)
    seconds = time.perf_counter() - clock
    target = Path(folder) if folder is not None else path.with_name(f"{path.stem}-audit")
    language = lang or found.lang
    with replaced(target) as new, text.use(language):
        made = document(found, version=__version__, lang=language)
        for name in dict.fromkeys(formats):
            put(FORMATS[name].make(made, {}, None), new / f"audit.{FORMATS[name].ending}")
        tables.write_csv({"verdicts": _verdicts(found), "checks": _checks(found)}, new / "tables")
        told = _record(found) | {
            "language": language,
            "paper_file": _relative(path, target),
            "started": started.isoformat(timespec="seconds"),
            "seconds": {"audit": round(seconds, 3), "write": round(time.perf_counter() - clock - seconds, 3)},
            "files": digests(new),
            "kept": [],
        }
        put(as_json(told), new / RECORD)
    return found, target


def example(folder: Path, *, lang: text.Lang | None = None) -> Path:
    """Put the paper that ships as an example into `folder`; returns its paper file.

    Parameters
    ----------
    folder
        The paper's folder; made where it is not there.
    lang
        Language of the paper file; the current one when left out.

    Raises
    ------
    OuheError
        Other files of these names stand there already.
    """
    shipped = files("ouhe.audit") / "examples" / "seed-paper"
    own = f"paper.{lang or text.current()}.yml"
    standing = {entry.name: entry.read_bytes() for entry in shipped.iterdir() if entry.is_file()}
    editions = {name: standing.pop(name) for name in sorted(standing) if name.startswith("paper.")}
    standing["paper.yml"] = editions.get(own, editions["paper.yml"])
    taken = [n for n, content in standing.items() if (folder / n).exists() and (folder / n).read_bytes() != content]
    if taken:
        raise OuheError(*(Problem("output.taken", Place(file=str(folder / name))) for name in sorted(taken)))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in standing.items():
        (folder / name).write_bytes(content)
    return folder / "paper.yml"


def _verdicts(found: Audited) -> pd.DataFrame:
    """A row a finding."""
    rows = [
        {
            "number": number,
            "certainty": v.certainty,
            "check": v.check,
            "about": text.t("labels.comma").join(v.about),
            "place": text.t("labels.comma").join(v.places()),
            "finding": v.sentence(),
            "arithmetic": "\n".join(v.arithmetic),
        }
        for number, v in numbered(found)
    ]
    return pd.DataFrame(rows, columns=["number", "certainty", "check", "about", "place", "finding", "arithmetic"])


def _checks(found: Audited) -> pd.DataFrame:
    """A row a check: how much was checked and agreed, and why nothing was."""
    reasons = {name: "\n".join(p.message() for p in problems) for name, problems in found.not_checked.items()}
    rows = [
        {
            "check": name,
            "name": text.t(f"audit_checks.{name.replace('-', '_')}"),
            "checked": found.checked[name].count if name in found.checked else 0,
            "agreed": found.checked[name].agreed if name in found.checked else 0,
            "not_checked": reasons.get(name, ""),
        }
        for name in dict.fromkeys([*found.checked, *reasons, *(v.check for v in found.verdicts)])
    ]
    return pd.DataFrame(rows, columns=["check", "name", "checked", "agreed", "not_checked"])


def _record(found: Audited) -> dict[str, object]:
    """What was checked, as plain data."""
    return {
        "kind": "audit",
        "versions": {"ouhe": __version__},
        "title": found.title,
        "citation": found.citation,
        "sources": dict(found.sources),
        "found": {certainty: len(found.of(certainty)) for certainty in audit.CERTAINTIES},
        "checked": {name: asdict(done) for name, done in found.checked.items()},
        "not_checked": {name: [p.record() for p in problems] for name, problems in found.not_checked.items()},
    }


def _relative(path: Path, target: Path) -> str:
    """Path of the paper file from the folder; "" where there is none."""
    with suppress(ValueError):  # on another drive
        return Path(os.path.relpath(path, target)).as_posix()
    return ""
