"""A document as one HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import math
import traceback
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ouhe import text
from ouhe.errors import OptionError, OuheError, Place
from ouhe.report import document as model
from ouhe.report.document import Cell, Document, Figure, Said, Table
from ouhe.report.formulas import formula
from ouhe.report.render import alignment, svg

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

__all__ = ["TEMPLATES", "html"]

#: Files of the page, each of which a user's file of the same name replaces.
TEMPLATES = ("report.html.j2", "blocks.html.j2", "style.css", "script.js")

#: From these widths on, in half widths, a table is printed in smaller type and on a page laid sideways.
SMALL, SIDEWAYS = 84, 120

#: With more rows than this a table scrolls in a box of its own.
TALL = 40

_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def html(document: Document, *, figures: Mapping[str, Path], templates: Path | None = None) -> str:
    """Render a document as one HTML file, which fetches nothing.

    Parameters
    ----------
    document
        The document.
    figures
        Name of a figure → its SVG file. Where there is none the page says so in its place.
    templates
        Folder whose files take the place of those of :data:`TEMPLATES` with the same names. They run in a sandbox and
        reach no file outside the folder.

    Returns
    -------
    str
        The page; the same document gives the same page.

    Raises
    ------
    OptionError
        `templates` is no folder, or one of its files is broken; the message names file and line.
    DataError
        A figure holds what no drawing of ours holds.

    Examples
    --------
    >>> page = html(Document("A < B", "en", ()), figures={})
    >>> "<h1>A &lt; B</h1>" in page, "https://" in page
    (True, False)
    """
    from jinja2 import TemplateError

    if templates is not None and not templates.is_dir():
        raise OptionError.of("html.no_templates", Place(file=str(templates)))
    source = _source(templates)
    try:
        page = _environment(source).get_template("report.html.j2")
        return page.render(_context(document, figures, source))
    except OuheError:
        raise
    except (
        TemplateError,
        TypeError,
        ValueError,
        ArithmeticError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        place = None if templates is None else _place(templates, error)
        if place is None:
            raise
        raise OptionError.of("html.broken_template", place, why=str(error)) from error


def _place(templates: Path, error: Exception) -> Place | None:
    """Where in a user's templates something went wrong; None where it was in ours, which is our own defect."""
    from jinja2 import TemplateSyntaxError

    theirs = {str(path) for path in templates.rglob("*") if path.is_file()}
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, TemplateSyntaxError):
        frames.append((error.filename or "", error.lineno))
    return next((Place(file=file, line=line) for file, line in reversed(frames) if file in theirs), None)


def _source(templates: Path | None) -> Callable[[str], tuple[str, str] | None]:
    """How a template is found by its name: its text and where it stands, or None."""
    shipped = files("ouhe.report") / "templates"

    def source(name: str) -> tuple[str, str] | None:
        if templates is not None:
            file = templates / name
            # a link in the folder may not lead out of it either
            if file.resolve().is_relative_to(templates.resolve()) and file.is_file():
                try:
                    return file.read_text("utf-8"), str(file)
                except (OSError, UnicodeDecodeError) as error:
                    raise OptionError.of("html.broken_template", Place(file=str(file)), why=str(error)) from error
        if name in TEMPLATES:
            return (shipped / name).read_text("utf-8"), name
        return None

    return source


def _environment(source: Callable[[str], tuple[str, str] | None]) -> SandboxedEnvironment:
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        found = source(name)
        return None if found is None else (*found, lambda: True)

    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    kinds = (
        "Heading",
        "Paragraph",
        "Bullets",
        "Equation",
        "Table",
        "Figure",
        "References",
        "Ref",
        "Cite",
        "Symbol",
        "Said",
    )
    for kind in kinds:
        environment.tests[kind.lower()] = _is(getattr(model, kind))
    return environment


def _is(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind)


