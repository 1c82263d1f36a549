"""Every sentence and label a user reads, in Chinese (zh) and English (en).

A key is ``namespace.name``; the namespace is the file ``LANG/NAMESPACE.toml`` it stands in, so that a part of
the house keeps its texts together and only what is used is read.
"""

from __future__ import annotations

import locale
import os
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Literal

__all__ = ["LANGUAGES", "Lang", "current", "enumerated", "from_environment", "namespaces", "t", "texts", "use"]

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")

_language: ContextVar[Lang | None] = ContextVar("ouhe_language", default=None)


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
    namespace, _, name = key.partition(".")
    return texts(namespace, lang or current())[name].format(**params)


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
