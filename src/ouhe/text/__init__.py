"""Every sentence and label a user reads, in Chinese (zh) and English (en).

A key is ``namespace.name``; the namespace is the file ``LANG/NAMESPACE.toml`` it stands in, so that a part of
the house keeps its texts together and only what is used is read.
"""

from __future__ import annotations

import locale
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Literal

__all__ = [
    "LANGUAGES",
    "Lang",
    "current",
    "enumerated",
    "from_environment",
    "namespaces",
    "of_cells",
    "t",
    "template",
    "texts",
    "use",
]

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")

_language: ContextVar[Lang | None] = ContextVar("ouhe_language", default=None)
_cells: ContextVar[bool] = ContextVar("ouhe_cells", default=False)

#: What no word is changed in: placeholders, and marks for references and citations.
_FIXED = re.compile(r"(\{[^{}]*\}|\[\[[^\]]*\]\])")

#: Namespaces whose groups are the zones of a raster.
_OF_GROUPS = ("findings", "findings_groups")


def from_environment() -> Lang:
    """Language a user's machine asks for: ``OUHE_LANG``, then the locale, else English."""
    asked = os.environ.get("OUHE_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    if not asked:
        asked = locale.getlocale()[0] or ""
    return "zh" if asked.lower().startswith(("zh", "chinese")) else "en"


def current() -> Lang:
    """Language texts are given in now."""
    return _language.get() or from_environment()


@contextmanager
def use(lang: Lang | None) -> Iterator[None]:
    """Give texts in `lang` inside the block (None changes nothing).

    Examples
    --------
    >>> from ouhe import text
    >>> with text.use("zh"):
    ...     text.t("labels.year")
    '年份'
    """
    token = _language.set(lang or _language.get())
    try:
        yield
    finally:
        _language.reset(token)


@cache
def texts(namespace: str, lang: Lang) -> dict[str, str]:
    """All texts of one namespace in one language."""
    return tomllib.loads((files(__package__) / lang / f"{namespace}.toml").read_text("utf-8"))


def namespaces(lang: Lang) -> list[str]:
    """Names of the text files of one language."""
    return sorted(
        f.name.removesuffix(".toml") for f in (files(__package__) / lang).iterdir() if f.name.endswith(".toml")
    )


@contextmanager
def of_cells(yes: bool = True) -> Iterator[None]:  # noqa: FBT001, FBT002 (reads as a sentence)
    """Speak of the cells of a raster inside the block, where texts speak of regions.

    A text ``NAME_cells`` takes the place of ``NAME``; in others the word for a region becomes that for a cell, and what
    findings call a group is a zone.

    Examples
    --------
    >>> with of_cells():
    ...     t("report.head_distribution", lang="en")
    'Distribution over cells'
    """
    token = _cells.set(yes)
    try:
        yield
    finally:
        _cells.reset(token)


def template(key: str, lang: Lang) -> str:
    """Text for `key` in one language with its ``{placeholders}``, as it is said of what is spoken of.

    Raises
    ------
    KeyError
        No such text.
    """
    namespace, _, name = key.partition(".")
    known = texts(namespace, lang)
    if not _cells.get():
        return known[name]
    return known[f"{name}_cells"] if f"{name}_cells" in known else _said_of_cells(known[name], namespace, lang)


@cache
def _said_of_cells(said: str, namespace: str, lang: Lang) -> str:
    words = texts("places", lang)
    pairs = [("region", "cell"), *([("group", "zone")] if namespace in _OF_GROUPS else [])]
    parts = _FIXED.split(said)
    for number in range(0, len(parts), 2):
        for here, there in pairs:
            for form in (str, str.capitalize):
                parts[number] = parts[number].replace(form(words[here]), form(words[there]))
    return "".join(parts)


def t(key: str, /, *, lang: Lang | None = None, **params: object) -> str:
    """Text for `key` in the current language, its ``{placeholders}`` filled from `params`.

    Parameters
    ----------
    key
        ``namespace.name``.
    lang
        Language; the current one when left out.
    **params
        Values for the placeholders of the text.

    Raises
    ------
    KeyError
        No such text: a defect of the program, not of its input.

    Examples
    --------
    >>> t("labels.year", lang="en")
    'year'
    """
    return template(key, lang or current()).format(**params)


def enumerated(names: Iterable[object]) -> str:
    """Names in running text, in the current language.

    Examples
    --------
    >>> from ouhe import text
    >>> with text.use("en"):
    ...     text.enumerated(["a", "b", "c"]), text.enumerated(["a"])
    ('a, b and c', 'a')
    >>> with text.use("zh"):
    ...     text.enumerated(["甲", "乙", "丙"])
    '甲、乙、丙'
    """
    *others, last = map(str, names)
    return t("labels.and", names=t("labels.comma").join(others), last=last) if others else last
