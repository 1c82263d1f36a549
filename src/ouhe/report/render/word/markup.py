"""WordprocessingML as text that only these functions make, so that no text of a user's is ever read as markup."""

from __future__ import annotations

import re
from typing import Any, NewType
from xml.sax.saxutils import escape, quoteattr

__all__ = ["W", "Xml", "clean", "field", "join", "paragraph", "parsed", "plain", "run", "w", "xml"]

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = {
    "w": W,
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
}

#: Markup. Plain text becomes markup in :func:`run` alone, where it is escaped.
Xml = NewType("Xml", str)

#: Characters that XML forbids, lone surrogates, and marks that turn around the text that follows them.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_BREAKS = re.compile("[\t\n\x0b\x0c\r\x1c-\x1f\x85\u2028\u2029]+")
#: Marks that Chinese and Western texts share; Word takes their font from this hint.
_SHARED = re.compile("([“”‘’…—·]+)")


def clean(text: str) -> str:
    r"""Text on one line without characters that break a file or the direction of what follows; they become U+FFFD.

    Examples
    --------
    >>> clean("a\x00b\nc")
    'a\ufffdb c'
    """
    return _FORBIDDEN.sub("\ufffd", _BREAKS.sub(" ", text))


def plain(said: str) -> Xml:
    """Text as the content of an element."""
    return Xml(escape(clean(said)))


def join(*parts: Xml) -> Xml:
    """Markup one after the other."""
    return Xml("".join(parts))


def xml(tag: str, attributes: dict[str, str | int], *children: Xml) -> Xml:
    """Element; names of tags and attributes with their prefixes.

    Examples
    --------
    >>> xml("m:r", {"m:val": "a&b"})
    '<m:r m:val="a&amp;b"/>'
    """
    said = "".join(f" {k}={quoteattr(clean(str(v)))}" for k, v in attributes.items())
    return Xml(f"<{tag}{said}>{''.join(children)}</{tag}>" if children else f"<{tag}{said}/>")


def w(tag: str, *children: Xml, **attributes: str | int) -> Xml:
    """Element of WordprocessingML.

    Examples
    --------
    >>> w("p", w("jc", val="center"))
    '<w:p><w:jc w:val="center"/></w:p>'
    """
    return xml(f"w:{tag}", {f"w:{k}": v for k, v in attributes.items()}, *children)


def run(text: str, *properties: Xml, chinese: bool = False) -> Xml:
    """Plain text; in Chinese, quotation marks and dashes are as wide as Chinese characters.

    Examples
    --------
    >>> run("a < b", w("i"))
    '<w:r><w:rPr><w:i/></w:rPr><w:t xml:space="preserve">a &lt; b</w:t></w:r>'
    """
    pieces = _SHARED.split(clean(text)) if chinese else [clean(text)]
    return join(*(_run(p, properties, hint=chinese and bool(_SHARED.match(p))) for p in pieces if p))


def _run(text: str, properties: tuple[Xml, ...], *, hint: bool) -> Xml:
    hinted = (w("rFonts", hint="eastAsia"), *properties) if hint else properties
    said = xml("w:t", {"xml:space": "preserve"}, Xml(escape(text)))
    return w("r", w("rPr", *hinted), said) if hinted else w("r", said)


def field(code: str, shown: Xml, *properties: Xml) -> Xml:
    """Field with the result it has now; Word renews it when it is asked to.

    Parameters
    ----------
    code
        What the field computes, such as ``SEQ Table``.
    shown
        Runs that are shown until then.
    *properties
        Properties of the field's own runs, which readers other than Word show it in.
    """
    letters = (w("rPr", *properties),) if properties else ()
    instruction = xml("w:instrText", {"xml:space": "preserve"}, Xml(escape(f" {clean(code)} ")))
    begin, separate, end = (w("r", *letters, w("fldChar", fldCharType=t)) for t in ("begin", "separate", "end"))
    return join(begin, w("r", *letters, instruction), separate, shown, end)


def paragraph(style: str, *content: Xml, properties: tuple[Xml, ...] = ()) -> Xml:
    """Paragraph of a style, by its id; `properties` in the order of the standard.

    Examples
    --------
    >>> paragraph("Normal", run("a"))
    '<w:p><w:pPr><w:pStyle w:val="Normal"/></w:pPr><w:r><w:t xml:space="preserve">a</w:t></w:r></w:p>'
    """
    return w("p", w("pPr", w("pStyle", val=style), *properties), *content)


def parsed(content: Xml) -> Any:
    """Element from markup, with every prefix in use declared."""
    from docx.oxml import parse_xml

    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    head, rest = content.split(">", 1)
    return parse_xml(f"{head} {declared}>{rest}")
