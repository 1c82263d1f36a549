"""The choices of the literature beside those of a study, up to D: an alternative is the study with one step changed."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ouhe import text
from ouhe.results.conventions import Label
from ouhe.study.methods import COMBINATIONS, Choice
from ouhe.study.schema import Study

__all__ = ["Alternative", "alternatives", "label"]

#: The first stage that an alternative changes: what comes before it is as the study has it.
Stage = Literal["normalise", "weights", "aggregate", "couple"]

#: Added to values by software that cannot take the logarithm of 0, and by 127ww/nqp-spatial-development (1e-5).
OFFSETS = (0.0, 1e-5, 1e-4)

#: Where software stretches every index to before it couples them.
STRETCHED = (0.01, 0.99)


@dataclass(frozen=True)
class Alternative:
    """A choice at one step.

    Parameters
    ----------
    step, choice, label, chosen
        As in :class:`~ouhe.results.conventions.Row`.
    study
        The study with this choice, all else as it is.
    stage
        The first stage that has to be computed again.
    """

    step: str
    choice: str
    label: Label
    study: Study
    stage: Stage
    chosen: bool = False


def alternatives(study: Study) -> list[Alternative]:
    """Choices at every step up to D, in the order of the method; the study's own is the first of each step."""
    return [
        *_normalise(study),
        *_weights(study),
        *_denominator(study),
        *_offset(study),
        *_aggregate(study),
        *_rescale(study),
        *_coupling(study),
    ]


def label(choice: Choice, key: str, *, besides: Collection[str] = (), parts: tuple[Label, ...] = ()) -> Label:
    """Name of a choice by the text `key`, with the options that the text does not tell and that are no defaults.

    Parameters
    ----------
    choice
        The choice.
    key
        Key of its text, which may use its options.
    besides
        Options that are told elsewhere.
    parts
        Names of the choices that it combines.

    Examples
    --------
    >>> from pydantic import TypeAdapter
    >>> from ouhe.study.methods import union
    >>> chosen = TypeAdapter(union("normalise")).validate_python({"method": "zscore", "shift": 3})
    >>> with text.use("en"):
    ...     label(chosen, "conventions.normalise_zscore_panel", besides={"over"}).text()
    'z-score over all regions and years (shift=3.0)'
    """
    namespace, _, name = key.partition(".")
    told = {field for _, field, _, _ in string.Formatter().parse(text.texts(namespace, "en")[name]) if field}
    given = choice.model_dump(mode="json")
    left = choice.model_dump(mode="json", exclude_defaults=True, exclude={"method", "name", "of", *told, *besides})
    options = {k: v for k, v in left.items() if not isinstance(v, Mapping | list)}
    return Label(key, {k: given[k] for k in sorted(told) if k in given}, options, parts)


def _normalise(study: Study) -> Iterator[Alternative]:
    """Scalings."""

    def made(changed: Study, **how: Any) -> Alternative:
        chosen = changed.normalise
        over = getattr(chosen, "over", "")
        name = f"{chosen.method}_{over}" if over else chosen.method
        said = label(chosen, f"conventions.normalise_{name}", besides={"over"})
        return Alternative("normalise", name, said, changed, "normalise", **how)

    own = study.normalise.model_dump()
    scalings = (("minmax", "panel"), ("minmax", "year"), ("zscore", "panel"), ("vector", "panel"))
    others = ({**(own if own["method"] == m else {"method": m}), "over": over} for m, over in scalings)
    return _distinct(made(study, chosen=True), (made(study.replace(normalise=other)) for other in others))


def _weights(study: Study) -> Iterator[Alternative]:
    """Ways of weighting; entropy keeps the options that it has in the study."""

    def made(changed: Study, **how: Any) -> Alternative:
        chosen = changed.weights
        return Alternative("weights", _weights_name(chosen), _weights_label(chosen), changed, "weights", **how)

    entropies = _entropies(study.weights)
    entropy = entropies[0].model_dump() if entropies else {"method": "entropy"}
    simple = [entropy, *({"method": m} for m in ("equal", "critic", "variation", "principal"))]
    others = [*simple, {"method": "mean", "of": [entropy, {"method": "critic"}]}]
    return _distinct(made(study, chosen=True), (made(study.replace(weights=other)) for other in others))


