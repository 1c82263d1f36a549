"""From a study file to a study: all that is wrong in its structure, with line, column and the nearest known name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ouhe.errors import Place, Problem, StudyError, did_you_mean
from ouhe.study import document
from ouhe.study.document import Document
from ouhe.study.schema import Study

__all__ = ["StudyFile", "load", "validate"]


@dataclass(frozen=True)
class StudyFile:
    """A study and where it came from.

    Parameters
    ----------
    study
        The study.
    folder
        Folder its paths start from.
    document
        The file's text with the place of every key.
    path
        The study file, None for a study made in a program.
    settings
        Settings laid over the file (``--set``).
    problems
        Problems in parts of the study that the data do not need to be read; the study then holds defaults there.
    """

    study: Study
    folder: Path
    document: Document = field(default_factory=lambda: Document({}))
    path: Path | None = None
    settings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def load(path: str | Path, *, settings: Sequence[str] = ()) -> StudyFile:
    """Study from the file at `path`.

    Parameters
    ----------
    path
        The study file.
    settings
        ``key.path=value`` settings that are laid over the file.

    Returns
    -------
    StudyFile
        The study. Problems in parts that have a default do not stop the reading, so that the data's problems can be
        told with them; they stand in `problems`.

    Raises
    ------
    StudyError
        The file cannot be read, or parts without a default are wrong.
    """
    path = Path(path)
    read = document.override(document.load(path), settings)
    study, problems = validate(read)
    return StudyFile(study, path.parent, read, path, tuple(settings), problems)


def validate(read: Document) -> tuple[Study, tuple[Problem, ...]]:
    """Study from plain data, and the problems of those parts that were replaced by their defaults."""
    try:
        return Study.model_validate(dict(read.data)), ()
    except ValidationError as error:
        details = error.errors(include_url=False)
        deeper = {d["loc"][:n] for d in details for n in range(len(d["loc"]))}
        told = [d for d in details if d["type"] != "too_short" or d["loc"] not in deeper]
        problems = tuple(p for detail in told for p in _problems(detail, read))
        wrong = {d["loc"][0] for d in details if d["loc"]}
        if not wrong or any(k in Study.model_fields and Study.model_fields[str(k)].is_required() for k in wrong):
            raise StudyError(*problems) from None
    try:
        return Study.model_validate({k: v for k, v in read.data.items() if k not in wrong}), problems
    except ValidationError:
        raise StudyError(*problems) from None


def _problems(detail: ErrorDetails, read: Document) -> Iterator[Problem]:
    """What one complaint of the structure says, in the words of the file."""
    kind, loc, context = detail["type"], detail["loc"], detail.get("ctx", {})
    key = _key(loc, read.data)
    place = read.place(*key)
    named = str(loc[-1]) if loc else ""
    value = detail["input"]
    if kind == "ouhe":
        params = {k: v for k, v in context.items() if k != "key"}
        where = _place_of_indicator(read, params) if "id" in params else place
        yield Problem(context["key"], where, params)
    elif kind == "extra_forbidden":
        known = _known_keys(loc[:-1])
        yield Problem(
            "study.unknown_key", place, {"key": named, "near": did_you_mean(named, known), "known": _list(known)}
        )
    elif kind == "missing":
        yield Problem("study.missing_key", place, {"key": named})
    elif kind == "union_tag_invalid":
        known = [t.strip(" '") for t in str(context["expected_tags"]).split(",")]
        tag = str(context["tag"])
        place = read.place(*key, "method")
        yield Problem(
            "study.unknown_method", place, {"method": tag, "near": did_you_mean(tag, known), "known": _list(known)}
        )
    elif kind == "union_tag_not_found":
        yield Problem("study.no_method", place, {"key": named})
    elif kind == "literal_error":
        known = [t.strip(" '") for t in str(context["expected"]).replace(" or ", ",").split(",")]
        yield Problem(
            "study.not_one_of", place, {"value": value, "known": _list(known), "near": did_you_mean(str(value), known)}
        )
    elif kind in _EXPECTED:
        yield Problem(f"study.expected_{_EXPECTED[kind]}", place, {"key": named, "value": _short(value), **context})
    else:
        yield Problem("study.not_valid", place, {"key": named, "value": _short(value), "why": detail["msg"]})


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


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    """Keys that may stand at `loc`."""
    candidates: list[type[BaseModel]] = [Study]
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


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)


def _short(value: Any) -> str:
    said = repr(value) if not isinstance(value, str) else f'"{value}"'
    return said if len(said) <= 60 else said[:57] + "…"
