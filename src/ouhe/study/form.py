"""What the models of a study file are made of: frozen models, names, and the short forms of lists and years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

__all__ = ["Model", "Name", "chosen", "off_or", "one_or_many", "span"]

Name = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Model(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def off_or(model: type[BaseModel]) -> Any:
    """Annotation for `model` or ``false``; what is wrong with one is never told as wrong with the other."""

    def kind(value: Any) -> str:
        return "off" if value is False else "on"

    either: Any = Annotated[model, Tag("on")] | Annotated[Literal[False], Tag("off")]
    return Annotated[either, Discriminator(kind)]


def one_or_many(value: Any) -> Any:
    """A list; one text or mapping stands for a list of one."""
    return [value] if isinstance(value, str | Mapping) else value


def span(value: Any) -> Any:
    """Years, rising: ``[first, last]`` is a range; ``{only: […]}`` and three or more stand for themselves."""
    if isinstance(value, Mapping) and set(value) == {"only"}:
        return chosen(value["only"])
    listed = [_year(v) for v in (value if isinstance(value, list | tuple) else [value])]
    if len(listed) != 2 or not isinstance(value, list) or not _whole(listed):
        return chosen(value)
    first, last = listed
    if first > last or last - first > 1000:
        raise PydanticCustomError("ouhe", "", {"key": "study.years_order", "first": first, "last": last})
    return range(first, last + 1)


def chosen(value: Any) -> Any:
    """Years that each stand for themselves, rising; nothing where none are named."""
    if value is None:
        return None
    listed = [_year(v) for v in (value if isinstance(value, list | tuple) else [value])]
    if not _whole(listed):
        return value
    twice = sorted({v for v in listed if listed.count(v) > 1})
    if twice:
        raise PydanticCustomError("ouhe", "", {"key": "study.years_twice", "years": ", ".join(map(str, twice))})
    return sorted(listed)


def _whole(values: list[Any]) -> bool:
    return all(isinstance(v, int) and not isinstance(v, bool) for v in values)


def _year(value: Any) -> Any:
    """A year written as a text or with a decimal point, as the whole number it is."""
    if isinstance(value, str) and value.strip().isdigit():
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value
