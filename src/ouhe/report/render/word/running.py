"""Running text of a Word file: numbers that Word counts itself, references to them, citations, symbols."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from ouhe import text
from ouhe.report.document import Cite, Document, Equation, Figure, Heading, Inline, Ref, Said, Symbol, Table
from ouhe.report.render.word import markup
from ouhe.report.render.word.markup import Xml, join, run, w, xml

__all__ = ["Numbered", "Writer"]

#: Blocks that have a number.
Numbered = Heading | Table | Figure | Equation

#: Most letters of a bookmark's name.
LONGEST_NAME = 40


@dataclass
class Writer:
    """What the parts of one file share: its document, names of bookmarks, and what has been counted so far.

    Parameters
    ----------
    document
        What is written.
    styles
        Our id of every style → its id in the file.
    linked
        Address → id of the relationship that a link to it needs.
    """

    document: Document
    styles: dict[str, str]
    linked: Callable[[str], str]
    _marks: int = 0
    _drawn: int = 0
    _counted: dict[str, int] = field(default_factory=dict)

    @cached_property
    def labels(self) -> dict[str, str]:
        """Anchor → how text refers to the block."""
        return dict(self.document.labels)

    @cached_property
    def cited(self) -> dict[str, int]:
        """Key → number of its reference."""
        return dict(self.document.cited)

    @cached_property
    def names(self) -> dict[str, str]:
        """Anchor → name of its bookmark, which only has letters, digits and ``_`` and is short."""
        out: dict[str, str] = {}
        for anchor in self.labels:
            name = "_Ref_" + _ascii(anchor)
            if len(name) > LONGEST_NAME or name in out.values():
                name = f"{name[: LONGEST_NAME - 6]}_{len(out)}"
            out[anchor] = name
        return out

    @cached_property
    def numbered(self) -> dict[str, Numbered]:
        """Anchor → its block."""
        return {b.anchor: b for b in self.document.blocks if isinstance(b, Numbered)}

    @property
    def chinese(self) -> bool:
        """Whether the document is in Chinese."""
        return self.document.lang == "zh"

    def said(self, key: str, **params: object) -> str:
        """Text of the catalogue in the language of the document."""
        return text.t(f"word.{key}", lang=self.document.lang, **params)

    def paragraph(self, style: str, *content: Xml, properties: tuple[Xml, ...] = ()) -> Xml:
        """Paragraph of one of our styles."""
        return markup.paragraph(self.styles.get(style, style), *content, properties=properties)

    def plain(self, said: str, *properties: Xml) -> Xml:
        """Plain text in the language of the document."""
        return run(said, *properties, chinese=self.chinese)

    def next_drawing(self) -> int:
        """Number of the next drawing, from 1."""
        self._drawn += 1
        return self._drawn

    def marked(self, name: str, *content: Xml) -> Xml:
        """Content under a bookmark."""
        self._marks += 1
        start = w("bookmarkStart", id=self._marks, name=name)
        return join(start, *content, w("bookmarkEnd", id=self._marks))

    def counted(self, kind: str, number: str, *properties: Xml) -> Xml:
        """Number that Word counts: a field with the number the document has; what stands before its digits is text.

        A number out of its order is set anew, so that renewing the fields changes none.
        """
        before, digits = _split(number)
        if not digits:
            return run(number, *properties)
        series = f"{kind}_{_ascii(before)}" if before else kind
        anew = "" if int(digits) == self._counted.get(series, 0) + 1 else rf" \r {int(digits)}"
        self._counted[series] = int(digits)
        code = rf"SEQ {series} \* ARABIC{anew}"
        return join(run(before, *properties), markup.field(code, run(digits, *properties), *properties))

    def label(self, block: Table | Figure, kind: str) -> Xml:
        """Label of a table or figure under its bookmark, in bold: “Table 3”."""
        before, number, after = _parted(self.labels[block.anchor], block.number)
        bold = (w("b"), w("bCs")) if not self.chinese else ()
        content = (self.plain(before, *bold), self.counted(kind, number, *bold), self.plain(after, *bold))
        return self.marked(self.names[block.anchor], *content)

    def pieces(self, content: Iterable[Inline]) -> Xml:
        """Running text."""
        out: list[Xml] = []
        before: Inline = ""
        for piece in content:
            if isinstance(before, Said) and isinstance(piece, Said) and not self.chinese:
                out.append(run(" "))
            out.append(self._piece(piece))
            before = piece
        return join(*out)

    def _piece(self, piece: Inline) -> Xml:
        if isinstance(piece, str):
            return self.plain(piece)
        if isinstance(piece, Said):
            return self.plain(piece.sentence)
        if isinstance(piece, Ref):
            return self._reference(piece.anchor)
        if isinstance(piece, Cite):
            return self._citation(piece.keys)
        return symbol(piece)

    def _reference(self, anchor: str) -> Xml:
        """Reference to a block; that to a table or figure takes the whole label, others the number alone."""
        label, block, name = self.labels[anchor], self.numbered[anchor], self.names[anchor]
        code = rf"REF {name} \h \* MERGEFORMAT"
        if isinstance(block, Table | Figure) and block.number:
            return markup.field(code, self.plain(label))
        before, shown, after = _parted(label, block.number)
        link = markup.field(code, self.plain(shown)) if shown else Xml("")
        return join(self.plain(before), link, self.plain(after))

    def _citation(self, keys: tuple[str, ...]) -> Xml:
        """Numbers in brackets, each a link to its reference."""
        numbers = sorted(self.cited[k] for k in keys)
        links = [xml("w:hyperlink", {"w:anchor": f"_Cite_{n}", "w:history": 1}, run(str(n))) for n in numbers]
        between = [join(run(", "), link) for link in links[1:]]
        return join(run("["), *links[:1], *between, run("]"))

    def link(self, url: str) -> Xml:
        """Address as a link, where it is one of the web; else plain text."""
        if not re.match(r"https?://[^\s]+$", url):
            return self.plain(url)
        shown = run(url, w("color", val="1F4E79"))
        return xml("w:hyperlink", {"r:id": self.linked(url), "w:history": 1}, shown)


def symbol(piece: Symbol) -> Xml:
    """Quantity: letters in italics, digits upright, what follows the first ``_`` as a subscript."""
    letters, _, below = piece.name.partition("_")
    return join(*_upright_digits(letters), *_upright_digits(below, w("vertAlign", val="subscript")))


def _upright_digits(said: str, *properties: Xml) -> Iterable[Xml]:
    for part in re.findall(r"[^\W\d_]+|[\W\d_]+", said):
        yield run(part, *((w("i"), w("iCs")) if part[0].isalpha() else ()), *properties)


def _ascii(said: str) -> str:
    """What a bookmark or the name of a series may hold."""
    return re.sub(r"\W", "_", said, flags=re.ASCII)


def _split(number: str) -> tuple[str, str]:
    """What stands before the last digits of a number, and these; ("", "") where it does not end in digits."""
    found = re.fullmatch(r"(.*?)([1-9][0-9]{0,8})", number, flags=re.DOTALL)
    return (found[1], found[2]) if found else ("", "")


def _parted(label: str, number: str) -> tuple[str, str, str]:
    """A label before, at and after its number."""
    return label.rpartition(number) if number else (label, "", "")
