"""The file around a text: styles, lists, header, footer, properties; what a user's template keeps; the same bytes."""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ouhe import text
from ouhe.errors import OptionError, Place
from ouhe.report.document import Document
from ouhe.report.render.word import markup, styles
from ouhe.report.render.word.markup import Xml, clean, join, run, w

if TYPE_CHECKING:
    import docx.document

__all__ = ["Package", "Page", "opened"]

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = {
    "w": W,
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
}
#: Attribute of a mark that ends a section: how its pages lie.
ENDS = f"{{{W}}}ouhe"
#: A4 with margins of 25 mm, in twentieths of a point.
A4 = (11906, 16838)
MARGIN = 1417
#: Allowance for the letters of a template that has a style of its own for the text of tables.
WIDER = 1.2
#: Every file bears this date, so that the same document is the same bytes.
DATE = datetime(2000, 1, 1)  # noqa: DTZ001 (the format has no zones)
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
#: Longest text of a property, as python-docx has it.
LONGEST_PROPERTY = 255
#: Relationships of python-docx's empty file that a report needs not.
UNNEEDED = ("/stylesWithEffects", "/customXml", "/thumbnail", "/numbering", "/webSettings", "/fontTable")


@dataclass(frozen=True)
class Page:
    """Room for text, in twentieths of a point."""

    width: int
    height: int
    sideways: int


