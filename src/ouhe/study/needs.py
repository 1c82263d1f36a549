"""Which series a study needs: what must be read, what must be derived, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ouhe.compute import derive
from ouhe.errors import OuheError, Problem, did_you_mean
from ouhe.read.reading import Reading
from ouhe.study.load import StudyFile
from ouhe.study.schema import Study

__all__ = ["Plan", "accepted_headers", "plan", "years"]


@dataclass(frozen=True, slots=True)
class Plan:
    """Series to take from the data, series to derive in order, and what stands in the way."""

    series: tuple[str, ...]
    derivations: tuple[str, ...]
    problems: tuple[Problem, ...]


def accepted_headers(study: Study) -> dict[str, tuple[str, ...]]:
    """Headers under which each series of a study may stand: its id, its name, its name with the unit in brackets."""
    described = {i.id: (i.name, i.unit) for i in study.indicators}
    described |= {k: (d.name or described.get(k, ("", ""))[0], d.unit) for k, d in study.derive.items() if d.name}
    read = [i.id for i in study.indicators if i.id not in study.derive]
    read += [k for k, d in study.derive.items() if d.if_absent]
    inputs = [n for d in study.derive.values() for n in _names(d.expression) if n not in study.derive]
    inputs += [n for n in _analysed(study) if n not in study.derive]
    out: dict[str, tuple[str, ...]] = {}
    for series in dict.fromkeys([*read, *inputs]):
        name, unit = described.get(series, ("", ""))
        with_unit = (f"{name}({unit})",) if name and unit else ()
        out[series] = tuple(dict.fromkeys(n for n in (series, name, *with_unit) if n))
    return out


def _analysed(study: Study) -> list[str]:
    """Series that analyses need besides the indicators: for economic distances, and as controls."""
    distances = [w.of for w in study.analyses.weights() if hasattr(w, "of")]
    return distances + [s for _, analysis in study.analyses.asked() for s in getattr(analysis, "controls", ())]


def _names(expression: str) -> tuple[str, ...]:
    """Series an expression uses; none where the expression is wrong, which :func:`plan` tells."""
    try:
        return derive.names(expression)
    except OuheError:
        return ()


def plan(file: StudyFile, readings: Sequence[Reading], *, complete: bool = True) -> Plan:
    """What a study needs of what was read.

    A derivation with ``if_absent`` gives way to a series of its name that has values. What the study names and
    nobody can supply is a problem; what was read beyond need is kept, so that the panel shows it.
    """
    study = file.study
    held = set().union(*(r.cells.loc[r.cells["value"].notna(), "series"].unique() for r in readings))
    wrong = dict(_wrong_expressions(file))
    not_asked = {x.label for r in readings for x in r.left_out if x.reason == "not-asked"}
    problems = [*(p for of in wrong.values() for p in of), *_derived_and_read(file, held, not_asked)]
    needed: list[str] = []
    derivations: set[str] = set()
    pending = [*study.missing.before_derive, *(i.id for i in study.indicators), *_analysed(study)][::-1]
    while pending:
        series = pending.pop()
        if series in derivations or series in needed:
            continue
        derivation = study.derive.get(series)
        if derivation is None or (derivation.if_absent and series in held):
            needed.append(series)
        else:
            derivations.add(series)
            pending.extend(reversed(_names(derivation.expression)))
    if complete:
        blank = set().union(*(r.cells["series"].unique() for r in readings)) - held
        problems += _blank(file, [s for s in needed if s in blank])
        problems += _nowhere(file, [s for s in needed if s not in blank], held, not_asked)
    expressions = {k: study.derive[k].expression for k in study.derive if k in derivations and k not in wrong}
    order: tuple[str, ...] = ()
    try:
        order = derive.order(expressions, places={k: file.document.place("derive", k) for k in expressions})
    except OuheError as error:
        problems += error.problems
    supplied = [s for s in needed if s in held]
    extra = sorted(held - set(supplied) - set(order))
    return Plan((*supplied, *extra), order, tuple(problems))


def years(study: Study, readings: Sequence[Reading]) -> tuple[int, ...]:
    """Years to take from the data: the study's, and before them those that a growth rate or a lag looks back to."""
    if not any(_looks_back(d.expression) for d in study.derive.values()):
        return study.years
    held = set().union(*(r.cells["year"].unique() for r in readings))
    return tuple(sorted({*study.years, *(int(y) for y in held if y < min(study.years))}))


def _looks_back(expression: str) -> bool:
    """Whether a formula takes values of earlier years; a wrong one is told elsewhere."""
    try:
        return derive.looks_back(expression)
    except OuheError:
        return False


def _wrong_expressions(file: StudyFile) -> Iterable[tuple[str, tuple[Problem, ...]]]:
    """Derived series whose expression cannot be read, each with what is wrong."""
    for target, derivation in file.study.derive.items():
        try:
            derive.names(derivation.expression, place=file.document.place("derive", target), target=target)
        except OuheError as error:
            yield target, error.problems


def _derived_and_read(file: StudyFile, held: set[str], not_asked: set[str]) -> Iterable[Problem]:
    """Series that the study derives although the data hold one of their name."""
    for target, derivation in file.study.derive.items():
        if derivation.if_absent or target not in held | not_asked:
            continue
        key = "gather.derived_and_read" if target in held else "gather.derived_column"
        yield Problem(key, file.document.place("derive", target), {"series": target})


def _blank(file: StudyFile, series: Sequence[str]) -> Iterable[Problem]:
    """One problem for all needed series that stand in the files without a single value."""
    if series:
        names = {i.id: i.name or i.id for i in file.study.indicators}
        names |= {c: headers[0] for e in file.study.data for c, headers in (e.columns or {}).items()}
        said = ", ".join(names.get(s, s) for s in series[:8]) + (" …" if len(series) > 8 else "")
        yield Problem("gather.blank", file.document.place("data"), {"count": len(series), "series": said})


def _nowhere(file: StudyFile, needed: Sequence[str], held: set[str], not_asked: Iterable[str]) -> Iterable[Problem]:
    """Needed series that nobody supplies; a column the study names itself was told by the reader."""
    named = {c for entry in file.study.data for c in entry.columns or ()}
    users = {n: target for target, d in file.study.derive.items() for n in _names(d.expression)}
    known = sorted({*held, *file.study.derive, *not_asked})
    ids = {i.name: i.id for i in file.study.indicators if i.name}
    for series in needed:
        if series in held or series in named:
            continue
        place = file.document.place("derive", users[series]) if series in users else file.document.find(series)
        if series in users and series in ids:
            yield Problem("gather.use_id", place, {"series": series, "id": ids[series]})
        else:
            yield Problem("gather.no_series", place, {"series": series, "near": did_you_mean(series, known)})
