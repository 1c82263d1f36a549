r"""The tables of a document for a paper in LaTeX: ``booktabs``, their notes under them, numbers in line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from ouhe import text
from ouhe.report.document import Document, Table
from ouhe.report.render import alignment

__all__ = ["LONG", "escape", "latex"]

#: With more rows than this a table runs over pages.
LONG = 40
#: From these widths on, in half widths, type is smaller; from the last one on the page lies sideways.
_SIZES = ((120, r"\scriptsize"), (100, r"\footnotesize"), (80, r"\small"))
SIDEWAYS = 130

_PACKAGES = (
    r"\documentclass[UTF8]{ctexart} % ctex",
    r"\usepackage{array,booktabs,longtable,threeparttable,pdflscape,caption}",
)
_PLAIN = re.compile(r"[A-Za-z0-9. ]*")
_BREAKS = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029]+")
#: What a row may not begin with, and what joins with its like, stands in a group.
_GROUPED = re.compile(r"^(\s*)([\[*])|(-)(?=-)|(,)(?=,)")
_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "−": "$-$",
    **{sign: f"\\{sign}" for sign in "{}$&#%_"},
}


def escape(value: str) -> str:
    r"""A text as LaTeX that is set as nothing but that text.

    Signs that are not seen, such as marks of direction, are written by their number.

    Examples
    --------
    >>> print(escape("50% of R&D_1"))
    50\% of R\&D\_1
    """
    if _PLAIN.fullmatch(value):
        return value
    flat = _BREAKS.sub(" ", value)
    grouped = {found.end() - 1 for found in _GROUPED.finditer(flat)}
    return "".join(f"{{{sign}}}" if i in grouped else _sign(sign) for i, sign in enumerate(flat))


def _sign(sign: str) -> str:
    if sign in _SIGNS:
        return _SIGNS[sign]
    category = unicodedata.category(sign)
    if category == "Cc":
        return f"U+{ord(sign):04X}"
    return f'\\symbol{{"{ord(sign):04X}}}' if category == "Cf" else sign


def latex(document: Document) -> str:
    r"""All tables of a document, to be compiled with XeLaTeX.

    What the document must say on every page stands under every table. Tables number themselves; their labels are
    ``tab:`` and the anchor.

    Parameters
    ----------
    document
        The document.

    Examples
    --------
    >>> from ouhe.report.document import Cell, Column
    >>> rows = ((Cell("A", "A"), Cell(0.5, "0.5*")), (Cell("B", "B"), Cell(0.25, "0.25")))
    >>> table = Table("d", "Degrees", (Column("Region"), Column("D", "number")), rows)
    >>> print(latex(Document("T", "en", (table,))).partition("\n\n")[2])
    \begin{table}[htbp]
    \centering
    \begin{threeparttable}
    \caption{Degrees}\label{tab:d}
    \begin{tabular}{@{}lr@{}}
    \toprule
    Region & D\phantom{*} \\
    \midrule
    A & 0.5*\phantom{0} \\
    B & 0.25\phantom{*} \\
    \bottomrule
    \end{tabular}
    \end{threeparttable}
    \end{table}
    <BLANKLINE>
    """
    tables = [block for block in document.blocks if isinstance(block, Table)]
    head = [document.title, document.notice, text.t("html.preamble", lang=document.lang), *_PACKAGES]
    comments = "\n".join(f"% {_BREAKS.sub(' ', line)}" for line in head if line)
    return "\n\n".join([comments, *(_table(table, document) for table in tables)]) + "\n"


def _table(table: Table, document: Document) -> str:
    notes = [*table.notes]
    if document.notice:
        notes.append(text.t("html.notice_note", lang=document.lang, notice=document.notice))
    parts = _long(table, notes, document) if len(table.rows) > LONG else _short(table, notes)
    wide = alignment.table_width(table)
    size = next((name for limit, name in _SIZES if wide > limit), "")
    if len(table.rows) > LONG:
        parts = [f"{{{size}", *parts, "}"] if size else parts
    elif size:
        parts.insert(1, size)
    if wide > SIDEWAYS:
        parts = [r"\begin{landscape}", *parts, r"\end{landscape}"]
    return "\n".join([*([f"% tables/{table.source}.csv"] if table.source else []), *parts])


def _short(table: Table, notes: Sequence[str]) -> list[str]:
    """A table on one page."""
    under = [
        r"\begin{tablenotes}[flushleft]\footnotesize",
        *(f"\\item {escape(note)}" for note in notes),
        r"\end{tablenotes}",
    ]
    return [
        r"\begin{table}[htbp]",
        r"\centering",
        r"\begin{threeparttable}",
        _caption(table),
        f"\\begin{{tabular}}{{{_columns(table)}}}",
        r"\toprule",
        *_heads(table),
        r"\midrule",
        *_rows(table),
        r"\bottomrule",
        r"\end{tabular}",
        *(under if notes else []),
        r"\end{threeparttable}",
        r"\end{table}",
    ]


def _long(table: Table, notes: Sequence[str], document: Document) -> list[str]:
    """A table over several pages, its head on each."""
    count = len(table.columns)
    again = escape(text.t("html.continued", lang=document.lang, caption=table.caption))
    onward = escape(text.t("html.more_follows", lang=document.lang))
    under = [
        f"\\multicolumn{{{count}}}{{@{{}}p{{\\linewidth}}@{{}}}}{{\\footnotesize {escape(n)}}} \\\\" for n in notes
    ]
    return [
        f"\\begin{{longtable}}{{{_columns(table)}}}",
        _caption(table) + r" \\",
        r"\toprule",
        *_heads(table),
        r"\midrule",
        r"\endfirsthead",
        f"\\caption[]{{{again}}} \\\\",
        r"\toprule",
        *_heads(table),
        r"\midrule",
        r"\endhead",
        r"\midrule",
        f"\\multicolumn{{{count}}}{{r@{{}}}}{{\\footnotesize {onward}}} \\\\",
        r"\endfoot",
        r"\bottomrule",
        *under,
        r"\endlastfoot",
        *_rows(table),
        r"\end{longtable}",
    ]


def _caption(table: Table) -> str:
    return f"\\caption{{{escape(table.caption)}}}\\label{{tab:{table.anchor}}}"


def _columns(table: Table) -> str:
    """Specification of the columns; those of longer text share six tenths of the line."""
    long = [
        column.kind == "wide"
        or (column.kind == "text" and any(alignment.width(row[i].shown) > alignment.LONGEST for row in table.rows))
        for i, column in enumerate(table.columns)
    ]
    paragraph = f">{{\\raggedright\\arraybackslash}}p{{{0.6 / max(sum(long), 1):.3f}\\linewidth}}"
    kinds = ("r" if column.kind == "number" else "l" for column in table.columns)
    return "@{}" + "".join(paragraph if broken else kind for broken, kind in zip(long, kinds, strict=True)) + "@{}"


def _heads(table: Table) -> list[str]:
    spans = alignment.above(table)
    lines = []
    if any(head for head, _, _ in spans):
        lines.append(_row(f"\\multicolumn{{{n}}}{{c}}{{{escape(h)}}}" if h else "" for h, _, n in spans))
        lines.append(" ".join(f"\\cmidrule(lr){{{i + 1}-{i + n}}}" for h, i, n in spans if h))
    pads = [alignment.hanging(numbers) if numbers else "" for numbers in _numbers(table)]
    lines.append(_row(escape(c.label) + _phantom(pad) for c, pad in zip(table.columns, pads, strict=True)))
    return lines


def _rows(table: Table) -> list[str]:
    pads = [alignment.paddings(numbers) if numbers else [""] * len(table.rows) for numbers in _numbers(table)]
    lines = []
    for r, row in enumerate(table.rows):
        if r in table.ruled:
            lines.append(r"\midrule[0.3pt]")
        kinds = (column.kind for column in table.columns)
        lines.append(
            _row(_cell(cell.shown, kind) + _phantom(pad[r]) for cell, kind, pad in zip(row, kinds, pads, strict=True))
        )
    return lines


def _numbers(table: Table) -> list[list[str]]:
    """Cells of every column of numbers as they are shown, none of the others."""
    return [
        [row[i].shown for row in table.rows] if column.kind == "number" else []
        for i, column in enumerate(table.columns)
    ]


def _cell(shown: str, kind: str) -> str:
    """A cell; a number has the sign of a number, not a hyphen."""
    return escape(re.sub(r"^-(?=\d)", "−", shown) if kind == "number" else shown)


def _row(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"


def _phantom(padding: str) -> str:
    return f"\\phantom{{{''.join(map(_sign, padding))}}}" if padding else ""
