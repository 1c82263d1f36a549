"""How numbers and groups stand in a sentence."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings.finding import Finding, Labels, apart, condition, printed, sentence
from ouhe.report.sections.cells import number, p_value

NAMES = Labels(groups={"e": "Eastern", "c": "Central"})


def test_p_that_rounds_to_nothing_is_told_as_tables_do() -> None:
    for p in (0.0, 0.0004, 0.0006, 0.05, 1.0):
        says = {"year": 2020, "variable": "D", "I": 0.5, "p": p}
        told = sentence(Finding("autocorrelation.positive_all_year", "D", says))
        shown = p_value(p).shown
        assert (f"p < {shown[1:]}" if shown.startswith("<") else f"p = {shown}") in told


@given(st.floats(-1e6, 1e6), st.integers(0, 5))
def test_numbers_are_printed_as_in_tables(value: float, digits: int) -> None:
    assert printed(value, f".{digits}f") == number(value, digits).shown


def test_a_minus_is_one_and_a_hyphen_in_a_name_stays() -> None:
    says = {"variable": "the PM-2.5 -3 index", "year": 2020, "I": -0.25, "p": 0.01}
    told = sentence(Finding("autocorrelation.negative_all_year", "D", says))
    assert "(I = −0.250, p = 0.010)" in told
    assert "the PM-2.5 -3 index" in told


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_a_difference_agrees_with_its_ends_as_printed(first: float, last: float) -> None:
    ends = [float(f"{v:.3f}") for v in (first, last)]
    assert f"{apart(first, last):.3f}" == f"{abs(ends[1] - ends[0]):.3f}"
    assert math.isclose(apart(first, last), abs(last - first), abs_tol=0.001 + 1e-9)


@pytest.mark.parametrize(
    ("lang", "one", "several"),
    [
        ("en", "the Eastern group (1)", "the groups Eastern (1) and Central (2)"),
        ("zh", "Eastern（1）", "Eastern（1）、Central（2）"),
    ],
)
def test_groups_that_are_spoken_of(lang: text.Lang, one: str, several: str) -> None:
    with text.use(lang):
        assert NAMES.grouped(["e"], [1]) == one
        assert NAMES.grouped(["e", "c"], [1, 2]) == several


@pytest.mark.parametrize(("lang", "said"), [("en", "0.5 percentage points"), ("zh", "0.5 个百分点")])
def test_a_difference_of_rates_is_in_points(lang: text.Lang, said: str) -> None:
    with text.use(lang):
        assert said in condition("groups.even_pace")
        assert said in condition("evidence.behind")
        assert said.replace("0.5", "1").removesuffix("s") in condition("levels.slows")
        says = {"first_year": 2010, "last_year": 2020, "difference": 0.0032}
        assert said.replace("0.5", "0.32") in sentence(Finding("groups.even_pace", "D", says))
