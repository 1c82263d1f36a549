"""Lists of a Word file: each defined by itself, so that each starts at 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ouhe.report.render.word.markup import W, Xml, join, parsed, w

if TYPE_CHECKING:
    import docx.document

__all__ = ["define", "free"]


def free(file: docx.document.Document) -> int:
    """First number that no list and no definition of a list of the file has."""
    numbers = _definitions(file)
    if numbers is None:
        return 1
    ids = (n.get(f"{{{W}}}{a}") for n in numbers for a in ("numId", "abstractNumId"))
    return max((int(i) for i in ids if i is not None), default=0) + 1


def _definitions(file: docx.document.Document) -> Any:
    """Definitions of lists of the file, or None."""
    for rel in file.part.rels.values():
        if rel.reltype.endswith("/numbering"):
            return rel.target_part.element
    return None


def define(file: docx.document.Document, first: int, marks: tuple[bool, ...]) -> None:
    """Define lists in a file, where all definitions stand before all lists.

    Parameters
    ----------
    file
        python-docx's document.
    first
        Number of the first list.
    marks
        For each list whether it is numbered.
    """
    if not marks:
        return
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.parts.numbering import NumberingPart

    abstract, lists = _numbering(first, marks)
    element = _definitions(file)
    if element is None:
        part = file.part
        element = parsed(w("numbering", join(abstract, lists)))
        made = NumberingPart(PackURI("/word/numbering.xml"), CONTENT_TYPE.WML_NUMBERING, element, part.package)
        part.relate_to(made, RELATIONSHIP_TYPE.NUMBERING)
        return
    before = element.find(f"{{{W}}}num")
    for node in parsed(w("numbering", abstract)):
        element.append(node) if before is None else before.addprevious(node)
    for node in parsed(w("numbering", lists)):
        element.append(node)


def _numbering(first: int, marks: tuple[bool, ...]) -> tuple[Xml, Xml]:
    """Definitions of lists, and the lists that use them; each has a definition of its own, so that each starts at 1."""
    level = w("pPr", w("ind", left=840, hanging=360))
    bullet = (w("start", val=1), w("numFmt", val="bullet"), w("lvlText", val="•"), w("lvlJc", val="left"), level)
    figure = (w("start", val=1), w("numFmt", val="decimal"), w("lvlText", val="%1."), w("lvlJc", val="left"), level)
    abstract, lists = [], []
    for number, numbered in enumerate(marks, start=first):
        levels = w("lvl", *(figure if numbered else bullet), ilvl=0)
        abstract.append(w("abstractNum", w("multiLevelType", val="singleLevel"), levels, abstractNumId=number))
        lists.append(w("num", w("abstractNumId", val=number), numId=number))
    return join(*abstract), join(*lists)
