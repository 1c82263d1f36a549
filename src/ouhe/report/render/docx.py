"""A document as a Word file to go on writing in: native tables, equations, captions and references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ouhe.report.document import (
    Block,
    Bullets,
    Document,
    Equation,
    Figure,
    Heading,
    Paragraph,
    References,
    Table,
)
from ouhe.report.render.word.columns import Layout, layout
from ouhe.report.render.word.equations import equation
from ouhe.report.render.word.markup import Xml, join, run, w
from ouhe.report.render.word.package import Package, opened
from ouhe.report.render.word.pictures import figure
from ouhe.report.render.word.running import Writer
from ouhe.report.render.word.tables import table

__all__ = ["docx"]

#: Room that the caption and notes of a figure take of a page, in twentieths of a point.
CAPTION_ROOM = 1800


def docx(document: Document, *, figures: Mapping[str, Path], template: Path | None = None) -> bytes:
    """Render a document as a Word file.

    Parameters
    ----------
    document
        The document.
    figures
        Name of a figure → its PNG file. A figure that is absent is named in its place.
    template
        Word file of the user's, whose styles, pages, header and footer are kept and whose text is not.

    Returns
    -------
    bytes
        The file; the same document gives the same bytes.

    Raises
    ------
    OptionError
        The template is missing, is no ``.docx`` file, or holds macros.

    Examples
    --------
    >>> from ouhe.report.document import Document, Paragraph
    >>> docx(Document("D", "en", (Paragraph(("Text.",)),)), figures={})[:2]
    b'PK'
    """
    package = opened(document, template)
    writer = Writer(document, package.ids, package.linked)
    package.fill(join(*_Body(package, writer, figures).parts()))
    return package.saved()


class _Body:
    """The text of one file while it is made."""

    def __init__(self, package: Package, writer: Writer, figures: Mapping[str, Path]) -> None:
        self.package, self.writer, self.figures = package, writer, figures
        self.page = package.page

    def parts(self) -> Iterator[Xml]:
        """Blocks in order; tables that are too wide for an upright page stand on one laid sideways."""
        document = self.package.document
        yield self.writer.paragraph("Title", self.writer.plain(document.title))
        if document.notice and not any(isinstance(b, Paragraph) and b.kind == "notice" for b in document.blocks):
            yield self._paragraph(Paragraph((document.notice,), "notice"))
        sideways = False
        for block in document.blocks:
            placed = self._layout(block)
            lies = placed is not None and placed.sideways
            if lies != sideways:
                yield _section_end("landscape" if sideways else "portrait")
                sideways = lies
            yield self._block(block, placed)
        if sideways:
            self.package.turn_last()

    def _layout(self, block: Block) -> Layout | None:
        if not isinstance(block, Table) or not block.columns:
            return None
        return layout(block, upright=self.page.width, sideways=self.page.sideways, wider=self.package.wider)

    def _block(self, block: Block, placed: Layout | None) -> Xml:
        """Markup of one block."""
        match block:
            case Heading():
                return self._heading(block)
            case Paragraph():
                return self._paragraph(block)
            case Bullets():
                return self._bullets(block)
            case References():
                return self._references(block)
            case _:
                return self._numbered(block, placed)

    def _numbered(self, block: Equation | Table | Figure, placed: Layout | None) -> Xml:
        """Markup of what stands between paragraphs and has a number."""
        if isinstance(block, Equation):
            return equation(block, self.writer, width=self.page.width)
        if isinstance(block, Table):
            return table(block, self.writer, placed or Layout(sideways=False, size=18, widths=()))
        room = self.page.height - CAPTION_ROOM
        part = self.package.file.part
        return figure(block, self.writer, part, self.figures, width=self.page.width, height=room)

    def _heading(self, block: Heading) -> Xml:
        """Heading; its number stands under the bookmark that references go to."""
        number = run(block.number) if block.number else Xml("")
        between = self.writer.said("headed", number="", heading="")
        gap = self.writer.plain(between) if block.number else Xml("")
        marked = self.writer.marked(self.writer.names[block.anchor], number)
        level = min(max(block.level, 1), 3)
        return self.writer.paragraph(f"Heading{level}", marked, gap, self.writer.plain(block.text))

    def _paragraph(self, block: Paragraph) -> Xml:
        style = {"body": "BodyText", "notice": "Notice", "note": "Note"}[block.kind]
        return self.writer.paragraph(style, self.writer.pieces(block.content))

    def _bullets(self, block: Bullets) -> Xml:
        number = self.package.next_list(numbered=block.numbered)
        style = "ListNumber" if block.numbered else "ListBullet"
        form = (w("numPr", w("ilvl", val=0), w("numId", val=number)),)
        return join(*(self.writer.paragraph(style, self.writer.pieces(i), properties=form) for i in block.items))

    def _references(self, block: References) -> Xml:
        """List of references, each under the bookmark that citations go to."""
        out = []
        for item in block.items:
            number = self.writer.cited[item.key]
            mark = self.writer.marked(f"_Cite_{number}", run(f"[{number}]"))
            url = item.url if item.url not in item.entry else ""
            link = join(run(" "), self.writer.link(url)) if url else Xml("")
            tab = w("r", w("tab"))
            out.append(self.writer.paragraph("Bibliography", mark, tab, self.writer.plain(item.entry), link))
        return join(*out)


def _section_end(orientation: str) -> Xml:
    """Paragraph that ends a section, too small to be seen."""
    low = w("spacing", before=0, after=0, line=20, lineRule="exact")
    return w("p", w("pPr", low, w("sectPr", ouhe=orientation)))
