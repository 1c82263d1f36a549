"""The classes of coordination that a paper names."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from ouhe.audit.paper import Level

__all__ = ["levels"]


def levels(said: str | tuple[Level, ...] | None) -> tuple[Level, ...] | None:
    """Classes with both ends, in the order of the paper; ends that are not printed are those of the class before.

    Examples
    --------
    >>> levels("nine-level")[1]
    Level(above=0.2, to=0.3, label='中度失调')
    """
    if said is None:
        return None
    if isinstance(said, str):
        scheme = tomllib.loads(files("ouhe.study").joinpath("classes.toml").read_text("utf-8"))[said]
        return levels(tuple(Level(to=u, label=n) for u, n in zip(scheme["upper"], scheme["zh"], strict=True)))
    before = [0.0, *(level.to for level in said[:-1])]
    return tuple(
        level if level.above is not None else level.model_copy(update={"above": lower})
        for level, lower in zip(said, before, strict=True)
    )
