"""Works that the report cites, and how an entry of its list of references is written.

A report in Chinese follows GB/T 7714—2015, a report in English a plain numeric style. Both name up to three authors.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ouhe import text
from ouhe.report.document import Block, Bullets, Cite, Inline, Paragraph, Reference, References

__all__ = ["Work", "cited", "entry", "listed", "works"]

Kind = Literal["article", "book", "chapter", "software", "dataset"]

#: Authors that are named before “et al.”.
MOST_AUTHORS = 3

#: Letters by which GB/T 7714 tells kinds apart; a chapter has that of its book.
_SIGN: dict[Kind, str] = {"article": "J", "book": "M", "chapter": "M", "software": "CP/OL", "dataset": "DS/OL"}


@dataclass(frozen=True)
class Work:
    """Something that can be cited.

    Parameters
    ----------
    kind
        ``article``, ``book``, ``chapter``, ``software`` or ``dataset``.
    lang
        Language it is written in, which its “et al.” is in.
    authors
        ``Surname, A. B.``, or names as they are where `bodies` says so or where they are Chinese.
    year
        Year.
    title
        Title.
    container
        Journal, or book of a chapter.
    volume, issue, pages
        Where in the container; an article without pages has its number there.
    place, publisher
        Of a book.
    editors
        Of the book of a chapter, as `authors`.
    version
        Of software or data.
    doi
        Without ``https://doi.org/``.
    bodies
        The authors are institutions.
    """

    kind: Kind
    lang: text.Lang
    authors: tuple[str, ...]
    year: int
    title: str
    container: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    place: str = ""
    publisher: str = ""
    editors: tuple[str, ...] = ()
    version: str = ""
    doi: str = ""
    bodies: bool = False

    @property
    def url(self) -> str:
        """Address that finds it, "" where it has no DOI."""
        return f"https://doi.org/{self.doi}" if self.doi else ""

    def written(self, lang: text.Lang) -> str:
        """Entry of a list of references in `lang`.

        Examples
        --------
        >>> work = Work("book", "en", ("Cliff, A. D.", "Ord, J. K."), 1981, "Spatial Processes", publisher="Pion")
        >>> print(work.written("en"))
        A. D. Cliff and J. K. Ord. Spatial Processes. Pion, 1981.
        >>> print(work.written("zh"))
        CLIFF A D, ORD J K. Spatial Processes[M]. Pion, 1981.
        """
        return _standard(self) if lang == "zh" else _plain(self)


@cache
def works(lang: text.Lang = "zh") -> dict[str, Work]:
    """Every work by its key.

    Parameters
    ----------
    lang
        Language of the reader; ``en`` gives the English names of Chinese works, where there are such.
    """
    told = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    found = {}
    for key, fields in told.items():
        translated = fields.pop("en", {})
        found[key] = _work(fields | translated if lang == "en" else fields)
    return found


def entry(key: str, lang: text.Lang) -> Reference:
    """Entry of a list of references.

    Parameters
    ----------
    key
        Key of the work.
    lang
        Language of the report.

    Raises
    ------
    KeyError
        There is no such work: a defect of the program.

    Examples
    --------
    >>> entry("moran1950", "zh").entry
    'MORAN P A P. Notes on continuous stochastic phenomena[J]. Biometrika, 1950, 37(1/2): 17-23.'
    >>> entry("moran1950", "en").url
    'https://doi.org/10.1093/biomet/37.1-2.17'
    """
    work = works(lang)[key]
    return Reference(key, work.written(lang), work.url)


def cited(blocks: Iterable[Block]) -> tuple[str, ...]:
    """Keys that blocks cite, in the order in which they are first cited.

    Examples
    --------
    >>> cited([Paragraph((Cite(("b", "a")), "and", Cite(("a", "c"))))])
    ('b', 'a', 'c')
    """
    pieces = (piece for block in blocks for piece in _pieces(block))
    return tuple(dict.fromkeys(k for piece in pieces if isinstance(piece, Cite) for k in piece.keys))


def listed(keys: Sequence[str], lang: text.Lang) -> References:
    """List of references in the order of `keys`."""
    return References(tuple(entry(key, lang) for key in keys))


def _pieces(block: Block) -> Iterable[Inline]:
    """Running text of a block."""
    if isinstance(block, Paragraph):
        return block.content
    return (piece for item in block.items for piece in item) if isinstance(block, Bullets) else ()


def _work(fields: dict[str, Any]) -> Work:
    """A work from its table."""
    told: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
    return Work(**told)


def _standard(work: Work) -> str:
    """Write an entry after GB/T 7714—2015, with half-width punctuation and hyphens in ranges."""
    sign = f"[{_SIGN[work.kind]}]"
    titled = f"{work.title}: {work.version}" if work.version else work.title
    # "et al." comes with its full stop
    out = f"{_capitals(work.authors, lang=work.lang, bodies=work.bodies).removesuffix('.')}. {titled}{sign}"
    if work.kind == "article":
        held = f"{work.container}, {work.year}"
        if work.volume:
            held += f", {work.volume}"
        held += f"({work.issue})" if work.issue else ""
        out += f". {held}"
    elif work.kind == "chapter":
        of = f"{_capitals(work.editors, lang=work.lang).removesuffix('.')}. " if work.editors else ""
        out += f"//{of}{work.container}. {_published(work)}"
    else:
        out += f". {_published(work)}"
    if work.pages:
        out += ": " + work.pages.replace("–", "-")
    return out + "."


def _plain(work: Work) -> str:
    """Write an entry for readers of English."""
    with text.use("en"):
        titled = text.t("references.version", title=work.title, version=work.version) if work.version else work.title
        parts = [titled]
        if work.kind == "article":
            volume = f"{work.volume}({work.issue})" if work.issue else work.volume
            number = volume if work.volume else text.t("references.number", issue=work.issue) if work.issue else ""
            parts.append(f"{work.container}, {number}" if number else work.container)
            parts[-1] += f": {work.pages}, {work.year}" if work.pages else f", {work.year}"
        else:
            if work.kind == "chapter":
                parts.append(_held(work))
            parts.append(_published(work) + (f": {work.pages}" if work.pages else ""))
        # an author's initial or "et al." ends with the full stop that the names need
        told = f"{_in_order(work.authors, bodies=work.bodies).removesuffix('.')}. {'. '.join(parts)}."
        return text.t("references.in_chinese", entry=told) if work.lang == "zh" else told


def _held(work: Work) -> str:
    """Book of a chapter."""
    if not work.editors:
        return text.t("references.in_book", book=work.container)
    key = "references.in_edited" if len(work.editors) > 1 else "references.in_edited_by_one"
    return text.t(key, editors=_in_order(work.editors), book=work.container)


def _published(work: Work) -> str:
    """Place, publisher and year."""
    house = ": ".join(part for part in (work.place, work.publisher) if part)
    return f"{house}, {work.year}" if house else str(work.year)


def _capitals(names: Sequence[str], *, lang: text.Lang, bodies: bool = False) -> str:
    """Names as GB/T 7714 has them: ``CLIFF A D, ORD J K``; Chinese ones as they are."""
    shown = list(names[:MOST_AUTHORS])
    if not bodies:
        parts = [name.partition(", ") for name in shown]
        shown = [f"{family.upper()} {_initials(given)}" if given else family for family, _, given in parts]
    if len(names) > MOST_AUTHORS:
        shown.append(text.t("references.others", lang=lang))
    return ", ".join(shown)


def _initials(given: str) -> str:
    """``C.-L.`` → ``C L``."""
    return " ".join(given.replace("-", " ").replace(".", " ").split())


def _in_order(names: Sequence[str], *, bodies: bool = False) -> str:
    """Names in English: ``A. D. Cliff and J. K. Ord``."""
    shown = list(names[:MOST_AUTHORS])
    if not bodies:
        parts = [name.partition(", ") for name in shown]
        shown = [f"{given} {family}" if given else family for family, _, given in parts]
    if len(names) > MOST_AUTHORS:
        return f"{', '.join(shown)} {text.t('references.others')}"
    return text.enumerated(shown)
