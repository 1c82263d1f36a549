"""Obstacles of all regions and of groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings import obstacles
from ouhe.report.findings.finding import Finding, Labels, condition, numbers, sentence

NAMES = Labels()

weights = st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), min_size=6, max_size=20)


def degrees(*years: Sequence[float]) -> xr.DataArray:
    """Degrees of the indicators a, b, c … by year, as shares."""
    values = np.array(years, dtype=float)
    values = values / np.where(values.sum(axis=1, keepdims=True) > 0, values.sum(axis=1, keepdims=True), 1)
    labels = np.array([chr(97 + i) for i in range(values.shape[1])], dtype=object)
    coords = {"year": range(2010, 2010 + len(years)), "indicator": labels, "name": ("indicator", labels)}
    return xr.DataArray(values, coords, ("year", "indicator"))


def by_group(**groups: Sequence[float]) -> list[Finding]:
    x = xr.concat([degrees(v) for v in groups.values()], dim=xr.Variable("group", [*groups]))
    return list(obstacles.by_group(x, "science", NAMES))


def dimension(*years: Sequence[float]) -> list[Finding]:
    x = degrees(*years).rename(indicator="dimension", name="dimension_name")
    return list(obstacles.dimension(x, "science"))


def heaviest(*years: Sequence[float]) -> list[Finding]:
    return list(obstacles.heaviest(degrees(*years), "science"))


def top(*years: Sequence[float]) -> list[Finding]:
    return list(obstacles.top(degrees(*years), "science"))


def rules(findings: Iterable[Finding]) -> list[str]:
    return [f.rule.removeprefix("obstacles.") for f in findings]


def test_every_rule_is_produced_and_told_in_both_languages() -> None:
    found = [
        *heaviest([8, 8, 1, 1, 1, 1], [8, 8, 1, 1, 1, 1]),
        *heaviest([1] * 12 + [2] * 5, [2] * 5 + [1] * 12),
        *top([2, 1], [3, 1]),
        *top([2, 1], [1, 2]),
        *dimension([2, 1]),
        *dimension([2, 1], [2, 1]),
        *dimension([2, 1], [1, 2]),
        *by_group(nation=[2, 1], east=[2, 1], west=[3, 1]),
        *by_group(nation=[2, 1], east=[1, 2], west=[3, 1]),
    ]
    for lang in text.LANGUAGES:
        with text.use(lang):
            told = {n for n in text.texts("findings_obstacles", lang) if not n.endswith("_if")}
            assert told == set(rules(found))
            assert all(sentence(f) and condition(f.rule) and numbers(f) for f in found)


@given(weights)
def test_what_is_new_and_what_is_gone_change_places_with_the_years(pairs: list[tuple[int, int]]) -> None:
    first, last = zip(*pairs, strict=True)
    (_, there), (_, back) = heaviest(first, last), heaviest(last, first)
    assert there.rule == back.rule
    assert (there.says["new"], there.says["gone"]) == (back.says["gone"], back.says["new"])
    assert rules(heaviest(first, first))[1] == "same"


@given(weights)
def test_the_share_of_the_heaviest_decides(pairs: list[tuple[int, int]]) -> None:
    last = [b for _, b in pairs]
    share = sum(sorted(last, reverse=True)[: min(5, len(last) // 3)]) / sum(last)
    (found,) = heaviest(last)
    assert abs(found.says["share"] - share) < 1e-12
    if abs(share - 0.5) > 1e-9:
        assert rules([found]) == ["most" if share > 0.5 else "spread"]


@given(weights)
def test_the_first_obstacle_stays_or_changes_alike_backwards(pairs: list[tuple[int, int]]) -> None:
    first, last = zip(*pairs, strict=True)
    there, back = top(first, last), top(last, first)
    assert rules(there) == rules(back)
    changed = int(np.argmax(first)) != int(np.argmax(last))
    assert rules(there) == ["top_changed" if changed else "top_always"]
    if changed:
        assert (there[0].says["first"], there[0].says["last"]) == (back[0].says["last"], back[0].says["first"])


@given(weights)
def test_the_dimension_changes_places_with_the_years_and_ties_have_none(pairs: list[tuple[int, int]]) -> None:
    first, last = zip(*pairs, strict=True)
    tied = [v.count(max(v)) > 1 for v in (first, last)]
    found = dimension(first, last)
    if tied[1]:
        assert not found
    elif tied[0]:
        assert rules(found) == ["dimension"]
    else:
        same = first.index(max(first)) == last.index(max(last))
        assert rules(found) == rules(dimension(last, first)) == ["dimension_same" if same else "dimension_changed"]


@given(st.lists(st.permutations([1, 2, 3]), min_size=2, max_size=5))
def test_groups_are_alike_until_one_has_another_first_obstacle(rows: list[list[int]]) -> None:
    found = by_group(nation=[3, 2, 1], **{f"g{i}": v for i, v in enumerate(rows)})
    others = sum(v[0] != 3 for v in rows)
    assert rules(found) == ["groups_differ" if others else "groups_alike"]
    assert found[0].says["groups"].count("(") == others


def test_five_heaviest_worked_by_hand() -> None:
    found = heaviest([24, 20, 16, 12, 16] + [1] * 10 + [2], [24, 20, 16, 12, 16] + [1] * 8 + [2, 1, 1])
    assert [sentence(f) for f in found] == [
        (
            "The 5 heaviest of the 16 obstacles to science in 2011 made up 88.0% of the obstacle degree of all "
            "regions: a (24.0%), b (20.0%), c (16.0%), e (16.0%) and d (12.0%)."
        ),
        "They are the same indicators as in 2010.",
    ]
    with text.use("zh"):
        assert [sentence(f) for f in obstacles.top(degrees([2, 1, 1], [1, 2, 1]), "科技创新")] == [
            "科技创新的首要障碍因子由 2010 年的a（50.0%）变为 2011 年的b（50.0%）。"
        ]


def test_ten_obstacles_may_be_spread_and_two_are_neither() -> None:
    # the first three of ten equal obstacles hold 30 %, so that they are not most of it
    (found,) = heaviest([1] * 10)
    assert (found.rule, found.says["count"], round(found.says["share"], 12)) == ("obstacles.spread", 3, 0.3)
    assert rules(heaviest([4, 4, 4] + [1] * 7)) == ["most"]
    assert not heaviest([9, 1, 1, 1, 1])


def test_missing_and_empty_degrees_say_nothing() -> None:
    assert not heaviest([np.nan, 1, 1])
    assert not heaviest([0, 0, 0])
    assert not heaviest([1])
    assert not top([np.nan, 1], [2, 1])
    assert not top([0, 0], [2, 1])
    assert not dimension([1])
    assert not by_group(nation=[2, 1], east=[2, 1])
    assert not by_group(nation=[1, 1], east=[2, 1], west=[2, 1])
