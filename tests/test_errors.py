"""What messages are made of: names in a row, and options that are none of their choices."""

import json
from typing import Literal

import pytest

from ouhe import text
from ouhe.errors import OptionError, Problem, check_choice, choice_problems, listed

Style = Literal["row", "binary", "raw"]


def test_a_few_names_are_all_listed():
    with text.use("en"):
        assert str(listed(map(str, range(20)))).endswith("18, 19")
    with text.use("zh"):
        assert str(listed(["北京", "天津"])) == "北京、天津"
        assert str(listed([])) == ""


def test_names_are_joined_in_the_language_they_are_told_in_also_when_stored() -> None:
    with text.use("en"):
        problem = Problem("errors.and_more", params={"names": listed(["A", "B"]), "more": 3})
        stored = Problem.from_record(json.loads(json.dumps(problem.record())))
    assert stored == problem
    assert stored.message("en") == "A, B and 3 more"
    assert stored.message("zh") == "A、B，另有 3 个"


def test_long_lists_are_shortened_and_say_by_how_many():
    with text.use("en"):
        assert str(listed(range(21))).endswith("18, 19 and 1 more")
    with text.use("zh"):
        assert str(listed("甲乙丙", most=2)) == "甲、乙，另有 1 个"
        assert str(listed("甲乙", most=2, count=9)) == "甲、乙，另有 7 个"
        assert str(listed("甲乙", most=5, count=2)) == "甲、乙"


@pytest.mark.parametrize("value", ["rows", None, 1, ["row"]])
def test_an_option_that_is_none_of_its_choices_is_refused(value):
    with pytest.raises(OptionError) as error:
        check_choice("style", value, Style)
    (problem,) = error.value.problems
    assert problem.key == "errors.no_choice"
    for lang in ("zh", "en"):
        assert "style" in problem.message(lang)
        assert "binary" in problem.message(lang)


def test_a_choice_passes_in_silence():
    check_choice("style", "row", Style)
    assert choice_problems("style", "raw", Style) == ()
