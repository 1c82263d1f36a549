"""The one table from names in a study file to functions, and the options each function takes.

A method's options are the keyword-only parameters of its function: the model that checks them, the reference page
and the workbench are all made from the signatures, so an option exists in one place.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Union, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, create_model

from ouhe import neighbours
from ouhe.compute import aggregate, couple, impute, normalise, weight
from ouhe.read import matrix

__all__ = [
    "COMBINATIONS",
    "DEFAULTS",
    "DIVIDE_BY_SPREAD",
    "FETCHED",
    "METHODS",
    "ON_RAW",
    "SUPPLIED",
    "Choice",
    "Stage",
    "options",
    "union",
]

Stage = Literal["normalise", "weights", "aggregate", "coupling", "missing", "neighbours"]

METHODS: Mapping[Stage, Mapping[str, Callable[..., Any]]] = {
    "missing": {
        "linear": impute.linear,
        "trend": impute.trend,
        "group-mean": impute.group_mean,
        "indicator-mean": impute.indicator_mean,
        "carry-forward": impute.carry_forward,
    },
    "normalise": {
        "minmax": normalise.minmax,
        "zscore": normalise.zscore,
        "goalposts": normalise.goalposts,
        "vector": normalise.vector,
    },
    "weights": {
        "entropy": weight.entropy,
        "equal": weight.equal,
        "given": weight.given,
        "critic": weight.critic,
        "variation": weight.variation,
        "principal": weight.principal,
    },
    "aggregate": {
        "linear": aggregate.linear,
        "geometric": aggregate.geometric,
        "topsis": aggregate.topsis,
        "shares": aggregate.shares,
    },
    "coupling": {
        "standard": couple.standard,
        "wang": couple.wang,
        "fan": couple.fan,
    },
    "neighbours": {
        "contiguity": neighbours.contiguity,
        "k-nearest": neighbours.k_nearest,
        "distance-band": neighbours.distance_band,
        "inverse-distance": neighbours.inverse_distance,
        "economic": neighbours.economic,
        "economic-geographic": neighbours.economic_geographic,
        "matrix": matrix.read_matrix,
        "boundaries": neighbours.from_boundaries,
        "lattice": neighbours.lattice,
    },
}

#: Where regions are for distances: at the coordinates of the region set, or at the centres of the base map's shapes.
Points = Literal["set", "centroids"]

#: What a choice names besides its options, for the run to fetch: stage and method → field → what it takes, default.
FETCHED: Mapping[tuple[Stage, str], Mapping[str, tuple[Any, Any]]] = {
    ("neighbours", "economic"): {"of": (str, ...)},
    ("neighbours", "economic-geographic"): {"of": (str, ...), "points": (Points, "set")},
    ("neighbours", "k-nearest"): {"points": (Points, "set")},
    ("neighbours", "distance-band"): {"points": (Points, "set")},
    ("neighbours", "inverse-distance"): {"points": (Points, "set")},
    ("neighbours", "matrix"): {"path": (str, ...)},
    ("neighbours", "boundaries"): {"path": (str, ...), "name_column": (str | None, None)},
}

#: Weights made from other weights: name → function of a list of weights.
COMBINATIONS: Mapping[str, Callable[..., Any]] = {"mean": weight.mean, "product": weight.product}

#: Scalings that divide by how much an indicator varies; the others take one that never does.
DIVIDE_BY_SPREAD = frozenset({"minmax", "zscore"})

#: Weights that are taken from the indicators in their units, not from the normalised ones.
ON_RAW = frozenset({"variation"})

#: Method of a stage where a study names none: the paper's.
DEFAULTS: Mapping[Stage, str] = {
    "normalise": "minmax",
    "weights": "entropy",
    "aggregate": "linear",
    "coupling": "standard",
    "neighbours": "contiguity",
}

#: Parameters that the run supplies from elsewhere in the study.
SUPPLIED = frozenset({"aliases", "file", "groups", "name", "progress", "rng"})


class Choice(BaseModel):
    """A method and its options, as a study names them."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    method: str

    #: Names of the method's options.
    takes: ClassVar[tuple[str, ...]] = ()

    def options(self) -> dict[str, Any]:
        """Options of the method as keyword arguments."""
        return {k: getattr(self, k) for k in self.takes}

    def parts(self) -> tuple[Choice, ...]:
        """Choices that a combination is made of."""
        return tuple(getattr(self, "of", ()))


def options(function: Callable[..., Any]) -> dict[str, tuple[Any, Any]]:
    """Options of a function: name → annotation and default (``...`` where one must be given)."""
    hints = get_type_hints(function, include_extras=True)
    return {
        p.name: (hints[p.name], ... if p.default is inspect.Parameter.empty else p.default)
        for p in inspect.signature(function).parameters.values()
        if p.kind is inspect.Parameter.KEYWORD_ONLY and p.name not in SUPPLIED
    }


def _model(stage: Stage, name: str, function: Callable[..., Any], base: type[Choice], **more: Any) -> type[Choice]:
    fields: dict[str, Any] = {"method": (Literal[name], ...), **options(function), **more}
    title = "".join(part.capitalize() for part in f"{stage}-{name}".split("-"))
    made = create_model(title, __base__=base, __doc__=inspect.getdoc(function), **fields)
    made.takes = tuple(options(function))
    return made


def _name(value: Any) -> Any:
    """Method a choice names, for the union to pick its model."""
    return value.get("method") if isinstance(value, Mapping) else getattr(value, "method", None)


def _one_of(models: Mapping[str, type[Choice]], *, default: str | None) -> Any:
    """Union of `models`; a name stands for a method, options without a method are those of `default`."""

    def long_form(value: Any) -> Any:
        if isinstance(value, str):
            return {"method": value}
        return {"method": default, **value} if default and isinstance(value, Mapping) else value

    tagged = tuple(Annotated[model, Tag(name)] for name, model in models.items())
    return Annotated[Union[tagged], Discriminator(_name), BeforeValidator(long_form)]  # noqa: UP007 (made at run time)


@cache
def union(stage: Stage, base: type[Choice] = Choice) -> Any:
    """Annotation that takes any method of `stage`, in its short form (a name) or with its options."""
    models = {
        name: _model(stage, name, function, base, **FETCHED.get((stage, name), {}))
        for name, function in METHODS[stage].items()
    }
    if stage != "weights":
        return _one_of(models, default=DEFAULTS.get(stage))
    several: Any = (tuple.__class_getitem__((_one_of(models, default=None), ...)), Field(min_length=2))
    combinations = {name: _model(stage, name, function, base, of=several) for name, function in COMBINATIONS.items()}
    return _one_of(models | combinations, default=DEFAULTS[stage])
