"""Running text from the catalogue: sentences with references, citations and symbols in their places.

In a text of the catalogue ``[[ref:ANCHOR]]`` is a reference, ``[[cite:KEY]]`` or ``[[cite:KEY,KEY]]`` a citation and
``$U_s$`` a symbol. Values are filled in after the marks are found, so that a name which looks like a mark is no mark.
"""

from __future__ import annotations

import re

from ouhe import text
from ouhe.report.document import Cite, Inline, Ref, Symbol

__all__ = ["said"]

_MARK = re.compile(r"\[\[(ref|cite):([^\]]+)\]\]|\$([^$]+)\$")


def said(key: str, **params: object) -> tuple[Inline, ...]:
    """Pieces of the text `key` in the current language, its placeholders filled.

    Parameters
    ----------
    key
        ``namespace.name``.
    **params
        Values for its placeholders, which may also stand inside marks: ``[[ref:table-{system}]]``.

    Examples
    --------
    >>> from ouhe import text
    >>> with text.use("en"):
    ...     said("report.example", region="[[cite:x]]")
    ('See ', Ref(anchor='weights'), ' for ', Symbol(name='U_s'), ' of [[cite:x]] ', Cite(keys=('a', 'b')), '.')
    """
    template = text.template(key, text.current())
    pieces: list[Inline] = []
    end = 0
    for mark in _MARK.finditer(template):
        pieces.append(template[end : mark.start()].format(**params))
        kind, inner, symbol = mark.groups()
        if symbol is not None:
            pieces.append(Symbol(symbol.format(**params)))
        elif kind == "ref":
            pieces.append(Ref(inner.format(**params)))
        else:
            pieces.append(Cite(tuple(k.strip() for k in inner.format(**params).split(","))))
        end = mark.end()
    pieces.append(template[end:].format(**params))
    return tuple(p for p in pieces if p != "")