def _weights_name(choice: Choice) -> str:
    return "_".join([choice.method, *sorted(map(_weights_name, choice.parts()))])


def _weights_label(choice: Choice) -> Label:
    parts = tuple(map(_weights_label, choice.parts()))
    return label(choice, f"conventions.weights_{choice.method}", besides={"denominator", "offset"}, parts=parts)


def _denominator(study: Study) -> Iterator[Alternative]:
    """What an entropy is divided by; no step of a study that takes none."""

    def made(name: str, changed: Study, **how: Any) -> Alternative:
        said = Label(f"conventions.denominator_{name}")
        return Alternative("denominator", name, said, changed, "weights", **how)

    found = {str(e.options()["denominator"]) for e in _entropies(study.weights)}
    if not found:
        return iter(())
    own = found.pop() if len(found) == 1 else "several"
    others = (made(name, _entropy_with(study, denominator=name)) for name in ("cells", "regions"))
    return _distinct(made(own, study, chosen=True), others)


def _offset(study: Study) -> Iterator[Alternative]:
    """What is added before shares are taken; no step of a study without entropy."""

    def made(offset: float, changed: Study, **how: Any) -> Alternative:
        said = Label("conventions.offset_added", {"offset": offset}) if offset else Label("conventions.offset_none")
        return Alternative("offset", f"{offset:g}", said, changed, "weights", **how)

    found = {float(e.options()["offset"]) for e in _entropies(study.weights)}
    if not found:
        return iter(())
    several = Alternative("offset", "several", Label("conventions.offset_several"), study, "weights", chosen=True)
    own = made(found.pop(), study, chosen=True) if len(found) == 1 else several
    return _distinct(own, (made(offset, _entropy_with(study, offset=offset)) for offset in OFFSETS))


def _entropies(choice: Choice) -> list[Choice]:
    """Entropy weights in a choice of weights, also where they are combined with others."""
    return [choice] if choice.method == "entropy" else [e for part in choice.parts() for e in _entropies(part)]


def _entropy_with(study: Study, **options: Any) -> Study:
    """The study with other options of its entropy weights, wherever they stand."""

    def changed(told: dict[str, Any]) -> dict[str, Any]:
        if told["method"] in COMBINATIONS:
            return {**told, "of": [changed(part) for part in told["of"]]}
        return {**told, **options} if told["method"] == "entropy" else told

    return study.replace(weights=changed(study.weights.model_dump()))


def _aggregate(study: Study) -> Iterator[Alternative]:
    """Ways to bring the indicators together."""

    def made(changed: Study, **how: Any) -> Alternative:
        chosen = changed.aggregate
        said = label(chosen, f"conventions.aggregate_{chosen.method}")
        return Alternative("aggregate", chosen.method, said, changed, "aggregate", **how)

    others: tuple[Any, ...] = ("linear", "shares", {"method": "geometric", "offset": 1e-4}, "topsis")
    return _distinct(made(study, chosen=True), (made(study.replace(aggregate=other)) for other in others))


def _rescale(study: Study) -> Iterator[Alternative]:
    """Whether indices are stretched before they are coupled."""

    def made(bounds: tuple[float, float] | None, **how: Any) -> Alternative:
        changed = study.replace(coupling={**study.coupling.model_dump(), "rescale": bounds})
        if bounds is None:
            return Alternative("rescale", "none", Label("conventions.rescale_none"), changed, "couple", **how)
        low, high = bounds
        said = Label("conventions.rescale_to", {"low": low, "high": high})
        return Alternative("rescale", f"{low:g}_{high:g}", said, changed, "couple", **how)

    return _distinct(made(study.coupling.rescale, chosen=True), map(made, (None, STRETCHED)))


def _coupling(study: Study) -> Iterator[Alternative]:
    """Forms of C."""

    def made(method: str, **how: Any) -> Alternative:
        changed = study.replace(coupling={**study.coupling.model_dump(), "method": method})
        return Alternative("coupling", method, Label(f"conventions.coupling_{method}"), changed, "couple", **how)

    return _distinct(made(study.coupling.method, chosen=True), map(made, ("standard", "wang", "fan")))


def _distinct(own: Alternative, others: Iterable[Alternative]) -> Iterator[Alternative]:
    """The study's own choice, then those that are others."""
    yield own
    yield from (other for other in others if other.choice != own.choice)
