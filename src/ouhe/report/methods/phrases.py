"""Paragraphs and equations of the method, made of the texts ``report_methods``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from ouhe import text
from ouhe.report.document import Block, Bullets, Equation, Inline, Paragraph
from ouhe.report.wording import said

__all__ = [
    "Sentence",
    "anchor",
    "bullets",
    "equation",
    "formulas",
    "method_key",
    "names",
    "once",
    "paragraph",
    "quoted",
    "say",
]

#: What a text ends with that leads to an equation.
_LEADS = (":", "：", ",")

#: Pieces of one sentence.
Sentence = tuple[Inline, ...]


def say(name: str, /, **params: object) -> Sentence:
    """Sentence of the text ``report_methods.NAME``, its placeholders filled."""
    return said(f"report_methods.{name}", **params)


def paragraph(*sentences: Sentence, kind: Literal["body", "note"] = "body") -> Paragraph:
    """Paragraph of sentences, with a space between them where the language has one.

    Examples
    --------
    >>> with text.use("en"):
    ...     paragraph(("One.",), ("Two.",)).content
    ('One.', ' ', 'Two.')
    """
    between: Sentence = (" ",) if text.current() == "en" else ()
    content = [piece for i, s in enumerate(sentences) for piece in ((*between, *s) if i else s)]
    return Paragraph(tuple(content), kind)


def anchor(name: str) -> str:
    """Anchor of an equation by its name; an equation that is used twice has one anchor."""
    return f"eq-{name.replace('_', '-')}"


def equation(name: str) -> Equation:
    """Equation by its name in :mod:`ouhe.report.formulas`."""
    return Equation(name, anchor(name))


def formulas(introduction: Sequence[Sentence], named: Iterable[str], *where: Sentence) -> tuple[Block, ...]:
    """What an equation is for, the equations, and what their symbols mean."""
    after = (paragraph(*where),) if where else ()
    return (paragraph(*introduction), *map(equation, named), *after)


def once(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Blocks with every equation once; where it would stand again, the paragraph before it refers to it.

    Examples
    --------
    >>> with text.use("en"):
    ...     once([equation("share"), Paragraph(("Shares are:",)), equation("share")])[1].content
    ('Shares are', ' as in ', Ref(anchor='eq-share'), '.')
    """
    kept: list[Block] = []
    for block in blocks:
        if not (isinstance(block, Equation) and block in kept):
            kept.append(block)
        elif isinstance(kept[-1], Paragraph):
            kept[-1] = _referring(kept[-1], block)
    return tuple(kept)


def _referring(before: Paragraph, to: Equation) -> Paragraph:
    """A paragraph that leads to an equation, with a reference in its place."""
    *content, last = before.content
    if not isinstance(last, str) or last[-1:] not in _LEADS:
        return before
    return Paragraph((*content, last[:-1], *say("as_in", equation=to.anchor)), before.kind)


def bullets(items: Iterable[Sentence]) -> Bullets:
    """List of short texts."""
    return Bullets(tuple(items))


def method_key(method: object) -> str:
    """Name of a method as keys of texts and formulas have it.

    Examples
    --------
    >>> method_key("k-nearest")
    'k_nearest'
    """
    return str(method).replace("-", "_")


def names(items: Iterable[object]) -> str:
    """Names in running text."""
    return text.enumerated(items)


def quoted(items: Iterable[object]) -> str:
    """Names in quotation marks in running text.

    Examples
    --------
    >>> with text.use("en"):
    ...     quoted(["a", "b"])
    '“a” and “b”'
    """
    return text.enumerated(f"“{item}”" for item in items)
