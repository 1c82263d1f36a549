"""The reference page of the paper file, made from the structure itself, so that it is never behind."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from ouhe import text
from ouhe.audit import paper
from ouhe.audit.checks import CHECKS
from ouhe.audit.tables import header_names
from ouhe.study.reference import table

__all__ = ["reference"]

#: Models that a paper file is made of, in the order of the page.
_PARTS: tuple[type[BaseModel], ...] = (
    paper.TableEntry,
    paper.Statement,
    paper.Formulas,
    paper.RegionsOf,
    paper.Level,
    paper.Matrix,
    paper.Raw,
)

#: Kind of table → the columns it may have; the first ones it must have stand in front.
_COLUMNS = {
    "weights": ("indicator", "weight", "system", "dimension", "direction"),
    "dimension-weights": ("dimension", "weight", "system"),
    "values": ("region", "year", "class", "lag", "rank"),
    "means": ("variable", "scope", "year", "period", "value"),
    "growth": ("variable", "scope", "period", "value"),
    "moran": ("I", "variable", "year", "expected", "sd", "z", "p", "stars"),
}


def reference(lang: text.Lang) -> str:
    """Markdown page that says what every key of a paper file is for.

    Parameters
    ----------
    lang
        Language of the page.
    """
    with text.use(lang):
        return "\n".join(_page()) + "\n"


def _t(key: str) -> str:
    return text.t(f"paper_reference.{key}")


def _page() -> Iterator[str]:
    yield f"# {_t('title')}"
    yield ""
    yield _t("intro")
    yield ""
    yield f"## {_t('keys')}"
    yield ""
    yield from table(paper.PaperFile, "paperfile", namespace="paper_fields")
    for model in _PARTS:
        yield f"### {_t(model.__name__.lower())}"
        yield ""
        yield from table(model, model.__name__.lower(), namespace="paper_fields")
    yield f"## {_t('tables')}"
    yield ""
    yield _t("tables_intro")
    yield ""
    yield from _kinds()
    yield f"## {_t('headers')}"
    yield ""
    yield from _headers()
    yield f"## {_t('checks')}"
    yield ""
    for name in CHECKS:
        yield f"- **{text.t('audit_checks.' + name.replace('-', '_'))}** (`{name}`)"


def _kinds() -> Iterator[str]:
    """Every kind of table, with its columns and what it holds."""
    yield f"| {_t('kind')} | {_t('columns')} | {_t('holds')} |"
    yield "| --- | --- | --- |"
    for kind, columns in _COLUMNS.items():
        named = ", ".join(f"`{c}`" for c in columns)
        yield f"| `{kind}` | {named} | {_t('kind_' + kind.replace('-', '_'))} |"
    yield ""


def _headers() -> Iterator[str]:
    """Every column, with the heads by which it is known."""
    known: dict[str, list[str]] = {}
    for head, column in header_names("columns").items():
        known.setdefault(column, []).append(head)
    yield f"| {_t('columns')} | {_t('heads')} |"
    yield "| --- | --- |"
    for column, heads in known.items():
        yield f"| `{column}` | {', '.join(heads)} |"
    yield ""