def _context(
    document: Document, figures: Mapping[str, Path], source: Callable[[str], tuple[str, str] | None]
) -> dict[str, Any]:
    """Everything a template may use; no file, and nothing that reads one."""
    style, script = ((source(name) or ("", ""))[0] for name in ("style.css", "script.js"))
    # inside a page both would end at their closing tag
    style, script = style.replace("</", "<\\/"), script.replace("</", "<\\/").replace("<!--", "<\\!--")
    script = f"\n{script.strip()}\n".replace("\r\n", "\n")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    def drawing(figure: Figure) -> str | None:
        file = figures.get(figure.file)
        if file is None:
            return None
        return svg.inline(file, prefix=figure.anchor, label=figure.caption)

    def mathml(name: str) -> str:
        return formula(name).mathml

    def t(key: str, **params: object) -> str:
        return text.t(f"html.{key}", lang=document.lang, **params)

    return {
        "document": document,
        "labels": document.labels,
        "cited": document.cited,
        "language": {"zh": "zh-CN", "en": "en"}[document.lang],
        "style": style,
        "script": script,
        "policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        "t": t,
        "drawing": drawing,
        "mathml": mathml,
        "said_id": _first_only(),
        "grid": grid,
        "css_text": css_text,
        "directed": lambda value: not _BIDI.isdisjoint(value),
        "web": lambda url: url.startswith(("https://", "http://")),
    }


def _first_only() -> Callable[[Said], str]:
    """Gives a sentence its id, but only where it stands first: an id is there once."""
    seen: set[int] = set()

    def said_id(said: Said) -> str:
        new = said.number not in seen
        seen.add(said.number)
        return f"finding-{said.number}" if new else ""

    return said_id


def css_text(value: str) -> str:
    r"""A text as a string of CSS, with everything but letters and digits escaped.

    Examples
    --------
    >>> print(css_text('a"</style>'))
    "a\22 \3c \2f style\3e "
    """
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in value) + '"'


def grid(table: Table) -> dict[str, Any]:
    """A table as its template lays it out.

    Returns
    -------
    dict
        ``classes`` of the whole; ``above``: ``(head, from, span)`` of the heads that span columns, head "" where there
        is none; ``hanging``: longest marks behind the numbers of each column; ``rows``: of each whether a rule stands
        over it, and its cells as ``(tag, classes, value, padding, shown)``: the value by which it is sorted (None: as
        shown, "" missing), and what it lacks for its decimal point to stand in line.

    Examples
    --------
    >>> table = Table("t", "c", (model.Column("D", "number"),), ((Cell(0.5, "0.5*"),), (Cell(None, "—"),)))
    >>> for _, cells in grid(table)["rows"]:
    ...     cells
    [('td', 'number', '0.5', '', '0.5*')]
    [('td', 'number', '', '.0*', '—')]
    """
    columns = [
        [row[i].shown for row in table.rows] if column.kind == "number" else [""] * len(table.rows)
        for i, column in enumerate(table.columns)
    ]
    pads = [alignment.paddings(column) for column in columns]
    rows = [
        (r in table.ruled, [_laid(table, c, cell, pads[c][r]) for c, cell in enumerate(row)])
        for r, row in enumerate(table.rows)
    ]
    wide = alignment.table_width(table)
    limits = {"small": wide > SMALL, "sideways": wide > SIDEWAYS, "tall": len(table.rows) > TALL}
    return {
        "classes": [name for name, beyond in limits.items() if beyond],
        "above": alignment.above(table),
        "hanging": [alignment.hanging(column) for column in columns],
        "rows": rows,
    }


def _laid(table: Table, column: int, cell: Cell, padding: str) -> tuple[str, str, str | None, str, str]:
    kind = table.columns[column].kind
    tag = "th" if column == 0 and kind != "number" and cell.shown else "td"
    long = alignment.width(cell.shown) > alignment.LONGEST
    return tag, f"{kind} long" if long else kind, _value(cell), padding, cell.shown


def _value(cell: Cell) -> str | None:
    """Value by which a cell is sorted; None where it is what is shown."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return None if value == cell.shown else value
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if isinstance(value, int) else repr(float(value))