@dataclass
class Package:
    """A file that is being made.

    Parameters
    ----------
    file
        python-docx's document, its body empty.
    document
        What is written.
    ids
        Our id of every style → its id in the file.
    own
        Whether it follows no template.
    wider
        By how much the letters of its tables may be wider than ours.
    """

    file: docx.document.Document
    document: Document
    ids: dict[str, str]
    own: bool
    wider: float = 1.0
    lists: list[bool] = field(default_factory=list)
    _first_list: int = 1

    @property
    def page(self) -> Page:
        """Room for text on its pages; in several columns, in one of them."""
        section = self.file.sections[-1]
        wide, high = int(section.page_width or 0), int(section.page_height or 0)
        across = int(section.left_margin or 0) + int(section.right_margin or 0)
        along = int(section.top_margin or 0) + int(section.bottom_margin or 0)
        columns = section._sectPr.find(f"{{{W}}}cols")  # noqa: SLF001 (python-docx has no columns)
        count = int(columns.get(f"{{{W}}}num", 1)) if columns is not None else 1
        gap = int(columns.get(f"{{{W}}}space", 720)) if columns is not None else 0
        width = max((wide - across) // 635, 1440)
        turned = (high - across) // 635 if wide < high else width
        return Page((width - gap * (count - 1)) // count, max((high - along) // 635, 1440), turned)

    def linked(self, url: str) -> str:
        """Id of the relationship for a link."""
        from docx.opc.constants import RELATIONSHIP_TYPE

        return self.file.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)

    def next_list(self, *, numbered: bool) -> int:
        """Number of a list of its own."""
        self.lists.append(numbered)
        return self._first_list + len(self.lists) - 1

    def fill(self, body: Xml) -> None:
        """Put the text in place; an empty ``w:sectPr`` in it, upright or ``landscape``, becomes a section's end."""
        part, last = self.file.part, self.file.sections[-1]._sectPr  # noqa: SLF001 (sections are copied whole)
        kept = (Xml(n.xml) for n in part.element if n.tag == f"{{{W}}}background")
        # Moving a long text into another tree takes lxml time that grows with its square, so the tree is made anew.
        part._element = parsed(w("document", *kept, w("body", body, Xml(last.xml))))  # noqa: SLF001
        self.file = part.document
        last = part.element.body[-1]
        marks = [m for m in part.element.body.iter(f"{{{W}}}sectPr") if m.get(ENDS) is not None]
        for mark in marks:
            section = copy.deepcopy(last)
            _turn(section, mark.get(ENDS))
            _end_section(mark.getparent().getparent(), section)
        _number(self)

    def turn_last(self) -> None:
        """Lay the last section sideways."""
        _turn(self.file.sections[-1]._sectPr, "landscape")  # noqa: SLF001

    def saved(self) -> bytes:
        """Bytes of the file, the same for the same content."""
        made = io.BytesIO()
        self.file.save(made)
        out = io.BytesIO()
        with zipfile.ZipFile(made) as read, zipfile.ZipFile(out, "w") as written:
            for name in read.namelist():
                info = zipfile.ZipInfo(name, ZIP_DATE)
                stored = name.endswith((".png", ".jpg", ".jpeg"))
                info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
                written.writestr(info, read.read(name))
        return out.getvalue()


def opened(document: Document, template: Path | None) -> Package:
    """An empty file with styles, page, header, footer and properties.

    Raises
    ------
    OptionError
        The template is no Word document without macros.
    """
    import docx

    wider = 1.0
    if template is None:
        file = docx.Document()
        ids = _own(file, document.lang)
    else:
        _check(template)
        try:
            file = docx.Document(str(template))
        except (SyntaxError, KeyError, ValueError, zipfile.BadZipFile) as error:  # lxml's errors are SyntaxErrors
            raise OptionError.of("word.template_not_docx", Place(file=str(template))) from error
        if any(s.name == styles.NAMES["TableText"] for s in file.styles):
            wider = WIDER
        ids = _of_template(file, document.lang)
    package = Package(file, document, ids, template is None, wider, [], _free_list(file))
    _header(package)
    _footer(package)
    _properties(package)
    return package


def parsed(content: Xml) -> Any:
    """Element from markup, with every prefix in use declared."""
    from docx.oxml import parse_xml

    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    head, rest = content.split(">", 1)
    return parse_xml(f"{head} {declared}>{rest}")


def _own(file: docx.document.Document, lang: text.Lang) -> dict[str, str]:
    """Make python-docx's empty file ours: styles of a manuscript, A4, nothing that is not needed."""
    part, package = file.part, file.part.package
    for rels in (part.rels, package.rels):
        for key in [k for k, rel in rels.items() if rel.reltype.endswith(UNNEEDED)]:
            rels.pop(key)
    element = file.styles.element
    for node in list(element):
        element.remove(node)
    for node in parsed(w("styles", styles.whole(lang))):
        element.append(node)
    _settings(file)
    section = file.sections[0]
    _clear_body(file)
    for name, value in (("page_width", A4[0]), ("page_height", A4[1])):
        setattr(section, name, value * 635)
    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", MARGIN * 635)
    return {key: key for key in styles.NAMES}


def _settings(file: docx.document.Document) -> None:
    """Say the version of Word whose layout is meant, and the languages."""
    element = file.settings.element
    compat = w("compatSetting", name="compatibilityMode", uri="http://schemas.microsoft.com/office/word", val=15)
    made = (
        w("zoom", percent=100),
        w("defaultTabStop", val=420),
        w("characterSpacingControl", val="compressPunctuation"),
        w("compat", compat),
        markup.xml("m:mathPr", {}, markup.xml("m:mathFont", {"m:val": "Cambria Math"})),
        w("themeFontLang", val="en-US", eastAsia="zh-CN"),
        w("decimalSymbol", val="."),
        w("listSeparator", val=","),
    )
    for node in list(element):
        element.remove(node)
    for node in parsed(w("settings", *made)):
        element.append(node)


def _of_template(file: docx.document.Document, lang: text.Lang) -> dict[str, str]:
    """Keep a template's styles and pages, add the styles it lacks, and empty its text."""
    defined = [s for s in file.styles.element if s.tag == f"{{{W}}}style" and s.get(f"{{{W}}}type") == "paragraph"]
    named = [(s.find(f"{{{W}}}name"), s.get(f"{{{W}}}styleId", "")) for s in defined]
    names = {name.get(f"{{{W}}}val", "").lower(): key for name, key in named if name is not None}
    taken = {s.get(f"{{{W}}}styleId", "") for s in file.styles.element}
    more, ids = styles.added(lang, known=names, taken=taken)
    for node in parsed(w("styles", more)):
        file.styles.element.append(node)
    _clear_body(file)
    return ids


def _clear_body(file: docx.document.Document) -> None:
    body = file.element.body
    for node in [n for n in body if n.tag != f"{{{W}}}sectPr"]:
        body.remove(node)
    if not len(body):
        body.append(parsed(w("sectPr", w("pgSz", w=A4[0], h=A4[1]), w("pgMar", **_margins()))))


def _margins() -> dict[str, str | int]:
    return {**dict.fromkeys(("top", "right", "bottom", "left"), MARGIN), "header": 708, "footer": 708, "gutter": 0}


def _check(template: Path) -> None:
    """Refuse what is no Word document, or one that carries programs."""
    place = Place(file=str(template))
    if not template.is_file():
        raise OptionError.of("word.template_missing", place)
    try:
        with zipfile.ZipFile(template) as archive:
            names = archive.namelist()
            types = archive.read("[Content_Types].xml").decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError) as error:
        raise OptionError.of("word.template_not_docx", place) from error
    if "macroEnabled" in types or any(n.lower().endswith("vbaproject.bin") for n in names):
        raise OptionError.of("word.template_macros", place)
    if MAIN not in types or "word/document.xml" not in names:
        raise OptionError.of("word.template_not_docx", place)


