"""The reference page of the study file, made from the structure itself, so that it is never behind."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from ouhe import text
from ouhe.study import analyses, methods, schema

__all__ = ["reference", "table"]

#: Models that a study is made of, in the order of the page.
_PARTS: tuple[type[BaseModel], ...] = (
    schema.Regions,
    schema.DataEntry,
    schema.Derivation,
    schema.Missing,
    schema.IndicatorEntry,
    schema.Coupling,
    schema.Classes,
    schema.Level,
    schema.Figures,
    schema.Report,
    schema.Map,
    schema.Raster,
)

_STAGES: tuple[methods.Stage, ...] = ("missing", "normalise", "weights", "aggregate", "coupling", "neighbours")


def reference(lang: text.Lang) -> str:
    """Markdown page that says what every key of a study file is for, and what every method and option does.

    Parameters
    ----------
    lang
        Language of the page.
    """
    with text.use(lang):
        return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield f"# {text.t('reference.title')}"
    yield ""
    yield text.t("reference.intro")
    yield ""
    yield f"## {text.t('reference.study')}"
    yield ""
    yield from table(schema.Study, "study")
    for model in _PARTS:
        yield f"### {text.t('reference.' + model.__name__.lower())}"
        yield ""
        yield from table(model, model.__name__.lower())
    yield f"## {text.t('reference.methods')}"
    yield ""
    for stage in _STAGES:
        yield f"### `{stage}`"
        yield ""
        yield from _methods(stage)
    yield f"## {text.t('reference.analyses_methods')}"
    yield ""
    yield from _analyses()


def table(model: type[BaseModel], prefix: str, *, namespace: str = "fields") -> Iterator[str]:
    """Lines of a table with a row a field.

    Parameters
    ----------
    model
        The structure.
    prefix, namespace
        What a field is for is the text ``NAMESPACE.PREFIX_FIELD``.
    """
    yield "| " + " | ".join(text.t(f"reference.{c}") for c in ("key", "takes", "default", "meaning")) + " |"
    yield "| --- | --- | --- | --- |"
    for name, field in model.model_fields.items():
        if name == "method" and prefix == "coupling":
            continue
        said = text.t(f"{namespace}.{prefix}_{name}").replace("|", "\\|")
        yield f"| `{name}` | {_takes(field)} | {_default(field)} | {said} |"
    yield ""


def _methods(stage: methods.Stage) -> Iterator[str]:
    known: Mapping[str, Any] = methods.METHODS[stage]
    if stage == "weights":
        known = {**known, **methods.COMBINATIONS}
    for name, function in known.items():
        key = f"methods.{stage}_{name}".replace("-", "_")
        yield f"- **`{name}`** — {text.t(key)}"
        more = methods.FETCHED.get((stage, name), {})
        for option, (annotation, default) in {**more, **methods.options(function)}.items():
            yield _option(option, annotation, default, text.t(f"{key}_{option}"))
        if stage == "neighbours":
            yield _option("name", str, None, text.t("fields.choice_name"))
        if name in methods.COMBINATIONS:
            yield f"  - `of` — {text.t('fields.choice_of')}"
    yield ""


def _analyses() -> Iterator[str]:
    """Every analysis with what all take, what it takes besides, and the options of its method."""
    for name, kind in analyses.ANALYSES.items():
        yield f"- **`{name}`** — {text.t(f'methods.analyses_{name}')}"
        for field, info in kind.model.model_fields.items():
            yield _option(field, info.annotation, info.get_default(), text.t(f"fields.analysis_{field}"))
        for option, (annotation, default) in methods.options(kind.function).items():
            yield _option(option, annotation, default, text.t(f"methods.analyses_{name}_{option}"))
    yield ""


def _option(name: str, annotation: Any, default: Any, said: str) -> str:
    shown = text.t("reference.required") if default is ... else _value(default)
    return f"  - `{name}` ({_kind(annotation)}; {text.t('reference.default')}: {shown}) — {said}"


def _takes(field: FieldInfo) -> str:
    return _kind(field.annotation)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return text.t("reference.required")
    return _value(field.default)


def _value(value: Any) -> str:
    if isinstance(value, schema.Figures | schema.Report):
        value = "all"
    elif isinstance(value, BaseModel):  # the first field is what the short form gives
        value = getattr(value, next(iter(type(value).model_fields))) or None
    if value is None or value in ((), {}, ""):
        return text.t("reference.none")
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _kind(annotation: Any) -> str:
    """What a value may be, in words."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin is Literal:
        return ", ".join(_value(a) for a in arguments)
    if origin in (Union, types.UnionType):
        parts = [_kind(a) for a in arguments if a is not type(None)]
        return text.t("reference.or").join(dict.fromkeys(parts))
    if origin is tuple:
        return text.t("reference.list_of", kind=_kind(arguments[0]))
    is_method = isinstance(annotation, type) and issubclass(annotation, methods.Choice)
    plain = {str: "text", int: "whole", float: "number", bool: "boolean"}.get(annotation, "mapping")
    return text.t("reference.method" if is_method else f"reference.{plain}")
