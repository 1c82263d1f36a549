"""Names and years in a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ouhe import text
from ouhe.report.findings.listing import MOST, counted, highest, listing, many, spans, valued


@given(st.integers(0, 3000))
def test_a_sentence_never_holds_more_than_a_few_names(size: int) -> None:
    names = [f"region{i:04}" for i in range(size)]
    said = listing(names)
    assert said.count("region") == (size if size <= MOST + 1 else MOST)
    assert (f" and {size - MOST} others" in said) == (size > MOST + 1)
    assert bool(many(names)) == ("others" in said)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, np.nan]), max_size=40), st.integers(0, 6))
def test_who_stands_out_is_above_everybody_else(values: list[float], count: int) -> None:
    x = np.array(values)
    at = highest(x, count)
    others = np.delete(x, at)
    assert at.size <= max(count, MOST)
    assert list(x[at]) == sorted(x[at], reverse=True)
    assert not at.size or not (others >= x[at].min()).any()


def test_names_that_look_like_marks_stay_as_they_are() -> None:
    odd = ["{x}", "<b>", "=cmd()", "%s"]
    assert listing(odd) == "{x}, <b>, =cmd() and %s"
    assert valued("{x}", "{0}") == "{x} ({0})"
    with text.use("zh"):
        assert listing(odd) == "{x}、<b>、=cmd()、%s"
        assert counted("甲", 1) == "甲（1 个）"


@given(st.sets(st.integers(0, 40), min_size=1))
def test_spans_hold_exactly_the_years_that_were_chosen(chosen: set[int]) -> None:
    said = spans(chosen, range(41))
    if "others" in said:
        return
    told: set[int] = set()
    for part in said.replace(" and ", ", ").split(", "):
        first, _, last = part.partition("–")
        told |= set(range(int(first), int(last or first) + 1))
    assert told == chosen


@pytest.mark.parametrize(("lang", "said"), [("en", "2010–2012, 2014 and 2015"), ("zh", "2010—2012、2014、2015")])
def test_two_years_are_no_span(lang: text.Lang, said: str) -> None:
    with text.use(lang):
        assert spans([2015, 2010, 2011, 2012, 2014], range(2010, 2017)) == said