def _header(package: Package) -> None:
    """Write the notice into every header, below what a template has there."""
    notice = package.document.notice
    if not notice:
        return
    bold = run(notice, w("b"), w("bCs"), w("color", val="C00000"), chinese=package.document.lang == "zh")
    for header in _pages(package, "header"):
        said = parsed(markup.paragraph(package.ids["Header"], bold))
        if header.is_linked_to_previous or package.own:
            header.is_linked_to_previous = False
            for node in list(header._element):  # noqa: SLF001 (paragraphs are written as markup)
                header._element.remove(node)  # noqa: SLF001
        header._element.append(said)  # noqa: SLF001


def _footer(package: Package) -> None:
    """Number the pages, unless a template has a footer."""
    for footer in _pages(package, "footer"):
        if not footer.is_linked_to_previous:
            continue
        footer.is_linked_to_previous = False
        for node in list(footer._element):  # noqa: SLF001 (fields are written as markup)
            footer._element.remove(node)  # noqa: SLF001
        page = markup.field("PAGE", run("1"))
        footer._element.append(parsed(markup.paragraph(package.ids["Footer"], page)))  # noqa: SLF001


def _pages(package: Package, kind: str) -> Sequence[Any]:
    """Headers or footers of the kinds of pages that the file tells apart."""
    section = package.file.sections[-1]
    names = [kind]
    if section.different_first_page_header_footer:
        names.append(f"first_page_{kind}")
    if package.file.settings.odd_and_even_pages_header_footer:
        names.append(f"even_page_{kind}")
    return [getattr(section, n) for n in names]


def _properties(package: Package) -> None:
    """Title, author, subject and notice; the program in the place of Word's name."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    document, properties = package.document, package.file.core_properties
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
        "Properties", {"xmlns": extended}, markup.xml("Application", {}, _plain(about.get("software", "")))
    )
    for rel in package.file.part.package.rels.values():
        if rel.reltype.endswith("/extended-properties"):
            old = rel.target_part
            rel._target = Part(PackURI(str(old.partname)), old.content_type, said.encode(), old.package)  # noqa: SLF001


def _plain(said: str) -> Xml:
    from xml.sax.saxutils import escape

    return Xml(escape(said))


def _end_section(mark: Any, section: Any) -> None:
    """End a section with the paragraph before the mark, so that no page holds the mark alone; else with the mark."""
    before = mark.getprevious()
    properties = mark[0] if before is None else before.find(f"{{{W}}}pPr")
    if properties is None or properties.find(f"{{{W}}}sectPr") is not None:
        properties = mark[0]
    if properties is not mark[0]:
        mark.getparent().remove(mark)
    else:
        mark[0].remove(mark[0].find(f"{{{W}}}sectPr"))
    properties.append(section)


def _turn(section: Any, orientation: str) -> None:
    """Lay a section sideways or put it upright, its margins as they are."""
    size = section.find(f"{{{W}}}pgSz")
    wide, high = sorted((int(size.get(f"{{{W}}}w")), int(size.get(f"{{{W}}}h"))), reverse=orientation == "landscape")
    size.set(f"{{{W}}}w", str(wide))
    size.set(f"{{{W}}}h", str(high))
    size.set(f"{{{W}}}orient", orientation)


def _free_list(file: docx.document.Document) -> int:
    """First number that no list and no definition of a list of the file has."""
    numbers = _numbering(file)
    if numbers is None:
        return 1
    ids = (n.get(f"{{{W}}}{a}") for n in numbers for a in ("numId", "abstractNumId"))
    return max((int(i) for i in ids if i is not None), default=0) + 1


def _numbering(file: docx.document.Document) -> Any:
    """Definitions of lists of the file, or None."""
    for rel in file.part.rels.values():
        if rel.reltype.endswith("/numbering"):
            return rel.target_part.element
    return None


def _number(package: Package) -> None:
    """Define the lists in use; all definitions stand before all lists."""
    if not package.lists:
        return
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.parts.numbering import NumberingPart

    abstract, lists = styles.numbering(package._first_list, tuple(package.lists))  # noqa: SLF001
    element = _numbering(package.file)
    if element is None:
        part = package.file.part
        element = parsed(w("numbering", join(abstract, lists)))
        made = NumberingPart(PackURI("/word/numbering.xml"), CONTENT_TYPE.WML_NUMBERING, element, part.package)
        part.relate_to(made, RELATIONSHIP_TYPE.NUMBERING)
        return
    first = element.find(f"{{{W}}}num")
    for node in parsed(w("numbering", abstract)):
        element.append(node) if first is None else first.addprevious(node)
    for node in parsed(w("numbering", lists)):
        element.append(node)
