"""A document as a plain value: what stands in it and in which order, nothing about how it looks.

Whatever a renderer needs is here as plain data in one language, numbered and labelled; texts are what a reader sees,
and no renderer may read them as markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ouhe import text

__all__ = [
    "Block",
    "Bullets",
    "Cell",
    "Cite",
    "Column",
    "Document",
    "Equation",
    "Figure",
    "Heading",
    "Inline",
    "Kind",
    "Paragraph",
    "Ref",
    "Reference",
    "References",
    "Said",
    "Symbol",
    "Table",
]


@dataclass(frozen=True)
class Ref:
    """Reference to a numbered block, shown as :attr:`Document.labels` has it: “Table 3”, “图 2”, “式（4）”."""

    anchor: str


@dataclass(frozen=True)
class Cite:
    """Citation of :class:`References`, by their keys; shown as ``[1]`` or ``[1, 3]``."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class Symbol:
    """Quantity in running text: letters in italics, what follows the first ``_`` as a subscript."""

    name: str


@dataclass(frozen=True)
class Said:
    """A sentence that a rule let be printed.

    Parameters
    ----------
    sentence
        The sentence, with its full stop.
    number
        Its number in the table of findings, from 1.
    rule
        When such a sentence is printed, in words, thresholds included.
    """

    sentence: str
    number: int
    rule: str


#: What a paragraph is made of; a string is plain text.
Inline = str | Ref | Cite | Symbol | Said


@dataclass(frozen=True)
class Heading:
    """Heading of a section.

    Parameters
    ----------
    level
        1 for a section, 2 and 3 for what it holds.
    text
        The heading without its number.
    anchor
        Id to refer to, ASCII letters, digits and ``-``, different for every block of a document.
    number
        Its number as shown: ``1``, ``2.1``, ``A``; "" where it has none.
    """

    level: int
    text: str
    anchor: str
    number: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Paragraph; sentences of findings follow one another without a break.

    Parameters
    ----------
    content
        Its pieces in order. Between two :class:`Said` of English text a renderer puts a space.
    kind
        ``body``; ``notice``, which must not be overlooked (the data are simulated); ``note``, in small type.
    """

    content: tuple[Inline, ...]
    kind: Literal["body", "notice", "note"] = "body"


@dataclass(frozen=True)
class Bullets:
    """List of short paragraphs."""

    items: tuple[tuple[Inline, ...], ...]
    numbered: bool = False


@dataclass(frozen=True)
class Equation:
    """Formula set off from the text, by its name in :mod:`ouhe.report.formulas`.

    Parameters
    ----------
    name
        Its name.
    anchor, number
        As in :class:`Heading`; every equation is numbered.
    """

    name: str
    anchor: str
    number: str = ""


#: How the cells of a column stand.
Kind = Literal["text", "wide", "number"]


@dataclass(frozen=True)
class Column:
    """Column of a table.

    Parameters
    ----------
    label
        Its head, plain text.
    kind
        ``number`` stands right, aligned at the decimal point; ``text`` stands left; ``wide`` is text that may break.
    above
        Head that spans this and the neighbouring columns with the same one; "" for none.
    """

    label: str
    kind: Kind = "text"
    above: str = ""


@dataclass(frozen=True)
class Cell:
    """Cell of a table: the value, by which tables are sorted, and what is shown of it (``0.176*``)."""

    value: float | int | str | None
    shown: str


@dataclass(frozen=True)
class Table:
    """Three-line table.

    Parameters
    ----------
    anchor, number
        As in :class:`Heading`.
    caption
        What it holds, without “Table 1”; stands above.
    columns, rows
        Heads and cells; every row has a cell for every column.
    notes
        Sentences under it.
    source
        Name of the table in ``tables/`` that its numbers stand in, "" where it has none of its own.
    ruled
        Rows, from 0, over which a thin rule stands, such as where another system begins.
    """

    anchor: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    source: str = ""
    number: str = ""
    ruled: tuple[int, ...] = ()


@dataclass(frozen=True)
class Figure:
    """Figure; its files are looked up by their name.

    Parameters
    ----------
    anchor, number
        As in :class:`Heading`.
    caption
        What it shows, without “Figure 1”; stands below.
    file
        Name of its files without their endings (``figures/FILE.svg`` …).
    notes
        Sentences under the caption.
    """

    anchor: str
    caption: str
    file: str
    notes: tuple[str, ...] = ()
    number: str = ""


@dataclass(frozen=True)
class Reference:
    """Entry of a list of references, as it is printed without its number."""

    key: str
    entry: str
    url: str = ""


@dataclass(frozen=True)
class References:
    """List of references, in the order of their numbers, from 1."""

    items: tuple[Reference, ...]


Block = Heading | Paragraph | Bullets | Equation | Table | Figure | References


@dataclass(frozen=True)
class Document:
    """A report.

    Parameters
    ----------
    title
        Its title.
    lang
        Language of everything in it.
    blocks
        What it holds, in order.
    notice
        What every page must say, such as that the data are simulated; "" for nothing.
    about
        Name → value for the properties of a file: ``author``, ``software``, ``subject``.
    """

    title: str
    lang: text.Lang
    blocks: tuple[Block, ...]
    notice: str = ""
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> Mapping[str, str]:
        """Anchor → how text refers to the block: ``Table 3``, ``图 2``, ``式（4）``, ``第 2.1 节``."""
        kinds = {Heading: "section", Table: "table", Figure: "figure", Equation: "equation"}
        return {
            b.anchor: text.t(f"report.ref_{_kind(b, kinds[type(b)])}", lang=self.lang, number=b.number)
            for b in self.blocks
            if isinstance(b, Heading | Table | Figure | Equation)
        }

    @property
    def cited(self) -> Mapping[str, int]:
        """Key → number of its reference."""
        items = (item for b in self.blocks if isinstance(b, References) for item in b.items)
        return {item.key: number for number, item in enumerate(items, start=1)}

    def pieces(self) -> Iterator[Inline]:
        """Every piece of running text, in order."""
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield from block.content
            elif isinstance(block, Bullets):
                for item in block.items:
                    yield from item


def _kind(block: Block, kind: str) -> str:
    """An appendix is called so where text refers to it."""
    return "appendix" if isinstance(block, Heading) and block.number[:1].isalpha() else kind
