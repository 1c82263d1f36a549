"""Coupling beside coordination."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings import coupling
from ouhe.report.findings.finding import Finding, Labels, condition, numbers, sentence

share = st.floats(0.01, 0.99)


def means(C: Sequence[float], D: Sequence[float], **groups: tuple[float, float]) -> xr.DataArray:
    """Means of all regions by year; groups have the same C and D in all years."""
    rows = {"nation": (C, D)} | {g: ([c] * len(C), [d] * len(C)) for g, (c, d) in groups.items()}
    values = [[rows[g][k] for g in rows] for k in (0, 1)]
    coords = {"variable": ["C", "D"], "group": list(rows), "year": range(2010, 2010 + len(C))}
    return xr.DataArray(np.array(values, dtype=float), coords, ("variable", "group", "year"))


def degrees(*rows: Sequence[float]) -> xr.DataArray:
    """Values ``(region, year)``, a row a region."""
    values = np.array(rows, dtype=float)
    coords = {"region": [f"r{i}" for i in range(len(rows))], "year": range(2010, 2010 + values.shape[1])}
    return xr.DataArray(values, coords, ("region", "year"))


def combination(*args: Sequence[float], **groups: tuple[float, float]) -> list[Finding]:
    return list(coupling.combination(means(*args, **groups), Labels()))


def gap(C: Sequence[float], D: Sequence[float]) -> list[Finding]:
    return list(coupling.gap(means(C, D).sel(group="nation")))


def change(C: Sequence[float], T: Sequence[float]) -> list[Finding]:
    return list(coupling.change(degrees(C), degrees(T)))


def shortfall(C: float, T: float) -> list[Finding]:
    return list(coupling.shortfall(degrees([C]), degrees([T])))


def rules(findings: Iterable[Finding]) -> list[str]:
    return [f.rule.removeprefix("coupling.") for f in findings]


CASES = [
    combination([0.9, 0.9], [0.4, 0.45], east=(0.9, 0.4), west=(0.8, 0.49)),
    combination([0.9, 0.9], [0.4, 0.5], east=(0.9, 0.6), west=(0.7, 0.3)),
    combination([0.7], [0.4]),
    combination([0.7], [0.6]),
    gap([0.9, 0.9], [0.4, 0.6]),
    gap([0.9, 0.9], [0.6, 0.4]),
    gap([0.9, 0.9], [0.6, 0.61]),
    *(change(*ends) for a in ([0.9, 0.9], [0.3, 0.8]) for b in ([0.2, 0.4],) for ends in ((a, b), (b, a))),
    *(change(*ends) for a in ([0.9, 0.9], [0.8, 0.3]) for b in ([0.4, 0.2],) for ends in ((a, b), (b, a))),
    shortfall(0.95, 0.1),
    shortfall(0.1, 0.95),
    shortfall(0.3, 0.3),
]


def test_every_rule_is_produced_and_told_in_both_languages() -> None:
    found = [f for case in CASES for f in case]
    for lang in text.LANGUAGES:
        with text.use(lang):
            told = {n for n in text.texts("findings_coupling", lang) if not n.endswith("_if")}
            assert told == set(rules(found))
            assert all(sentence(f) and condition(f.rule) and numbers(f) for f in found)


def test_high_coupling_and_low_coordination_as_the_paper_has_them() -> None:
    found = combination([0.99, 0.966], [0.335, 0.459], East=(0.96, 0.518), West=(0.97, 0.304))
    assert [sentence(f) for f in found] == [
        (
            "The systems show high coupling and low coordination: in 2011 the mean coupling degree was 0.966, while "
            "the mean coordination degree was only 0.459."
        ),
        "This combination is the same in every year from 2010 to 2011.",
        "Not all groups show it: the East group (C = 0.960, D = 0.518) departed from it in 2011.",
    ]
    with text.use("zh"):
        assert sentence(combination([0.99, 0.966], [0.335, 0.459])[0]) == (
            "各系统呈现“高耦合、低协调”特征：2011 年平均耦合度达 0.966，而平均耦合协调度仅为 0.459。"
        )


@given(share, share, st.floats(0.8, 1), st.floats(0, 0.79))
def test_the_combination_turns_with_each_of_its_two_values(c: float, d: float, high: float, low: float) -> None:
    def kind(C: float, D: float) -> list[str]:
        return rules(combination([C], [D]))[0].split("_")

    assert [kind(high, d)[0], kind(low, d)[0]] == ["high", "low"]
    assert kind(high, d)[1] == kind(low, d)[1]
    assert [kind(c, 0.5 + d / 2)[1], kind(c, d / 2.01)[1]] == ["high", "low"]


@given(st.lists(st.tuples(share, share), min_size=2, max_size=8))
def test_a_combination_holds_always_or_since_a_year(values: list[tuple[float, float]]) -> None:
    C, D = zip(*values, strict=True)
    found = combination(C, D)
    kinds = [rules(combination([c], [d]))[0] for c, d in values]
    assert ("always" in rules(found)) == (len(set(kinds)) == 1)
    since = [f.says["since"] - 2010 for f in found if f.rule == "coupling.since"]
    assert since == [i + 1 for i in range(len(kinds) - 1) if kinds[i] != kinds[-1]][-1:]


def test_a_group_that_departs_takes_the_place_of_groups_that_are_alike() -> None:
    assert "groups_same" in rules(combination([0.9], [0.4], a=(0.9, 0.4), b=(0.85, 0.3)))
    assert "groups_other" in rules(combination([0.9], [0.4], a=(0.9, 0.4), b=(0.75, 0.3)))
    assert not {"groups_same", "groups_other"} & set(rules(combination([0.9], [0.4], a=(0.9, 0.4))))


@given(st.lists(share, min_size=2, max_size=6), st.lists(share, min_size=2, max_size=6))
def test_the_gap_mirrors_when_years_are_reversed(C: list[float], D: list[float]) -> None:
    n = min(len(C), len(D))
    C, D = C[:n], D[:n]
    mirror = {"gap_wider": "gap_narrower", "gap_narrower": "gap_wider", "gap_steady": "gap_steady"}
    assert [mirror[r] for r in rules(gap(C, D))] == rules(gap(C[::-1], D[::-1]))


@given(share, share, share, share)
def test_the_change_of_D_mirrors_with_years_and_with_C_and_T(c: float, c2: float, t: float, t2: float) -> None:
    found = change([c, c2], [t, t2])
    turned = {"rise": "fall", "fall": "rise"}
    back = [f"{turned[r[:4]]}{r[4:]}" for r in rules(change([c2, c], [t2, t]))]
    assert rules(found) == back
    total = np.log(c2 * t2 / (c * t)) / 2
    assume(abs(abs(total) - 0.01) > 1e-9)
    assert len(found) == (abs(total) > 0.01)
    if found:
        says = found[0].says
        assert says["total"] == pytest.approx(total)
        assert says["C"] + says["T"] == pytest.approx(says["total"])
        part = {"T": says["T"], "C": says["C"]}
        assume(all(abs(v / total - 0.75) > 1e-9 for v in part.values()))
        swap = {"T": "C", "C": "T", "both": "both"}
        other = rules(change([t, t2], [c, c2]))[0]
        assert other == rules(found)[0][:8] + swap[rules(found)[0][8:]]


@given(share, share)
def test_what_holds_coordination_low_mirrors_with_C_and_T(c: float, t: float) -> None:
    assume(abs(np.sqrt(c * t) - 0.5) > 1e-9)
    found = shortfall(c, t)
    assert bool(found) == (np.sqrt(c * t) < 0.5)
    if found:
        assume(abs(found[0].says["share"] - 0.25) > 1e-9)
        assume(abs(found[0].says["share"] - 0.75) > 1e-9)
        swap = {"low_by_T": "low_by_C", "low_by_C": "low_by_T", "low_by_both": "low_by_both"}
        assert rules(shortfall(t, c)) == [swap[rules(found)[0]]]


def test_the_parts_of_a_change_worked_by_hand() -> None:
    """D goes from √(0.9·0.2) to √(0.9·0.4): by half of ln 2, all of it from T."""
    (found,) = change([0.9, 0.9], [0.2, 0.4])
    assert sentence(found) == (
        "The rise in coordination is one of development: D = √(C·T) grew by 41.4% in geometric mean from 2010 to 2011 "
        "(ln D +0.347, regions: 1), to which development T contributed +0.347 and coupling C 0.000."
    )


def test_regions_at_zero_or_missing_do_not_count() -> None:
    C, T = degrees([0.9, 0.9], [0.0, 0.5], [np.nan, 0.5]), degrees([0.2, 0.4], [0.1, 0.2], [0.1, 0.2])
    (found,) = coupling.change(C, T)
    assert found.says["count"] == 1
    assert not list(coupling.change(C.isel(region=[1, 2]), T.isel(region=[1, 2])))


def test_missing_means_and_one_year_say_nothing_of_change() -> None:
    assert not combination([0.9, np.nan], [0.4, 0.4])
    assert not gap([0.9], [0.4])
    assert not gap([np.nan, 0.9], [0.4, 0.4])
    assert rules(combination([0.9], [0.4])) == ["high_low"]
    assert not change([0.9], [0.4])
