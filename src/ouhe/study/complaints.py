"""What the structure of a study finds wrong, said in the words of the file, with line, column and the nearest names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from ouhe import text
from ouhe.errors import Place, Problem, did_you_mean
from ouhe.study import document
from ouhe.study.document import Document

__all__ = ["problems"]


def problems(detail: ErrorDetails, read: Document, *, root: type[BaseModel]) -> Iterator[Problem]:
    """What one complaint of the structure says, in the words of the file; `root` is the model of the whole file."""
    kind, loc, context = detail["type"], detail["loc"], detail.get("ctx", {})
    key = _key(loc, read.data)
    place = read.place(*key)
    named = next((str(k) for k in reversed(key) if isinstance(k, str)), str(loc[-1]) if loc else "")
    said = {"key": named, "value": _short(detail["input"]), **context}
    slip = next((c for c in str(detail["input"]) if c in document.FULL_WIDTH), None)
    if kind in _EXPECTED and isinstance(detail["input"], str) and slip:
        yield Problem("study.full_width", place, {"sign": slip})
    elif kind == "ouhe":
        yield _own(context, read, place)
    elif kind == "extra_forbidden":
        known, named = _known_keys(loc[:-1], root), str(loc[-1])
        # a comma inside {} ends a value, so the rest of a formula reads as a key
        name = "study.comma_in_braces" if ")" in named else "study.unknown_key"
        yield Problem(name, place, said | {"key": named} | _suggestions(named, known))
    elif kind == "missing":
        if isinstance(loc[-1], int):  # a list that is too short
            yield Problem("study.expected_more", place, {"key": named, "min_length": loc[-1] + 1})
        else:
            yield Problem("study.missing_key", place, {"key": str(loc[-1])})
    elif kind == "union_tag_invalid":
        tag = str(context["tag"])
        known = _quoted(context["expected_tags"])
        yield Problem("study.unknown_method", read.place(*key, "method"), {"method": tag} | _suggestions(tag, known))
    elif kind == "union_tag_not_found":
        yield Problem("study.no_method", place, {"key": named})
    elif kind == "literal_error":
        value = str(detail["input"])
        yield Problem("study.not_one_of", place, {"value": value} | _suggestions(value, _quoted(context["expected"])))
    elif kind in _EXPECTED:
        yield Problem(f"study.expected_{_EXPECTED[kind]}", place, said)
    else:
        yield Problem("study.not_valid", place, said | {"why": detail["msg"]})


def _own(context: Mapping[str, Any], read: Document, place: Place) -> Problem:
    """Complaint of our own validators: its text's key, where to point, and the text's values."""
    params = {k: v for k, v in context.items() if k not in ("key", "at")}
    if "at" in context:
        place = read.place(*context["at"].split("."))
    elif "id" in params:
        place = _place_of_indicator(read, params)
    return Problem(context["key"], place, params)


def _suggestions(name: str, known: Sequence[str]) -> dict[str, str]:
    return {"near": did_you_mean(name, known), "known": ", ".join(known)}


def _quoted(expected: object) -> list[str]:
    """Names in a list such as ``'a', 'b' or 'c'``."""
    return [part.strip(" '") for part in str(expected).replace(" or ", ",").split(",")]


_EXPECTED: Mapping[str, str] = {
    "string_type": "text", "string_too_short": "text", "string_pattern_mismatch": "text",
    "int_type": "whole", "int_parsing": "whole", "int_from_float": "whole",
    "float_type": "number", "float_parsing": "number", "finite_number": "number",
    "bool_type": "bool", "bool_parsing": "bool",
    "tuple_type": "list", "list_type": "list",
    "dict_type": "mapping", "model_type": "mapping", "model_attributes_type": "mapping",
    "too_short": "more", "missing_argument": "more",
    "greater_than": "above", "greater_than_equal": "at_least", "less_than": "below", "less_than_equal": "at_most",
}  # fmt: skip


def _key(loc: tuple[int | str, ...], data: Any) -> document.Key:
    """Part of `loc` that stands in the file: tags of unions and keys of long forms do not."""
    found: list[int | str] = []
    for part in loc:
        inside = part in data if isinstance(data, Mapping) else isinstance(data, list) and part in range(len(data))
        if inside:
            data = data[part]
            found.append(part)
    return tuple(found)


def _place_of_indicator(read: Document, params: Mapping[str, Any]) -> Place:
    """Last place in the file where an indicator of this id stands in this system."""
    keys = [k for k in read.places if k[:2] == ("systems", params["system"]) and k[-1] == params["id"]]
    return read.place(*keys[-1]) if keys else read.place("systems")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Models that an annotation may hold."""
    annotation = getattr(annotation, "__value__", annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _known_keys(loc: tuple[int | str, ...], root: type[BaseModel]) -> list[str]:
    """Keys that may stand at `loc`."""
    candidates: list[type[BaseModel]] = [root]
    for part in loc:
        fields = [m.model_fields[part] for m in candidates if isinstance(part, str) and part in m.model_fields]
        tagged = [
            m
            for m in candidates
            if "method" in m.model_fields and part in get_args(m.model_fields["method"].annotation)
        ]
        if fields:
            candidates = [m for f in fields for m in _models(f.annotation)]
        elif tagged:
            candidates = tagged
    return list(dict.fromkeys(k for m in candidates for k in m.model_fields))


def _short(value: Any) -> str:
    if value is None:
        return text.t("study.nothing")
    said = repr(value) if not isinstance(value, str) else f'"{value}"'
    return said if len(said) <= 60 else said[:57] + "…"
