"""Lag types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings import lags
from ouhe.report.findings.finding import Finding, Labels, condition, numbers, sentence

SYSTEMS = ("science", "industry", "nature")

pairs = st.lists(st.tuples(st.integers(-1, 2), st.integers(-1, 2)), min_size=1, max_size=12)


def lagging(*years: Sequence[int]) -> xr.DataArray:
    """Lagging system, a sequence a year."""
    values = np.array(years, dtype=np.int16).T
    coords = {"region": [f"r{i}" for i in range(len(values))], "year": range(2010, 2010 + len(years))}
    return xr.DataArray(values, coords, ("region", "year"))


def everything(*years: Sequence[int], members: dict[str, tuple[str, ...]] | None = None) -> list[Finding]:
    x, names = lagging(*years), Labels()
    return [
        *lags.types(x, SYSTEMS),
        *lags.in_step(x, names),
        *lags.switches(x, names),
        *lags.by_group(x, SYSTEMS, members or {}, names),
    ]


def rules(findings: Iterable[Finding]) -> list[str]:
    return [f.rule.removeprefix("lags.") for f in findings]


def test_every_rule_is_produced_and_told_in_both_languages() -> None:
    groups = {"nation": ("r0", "r1", "r2"), "east": ("r0",), "west": ("r1",)}
    found = [
        *everything([0, 1, -1], [0, 0, 0], members=groups),
        *everything([0, 0, 0], [0, 1, -1], members=groups),
        *everything([0, 0, 0], [0, 0, -1], members=groups),
        *everything([0] * 9, [-1] * 8 + [1]),
        *everything([0, 1], [0, 1]),
    ]
    for lang in text.LANGUAGES:
        with text.use(lang):
            told = {n for n in text.texts("findings_lags", lang) if not n.endswith("_if")}
            assert told == set(rules(found))
            assert all(sentence(f) and condition(f.rule) and numbers(f) for f in found)


@given(pairs)
def test_a_type_becomes_more_or_less_frequent_as_the_years_run(moves: list[tuple[int, int]]) -> None:
    first, last = zip(*moves, strict=True)
    there, back = (
        [f for f in lags.types(lagging(*y), SYSTEMS) if "often" in f.rule] for y in ((first, last), (last, first))
    )
    mirror = {"more_often": "less_often", "less_often": "more_often"}
    assert [mirror[r] for r in rules(there)] == rules(back)
    assert [(f.says["first"], f.says["last"]) for f in there] == [(f.says["last"], f.says["first"]) for f in back]


@given(pairs)
def test_the_share_of_the_most_frequent_type_decides(moves: list[tuple[int, int]]) -> None:
    last = [b for _, b in moves]
    share = max(last.count(k) for k in set(last)) / len(last)
    rule = "all_one" if share == 1 else "prevails" if share > 0.5 else "mixed"
    assert rules(lags.types(lagging(last), SYSTEMS)) == [rule]


@given(pairs)
def test_switches_are_the_same_in_either_direction_and_end_with_the_last_one(moves: list[tuple[int, int]]) -> None:
    first, last = zip(*moves, strict=True)
    for y in ((first, last), (last, first)):
        (found,) = lags.switches(lagging(*y), Labels())
        assert found.says["count"] == sum(a != b for a, b in moves)
    assert rules(lags.switches(lagging(first, first), Labels())) == ["none_switched"]


@given(pairs)
def test_who_is_in_step(moves: list[tuple[int, int]]) -> None:
    first, last = zip(*moves, strict=True)
    found = rules(lags.in_step(lagging(first, last), Labels()))
    count = last.count(-1)
    expected = ["in_step"] if 0 < count < len(last) else ["none_in_step"] if not count and -1 in first else []
    assert [r.removesuffix("_many") for r in found] == expected


def test_groups_are_alike_until_one_differs_and_ties_have_no_type() -> None:
    members = {"nation": ("r0", "r1", "r2", "r3"), "a": ("r0", "r1"), "b": ("r2", "r3")}

    def told(*codes: int) -> list[str]:
        return [sentence(f) for f in lags.by_group(lagging(codes), SYSTEMS, members, Labels())]

    assert told(0, 0, 0, 0) == ["In 2010 the type “science lagging” was the most frequent in each of the 2 groups."]
    assert told(0, 0, -1, -1) == [
        "The type “science lagging” was the most frequent in the a group (2/2) in 2010.",
        "The type “in step” was the most frequent in the b group (2/2) in 2010.",
    ]
    assert told(0, 0, 0, 1) == []


@given(st.lists(st.integers(0, 1), min_size=2, max_size=8))
def test_groups_change_types_when_the_systems_change_places(codes: list[int]) -> None:
    """Every region is a group of its own."""
    members = {f"g{i}": (f"r{i}",) for i in range(len(codes))}

    def told(values: list[int]) -> dict[str, object]:
        found = list(lags.by_group(lagging(values), SYSTEMS, members, Labels()))
        assert rules(found) == (["groups_differ"] * 2 if len(set(values)) > 1 else ["groups_alike"])
        return {str(f.says["label"]): f.says.get("groups", len(values)) for f in found}

    swap = {"science lagging": "industry lagging", "industry lagging": "science lagging"}
    assert {swap[label]: groups for label, groups in told(codes).items()} == told([1 - k for k in codes])


def test_types_in_words() -> None:
    found = everything([0, 0, 0, 1], [1, 1, -1, 1])
    assert [sentence(f) for f in found] == [
        (
            "By the system whose index is smallest, more than half of the 4 regions were of one type in 2011: industry "
            "lagging (3) and in step (1)."
        ),
        "Regions of the type “science lagging” became fewer: 3 in 2010, 0 in 2011.",
        "The systems were in step in 1 of the regions in 2011 (r2).",
        "Between 2010 and 2011, 3 of 4 regions changed from one type to another (r0, r1 and r2).",
    ]
    with text.use("zh"):
        assert [sentence(f) for f in everything([0, 0], [0, 0])] == [
            "2011 年，全部 2 个地区均为science滞后型。",
            "与 2010 年相比，2011 年各地区的类型均未改变。",
        ]


def test_one_year_says_nothing_of_change() -> None:
    assert rules(everything([0, 1, 2])) == ["mixed"]
