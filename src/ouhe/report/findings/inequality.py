"""How unequal regions are, whether that changes, and where it comes from: within groups, between them, overlaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ouhe import text
from ouhe.report.findings.finding import Finding, Labels
from ouhe.report.findings.listing import listing, valued
from ouhe.results.inequality import PARTS, Inequality, part_label
from ouhe.results.study_results import StudyResults

__all__ = ["LIMITS", "find", "inside", "overall", "pairs", "polarisation", "sources", "theil"]

#: `slight`: Gini coefficient below which regions hardly differ. `change`: by how much the larger of two values must
#: exceed the smaller to be called a change. `turn`: by how much the largest or smallest Gini coefficient must differ
#: from both ends, as a share of the largest. `ahead`: by how much the largest part must exceed the next, `share`: by
#: how much a part must change, `half`: by how much a part of Theil's index must exceed one half, each as a share of
#: the whole.
LIMITS: Mapping[str, Any] = {
    "slight": 0.01,
    "change": 0.05,
    "turn": 0.05,
    "ahead": 0.05,
    "share": 0.05,
    "half": 0.05,
}

#: Measures that are asked whether they agree.
MEASURES = ("gini", "theil_T", "theil_L", "variation")

#: A rule and the values of its sentence.
Rule = tuple[str, dict[str, Any]]


def find(results: StudyResults) -> Iterator[Finding]:
    """Findings on every variable that the study asks for; on parts only where regions differ at all."""
    found, names = results.analyses.get("inequality"), Labels.of(results)
    if not isinstance(found, Inequality):
        return
    for variable in map(str, found.indices["variable"].to_numpy()):
        indices = found.indices.sel(variable=variable)
        told = [*overall(indices)]
        if told and not told[0][0].startswith("slight"):
            told += polarisation(indices)
            if found.dagum is not None and found.theil is not None:
                dagum = found.dagum.sel(variable=variable)
                told += [*sources(dagum), *pairs(dagum, names), *inside(dagum, names)]
                told += theil(found.theil.sel(variable=variable))
        name = {"variable": names.variable(variable)}
        yield from (Finding(f"inequality.{rule}", variable, name | says) for rule, says in told)


def overall(indices: xr.Dataset) -> Iterator[Rule]:
    """Whether regions draw apart or together, by their Gini coefficient, when it turned, and what other measures say.

    Parameters
    ----------
    indices
        ``gini``, ``theil_T``, ``theil_L`` and ``variation`` ``(year)``; years without a Gini coefficient are left out.
    """
    there = indices.dropna("year", subset=["gini"])
    years, gini = there["year"].to_numpy(), there["gini"].to_numpy()
    if not len(gini):
        return
    says = _ends(years, gini)
    if gini.max() < LIMITS["slight"]:
        yield "slight" if len(gini) > 1 else "slight_year", says | {"most": float(gini.max())}
        return
    if len(gini) == 1:
        yield "gini_year", says
        return
    yield _moved("gini", gini, none="gini_from_none"), says | _rate(gini)
    for turn, sign in (("peak", 1), ("trough", -1)):
        at = int((sign * gini).argmax())
        if sign * gini[at] - max(sign * gini[0], sign * gini[-1]) >= LIMITS["turn"] * gini.max():
            yield turn, {"year": int(years[at]), "value": float(gini[at])}
    ways = {m: _change(*_first_last(there[m])) for m in MEASURES if there[m][[0, -1]].notnull().all()}
    measures = {way: tuple(_measure(m) for m, w in ways.items() if w == way) for way in (-1, 0, 1)}
    if len(ways) > 1 and len(set(ways.values())) == 1:
        rule = {1: "agree_wider", 0: "agree_steady", -1: "agree_narrower"}[next(iter(ways.values()))]
        yield rule, {"measures": measures[ways["gini"]], "first_year": int(years[0]), "last_year": int(years[-1])}
    elif measures[1] and measures[-1]:
        yield "disagree", says | {"up": measures[1], "down": measures[-1]}


def polarisation(indices: xr.Dataset) -> Iterator[Rule]:
    """Whether regions draw together at two poles, by Wolfson's index.

    Parameters
    ----------
    indices
        ``wolfson`` ``(year)``; years in which it is missing are left out.
    """
    there = indices["wolfson"].dropna("year")
    values = there.to_numpy()
    if len(values) > 1 and values[[0, -1]].max() > 0:
        yield _moved("polar", values, none="polar_wider"), _ends(there["year"].to_numpy(), values)


def sources(dagum: xr.Dataset) -> Iterator[Rule]:
    """Which part of the Gini coefficient is the largest, whether that changes, and how the part between groups moves.

    Parameters
    ----------
    dagum
        ``gini`` and its parts ``(year)``; years without differences are left out.
    """
    there = dagum[["gini", *PARTS]].where(dagum["gini"] > 0).dropna("year")
    years = there["year"].to_numpy()
    if not len(years):
        return
    share = np.stack([(there[p] / there["gini"]).to_numpy() for p in PARTS])
    main, order = share.argmax(axis=0), np.argsort(-share[:, -1], kind="stable")
    first, last = int(main[0]), int(main[-1])
    says = _ends(years, share[last]) | {"source": _source(last), "count": len(years)}
    if share[order[0], -1] - share[order[1], -1] < LIMITS["ahead"]:
        two = tuple(valued(_source(i), f"{share[i, -1]:.1%}") for i in order[:2])
        yield "source_close", says | {"sources": two}
    elif len(years) == 1:
        yield "source_year", says
    elif (main == last).all():
        yield "source_always", says | {"least": float(share[last].min()), "most": float(share[last].max())}
    elif first == last:
        yield "source_mostly", says | {"years": int((main == last).sum())}
    else:
        yield "source_changes", says | {"before": _source(first), "share_before": float(share[first, 0])}
    between = share[PARTS.index("between")]
    moved = float(between[-1] - between[0])
    if abs(moved) >= LIMITS["share"]:
        yield "between_rises" if moved > 0 else "between_falls", _ends(years, between)


def pairs(dagum: xr.Dataset, names: Labels) -> Iterator[Rule]:
    """Between which groups the Gini coefficient is largest, and whether that gap widens.

    Parameters
    ----------
    dagum
        ``pair_gini`` ``(group, other, year)``; years in which all are missing are left out.
    names
        What readers call things.
    """
    matrix = dagum["pair_gini"].transpose("year", "group", "other")
    groups, years = matrix["group"].to_numpy(), matrix["year"].to_numpy()
    one, other = np.triu_indices(len(groups), 1)
    values = matrix.to_numpy()[:, one, other]
    there = ~np.isnan(values).all(axis=1)
    years, values = years[there], values[there]
    if not len(years) or not np.nanmax(values[-1]) > 0:
        return
    tops = np.nanargmax(values, axis=1)
    labels = [(names.grouped([groups[a]]), names.grouped([groups[b]])) for a, b in zip(one, other, strict=True)]
    gap = values[:, tops[-1]]
    says = _ends(years, gap) | {"group": labels[tops[-1]][0], "other": labels[tops[-1]][1]}
    kind = "two" if len(labels) == 1 else "pair"
    if len(years) == 1 or np.isnan(gap[0]):
        yield f"{kind}_year", says
        return
    yield _moved(kind, gap, none=f"{kind}_wider"), says
    if len(labels) > 1 and (tops == tops[-1]).all():
        yield "pair_always", says | {"count": len(years)}
    elif len(labels) > 1 and tops[0] != tops[-1]:
        before = {"group_before": labels[tops[0]][0], "other_before": labels[tops[0]][1]}
        yield "pair_other", says | before | {"before": float(values[0, tops[0]])}


def inside(dagum: xr.Dataset, names: Labels) -> Iterator[Rule]:
    """Within which group regions differ most and least, whether that was always so, and where differences grew.

    Parameters
    ----------
    dagum
        ``group_gini`` and ``n`` ``(group, year)``; a group with fewer than two regions is left out.
    names
        What readers call things.
    """
    own = dagum["group_gini"].where(dagum["n"] > 1).transpose("group", "year").dropna("group").dropna("year")
    years, values = own["year"].to_numpy(), own.to_numpy()
    if values.shape[0] < 2 or not len(years):
        return
    labels = [names.grouped([g]) for g in own["group"].to_numpy()]
    tops, last = values.argmax(axis=0), values[:, -1]
    most, least = int(tops[-1]), int(last.argmin())
    says: dict[str, Any] = {"first_year": int(years[0]), "last_year": int(years[-1]), "count": len(years)}
    says |= {"most": labels[most], "least": labels[least], "high": float(last[most]), "low": float(last[least])}
    if not _change(float(last[least]), float(last[most])):
        yield "inside_alike", says
    else:
        yield "inside", says
        if len(years) > 1 and (tops == most).all():
            yield "inside_always", says
        elif tops[0] != most:
            yield "inside_other", says | {"before": labels[tops[0]], "before_value": float(values[tops[0], 0])}
    if len(years) > 1:
        ways = [_change(float(v[0]), float(v[-1])) for v in values]
        for rule, way in (("inside_rises", 1), ("inside_falls", -1)):
            named = [labels[i] for i, w in enumerate(ways) if w == way]
            if named:
                which = f"{rule}_all" if len(named) == len(labels) else rule
                yield which, says | {"names": listing(named), "number": len(named)}


def theil(parts: xr.Dataset) -> Iterator[Rule]:
    """Whether Theil's T lies within groups or between them, and how much at every level of groups.

    Parameters
    ----------
    parts
        ``parts`` and ``theil`` ``(index, year)``; only the last year with differences counts.
    """
    one = parts.sel(index="T")
    one = one.where(one["theil"] > 0).dropna("year", subset=["theil"])
    if not one.sizes["year"]:
        return
    last = one.isel(year=-1)
    share = (last["parts"] / last["theil"]).to_series()
    between = float(share.iloc[0])
    says = {"year": int(last["year"]), "between": between, "within": 1 - between}
    way = int(np.sign(between - 0.5)) if abs(between - 0.5) >= LIMITS["half"] else 0
    yield {1: "theil_between", 0: "theil_even", -1: "theil_within"}[way], says
    if len(share) > 2:
        told = tuple(valued(part_label(str(k)), f"{v:.1%}") for k, v in share.items())
        yield "levels", says | {"parts": told}


def _ends(years: NDArray[Any], values: NDArray[Any]) -> dict[str, Any]:
    says: dict[str, Any] = {"first_year": int(years[0]), "last_year": int(years[-1])}
    return says | {"first": float(values[0]), "last": float(values[-1])}


def _first_last(values: xr.DataArray) -> tuple[float, float]:
    return float(values[0]), float(values[-1])


def _moved(kind: str, values: NDArray[Any], *, none: str) -> str:
    """Rule of a kind by the way from the first to the last value; `none` where the first is 0."""
    way = _change(float(values[0]), float(values[-1]))
    return none if way > 0 and not values[0] > 0 else f"{kind}_{({1: 'wider', 0: 'steady', -1: 'narrower'})[way]}"


def _rate(values: NDArray[Any]) -> dict[str, float]:
    return {"change": abs(float(values[-1] / values[0] - 1))} if values[0] > 0 else {}


def _change(first: float, last: float) -> int:
    small, large = sorted((first, last))
    changed = large > small and large >= small * (1 + LIMITS["change"])
    return int(np.sign(last - first)) if changed else 0


def _measure(name: str) -> str:
    return text.t(f"labels.measure_{name}")


def _source(number: int) -> str:
    return text.t(f"labels.dagum_{PARTS[number]}")
