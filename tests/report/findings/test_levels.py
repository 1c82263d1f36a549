"""Level, growth and course of the mean of all regions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings import levels
from ouhe.report.findings.finding import Labels, condition, numbers, sentence
from ouhe.study.run import run

MIRROR = {
    "rise": "fall",
    "steady": "steady",
    "gain": "loss",
    "every_rise": "every_fall",
    "mostly_rise": "mostly_fall",
    "fluctuates": "fluctuates",
    "peak": "peak",
    "trough": "trough",
    "swings": "swings",
    "fastest": "steepest",
}
MIRROR |= {v: k for k, v in MIRROR.items()}

#: Values that no rounding moves across a threshold.
levels_of = st.lists(st.integers(1, 60).map(lambda k: k / 8), min_size=2, max_size=12)


def found(*values: float, years=None):
    years = list(range(2010, 2010 + len(values))) if years is None else years
    means = xr.DataArray([list(map(float, values))], {"variable": ["D"], "year": years}, ("variable", "year"))
    return [*levels.level(means, Labels())]


def rules(*values: float, years=None) -> list[str]:
    return [f.rule.removeprefix("levels.") for f in found(*values, years=years)]


def said(lang: text.Lang, *values: float, years=None) -> list[str]:
    with text.use(lang):
        return [sentence(f) for f in found(*values, years=years)]


def test_the_papers_growth() -> None:
    """0.105 in 2010 and 0.200 in 2022 are 5.52 % a year over twelve years, not 6.03 % over eleven."""
    assert said("en", 0.105, 0.2, years=[2010, 2022]) == [
        (
            "The mean of the coordination degree over all regions rose from 0.105 in 2010 to 0.200 in 2022, by 0.095 "
            "or 90.5%; over this 12-year span it grew by 5.52% a year."
        )
    ]
    assert said("zh", 0.105, 0.2, years=[2010, 2022]) == [
        (
            "从总体均值看，耦合协调度由 2010 年的 0.105 升至 2022 年的 0.200，提高 0.095，累计增幅 90.5%，"
            "12 年间年均增长 5.52%。"
        )
    ]


def test_a_course_in_both_languages() -> None:
    assert said("en", 0.4, 0.3, 0.28, 0.2)[1:] == [
        "The decline was uninterrupted, each of the 3 steps from one year to the next leading downwards.",
        "It declined most between 2012 and 2013, at 28.6% a year.",
    ]
    assert said("zh", 0.4, 0.3, 0.28, 0.2) == [
        (
            "从总体均值看，耦合协调度由 2010 年的 0.400 降至 2013 年的 0.200，下降 0.200，累计降幅 50.0%，"
            "3 年间年均下降 20.63%。"
        ),
        "其间均值逐年下降，3 次年际变动均为下降。",
        "其中 2012—2013 年降幅最大，年降幅为 28.6%。",
    ]
    assert (
        said("en", 0.2, 0.5, 0.3)[1] == "The highest mean, 0.500, was reached in 2011; in 2012 it was 0.200 below that."
    )
    assert said("zh", 0.5, 0.2, 0.3)[1] == "均值于 2011 年降至最低点 0.200，至 2012 年回升 0.100。"
    assert said("en", 0.2, 0.2, 0.2) == [
        (
            "The mean of the coordination degree over all regions hardly changed between the ends of the period: "
            "it was 0.200 in 2010 and 0.200 in 2012."
        )
    ]


def test_a_single_year_has_a_level_only() -> None:
    assert said("en", 0.25) == ["In 2010, the mean of the coordination degree over all regions is 0.250."]
    assert said("zh", 0.25) == ["从总体均值看，2010 年耦合协调度为 0.250。"]


def test_years_without_a_mean_are_told_and_left_out() -> None:
    assert rules(np.nan, 0.2, np.nan, 0.4) == ["incomplete", "rise"]
    first = found(np.nan, 0.2, np.nan, 0.4)[1].says
    assert (first["first_year"], first["last_year"], first["periods"]) == (2011, 2013, 2)
    assert rules(np.nan, 0.2, np.nan) == ["incomplete", "level"]
    assert rules(np.nan, np.nan) == []


def test_growth_between_distant_years_is_a_yearly_rate() -> None:
    """Doubling in ten years is slower than a rise by half in one."""
    fastest = found(1, 2, 3, years=[2000, 2010, 2011])[-1]
    assert fastest.rule == "levels.fastest"
    assert (fastest.says["before"], fastest.says["year"], fastest.says["growth"]) == (2010, 2011, pytest.approx(0.5))


def test_halves_of_the_period() -> None:
    assert "quickens" in rules(1, 1.01, 1.02, 1.2, 1.4)
    assert "slows" in rules(1, 1.2, 1.4, 1.41, 1.42)
    assert not {"quickens", "slows"} & {*rules(1, 1.1, 1.21, 1.331, 1.4641), *rules(1, 1.01, 1.2, 1.4)}


def test_halves_of_which_one_fell_are_not_compared() -> None:
    """A decline that turns into growth is no growth that quickens."""
    assert not {"quickens", "slows"} & {*rules(10, 9.9, 9.8, 11, 12), *rules(10, 12, 14, 13, 12)}


def test_no_rate_of_growth_without_a_positive_base() -> None:
    assert rules(0, 0.5) == ["gain"]
    assert rules(0.5, 0) == ["loss"]
    assert rules(-1, 1, 3) == ["gain", "every_rise"]
    assert rules(0, 0, 0) == ["steady"]


@given(levels_of)
def test_reversed_years_reverse_the_sentences(values: list[float]) -> None:
    """Whatever rose fell; quickening and slowing compare rates, which reversal does not mirror."""
    forward = [r for r in rules(*values) if r not in ("quickens", "slows")]
    backward = [r for r in rules(*values[::-1]) if r not in ("quickens", "slows")]
    assert backward == [MIRROR[r] for r in forward]


@given(levels_of)
def test_negated_values_turn_courses_round(values: list[float]) -> None:
    courses = {"every_rise", "mostly_rise", "every_fall", "mostly_fall", "fluctuates"}
    turned = {"peak": "trough", "trough": "peak", "swings": "swings"}
    assume(max(values[0], values[-1]) >= 1.02 * min(values[0], values[-1]))
    ours, theirs = rules(*values), rules(*(-v for v in values))
    assert [turned.get(r, MIRROR[r]) for r in ours if r in courses | set(turned)] == theirs[1:]


@given(levels_of, st.sampled_from([0.25, 4.0, 1024.0]))
def test_the_scale_changes_no_rule(values: list[float], factor: float) -> None:
    assert rules(*values) == rules(*(factor * v for v in values))


@given(levels_of)
def test_every_sentence_and_condition_can_be_printed(values: list[float]) -> None:
    for lang in text.LANGUAGES:
        with text.use(lang):
            for f in found(*values):
                assert "{" not in sentence(f) + condition(f.rule)
                assert "NaN" not in numbers(f)


def test_every_rule_is_met_by_some_data() -> None:
    cases = [
        (1,), (np.nan, 1, 2), (1, 2, 3), (3, 2, 1), (1, 1), (0, 1), (1, 0), (1, 2, 3, 2.9, 4), (4, 2.9, 3, 2, 1),
        (10, 10.4, 10.1, 10.4, 10.3), (1, 2, 1), (2, 1, 2), (2, 1, 3, 2), (1, 1.01, 1.02, 1.2, 1.4),
        (1, 1.2, 1.4, 1.41, 1.42),
    ]  # fmt: skip
    met = {rule for values in cases for rule in rules(*values)}
    assert met == {k for k in text.texts("findings_levels", "en") if not k.endswith("_if")}


def test_thresholds() -> None:
    assert (rules(100, 101.9), rules(100, 102.1)) == (["steady"], ["rise"])
    assert (rules(101.9, 100), rules(102.1, 100)) == (["steady"], ["fall"])
    assert ("peak" in rules(94, 100, 94.9), "peak" in rules(94, 100, 95.1)) == (True, False)
    assert "mostly_rise" in rules(10, 11, 10.9, 11.5)
    assert "mostly_rise" not in rules(10, 11, 10.9, 10.8)
    assert ("fastest" in rules(100, 110, 121), "fastest" in rules(100, 112, 121)) == (False, True)
    assert ("quickens" in rules(100, 100, 102, 102, 105), "quickens" in rules(100, 101, 102, 104, 107)) == (False, True)


def test_a_study_tells_of_every_variable_in_order(small_study: Path) -> None:
    results = run(small_study)
    told = [*levels.find(results)]
    assert list(dict.fromkeys(f.about for f in told)) == ["Effort", "Result", "C", "T", "D"]
    assert told[0].says["last"] == results.measurement.index.sel(year=2020, system="Effort").mean().item()
