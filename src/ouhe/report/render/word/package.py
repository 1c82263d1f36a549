"""The file around a text: styles, lists, header, footer, properties; what a user's template keeps; the same bytes."""

from __future__ import annotations

import copy
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ouhe import text
from ouhe.errors import OptionError, Place
from ouhe.report.document import Document
from ouhe.report.render.word import lists, markup, styles
from ouhe.report.render.word.markup import W, Xml, parsed, w
from ouhe.report.render.word.surroundings import surround

if TYPE_CHECKING:
    import docx.document

__all__ = ["Package", "Page", "opened"]

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
#: Attribute of a mark that ends a section: how its pages lie.
ENDS = f"{{{W}}}ouhe"
#: A4 with margins of 25 mm, in twentieths of a point.
A4 = (11906, 16838)
MARGIN = 1417
#: Allowance for the letters of a template that has a style of its own for the text of tables.
WIDER = 1.2
#: Every entry bears this date, so that the same document is the same bytes.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
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
        lists.define(self.file, self._first_list, tuple(self.lists))

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
    package = Package(file, document, ids, template is None, wider, [], lists.free(file))
    surround(file, document, styles=ids, own=package.own)
    return package


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
