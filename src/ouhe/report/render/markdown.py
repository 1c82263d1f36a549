r"""A document as Markdown that GitHub and Pandoc read: pipe tables, ``$$…$$``, and no text of a study as a mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

from ouhe import text
from ouhe.report.document import (
    Block,
    Bullets,
    Cite,
    Column,
    Document,
    Equation,
    Figure,
    Heading,
    Inline,
    Paragraph,
    Ref,
    References,
    Said,
    Symbol,
    Table,
)
from ouhe.report.formulas import formula

__all__ = ["escape", "markdown"]

#: Marks wherever they stand; a colon before ``//`` and ``www.`` would make a link, ``:name:`` a picture.
_MARKS = re.compile(r"[\\`*_\[\]{}<>|~$^&@#]|:(?=//|[\w+-]+:)|(?<=www)\.|(?<=-)-|!(?=\[)", re.IGNORECASE)
#: Marks at the beginning of a line, with a space behind them: lists and definitions.
_FIRST = re.compile(r"^(\s*)(?=[-+:](?:\s|$))|^(\s*\d+)(?=[.)](?:\s|$))")
_BREAKS = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029]+")
_LETTERS = re.compile(r"[^\W_]+")


def escape(value: str) -> str:
    r"""A text as Markdown that is read as nothing but that text.

    Examples
    --------
    >>> print(escape("a_b | <c>"))
    a\_b \| \<c\>
    """
    flat = _BREAKS.sub(" ", value)
    escaped = _MARKS.sub(lambda m: f"\\{m[0]}", flat)
    return _FIRST.sub(lambda m: f"{m[0]}\\", escaped)


def markdown(document: Document, *, figures: Mapping[str, str]) -> str:
    r"""Render a document as Markdown.

    Parameters
    ----------
    document
        The document.
    figures
        Name of a figure → path of its file as seen from where the text will stand. Where there is none the text says
        so in its place.

    Examples
    --------
    >>> print(markdown(Document("T", "en", (Heading(1, "Results", "results", "1"),)), figures={}))
    # T
    <BLANKLINE>
    <a id="results"></a>
    <BLANKLINE>
    ## 1 Results
    <BLANKLINE>
    """
    return _Markdown(document, figures).render()


class _Markdown:
    def __init__(self, document: Document, figures: Mapping[str, str]) -> None:
        self.document, self.figures = document, figures
        self.labels, self.cited = document.labels, document.cited

    def render(self) -> str:
        document = self.document
        parts = [f"# {escape(document.title)}"]
        if author := document.about.get("author"):
            parts.append(escape(author))
        if document.notice:
            parts.append(f"> **{escape(document.notice).strip()}**")
        for block in document.blocks:
            parts += self._block(block)
        if software := document.about.get("software"):
            parts += ["---", escape(software)]
        return "\n\n".join(parts) + "\n"

    def _block(self, block: Block) -> list[str]:
        made: Mapping[type, Callable[..., list[str]]] = {
            Heading: self._heading,
            Paragraph: self._paragraph,
            Bullets: self._bullets,
            Equation: self._equation,
            Table: self._table,
            Figure: self._figure,
            References: self._references,
        }
        return made[type(block)](block)

    def _t(self, key: str, **params: object) -> str:
        return text.t(f"html.{key}", lang=self.document.lang, **params)

    def _heading(self, block: Heading) -> list[str]:
        said = escape(f"{block.number} {block.text}" if block.number else block.text)
        return [_anchor(block.anchor), f"{'#' * (block.level + 1)} {said}"]

    def _paragraph(self, block: Paragraph) -> list[str]:
        said = self._inline(block.content).strip()
        return [f"> {said}" if block.kind == "notice" else said]

    def _bullets(self, block: Bullets) -> list[str]:
        marks = (f"{i}." if block.numbered else "-" for i in range(1, len(block.items) + 1))
        return ["\n".join(f"{mark} {self._inline(item)}" for mark, item in zip(marks, block.items, strict=True))]

    def _equation(self, block: Equation) -> list[str]:
        tag = f" \\tag{{{block.number}}}" if block.number else ""
        return [_anchor(block.anchor), f"$$\n{formula(block.name).latex}{tag}\n$$"]

    def _caption(self, block: Table | Figure) -> str:
        label = f"**{escape(self.labels[block.anchor])}** " if block.number else ""
        return label + escape(block.caption).strip()

    def _table(self, block: Table) -> list[str]:
        rows = [
            [escape(self._head(column)) for column in block.columns],
            ["---:" if column.kind == "number" else ":---" for column in block.columns],
            *([escape(cell.shown) for cell in row] for row in block.rows),
        ]
        lines = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
        source = [self._t("source", source=block.source)] if block.source else []
        return [_anchor(block.anchor), self._caption(block), lines, *map(escape, [*block.notes, *source])]

    def _head(self, column: Column) -> str:
        """Pipe tables have one row of heads: the head above stands before its own."""
        return self._t("head_above", above=column.above, head=column.label) if column.above else column.label

    def _figure(self, block: Figure) -> list[str]:
        path = self.figures.get(block.file)
        if path is None:
            drawn = escape(self._t("no_figure", file=block.file))
        else:
            drawn = f"![{escape(block.caption)}](<{_address(path)}>)"
        return [_anchor(block.anchor), drawn, self._caption(block), *map(escape, block.notes)]

    def _references(self, block: References) -> list[str]:
        lines = []
        for item in block.items:
            number = self.cited[item.key]
            url = f" {escape(item.url)}" if item.url else ""
            if re.fullmatch(r"https?://[^\s<>]+", item.url):
                url = f" <{item.url}>"
            lines.append(f"{number}. {_anchor(f'reference-{number}')}{escape(item.entry)}{url}")
        return ["\n".join(lines)]

    def _inline(self, pieces: Iterable[Inline]) -> str:
        out = ""
        last: Inline | None = None
        for piece in pieces:
            if isinstance(piece, Said) and isinstance(last, Said) and self.document.lang == "en":
                out += " "
            out += self._piece(piece)
            last = piece
        return out

    def _piece(self, piece: Inline) -> str:
        if isinstance(piece, Ref):
            return f"[{escape(self.labels[piece.anchor])}](#{piece.anchor})"
        if isinstance(piece, Cite):
            numbers = (self.cited[key] for key in piece.keys)
            return "\\[" + ", ".join(f"[{n}](#reference-{n})" for n in numbers) + "\\]"
        if isinstance(piece, Symbol):
            return _symbol(piece.name)
        return escape(piece.sentence if isinstance(piece, Said) else piece)


def _anchor(name: str) -> str:
    return f'<a id="{name}"></a>'


def _address(path: str) -> str:
    """A path with what ends it or is a mark of addresses by its number."""
    return re.sub(r"[<>\\%#?\s]", lambda m: quote(m[0]), path)


def _symbol(name: str) -> str:
    """Letters in italics with their subscript; dollars would not be seen beside Chinese on GitHub."""
    base, _, below = name.partition("_")
    letters = f"*{base}*" if _LETTERS.fullmatch(base) else escape(base)
    return letters + (f"<sub>{escape(below)}</sub>" if below else "")
