"""How a study is to be cited: the software, the works behind its methods, the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from ouhe import text
from ouhe.report import methods, references
from ouhe.report.document import Block, Bullets, Cite, Paragraph, Reference
from ouhe.report.references import Work
from ouhe.report.wording import said
from ouhe.results.measured import Measured
from ouhe.results.study_results import StudyResults

__all__ = ["YEAR", "Citation", "citation"]

#: Year of this version of the software.
YEAR = 2026

#: Sources that the report lists; ``run.json`` and the table of sources have them all.
MOST = 12

#: Who is named as author of the software.
AUTHORS = "ouhe developers"


@dataclass(frozen=True)
class Citation:
    """How a study is to be cited, in one language.

    Parameters
    ----------
    lang
        The language.
    software
        Entry of a list of references for the software and its version.
    works
        Works behind the methods that this study used, in the order in which they are first cited.
    data
        Sources of the data: what the study says of them, else file names with their SHA-256.
    indicators
        Sources of the indicators, as the study names them, each once.
    simulated
        The data are simulated.
    """

    lang: text.Lang
    software: str
    works: tuple[Reference, ...]
    data: tuple[str, ...]
    indicators: tuple[str, ...]
    simulated: bool

    def record(self) -> dict[str, Any]:
        """The same as plain data, for ``run.json``."""
        works = [{"key": w.key, "entry": w.entry, **({"url": w.url} if w.url else {})} for w in self.works]
        return {
            "software": self.software,
            "methods": works,
            "data": list(self.data),
            "indicators": list(self.indicators),
            "simulated": self.simulated,
        }

    def blocks(self) -> tuple[Block, ...]:
        """What the report says of it, without a heading."""
        with text.use(self.lang):
            return tuple(self._blocks())

    def _blocks(self) -> Iterator[Block]:
        yield from _list("cite_software", [self.software])
        if self.works:
            # the text cannot know which works: its only citation stands for all of them
            every = Cite(tuple(w.key for w in self.works))
            pieces = said("report_methods.cite_works")
            yield Paragraph(tuple(every if isinstance(p, Cite) else p for p in pieces))
        if self.simulated:
            yield Paragraph(said("report_methods.cite_simulated"))
        more = len(self.data) - MOST
        told = (*self.data[:MOST], text.t("report_methods.cite_more", more=more)) if more > 0 else self.data
        yield from _list("cite_data", told)
        yield from _list("cite_sources", self.indicators)


def citation(results: Measured, lang: text.Lang) -> Citation:
    """How a study is to be cited.

    Parameters
    ----------
    results
        Results of the study, in any language.
    lang
        Language of the entries.
    """
    with text.use(lang):
        told = methods.steps(results.told_in(lang))
        keys = references.cited(block for blocks in told.values() for block in blocks)
        version = results.versions.get("ouhe", "")
        title = text.t("report_methods.cite_software_title")
        work = Work("software", "en", (AUTHORS,), YEAR, title, version=version, bodies=True)
        return Citation(
            lang=lang,
            software=work.written(lang),
            works=references.listed(keys, lang).items,
            data=tuple(_data(results)),
            indicators=tuple(dict.fromkeys(_indicator_sources(results.settings["systems"]))),
            simulated=results.simulated,
        )


def _list(key: str, items: Sequence[str]) -> Iterator[Block]:
    """A line and what it leads to; nothing where there is nothing to list."""
    if items:
        yield Paragraph(said(f"report_methods.{key}"))
        yield Bullets(tuple((item,) for item in items))


def _data(results: Measured) -> Iterable[str]:
    """Source texts and files of the data, in the order of the study, then whatever else was read; each once."""
    read = results.data.sources if isinstance(results, StudyResults) else results.grid.sources  # type: ignore[attr-defined]
    files = {s.file: s.sha256 for s in read}
    left = dict(files)
    found: list[str] = []
    for asked in results.settings["data"]:
        own = [f for f in files if any(_matches(f, pattern) for pattern in asked["path"])]
        cited = asked.get("cite") or ""
        found += [cited] if cited else [_file(f, files[f]) for f in own]
        for f in own:
            left.pop(f, None)
    return dict.fromkeys([*found, *(_file(f, digest) for f, digest in left.items())])


def _file(name: str, digest: str | None) -> str:
    """A file with its digest; one too large for that by its name."""
    if not digest:
        return name
    return text.t("report_methods.cite_file", file=name, sha256=digest)


def _matches(file: str, pattern: str) -> bool:
    """Whether a file is one of those that a path of the study stands for."""
    there, wanted = (PurePosixPath(p.replace("\\", "/")).parts for p in (file, pattern))
    return there == wanted or _leads_to(there, wanted)


def _leads_to(there: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether parts of a path fit those of a pattern: ``*`` stays in its folder, ``**`` is any folders."""
    if not wanted:
        return not there
    first, rest = wanted[0], wanted[1:]
    if first == "**":
        return any(_leads_to(there[skipped:], rest) for skipped in range(len(there) + 1))
    return bool(there) and fnmatchcase(there[0], first) and _leads_to(there[1:], rest)


def _indicator_sources(branch: Mapping[str, Any]) -> Iterator[str]:
    """Sources of all indicators below a node of the tree."""
    for child in branch.values():
        if "direction" in child and not isinstance(child["direction"], Mapping):
            if child.get("source"):
                yield str(child["source"])
        else:
            yield from _indicator_sources(child)
