"""Classes of coordination and who moves between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings import classes
from ouhe.report.findings.finding import Finding, Labels, condition, numbers, sentence

LABELS = ("bad", "poor", "fair", "good", "best")
UPPER = (0.2, 0.4, 0.5, 0.8, 1.0)

columns = st.lists(st.integers(0, 4), min_size=1, max_size=9)
pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12)


def level(*years: Sequence[int]) -> xr.DataArray:
    """Classes, a sequence a year."""
    values = np.array(years, dtype=np.int16).T
    coords = {"region": [f"r{i}" for i in range(len(values))], "year": range(2010, 2010 + len(years))}
    return xr.DataArray(values, coords, ("region", "year"))


def everything(*years: Sequence[int], upper: Sequence[float] = UPPER) -> list[Finding]:
    x, names = level(*years), Labels()
    return [
        *classes.distribution(x, LABELS, names),
        *classes.split(x, upper),
        *classes.modal(x, LABELS),
        *classes.movers(x, names),
    ]


def rules(findings: Iterable[Finding]) -> list[str]:
    return [f.rule.removeprefix("classes.") for f in findings]


MIRROR = {
    "rose": "fell",
    "rose_many": "fell_many",
    "leapt": "plunged",
    "leapt_many": "plunged_many",
    "leapt_all": "plunged_all",
    "nobody_rose": "nobody_fell",
    "split_more": "split_fewer",
    "mode_higher": "mode_lower",
}
MIRROR |= {v: k for k, v in MIRROR.items()}
MIRROR |= {k: k for k in ("stayed", "nobody_moved", "everybody_moved", "split_same", "mode_same")}


def test_every_rule_is_produced_and_told_in_both_languages() -> None:
    cases = [
        ([0, 1, 2], [1, 2, 4]),
        ([0, 0, 0], [3, 0, 0]),
        ([1, 2, 4], [0, 0, 0]),
        ([2, 2], [2, 2]),
        ([3, 3, 0], [3, 3, 0]),
    ]
    cases += [([0] * 8 + [1], [3] * 8 + [4]), ([0] * 9 + [1] * 9, [0] * 9 + [1] * 9), ([3, 3, 0], [0, 0, 0])]
    cases += [([0] * 8 + [3], [1] * 8 + [3]), ([4] * 9, [0] * 9), ([2] * 9, [0] * 8 + [1]), ([0] * 9, [2] * 8 + [1])]
    found = [f for case in cases for f in everything(*case)]
    for lang in text.LANGUAGES:
        with text.use(lang):
            told = {n for n in text.texts("findings_classes", lang) if not n.endswith("_if")}
            assert told == set(rules(found))
            assert all(sentence(f) and condition(f.rule) and numbers(f) for f in found)


@given(pairs)
def test_moves_mirror_when_years_are_reversed(moves: list[tuple[int, int]]) -> None:
    first, last = zip(*moves, strict=True)
    for say in (lambda *y: classes.movers(level(*y), Labels()), lambda *y: classes.modal(level(*y), LABELS)):
        assert {MIRROR[r] for r in rules(say(first, last))} == set(rules(say(last, first)))
    shares = [
        [r for r in rules(classes.split(level(*y), UPPER)) if "split" in r] for y in ((first, last), (last, first))
    ]
    assert [MIRROR[r] for r in shares[0]] == shares[1]


@given(pairs)
def test_numbers_of_movers_are_those_counted_one_by_one(moves: list[tuple[int, int]]) -> None:
    first, last = zip(*moves, strict=True)
    told = {
        f.rule.removeprefix("classes.").removesuffix("_many"): f.says["count"]
        for f in classes.movers(level(first, last), Labels())
        if "count" in f.says
    }
    assert told.get("rose", 0) == sum(b > a for a, b in moves)
    assert told.get("fell", 0) == sum(b < a for a, b in moves)
    rules_told = rules(classes.movers(level(first, last), Labels()))
    for rule, whole, sign in (("leapt", "rose", 1), ("plunged", "fell", -1)):
        far = sum(sign * (b - a) >= 2 for a, b in moves)
        everyone = far > 0 and far == told[whole]
        assert (f"{rule}_all" in rules_told) == everyone
        assert told.get(rule, 0) == (0 if everyone else far)


@given(columns)
def test_most_stand_above_or_below_and_turn_when_classes_are_turned(now: list[int]) -> None:
    upper = (0.1, 0.5, 0.6, 1.0)
    now = [min(k, 3) for k in now]
    most = [r for r in rules(classes.split(level(now), upper)) if r.startswith("most")]
    turned = [r for r in rules(classes.split(level([3 - k for k in now]), upper)) if r.startswith("most")]
    assert [{"most_above": "most_below", "most_below": "most_above"}[r] for r in most] == turned


@given(columns)
def test_one_class_or_several_with_their_ends(now: list[int]) -> None:
    found = rules(classes.distribution(level(now), LABELS, Labels()))
    if len(set(now)) == 1:
        assert found == ["one_class"]
    else:
        assert [r.removesuffix("_many") for r in found] == ["several_classes", "highest", "lowest"]


def test_nothing_is_said_of_a_split_that_is_no_end_of_a_class() -> None:
    assert not list(classes.split(level([0, 1], [1, 1]), (0.45, 0.7, 1.0)))


def test_classes_that_share_the_first_place_are_no_mode() -> None:
    assert not list(classes.modal(level([0, 1, 2], [2, 2, 2]), LABELS))


def test_one_year_says_where_regions_stand_and_nothing_of_moves() -> None:
    assert rules(everything([0, 3, 3])) == ["several_classes", "highest", "lowest", "most_above"]


def test_three_thousand_regions_are_counted_not_listed() -> None:
    found = everything([0] * 3000, [1] * 1500 + [4] * 1500)
    assert {"rose_many", "leapt_many", "highest_many", "lowest_many"} <= set(rules(found))
    assert max(len(sentence(f)) for f in found) < 250


def test_moves_in_words() -> None:
    names = Labels({"r0": "Jiangsu", "r1": "Tibet", "r2": "Hebei"})
    with text.use("en"):
        found = [sentence(f) for f in classes.movers(level([1, 1, 2], [3, 1, 3]), names)]
    assert found == [
        "Between 2010 and 2011, 2 of 3 regions moved up (Jiangsu and Hebei).",
        "Of these, 1 climbed 2 classes or more (Jiangsu).",
        "Only 1 of the 3 stood in the same class as in 2010 (Tibet).",
        "None moved down.",
    ]
    with text.use("zh"):
        assert [sentence(f) for f in classes.split(level([0, 2, 2, 2], [0, 2, 3, 2]), UPPER)] == [
            "耦合协调度高于 0.5 的地区由 2010 年的 0 个（共 4 个，占 0.0%）增至 2011 年的 1 个（25.0%）。",
            "至 2011 年，仍有半数以上的地区（4 个中的 3 个）耦合协调度未超过 0.5。",
        ]
