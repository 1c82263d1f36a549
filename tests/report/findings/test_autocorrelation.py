"""Global spatial autocorrelation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings import autocorrelation as found_in
from ouhe.report.findings.finding import Finding, Labels, condition, numbers, sentence

NAMES = Labels()
NAN = float("nan")

#: (I, p) of a year.
series = st.lists(st.tuples(st.floats(-0.5, 0.9), st.sampled_from([0.001, 0.04, 0.2, 0.9])), min_size=1, max_size=9)


def stats(
    values: Sequence[float],
    p: Sequence[float],
    *,
    p_sim: Sequence[float] | None = None,
    sd: float = 0.1,
    expected: float = 0.0,
    n: int = 31,
) -> xr.Dataset:
    """Statistics of one variable by year."""
    years = range(2010, 2010 + len(values))
    columns: dict[str, Any] = {"statistic": values, "p_value": p, "p_sim": p if p_sim is None else p_sim}
    columns |= {"sd": [sd] * len(values), "expected": [expected] * len(values)}
    arrays = {k: ("year", np.array(v, dtype=float)) for k, v in columns.items()}
    return xr.Dataset({**arrays, "n": n, "few": n < 20}, {"year": years})


def stacked(dim: str, **parts: xr.Dataset) -> xr.Dataset:
    return xr.concat([*parts.values()], dim=xr.Variable(dim, [*parts]))


def significance(values: Sequence[tuple[float, float]]) -> list[Finding]:
    return list(found_in.significance(stats(*zip(*values, strict=True)), "D", NAMES))


def level(*values: float) -> list[Finding]:
    return list(found_in.level(stats(values, [0.5] * len(values)), "D", NAMES))


def course(*values: float) -> list[Finding]:
    return list(found_in.course(stats(values, [0.5] * len(values)), "D", NAMES))


def disagreement(p: Sequence[float], p_sim: Sequence[float]) -> list[Finding]:
    return list(found_in.disagreement(stats([0.3] * len(p), p, p_sim=p_sim), "D", NAMES))


def weights(**ends: tuple[float, float]) -> list[Finding]:
    told = stacked("neighbours", **{k: stats([i], [p]) for k, (i, p) in ends.items()})
    return list(found_in.weights(told, "D", NAMES))


def within(**ends: tuple[float, float, float]) -> list[Finding]:
    """I, normal p and p of permutations of every group; all groups are small."""
    told = stacked("group", **{k: stats([i], [p], p_sim=[q], n=9) for k, (i, p, q) in ends.items()})
    return list(found_in.within(told, "D", NAMES))


def few(n: int, **groups: int) -> list[Finding]:
    inside = stacked("group", **{k: stats([0.1], [0.1], n=m) for k, m in groups.items()}) if groups else None
    return list(found_in.few(stats([0.1], [0.1], n=n), inside, NAMES))


def pairs(values: Sequence[tuple[float, float]]) -> list[Finding]:
    told = stacked("variable", science=stats(*zip(*values, strict=True)))
    return list(found_in.pairs(told.assign_coords(lagged=("variable", ["industry"])), NAMES))


def other(name: str, value: float, p: float, expected: float) -> list[Finding]:
    return list(found_in.other(stacked("variable", D=stats([value], [p], expected=expected)), name, NAMES))


def rules(findings: Iterable[Finding]) -> list[str]:
    return [f.rule.removeprefix("autocorrelation.") for f in findings]


HIGH, LOW, NONE = (0.4, 0.001), (-0.4, 0.001), (0.4, 0.3)
CASES = [
    *(significance(v) for v in ([HIGH, HIGH], [HIGH], [HIGH, NONE], [LOW, LOW], [LOW], [LOW, NONE])),
    *(significance(v) for v in ([HIGH, LOW], [NONE, NONE], [NONE])),
    *(level(*v) for v in ([0.1, 0.3], [0.1, 0.2, 0.3], [0.1, 0.0, 0.3], [0.3, 0.1], [0.3, 0.2, 0.1], [0.3, 0.4, 0.1])),
    level(0.1, 0.12),
    *(course(*v) for v in ([0.1, 0.4, 0.1], [0.4, 0.1, 0.4], [0.3, 0.5, 0.1, 0.3])),
    disagreement([0.04, 0.2], [0.06, 0.2]),
    weights(a=HIGH, b=HIGH),
    weights(a=HIGH, b=NONE),
    within(a=(0.4, 0.2, 0.01), b=(0.1, 0.9, 0.9)),
    within(a=(0.4, 0.01, 0.2), b=(0.1, 0.9, 0.9)),
    few(12),
    few(31, a=10, b=21),
    *(pairs(v) for v in ([HIGH, NONE], [LOW, NONE], [HIGH], [LOW], [HIGH, LOW], [NONE])),
    *(other("geary", c, p, 1.0) for c, p in ((0.5, 0.01), (1.5, 0.01), (0.9, 0.4))),
    *(other("getis", g, p, 0.1) for g, p in ((0.05, 0.01), (0.15, 0.01), (0.1, 0.4))),
]


def test_every_rule_is_produced_and_told_in_both_languages() -> None:
    found = [f for case in CASES for f in case]
    for lang in text.LANGUAGES:
        with text.use(lang):
            told = {n for n in text.texts("findings_autocorrelation", lang) if not n.endswith("_if")}
            assert told == set(rules(found))
            assert all(sentence(f) and condition(f.rule) and numbers(f) for f in found)


@given(series)
def test_the_sign_turns_with_the_statistic(values: list[tuple[float, float]]) -> None:
    assume(all(i != 0 for i, _ in values))
    for say in (significance, pairs):
        (there,), (back,) = (rules(say([(s * i, p) for i, p in values])) for s in (1, -1))
        flip = {"positive": "negative", "negative": "positive"}
        highs = sum(i > 0 and p < 0.05 for i, p in values)
        lows = sum(i < 0 and p < 0.05 for i, p in values)
        assert back == "_".join(flip.get(part, part) for part in there.split("_"))
        assert ("positive" in there) == (highs > 0 and not lows)
        assert ("both" in there) == (highs > 0 and lows > 0)


@given(series)
def test_no_significance_is_left_where_no_p_is_small(values: list[tuple[float, float]]) -> None:
    dull = [(i, 0.5) for i, _ in values]
    assert rules(significance(dull)) == ["none" if len(values) > 1 else "none_year"]
    assert rules(pairs(dull)) == ["pair_none"]


@given(st.lists(st.floats(-0.5, 0.9), min_size=2, max_size=9))
def test_the_level_mirrors_when_years_are_reversed_or_the_statistic_is_negated(values: list[float]) -> None:
    flip = {"rising": "falling", "falling": "rising"}
    (there,) = rules(level(*values))
    turned = "_".join(flip.get(part, part) for part in there.split("_"))
    assert rules(level(*values[::-1])) == [turned]
    assert rules(level(*(-v for v in values))) == [turned]


@given(st.lists(st.floats(-0.5, 0.9), min_size=1, max_size=9))
def test_turning_points_are_the_same_backwards_and_change_places_when_negated(values: list[float]) -> None:
    flip = {"peak": "trough", "trough": "peak", "turns_twice": "turns_twice"}
    there = rules(course(*values))
    assert rules(course(*values[::-1])) == there
    assert rules(course(*(-v for v in values))) == [flip[r] for r in there]


@given(
    st.lists(st.tuples(st.sampled_from([0.01, 0.2, NAN]), st.sampled_from([0.01, 0.2, NAN])), min_size=1, max_size=8)
)
def test_tests_disagree_as_often_either_way_round(values: list[tuple[float, float]]) -> None:
    p, q = (list(v) for v in zip(*values, strict=True))
    apart = sum({a, b} == {0.01, 0.2} for a, b in values)
    for found in (disagreement(p, q), disagreement(q, p)):
        assert [f.says["count"] for f in found] == ([apart] if apart else [])


@given(st.tuples(st.floats(0.1, 0.9), st.floats(0.1, 0.9)))
def test_weights_disagree_once_one_of_them_turns(values: tuple[float, float]) -> None:
    a, b = values
    assert rules(weights(a=(a, 0.01), b=(b, 0.01))) == ["weights_agree"]
    assert rules(weights(a=(a, 0.01), b=(-b, 0.01))) == ["weights_disagree"]
    assert rules(weights(a=(a, 0.01), b=(b, 0.4))) == ["weights_disagree"]
    assert not weights(a=(a, 0.01))


def test_permutations_decide_within_small_groups() -> None:
    (found,) = within(a=(0.4, 0.2, 0.01), b=(0.1, 0.001, 0.9))
    assert (
        sentence(found)
        == "Within groups, I of the coordination degree was significant in 2010 for the a group (I = 0.400)."
    )
    assert rules(within(a=(0.4, NAN, 0.9), b=(0.1, NAN, NAN))) == []


@given(st.lists(st.sampled_from([0.01, 0.049, 0.051, 0.9]), min_size=2, max_size=6))
def test_groups_are_told_as_long_as_one_is_significant(p: list[float]) -> None:
    found = within(**{f"g{i}": (0.3, 0.5, q) for i, q in enumerate(p)})
    assert rules(found) == ["within_some" if min(p) < 0.05 else "within_none"]
    assert found[0].says["groups"].count("(") == sum(q < 0.05 for q in p)


@given(st.integers(4, 60), st.integers(4, 60))
def test_what_is_few(n: int, m: int) -> None:
    assert rules(few(n, a=m)) == (["few"] if n < 20 else ["within_few"] if m < 20 else [])


def test_few_regions_are_told_of_all_before_groups() -> None:
    assert rules(few(12, a=3)) == ["few"]
    assert rules(few(31, a=19)) == ["within_few"]
    assert rules(few(20, a=20)) == []


@given(st.floats(0.01, 0.4))
def test_geary_and_getis_turn_about_their_expectation(apart: float) -> None:
    for name, expected in (("geary", 1.0), ("getis", 0.5)):
        assert rules(other(name, expected + apart, 0.01, expected)) == [f"{name}_above"]
        assert rules(other(name, expected - apart, 0.01, expected)) == [f"{name}_below"]
        assert rules(other(name, expected - apart, 0.06, expected)) == [f"{name}_none"]


def test_table_4_of_the_paper_in_words() -> None:
    """I, z and p of innovation resources, 2010 to 2022; p of 2021 as its z has it."""
    value = [0.176, 0.225, 0.253, 0.302, 0.317, 0.301, 0.292, 0.315, 0.328, 0.304, 0.302, 0.299, 0.305]
    p = [0.072, 0.024, 0.012, 0.003, 0.002, 0.003, 0.004, 0.002, 0.001, 0.002, 0.003, 0.0024, 0.002]
    told = stats(value, p, sd=0.113)
    found = [*found_in.significance(told, "science", NAMES), *found_in.level(told, "science", NAMES)]
    assert [sentence(f) for f in found] == [
        (
            "Positive spatial autocorrelation in the index of science is significant at 5% in 12 of 13 years, but not "
            "in 2010."
        ),
        (
            "Moran's I of the index of science rose from 0.176 in 2010 to 0.305 in 2022, though not steadily: "
            "it increased in 7 of 12 steps and decreased in 5."
        ),
    ]
    with text.use("zh"):
        zh = [*found_in.significance(told, "科技创新", NAMES), *found_in.level(told, "科技创新", NAMES)]
        assert [sentence(f) for f in zh] == [
            "科技创新指数的空间正相关在 13 个年份中有 12 个通过 5% 水平的显著性检验，2010 年未通过。",
            (
                "科技创新指数的莫兰指数由 2010 年的 0.176 波动上升至 2022 年的 0.305，"
                "在 12 次年际变动中上升 7 次、下降 5 次。"
            ),
        ]


def test_missing_statistics_say_nothing() -> None:
    assert not significance([(NAN, NAN)])
    assert not level(NAN, 0.3)
    assert not course(0.1, NAN, 0.1)
    assert not list(found_in.level(stats([0.1, 0.4], [0.1, 0.1], sd=NAN), "D", NAMES))
    assert not other("geary", NAN, NAN, 1.0)
