"""Styles of a Word file: those of a journal manuscript, or what a user's template lacks of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ouhe import text
from ouhe.report.render.word.markup import Xml, join, w

__all__ = ["NAMES", "added", "spacing", "whole"]

LATIN = "Times New Roman"
SONG = "SimSun"
HEI = "SimHei"

#: Id of a style → its name; Word knows the names of its own in every language.
NAMES = {
    "Normal": "Normal",
    "Title": "Title",
    "Heading1": "heading 1",
    "Heading2": "heading 2",
    "Heading3": "heading 3",
    "BodyText": "Body Text",
    "Caption": "caption",
    "ListBullet": "List Bullet",
    "ListNumber": "List Number",
    "Bibliography": "Bibliography",
    "Header": "header",
    "Footer": "footer",
    "Figure": "Figure",
    "Equation": "Equation",
    "TableText": "Table Text",
    "TableNote": "Table Note",
    "Note": "Note",
    "Notice": "Notice",
}
#: Names that are not Word's own.
CUSTOM = frozenset({"Figure", "Equation", "TableText", "TableNote", "Note", "Notice"})


@dataclass(frozen=True)
class Style:
    """Style of paragraphs: its form, and its letters where they differ from the text's.

    Parameters
    ----------
    form
        Properties of the paragraph, in the order of the standard.
    size
        In half points; 0 for that of the text.
    heading
        Whether Chinese characters are sans serif.
    bold
        Whether Western letters are bold; the sans serif of Chinese characters is heavy enough.
    follows
        Id of the style of the next paragraph; its own when left out.
    """

    form: tuple[Xml, ...] = ()
    size: int = 0
    heading: bool = False
    bold: bool = False
    follows: str = ""


def spacing(before: int, after: int, line: int = 240) -> Xml:
    """Space before and after a paragraph in twentieths of a point; lines in 240ths."""
    return w("spacing", before=before, after=after, line=line, lineRule="auto")


def _styles(lang: text.Lang) -> dict[str, Style]:
    """All styles but the first, in one language."""
    chinese = lang == "zh"
    line = 360 if chinese else 320
    indent = w("ind", firstLineChars=200, firstLine=480) if chinese else w("ind", firstLine=0)
    after = 0 if chinese else 120
    keep = (w("keepNext"), w("keepLines"))
    small = 18
    sides = ("top", "left", "bottom", "right")
    box = w("pBdr", *(w(s, val="single", sz=8, space=4, color="C00000") for s in sides))
    return {
        "Title": Style((*keep, spacing(120, 240), w("jc", val="center")), 36, heading=True, bold=True),
        "Heading1": _heading(0, 30 if chinese else 28, before=320, after=160),
        "Heading2": _heading(1, 26 if chinese else 25, before=240, after=120),
        "Heading3": _heading(2, 24, before=200, after=80),
        "BodyText": Style((spacing(0, after, line), indent, w("jc", val="both"))),
        "Caption": Style((w("keepLines"), spacing(120, 80), w("jc", val="center")), 21, heading=True),
        "ListBullet": Style((spacing(0, 40, line), w("jc", val="both"))),
        "ListNumber": Style((spacing(0, 40, line), w("jc", val="both"))),
        "Bibliography": Style((spacing(0, 40, 280), w("ind", left=480, hanging=480), w("jc", val="both")), 21),
        "Header": Style((spacing(0, 0), w("jc", val="center")), small),
        "Footer": Style((spacing(0, 0), w("jc", val="center")), small),
        "Figure": Style((w("keepNext"), spacing(160, 40), w("jc", val="center"))),
        "Equation": Style((spacing(80, 80), w("jc", val="left"))),
        "TableText": Style((spacing(20, 20), w("jc", val="left")), small),
        "TableNote": Style((w("keepLines"), spacing(30, 30), w("jc", val="both")), 17),
        "Note": Style((spacing(30, 60, 280), w("jc", val="both")), small),
        "Notice": Style(
            (w("keepLines"), box, spacing(120, 160), w("ind", left=120, right=120)), heading=True, bold=True
        ),
    }


def _heading(level: int, size: int, *, before: int, after: int) -> Style:
    form = (w("keepNext"), w("keepLines"), spacing(before, after), w("outlineLvl", val=level))
    return Style(form, size, heading=True, bold=True, follows="BodyText")


def _letters(style: Style, lang: text.Lang) -> Xml:
    """Fonts, sizes and languages: every style says all of them."""
    fonts = w("rFonts", ascii=LATIN, hAnsi=LATIN, eastAsia=HEI if style.heading else SONG, cs=LATIN)
    bold = (w("b"), w("bCs")) if style.bold and lang == "en" else ()
    sizes = (w("sz", val=style.size), w("szCs", val=style.size)) if style.size else ()
    return w("rPr", fonts, *bold, *sizes, _language())


def _language() -> Xml:
    return w("lang", val="en-US", eastAsia="zh-CN", bidi="ar-SA")


def _definition(key: str, style: Style, letters: Xml, *, based: str, ids: dict[str, str]) -> Xml:
    custom = {"customStyle": 1} if key in CUSTOM else {}
    follows = ids.get(style.follows or key, key)
    children = (w("name", val=NAMES[key]), w("basedOn", val=based), w("next", val=follows), w("qFormat"))
    return w("style", *children, w("pPr", *style.form), letters, type="paragraph", styleId=ids.get(key, key), **custom)


def whole(lang: text.Lang) -> Xml:
    """Every style of a file without a template, as the children of ``w:styles``."""
    plain = _letters(Style(size=24 if lang == "zh" else 22), lang)
    defaults = w("docDefaults", w("rPrDefault", plain), w("pPrDefault", w("pPr", spacing(0, 0))))
    normal = w("style", w("name", val="Normal"), w("qFormat"), plain, type="paragraph", default=1, styleId="Normal")
    margins = (w(side, w=width, type="dxa") for side, width in (("left", 108), ("right", 108)))
    table = w(
        "style",
        w("name", val="Normal Table"),
        w("tblPr", w("tblCellMar", *margins)),
        type="table",
        default=1,
        styleId="TableNormal",
    )
    made = (_definition(k, s, _letters(s, lang), based="Normal", ids={}) for k, s in _styles(lang).items())
    return join(defaults, normal, table, *made)


def added(lang: text.Lang, *, known: dict[str, str], taken: Collection[str]) -> tuple[Xml, dict[str, str]]:
    """Styles that a template lacks, with the template's letters but for tables, whose columns are made for ours.

    Parameters
    ----------
    lang
        Language of the document.
    known
        Name of a style of the template, in lower case → its id.
    taken
        Ids of all its styles.

    Returns
    -------
    tuple
        The definitions, and our id of every style → its id in the file.
    """
    ids = {key: known.get(name.lower()) or _free(key, taken) for key, name in NAMES.items()}
    absent = {k: s for k, s in _styles(lang).items() if NAMES[k].lower() not in known}
    made = (_definition(k, s, _sizes(k, s, lang), based=ids["Normal"], ids=ids) for k, s in absent.items())
    return join(*made), ids


def _sizes(key: str, style: Style, lang: text.Lang) -> Xml:
    """Sizes alone, but for the text of tables."""
    if key == "TableText":
        return _letters(style, lang)
    return w("rPr", w("sz", val=style.size), w("szCs", val=style.size)) if style.size else Xml("")


def _free(key: str, taken: Collection[str]) -> str:
    while key in taken:
        key += "X"
    return key
