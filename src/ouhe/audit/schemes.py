"""The classes of coordination that a paper names."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files

from ouhe import text
from ouhe.audit import paper
from ouhe.audit.published import Level

__all__ = ["levels"]


def levels(said: str | Sequence[paper.Level] | None, lang: text.Lang) -> tuple[Level, ...] | None:
    """Classes with both ends; a lower end that is not printed is the upper one of the class before.

    Parameters
    ----------
    said
        Name of a scheme, or classes as the paper prints them.
    lang
        Language in which sentences call the classes of a scheme; tables may use either.

    Examples
    --------
    >>> levels("nine-level", "en")[1]
    Level(above=0.2, to=0.3, names=('moderate imbalance', '中度失调'))
    """
    if said is None:
        return None
    if isinstance(said, str):
        scheme = tomllib.loads(files("ouhe.study").joinpath("classes.toml").read_text("utf-8"))[said]
        languages = (lang, *(other for other in text.LANGUAGES if other != lang))
        names = list(zip(*(scheme[language] for language in languages), strict=True))
        return tuple(Level(a, b, n) for a, b, n in zip([0.0, *scheme["upper"]], scheme["upper"], names, strict=False))
    before = [0.0, *(level.to for level in said[:-1])]
    return tuple(
        Level(lower if level.above is None else level.above, level.to, (level.label,))
        for level, lower in zip(said, before, strict=True)
    )
