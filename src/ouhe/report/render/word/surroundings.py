"""What stands around the text of a Word file: header, footer, properties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ouhe.report.document import Document
from ouhe.report.render.word import markup
from ouhe.report.render.word.markup import clean, parsed, run, w

if TYPE_CHECKING:
    import docx.document

__all__ = ["surround"]

#: Date of every file, so that the same document is the same bytes.
DATE = datetime(2000, 1, 1)  # noqa: DTZ001 (the format has no zones)
#: Longest text of a property, as python-docx has it.
LONGEST_PROPERTY = 255


def surround(file: docx.document.Document, document: Document, *, styles: dict[str, str], own: bool) -> None:
    """Write the notice into the headers, page numbers into the footers, and the properties.

    Parameters
    ----------
    file
        python-docx's document.
    document
        What is written.
    styles
        Our id of every style → its id in the file.
    own
        Whether the file follows no template, whose header and footer would be kept.
    """
    _header(file, document, style=styles["Header"], own=own)
    _footer(file, style=styles["Footer"])
    _properties(file, document)


def _header(file: docx.document.Document, document: Document, *, style: str, own: bool) -> None:
    """Write the notice into every header, below what a template has there."""
    if not document.notice:
        return
    bold = run(document.notice, w("b"), w("bCs"), w("color", val="C00000"), chinese=document.lang == "zh")
    for header in _pages(file, "header"):
        said = parsed(markup.paragraph(style, bold))
        if header.is_linked_to_previous or own:
            header.is_linked_to_previous = False
            for node in list(header._element):  # noqa: SLF001 (paragraphs are written as markup)
                header._element.remove(node)  # noqa: SLF001
        header._element.append(said)  # noqa: SLF001


def _footer(file: docx.document.Document, *, style: str) -> None:
    """Number the pages, unless a template has a footer."""
    for footer in _pages(file, "footer"):
        if not footer.is_linked_to_previous:
            continue
        footer.is_linked_to_previous = False
        for node in list(footer._element):  # noqa: SLF001 (fields are written as markup)
            footer._element.remove(node)  # noqa: SLF001
        page = markup.field("PAGE", run("1"))
        footer._element.append(parsed(markup.paragraph(style, page)))  # noqa: SLF001


def _pages(file: docx.document.Document, kind: str) -> Sequence[Any]:
    """Headers or footers of the kinds of pages that the file tells apart."""
    section = file.sections[-1]
    names = [kind]
    if section.different_first_page_header_footer:
        names.append(f"first_page_{kind}")
    if file.settings.odd_and_even_pages_header_footer:
        names.append(f"even_page_{kind}")
    return [getattr(section, n) for n in names]


def _properties(file: docx.document.Document, document: Document) -> None:
    """Title, author, subject and notice; the program in the place of Word's name."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    properties = file.core_properties
    about = {k: clean(str(v))[:LONGEST_PROPERTY] for k, v in document.about.items()}
    properties.title = clean(document.title)[:LONGEST_PROPERTY]
    properties.author = properties.last_modified_by = about.get("author", "")
    properties.subject = about.get("subject", "")
    properties.comments = clean(document.notice)[:LONGEST_PROPERTY]
    properties.keywords = about.get("keywords", "")
    properties.language = "zh-CN" if document.lang == "zh" else "en-US"
    properties.created = properties.modified = DATE
    properties.revision = 1
    extended = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    said = markup.xml(
        "Properties", {"xmlns": extended}, markup.xml("Application", {}, markup.plain(about.get("software", "")))
    )
    for rel in file.part.package.rels.values():
        if rel.reltype.endswith("/extended-properties"):
            old = rel.target_part
            rel._target = Part(PackURI(str(old.partname)), old.content_type, said.encode(), old.package)  # noqa: SLF001
